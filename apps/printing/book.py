"""The book of abstracts: cover, contents, programme, abstracts in its order, index of authors."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.utils.translation import gettext

from apps.core.search import fold
from apps.editions.models import Edition
from apps.printing.content import text_nodes, title_nodes
from apps.printing.documents import Kind, register_kind
from apps.printing.programme import (
    day_heading,
    draft_note,
    edition_facts,
    names_of,
    place_of,
    printed_name,
    printed_timetable,
    session_title,
)
from apps.programme.calendars import contribution_url
from apps.programme.models import Contribution, Contributor
from apps.programme.timetable import ScheduledSession, ScheduledSlot, Timetable


def register() -> None:
    """Add the book to the kinds of documents."""
    register_kind(
        Kind(
            name="book",
            title="Book of abstracts",
            description="A5: programme, abstracts and an index of authors. The cover has 3 mm bleed.",
            collect=collect_book,
            rows=("chapters", "days", "index"),
            previewed_rows=0,  # the cover
        )
    )


def collect_book(edition: Edition, layout: str = "") -> dict[str, Any]:
    """The data of `book.typ`."""
    timetable = printed_timetable(edition)
    rows = [slot.contribution for slot in timetable.slots() if _is_printed(slot.contribution)]
    numbers = {row.pk: number for number, row in enumerate(dict.fromkeys(rows), start=1) if row}
    return {
        "title": f"{edition.title_with_year}: {gettext('Book of abstracts')}",
        "edition": edition_facts(edition),
        "draft": draft_note(timetable),
        "words": {
            "book": gettext("Book of abstracts"),
            "contents": gettext("Contents"),
            "programme": gettext("Programme"),
            "abstracts": gettext("Abstracts"),
            "index": gettext("Index of authors"),
            "chair": gettext("Chair"),
        },
        "days": [
            {
                "heading": day_heading(day),
                "sessions": [_session(session, numbers) for session in day.sessions],
            }
            for day in timetable.days
        ],
        "chapters": _chapters(timetable, numbers),
        "index": _index(dict.fromkeys(rows), numbers),
    }


def _is_printed(contribution: Contribution | None) -> bool:
    return contribution is not None and not contribution.is_empty


def _session(session: ScheduledSession, numbers: dict[int, int]) -> dict[str, Any]:
    return {
        "hours": session.whole_span.hours,
        "title": session_title(session),
        "room": session.room_name,
        "chairs": names_of(session.chairs),
        "is_pause": session.is_pause,
        "slots": [
            _slot(session, slot, numbers)
            for slot in session.shown_slots
            if _is_printed(slot.contribution)
        ],
    }


def _slot(session: ScheduledSession, slot: ScheduledSlot, numbers: dict[int, int]) -> dict:
    row = slot.contribution
    assert row is not None  # noqa: S101  (by _is_printed)  # nosec
    start = slot.starts_at
    return {
        "mark": slot.board or (f"{start:%H:%M}" if start and not session.is_simultaneous else ""),
        "title": title_nodes(row.shown_title),
        "names": names_of(row.presenters),
        "number": numbers[row.pk],
    }


def _chapters(timetable: Timetable, numbers: dict[int, int]) -> list[dict[str, Any]]:
    """The contributions of each session, those of several at the first."""
    places: dict[int, list[str]] = {}
    for day in timetable.days:
        for session in day.sessions:
            for slot in session.slots:
                hours = (session if session.is_simultaneous else slot).span.hours
                place = place_of(day, session, hours)
                places.setdefault(slot.contribution_id, []).append(
                    f"{place}, {slot.board}" if slot.board else place
                )
    chapters, printed = [], set()
    for session in timetable.sessions():
        rows = [
            slot.contribution
            for slot in session.slots
            if slot.contribution_id in numbers and slot.contribution_id not in printed
        ]
        printed |= {row.pk for row in rows if row}
        if rows:
            entries = [_entry(row, numbers[row.pk], places[row.pk]) for row in rows if row]
            chapters.append({"title": _chapter_title(session), "entries": entries})
    return chapters


def _chapter_title(session: ScheduledSession) -> list[Any]:
    """The title; without one, of a single talk the kind and the names: "Keynote: Ada Lovelace"."""
    talk = session.slots[0].contribution if len(session.slots) == 1 else None
    if session.own_title or not talk or not talk.presenters:
        return session_title(session)
    return [f"{session.kind_label}: {', '.join(names_of(talk.presenters))}"]


def _entry(row: Contribution, number: int, places: list[str]) -> dict[str, Any]:
    affiliations: dict[str, int] = {}
    people = []
    for credit in row.contributors.all():
        lines = filter(None, map(printed_name, credit.shown_affiliation.splitlines()))
        marks = [affiliations.setdefault(line, len(affiliations) + 1) for line in lines]
        role = credit.panel_role
        name = printed_name(credit.shown_name)
        people.append({"name": f"{name} ({role})" if role else name, "marks": marks})
    return {
        "number": number,
        "title": title_nodes(row.shown_title),
        "plain_title": str(row),
        "people": people,
        "affiliations": list(affiliations),
        "places": places,
        "url": contribution_url(row),
        "abstract": text_nodes(row.abstract),
    }


def _index(rows: Iterable[Contribution | None], numbers: dict[int, int]) -> list[dict[str, Any]]:
    """All contributors from A to Z, each with the numbers of their contributions."""
    authors: dict[tuple[str, ...], tuple[Contributor, list[int]]] = {}
    for row in filter(None, rows):
        for credit in row.contributors.all():
            authors.setdefault(credit.identity, (credit, []))[1].append(numbers[row.pk])
    entries = [
        (_last_word_first(printed_name(credit.shown_name)), found)
        for credit, found in authors.values()
    ]
    entries.sort(key=lambda entry: (_letter(entry[0]), fold(entry[0])))
    return [
        {"letter": letter, "entries": [{"name": name, "numbers": found} for name, found in group]}
        for letter, group in groupby(entries, key=lambda entry: _letter(entry[0]))
    ]


def _last_word_first(name: str) -> str:
    """ "Lovelace, Ada": as the index of presenters on the site is sorted."""
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if first else name


def _letter(name: str) -> str:
    first = fold(name)[:1].upper()
    return first if first.isalpha() else "#"
