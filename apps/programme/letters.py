"""Letters about new times and rooms to students, speakers and session chairs.

They are drafts until a chair releases them. A letter is due when a release moved a contribution or
session that an earlier release had, and once for each move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.db import transaction

from apps.editions.models import Edition
from apps.interest.workflow import State
from apps.mail import drafts
from apps.mail.drafts import DraftStatus, LetterRecipient, ReleaseReport, set_statuses
from apps.mail.models import Letter
from apps.mail.texts import EDITION_PLACEHOLDERS, format_day, register_text
from apps.programme.local_times import Span
from apps.programme.models import (
    MOVED_CONTRIBUTION,
    MOVED_SESSION,
    ContributionLetter,
    Origin,
)
from apps.programme.placements import shift_of
from apps.programme.releases import latest_release
from apps.programme.timetable import ScheduledSession, ScheduledSlot, timetable_of_release

_sources: list[Callable[[Edition], Iterable[ContributionLetter]]] = []


def register_letters(source: Callable[[Edition], Iterable[ContributionLetter]]) -> None:
    """Register a function of an app above that returns further `possible_letters`."""
    _sources.append(source)


def possible_letters(edition: Edition) -> dict[tuple, ContributionLetter]:
    """An unsaved letter for each recipient and contribution or session, by key and title."""
    students = Origin.objects.for_edition(edition).filter(
        expression__state=State.CONFIRMED, expression__is_test=False
    )
    letters = []
    for origin in students.select_related("expression", "contribution"):
        student = origin.expression
        recipient = LetterRecipient(student.name, student.email, "interest", student.pk)
        letters.append(ContributionLetter.to(recipient, origin.contribution, expression=student))
    for source in _sources:
        letters += source(edition)
    letters.sort(key=lambda row: (str(row.about).casefold(), row.get_recipient().name))
    return {letter.key: letter for letter in letters}


def change_letters(edition: Edition) -> list[ContributionLetter]:
    """The letters about the latest release, with `status`: those due, and drafts no longer needed.

    At most eight queries.
    """
    places = published_places(edition)
    if not places:
        return []
    letters = ContributionLetter.objects.for_edition(edition)
    pending = {letter.key: letter for letter in letters.drafts().with_all()}
    written = letters.exclude(letter__state=Letter.State.DRAFT).order_by("pk")
    last_places = {
        row.key: row.places for row in written.only("contribution", "session", "person", "places")
    }
    due = []
    for key, letter in possible_letters(edition).items():
        place, has_moved = places.get(key[:2], ("", False))
        is_due = place != last_places[key] if key in last_places else has_moved
        if not place or not is_due:
            continue
        if draft := pending.pop(key, None):
            draft.recipient, draft.expression = letter.recipient, letter.expression
            letter = draft
        letter.about.edition, letter.places = edition, place
        due.append(letter)
    set_statuses(edition, due)
    for draft in pending.values():
        draft.recipient = LetterRecipient(draft.letter.to_name, draft.letter.to_email)
        draft.status = DraftStatus.UNNEEDED
    return [*due, *pending.values()]


def draft_change_letters(*, edition: Edition) -> int:
    """Write all letters that are due, and delete drafts that no longer are; the number written.

    Text edited by hand is kept.
    """
    with transaction.atomic():
        _lock(edition)
        letters = change_letters(edition)
        unneeded = [row.letter_id for row in letters if row.status == DraftStatus.UNNEEDED]
        Letter.objects.filter(pk__in=unneeded).delete()
        due = [row for row in letters if row.status != DraftStatus.UNNEEDED]
        return drafts.draft_letters(edition, due)


def release_letters(*, edition: Edition, seen: Sequence[str]) -> ReleaseReport:
    """Queue the drafts whose `draft_key` is in `seen` and that are still true."""
    with transaction.atomic():
        _lock(edition)
        letters = change_letters(edition)
        due = [row for row in letters if row.status != DraftStatus.UNNEEDED]
        return drafts.release_drafts(due, seen=seen)


def _lock(edition: Edition) -> None:
    """Wait for other clicks, and for a release that is being published."""
    Edition.objects.select_for_update().get(pk=edition.pk)


def published_places(edition: Edition) -> dict[tuple, tuple[str, bool]]:
    """Time and place of each contribution (key, None) and session (None, key) as text, and whether
    it was ever moved."""
    release = latest_release(edition)
    if release is None:
        return {}
    places: dict[tuple, tuple[str, bool]] = {}
    for session in timetable_of_release(release).sessions():
        text = _when_and_where(session, session.span)
        places[None, session.pk] = text, session.sequence > 0
        for slot in session.slots:
            key = slot.contribution_id, None
            earlier, has_moved = places.get(key, ("", False))
            text = "; ".join(filter(None, [earlier, _slot_text(session, slot)]))
            places[key] = text, has_moved or slot.sequence > 0
    return places


def _slot_text(session: ScheduledSession, slot: ScheduledSlot) -> str:
    span = slot.span
    if session.has_shifts:
        span = shift_of(span, slot.board) or span
    board = f"board {slot.board}" if slot.board else ""
    return ", ".join(filter(None, [session.title, _when_and_where(session, span), board]))


def _when_and_where(session: ScheduledSession, span: Span) -> str:
    day = format_day(session.held_on) if session.held_on else f"day {session.day}"
    return ", ".join(filter(None, [day, span.hours, session.room_name]))


_PLACEHOLDERS = {
    "name": "Their name",
    **EDITION_PLACEHOLDERS,
    "private_link": "The link that opens their own page; made as the letter is sent",
}
_BODY = """\
Hello {name},

The programme of {workshop} has changed, and with it the time or the room of “{title}”%s. It is now:

{places}

If you cannot come at that time, please tell us as soon as you can. This link opens your own page \
and is for you alone, so please do not pass this letter on:

{private_link}"""


def register_change_texts() -> None:
    """Register the texts of the letters; called once, when the app is ready."""
    register_text(
        MOVED_CONTRIBUTION,
        label="A new time or room",
        when="Released to students and speakers whose talk or poster a later release moved.",
        placeholders=_PLACEHOLDERS
        | {
            "title": "The title of what they give",
            "places": "When and where it is now: session, day, times, room, board",
        },
        samples={"places": "Lightning talks, Friday 3 May 2024, 14:12–14:15, Lecture hall"},
        subject="New time or room for “{title}” at {workshop}",
        body=_BODY % "",
    )
    register_text(
        MOVED_SESSION,
        label="A new time or room of a session",
        when="Released to chairs of sessions that a later release moved.",
        placeholders=_PLACEHOLDERS
        | {
            "title": "The title of the session they chair",
            "places": "When and where it is now: day, times, room",
        },
        samples={"places": "Friday 3 May 2024, 14:00–15:00, Lecture hall"},
        subject="New time or room for the session you chair at {workshop}: “{title}”",
        body=_BODY % ", which you chair",
    )
