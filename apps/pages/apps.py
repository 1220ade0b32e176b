from django.apps import AppConfig
from django.db.models.signals import post_migrate

from apps.core.public_version import publish


class PagesConfig(AppConfig):
    name = "apps.pages"

    def ready(self) -> None:
        from apps.pages.site_pages import make_site_pages

        post_migrate.connect(make_site_pages, sender=self, dispatch_uid="site_pages")
        publish(self)
