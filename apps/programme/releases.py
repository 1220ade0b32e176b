"""Publishing the programme: what the public reads of it is the latest release, never the draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from apps.accounts.models import User
from apps.core.questions import Question
from apps.editions.models import Edition
from apps.programme.conflicts import find_warnings
from apps.programme.draft_version import Seen, changed_since
from apps.programme.frozen import (
    Cancelled,
    cancelled_of,
    cancelled_since,
    counted,
    freeze,
    freeze_cancelled,
    thaw,
    timetable_in,
)
from apps.programme.models import Contribution, ProgrammeRelease, Room
from apps.programme.timetable import (
    Day,
    Entry,
    PlannedSession,
    Timetable,
    attach_texts,
    timetable_of,
)


class NotPublished(Exception):
    """The programme stays as it is published; the words say why, for people."""


class NothingNew(NotPublished):
    """Because the draft is what is published already."""


@dataclass(frozen=True)
class PublishedProgramme:
    """What anybody may know of an edition's programme."""

    release: ProgrammeRelease
    timetable: Timetable
    # For calendars that took in an earlier release; of interest until the edition is past.
    cancelled: list[Cancelled]


_LATEST: Question[ProgrammeRelease] = Question(
    lambda edition: ProgrammeRelease.objects.for_edition(edition)[:1], edition=int
)


def latest_release(edition: Edition) -> ProgrammeRelease | None:
    """What is published now, or None; one query."""
    return _LATEST.first(edition=edition.pk)


def published_programme(
    edition: Edition,
    *,
    texts_of: Callable[[Timetable], Iterable[Entry]] = Timetable.entries,
    with_topics: bool = True,
) -> PublishedProgramme | None:
    """The latest release with today's texts; seven queries, or one if there is none.

    `texts_of` chooses the sessions whose texts are wanted; the others keep their times alone.
    Without topics it is one query less.

    Whether the edition itself may be seen, the caller asks. Contributions that are not published
    are None in their places. `entry.session` says of day, time, room, kind and title what was
    published, whatever the draft is by now; not to be saved.
    """
    release = latest_release(edition)
    if release is None:
        return None
    timetable = timetable_in(release)
    part = Timetable(timetable.zone, [Day(1, None, list(texts_of(timetable)))])
    attach_texts(
        part,
        edition=edition,
        only=lambda contribution: contribution.is_published,
        with_topics=with_topics,
    )
    _hide_the_draft(part, edition, release)
    return PublishedProgramme(release, timetable, cancelled_of(release))


def published_places(
    edition: Edition, contribution: Contribution | None
) -> PublishedProgramme | None:
    """The latest release with the texts of `contribution` alone, or without any; one query.

    It is published, as the caller made sure.
    """
    release = latest_release(edition)
    if release is None:
        return None
    timetable = timetable_in(release)
    for slot in timetable.slots():
        if contribution is not None and slot.plan.contribution == contribution.pk:
            slot.contribution = contribution
    return PublishedProgramme(release, timetable, cancelled_of(release))


def published_timetable(
    edition: Edition, *, texts_of: Callable[[Timetable], Iterable[Entry]] = Timetable.entries
) -> Timetable | None:
    """The days of the latest release with today's texts, as `published_programme` has them."""
    published = published_programme(edition, texts_of=texts_of)
    return published.timetable if published else None


def _hide_the_draft(timetable: Timetable, edition: Edition, release: ProgrammeRelease) -> None:
    """Puts what was published in the place of what the rows say of it now."""
    as_published = copy(edition)
    as_published.starts_on, as_published.time_zone = release.first_day, release.time_zone
    rooms = {room.pk: room for room in Room.objects.for_edition(edition)}
    for entry in timetable.entries():
        plan, session = entry.plan, entry.session
        if session is None:
            continue
        session.edition = as_published
        session.kind, session.title = plan.kind, plan.title
        session.day, session.starts_at, session.minutes = plan.day, plan.starts_at, plan.minutes
        session.has_shifts = plan.has_shifts
        session.room = rooms.get(plan.room) if plan.room else None
        if session.room:
            session.room.name = plan.room_name


def publish_programme(
    *,
    edition: Edition,
    by: User | None,
    note: str = "",
    seen: Seen | None = None,
    shows: bool = False,
) -> ProgrammeRelease:
    """Freezes the draft as the next release: from then on it is what the public reads.

    With `shows` the contributions that have a place in it are published, too; without, those that
    are not keep a place without a title.

    With `seen` only what was looked at is published. Raises NotPublished if a warning stops it, if
    it is not as it was seen any more, or if there is nothing to publish; NothingNew if it is
    published already, as by the first of two clicks.
    """
    with transaction.atomic():
        # Two presses come one after the other.
        edition = Edition.objects.select_for_update().get(pk=edition.pk)
        before = latest_release(edition)
        timetable = timetable_of(edition)
        plan = counted(timetable, before)
        _refuse_what_is_published(plan, edition, before)
        if seen is not None and (words := changed_since(seen, timetable, edition, before)):
            raise NotPublished(words)
        stops = [
            warned.words
            for warned in find_warnings(timetable, edition=edition)
            if warned.stops_publishing
        ]
        if stops:
            raise NotPublished(" ".join(["Not published.", *stops]))
        if shows:
            _publish_contributions(timetable, by)
        return ProgrammeRelease.objects.create(
            edition=edition,
            number=before.number + 1 if before else 1,
            published_at=timezone.now(),
            published_by=by,
            note=note,
            time_zone=edition.time_zone,
            first_day=edition.starts_on,
            plan=freeze(plan),
            cancelled=freeze_cancelled(cancelled_since(before, timetable)),
        )


def _publish_contributions(timetable: Timetable, by: User | None) -> None:
    hidden = {
        slot.contribution.pk: slot.contribution
        for slot in timetable.slots()
        if slot.contribution and not slot.contribution.is_published
    }
    for contribution in hidden.values():
        contribution.is_published = True
    bulk_update_with_history(
        list(hidden.values()), Contribution, ["is_published"], default_user=by, batch_size=500
    )


def _refuse_what_is_published(
    plan: list[PlannedSession], edition: Edition, before: ProgrammeRelease | None
) -> None:
    if before is None:
        if not plan:
            raise NotPublished("There is no session yet, so there is nothing to publish.")
        return
    is_same = (
        plan == thaw(before.plan)
        and before.time_zone == edition.time_zone
        and before.first_day == edition.starts_on
    )
    if is_same:
        raise NothingNew(f"Nothing has changed since release {before.number}.")
