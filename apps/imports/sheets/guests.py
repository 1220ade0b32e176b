"""Import of people from a spreadsheet into the registration: read by its headings, previewed, once.

The headings are those of our own export, or usual words for them. Before `import_guests` nothing but
the sheet is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.forms import AddressField, LineField, LinesField, NameField
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.imports.models import Sheet
from apps.imports.sheets.row_form import normalized
from apps.registration.models import AttendanceKind, Registration
from apps.registration.places import lock_period
from apps.registration.services import Answers, Full, register

MOST_GUESTS = 1_000
# Headings, in one line and small letters, of the column of each field.
_HEADINGS = {
    "name": ("name", "full name", "participant", "attendee"),
    "first_name": ("first name", "given name", "firstname"),
    "last_name": ("last name", "family name", "surname", "lastname"),
    "email": ("email address", "email", "e-mail", "e-mail address", "mail"),
    "affiliation": (
        *("university or company", "affiliation", "university", "organisation", "organization"),
        *("institution", "company"),
    ),
    "kind": ("takes part", "kind", "ticket", "ticket type", "registration type", "category"),
    "extras": ("joins", "extras"),
    "diet": ("dietary needs", "diet", "dietary requirements"),
    "access": ("access needs", "accessibility", "accessibility needs"),
    "pronunciation": ("pronunciation",),
    "badge_note": ("note on the badge", "badge note"),
}


class GuestForm(forms.Form):
    """The cells of one row, cleaned as the registration form cleans them."""

    name = NameField(missing="The name is missing.", too_long="The name is too long.")
    email = AddressField(required=False)
    affiliation = NameField(too_long="The affiliation is too long.")
    pronunciation = NameField(too_long="The pronunciation is too long.")
    badge_note = LineField(max_length=60, too_long="The note on the badge is too long.")
    diet = LinesField(max_length=1_000)
    access = LinesField(max_length=1_000)


@dataclass
class GuestRow:
    """A row with what it would import, or why it is not imported."""

    number: int
    data: dict[str, Any]
    kind: AttendanceKind | None = None
    extras: list[AttendanceKind] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass
class GuestPreview:
    """What an import would do now; `token` changes when that does."""

    new: list[GuestRow]
    wrong: list[GuestRow]
    duplicates: list[GuestRow]
    left_out: list[str]  # headings

    @property
    def token(self) -> str:
        rows = [
            [row.number, row.data, row.kind and row.kind.pk, [each.pk for each in row.extras]]
            for row in self.new
        ]
        return version_token(rows)


def preview_guests(sheet: Sheet) -> GuestPreview:
    """Check the stored rows against the registration of the edition; three queries."""
    columns, left_out = _columns(sheet.contents["headings"])
    kinds = list(sheet.edition.attendance_kinds.all())
    taken = {
        email.casefold()
        for email in Registration.objects.for_edition(sheet.edition)
        .current()
        .values_list("email", flat=True)
    } - {""}
    preview = GuestPreview([], [], [], left_out)
    for stored in sheet.contents["rows"]:
        cells = {name: stored["cells"][column] for name, column in columns.items()}
        row = _read(stored["number"], cells, kinds)
        address = row.data.get("email", "").casefold()
        if row.faults:
            preview.wrong.append(row)
        elif address and address in taken:
            preview.duplicates.append(row)
        else:
            preview.new.append(row)
            taken |= {address} - {""}
    return preview


def _columns(headings: Iterable[str]) -> tuple[dict[str, int], list[str]]:
    """The column of each field, and the headings that are left out; the first one counts."""
    columns: dict[str, int] = {}
    left_out = []
    for number, heading in enumerate(headings):
        fits = (name for name, words in _HEADINGS.items() if normalized(heading) in words)
        name = next(fits, "")
        if not name or name in columns:
            left_out.append(heading)
        else:
            columns[name] = number
    return columns, left_out


def _read(number: int, cells: Mapping[str, str], kinds: Iterable[AttendanceKind]) -> GuestRow:
    full_name = f"{cells.get('first_name', '')} {cells.get('last_name', '')}".strip()
    form = GuestForm({**cells, "name": cells.get("name") or full_name})
    is_valid = form.is_valid()
    row = GuestRow(number, form.cleaned_data if is_valid else {"name": form.data["name"]})
    row.faults = [str(message) for messages in form.errors.values() for message in messages]
    by_name = {(kind.is_extra, normalized(kind.name)): kind for kind in kinds}
    if kind := cells.get("kind", "").strip():
        row.kind = by_name.get((False, normalized(kind)))
        if row.kind is None:
            row.faults.append(f"“{kind}” is no kind of attendance of this edition.")
    for extra in filter(None, map(str.strip, cells.get("extras", "").splitlines())):
        if found := by_name.get((True, normalized(extra))):
            row.extras.append(found)
        else:
            row.faults.append(f"“{extra}” is no extra of this edition.")
    return row


@transaction.atomic
def import_guests(*, sheet: Sheet, token: str, by: User, sends_letters: bool) -> int:
    """Register the new people, once; return their number. All or none.

    `token` is that of the preview the organiser confirmed: ChangedMeanwhile if it is another by
    now. NotAllowed if the sheet was imported or discarded meanwhile, or the places do not suffice.
    """
    edition: Edition = lock_period(sheet.edition).edition
    waiting = Sheet.objects.waiting().select_for_update(of=("self",))
    current = waiting.filter(pk=sheet.pk, holds=Sheet.Holds.REGISTRATIONS).first()
    if current is None:
        raise NotAllowed("This spreadsheet was imported or discarded already.")
    current.edition = edition
    preview = preview_guests(current)
    if preview.token != token:
        raise ChangedMeanwhile
    if not preview.new:
        raise NotAllowed("There is nothing to import.")
    for row in preview.new:
        _register(edition, row, sends_letters=sends_letters)
    current.imported_by, current.imported_at = by, timezone.now()
    current.imported_count = len(preview.new)
    current.contents = current.choices = {}
    current.save()
    return len(preview.new)


def _register(edition: Edition, row: GuestRow, *, sends_letters: bool) -> None:
    needs = {name: row.data.pop(name) for name in ("diet", "access")}
    given = Answers(fields=row.data, kind=row.kind, extras=row.extras, needs=needs)
    source = Registration.Source.IMPORT
    try:
        register(
            edition=edition,
            given=given,
            source=source,
            sends_letter=sends_letters,
            confirmed_at=timezone.now(),
        )
    except Full as refusal:
        raise NotAllowed(
            f"Row {row.number} finds no place, and there is no waiting list. Nothing was imported."
        ) from refusal
    except NotAllowed as refusal:
        raise NotAllowed(f"Row {row.number}: {refusal} Nothing was imported.") from refusal
