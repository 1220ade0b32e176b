from django.apps import AppConfig

from apps.core.public_version import publish


class NewsConfig(AppConfig):
    name = "apps.news"

    def ready(self) -> None:
        publish(self, history=True)
