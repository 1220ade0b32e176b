"""Letters about places in the programme to students, speakers and session chairs.

They are drafts until a chair releases them. Publishing drafts one for each contribution that is new
in the programme, and one for each contribution or session that moved since its last letter. A
person with two contributions gets two letters: each has its title, time and calendar file, is
edited and held back by itself, and is followed by letters about that contribution only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from apps.accounts.models import User
from apps.core.inline_markup import plain_title
from apps.core.search import fold
from apps.core.tokens import version_token
from apps.editions.dates import format_day
from apps.editions.models import Edition
from apps.interest.workflow import State
from apps.mail import drafts
from apps.mail.drafts import DraftStatus, LetterRecipient, ReleaseReport, set_statuses
from apps.mail.models import Letter
from apps.mail.services import LetterSubject
from apps.mail.texts import EDITION_PLACEHOLDERS, read_text, register_text
from apps.programme.calendars import contribution_calendar
from apps.programme.cancelled import ReleasedItem, released_items
from apps.programme.models import (
    MOVED_CONTRIBUTION,
    MOVED_SESSION,
    PLACED_CONTRIBUTION,
    Contribution,
    ContributionLetter,
    Origin,
    ProgrammeRelease,
)
from apps.programme.releases import latest_release, publish_programme
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
    for letter in letters:
        letter.about.edition = edition
    letters.sort(key=lambda row: (fold(str(row.about)), fold(row.get_recipient().name)))
    return {letter.key: letter for letter in letters}


def sends_letters(edition: Edition) -> bool:
    """Whether letters are due: the edition is public, not past and not cancelled."""
    return not (edition.is_draft or edition.is_past or edition.is_cancelled)


def programme_letters(edition: Edition) -> list[ContributionLetter]:
    """The letters about the latest release, with `status`: those due, and drafts no longer needed.

    At most eight queries.
    """
    places = published_places(edition)
    if not places:
        return []
    letters = ContributionLetter.objects.for_edition(edition)
    pending = {letter.key: letter for letter in letters.drafts().with_all()}
    written = letters.exclude(letter__state=Letter.State.DRAFT).order_by("pk")
    written = written.only("contribution", "session", "person", "places", "drafted_from")
    last_letters = {row.key: row for row in written}
    calendars = _CalendarFiles(edition)
    due = []
    for key, letter in possible_letters(edition).items() if sends_letters(edition) else ():
        place, last_letter = places.get(key[:2]), last_letters.get(key)
        if place is None or not place.is_news_after(last_letter):
            continue
        if last_letter is None and not place.has_moved:
            letter.kind = PLACED_CONTRIBUTION
        if draft := pending.pop(key, None):
            draft.recipient, draft.expression = letter.recipient, letter.expression
            letter = draft
        letter.about.edition, letter.places, letter.facts = edition, place.text, place.facts
        letter.make_calendar = calendars.make
        due.append(letter)
    set_statuses(edition, due)
    for draft in pending.values():
        draft.recipient = LetterRecipient(draft.letter.to_name, draft.letter.to_email)
        draft.status = DraftStatus.UNNEEDED
    return [*due, *pending.values()]


def publish_with_letters(
    *, edition: Edition, by: User, **options: Any
) -> tuple[ProgrammeRelease, int]:
    """Publish the programme and draft the letters that are then due; the number written.

    Takes the `options` of `publish_programme`, and raises its errors.
    """
    with transaction.atomic():
        release = publish_programme(edition=edition, by=by, **options)
        return release, draft_letters(edition=edition)


def draft_letters(*, edition: Edition) -> int:
    """Write all letters that are due, and delete drafts that no longer are; the number written.

    Text edited by hand is kept.
    """
    with transaction.atomic():
        _lock(edition)
        letters = programme_letters(edition)
        unneeded = [row.letter_id for row in letters if row.status == DraftStatus.UNNEEDED]
        Letter.objects.filter(pk__in=unneeded).delete()
        due = [row for row in letters if row.status != DraftStatus.UNNEEDED]
        return drafts.write_drafts(edition, due)


def release_letters(*, edition: Edition, seen: Sequence[str]) -> ReleaseReport:
    """Queue the drafts whose `draft_key` is in `seen` and that are still true."""
    with transaction.atomic():
        _lock(edition)
        letters = programme_letters(edition)
        due = [row for row in letters if row.status != DraftStatus.UNNEEDED]
        return drafts.release_drafts(edition, due, seen=seen)


def _lock(edition: Edition) -> None:
    """Wait for other clicks, and for a release that is being published."""
    Edition.objects.select_for_update().get(pk=edition.pk)


@dataclass
class PublishedPlace:
    """Days, times, rooms and boards of a contribution or session in the latest release."""

    texts: list[str] = field(default_factory=list)  # one for each slot, with its session's title
    facts: list[str] = field(default_factory=list)  # the same without titles
    has_slot_time: bool = False  # day and time of a slot are known
    has_moved: bool = False  # since it was first published

    @property
    def text(self) -> str:
        """When and where, in the words of a letter."""
        return "; ".join(self.texts)

    def add(self, session: ScheduledSession, slot: ScheduledSlot | None = None) -> None:
        """Add the place of a slot, or of a session itself."""
        item = ReleasedItem(session, slot)
        title = plain_title(session.title) if slot else ""
        board = gettext("board %(board)s") % {"board": slot.board} if slot and slot.board else ""
        if session.held_on:
            day = format_day(session.held_on)
        else:
            day = gettext("day %(number)s") % {"number": session.day}
        facts = [day, item.span.hours, session.room_name, board]
        self.texts.append(", ".join(filter(None, [title, *facts])))
        self.facts.append(", ".join(filter(None, facts)))
        self.has_slot_time |= slot is not None and item.span.starts is not None
        self.has_moved |= item.sequence > 0

    def is_news_after(self, letter: ContributionLetter | None) -> bool:
        """Whether to write to a person who last got `letter`, or none.

        A first letter is about a contribution whose day and time are known; chairs of sessions get
        letters about moves only. Another title of a session is no news.
        """
        if letter is None:
            return self.has_slot_time or self.has_moved
        return self.text != letter.places and version_token(*self.facts) != letter.drafted_from


def published_places(edition: Edition) -> dict[tuple[int | None, int | None], PublishedPlace]:
    """The place of each contribution (key, None) and session (None, key) in the latest release.

    In the language of the edition, also where the desk asks.
    """
    release = latest_release(edition)
    if release is None:
        return {}
    places: dict[tuple[int | None, int | None], PublishedPlace] = defaultdict(PublishedPlace)
    with translation.override(edition.language_code):
        for session in timetable_of_release(release).sessions():
            places[None, session.pk].add(session)
            for slot in session.slots:
                places[slot.contribution_id, None].add(session, slot)
    return dict(places)


class _CalendarFiles:
    """Calendar files of contributions; the releases are read once, for the first of them."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition

    @cached_property
    def _releases(self) -> list[ProgrammeRelease]:
        return list(ProgrammeRelease.objects.for_edition(self.edition))

    @cached_property
    def _slots(self) -> dict[int, list[ReleasedItem]]:
        """The slots that have a date, by contribution; cancelled ones, too."""
        contributions = Contribution.objects.for_edition(self.edition)
        rows = contributions.with_contributors().in_bulk()
        slots: dict[int, list[ReleasedItem]] = defaultdict(list)
        for item in released_items(self._releases):
            if item.slot and item.slot.starts:
                item.slot.contribution = row = rows.get(item.slot.contribution_id)
                if row:
                    row.edition = self.edition
                slots[item.slot.contribution_id].append(item)
        return slots

    def make(self, letter: ContributionLetter) -> str:
        """The calendar of a contribution; "" for a session, or if no slot has a date.

        Cancelled slots are in it only if the reader may have earlier ones in their calendar.
        """
        contribution = letter.contribution
        if contribution is None:
            return ""
        is_first = letter.get_letter_kind() == PLACED_CONTRIBUTION
        slots = [
            slot for slot in self._slots[contribution.pk] if not (is_first and slot.is_cancelled)
        ]
        if all(slot.is_cancelled for slot in slots):
            return ""
        return contribution_calendar(
            self.edition,
            slots,
            title=contribution.shown_title,
            released_at=self._releases[0].published_at,
        ).decode()


