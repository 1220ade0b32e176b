"""The admin's first screen and frame."""

from django.conf import settings
from django.contrib import admin


class DeskSite(admin.AdminSite):
    site_header = settings.SITE_NAME
    site_title = settings.SITE_NAME
    index_title = "The organisers' desk"
    enable_nav_sidebar = True
