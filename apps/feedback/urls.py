"""The public page of feedback, and the pages below /admin/feedback/."""

from django.contrib import admin
from django.urls import path

from apps.feedback import desk_views, views

app_name = "feedback"
urlpatterns = [
    path(
        "<slug:edition>/contributions/<slug:contribution>/feedback/",
        views.give_feedback,
        name="give",
    ),
    path("admin/feedback/<int:pk>/", admin.site.admin_view(desk_views.feedback_view), name="desk"),
    path(
        "admin/feedback/<int:pk>/csv/",
        admin.site.admin_view(desk_views.export_view),
        name="export",
    ),
    path(
        "admin/feedback/sentence/<int:pk>/",
        admin.site.admin_view(desk_views.moderate_view),
        name="moderate",
    ),
]
