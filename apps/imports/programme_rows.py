"""What a folder's programme.yaml becomes: rooms, sessions, contributions, and who is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.files.base import ContentFile, File

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.imports.folders import Described, EditionFolder, FolderError
from apps.imports.folders.programme import ChairEntry, ContributionEntry, SessionEntry
from apps.imports.rows import Noun, Picture, Slides, Wanted
from apps.programme.models import Contribution, Contributor, Room, Session, SessionChair, Slot
from apps.programme.releases import latest_release, publish_programme
from apps.programme.scheduling.local_times import minutes_until
from apps.programme.slides import validate_slides

_STEP = 10


def publish_if_asked(folder: EditionFolder, edition: Edition, *, note: str) -> bool:
    """Makes the first release if the folder asks for one, and says so; any other is the desk's.

    Raises FolderError with the words of what stops it.
    """
    described = folder.programme
    if not described.entry.is_published or latest_release(edition):
        return False
    try:
        publish_programme(edition=edition, by=None, note=note)
    except NotAllowed as refusal:
        raise FolderError(described.fault(str(refusal), "is_published")) from None
    return True


class ProgrammeRows:
    """Rows that a folder's programme wants and those that `edition` has.

    Contributors are kept by the slug of their contribution, chairs and slots by that of their
    session.
    """

    def __init__(self, folder: EditionFolder, edition: Edition | None) -> None:
        self.folder, self.edition = folder, edition
        self.rooms = self._rooms()
        self.sessions = self._sessions()
        self.contributions = self._contributions()
        self.contributors = self._contributors()
        self.topics = self._topics()
        self.chairs = self._chairs()
        self.slots = self._slots()

    def all(self) -> list[Noun]:
        """In the order in which they are written."""
        return [
            *(self.rooms, self.sessions, self.contributions),
            *self.contributors.values(),
            *self.topics.values(),
            *self.chairs.values(),
            *self.slots.values(),
        ]

    def _rooms(self) -> Noun:
        wanted: dict[str, Wanted] = {}
        for session in self.folder.sessions:
            if session.entry.room:
                wanted.setdefault(session.entry.room, Wanted(session, {}))
        rows = {row.name: row for row in Room.objects.filter(edition=self.edition)}
        # The folder knows rooms by their names alone, and nothing of their order.
        return Noun("room", "room {}", Room, "name", wanted, rows, is_ordered=False)

    def _sessions(self) -> Noun:
        edition = self.folder.edition.entry
        zone = _zone(edition.time_zone)
        wanted = {
            session.entry.slug: Wanted(
                session,
                {
                    "kind": session.entry.kind,
                    "title": session.entry.title,
                    "description": session.entry.description,
                    "has_shifts": session.entry.has_shifts,
                    "day": session.entry.day,
                    "starts_at": session.entry.starts_at,
                    "minutes": _minutes(session.entry, edition.starts_on, zone),
                    "room": session.entry.room or None,
                    "ordering": number * _STEP,
                },
            )
            for number, session in enumerate(self.folder.sessions, 1)
        }
        found = Session.objects.filter(edition=self.edition).select_related("room")
        rows = {row.slug: row for row in found}
        return Noun("session", "session {}", Session, "slug", wanted, rows, is_ordered=False)

    def _described(self) -> Iterator[Described[Any]]:
        """Each contribution with its place in the file."""
        for session in self.folder.sessions:
            for number, entry in enumerate(session.entry.contributions):
                path = (*session.path, "contributions", number)
                yield Described(entry, session.document, path)

    def _contributions(self) -> Noun:
        wanted = {
            one.entry.slug: Wanted(one, one.entry.values(), self._slides_of(one.entry))
            for one in self._described()
        }
        rows = {row.slug: row for row in Contribution.objects.filter(edition=self.edition)}
        return Noun(
            "contribution", "contribution {}", Contribution, "slug", wanted, rows, is_ordered=False
        )

    def _slides_of(self, entry: ContributionEntry) -> tuple[Picture, ...]:
        if not entry.slides_file:
            return ()
        name = entry.slides_file
        read = partial(self.folder.file_beside, f"slides/{name}")
        return (Slides("slides", name, read, _clean_slides),)

    def _topics(self) -> dict[str, Noun]:
        model = Contribution.topics.through
        rows: dict[str, dict[str, Any]] = {}
        found: Any = model._default_manager.filter(contribution__edition=self.edition)
        for row in found.select_related("topic", "contribution"):
            rows.setdefault(row.contribution.slug, {})[row.topic.slug] = row
        return {
            one.entry.slug: Noun(
                "topic of a contribution",
                "topic {} of " + one.entry.slug,
                model,
                "topic",
                dict.fromkeys(one.entry.topics, Wanted(one, {})),
                rows.get(one.entry.slug, {}),
                is_ordered=False,
            )
            for one in self._described()
        }

    def _contributors(self) -> dict[str, Noun]:
        rows: dict[str, dict[str, Any]] = {}
        found = Contributor.objects.filter(contribution__edition=self.edition)
        for row in found.select_related("person", "contribution"):
            rows.setdefault(row.contribution.slug, {})[_key(row)] = row
        return {
            one.entry.slug: Noun(
                "contributor",
                "{} in " + one.entry.slug,
                Contributor,
                "person",
                _named(one, "contributors", one.entry.contributors),
                rows.get(one.entry.slug, {}),
            )
            for one in self._described()
        }

    def _chairs(self) -> dict[str, Noun]:
        rows: dict[str, dict[str, Any]] = {}
        found = SessionChair.objects.filter(session__edition=self.edition)
        for row in found.select_related("person", "session"):
            rows.setdefault(row.session.slug, {})[_key(row)] = row
        return {
            session.entry.slug: Noun(
                "session chair",
                "{} in " + session.entry.slug,
                SessionChair,
                "person",
                _named(session, "chairs", session.entry.chairs),
                rows.get(session.entry.slug, {}),
            )
            for session in self.folder.sessions
        }

    def _slots(self) -> dict[str, Noun]:
        rows: dict[str, dict[str, Any]] = {}
        found = Slot.objects.filter(session__edition=self.edition)
        for row in found.select_related("contribution", "session"):
            rows.setdefault(row.session.slug, {})[row.contribution.slug] = row
        nouns = {}
        for session in self.folder.sessions:
            slug, path = session.entry.slug, session.path
            wanted = {
                one.slug: Wanted(
                    Described(one, session.document, (*path, "contributions", number)),
                    one.slot_values(),
                )
                for number, one in enumerate(session.entry.contributions)
            } | {
                one: Wanted(Described(session.entry, session.document, (*path, "repeats")), {})
                for one in session.entry.repeats
            }
            nouns[slug] = Noun(
                "slot", "{} in " + slug, Slot, "contribution", wanted, rows.get(slug, {})
            )
        return nouns


def _clean_slides(upload: File) -> ContentFile:
    validate_slides(upload)
    return ContentFile(upload.read(), name="slides.pdf")


def _named(place: Described[Any], field: str, entries: Sequence[ChairEntry]) -> dict[str, Wanted]:
    return {
        entry.key: Wanted(
            Described(entry, place.document, (*place.path, field, number)), entry.values()
        )
        for number, entry in enumerate(entries)
    }


def _key(row: Contributor | SessionChair) -> str:
    return row.person.slug if row.person else row.name


def _zone(name: str) -> tzinfo:
    """The zone; any for a name that the edition's own rules are about to refuse."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _minutes(session: SessionEntry, first_day: date | None, zone: tzinfo) -> int | None:
    """Real minutes, also on the night the clocks change."""
    if session.starts_at and session.ends_at:
        return minutes_until(
            first_day=first_day,
            zone=zone,
            day=session.day,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
        )
    return session.minutes
