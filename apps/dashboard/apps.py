from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class DashboardConfig(AppConfig):
    name = "apps.dashboard"


class DashboardAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our overview, listed in INSTALLED_APPS instead of Django's."""

    default = False
    default_site = "apps.dashboard.site.DashboardSite"
