"""Text that differs in a few places from one time to the next: rendered once, with blanks there.

Templates are given blanks in place of what differs; each time the text is what lies between them,
with that time's words in their places.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

# What no text can hold by chance or by design: it is made anew in each process and told nobody.
_SIGN = secrets.token_hex(16)
_BLANK = re.compile(rf"{_SIGN}-([a-z_]+)-")


def blank(name: str) -> str:
    """What stands in a text where each time has words of its own; of small letters and "_".

    Give it to templates for what they only print: a filter or a condition would judge the blank.
    """
    return f"{_SIGN}-{name}-"


class WithBlanks:
    """A text that was rendered with blanks in it."""

    def __init__(self, text: str) -> None:
        self._parts = _BLANK.split(text)  # by turns text and the name of a blank

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with each blank's value in its place, as it is: escape it before.

        What is filled in is looked at by nobody again. Raises KeyError if a blank has no value.
        """
        filled = self._parts.copy()
        filled[1::2] = [values[name] for name in self._parts[1::2]]
        return "".join(filled)
