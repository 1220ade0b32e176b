from django.urls import path

from apps.news import views

app_name = "news"
urlpatterns = [path("<slug:edition>/news.atom", views.atom, name="atom")]
