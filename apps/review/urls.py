"""Addresses below /admin/review/."""

from django.contrib import admin
from django.urls import path

from apps.review import views

app_name = "review"
urlpatterns = [
    path("queue/", admin.site.admin_view(views.queues_view), name="queues"),
    path("queue/<int:pk>/", admin.site.admin_view(views.queue_view), name="queue"),
    path("queue/<int:pk>/mine/", admin.site.admin_view(views.own_reviews_view), name="own-reviews"),
    path("<int:pk>/", admin.site.admin_view(views.review_view), name="review"),
]
