"""The form for an expression of interest, filled in from the rows of a spreadsheet."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import Truncator

from apps.core.forms import LineField, LinesField
from apps.core.text import count_words, one_line
from apps.editions.models import Call, Edition
from apps.imports.sheets.values import LINE_OR_SEMICOLON, parse_datetime, read_coauthors
from apps.interest.forms import MOST_COAUTHORS, OPTIONAL_FIELDS, ExpressionForm
from apps.interest.models import Expression, Format, fingerprint

# Fields without which nothing can be imported; the formats can be chosen for all rows at once.
NEEDED = ("name", "email", "title")
# Fields that several columns may fill, and what stands between their cells.
JOINS = {"name": " ", "formats": ";", "topics": ";", "coauthors": "\n"}
LEFT_OUT = ""
_MAX_COAUTHORS_TEXT = 10_000  # characters
_LABELS = {
    "formats": "Lightning talk or poster",
    "preference": "Preferred format",
    "career_stage": "Career stage",
    "link": "Link",
}
# Words of other forms for our answers, besides their labels.
_SYNONYMS = {
    "talk": ("talk", "lightning talk", "lightning talk only", "a lightning talk"),
    "poster": ("poster", "poster only", "a poster"),
    "both": ("both", "either", "talk and poster", "lightning talk or poster"),
    "phd": ("phd",),
    "masters": ("masters", "master"),
    "postdoc": ("postdoc",),
    "other": ("other",),
    "yes": ("true", "y"),
    "no": ("false", "n"),
}


def normalized(text: str) -> str:
    """Return `text` as it is compared: in one line, without differences of case and spaces."""
    return one_line(text).casefold()


class Vocabulary:
    """The answers of a field with choices: `options` are their values and labels.

    A cell may hold several answers if `is_several`.
    """

    def __init__(self, options: Iterable[tuple[Any, Any]], *, is_several: bool) -> None:
        self.options = [(str(value), str(label)) for value, label in options]
        self.is_several = is_several
        self._known = {
            text: value for value, _ in self.options for text in _SYNONYMS.get(value, ())
        } | {normalized(label): value for value, label in self.options}
        self._longest = 1 + max((text.count(",") for text in self._known), default=0)

    def read(self, cell: str, chosen: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """Return the values of the answers in `cell`, and the texts in it that are unknown.

        `chosen` holds the organisers' choices by normalized text: a value, or LEFT_OUT.
        """
        known = ChainMap(dict(chosen), self._known)
        whole = normalized(cell.strip("; \n"))
        if not whole:
            return [], []
        values: list[str] = []
        unknown: list[str] = []
        if whole in known:
            values = [known[whole]]
        elif self.is_several:
            values, unknown = self._read_pieces(cell, known)
        else:
            unknown = [one_line(cell.strip("; \n"))]
        return list(dict.fromkeys(value for value in values if value != LEFT_OUT)), unknown

    def _read_pieces(self, cell: str, known: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """Read several answers, of which each may have commas in it.

        Microsoft ends each with a semicolon, Google puts ", " between them, so the longest known
        run of pieces is taken.
        """
        values, unknown = [], []
        for part in LINE_OR_SEMICOLON.split(cell):
            pieces = [piece for piece in part.split(",") if piece.strip()]
            start = 0
            while start < len(pieces):
                for end in range(min(len(pieces), start + self._longest), start, -1):
                    text = normalized(",".join(pieces[start:end]))
                    if text in known:
                        values.append(known[text])
                        start = end
                        break
                else:
                    unknown.append(one_line(pieces[start]))
                    start += 1
        return values, [text for text in unknown if text]


class RowForm(ExpressionForm):
    """Validates rows by the rules of the students' form, as far as the database needs them.

    Students sent their words to another form, which accepted them. So only name, address, title and
    format are required, and an abstract may be longer than this call asks for. Its fields are what
    a column may stand for. One form validates all rows, as it takes longer to build than to clean.
    """

    def __init__(self, edition: Edition, *, zone: tzinfo = UTC, order: str = "") -> None:
        self.own_call: Call | None = getattr(edition, "call", None)
        self.closes_at = self.own_call.closes_at if self.own_call else None
        self.zone, self.order, self.now = zone, order, timezone.now()
        self._coauthor = LineField(
            too_long="A name or affiliation has %(show_value)d characters; the limit is "
            "%(limit_value)d."
        )
        asks = {f"asks_{name}": True for name in OPTIONAL_FIELDS}
        super().__init__({}, edition=edition, call=Call(edition=edition, **asks))
        self.fields["coauthors"] = LinesField(label="Co-authors", max_length=_MAX_COAUTHORS_TEXT)
        self.fields["submitted_at"] = LineField(label="When it was sent")
        cast(LinesField, self.fields["abstract"]).word_limit = 0
        for name, field in self.fields.items():
            field.required = name in {*NEEDED, "formats"}
            field.label = _LABELS.get(name, field.label)
            field.error_messages |= {
                "required": "This is missing.",
                "max_length": "This has %(show_value)d characters; the limit is %(limit_value)d.",
            }
        self.vocabularies = {
            name: Vocabulary(
                Format.choices if name == "formats" else cast(list, field.choices),
                is_several=isinstance(field, forms.MultipleChoiceField),
            )
            for name, field in self.fields.items()
            if isinstance(field, forms.ChoiceField)
        }

    def label(self, name: str) -> str:
        """Return the label of a field, which is the same in all editions."""
        return str(self.fields[name].label)

    def fill(self, data: dict[str, Any]) -> None:
        """Validate a row."""
        if Format.BOTH in data["formats"]:
            data["formats"] = [Format.TALK.value, Format.POSTER.value]
        self.data = data
        self.full_clean()

    def faults(self) -> list[str]:
        """Return the reasons why the row cannot be imported, as sentences."""
        return [
            self.fault(name, self.data.get(name), str(message))
            for name, messages in self.errors.items()
            for message in messages
            if name != "link"
        ]

    def fault(self, name: str, cell: Any, message: str) -> str:
        """Return a message with the field and the beginning of the cell it is about."""
        if not cell or not isinstance(cell, str):
            return f"{self.label(name)}: {message}"
        # Truncator normalises the whole text, which takes long.
        return f"{self.label(name)} “{Truncator(cell[:100]).chars(60)}”: {message}"

    def notes(self) -> list[str]:
        """Return what organisers should know of a row that can be imported."""
        notes = []
        if "link" in self.errors:
            message = "This is not a web address, so it is left out."
            notes.append(self.fault("link", self.data["link"], message))
        words = count_words(self.cleaned_data["abstract"])
        if self.own_call and words > self.own_call.abstract_words:
            notes.append(
                f"The abstract has {words} words, the call asks for {self.own_call.abstract_words}: "
                "it is imported whole."
            )
        if self.cleaned_data["submitted_at"] is None:
            notes.append("The time of submission is missing. The time of the import is used.")
        return notes

    # Cleaning

    def clean_coauthors(self) -> list[tuple[str, str]]:
        people = read_coauthors(self.cleaned_data["coauthors"])
        if len(people) > MOST_COAUTHORS:
            raise ValidationError(f"These are {len(people)} people; the limit is {MOST_COAUTHORS}.")
        clean = self._coauthor.clean
        people = [(clean(name), clean(affiliation)) for name, affiliation in people]
        return [person for person in people if person[0]]

    def clean_submitted_at(self) -> datetime | None:
        cell = self.cleaned_data["submitted_at"]
        if not cell:
            return None
        moment = parse_datetime(cell, self.order, self.zone)
        if moment is None:
            raise ValidationError("This is not a date and time.")
        if moment > self.now:
            raise ValidationError("This is in the future.")
        return moment

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if len(data.get("formats", ())) > 1:
            data["preference"] = data.get("preference") or Expression.Preference.EITHER.value
        return super().clean()

    def expression(self) -> Expression:
        """Return the expression that a valid row becomes: no reference, and no time if unknown."""
        fields, sent_at = self.service_fields(), self.cleaned_data["submitted_at"]
        return Expression(
            edition=self.edition,
            reference="",
            is_late=bool(self.closes_at and sent_at and sent_at > self.closes_at),
            submitted_at=sent_at,
            changed_at=sent_at,
            fingerprint=fingerprint(self.edition, fields["email"], fields["title"]),
            **fields,
        )
