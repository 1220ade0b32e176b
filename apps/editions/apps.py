from django.apps import AppConfig

from apps.core.page_cache import publish


class EditionsConfig(AppConfig):
    name = "apps.editions"

    def ready(self) -> None:
        publish(self, history=True)
