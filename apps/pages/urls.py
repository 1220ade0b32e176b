from django.urls import path

from apps.pages import news, sitemap, views

app_name = "pages"
urlpatterns = [
    path("", views.current_home, name="home"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("privacy/", views.site_page, {"slug": "privacy"}, name="privacy"),
    path("accessibility/", views.site_page, {"slug": "accessibility"}, name="accessibility"),
    path("<slug:edition>/", views.edition_home, name="edition-home"),
    path("<slug:edition>/people/", views.people, name="people"),
    path("<slug:edition>/topics/", views.topics, name="topics"),
    path("<slug:edition>/awards/", views.awards, name="awards"),
    path("<slug:edition>/news/", news.news, name="news"),
    path("<slug:edition>/news/<slug:slug>/", news.news_item, name="news-item"),
    path("<slug:edition>/code-of-conduct/", views.code_of_conduct, name="code-of-conduct"),
    path("<slug:edition>/card.png", views.share_card, name="share-card"),
    path("<slug:edition>/<slug:slug>/", views.page_detail, name="page-detail"),
]
