"""Fields that take whatever people paste and hand on text that any database and letter can hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator

# What parts words; static/interest/draft.js counts by the same list, so that both say the same.
_SPACE_RUN = re.compile(r"[\s\ufeff]+")
_WORD = re.compile(r"[^\s\ufeff]+")
_SPACE_IN_LINE = re.compile(r"[^\S\n]|\ufeff")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Joiners that Persian, Hindi and emoji are written with, and the letters of a flag such as
# Scotland's. All other invisible signs go: among them those that turn the text around.
_KEPT_SIGNS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
# Cc: control characters, NUL among them, which PostgreSQL refuses; Cs: halves of a character.
_DROPPED = {"Cc", "Cf", "Cs"}

# Times what a field takes: beyond it nobody typed this.
_FLOOD = 10

EMAIL_FORM = "Enter an e-mail address in the form name@example.org"
LINK_FORM = "Enter a web address such as https://example.org/me"


def count_words(text: str) -> int:
    """How many words `text` has: what stands between spaces and line ends."""
    return len(_WORD.findall(text))


def one_line(text: str) -> str:
    """`text` without line ends and invisible signs; "" if nothing of it could be seen."""
    text = _SPACE_RUN.sub(" ", text)
    text = _without_invisible(text).strip()
    return text if _is_visible(text) else ""


def several_lines(text: str) -> str:
    """The same for text whose lines and paragraphs are kept."""
    lines = _LINE_END.sub("\n", text).split("\n")
    text = "\n".join(_without_invisible(_SPACE_IN_LINE.sub(" ", line)).rstrip() for line in lines)
    text = text.strip("\n")
    return text if _is_visible(text) else ""


def _without_invisible(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    if text.isprintable():  # as nearly all is; then nothing of it is invisible
        return text
    kept = (
        sign for sign in text if sign in _KEPT_SIGNS or unicodedata.category(sign) not in _DROPPED
    )
    return "".join(kept)


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(sign)[0] not in "CZ" for sign in text)


class _Text(forms.CharField):
    """Typing past the limit is allowed: the page counts, and the server refuses kindly."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)  # a browser would cut off what is pasted
        return attrs

    def to_python(self, value: Any) -> str:
        """What is far too long is refused as it came: to clean megabytes takes seconds."""
        text = str(super().to_python(value) or "")
        if self.max_length and len(text) > _FLOOD * self.max_length:
            words = {"show_value": len(text), "limit_value": self.max_length}
            raise ValidationError(self.error_messages["max_length"], "max_length", words)
        return text


class Line(_Text):
    """A line of text. `missing` and `too_long` are said when it is empty or too long."""

    def __init__(self, *, missing: str = "", too_long: str = "", **kwargs) -> None:
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("required", bool(missing))
        words = too_long or "Write this in at most %(limit_value)d characters"
        super().__init__(error_messages={"required": missing, "max_length": words}, **kwargs)

    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")


class Lines(_Text):
    """Several lines of text, at most `word_limit` words if one is given."""

    def __init__(
        self, *, missing: str = "", word_limit: int = 0, what: str = "answer", **kwargs
    ) -> None:
        self.word_limit, self.what = word_limit, what
        kwargs.setdefault("required", bool(missing))
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 8}))
        words = f"Your {what} is %(show_value)d characters. Cut it to %(limit_value)d or fewer."
        super().__init__(error_messages={"required": missing, "max_length": words}, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        if self.word_limit:
            attrs["data-word-limit"] = str(self.word_limit)
        return attrs

    def to_python(self, value: Any) -> str:
        return several_lines(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        count = count_words(value)
        if self.word_limit and count > self.word_limit:
            raise ValidationError(
                f"Your {self.what} is {count} words. Cut it to {self.word_limit} or fewer.",
                code="too_many_words",
            )


class Address(_Text):
    """An e-mail address, in one piece: what has a space, a line end or an invisible sign is none.

    So nothing can be smuggled into the header of a letter.
    """

    default_validators = [EmailValidator(EMAIL_FORM)]

    def __init__(self, *, missing: str, **kwargs) -> None:
        kwargs.setdefault("widget", forms.EmailInput(attrs={"autocomplete": "email"}))
        words = "Enter an e-mail address of at most %(limit_value)d characters"
        super().__init__(
            max_length=254, error_messages={"required": missing, "max_length": words}, **kwargs
        )

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").strip()
        if text and (
            _SPACE_RUN.search(text) or one_line(text) != unicodedata.normalize("NFC", text)
        ):
            raise ValidationError(EMAIL_FORM, code="invalid")
        return unicodedata.normalize("NFC", text)


class Link(forms.URLField):
    """A web address by http or https. It is kept and shown, never fetched."""

    default_validators = [URLValidator(schemes=["http", "https"], message=LINK_FORM)]

    def __init__(self, **kwargs) -> None:
        # Not a control of the kind "url": what was typed wrongly could not stand in it again.
        attrs = {"inputmode": "url", "autocomplete": "url"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        words = "Enter a web address of at most %(limit_value)d characters"
        super().__init__(
            max_length=500,
            required=False,
            assume_scheme="https",
            error_messages={"invalid": LINK_FORM, "max_length": words},
            **kwargs,
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            name: value
            for name, value in super().widget_attrs(widget).items()
            if name != "maxlength"
        }

    def to_python(self, value: Any) -> str:
        return super().to_python(one_line(str(value or ""))) or ""


def one_of(choices: Iterable[tuple[str, str]], *, missing: str = "", **kwargs) -> forms.ChoiceField:
    """Radio buttons; none of them is chosen beforehand."""
    kwargs.setdefault("required", bool(missing))
    return forms.ChoiceField(
        choices=list(choices),
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": "Select one of the answers shown"},
        **kwargs,
    )


def some_of(
    choices: Iterable[tuple[str, str]], *, missing: str, unknown: str, **kwargs
) -> forms.MultipleChoiceField:
    """Boxes of which at least one is to be ticked."""
    return forms.MultipleChoiceField(
        choices=list(choices),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": missing, "invalid_choice": unknown, "invalid_list": unknown},
        **kwargs,
    )
