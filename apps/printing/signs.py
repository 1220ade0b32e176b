"""Labels of poster boards, door signs, table signs, and sheets for the chairs of sessions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from apps.editions.models import Edition
from apps.printing.content import title_nodes
from apps.printing.documents import Kind, Layout, register_kind
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
from apps.printing.sheets import CARDS, sheet_named
from apps.programme.calendars import contribution_url
from apps.programme.models import Contribution, Contributor, Credit, LinkKind, Origin, Session
from apps.programme.placements import natural_key, shift_of
from apps.programme.timetable import ProgrammeDay, ScheduledSession, ScheduledSlot, Timetable
from apps.registration.models import Registration

_TABLE_SIGNS = (
    Layout("folded", "A4, folded to stand: the name on both sides"),
    Layout("strip", "A4, three strips to cut"),
)
_WITHOUT_SIGN = {Contribution.Kind.POSTER, Contribution.Kind.PAPER}


def register() -> None:
    """Add these kinds of documents."""
    register_kind(
        Kind(
            name="boards",
            title="Poster-board labels",
            description="The number of the board in large type, with title and names.",
            collect=collect_boards,
            rows=("boards",),
            layouts=CARDS,
        )
    )
    register_kind(
        Kind(
            name="doors",
            title="Door signs",
            description="A4, one for each room and day, with its sessions.",
            collect=collect_doors,
            rows=("doors",),
            previewed_rows=1,
        )
    )
    register_kind(
        Kind(
            name="tables",
            title="Table signs",
            description="Names for the table at the front: speakers, panellists and chairs.",
            collect=collect_tables,
            rows=("names",),
            previewed_rows=3,
            layouts=_TABLE_SIGNS,
        )
    )
    register_kind(
        Kind(
            name="sessions",
            title="Session sheets for chairs",
            description="A4, one for each session with talks: order, times, names and how to "
            "pronounce them, slides.",
            collect=collect_sessions,
            rows=("sessions",),
            previewed_rows=1,
        )
    )


def _frame(edition: Edition, timetable: Timetable, title: str) -> dict[str, Any]:
    return {
        "title": f"{edition.title_with_year}: {title}",
        "edition": edition_facts(edition),
        "draft": draft_note(timetable),
    }


def _placed(timetable: Timetable) -> Iterator[tuple[ProgrammeDay, ScheduledSession]]:
    for day in timetable.days:
        for session in day.sessions:
            yield day, session


def _rows(session: ScheduledSession) -> Iterator[tuple[ScheduledSlot, Contribution]]:
    """The slots with a contribution that is not empty."""
    for slot in session.shown_slots:
        if slot.contribution is not None:
            yield slot, slot.contribution


# Poster boards


def collect_boards(edition: Edition, layout: str = "") -> dict[str, Any]:
    """The data of `boards.typ`, by session and number."""
    timetable = printed_timetable(edition)
    boards = [
        _board(day, session, slot, row)
        for day, session in _placed(timetable)
        for slot, row in sorted(_rows(session), key=lambda pair: natural_key(pair[0].board))
        if slot.board
    ]
    return _frame(edition, timetable, gettext("Poster boards")) | {
        "layout": sheet_named(CARDS, layout),
        "boards": boards,
    }


def _board(
    day: ProgrammeDay, session: ScheduledSession, slot: ScheduledSlot, row: Contribution
) -> dict[str, Any]:
    shift = shift_of(session.span, slot.board) if session.has_shifts else None
    return {
        "board": slot.board,
        "title": title_nodes(row.shown_title),
        "names": names_of(row.contributors.all()),
        "session": session_title(session),
        "place": place_of(day, session, (shift or session.span).hours),
    }


# Doors


def collect_doors(edition: Edition, layout: str = "") -> dict[str, Any]:
    """The data of `doors.typ`, by room and day."""
    timetable = printed_timetable(edition)
    doors: dict[tuple[str, int], dict[str, Any]] = {}
    for day, session in _placed(timetable):
        if session.room_name:
            key = session.room_name, day.number
            door = {"room": session.room_name, "day": day_heading(day), "sessions": []}
            doors.setdefault(key, door)["sessions"].append(_door_line(session))
    ordered = sorted(doors, key=lambda key: (natural_key(key[0]), key[1]))
    return _frame(edition, timetable, gettext("Door signs")) | {
        "words": {"chair": gettext("Chair")},
        "doors": [doors[key] for key in ordered],
    }


def _door_line(session: ScheduledSession) -> dict[str, Any]:
    rows = list(_rows(session))
    return {
        "hours": session.whole_span.hours,
        "title": session_title(session),
        "chairs": names_of(session.chairs),
        "count": session.count(len(rows)) if session.is_simultaneous else "",
        "talks": []
        if session.is_simultaneous
        else [
            {
                "start": f"{slot.starts_at:%H:%M}" if slot.starts_at else "",
                "title": title_nodes(row.shown_title),
                "names": names_of(row.presenters),
            }
            for slot, row in rows
        ],
    }


# Tables


def collect_tables(edition: Edition, layout: str = "") -> dict[str, Any]:
    """The data of `tables.typ`: each person once, in the order of the programme."""
    timetable = printed_timetable(edition)
    people: dict[tuple[str, ...], Credit] = {}
    for _, session in _placed(timetable):
        for chair in session.chairs:
            people.setdefault(chair.identity, chair)
        for slot, row in _rows(session):
            if slot.kind not in _WITHOUT_SIGN and session.kind != Session.Kind.POSTERS:
                for credit in row.presenters:
                    people.setdefault(credit.identity, credit)
    return _frame(edition, timetable, gettext("Table signs")) | {
        "is_folded": layout != "strip",
        "names": [
            {
                "name": printed_name(credit.shown_name),
                "affiliation": printed_name(", ".join(credit.shown_affiliation.splitlines()[:1])),
            }
            for credit in people.values()
        ],
    }


# Sessions


def collect_sessions(edition: Edition, layout: str = "") -> dict[str, Any]:
    """The data of `sessions.typ`: the sessions with talks one after another."""
    timetable = printed_timetable(edition)
    spoken = _Pronunciations(edition)
    sessions = [
        {
            "title": session_title(session),
            "place": place_of(day, session, session.whole_span.hours),
            "chairs": names_of(session.chairs),
            "talks": [_talk(slot, row, spoken) for slot, row in _rows(session)],
        }
        for day, session in _placed(timetable)
        if not session.is_simultaneous and any(_rows(session))
    ]
    return _frame(edition, timetable, gettext("Session sheets")) | {
        "words": {
            "chair": gettext("Chair"),
            "minutes": gettext("min"),
            "slides": gettext("Slides"),
            "no_slides": gettext("No slides yet"),
            "remote": gettext("given remotely"),
            "notes": gettext("Notes"),
        },
        "sessions": sessions,
    }


class _Pronunciations:
    """How to pronounce names, as people wrote when they registered; two queries."""

    def __init__(self, edition: Edition) -> None:
        said = Registration.objects.for_edition(edition).current().exclude(pronunciation="")
        rows = said.values_list("person_id", "expression_id", "pronunciation")
        self._of_people = {person: text for person, _, text in rows if person}
        of_entries = {entry: text for _, entry, text in rows if entry}
        origins = Origin.objects.filter(expression__in=of_entries)
        self._of_contributions = {
            contribution: of_entries[entry]
            for contribution, entry in origins.values_list("contribution_id", "expression_id")
        }

    def of(self, row: Contribution, credit: Contributor) -> str:
        """That of a presenter, or "". A student is the first presenter of the contribution."""
        if credit.person_id in self._of_people:
            return self._of_people[credit.person_id]
        is_first = credit == row.presenters[0]
        return self._of_contributions.get(row.pk, "") if is_first else ""


def _talk(slot: ScheduledSlot, row: Contribution, spoken: _Pronunciations) -> dict[str, Any]:
    slides = [link for link in row.shown_links if link.kind in {LinkKind.SLIDES, LinkKind.POSTER}]
    return {
        "hours": slot.span.hours,
        "minutes": slot.minutes,
        "title": title_nodes(row.shown_title),
        "is_remote": row.is_remote,
        "people": [
            {
                "name": printed_name(credit.shown_name),
                "spoken": printed_name(spoken.of(row, credit)),
                "role": credit.panel_role,
                "affiliation": printed_name(", ".join(credit.shown_affiliation.splitlines())),
            }
            for credit in row.presenters
        ],
        "url": contribution_url(row),
        "slides": [
            link.url if "://" in link.url else settings.SITE_URL + link.url for link in slides
        ],
    }
