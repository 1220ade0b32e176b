"""Admin forms of rooms, sessions, slots, contributions and credits; the admin names the fields."""

from __future__ import annotations

from datetime import time

from django import forms

from apps.core.admin import LabelledFormSet, ReadOnlyRelatedField
from apps.programme.local_times import minutes_until
from apps.programme.models import (
    LONGEST_MINUTES,
    Contribution,
    Room,
    Slot,
    board_taken,
    same_name,
)


class SessionForm(forms.ModelForm):
    """A session whose length may be given by its end."""

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


class ContributionForm(forms.ModelForm):
    def clean(self) -> dict:
        """Refuse topics of another edition."""
        cleaned = super().clean() or {}
        edition = cleaned.get("edition") or (self.instance.edition_id and self.instance.edition)
        topics = cleaned.get("topics") or ()
        foreign = [topic for topic in topics if edition and topic.edition != edition]
        if foreign:
            self.add_error(
                "topics", f"“{foreign[0]}” is a topic of another edition. Choose those of this one."
            )
        return cleaned


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
        self.instance.checks_board = False  # SlotFormSet checks all boards of the session
        if self.instance.pk and "contribution" in self.fields:
            self.fields["contribution"] = ReadOnlyRelatedField(self.instance.contribution)


class SlotFormSet(LabelledFormSet):
    """The slots of one session; two of them may exchange their boards."""

    def name_of_row(self, form: forms.ModelForm) -> str:
        return str(form.instance.contribution) if form.instance.pk else "new slot"

    def get_unique_error_message(self, unique_check) -> str:
        return "A contribution is in this session twice. Take one of the two rows out."

    def get_form_error(self) -> str:
        return "This contribution is in the session already."

    def clean(self) -> None:
        """Refuse a board that two rows want, with both titles in the message."""
        super().clean()
        taken: dict[str, Contribution] = self._taken_by_other_rows()
        for form in self.forms:
            if not form.is_valid() or not form.cleaned_data or form in self.deleted_forms:
                continue
            board = form.cleaned_data.get("board", "").strip()
            contribution = form.cleaned_data.get("contribution")
            if not board or contribution is None:
                continue
            other = taken.setdefault(board.casefold(), contribution)
            if other is not contribution:
                form.add_error("board", board_taken(board, contribution, other))

    def _taken_by_other_rows(self) -> dict[str, Contribution]:
        """Boards of slots added after the page was loaded."""
        if self.instance.pk is None:
            return {}
        shown = [form.instance.pk for form in self.forms if form.instance.pk]
        others = self.instance.slots.exclude(pk__in=shown).exclude(board="")
        return {
            slot.board.casefold(): slot.contribution
            for slot in others.select_related("contribution")
        }

    def save(self, commit: bool = True) -> list:
        """Clear changed boards first, so that two rows can exchange theirs."""
        changed = [
            form.instance.pk
            for form in self.initial_forms
            if "board" in form.changed_data and form.instance.pk
        ]
        Slot.objects.filter(pk__in=changed).update(board="")
        return super().save(commit)


class RoomFormSet(LabelledFormSet):
    """The rooms of one edition."""

    def clean(self) -> None:
        """Refuse two rooms with one name, with both names in the message."""
        super().clean()
        rooms = Room.objects.filter(edition=self.instance.pk) if self.instance.pk else ()
        names = [(room.pk, room.name) for room in rooms]
        for form in self.forms:
            if not form.is_valid() or not form.cleaned_data or form in self.deleted_forms:
                continue
            name = form.cleaned_data["name"]
            for pk, other in names:
                if pk != form.instance.pk and other.casefold() == name.casefold():
                    form.add_error("name", same_name(name, other))
                    break
            else:
                if form.instance.pk is None:
                    names.append((-1, name))
