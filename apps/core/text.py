"""Text from outside: length, Unicode normalisation, invisible characters, numbers, near matches.

Unicode normalisation sorts each run of combining marks, which takes quadratic time for long runs.
Therefore the length is checked first, and runs of more than 30 marks are not normalised
(UAX #15, "Stream-Safe Text Format"). All functions here run in linear time.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from email.header import Header
from typing import Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# UAX #15, section 13: no language needs more combining marks in a row.
MAX_MARKS = 30
TOO_MANY_MARKS = _(
    "Your text has more than 30 accents or other combining marks in a row. "
    "Remove the marks that are not needed."
)

# Starters whose decomposition begins with a combining mark (U+FF9E and U+FF9F: NFKD only).
_DECOMPOSED_TO_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"
# static/interest/draft.js counts words by the same list of spaces.
_SPACE_RUN = re.compile(r"[\s\ufeff]+")
_WORD = re.compile(r"[^\s\ufeff]+")
_SPACE_IN_LINE = re.compile(r"[^\S\n]|\ufeff")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Joiners used by Persian, Hindi and emoji, and the tag letters of regional flags. All other
# invisible characters are removed, among them those that change the direction of the text.
_KEPT_INVISIBLE = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
# Cc: control characters, such as NUL, which PostgreSQL refuses. Cs: halves of a surrogate pair.
_REMOVED_CATEGORIES = {"Cc", "Cf", "Cs"}
_SHORT_SUBJECT = 66  # characters that fit into a line of 78 after "Subject: "


def check_text(text: str, max_characters: int, *, too_long: str = "") -> None:
    """Raises ValidationError if the text is too long or has too many combining marks in a row.

    To be called before any cleaning. In UTF-8 a character has at most 4 bytes, so the limit
    bounds the bytes as well. `too_long` may use %(show_value)d and %(limit_value)d.
    """
    if len(text) > max_characters:
        raise ValidationError(
            too_long
            or gettext("This text has %(show_value)d characters. Shorten it to %(limit_value)d."),
            code="max_length",
            params={"show_value": len(text), "limit_value": max_characters},
        )
    if not text.isascii() and has_long_mark_run(text):
        raise ValidationError(TOO_MANY_MARKS, code="too_many_marks")


def has_long_mark_run(text: str) -> bool:
    """Whether the text has more than 30 combining marks in a row, invisible characters aside."""
    if len(text) <= MAX_MARKS:
        return False
    run = 0
    for character in text:
        if unicodedata.combining(character) or character in _DECOMPOSED_TO_MARKS:
            run += 1
            if run > MAX_MARKS:
                return True
        elif run and unicodedata.category(character) not in _REMOVED_CATEGORIES:
            run = 0
    return False


def normalize(text: str, form: Literal["NFC", "NFKD"] = "NFC") -> str:
    """The text in a Unicode normal form; unchanged if it has more than 30 marks in a row."""
    if text.isascii() or has_long_mark_run(text):
        return text
    return unicodedata.normalize(form, text)


def count_words(text: str) -> int:
    """The number of words: runs of characters between spaces and line ends."""
    return len(_WORD.findall(text))


def count_of(number: int, noun: str, many: str = "") -> str:
    """ "1 letter", "3 letters"; `many` is the plural of a noun that does not add an "s"."""
    return f"{number} {noun}" if number == 1 else f"{number} {many or noun + 's'}"


def read_number(text: str) -> int | None:
    """The whole number that a form or an address sent; None if it is none a database can store."""
    is_number = text.isascii() and text.isdecimal() and len(text) < 19
    return int(text) if is_number else None


def read_numbers(text: str, most: int = 500) -> list[int]:
    """The first `most` numbers in "12,7,30", each once and in this order; other words are left out."""
    numbers = (read_number(part.strip()) for part in text[: 20 * most].split(","))
    return list(dict.fromkeys(number for number in numbers if number is not None))[:most]


def mail_subject(text: str) -> str:
    """A Subject of one line in ASCII whose first line holds words once it is folded.

    A long or other than ASCII one is written as encoded words (RFC 2047), the first of which fits
    beside the name of the header; the email package puts longer words on a line of their own.
    """
    if text.isascii() and len(text) <= _SHORT_SUBJECT:
        return text
    return Header(text, "utf-8", maxlinelen=75, header_name="Subject").encode(linesep="")


def one_line(text: str) -> str:
    """The text without line ends and invisible characters; "" if no visible character is left."""
    text = _SPACE_RUN.sub(" ", text)
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _remove_invisible(text).strip()
    return text if _is_visible(text) else ""


def several_lines(text: str) -> str:
    """The same for text that keeps its lines and paragraphs."""
    lines = _LINE_END.sub("\n", text).split("\n")
    text = "\n".join(_remove_invisible(_SPACE_IN_LINE.sub(" ", line)).rstrip() for line in lines)
    text = text.strip("\n")
    return text if _is_visible(text) else ""


def _remove_invisible(text: str) -> str:
    text = normalize(text)
    if text.isprintable():  # nearly all text is; then it has no invisible character
        return text
    return "".join(
        character
        for character in text
        if character in _KEPT_INVISIBLE
        or unicodedata.category(character) not in _REMOVED_CATEGORIES
    )


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)


def is_text(value: str) -> bool:
    """Whether a value sent by a form is more than one word, and so no choice or key.

    Languages without spaces are not written in ASCII.
    """
    return len(value.split()) > 1 or not value.isascii()


def did_you_mean(word: str, choices: list[str], most: int = 40) -> str:
    """Return a sentence for the author who wrote `word` instead of one of `choices`.

    If none is similar, it lists them; of more than `most`, it names the nearest only.
    """
    if close := get_close_matches(word, choices, n=1, cutoff=0.6):
        return f"Did you mean “{close[0]}”?"
    if len(choices) > most:
        (nearest,) = get_close_matches(word, choices, n=1, cutoff=0)
        return f"The nearest of {len(choices)} is “{nearest}”."
    return f"Known here: {', '.join(choices)}." if choices else "There is none."
