"""Admin forms of rooms, sessions, slots, contributions and credits; the admin names the fields."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms

from apps.core.admin import LabelledFormSet, ReadOnlyRelatedField
from apps.editions.models import Edition
from apps.programme.local_times import minutes_until
from apps.programme.models import LONGEST_MINUTES


class EditionPartForm(forms.ModelForm):
    """Offers only rows of its edition in the fields `of_edition`."""

    of_edition: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        sent = self.data.get("edition") or self.initial.get("edition") or ""
        key = str(self.instance.edition_id or sent)
        editions = Edition.objects.filter(pk=key if key.isdecimal() else 0)
        for name in self.of_edition:
            field: Any = self.fields.get(name)  # absent for readers
            if field:
                field.queryset = field.queryset.filter(edition__in=editions)


class SessionForm(EditionPartForm):
    """A session whose length may be given by its end."""

    of_edition = ("room",)

    ends_at = forms.TimeField(
        label="Ends at",
        required=False,
        help_text="Or write its minutes. Changing only the start moves the whole session.",
        error_messages={"invalid": "Write the time like 23:59."},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.setdefault("ends_at", self.instance.ends_at)

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        ends_at = cleaned.get("ends_at")
        if ends_at is None or "ends_at" not in self.changed_data or "starts_at" in self.errors:
            return cleaned
        starts_at = cleaned.get("starts_at")
        if starts_at is None:
            self.add_error("ends_at", "Write when it starts, too, or its minutes instead.")
        elif ends_at <= starts_at:
            self.add_error("ends_at", _ends_too_early(starts_at, ends_at))
        else:
            self._set_minutes(cleaned, starts_at, ends_at)
        return cleaned

    def _set_minutes(self, cleaned: dict, starts_at: time, ends_at: time) -> None:
        edition = cleaned.get("edition") or (self.instance.edition_id and self.instance.edition)
        if not edition or "day" not in cleaned:
            return
        minutes = minutes_until(
            first_day=edition.starts_on,
            zone=edition.zone,
            day=cleaned["day"],
            starts_at=starts_at,
            ends_at=ends_at,
        )
        sent = cleaned.get("minutes")
        if "minutes" in self.changed_data and sent not in {None, minutes}:
            self.add_error(
                "minutes",
                f"From {starts_at:%H:%M} to {ends_at:%H:%M} there are {minutes} minutes, not "
                f"{sent}. Correct one of them.",
            )
        elif 0 < minutes <= LONGEST_MINUTES:
            cleaned["minutes"] = minutes
        else:  # on the night the clocks go forward
            self.add_error("ends_at", _ends_too_early(starts_at, ends_at))


def _ends_too_early(starts_at: time, ends_at: time) -> str:
    return (
        f"It would end at {ends_at:%H:%M}, and not after it starts at {starts_at:%H:%M}. If it "
        "passes midnight, leave this empty and write its minutes."
    )


class ContributionForm(EditionPartForm):
    of_edition = ("topics",)


class CreditForm(forms.ModelForm):
    """A credit. The person of a stored one is fixed; another person is another row."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "affiliation" in self.fields:
            self.fields["affiliation"].widget.attrs["rows"] = 2
        if self.instance.pk and self.instance.person and "person" in self.fields:
            self.fields["person"] = ReadOnlyRelatedField(self.instance.person)


class CreditFormSet(LabelledFormSet):
    def name_of_row(self, form: forms.ModelForm) -> str:
        return form.instance.shown_name if form.instance.pk else "new name"

    def get_unique_error_message(self, unique_check) -> str:
        return "Somebody is named twice. Take one of the two rows out."

    def get_form_error(self) -> str:
        return "This person is named already."


class SlotForm(forms.ModelForm):
    """A slot. The contribution of a stored one is fixed; another contribution is another row."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "contribution" in self.fields:
            self.fields["contribution"] = ReadOnlyRelatedField(self.instance.contribution)


class SlotFormSet(LabelledFormSet):
    def name_of_row(self, form: forms.ModelForm) -> str:
        return str(form.instance.contribution) if form.instance.pk else "new slot"

    def get_unique_error_message(self, unique_check) -> str:
        return "A contribution is in this session twice. Take one of the two rows out."

    def get_form_error(self) -> str:
        return "This contribution is in the session already."


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
                    form.add_error("name", "This edition has a room with this name already.")
                names.add(name)
