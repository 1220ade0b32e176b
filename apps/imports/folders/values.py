"""The kinds of value a content folder holds, each with its own words for a wrong one."""

import re
from datetime import date, time
from pathlib import PurePosixPath
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_FOCUS = re.compile(r"(0|1|0?\.\d{1,6}|1\.0{1,6})x(0|1|0?\.\d{1,6}|1\.0{1,6})", re.ASCII)
_YES, _NO = {"yes", "true"}, {"no", "false"}
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_is_web_address = URLValidator(schemes=["http", "https"])


class Entry(BaseModel):
    """Something a file describes. Unknown keys are refused, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def values(self) -> dict[str, Any]:
        """What the database's row holds of it, by the names of its fields; never its key."""
        return self.model_dump(exclude={"slug"})


def _text_only(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is expected here, not a list or a mapping")
    return value.strip()


def _line(value: Any) -> str:
    text = _text_only(value, "a text")
    if "\n" in text:
        raise ValueError("a text of one line is expected here")
    return text


def _text(value: Any) -> str:
    return _text_only(value, "a text")


def _required(value: str) -> str:
    if not value:
        raise ValueError("this must not be empty")
    return value


def _short(value: str) -> str:
    if len(value) > 500:
        raise ValueError(f"this is {len(value)} characters long; at most 500 are expected")
    return value


def _slug(value: Any) -> str:
    text = _text_only(value, "a short word")
    if not _SLUG.fullmatch(text) or len(text) > 60:
        raise ValueError(
            f"“{clipped(text)}” cannot stand in an address; use at most 60 small letters a to z, "
            "digits and hyphens, such as luo-mai"
        )
    return text


def _web_address(value: Any) -> str:
    text = _text_only(value, "a web address")
    try:
        _is_web_address(text)
    except ValidationError:
        raise ValueError(
            f"“{clipped(text)}” is not a web address; write it in full, such as "
            "https://example.org/page"
        ) from None
    return text


def _mail_address(value: Any) -> str:
    text = _text_only(value, "a mail address")
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError(
            f"“{clipped(text)}” is not a mail address, such as chairs@example.org"
        ) from None
    return text


def _day(value: Any) -> date:
    text = _text_only(value, "a date")
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(
        f"“{clipped(text)}” is not a date; write year, month and day, such as 2024-05-03"
    )


def _clock(value: Any) -> time:
    text = _text_only(value, "a clock time")
    try:
        if _CLOCK.fullmatch(text):
            return time.fromisoformat(text.zfill(5))
    except ValueError:
        pass
    raise ValueError(f"“{clipped(text)}” is not a clock time, such as 9:00 or 14:30")


def _yes_or_no(value: Any) -> bool:
    text = _text_only(value, "yes or no").lower()
    if text not in _YES | _NO:
        raise ValueError(f"“{clipped(text)}” should be yes or no")
    return text in _YES


def _whole_number(value: Any) -> int:
    text = _text_only(value, "a whole number")
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        raise ValueError(f"“{clipped(text)}” should be a whole number, such as 2024")
    return int(text)


def _focus(value: Any) -> str:
    text = _text_only(value, "a point")
    if not _FOCUS.fullmatch(text):
        raise ValueError(
            f"“{clipped(text)}” is not a point; write how far across and down, from 0 to 1, "
            "such as 0.5x0.4"
        )
    return "x".join(str(float(part)) for part in text.split("x"))


def _file_name(value: Any) -> str:
    text = _text_only(value, "the name of a file")
    is_plain = text == PurePosixPath(text).name and not set("\\:\0") & set(text)
    if not is_plain or text.startswith("."):
        raise ValueError(f"“{clipped(text)}” is not the bare name of a file, such as luo-mai.jpg")
    return text


def _picture_name(value: Any) -> str:
    text = _file_name(value)
    if not text.lower().endswith(_PICTURES):
        raise ValueError(f"“{clipped(text)}” should be a JPEG, PNG or WebP file")
    return text


def _pdf_name(value: Any) -> str:
    text = _file_name(value)
    if not text.lower().endswith(".pdf"):
        raise ValueError(f"“{clipped(text)}” should be a PDF file")
    return text


def _lines(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def clipped(text: str, length: int = 60) -> str:
    """`text` in one line, cut to at most `length` characters, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


Line = Annotated[str, BeforeValidator(_line), AfterValidator(_short)]
RequiredLine = Annotated[Line, AfterValidator(_required)]
Text = Annotated[str, BeforeValidator(_text)]
RequiredText = Annotated[Text, AfterValidator(_required)]
Slug = Annotated[str, BeforeValidator(_slug)]
WebAddress = Annotated[str, BeforeValidator(_web_address)]
MailAddress = Annotated[str, BeforeValidator(_mail_address)]
Day = Annotated[date, BeforeValidator(_day)]
Clock = Annotated[time, BeforeValidator(_clock)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
WholeNumber = Annotated[int, BeforeValidator(_whole_number)]
Focus = Annotated[str, BeforeValidator(_focus)]
PictureName = Annotated[str, BeforeValidator(_picture_name)]
PdfName = Annotated[str, BeforeValidator(_pdf_name)]
Lines = Annotated[list[RequiredLine], BeforeValidator(_lines)]
