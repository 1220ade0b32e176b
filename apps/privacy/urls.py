"""Addresses below /admin/privacy/."""

from django.contrib import admin
from django.urls import path

from apps.privacy import views

app_name = "privacy"
urlpatterns = [
    path("person/", admin.site.admin_view(views.person_view), name="person"),
    path("<int:pk>/", admin.site.admin_view(views.edition_view), name="edition"),
]
