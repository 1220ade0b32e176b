from django.urls import path

from apps.imports.cloning import clone_edition_view

app_name = "imports"
urlpatterns = [
    path("editions/<int:pk>/next/", clone_edition_view, name="clone-edition"),
]
