"""Export of registrations as CSV or Excel; no cell can run as a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import QuerySet

from apps.interest.exports import Column, defuse
from apps.registration.models import Registration


def _local(registration: Registration, moment: datetime | None) -> str:
    """ISO 8601 with the offset of the edition's time zone."""
    if moment is None:
        return ""
    return moment.astimezone(registration.edition.zone).isoformat(timespec="seconds")


def _need(name: str) -> Callable[[Registration], str]:
    return lambda row: getattr(getattr(row, "needs", None), name, "")


_COLUMNS = [
    Column("Code", lambda row: row.display_code),
    Column("Edition", lambda row: row.edition.slug),
    Column("Status", lambda row: row.get_status_display()),
    Column("Name", lambda row: row.name),
    Column("Email address", lambda row: row.email),
    Column("University or company", lambda row: row.affiliation),
    Column("Takes part", lambda row: row.kind.name if row.kind else ""),
    Column("Joins", lambda row: "\n".join(extra.name for extra in row.extras.all())),
    Column("Pronunciation", lambda row: row.pronunciation),
    Column("Note on the badge", lambda row: row.badge_note),
    Column("Dietary needs", _need("diet")),
    Column("Access needs", _need("access")),
    Column(
        "Answers",
        lambda row: "\n".join(
            f"{answer.question.label} {answer.in_words}" for answer in row.answers.all()
        ),
    ),
    Column("Consents", lambda row: "\n".join(each.text for each in row.consents.all())),
    Column("Source", lambda row: row.get_source_display()),
    Column("Registered", lambda row: _local(row, row.created_at)),
    Column("Waiting since", lambda row: _local(row, row.waiting_since)),
    Column("Will come", lambda row: _local(row, row.confirmed_at)),
    Column("Cancelled", lambda row: _local(row, row.cancelled_at)),
    Column("Checked in", lambda row: _local(row, row.checked_in_at)),
]


def export_rows(registrations: QuerySet[Registration]) -> Iterator[list[str]]:
    """The headings, then one row for each registration in the order of the list."""
    yield [column.heading for column in _COLUMNS]
    rows = registrations.select_related("edition", "kind", "needs").prefetch_related(
        "extras", "answers__question", "consents"
    )
    for row in rows.iterator(chunk_size=500):
        yield [defuse(column.text(row)) for column in _COLUMNS]
