"""Letters that differ in a few words, written by the hundred: their templates are rendered once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.html import conditional_escape

from apps.core.blanks import WithBlanks
from apps.editions.models import Edition
from apps.mail.services import Written, tidy, words_from


class Mould:
    """What all letters of a template have in common, for one context that has blanks."""

    def __init__(
        self, template: str, *, edition: Edition, to_name: str, context: Mapping[str, Any]
    ) -> None:
        words = words_from(template, edition=edition, to_name=to_name, context=context)
        self._subject, self._text, self._page = map(WithBlanks, words)

    def fill(self, values: Mapping[str, str]) -> Written:
        """The words of one letter, each blank filled in, in the HTML escaped unless it is safe.

        Raises KeyError if a blank has no value.
        """
        escaped = {name: conditional_escape(value) for name, value in values.items()}
        return tidy(self._subject.fill(values), self._text.fill(values), self._page.fill(escaped))
