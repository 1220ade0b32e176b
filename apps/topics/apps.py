from django.apps import AppConfig

from apps.core.public_version import publish


class TopicsConfig(AppConfig):
    name = "apps.topics"

    def ready(self) -> None:
        publish(self)
