"""The tables that a content folder fills, in the order in which they are written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.files.base import ContentFile, File
from django.db import models

from apps.awards.models import Award, Recipient
from apps.core.images import clean_logo, clean_photo
from apps.editions.models import Call, Deadline, Edition
from apps.imports.folders.reader import EditionFolder, SourceEntry
from apps.imports.folders.schema import SessionEntry
from apps.interest.models import Question
from apps.news.models import NewsItem
from apps.pages.models import Page, Section
from apps.people.models import Group, Membership, Person
from apps.programme.models import Contribution, Contributor, Room, Session, SessionChair, Slot
from apps.programme.scheduling.local_times import minutes_until
from apps.programme.slides import validate_slides
from apps.sponsors.models import Level, Sponsor
from apps.topics.models import Topic

ORDERING_STEP = 10


@dataclass(frozen=True)
class DesiredRow:
    """A row as the folder describes it.

    `key` are the columns that identify it within its edition, `values` the others that the folder
    decides. Rows of other tables are named by their own keys. `files` are paths within the folder
    by the column of each.
    """

    source: SourceEntry
    key: dict[str, Any]
    values: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TableImport:
    """The import of one table.

    `label` names a row in messages, by the values of its key. `edition` is the lookup of the
    edition in `model`; without one, rows are found by their keys alone.
    """

    name: str
    model: type[models.Model]
    desired: Callable[[EditionFolder], Iterable[DesiredRow]]
    label: str
    key: tuple[str, ...] = ("slug",)
    edition: str = "edition"
    is_ordered: bool = True
    plural: str = ""


def clean_slides(upload: File) -> ContentFile:
    """Return the slides as they are stored; raise ValidationError if they are no PDF."""
    validate_slides(upload)
    return ContentFile(upload.read(), name="slides.pdf")


CLEAN_FILE = {"photos": clean_photo, "logos": clean_logo, "slides": clean_slides}


def _listed(file: str, field: str = "") -> Callable[[EditionFolder], Iterator[DesiredRow]]:
    """Rows of the entries in a list of `file`, known by their slugs."""
    return lambda folder: map(_by_slug, folder.files[file].entries(field))


def _by_slug(source: SourceEntry) -> DesiredRow:
    entry = source.entry
    text = {} if source.body is None else {"body": source.body}
    return DesiredRow(source, {"slug": entry.slug}, entry.row_values() | text, _files(source))


def _files(source: SourceEntry) -> dict[str, str]:
    names = source.entry.file_names()
    return {field.removesuffix("_file"): name for field, name in names.items()}


def _edition(folder: EditionFolder) -> Iterator[DesiredRow]:
    yield _by_slug(folder.edition)


def _deadlines(folder: EditionFolder) -> Iterator[DesiredRow]:
    for source in folder.edition.entries("deadlines"):
        yield DesiredRow(source, {"title": source.entry.title}, source.entry.row_values())


def _call(folder: EditionFolder) -> Iterator[DesiredRow]:
    call = folder.edition.entry.call
    if call:
        source = SourceEntry(call, folder.edition.document, ("call",))
        yield DesiredRow(source, {}, call.row_values())


def _questions(folder: EditionFolder) -> Iterator[DesiredRow]:
    for source in folder.edition.entries("questions"):
        yield DesiredRow(source, {"words": source.entry.words}, source.entry.row_values())


def _people(folder: EditionFolder) -> Iterator[DesiredRow]:
    for slug, source in folder.people.items():
        yield DesiredRow(source, {"slug": slug}, source.entry.row_values(), _files(source))


def _memberships(folder: EditionFolder) -> Iterator[DesiredRow]:
    for group in folder.files["groups.yaml"].entries():
        for source in group.entries("members"):
            key = {"group": group.entry.slug, "person": source.entry.person}
            yield DesiredRow(source, key, source.entry.row_values())


def _sponsors(folder: EditionFolder) -> Iterator[DesiredRow]:
    for level in folder.files["sponsors.yaml"].entries("levels"):
        for source in level.entries("sponsors"):
            key = {"level": level.entry.slug, "slug": source.entry.slug}
            yield DesiredRow(source, key, source.entry.row_values(), _files(source))


def _news(folder: EditionFolder) -> Iterator[DesiredRow]:
    """Last ones first: of two with the same moment, pages list the newer row first."""
    zone = _zone(folder.edition.entry.time_zone)
    for source in reversed(folder.files["news.yaml"].entries()):
        entry = source.entry
        moment = datetime.combine(entry.date, entry.time, tzinfo=zone) if entry.date else None
        values = entry.row_values() | {"published_at": moment}
        yield DesiredRow(source, {"slug": entry.slug}, values)


def _rooms(folder: EditionFolder) -> Iterator[DesiredRow]:
    rooms: dict[str, SourceEntry] = {}
    for session in folder.sessions:
        if session.entry.room:
            rooms.setdefault(session.entry.room, session)
    for name, session in rooms.items():
        yield DesiredRow(session, {"name": name}, {})


def _sessions(folder: EditionFolder) -> Iterator[DesiredRow]:
    for number, source in enumerate(folder.sessions, start=1):
        entry = source.entry
        values = entry.row_values() | {
            "minutes": _minutes(entry, folder),
            "room": entry.room or None,
            "ordering": number * ORDERING_STEP,
        }
        yield DesiredRow(source, {"slug": entry.slug}, values)


def _chairs(folder: EditionFolder) -> Iterator[DesiredRow]:
    for session in folder.sessions:
        for source in session.entries("chairs"):
            key = {"session": session.entry.slug} | _credit(source)
            yield DesiredRow(source, key, source.entry.row_values())


def _contributors(folder: EditionFolder) -> Iterator[DesiredRow]:
    for contribution in folder.contributions:
        for source in contribution.entries("contributors"):
            key = {"contribution": contribution.entry.slug} | _credit(source)
            yield DesiredRow(source, key, source.entry.row_values())


def _credit(source: SourceEntry) -> dict[str, Any]:
    return {"person": source.entry.person, "name": source.entry.name}


def _topics_of_contributions(folder: EditionFolder) -> Iterator[DesiredRow]:
    for source in folder.contributions:
        for topic in source.entry.topics:
            yield DesiredRow(source, {"contribution": source.entry.slug, "topic": topic}, {})


def _slots(folder: EditionFolder) -> Iterator[DesiredRow]:
    for session in folder.sessions:
        for source in session.entries("contributions"):
            entry = source.entry
            key = {"session": session.entry.slug, "contribution": entry.slug}
            yield DesiredRow(source, key, {"minutes": entry.clock_minutes, "board": entry.board})
        for slug in session.entry.repeats:
            source = SourceEntry(session.entry, session.document, (*session.path, "repeats"))
            yield DesiredRow(source, {"session": session.entry.slug, "contribution": slug}, {})


def _recipients(folder: EditionFolder) -> Iterator[DesiredRow]:
    names = {slug: source.entry.name for slug, source in folder.people.items()}
    for award in folder.files["awards.yaml"].entries():
        for source in award.entries("given_to"):
            entry = source.entry
            authors = [names[one.person] if one.person else one.name for one in entry.authors]
            values = entry.row_values() | {"authors": "\n".join(authors)}
            yield DesiredRow(source, {"award": award.entry.slug, "slug": entry.slug}, values)


def _zone(name: str) -> tzinfo:
    """The time zone; UTC for a name that the validation of the edition refuses anyway."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _minutes(session: SessionEntry, folder: EditionFolder) -> int | None:
    """Elapsed minutes, also on the night the clocks change."""
    if not (session.starts_at and session.ends_at):
        return session.minutes
    first_day: date | None = folder.edition.entry.starts_on
    return minutes_until(
        first_day=first_day,
        zone=_zone(folder.edition.entry.time_zone),
        day=session.day,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
    )


