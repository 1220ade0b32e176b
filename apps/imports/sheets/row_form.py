"""The form for an expression of interest, filled in from a row of a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.utils.text import Truncator

from apps.core.forms import LinesField
from apps.core.text import count_words
from apps.editions.models import Call, Edition
from apps.interest.forms import ExpressionForm
from apps.interest.models import Expression

_MISSING = {
    "name": "There is no name.",
    "email": "There is no e-mail address.",
    "formats": "It does not say whether a lightning talk or a poster is meant.",
    "title": "There is no title.",
}
_LABELS = {
    "name": "The name",
    "email": "The e-mail address",
    "university": "The university",
    "supervisor": "The supervisor",
    "school": "The school or lab",
    "title": "The title",
    "abstract": "The abstract",
    "link": "The link",
}


class RowForm(ExpressionForm):
    """Validates a row by the rules of the students' form, as far as the database needs them.

    Students sent their words to another form, which accepted them. So only name, address, title and
    format are required, and an abstract may be longer than this call asks for. Without `data` it
    says what the edition's form asks.
    """

    def __init__(self, edition: Edition, data: Mapping[str, Any] | None = None) -> None:
        # One form for each of thousands of rows: read what they share once.
        prefetch_related_objects([edition], "topics", "questions")
        self.own_call: Call | None = getattr(edition, "call", None)
        asks = {f"asks_{name}": True for name in ("career_stage", "supervisor", "school", "link")}
        if data and len(data.get("formats", ())) > 1 and not data.get("preference"):
            data = {**data, "preference": Expression.Preference.EITHER.value}
        super().__init__(data, edition=edition, call=Call(edition=edition, **asks))
        for name, field in self.fields.items():
            field.required = name in _MISSING
        cast(LinesField, self.fields["abstract"]).word_limit = 0

    def faults(self) -> list[str]:
        """Return the reasons why the row cannot be imported, as sentences."""
        return [
            self._fault(name, error)
            for name, errors in self.errors.as_data().items()
            for error in errors
            if name != "link"
        ]

    def notes(self) -> list[str]:
        """Return what organisers should know of a row that can be imported."""
        notes = []
        if "link" in self.errors:
            notes.append(f"{quoted(self.data['link'])} is no web address: the link is left out.")
        words = count_words(self.cleaned_data["abstract"])
        if self.own_call and words > self.own_call.abstract_words:
            notes.append(
                f"The abstract has {words} words, the call asks for {self.own_call.abstract_words}: "
                "it stays whole."
            )
        return notes

    def service_fields(self) -> dict[str, Any]:
        self.cleaned_data.setdefault("link", "")
        return super().service_fields()

    def _fault(self, name: str, error: ValidationError) -> str:
        label = _LABELS.get(name) or (
            f"The answer to “{self.questions[name].label}”"
            if name in self.questions
            else "A co-author's name"
            if name.startswith("coauthor_name")
            else "A co-author's affiliation"
        )
        params = error.params or {}
        match error.code:
            case "required":
                return _MISSING[name]
            case "max_length":
                return (
                    f"{label} has {params['show_value']} characters; there is room for "
                    f"{params['limit_value']}."
                )
            case "invalid" if name == "email":
                return f"{quoted(self.data['email'])} is no e-mail address."
        return f"{label}: {' '.join(error.messages)}"


def quoted(text: str) -> str:
    """Return the text of a cell for a sentence, shortened before Truncator normalises it."""
    return f"“{Truncator(text[:100]).chars(60)}”"
