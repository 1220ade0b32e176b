from django.urls import path

from apps.imports import views

app_name = "imports"
urlpatterns = [
    path("editions/<int:pk>/next/", views.clone_edition, name="clone-edition"),
]
