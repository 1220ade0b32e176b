from django.apps import AppConfig

from apps.core.public_version import publish


class PeopleConfig(AppConfig):
    name = "apps.people"

    def ready(self) -> None:
        publish(self)
