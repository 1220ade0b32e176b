from django.apps import AppConfig

from apps.core.page_cache import publish


class SponsorsConfig(AppConfig):
    name = "apps.sponsors"

    def ready(self) -> None:
        publish(self)
