"""The form for an expression of interest, filled in from rows of a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.text import Truncator

from apps.core.fields import Lines
from apps.core.text import count_words
from apps.editions.models import Call, Edition
from apps.interest.forms import MOST_COAUTHORS, ExpressionForm
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
    """Reads one row after the other by the rules of the form students fill in.

    They were sent to another form and accepted there. So all there is may be said, and only the
    name, the address, the title and the format have to be; an abstract may be longer than this
    call asks for. What the database has no room for stays refused.
    """

    def __init__(self, edition: Edition) -> None:
        self.own_call = Call.objects.filter(edition=edition).first()
        if self.own_call:
            self.own_call.edition = edition  # in memory already
        asks_all = {f"asks_{name}": True for name in ("career_stage", "supervisor", "school")}
        call = Call(edition=edition, asks_link=True, **asks_all)
        super().__init__({}, edition=edition, call=call)
        for name, field in self.fields.items():
            field.required = name in _MISSING
        cast(Lines, self.fields["abstract"]).word_limit = 0
        self.faults: list[str] = []
        self.notes: list[str] = []

    def read(self, data: Mapping[str, Any]) -> bool:
        """Whether a row that says `data` is right; if so, `service_fields` and the like hold what
        it says and `notes` what is worth knowing of it, if not, `faults` are the reasons."""
        # Whoever asked for both, and was asked for no preference, has none.
        if len(data.get("formats", ())) > 1 and not data.get("preference"):
            data = {**data, "preference": Expression.Preference.EITHER.value}
        for number in range(1, MOST_COAUTHORS + 1):
            if f"coauthor_name_{number}" in data:
                self._add_coauthor(number)
        # Making a form anew for each of thousands of rows would take most of the time.
        self.is_bound, self.data = True, data
        self.full_clean()
        self.notes = []
        if self.errors.pop("link", None):
            self.cleaned_data["link"] = ""
            self.notes.append(f"{quoted(data['link'])} is no web address: the link is left out.")
        self.faults = [
            self._reason(name, error)
            for name, errors in self.errors.as_data().items()
            for error in errors
        ]
        if not self.faults:
            self._note_length()
        return not self.faults

    def _note_length(self) -> None:
        count = count_words(self.cleaned_data["abstract"])
        if self.own_call and count > self.own_call.abstract_words:
            self.notes.append(
                f"The abstract has {count} words, the call asks for {self.own_call.abstract_words}: "
                "it stays whole."
            )

    def _reason(self, name: str, error: ValidationError) -> str:
        label = _LABELS.get(name) or (
            f"The answer to “{self.questions[name].words}”"
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


def too_many_coauthors(count: int) -> str:
    """The reason why a row with so many of them has to wait."""
    return f"There are {count} co-authors; there is room for {MOST_COAUTHORS}."


def quoted(words: str) -> str:
    """`words` of a cell within a sentence, shortened."""
    return f"“{Truncator(words).chars(60)}”"
