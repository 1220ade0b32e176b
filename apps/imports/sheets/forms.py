"""The forms of an import: the file, the targets of its columns, the meaning of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.files.uploadedfile import UploadedFile

from apps.editions.models import Edition
from apps.imports.sheets.checking import SheetChoices, TableChecker
from apps.imports.sheets.columns import IGNORED, NEEDED, guess_columns, targets_of
from apps.imports.sheets.reading import MAX_FILE_BYTES, Table, Unreadable, read_table
from apps.imports.sheets.row_form import RowForm
from apps.imports.sheets.values import LEFT_OUT, DateOrder, UnknownAnswer, Vocabulary
from apps.interest.models import Format

# More different answers than this are free text.
_MAX_UNKNOWN = 100
_SAMPLES = 2
# The value of "Leave it out" in selects whose empty value means that nothing is chosen.
_LEAVE_OUT = "-"
_NEEDED_ERRORS = {
    "name": "Say which column holds the full name.",
    "email": "Say which column holds the e-mail address.",
    "title": "Say which column holds the title.",
}


class UploadForm(forms.Form):
    """The file and its edition. A valid form has the contents as `table`."""

    edition = forms.ModelChoiceField(
        Edition.objects.all(),
        empty_label=None,
        error_messages={"invalid_choice": "Choose an edition that is there."},
    )
    file = forms.FileField(
        label="Spreadsheet",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=f"An .xlsx or .csv file of at most {MAX_FILE_BYTES // 1024 // 1024} MB, headings in "
        "its first row, one answer a row.",
        error_messages={
            "required": "Choose the file to bring in.",
            "missing": "Choose the file to bring in.",
            "invalid": "Choose the file to bring in.",
            "empty": "The file is empty.",
        },
        # Only the ending of the name counts, and its last characters are stored.
        max_length=None,
    )
    table: Table

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        try:
            if (file.size or 0) > MAX_FILE_BYTES:
                raise Unreadable(f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB.")
            self.table = read_table(file.name or "", file.read())
        except Unreadable as fault:
            raise forms.ValidationError(str(fault)) from None
        return file


class ColumnsForm(forms.Form):
    """The target of each column, and the time zone of the times in it."""

    def __init__(
        self, data: Any = None, *, table: Table, row_form: RowForm, choices: SheetChoices | None
    ) -> None:
        super().__init__(data)
        self.table, self.row_form, self.chosen = table, row_form, choices
        self.targets = targets_of(row_form)
        self.columns = choices.columns if choices else guess_columns(table, row_form)
        options = [(IGNORED, "Leave it out")]
        options += [(target.key, target.label) for target in self.targets.values()]
        for number, heading in enumerate(table.headings):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                choices=options,
                required=False,
                label=f"Column {self._letter(number)}, {heading or 'without a heading'}",
                initial=self.columns[number],
                error_messages={"invalid_choice": "Choose one of the answers shown."},
            )
        self.fields["formats"] = forms.ChoiceField(
            choices=[("", "A column tells it"), *((one.value, one.label) for one in Format)],
            required=False,
            label="All rows ask for",
            initial=choices.formats if choices else "",
        )
        self.fields["zone"] = forms.ChoiceField(
            choices=[(name, name) for name in sorted(available_timezones())],
            label="Time zone of the times in it",
            help_text="For times that name none of their own. Forms write the time of whoever "
            "made the form.",
            initial=choices.zone if choices else row_form.edition.time_zone,
            error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a time zone."),
        )
        self.fields["takes_duplicates"] = forms.BooleanField(
            required=False,
            label="Import duplicates, too",
            help_text="Rows with an address and a title that are there already are left out "
            "otherwise.",
            initial=choices.takes_duplicates if choices else False,
        )

    def lines(self) -> Iterator[dict[str, Any]]:
        """The columns in order: letter, heading, samples of cells, and the field."""
        for number, heading in enumerate(self.table.headings):
            cells = dict.fromkeys(row.cells[number] for row in self.table.rows)
            yield {
                "letter": self._letter(number),
                "heading": heading,
                "samples": [cell for cell in cells if cell][:_SAMPLES],
                "field": self[f"column_{number}"],
            }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen: dict[str, int] = {}
        for number, key in enumerate(self._keys()):
            target = self.targets.get(key)
            if target and key in chosen and not target.joins:
                other = self._letter(chosen[key])
                message = f"Column {other} is “{target.label}” already. Choose another answer here."
                self.add_error(f"column_{number}", message)
            chosen.setdefault(key, number)
        for key in NEEDED:
            if key not in chosen:
                self.add_error(None, _NEEDED_ERRORS[key])
        if "formats" not in chosen and not data.get("formats"):
            self.add_error(
                "formats", "Say which column tells the format, or what all rows ask for."
            )
        if not self.errors:
            self._refuse_free_text()
        return data

    def choices(self) -> SheetChoices:
        """Return the choices, with earlier ones about answers and dates of this sheet."""
        data, keys = self.cleaned_data, self._keys()
        return SheetChoices(
            columns=keys,
            zone=data["zone"],
            order=self.chosen.order if self.chosen else "",
            formats="" if "formats" in keys else data["formats"],
            takes_duplicates=data["takes_duplicates"],
            answers=self.chosen.answers if self.chosen else {},
        )

    def _keys(self) -> list[str]:
        data = self.cleaned_data
        return [data.get(f"column_{number}", "") for number in range(len(self.table.headings))]

    def _refuse_free_text(self) -> None:
        """Refuse columns with hundreds of different answers as the targets of a few."""
        choices = SheetChoices(columns=self._keys(), zone="UTC")
        for key, unknown in TableChecker(self.table, choices, self.row_form).unknown().items():
            if len(unknown) > _MAX_UNKNOWN:
                message = (
                    f"This column holds {len(unknown)} different answers, too many to be "
                    f"“{self.targets[key].label}”. Choose another answer, or leave it out."
                )
                self.add_error(f"column_{choices.columns_of(key)[0]}", message)

    def _letter(self, number: int) -> str:
        from openpyxl.utils import get_column_letter  # late, as in reading.py

        letter: str = get_column_letter(self.table.columns[number] + 1)
        return letter


class AnswersForm(forms.Form):
    """What unknown answers stand for, and whether day or month comes first."""

    def __init__(self, data: Any = None, *, checker: TableChecker, choices: SheetChoices) -> None:
        super().__init__(data)
        self.chosen = choices
        # Earlier choices are asked about again, so that they can be corrected.
        fresh = TableChecker(checker.table, replace(choices, answers={}), checker.form)
        self.unknown = fresh.unknown()
        self.targets = checker.targets
        for key, answers in self.unknown.items():
            chosen = choices.answers.get(key, {})
            for number, answer in enumerate(answers):
                self.fields[f"{key}-{number}"] = _answer_field(
                    checker.vocabularies[key], answer, chosen.get(answer.key)
                )
        if checker.is_order_open():
            message = "Say whether the day or the month comes first."
            self.fields["order"] = forms.ChoiceField(
                choices=[
                    (DateOrder.DAY.value, "The day comes first"),
                    (DateOrder.MONTH.value, "The month comes first"),
                ],
                label=f"How is the date “{checker.example_of_date()}” to be read?",
                widget=forms.RadioSelect,
                initial=choices.order or None,
                error_messages=dict.fromkeys(("required", "invalid_choice"), message),
            )

    def groups(self) -> Iterator[dict[str, Any]]:
        """The unknown answers by target: each with its text, the number of its cells and the field."""
        for key, answers in self.unknown.items():
            lines = [
                {"text": answer.text, "times": answer.times, "field": self[f"{key}-{number}"]}
                for number, answer in enumerate(answers)
            ]
            yield {"label": self.targets[key].label, "lines": lines}

    def choices(self) -> SheetChoices:
        """Return the earlier choices with those of this form."""
        data = self.cleaned_data
        answers = {
            key: {
                answer.key: LEFT_OUT if (name := data[f"{key}-{number}"]) == _LEAVE_OUT else name
                for number, answer in enumerate(unknown)
            }
            for key, unknown in self.unknown.items()
        }
        return replace(self.chosen, answers=answers, order=data.get("order", self.chosen.order))


def _answer_field(
    vocabulary: Vocabulary, answer: UnknownAnswer, chosen: str | None
) -> forms.ChoiceField:
    options = [*vocabulary.choices, (_LEAVE_OUT, "Leave it out")]
    initial = _LEAVE_OUT if chosen == LEFT_OUT else chosen
    if vocabulary.is_pieced:
        # Unknown topics come in dozens, and most rows have known ones besides.
        initial = initial or _LEAVE_OUT
    else:
        options.insert(0, ("", "Choose…"))
    message = f"Say what “{answer.text}” stands for, or leave it out."
    return forms.ChoiceField(
        choices=options,
        label=answer.text,
        initial=initial,
        error_messages=dict.fromkeys(("required", "invalid_choice"), message),
    )
