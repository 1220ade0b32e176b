from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """Django's admin with our first screen."""

    default_site = "apps.dashboard.site.DeskSite"
