from django.apps import AppConfig

from apps.core.public_version import publish


class SponsorsConfig(AppConfig):
    name = "apps.sponsors"

    def ready(self) -> None:
        publish(self)
