from typing import Any

from django.core.management.base import BaseCommand

from apps.privacy.erasures import stored_erasures, write_erasures


class Command(BaseCommand):
    help = (
        "Lists the erasures on request as hashes, to be kept in a file on another machine: "
        "`restore --erasures FILE` applies them again."
    )

    def handle(self, **options: Any) -> None:
        self.stdout.write(write_erasures(stored_erasures()))
