from django.apps import AppConfig

from apps.core.page_cache import register_public_models


class EditionsConfig(AppConfig):
    name = "apps.editions"

    def ready(self) -> None:
        register_public_models(self, history=True)
