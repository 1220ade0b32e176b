"""Slides and what speakers propose leave the media folder, which a web server may serve by itself."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import migrations


def move(apps, schema_editor):
    """Moves each file that is still there; what was moved before, and what is gone, is left.

    Also after an older backup came back, since its migrations are applied anew.
    """
    names = set()
    for model, field in (("Contribution", "slides"), ("Proposal", "file")):
        rows = apps.get_model("programme", model).objects.using(schema_editor.connection.alias)
        names |= set(rows.exclude(**{field: ""}).values_list(field, flat=True))
    for name in names:
        source = Path(default_storage.path(name))
        target = Path(settings.PRIVATE_ROOT, name)
        if source.is_file() and not target.exists():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(source, target)
            target.chmod(0o600)


class Migration(migrations.Migration):
    dependencies = [("programme", "0007_private_files")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop, elidable=True)]