TABLES = (
    TableImport("edition", Edition, _edition, "edition {slug}", edition="", is_ordered=False),
    TableImport(
        "deadline", Deadline, _deadlines, "deadline “{title}”", ("title",), is_ordered=False
    ),
    TableImport("call", Call, _call, "call", (), is_ordered=False),
    TableImport("question", Question, _questions, "question “{words}”", ("words",)),
    TableImport(
        "person", Person, _people, "person {slug}", edition="", is_ordered=False, plural="people"
    ),
    TableImport("group", Group, _listed("groups.yaml"), "group {slug}"),
    TableImport(
        "membership",
        Membership,
        _memberships,
        "{person} in {group}",
        ("group", "person"),
        "group__edition",
    ),
    TableImport("topic", Topic, _listed("topics.yaml"), "topic {slug}"),
    TableImport(
        "level of sponsors",
        Level,
        _listed("sponsors.yaml", "levels"),
        "level of sponsors {slug}",
        plural="levels of sponsors",
    ),
    TableImport(
        "sponsor", Sponsor, _sponsors, "sponsor {slug}", ("level", "slug"), "level__edition"
    ),
    TableImport("announcement", NewsItem, _news, "announcement {slug}", is_ordered=False),
    TableImport(
        "section", Section, lambda folder: map(_by_slug, folder.sections), "section {slug}"
    ),
    TableImport("page", Page, lambda folder: map(_by_slug, folder.pages), "page {slug}"),
    TableImport("room", Room, _rooms, "room {name}", ("name",), is_ordered=False),
    TableImport("session", Session, _sessions, "session {slug}", is_ordered=False),
    TableImport(
        "contribution",
        Contribution,
        lambda folder: map(_by_slug, folder.contributions),
        "contribution {slug}",
        is_ordered=False,
    ),
    TableImport(
        "contributor",
        Contributor,
        _contributors,
        "{person}{name} in {contribution}",
        ("contribution", "person", "name"),
        "contribution__edition",
    ),
    TableImport(
        "topic of a contribution",
        Contribution.topics.through,
        _topics_of_contributions,
        "topic {topic} of {contribution}",
        ("contribution", "topic"),
        "contribution__edition",
        is_ordered=False,
    ),
    TableImport(
        "session chair",
        SessionChair,
        _chairs,
        "{person}{name} in {session}",
        ("session", "person", "name"),
        "session__edition",
    ),
    TableImport(
        "slot",
        Slot,
        _slots,
        "{contribution} in {session}",
        ("session", "contribution"),
        "session__edition",
    ),
    TableImport("award", Award, _listed("awards.yaml"), "award {slug}"),
    TableImport(
        "recipient of an award",
        Recipient,
        _recipients,
        "{slug} of award {award}",
        ("award", "slug"),
        "award__edition",
        plural="recipients of awards",
    ),
)
