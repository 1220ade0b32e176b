"""The book of abstracts for 170 contributions, and 300 name badges.

.venv/bin/python bench/printing.py
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from common import report, setup_django

PEOPLE = 300


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        setup_django(folder)
        from apps.imports.folders.importing import import_edition
        from apps.ops.large_demo import write_conference
        from apps.printing.documents import all_kinds, make_pdf, make_preview
        from tests.factories import make_registration

        import_edition(folder=write_conference(Path(folder, "2031"), starts_on=date(2031, 7, 14)))
        from apps.editions.models import Edition

        edition = Edition.objects.get(slug="2031")
        for number in range(PEOPLE):
            make_registration(edition, name=f"Ada Example {number}")
        kinds = {kind.name: kind for kind in all_kinds()}
        book, badges = kinds["book"], kinds["badges"]
        measure("book of abstracts", lambda: make_pdf(book, edition), "≤ 3 s; ≤ 5 MB")
        measure("  again", lambda: make_pdf(book, edition), "≤ 3 s; ≤ 5 MB")
        measure("  its preview", lambda: make_preview(book, edition), "-")
        for layout in ("a7", "a7-double"):
            measure(
                f"{PEOPLE} badges, {layout}",
                lambda layout=layout: make_pdf(badges, edition, layout=layout),
                "≤ 5 s",
            )


def measure(name: str, make: Callable[[], bytes], target: str) -> None:
    """Report the time, and the size of what is made."""
    begun = time.perf_counter()
    size = len(make()) / 1_000_000
    report(name, f"{time.perf_counter() - begun:.1f} s; {size:.1f} MB", target)


if __name__ == "__main__":
    main()
