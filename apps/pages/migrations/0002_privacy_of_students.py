"""Adds what students send to the privacy page, where the shipped text was never edited."""

import hashlib
from pathlib import Path

from django.db import migrations

_TEXT = Path(__file__).parents[1] / "texts" / "privacy.md"
_EARLIER = "1226132b1b08234767a6aa3c079da7eb20736f3b88bfb23756610c6d28d69d48"


def replace_earlier_text(apps, schema_editor):
    pages = apps.get_model("pages", "Page").objects.using(schema_editor.connection.alias)
    for page in pages.filter(edition=None, slug="privacy"):
        text = "\n".join(page.body.strip().splitlines())
        if hashlib.sha256(text.encode()).hexdigest() == _EARLIER:
            page.body = _TEXT.read_text(encoding="utf-8")
            page.save()


class Migration(migrations.Migration):
    dependencies = [("pages", "0001_initial")]

    operations = [migrations.RunPython(replace_earlier_text, migrations.RunPython.noop)]
