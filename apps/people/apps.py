from django.apps import AppConfig

from apps.core.files import delete_unused_files
from apps.core.page_cache import register_public_models


class PeopleConfig(AppConfig):
    name = "apps.people"

    def ready(self) -> None:
        from apps.people.models import Person, PersonProfile

        register_public_models(self)
        delete_unused_files(Person, "photo")
        delete_unused_files(PersonProfile, "photo")
