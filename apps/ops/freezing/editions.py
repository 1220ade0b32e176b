"""Frozen editions: archived ones that visitors see as a static copy, in place of the database's pages."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from shutil import rmtree

from django.conf import settings
from django.db import transaction

from apps.core.exceptions import NotAllowed
from apps.core.folders import bring_back, parts_of, written_aside
from apps.core.frozen import freezing, frozen_folder, frozen_root, frozen_slugs, thaw
from apps.core.page_cache import raise_public_version
from apps.core.processes import one_at_a_time
from apps.editions.models import Edition
from apps.ops.freezing.copies import MANIFEST, Copied, count_copied, write_sums
from apps.ops.freezing.crawling import Crawler

_FORMAT = "workshop-frozen-edition"
_STALLED_AFTER = timedelta(minutes=2)  # without a file written: its process was killed


def freeze_edition(*, edition: Edition) -> Copied:
    """Show visitors the pages of an archived edition as they are now, until it is thawed.

    The new copy takes the place of an earlier one at the end. Raises NotAllowed for an edition that
    is not archived, AlreadyRunning, FreezeFailed or OSError, and then the earlier one stays.
    """
    slug = edition.slug
    _require_archived(slug)
    folder = frozen_folder(slug)
    with one_at_a_time(frozen_root() / ".lock"):
        bring_back(folder)
        for part in parts_of(folder):  # of killed processes
            rmtree(part)
        with freezing(edition=slug, is_served_here=True), written_aside(folder) as new:
            crawler = Crawler(new, live_url=settings.SITE_URL, edition=slug, is_served_here=True)
            crawler.run()
            _write_manifest(crawler)
            write_sums(crawler)
            _require_archived(slug)  # still
    raise_public_version()
    if slug in thaw_changed_editions():  # in the moment between
        raise NotAllowed(_NOT_ARCHIVED)
    return count_copied(crawler)


_NOT_ARCHIVED = "Only an archived edition can be frozen. Archive it first."


def _require_archived(slug: str) -> None:
    if not Edition.objects.filter(slug=slug, state=Edition.State.ARCHIVED).exists():
        raise NotAllowed(_NOT_ARCHIVED)


def _write_manifest(crawler: Crawler) -> None:
    about = {
        "format": _FORMAT,
        "edition": crawler.edition,
        "frozen_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "renamed": crawler.renamed,
        "headers": crawler.headers,
    }
    crawler.write(MANIFEST, json.dumps(about, indent=1).encode())


def thaw_edition(*, edition: Edition) -> bool:
    """Show visitors the pages of the database again; return whether it was frozen."""
    is_thawed = thaw(edition.slug)
    if is_thawed:
        raise_public_version()
    return is_thawed


def thaw_after_commit(sender: type[Edition], **signal: object) -> None:
    """Receiver of changes of editions: the state or the address may be another one."""
    transaction.on_commit(thaw_changed_editions)


def thaw_changed_editions() -> list[str]:
    """Thaw what is not the address of an archived edition any more; return those addresses."""
    slugs = frozen_slugs()
    if not slugs:
        return []
    archived = Edition.objects.filter(slug__in=slugs, state=Edition.State.ARCHIVED)
    kept = set(archived.values_list("slug", flat=True))
    thawed = [slug for slug in slugs if slug not in kept and thaw(slug)]
    if thawed:
        raise_public_version()
    return thawed


def frozen_at(slug: str) -> datetime | None:
    """When the copy of the edition at this address was made; None without one."""
    try:
        manifest = json.loads((frozen_folder(slug) / MANIFEST).read_text())
        return datetime.fromisoformat(manifest["frozen_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def pages_written(slug: str) -> int | None:
    """Number of pages of the copy that is being made now; None without one."""
    newest = (datetime.now(UTC) - _STALLED_AFTER).timestamp()
    for part in parts_of(frozen_folder(slug)):
        with suppress(OSError):
            files = [path for path in part.rglob("*") if path.is_file()]
            if max(path.stat().st_mtime for path in [part, *files]) > newest:
                return sum(path.suffix == ".html" for path in files)
    return None
