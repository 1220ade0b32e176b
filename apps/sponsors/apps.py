from django.apps import AppConfig

from apps.core.page_cache import register_public_models


class SponsorsConfig(AppConfig):
    name = "apps.sponsors"

    def ready(self) -> None:
        register_public_models(self)