_PLACEHOLDERS = {
    "name": "The recipient's name",
    **EDITION_PLACEHOLDERS,
    "time_zone": "The time zone of the clock times",
    "private_link": "The link to their own page; created when the email is sent",
}
_OF_CONTRIBUTION = {
    "title": "The title of the contribution",
    "places": "When and where it is: session, day, times, room, board",
}
_SAMPLES = {
    "places": "Lightning talks, Friday 3 May 2024, 14:12–14:15, Lecture hall",
    "time_zone": "Europe/London",
}
_TEXTS = Path(__file__).parent / "letter_texts"


def register_letter_texts() -> None:
    """Register the texts of the letters; called once, when the app is ready."""
    register_text(
        PLACED_CONTRIBUTION,
        label="A place in the programme",
        when="Released to students and speakers once their talk or poster is in the programme.",
        placeholders=_PLACEHOLDERS | _OF_CONTRIBUTION,
        samples=_SAMPLES,
        **read_text(_TEXTS, "placed"),
    )
    register_text(
        MOVED_CONTRIBUTION,
        label="A new time or room",
        when="Released to students and speakers whose talk or poster a later release moved.",
        placeholders=_PLACEHOLDERS | _OF_CONTRIBUTION,
        samples=_SAMPLES,
        **read_text(_TEXTS, "moved"),
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
        samples=_SAMPLES | {"places": "Friday 3 May 2024, 14:00–15:00, Lecture hall"},
        **read_text(_TEXTS, "moved_session"),
    )


def find_contributions_of_letters(letters: Collection[int]) -> dict[int, LetterSubject]:
    """The contributions and sessions that letters are about, by the keys of the letters."""
    rows = ContributionLetter.objects.filter(letter__in=letters)
    subjects = {}
    for row in rows.select_related("contribution", "session"):
        name = "contribution" if row.contribution_id else "session"
        address = reverse(f"admin:programme_{name}_change", args=[row.about.pk])
        subjects[row.letter_id] = LetterSubject(str(row.about), address)
    return subjects
