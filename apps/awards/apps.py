from django.apps import AppConfig

from apps.core.page_cache import register_public_models


class AwardsConfig(AppConfig):
    name = "apps.awards"

    def ready(self) -> None:
        from apps.people.models import register_naming

        register_naming("awards_received__award__edition")
        register_public_models(self)
