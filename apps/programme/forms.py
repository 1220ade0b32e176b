"""How organisers enter sessions, slots and names."""

from __future__ import annotations

from datetime import time

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model

from apps.core.admin import LabelledFormSet, ReadOnlyRelatedField
from apps.programme.models import (
    LONGEST_MINUTES,
    Contribution,
    Contributor,
    Room,
    Session,
    SessionChair,
    Slot,
    board_taken,
    same_name,
)
from apps.programme.scheduling.local_times import minutes_until


class SessionForm(forms.ModelForm):
    """A session with its end as a clock time, which organisers know, beside its minutes."""

    ends_at = forms.TimeField(
        label="Ends at",
        required=False,
        help_text="Or write its minutes. Changing only the start moves the whole session.",
        error_messages={"invalid": "Write the time like 23:59."},
    )

    class Meta:
        model = Session
        fields = ["day", "starts_at", "minutes"]

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
            self._take_end(cleaned, starts_at, ends_at)
        return cleaned

    def _take_end(self, cleaned: dict, starts_at: time, ends_at: time) -> None:
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
        written = cleaned.get("minutes")
        if "minutes" in self.changed_data and written not in {None, minutes}:
            self.add_error(
                "minutes",
                f"From {starts_at:%H:%M} to {ends_at:%H:%M} there are {minutes} minutes, not "
                f"{written}. Correct one of them.",
            )
        elif 0 < minutes <= LONGEST_MINUTES:
            cleaned["minutes"] = minutes
        else:  # a night on which the clocks go forward
            self.add_error("ends_at", _ends_too_early(starts_at, ends_at))


def _ends_too_early(starts_at: time, ends_at: time) -> str:
    return (
        f"It would end at {ends_at:%H:%M}, and not after it starts at {starts_at:%H:%M}. If it "
        "passes midnight, leave this empty and write its minutes."
    )


class ContributionForm(forms.ModelForm):
    """A contribution, with topics of its own edition."""

    class Meta:
        model = Contribution
        fields = ["title", "topics"]

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        edition = cleaned.get("edition") or (self.instance.edition_id and self.instance.edition)
        strange = [one for one in cleaned.get("topics") or () if edition and one.edition != edition]
        if strange:
            self.add_error(
                "topics", f"“{strange[0]}” is a topic of another edition. Choose those of this one."
            )
        return cleaned


class CreditForm(forms.ModelForm):
    """Somebody named. A person who is there stays that person: another one is another row."""

    class Meta:
        model: type[Model] = Contributor
        fields = ["person", "name", "affiliation"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "affiliation" in self.fields:
            self.fields["affiliation"].widget.attrs["rows"] = 2
        if self.instance.pk and self.instance.person and "person" in self.fields:
            self.fields["person"] = ReadOnlyRelatedField(self.instance.person)

    def _get_validation_exclusions(self) -> set[str]:
        known = {"person"} if self.instance.pk and self.instance.person_id else set()
        return super()._get_validation_exclusions() | known  # type: ignore[misc]  # undocumented


class ContributorForm(CreditForm):
    class Meta(CreditForm.Meta):
        fields = [*CreditForm.Meta.fields, "role", "is_equal_contribution", "is_corresponding"]


class SessionChairForm(CreditForm):
    class Meta(CreditForm.Meta):
        model = SessionChair


class NumberedFormSet(LabelledFormSet):
    """Rows are told apart by the number that came with them, without asking for each one."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if form.instance.pk:
            form.fields["id"] = forms.IntegerField(
                initial=form.instance.pk, required=False, widget=forms.HiddenInput
            )

    def kept_forms(self) -> list[forms.ModelForm]:
        """Those of sound rows that are to stay."""
        return [
            form
            for form in self.forms
            if form.is_valid() and form.cleaned_data and form not in self.deleted_forms
        ]


class CreditFormSet(NumberedFormSet):
    def name_of_row(self, form: forms.ModelForm) -> str:
        """Who it is."""
        return form.instance.shown_name if form.instance.pk else "new name"

    def get_unique_error_message(self, unique_check) -> str:
        """Said when one form holds a person twice."""
        return "Somebody is named twice. Take one of the two rows out."

    def get_form_error(self) -> str:
        return "This person is named already."


class SlotForm(forms.ModelForm):
    """A place in a session. What is there stays that contribution: another one is another row."""

    class Meta:
        model = Slot
        fields = ["contribution", "kind", "minutes", "board", "ordering"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "contribution" in self.fields:
            self.fields["contribution"] = ReadOnlyRelatedField(self.instance.contribution)

    def _get_validation_exclusions(self) -> set[str]:
        # The whole form's boards are checked at once; what it is about is asked of new rows only.
        known = {"contribution", "session"} if self.instance.pk else {"board"}
        return super()._get_validation_exclusions() | known  # type: ignore[misc]  # undocumented


class SlotFormSet(NumberedFormSet):
    """The places of one session; two of them may exchange their boards."""

    def name_of_row(self, form: forms.ModelForm) -> str:
        """What it is a place of."""
        return str(form.instance.contribution) if form.instance.pk else "new slot"

    def get_unique_error_message(self, unique_check) -> str:
        """Said when one form holds a contribution twice."""
        return "A contribution is in this session twice. Take one of the two rows out."

    def get_form_error(self) -> str:
        return "This contribution is in the session already."

    def clean(self) -> None:
        """Refuses a board that two rows want, naming both."""
        super().clean()
        held: dict[str, Contribution] = self._held_elsewhere()
        for form in self.kept_forms():
            board = form.cleaned_data.get("board", "").strip()
            contribution = form.cleaned_data.get("contribution")
            if not board or contribution is None:
                continue
            other = held.setdefault(board.casefold(), contribution)
            if other is not contribution:
                form.add_error("board", board_taken(board, contribution, other))

    def _held_elsewhere(self) -> dict[str, Contribution]:
        """Boards of rows that came into the session since the page was opened."""
        if self.instance.pk is None:
            return {}
        here = [form.instance.pk for form in self.forms if form.instance.pk]
        others = self.instance.slots.exclude(pk__in=here).exclude(board="")
        return {
            slot.board.casefold(): slot.contribution
            for slot in others.select_related("contribution")
        }

    def save(self, commit: bool = True) -> list:
        """Boards that change are given up first, so that two rows can exchange theirs."""
        changing = [
            form.instance.pk
            for form in self.initial_forms
            if "board" in form.changed_data and form.instance.pk
        ]
        Slot.objects.filter(pk__in=changing).update(board="")
        return super().save(commit)


class RoomFormSet(LabelledFormSet):
    """The rooms of one edition."""

    def clean(self) -> None:
        """Refuses two rooms of one name, naming both; also one that came meanwhile."""
        super().clean()
        rooms = Room.objects.filter(edition=self.instance.pk) if self.instance.pk else ()
        stored = {room.pk: room.name for room in rooms}
        for form in self.forms:
            self._check(form, stored)

    def _check(self, form: forms.ModelForm, stored: dict[int, str]) -> None:
        if not form.is_valid() or not form.cleaned_data or form in self.deleted_forms:
            return
        name = form.cleaned_data["name"]
        for key, other in stored.items():
            if key != form.instance.pk and other.casefold() == name.casefold():
                form.add_error("name", ValidationError(same_name(name, other)))
                return
        if form.instance.pk is None:
            stored[-len(stored) - 1] = name
