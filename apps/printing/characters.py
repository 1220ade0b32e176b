"""The characters that the shipped fonts can draw.

`fonts/characters.txt` has the code points of all fonts; its README says how it is made.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
_INSTEAD = "\N{REPLACEMENT CHARACTER}"
# Lines, tabs, and the characters that join and separate letters and words.
_KEPT = frozenset("\n\t\u00ad\u200b\u200c\u200d\u2060")


@cache
def drawn_codes() -> frozenset[int]:
    """The code points that some font has."""
    codes: set[int] = set()
    for line in (FONTS / "characters.txt").read_text().split():
        first, _, last = line.partition("-")
        codes.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(codes)


def is_drawn(text: str) -> bool:
    """Whether a font has every visible character of `text`."""
    return drawn_text(text).count(_INSTEAD) == text.count(_INSTEAD)


def drawn_text(text: str) -> str:
    """`text` without control characters, and with a sign for each character that no font has.

    Marks of direction are left out as well: they could turn the text of others around.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_drawn_character, unicodedata.normalize("NFC", text)))


def _drawn_character(character: str) -> str:
    if character in _KEPT:
        return character
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Cs"} or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category in {"Zl", "Zp"}:
        return " "
    return character if ord(character) in drawn_codes() else _INSTEAD
