"""What a chair is asked about a spreadsheet, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.files.uploadedfile import UploadedFile

from apps.editions.models import Edition
from apps.imports.sheets.answers import MOST_UNKNOWN, Unknown, Vocabulary
from apps.imports.sheets.checking import Reader
from apps.imports.sheets.choices import Choices
from apps.imports.sheets.faults import Unreadable
from apps.imports.sheets.meanings import (
    IGNORED,
    NEEDED,
    Meaning,
    guess_columns,
    letter,
    meanings_of,
)
from apps.imports.sheets.moments import Order
from apps.imports.sheets.reading import MOST_BYTES, Table, read_table
from apps.imports.sheets.row_form import RowForm
from apps.interest.models import Format

_SAMPLES = 2
# A select cannot tell "nothing chosen" from "stands for nothing" by an empty value.
_LEAVE_OUT = "-"
_NEEDED_WORDS = {
    "name": "Say which column holds the full name.",
    "email": "Say which column holds the e-mail address.",
    "title": "Say which column holds the title.",
}


class UploadForm(forms.Form):
    """Which file, and for which edition. `table` is what stands in it once the form is valid."""

    edition = forms.ModelChoiceField(
        Edition.objects.all(),
        empty_label=None,
        error_messages={"invalid_choice": "Choose an edition that is there."},
    )
    file = forms.FileField(
        label="Spreadsheet",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=f"An .xlsx or .csv file of at most {MOST_BYTES // 1024 // 1024} MB, headings in "
        "its first row, one answer a row.",
        error_messages={
            "required": "Choose the file to bring in.",
            "missing": "Choose the file to bring in.",
            "invalid": "Choose the file to bring in.",
            "empty": "The file is empty.",
        },
        # Only its ending counts, and its last letters are what is kept.
        max_length=None,
    )
    table: Table

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        try:
            if (file.size or 0) > MOST_BYTES:
                raise Unreadable(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
            self.table = read_table(file.name or "", file.read())
        except Unreadable as fault:
            raise forms.ValidationError(str(fault)) from None
        return file


@dataclass(frozen=True)
class ColumnLine:
    """One column on the page: where it stands, what is written in it, the question about it."""

    letter: str
    heading: str
    samples: list[str]
    field: forms.BoundField


class ColumnsForm(forms.Form):
    """What each column stands for, and how the times in it are meant."""

    def __init__(
        self,
        data: Any = None,
        *,
        table: Table,
        row_form: RowForm,
        said: Choices | None,
    ) -> None:
        super().__init__(data)
        self.table, self.row_form, self.said = table, row_form, said
        self.meanings = meanings_of(row_form)
        self.columns = said.columns if said else guess_columns(table, row_form)
        options = [(IGNORED, "Leave it out")]
        options += [(meaning.key, meaning.label) for meaning in self.meanings.values()]
        for number in range(len(table.headings)):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                choices=options,
                required=False,
                label=self._name(number),
                initial=self.columns[number],
                error_messages={"invalid_choice": "Choose one of the answers shown."},
            )
        self.fields["formats"] = forms.ChoiceField(
            choices=[("", "A column tells it"), *((one.value, one.label) for one in Format)],
            required=False,
            label="All rows ask for",
            initial=said.formats if said else "",
        )
        zone = row_form.edition.time_zone
        self.fields["zone"] = forms.ChoiceField(
            choices=[(name, name) for name in sorted(available_timezones())],
            label="Time zone of the times in it",
            help_text="For times that name none of their own. Forms write the time of whoever "
            "made the form.",
            initial=said.zone if said else zone,
            error_messages={
                "required": "Choose a time zone.",
                "invalid_choice": "Choose a time zone.",
            },
        )
        self.fields["takes_duplicates"] = forms.BooleanField(
            required=False,
            label="Import duplicates, too",
            help_text="Rows with an address and a title that are there already are left out "
            "otherwise.",
            initial=said.takes_duplicates if said else False,
        )

    def lines(self) -> Iterator[ColumnLine]:
        """The columns in order."""
        for number, heading in enumerate(self.table.headings):
            yield ColumnLine(
                letter=letter(self.table.columns[number]),
                heading=heading,
                samples=self._samples(number),
                field=self[f"column_{number}"],
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen: dict[str, int] = {}
        for number, key in enumerate(self._chosen()):
            meaning = self.meanings.get(key)
            if meaning and key in chosen and not meaning.joins:
                other = letter(self.table.columns[chosen[key]])
                words = f"Column {other} is “{meaning.label}” already. Choose another answer here."
                self.add_error(f"column_{number}", words)
            chosen.setdefault(key, number)
        for key in NEEDED:
            if key not in chosen:
                self.add_error(None, _NEEDED_WORDS[key])
        if "formats" not in chosen and not data.get("formats"):
            self.add_error(
                "formats", "Say which column tells the format, or what all rows ask for."
            )
        if not self.errors:
            self._refuse_free_words()
        return data

    def choices(self) -> Choices:
        """What was said, with what was said earlier of words and dates in this sheet."""
        data = self.cleaned_data
        columns = self._chosen()
        return Choices(
            columns=columns,
            zone=data["zone"],
            order=self.said.order if self.said else "",
            formats="" if "formats" in columns else data["formats"],
            takes_duplicates=data["takes_duplicates"],
            answers=self.said.answers if self.said else {},
        )

    def _chosen(self) -> list[str]:
        data = self.cleaned_data
        return [data.get(f"column_{number}", "") for number in range(len(self.table.headings))]

    def _refuse_free_words(self) -> None:
        """Nobody wants to say of hundreds of different answers what they stand for."""
        choices = Choices(columns=self._chosen(), zone="UTC")
        for key, unknown in Reader(self.table, choices, self.row_form).unknown().items():
            if len(unknown) > MOST_UNKNOWN:
                number = choices.columns_of(key)[0]
                words = (
                    f"This column holds {len(unknown)} different answers, too many to be "
                    f"“{self.meanings[key].label}”. Choose another answer, or leave it out."
                )
                self.add_error(f"column_{number}", words)

    def _name(self, number: int) -> str:
        heading = self.table.headings[number] or "without a heading"
        return f"Column {letter(self.table.columns[number])}, {heading}"

    def _samples(self, number: int) -> list[str]:
        cells = (row.cells[number] for row in self.table.rows)
        filled = list(dict.fromkeys(cell for cell in cells if cell))
        return filled[:_SAMPLES]


@dataclass(frozen=True)
class WordLine:
    """Words from the sheet, how many rows say them, and the question what they stand for."""

    words: str
    times: int
    field: forms.BoundField


@dataclass(frozen=True)
class WordGroup:
    """The words of one meaning."""

    label: str
    lines: list[WordLine]


class AnswersForm(forms.Form):
    """What the words in columns of answers stand for, and which of day and month comes first."""

    def __init__(self, data: Any = None, *, reader: Reader, said: Choices) -> None:
        super().__init__(data)
        self.said = said
        # What was said before is asked again, so that it can be mended.
        fresh = Reader(reader.table, replace(said, answers={}), reader.form)
        self.unknown: Mapping[str, Sequence[Unknown]] = fresh.unknown()
        self.meanings: Mapping[str, Meaning] = reader.meanings
        for key, found in self.unknown.items():
            vocabulary = reader.vocabularies[key]
            known = said.answers.get(key, {})
            for number, one in enumerate(found):
                self.fields[f"{key}-{number}"] = _word_field(vocabulary, one, known)
        if reader.is_order_open():
            example = reader.example_of_date()
            self.fields["order"] = forms.ChoiceField(
                choices=[
                    (Order.DAY.value, "The day comes first"),
                    (Order.MONTH.value, "The month comes first"),
                ],
                label=f"How is the date “{example}” to be read?",
                widget=forms.RadioSelect,
                initial=said.order or None,
                error_messages={
                    "required": "Say whether the day or the month comes first.",
                    "invalid_choice": "Say whether the day or the month comes first.",
                },
            )

    def groups(self) -> Iterator[WordGroup]:
        """The words by what they are about."""
        for key, found in self.unknown.items():
            lines = [
                WordLine(one.words, one.times, self[f"{key}-{number}"])
                for number, one in enumerate(found)
            ]
            yield WordGroup(self.meanings[key].label, lines)

    def choices(self) -> Choices:
        """What was said, together with what was known."""
        data = self.cleaned_data
        answers = {
            key: {
                one.key: "" if (name := data[f"{key}-{number}"]) == _LEAVE_OUT else name
                for number, one in enumerate(found)
            }
            for key, found in self.unknown.items()
        }
        return replace(self.said, answers=answers, order=data.get("order", self.said.order))


def _word_field(
    vocabulary: Vocabulary, one: Unknown, known: Mapping[str, str]
) -> forms.ChoiceField:
    leave_out = (_LEAVE_OUT, "Leave it out")
    choices = [*vocabulary.choices, leave_out]
    said = known.get(one.key)
    initial = _LEAVE_OUT if said == "" else said
    if vocabulary.is_pieced:
        # Topics come in dozens, and most rows name others besides.
        initial = initial or _LEAVE_OUT
    else:
        choices.insert(0, ("", "Choose…"))
    missing = f"Say what “{one.words}” stands for, or leave it out."
    return forms.ChoiceField(
        choices=choices,
        label=one.words,
        initial=initial,
        error_messages={"required": missing, "invalid_choice": missing},
    )
