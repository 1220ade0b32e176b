"""The kinds of value in a content folder, each with its own message for a wrong one."""

import re
from collections.abc import Callable
from datetime import date, time
from pathlib import PurePosixPath
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from pydantic import AfterValidator, BeforeValidator

_YES, _NO = {"yes", "true"}, {"no", "false"}
_FOCUS = r"(0|1|0?\.\d{1,6}|1\.0{1,6})x(0|1|0?\.\d{1,6}|1\.0{1,6})"
_is_web_address = URLValidator(schemes=["http", "https"])


def clipped(text: str, length: int = 60) -> str:
    """Return `text` in one line, cut to at most `length` characters, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _parsed(what: str, parse: Callable[[str], Any], problem: str = "") -> BeforeValidator:
    """A value that `parse` makes of the stripped text.

    If `parse` raises a ValueError, the message is `problem` after the quoted text, or its own if
    there is none.
    """

    def validate(value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError(f"{what} is expected here, not a list or a mapping")
        text = value.strip()
        try:
            return parse(text)
        except (ValueError, ValidationError):
            if not problem:
                raise
            raise ValueError(f"“{clipped(text)}” {problem}") from None

    return BeforeValidator(validate)


def _matching(pattern: str, convert: Callable[[str], Any] = str) -> Callable[[str], Any]:
    """A parser of texts that match `pattern` as a whole; others raise ValueError."""
    compiled = re.compile(pattern, re.ASCII)

    def parse(text: str) -> Any:
        if not compiled.fullmatch(text):
            raise ValueError
        return convert(text)

    return parse


def _one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("a text of one line is expected here")
    if len(text) > 500:
        raise ValueError(f"this is {len(text)} characters long; at most 500 are expected")
    return text


def _required(value: str) -> str:
    if not value:
        raise ValueError("this must not be empty")
    return value


def _web_address(text: str) -> str:
    _is_web_address(text)
    return text


def _mail_address(text: str) -> str:
    validate_email(text)
    return text


def _yes_or_no(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError
    return text.lower() in _YES


def _focus(text: str) -> str:
    return "x".join(str(float(part)) for part in text.split("x"))


def _file_name(*endings: str, kinds: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        is_plain = text == PurePosixPath(text).name and not set("\\:\0") & set(text)
        if not is_plain or text.startswith("."):
            raise ValueError(
                f"“{clipped(text)}” is not the bare name of a file, such as luo-mai.jpg"
            )
        if not text.lower().endswith(endings):
            raise ValueError(f"“{clipped(text)}” should be a {kinds} file")
        return text

    return parse


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


TextLine = Annotated[str, _parsed("a text", _one_line)]
RequiredTextLine = Annotated[TextLine, AfterValidator(_required)]
Text = Annotated[str, _parsed("a text", str)]
RequiredText = Annotated[Text, AfterValidator(_required)]
TextLines = Annotated[list[RequiredTextLine], BeforeValidator(_as_list)]
Slug = Annotated[
    str,
    _parsed(
        "a short word",
        _matching(r"(?=.{1,60}\Z)[a-z0-9]+(?:[-_][a-z0-9]+)*"),
        "cannot stand in an address; use at most 60 small letters a to z, digits and hyphens, such "
        "as luo-mai",
    ),
]
WebAddress = Annotated[
    str,
    _parsed(
        "a web address",
        _web_address,
        "is not a web address; write it in full, such as https://example.org/page",
    ),
]
MailAddress = Annotated[
    str,
    _parsed("a mail address", _mail_address, "is not a mail address, such as chairs@example.org"),
]
IsoDate = Annotated[
    date,
    _parsed(
        "a date",
        _matching(r"\d{4}-\d{2}-\d{2}", date.fromisoformat),
        "is not a date; write year, month and day, such as 2024-05-03",
    ),
]
ClockTime = Annotated[
    time,
    _parsed(
        "a clock time",
        _matching(r"\d{1,2}:\d{2}", lambda text: time.fromisoformat(text.zfill(5))),
        "is not a clock time, such as 9:00 or 14:30",
    ),
]
YesNo = Annotated[bool, _parsed("yes or no", _yes_or_no, "should be yes or no")]
WholeNumber = Annotated[
    int,
    _parsed(
        "a whole number",
        _matching(r"\d{1,6}", int),
        "should be a whole number, such as 2024",
    ),
]
Focus = Annotated[
    str,
    _parsed(
        "a point",
        _matching(_FOCUS, _focus),
        "is not a point; write how far across and down, from 0 to 1, such as 0.5x0.4",
    ),
]
PictureName = Annotated[
    str,
    _parsed(
        "the name of a file",
        _file_name(".jpg", ".jpeg", ".png", ".webp", kinds="JPEG, PNG or WebP"),
    ),
]
PdfName = Annotated[str, _parsed("the name of a file", _file_name(".pdf", kinds="PDF"))]
