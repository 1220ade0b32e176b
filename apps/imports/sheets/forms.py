"""The forms of an import: the file, the fields of its columns, the meaning of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from apps.editions.models import Edition, time_zones
from apps.imports.sheets.checking import Checker, SheetChoices
from apps.imports.sheets.columns import IGNORED, account_columns
from apps.imports.sheets.reading import MAX_FILE_BYTES, Table, Unreadable, read_table
from apps.imports.sheets.row_form import JOINS, LEFT_OUT, NEEDED
from apps.imports.sheets.values import DAY_FIRST, MONTH_FIRST
from apps.interest.models import Format

# More different answers than this are free text.
_MAX_UNKNOWN = 100
_SAMPLES = 2
# The value of "Leave it out" in selects whose empty value means that nothing is chosen.
_LEAVE_OUT = "-"


class UploadForm(forms.Form):
    """The file and its edition. A valid form has the contents as `table`."""

    edition = forms.ModelChoiceField(
        Edition.objects.all(),
        empty_label=None,
        error_messages={"invalid_choice": "Choose an edition from the list."},
    )
    file = forms.FileField(
        label="Spreadsheet",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=f"An .xlsx or .csv file of at most {MAX_FILE_BYTES // 1024 // 1024} MB, headings in "
        "its first row, one answer a row.",
        error_messages={
            **dict.fromkeys(("required", "missing", "invalid"), "Choose the file to import."),
            "empty": "The file is empty.",
        },
    )
    table: Table

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        try:
            self.table = read_table(file.name or "", file.read(MAX_FILE_BYTES + 1))
        except Unreadable as fault:
            raise forms.ValidationError(str(fault)) from None
        return file


class ColumnsForm(forms.Form):
    """The field of each column, and the time zone of the times in it."""

    formats = forms.ChoiceField(
        choices=[("", "As a column says"), *Format.choices],
        required=False,
        label="All rows ask for",
    )
    zone = forms.ChoiceField(
        choices=lambda: [(name, name) for name in time_zones()],
        label="Time zone of the times in it",
        help_text="For times without a zone. Forms write the local time of the person who made "
        "the form.",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a time zone."),
    )
    order = forms.ChoiceField(
        choices=[
            ("", "Detected from the dates"),
            (DAY_FIRST, "The day comes first"),
            (MONTH_FIRST, "The month comes first"),
        ],
        required=False,
        label="Dates such as 03/05/2026",
    )
    takes_duplicates = forms.BooleanField(
        required=False,
        label="Import duplicates, too",
        help_text="Otherwise rows with the address and title of an existing entry are left out.",
    )

    def __init__(self, data: Any = None, *, checker: Checker) -> None:
        super().__init__(data, initial=vars(checker.choices))
        self.checker = checker
        options = [(name, checker.form.label(name)) for name in checker.form.fields]
        columns = {
            f"column_{number}": forms.ChoiceField(
                choices=[(IGNORED, "Leave it out"), *options],
                required=False,
                label=f"Column {self._letter(number)}, {heading or 'without a heading'}",
                initial=checker.choices.columns[number],
                error_messages={"invalid_choice": "Choose one of the answers shown."},
            )
            for number, heading in enumerate(checker.table.headings)
        }
        self.fields = columns | self.fields

    def lines(self) -> Iterator[dict[str, Any]]:
        """The columns in order: letter, heading, samples of cells, and the field."""
        for number, heading in enumerate(self.checker.table.headings):
            cells = dict.fromkeys(row.cells[number] for row in self.checker.table.rows)
            yield {
                "letter": self._letter(number),
                "heading": heading,
                "samples": [cell for cell in cells if cell][:_SAMPLES],
                "field": self[f"column_{number}"],
            }

    def clean(self) -> dict[str, Any]:
        data, label = super().clean() or {}, self.checker.form.label
        first: dict[str, int] = {}
        account = account_columns(self.checker.table)
        for number, name in enumerate(self._columns()):
            # The account may stand beside the address and name that were asked for.
            if account.get(name) == number:
                continue
            if name in first and name not in {IGNORED, *JOINS}:
                other = self._letter(first[name])
                message = f"Column {other} is “{label(name)}” already. Choose another answer here."
                self.add_error(f"column_{number}", message)
            first.setdefault(name, number)
        for name, number in account.items():
            if self._columns()[number] == name:
                first.setdefault(name, number)
        for name in NEEDED:
            if name not in first:
                self.add_error(None, f"Choose the column for this: {label(name)}.")
        if "formats" not in first and not data.get("formats"):
            self.add_error(
                "formats", "Choose the column with the format, or one format for all rows."
            )
        if not self.errors:
            checker = self.chosen()
            if checker.unclear_date:
                message = (
                    f"Choose whether the day or the month comes first in {checker.unclear_date}."
                )
                self.add_error("order", message)
            for name, unknown in checker.unknown().items():
                if len(unknown) > _MAX_UNKNOWN:
                    message = (
                        f"This column holds {len(unknown)} different answers, too many to be "
                        f"“{label(name)}”. Choose another answer, or leave it out."
                    )
                    self.add_error(f"column_{first[name]}", message)
        return data

    def chosen(self) -> Checker:
        """Return a checker by the choices, with earlier ones about answers."""
        data = {name: self.cleaned_data[name] for name in self.base_fields}
        choices = replace(self.checker.choices, columns=self._columns(), **data)
        return Checker(self.checker.edition, self.checker.table, choices)

    def _columns(self) -> list[str]:
        numbers = range(len(self.checker.table.headings))
        return [self.cleaned_data.get(f"column_{number}", "") for number in numbers]

    def _letter(self, number: int) -> str:
        from openpyxl.utils import get_column_letter  # late, as in reading.py

        letter: str = get_column_letter(self.checker.table.columns[number] + 1)
        return letter


class AnswersForm(forms.Form):
    """Meanings of unknown answers.

    Earlier choices are asked about again, so that they can be corrected.
    """

    def __init__(self, data: Any = None, *, checker: Checker) -> None:
        super().__init__(data)
        self.checker, self.unknown = checker, checker.unknown()
        for name, answers in self.unknown.items():
            chosen = checker.choices.answers.get(name, {})
            options = [*checker.form.vocabularies[name].options, (_LEAVE_OUT, "Leave it out")]
            # Unknown topics come in dozens, and most rows have known ones besides.
            if name != "topics":
                options.insert(0, ("", "Choose…"))
            for number, answer in enumerate(answers):
                message = f"Say what “{answer.text}” stands for, or leave it out."
                initial = chosen.get(answer.key, LEFT_OUT if name == "topics" else None)
                self.fields[f"{name}-{number}"] = forms.ChoiceField(
                    choices=options,
                    label=answer.text,
                    initial=_LEAVE_OUT if initial == LEFT_OUT else initial,
                    error_messages=dict.fromkeys(("required", "invalid_choice"), message),
                )

    def groups(self) -> Iterator[dict[str, Any]]:
        """The unknown answers by field: each with its text, the number of its cells and a select."""
        for name, answers in self.unknown.items():
            lines = [
                {"text": answer.text, "times": answer.times, "field": self[f"{name}-{number}"]}
                for number, answer in enumerate(answers)
            ]
            yield {"label": self.checker.form.label(name), "lines": lines}

    def choices(self) -> SheetChoices:
        """Return the earlier choices with those of this form."""
        data, earlier = self.cleaned_data, self.checker.choices
        answers = {
            name: {
                answer.key: LEFT_OUT if (value := data[f"{name}-{number}"]) == _LEAVE_OUT else value
                for number, answer in enumerate(unknown)
            }
            for name, unknown in self.unknown.items()
        }
        return replace(earlier, answers=answers)
