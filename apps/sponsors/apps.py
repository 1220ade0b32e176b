from django.apps import AppConfig

from apps.core.files import delete_unused_files
from apps.core.page_cache import register_public_models


class SponsorsConfig(AppConfig):
    name = "apps.sponsors"

    def ready(self) -> None:
        from apps.sponsors.models import LOGO_FIELDS, Sponsor

        register_public_models(self)
        for field in LOGO_FIELDS:
            delete_unused_files(Sponsor, field)
