"""Publishing the programme: the public reads the latest release, never the draft.

The changes from one release to the next, or to the draft, are told to organisers as sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as date_format
from simple_history.utils import bulk_update_with_history

from apps.accounts.models import User
from apps.core.exceptions import NotAllowed
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.programme.cancelled import bump_sequences
from apps.programme.conflicts import find_conflicts
from apps.programme.models import Contribution, ProgrammeRelease
from apps.programme.timetable import (
    ScheduledSession,
    ScheduledSlot,
    Timetable,
    draft_timetable,
    load_texts,
    snapshot,
    timetable_of_release,
)

_UNNAMED = "A deleted contribution"


class NothingNew(NotAllowed):
    """The draft is published already."""


def draft_version(timetable: Timetable, edition: Edition, before: ProgrammeRelease | None) -> str:
    """A token of the draft `timetable`, which follows the release `before`.

    A person who looked at the draft publishes only what they saw.
    """
    number = before.number if before else 0
    return version_token(number, edition.starts_on, edition.time_zone, snapshot(timetable))


def latest_release(edition: Edition) -> ProgrammeRelease | None:
    """The latest release, or None; one query."""
    return ProgrammeRelease.objects.for_edition(edition).first()


def published_timetable(edition: Edition, *, with_texts: bool = True) -> Timetable | None:
    """The latest release with today's texts; at most seven queries, or one without texts.

    Contributions that are not published stay None, but for empty ones. The caller checks whether
    the edition itself is public.
    """
    release = latest_release(edition)
    if release is None:
        return None
    timetable = timetable_of_release(release)
    if with_texts:
        load_texts(timetable.sessions(), edition=edition, only_published=True)
    return timetable


def publish_programme(
    *,
    edition: Edition,
    by: User | None,
    note: str = "",
    seen: str | None = None,
    shows: bool = False,
) -> ProgrammeRelease:
    """Publish the draft as the next release.

    With `shows` the contributions in it are published too. With `seen` (a `draft_version`) only
    that version is published. Raises NotAllowed if a conflict prevents it, if the draft is another
    version, or if it is empty; NothingNew if it is published already, for example by a first click.
    """
    with transaction.atomic():
        # The lock makes two clicks wait for each other.
        edition = Edition.objects.select_for_update().get(pk=edition.pk)
        releases = list(ProgrammeRelease.objects.for_edition(edition))
        before = releases[0] if releases else None
        timetable = draft_timetable(edition)
        version = draft_version(timetable, edition, before)
        bump_sequences(timetable, releases)
        plan = snapshot(timetable)
        if before is None and not plan:
            raise NotAllowed("There is no session yet, so there is nothing to publish.")
        if before is not None and (
            (plan, edition.time_zone, edition.starts_on)
            # Earlier versions of this software kept fewer fields.
            == (snapshot(timetable_of_release(before)), before.time_zone, before.first_day)
        ):
            raise NothingNew(f"Nothing has changed since release {before.number}.")
        if seen not in {None, version}:
            raise NotAllowed("The programme has changed since you opened the page. Check it again.")
        conflicts = find_conflicts(timetable, edition=edition)
        if reasons := [str(conflict) for conflict in conflicts if conflict.prevents_publishing]:
            raise NotAllowed(" ".join(["Not published.", *reasons]))
        if shows:
            hidden = hidden_contributions(timetable)
            for contribution in hidden:
                contribution.is_published = True
            bulk_update_with_history(
                hidden, Contribution, ["is_published"], default_user=by, batch_size=500
            )
        return ProgrammeRelease.objects.create(
            edition=edition,
            number=before.number + 1 if before else 1,
            published_at=timezone.now(),
            published_by=by,
            note=note,
            time_zone=edition.time_zone,
            first_day=edition.starts_on,
            plan=plan,
        )


def hidden_contributions(timetable: Timetable) -> list[Contribution]:
    """The contributions in `timetable` that are not published, each once; no empty ones."""
    contributions = {
        slot.contribution.pk: slot.contribution for slot in timetable.slots() if slot.contribution
    }
    return [row for row in contributions.values() if not (row.is_published or row.is_empty)]


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """A change of one session, one slot, or the edition's dates."""

    subject: str
    description: str


def contribution_titles(edition: Edition) -> dict[int, str]:
    """Titles by primary key, published or not: for organisers only. One query."""
    rows = Contribution.objects.for_edition(edition).order_by().only("title", "kind", "edition")
    for row in rows:
        row.edition = edition
    return {row.pk: str(row) for row in rows}


