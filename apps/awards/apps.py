from django.apps import AppConfig

from apps.core.page_cache import publish


class AwardsConfig(AppConfig):
    name = "apps.awards"

    def ready(self) -> None:
        publish(self)
