"""Addresses below /admin/backups/."""

from django.contrib import admin
from django.urls import path

from apps.ops import views

app_name = "ops"
urlpatterns = [
    path("", admin.site.admin_view(views.backups_view), name="backups"),
    path("make/", admin.site.admin_view(views.make_backup_view), name="make-backup"),
    path("<str:name>/", admin.site.admin_view(views.backup_view), name="backup"),
]
