from django.urls import path

from apps.archive import views

app_name = "archive"
urlpatterns = [
    path("editions/<int:pk>/next/", views.clone_edition, name="clone-edition"),
]
