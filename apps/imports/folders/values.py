"""The kinds of value in a content folder, each with its own message for a wrong one."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from apps.core.addresses import AddressValidator

_is_web_address = URLValidator(schemes=["http", "https"])


def clipped(text: str, length: int = 60) -> str:
    """Return `text` in one line, cut to at most `length` characters, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _joined(words: Iterable[str]) -> str:
    """The words as in "a, b or c"."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


@dataclass(frozen=True)
class Value:
    """A value that `parse` makes of a stripped text.

    If `parse` raises ValueError or ValidationError, the message is `problem` after the quoted
    text, or that of the error if there is no `problem`. `json` is the JSON Schema of what YAML 1.2
    makes of the text. `note` says what the value lacks of the text, or "".
    """

    name: str
    parse: Callable[[str], Any]
    problem: str = ""
    json: Mapping[str, Any] = field(
        default_factory=lambda: {"type": ["string", "number", "boolean"]}
    )
    note: Callable[[str], str] = lambda text: ""

    def read(self, data: Any) -> Any:
        """Return the value; raise ValueError with a message for the author of the folder."""
        if not isinstance(data, str):
            raise ValueError(f"{self.name} is expected here, not a list or fields with values")
        text = data.strip()
        try:
            return self.parse(text)
        except (ValueError, ValidationError):
            if not self.problem:
                raise
            raise ValueError(f"“{clipped(text)}” {self.problem}") from None


def _matching(pattern: str, convert: Callable[[str], Any] = str) -> Callable[[str], Any]:
    """A parser of texts that match `pattern` as a whole; others raise ValueError."""
    compiled = re.compile(pattern, re.ASCII)

    def parse(text: str) -> Any:
        if not compiled.fullmatch(text):
            raise ValueError
        return convert(text)

    return parse


def _valid(validate: Callable[[str], object]) -> Callable[[str], str]:
    """A parser that returns the texts that `validate` accepts."""

    def parse(text: str) -> str:
        validate(text)
        return text

    return parse


def _one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("write a text of one line here")
    return text


def _filled_line(text: str) -> str:
    if not text:
        raise ValueError("this must not be empty. Write a value")
    return _one_line(text)


def _file_name(text: str) -> str:
    is_plain = text == PurePosixPath(text).name and not set("\\:\0") & set(text)
    if not is_plain or text.startswith("."):
        raise ValueError
    return text


def _clock_time(text: str) -> time:
    """The time of the nearest minute of its day."""
    at = time.fromisoformat(text.zfill(8 if text.count(":") > 1 else 5))
    if at.second < 30:
        return at.replace(second=0)
    minute = min(at.hour * 60 + at.minute + 1, 24 * 60 - 1)
    return time(*divmod(minute, 60))


def _note_on_seconds(text: str) -> str:
    text = text.strip()
    if text.count(":") < 2 or text.endswith(":00"):
        return ""
    return f"“{text}” is rounded to {_clock_time(text):%H:%M}"


def choice(choices: Iterable[str]) -> Value:
    """One of some words; an empty one may be among them and is not named in the message."""
    words = list(choices)
    name = f"one of {_joined(filter(None, words))}"
    return Value(name, _matching("|".join(words)), f"is not {name}", {"enum": words})


TEXT = Value("a text", str)
LINE = Value("a text", _one_line)
FILLED_LINE = Value("a text", _filled_line)
SLUG = Value(
    "a short word",
    _matching(r"(?=.{1,60}\Z)[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?"),
    "cannot be part of an address. Use at most 60 lower-case letters a to z, digits and hyphens, such "
    "as luo-mai",
    {
        "type": ["string", "integer"],
        "pattern": "^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$",
        "maxLength": 60,
    },
)
# What organisers can enter at the desk, where Django's SlugField checks it.
ADDRESS = Value(
    "a short word",
    _matching(r"[A-Za-z0-9_-]{1,60}"),
    "cannot be part of an address. Use at most 60 letters a to z, digits and hyphens, such as 2024",
    {"type": ["string", "integer"], "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 60},
)
WEB_ADDRESS = Value(
    "a web address",
    _valid(_is_web_address),
    "is not a web address. Write it in full, such as https://example.org/page",
    {"type": "string", "pattern": "^https?://"},
)
MAIL_ADDRESS = Value(
    "a mail address",
    _valid(AddressValidator()),
    "is not an email address. Write one such as chairs@example.org",
    {"type": "string", "format": "email"},
)
DATE = Value(
    "a date",
    _matching(r"\d{4}-\d{2}-\d{2}", date.fromisoformat),
    "is not a date. Write year, month and day, such as 2024-05-03",
    {"type": "string", "format": "date"},
)
CLOCK_TIME = Value(
    "a clock time",
    _matching(r"\d{1,2}:\d{2}(:\d{2})?", _clock_time),
    "is not a clock time. Write it like 9:00 or 14:30",
    note=_note_on_seconds,
)
YES_NO = Value(
    "yes or no",
    _matching("(?i:yes|true|no|false)", lambda text: text.lower() in {"yes", "true"}),
    "must be yes or no",
    {"enum": [True, False, "yes", "no"]},
)
# To the microsecond, and with the offset from UTC on the night a clock time occurs twice.
EXACT_TIME = Value(
    "a clock time",
    _matching(
        r"\d{1,2}:\d{2}(:\d{2}(\.\d{6})?)?([+-]\d{2}:\d{2})?",
        lambda text: time.fromisoformat(text if text[2] == ":" else f"0{text}"),
    ),
    "is not a clock time, such as 9:00 or 14:30",
)
WHOLE_NUMBER = Value(
    "a whole number",
    _matching(r"\d{1,6}", int),
    "must be a whole number, such as 2024",
    {"type": "integer", "minimum": 0},
)
FILE_NAME = Value(
    "the name of a file",
    _file_name,
    "is not the name of a file. Write it without folders, such as luo-mai.jpg",
)
