"""Export of an edition with 170 contributions and 200 photos, as a folder and as a ZIP archive.

.venv/bin/python bench/export.py
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import date
from io import BytesIO
from pathlib import Path

from common import report, setup_django

PHOTOS = 200
SIZE = (1200, 1200)


def main() -> None:
    """Print seconds; raise SystemExit if an import of the folder finds a difference."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        setup_django(name)
        from apps.editions.models import Edition
        from apps.imports.folders.exporting import collect_edition, export_edition
        from apps.imports.folders.importing import import_edition
        from apps.ops.large_demo import write_conference

        import_edition(folder=write_conference(folder / "2031", starts_on=date(2031, 7, 14)))
        edition = Edition.objects.get()
        add_photos(edition)

        begun = time.perf_counter()
        exported = export_edition(edition=edition, folder=folder / "out")
        seconds = time.perf_counter() - begun
        size = sum(path.stat().st_size for path in (folder / "out").rglob("*") if path.is_file())
        report(
            f"export, {len(exported.files)} files, {size / 1e6:.0f} MB",
            f"{seconds:.1f} s",
            "≤ 20 s",
        )
        begun = time.perf_counter()
        with (folder / "out.zip").open("wb") as archive:
            collect_edition(edition).write_zip(archive)
        report("export as ZIP archive", f"{time.perf_counter() - begun:.1f} s", "≤ 20 s")
        begun = time.perf_counter()
        if not import_edition(folder=folder / "out").is_unchanged:
            raise SystemExit("An import of the export changed something.")
        report("  its import, which changes nothing", f"{time.perf_counter() - begun:.1f} s", "-")


def add_photos(edition) -> None:
    """Give people of the edition a photo of random pixels each, which is as large as photos get."""
    from django.core.files.base import ContentFile
    from PIL import Image

    from apps.core.images import clean_photo
    from apps.people.models import Person
    from tests.factories import make_group

    people = list(Person.objects.all()[:PHOTOS])
    people += [Person.objects.create(name=f"Guest {n}") for n in range(PHOTOS - len(people))]
    make_group(edition, *people)
    noise = Image.frombytes("RGB", (300, 300), os.urandom(3 * 300 * 300)).resize(SIZE)
    png = BytesIO()
    noise.save(png, "PNG", compress_level=1)
    photo = clean_photo(ContentFile(png.getvalue(), name="photo.png"))
    for person in people:
        person.photo.save(photo.name, photo, save=False)
        # The rows alone: thumbnails are not exported.
        Person.objects.filter(pk=person.pk).update(photo=person.photo.name)


if __name__ == "__main__":
    main()
