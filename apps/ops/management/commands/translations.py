"""`manage.py translations`: bring the catalogues in locale/ up to date, for developers."""

import re
from pathlib import Path

from django.conf import settings
from django.core.management import BaseCommand, call_command

# It changes each time, and would be in the way when two branches are merged.
_DATE = re.compile(r'^"POT-Creation-Date: .*\n', re.MULTILINE)


class Command(BaseCommand):
    help = (
        "Collects the texts marked for translation, and compiles the translations (needs gettext)."
    )

    def handle(self, *args: object, **options: object) -> None:
        languages = sorted(path.name for path in Path(settings.LOCALE_PATHS[0]).iterdir())
        call_command(
            "makemessages",
            locale=languages,
            no_location=True,
            no_obsolete=True,
            ignore_patterns=["var/*", "tests/*", "bench/*"],
        )
        for path in Path(settings.LOCALE_PATHS[0]).rglob("*.po"):
            path.write_text(_DATE.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
        call_command("compilemessages", locale=languages, ignore_patterns=[".venv", "var"])
