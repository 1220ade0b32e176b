from django.apps import AppConfig

from apps.core.public_version import publish


class AwardsConfig(AppConfig):
    name = "apps.awards"

    def ready(self) -> None:
        publish(self)
