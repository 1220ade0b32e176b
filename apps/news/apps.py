from django.apps import AppConfig

from apps.core.page_cache import publish


class NewsConfig(AppConfig):
    name = "apps.news"

    def ready(self) -> None:
        publish(self, history=True)
