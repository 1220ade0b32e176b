from django.apps import AppConfig

from apps.core.files import delete_unused_files
from apps.core.page_cache import register_public_models


class EditionsConfig(AppConfig):
    name = "apps.editions"

    def ready(self) -> None:
        from apps.editions.models import Download, Edition, Picture

        register_public_models(self, history=True)
        delete_unused_files(Edition, "logo")
        delete_unused_files(Picture, "file")
        delete_unused_files(Download, "file")
