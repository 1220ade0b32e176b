"""Addresses below /admin/notices/."""

from django.contrib import admin
from django.urls import path

from apps.news import notice_views

app_name = "news"
urlpatterns = [
    path("<int:pk>/", admin.site.admin_view(notice_views.notices_view), name="notices"),
    path("change/<int:pk>/", admin.site.admin_view(notice_views.notice_view), name="notice"),
    path("end/<int:pk>/", admin.site.admin_view(notice_views.end_view), name="end-notice"),
]
