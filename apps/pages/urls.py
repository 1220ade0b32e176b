from django.urls import path

from apps.news import feed
from apps.pages import history_views, presenter, programme_views, screens, views, visitor_views

app_name = "pages"
urlpatterns = [
    path("", views.current_home, name="home"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("privacy/", views.site_page, {"slug": "privacy"}, name="privacy"),
    path("accessibility/", views.site_page, {"slug": "accessibility"}, name="accessibility"),
    path("editions/", history_views.all_editions, name="all-editions"),
    path("people/<slug:slug>/", history_views.person, name="person"),
    path("<slug:edition>/", views.edition_home, name="edition-home"),
    path("<slug:edition>/people/", views.people, name="people"),
    path("<slug:edition>/topics/", views.topics, name="topics"),
    path("<slug:edition>/awards/", views.awards, name="awards"),
    path("<slug:edition>/news.atom", feed.atom, name="news-atom"),
    path("<slug:edition>/news/", views.news, name="news"),
    path("<slug:edition>/news/<slug:slug>/", views.news_item, name="news-item"),
    path("<slug:edition>/code-of-conduct/", views.code_of_conduct, name="code-of-conduct"),
    path("<slug:edition>/files/<str:name>", views.download, name="download"),
    path("<slug:edition>/card.png", views.share_card, name="share-card"),
    path("<slug:edition>/programme/", programme_views.programme, name="programme"),
    path("<slug:edition>/programme/now/", programme_views.now, name="programme-now"),
    path(
        "<slug:edition>/programme/draft/", programme_views.programme_draft, name="programme-draft"
    ),
    path("<slug:edition>/programme/screen/", screens.screen, name="screen"),
    path("<slug:edition>/presenter/<str:token>/", presenter.presenter, name="presenter"),
    path(
        "<slug:edition>/presenter/<str:token>/slides.pdf",
        presenter.presenter_slides,
        name="presenter-slides",
    ),
    path("<slug:edition>/programme/mine/", visitor_views.my_programme, name="my-programme"),
    path("<slug:edition>/presenters/", visitor_views.presenters, name="presenters"),
    path("<slug:edition>/programme/<slug:session>/", programme_views.session, name="session"),
    path(
        "<slug:edition>/contributions/<slug:contribution>/",
        programme_views.contribution,
        name="contribution",
    ),
    path(
        "<slug:edition>/contributions/<slug:contribution>/slides.pdf",
        programme_views.slides,
        name="slides",
    ),
    path(
        "<slug:edition>/contributions/<slug:contribution>/files/<int:link>/",
        programme_views.attachment,
        name="attachment",
    ),
    path("<slug:edition>/speakers/", programme_views.speakers, name="speakers"),
    path("<slug:edition>/papers/", programme_views.papers, name="papers"),
    path("<slug:edition>/talks/", programme_views.talks, name="talks"),
    path("<slug:edition>/posters/", programme_views.posters, name="posters"),
    path("<slug:edition>/<slug:slug>/", views.page_detail, name="page-detail"),
]
