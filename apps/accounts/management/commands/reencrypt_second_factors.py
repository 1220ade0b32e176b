"""Encrypt second factors with a new SECRET_KEY."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.services import reencrypt_second_factors


class Command(BaseCommand):
    help = "After a change of SECRET_KEY: reads second factors with OLD_SECRET_KEY and encrypts them again."

    def handle(self, *args, **options) -> None:
        if not settings.OLD_SECRET_KEY:
            raise CommandError("Set OLD_SECRET_KEY to the earlier SECRET_KEY for this command.")
        done, unreadable = reencrypt_second_factors(old_key=settings.OLD_SECRET_KEY)
        self.stdout.write(f"Second factors encrypted with the new key: {done}.")
        if unreadable:
            raise CommandError(
                "Neither key reads the second factors of "
                f"{', '.join(unreadable)}. Remove them: manage.py recover ADDRESS --second-factor"
            )
