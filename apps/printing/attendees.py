"""Name badges and the attendance list: people who registered, else those in the programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from apps.core.qr import qr_svg
from apps.core.search import fold
from apps.editions.models import Edition
from apps.printing.documents import Kind, register_kind
from apps.printing.programme import edition_facts, printed_name, printed_timetable
from apps.printing.sheets import Sheet, sheet_named
from apps.programme.models import Credit
from apps.registration.models import Registration

PERMISSION = "registration.view_registration"
# Sheets that shops sell, by the number of the maker; sizes in millimetres.
BADGES = (
    Sheet("a7", "A7, eight on a sheet of A4, to cut", 2, 4, 105, 74),
    Sheet("a7-double", "A7, eight on a sheet of A4, on both sides", 2, 4, 105, 74),
    Sheet("a6-double", "A6, four on a sheet of A4, on both sides", 2, 2, 105, 148.5),
    Sheet(
        "l4785", "Avery L4785: 80 × 50 mm, ten on a sheet", 2, 5, 80, 50, 17.5, 13.5, 15, 5, False
    ),
    Sheet(
        "l7165",
        "Avery L7165: 99 × 68 mm, eight on a sheet",
        2,
        4,
        99.1,
        67.7,
        4.65,
        13.1,
        2.5,
        0,
        False,
    ),
    Sheet(
        "l7163",
        "Avery L7163: 99 × 38 mm, 14 on a sheet",
        2,
        7,
        99.1,
        38.1,
        4.65,
        15.15,
        2.5,
        0,
        False,
    ),
    Sheet(
        "l7160",
        "Avery L7160: 64 × 38 mm, 21 on a sheet",
        3,
        7,
        63.5,
        38.1,
        7.25,
        15.15,
        2.5,
        0,
        False,
    ),
)
_DOUBLE = {"a7-double", "a6-double"}


def register() -> None:
    """Add these kinds of documents."""
    register_kind(
        Kind(
            name="badges",
            title="Name badges",
            description="For everyone who is registered, by name; before that, for the people in "
            "the programme. Print at 100 %; on both sides, turn over the long edge.",
            collect=collect_badges,
            rows=("badges",),
            layouts=BADGES,
            permission=PERMISSION,
        )
    )
    register_kind(
        Kind(
            name="attendance",
            title="Attendance list",
            description="A4, by name, with room for a signature.",
            collect=collect_attendance,
            rows=("people",),
            previewed_rows=30,
            permission=PERMISSION,
        )
    )


@dataclass(frozen=True)
class _Attendee:
    name: str
    affiliation: str
    kind: str = ""
    extras: str = ""
    note: str = ""
    ticket_url: str = ""
    code: str = ""


def _attendees(edition: Edition) -> list[_Attendee]:
    """Those with a place by name; while nobody is registered, the people of the programme."""
    rows = Registration.objects.for_edition(edition).attending().select_related("kind", "edition")
    attendees = [_registered(row) for row in rows.prefetch_related("extras")]
    if not attendees:
        attendees = _people_of_programme(edition)
    return sorted(attendees, key=lambda attendee: fold(attendee.name))


def _registered(row: Registration) -> _Attendee:
    return _Attendee(
        name=printed_name(row.name),
        affiliation=printed_name(row.affiliation),
        kind=row.kind.name if row.kind else "",
        extras=", ".join(extra.name for extra in row.extras.all()),
        note=printed_name(row.badge_note),
        ticket_url=row.ticket_url,
        code=row.display_code,
    )


def _people_of_programme(edition: Edition) -> list[_Attendee]:
    credits: dict[tuple[str, ...], Credit] = {}
    for session in printed_timetable(edition).sessions():
        for chair in session.chairs:
            credits.setdefault(chair.identity, chair)
        for slot in session.slots:
            for credit in slot.contribution.presenters if slot.contribution else ():
                credits.setdefault(credit.identity, credit)
    return [
        _Attendee(
            name=printed_name(credit.shown_name),
            affiliation=printed_name(", ".join(credit.shown_affiliation.splitlines()[:1])),
        )
        for credit in credits.values()
    ]


def collect_badges(edition: Edition, layout: str = "") -> dict[str, Any]:
    """The data of `badges.typ`."""
    return {
        "title": f"{edition.title_with_year}: {gettext('Name badges')}",
        "edition": edition_facts(edition),
        "layout": sheet_named(BADGES, layout),
        "is_double": layout in _DOUBLE,
        "badges": [
            {
                "name": attendee.name,
                "affiliation": attendee.affiliation,
                "note": attendee.note or attendee.kind,
                "code": attendee.code,
                "qr": svg_file(qr_svg(url, title="")) if (url := attendee.ticket_url) else "",
            }
            for attendee in _attendees(edition)
        ],
    }


def svg_file(svg: str) -> str:
    """An SVG made for a page as one for a file."""
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def collect_attendance(edition: Edition, layout: str = "") -> dict[str, Any]:
    """The data of `attendance.typ`."""
    return {
        "title": f"{edition.title_with_year}: {gettext('Attendance list')}",
        "edition": edition_facts(edition),
        "words": {
            "title": gettext("Attendance list"),
            "number": gettext("No."),
            "name": gettext("Name"),
            "affiliation": gettext("Affiliation"),
            "kind": gettext("Takes part"),
            "signature": gettext("Signature"),
        },
        "people": [
            {
                "name": attendee.name,
                "affiliation": attendee.affiliation,
                "kind": ", ".join(filter(None, [attendee.kind, attendee.extras])),
            }
            for attendee in _attendees(edition)
        ],
    }
