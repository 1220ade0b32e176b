"""Static copy of an edition with 170 contributions and 200 photos, and of one without photos.

.venv/bin/python bench/freeze.py
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path

from common import report, setup_django
from export import PHOTOS, add_photos


def main() -> None:
    """Print seconds and pages; raise SystemExit if a link of the copy leads to no file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        setup_django(name)
        from apps.core.thumbnails import make_thumbnails
        from apps.editions.models import Edition
        from apps.imports.folders.importing import import_edition
        from apps.ops.freezing.copies import freeze
        from apps.ops.large_demo import write_conference
        from apps.ops.static_files import collect_static_files
        from apps.people.models import Person
        from tests.ops.copies import faults_of

        collect_static_files()
        source = write_conference(folder / "2031", starts_on=date(2031, 7, 14))
        import_edition(folder=source, publish=True)
        for photos in (0, PHOTOS):
            if photos:
                add_photos(Edition.objects.get())
                for person in Person.objects.exclude(photo=""):
                    make_thumbnails(person.photo)  # as after an upload
            begun, cpu_begun = time.perf_counter(), time.process_time()
            copied = freeze(folder / f"copy-{photos}")
            seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu_begun
            pages = f"{copied.pages} pages, {copied.files} files"
            report(f"copy with {photos} photos, {pages}", f"{seconds:.1f} s", "≤ 60 s")
            report("  CPU", f"{cpu:.1f} s", "-")
            if not photos:
                report("  pages a second of CPU", f"{copied.pages / cpu:.0f}", "≥ 100")
            faults = faults_of(folder / f"copy-{photos}")
            report("  broken links", str(len(faults)), "0")
            if faults:
                raise SystemExit("\n".join(faults[:20]))


if __name__ == "__main__":
    main()
