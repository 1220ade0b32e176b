from django.apps import AppConfig

from apps.core.page_cache import publish


class PeopleConfig(AppConfig):
    name = "apps.people"

    def ready(self) -> None:
        publish(self)
