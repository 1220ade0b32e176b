from django.apps import AppConfig

from apps.core.page_cache import publish


class TopicsConfig(AppConfig):
    name = "apps.topics"

    def ready(self) -> None:
        publish(self)
