from datetime import timedelta

from django.apps import AppConfig

from apps.core.files import delete_unused_files
from apps.core.page_cache import register_public_models


class PeopleConfig(AppConfig):
    name = "apps.people"

    def ready(self) -> None:
        from apps.core.periodic_tasks import register_task
        from apps.people.models import Person, PersonProfile, UploadedPhoto
        from apps.people.services import delete_expired_photos

        register_public_models(self, private=frozenset({"UploadedPhoto"}))
        register_task("expired photos", every=timedelta(hours=1), run=delete_expired_photos)
        delete_unused_files(Person, "photo")
        delete_unused_files(PersonProfile, "photo")
        delete_unused_files(UploadedPhoto, "file")
