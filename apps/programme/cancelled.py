"""What anybody could once read of the programme and cannot any more: calendars are told so.

By releases and by the history of a contribution: it was public while it was published and stood in
a release of a public edition. Of what never was, nobody learns that it exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.editions.models import Edition
from apps.programme.frozen import Cancelled
from apps.programme.models import Contribution, ProgrammeRelease
from apps.programme.releases import PublishedProgramme


@dataclass(frozen=True, slots=True)
class Showings:
    """How often a contribution was hidden and shown again since it was first shown."""

    turns: int = 0
    turned_at: datetime | None = None  # the last time
    was_shown: bool = False


def showings_of(key: int, *, is_shown: bool) -> Showings:
    """Of the contribution with this key, which is shown now or not; one query."""
    rows = Contribution.history.filter(id=key).order_by("history_date", "history_id")
    turns, turned_at, shown, was_shown = 0, None, False, False
    for at, step, is_published in rows.values_list("history_date", "history_type", "is_published"):
        now = is_published and step != "-"
        if was_shown and now != shown:
            turns, turned_at = turns + 1, at
        shown, was_shown = now, was_shown or now
    if was_shown and shown != is_shown:  # by something that writes no history
        turns, turned_at = turns + 1, timezone.now()
    return Showings(turns, turned_at, was_shown)


def gone_places(
    edition: Edition, published: PublishedProgramme, slug: str
) -> tuple[list[Cancelled], Showings]:
    """The places of a contribution that is hidden or deleted: all that calendars may be told of it.

    None if it never was public under `slug`.
    """
    nothing: tuple[list[Cancelled], Showings] = [], Showings()
    key = _key_of(edition, slug)
    if key is None:
        return nothing
    places = [
        Cancelled(
            session=entry.plan.pk,
            slot=slot.plan.pk,
            contribution=key,
            title=entry.title,
            room_name=entry.room_name,
            starts=slot.starts,
            ends=slot.ends,
            sequence=slot.plan.sequence,
        )
        for entry in published.timetable.entries()
        for slot in entry.slots
        if slot.plan.contribution == key and slot.starts
    ]
    places += [one for one in published.cancelled if one.slot and one.contribution == key]
    if not places:
        return nothing
    showings = showings_of(key, is_shown=False)
    if not (showings.turned_at and _was_public(edition, key, showings.turned_at)):
        return nothing
    return places, showings


def sessions_once_at(edition: Edition, slug: str) -> Iterator[int]:
    """The keys of the sessions that releases had under `slug`, the latest first."""
    for plan in _plans(edition, "-number"):
        yield from (session["pk"] for session in plan if session["slug"] == slug)


def _key_of(edition: Edition, slug: str) -> int | None:
    """Of the row there is; without one, of the last that was deleted."""
    row = Contribution.objects.for_edition(edition).filter(slug=slug)
    past = Contribution.history.filter(edition_id=edition.pk, slug=slug, history_type="-")
    return (
        row.values_list("pk", flat=True).first()
        or past.order_by("-history_date").values_list("id", flat=True).first()
    )


def _was_public(edition: Edition, key: int, until: datetime) -> bool:
    """Whether a release had it before it was hidden, and anybody could see the edition by then."""
    earlier = ProgrammeRelease.objects.for_edition(edition).filter(published_at__lt=until)
    was_released = any(
        slot["contribution"] == key
        for plan in earlier.values_list("plan", flat=True).iterator(chunk_size=1)
        for session in plan
        for slot in session["slots"]
    )
    seen = Edition.history.filter(id=edition.pk, history_date__lt=until)
    return was_released and seen.exclude(state=Edition.State.DRAFT).exists()


def _plans(edition: Edition, order: str) -> Iterator[list[dict[str, Any]]]:
    found = ProgrammeRelease.objects.for_edition(edition).order_by(order)
    yield from found.values_list("plan", flat=True).iterator(chunk_size=1)
