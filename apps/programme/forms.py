"""Admin forms of rooms, sessions, slots, contributions and credits; the admin names the fields."""

from __future__ import annotations

from django import forms

from apps.core.admin import LabelledFormSet
from apps.editions.admin import EditionPartForm
from apps.programme.local_times import minutes_until
from apps.programme.models import LONGEST_MINUTES

_ENDS_TOO_EARLY = (
    "The end, {1:%H:%M}, is not after the start, {0:%H:%M}. If the session passes "
    "midnight, leave this empty and enter its minutes."
)
_TWO_LENGTHS = "From {0:%H:%M} to {1:%H:%M} there are {2} minutes. Correct one of them."


class SessionForm(EditionPartForm):
    """A session whose length may be given by its end."""

    of_edition = ("room",)

    ends_at = forms.TimeField(
        label="Ends at",
        required=False,
        help_text="Or enter its minutes. Changing only the start moves the whole session.",
        error_messages={"invalid": "Write the time like 23:59."},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.setdefault("ends_at", self.instance.ends_at)

    def clean(self) -> dict:
        """Compute the minutes from a changed end."""
        cleaned = super().clean() or {}
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        edition = cleaned.get("edition") or (self.instance.edition_id and self.instance.edition)
        if ends_at is None or "ends_at" not in self.changed_data or "starts_at" in self.errors:
            return cleaned
        if starts_at is None:
            self.add_error("ends_at", "Enter its start, too, or its minutes instead.")
        elif edition and "day" in cleaned:
            minutes = minutes_until(
                first_day=edition.starts_on,
                zone=edition.zone,
                day=cleaned["day"],
                starts_at=starts_at,
                ends_at=ends_at,
            )
            if not 0 < minutes <= LONGEST_MINUTES:
                self.add_error("ends_at", _ENDS_TOO_EARLY.format(starts_at, ends_at))
            elif "minutes" in self.changed_data and cleaned.get("minutes") not in {None, minutes}:
                self.add_error("minutes", _TWO_LENGTHS.format(starts_at, ends_at, minutes))
            else:
                cleaned["minutes"] = minutes
        return cleaned


class ContributionForm(EditionPartForm):
    of_edition = ("topics",)


class RoomFormSet(LabelledFormSet):
    """The rooms of one edition."""

    def clean(self) -> None:
        """Refuse two rows with one name, which Django compares with stored rows only."""
        super().clean()
        names: set[str] = set()
        for form in self.forms:
            if form.is_valid() and form.cleaned_data and form not in self.deleted_forms:
                name = form.cleaned_data["name"].casefold()
                if name in names:
                    form.add_error(
                        "name",
                        "This edition has a room with this name already. Choose another name.",
                    )
                names.add(name)
