"""Addresses below /admin/check-in/."""

from django.contrib import admin
from django.urls import path

from apps.registration.checkin import views

app_name = "check-in"
urlpatterns = [
    path("", admin.site.admin_view(views.current), name="current"),
    path("<int:pk>/", admin.site.admin_view(views.page), name="page"),
    path("<int:pk>/one/", admin.site.admin_view(views.check_in_view), name="check-in"),
    path("<int:pk>/list.json", admin.site.admin_view(views.people), name="people"),
    path("<int:pk>/scans/", admin.site.admin_view(views.scans), name="scans"),
    path("<int:pk>/admit/", admin.site.admin_view(views.admit_view), name="admit"),
    path("<int:pk>/undo/", admin.site.admin_view(views.undo_view), name="undo"),
    path("<int:pk>/walk-in/", admin.site.admin_view(views.walk_in), name="walk-in"),
]