def changes_since(
    before: ProgrammeRelease | None, new: Timetable, titles: Mapping[int, str]
) -> Iterator[ReleaseChange]:
    """The changes from `before` to the timetable `new`; none listed for a first release."""
    if before is None:
        return
    if before.first_day != new.first_day:
        yield ReleaseChange("First day", f"{_date(before.first_day)} → {_date(new.first_day)}")
    if before.time_zone != new.zone.key:
        yield ReleaseChange("Time zone", f"{before.time_zone} → {new.zone.key}")
    old = timetable_of_release(before)
    old_sessions = {session.pk: session for session in old.sessions()}
    new_sessions = {session.pk: session for session in new.sessions()}
    for session in new.sessions():
        earlier = old_sessions.get(session.pk)
        if earlier is None:
            yield ReleaseChange(str(session), f"new, {_when_and_where(session)}")
        elif parts := list(_session_changes(earlier, session)):
            yield ReleaseChange(str(earlier), "; ".join(parts))
    for session in old.sessions():
        if session.pk not in new_sessions:
            yield ReleaseChange(str(session), f"removed; it was {_when_and_where(session)}")
    yield from _slot_changes(old_sessions, new_sessions, titles)
    yield from _order_changes(old, new)


def _session_changes(old: ScheduledSession, new: ScheduledSession) -> Iterator[str]:
    rows = (_session_values(row, with_day=old.day != new.day) for row in (old, new))
    for before, after in zip(*rows, strict=True):
        if before != after:
            yield f"{before} → {after}"
    kept = {slot.pk for slot in old.slots} & {slot.pk for slot in new.slots}
    old_order = [slot.pk for slot in old.slots if slot.pk in kept]
    if old_order != [slot.pk for slot in new.slots if slot.pk in kept]:
        yield "another order"


def _session_values(session: ScheduledSession, *, with_day: bool) -> list[str]:
    day = _day(session) if with_day else ""  # another first day is a line of its own
    title = f"“{session.own_title}”" if session.own_title else "no title"
    shifts = "in two shifts" if session.has_shifts else "in one shift"
    room = session.room_name or "no room"
    return [title, session.kind_label, day, _hours(session), room, shifts]


def _slot_changes(
    old_sessions: Mapping[int, ScheduledSession],
    new_sessions: Mapping[int, ScheduledSession],
    titles: Mapping[int, str],
) -> Iterator[ReleaseChange]:
    def name(slot: ScheduledSlot) -> str:
        return titles.get(slot.contribution_id, _UNNAMED)

    old_slots = {
        slot.pk: (session, slot) for session in old_sessions.values() for slot in session.slots
    }
    new_slots = {slot.pk for session in new_sessions.values() for slot in session.slots}
    for session in new_sessions.values():
        for slot in session.slots:
            if slot.pk in old_slots:
                old_session, old = old_slots[slot.pk]
                if parts := list(_one_slot_changes(old_session, old, session, slot, name(old))):
                    yield ReleaseChange(name(slot), "; ".join(parts))
            elif session.pk in old_sessions:  # the slots of a new session are not listed
                yield ReleaseChange(name(slot), f"new in “{session}”")
    for pk, (session, slot) in old_slots.items():
        if pk not in new_slots and session.pk in new_sessions:
            yield ReleaseChange(name(slot), f"no longer in “{session}”")


def _one_slot_changes(
    old_session: ScheduledSession,
    old: ScheduledSlot,
    session: ScheduledSession,
    slot: ScheduledSlot,
    old_name: str,
) -> Iterator[str]:
    if old.contribution_id != slot.contribution_id:
        yield f"instead of “{old_name}”"
    if old_session.pk != session.pk:
        yield f"from “{old_session}” to “{session}”"
    elif not session.is_simultaneous and _offset(old_session, old) != _offset(session, slot):
        # A slot that moved together with its session is not listed.
        yield f"{_hours(old)} → {_hours(slot)}"
    if old.board != slot.board:
        yield f"board {old.board or 'none'} → {slot.board or 'none'}"
    if old.own_kind != slot.own_kind:
        yield "shown as another kind"


def _order_changes(old: Timetable, new: Timetable) -> Iterator[ReleaseChange]:
    """Another order of sessions at the same time, or without a time."""
    before = {day.number: [(row.pk, row.planned_start) for row in day.sessions] for day in old.days}
    for day in new.days:
        order = [(session.pk, session.planned_start) for session in day.sessions]
        old_order = before.get(day.number, [])
        if old_order != order and sorted(old_order, key=repr) == sorted(order, key=repr):
            yield ReleaseChange("Sessions", f"another order on {_day(day.sessions[0])}")


def _offset(session: ScheduledSession, slot: ScheduledSlot) -> tuple:
    """Start and length of `slot` relative to its session."""
    begin, start, end = session.span.begin, slot.span.begin, slot.span.finish
    if begin is None or start is None:
        return None, slot.minutes
    return start - begin, end - start if end else None


def _when_and_where(session: ScheduledSession) -> str:
    return ", ".join(filter(None, [_day(session), _hours(session), session.room_name]))


def _day(session: ScheduledSession) -> str:
    return date_format(session.held_on, "l j F") if session.held_on else f"day {session.day}"


def _date(on: date | None) -> str:
    return date_format(on, "l j F Y") if on else "not known yet"


def _hours(item: ScheduledSession | ScheduledSlot) -> str:
    unknown = f"{item.minutes} minutes, no time yet" if item.minutes else "no time yet"
    return item.span.hours or unknown
