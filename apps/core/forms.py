"""Forms: fields for pasted text, error summary, files to choose again.

Templates are in templates/bootstrap5/; they follow the error summary and error message of the
GOV.UK Design System (WCAG 3.3.1, 3.3.2, 3.3.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.core.addresses import EMAIL_FORM, AddressValidator
from apps.core.text import (
    check_text,
    count_words,
    normalize,
    one_line,
    read_number,
    several_lines,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_SPACE = re.compile(r"[\s\ufeff]")
_ADDRESS_SIGN = re.compile(r"://|www\.|@", re.IGNORECASE)

LINK_FORM = _("Enter a web address such as https://example.org/me")


def sent_data(request: HttpRequest) -> QueryDict | None:
    """The data of a form: that of a POST, also an empty one; None if the page is only shown."""
    return request.POST if request.method == "POST" else None


class ErrorLink(NamedTuple):
    """One line of the error summary: the message, and the id of the control it is about."""

    message: str
    target: str


def first_control_id(field: forms.BoundField) -> str:
    """The id of the control that a link moves the focus to."""
    # A group of radio buttons or checkboxes is no control: its first one is.
    if field.use_fieldset and hasattr(field.field, "choices"):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


def error_links(form: forms.BaseForm) -> list[ErrorLink]:
    """All errors of a form in the order of its fields, those of the whole form first.

    An error of the whole form links to its first visible field.
    """
    if not form.errors:
        return []
    visible = form.visible_fields()
    first = first_control_id(visible[0]) if visible else "main"
    links = [ErrorLink(str(message), first) for message in form.non_field_errors()]
    for field in form:
        target = first if field.is_hidden else first_control_id(field)
        links += [ErrorLink(str(message), target) for message in field.errors]
    return links


class ChooseAgain(forms.BaseForm):
    """A form with files: one that is valid, but lost to an error elsewhere, is asked for again.

    A browser keeps no file when a form is shown again; without a message it would be lost unnoticed.
    """

    def full_clean(self) -> None:
        super().full_clean()
        self.ask_for_files_again()

    def ask_for_files_again(self) -> None:
        """Say so at each file, if there are errors; also called after a view added one."""
        if not self.errors:
            return
        for name, field in self.fields.items():
            is_sent = isinstance(field, forms.FileField) and self.files.get(self.add_prefix(name))
            if is_sent and name not in self.errors:
                message = gettext(
                    "This file can be used, but browsers do not keep files when a form has a "
                    "problem. Choose it again."
                )
                self.add_error(name, ValidationError(message, "choose_again"))


# Text of up to twice the length is cleaned before it is counted: spaces and invisible characters
# may go. Longer text is refused as it is.
_RAW_LENGTH_FACTOR = 2
_MAX_LENGTH = 50_000  # of a field that states none


def _check_raw(field: forms.CharField, text: str) -> None:
    """Raise ValidationError if `text` takes long to clean or to normalise."""
    limit = _RAW_LENGTH_FACTOR * (field.max_length or _MAX_LENGTH)
    if len(text) > limit:
        too_long = str(field.error_messages["max_length"])
        check_text(text, field.max_length or limit, too_long=too_long)
    elif not text.isascii():
        check_text(text, limit)


class _Text(forms.CharField):
    """Text whose length the page counts and the server limits; browsers do not cut it off."""

    clean_text = staticmethod(one_line)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)  # a browser would cut off what is pasted
        return attrs

    def to_python(self, value: Any) -> str:
        """The cleaned text; refused uncleaned if it takes long to clean or to normalise."""
        text = str(super().to_python(value) or "")
        _check_raw(self, text)
        return self.clean_text(text)


class LineField(_Text):
    """A line of text. `missing` and `too_long` are error messages."""

    def __init__(
        self, *, missing: StrOrPromise = "", too_long: StrOrPromise = "", **kwargs
    ) -> None:
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("required", bool(missing))
        message = too_long or _("Write this in at most %(limit_value)d characters")
        super().__init__(error_messages={"required": missing, "max_length": message}, **kwargs)


class NameField(LineField):
    """A name of a person or place. It stands in letters, so it may hold no address or link."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if found := _ADDRESS_SIGN.search(value):
            raise ValidationError(
                gettext("Write a name here, without a web or email address: remove “%(text)s”"),
                code="address",
                params={"text": found[0]},
            )


class LinesField(_Text):
    """Several lines of text, at most `word_limit` words if one is given."""

    clean_text = staticmethod(several_lines)

    def __init__(self, *, missing: StrOrPromise = "", word_limit: int = 0, **kwargs) -> None:
        self.word_limit = word_limit
        kwargs.setdefault("required", bool(missing))
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 8}))
        message = _(
            "Your text has %(show_value)d characters. Shorten it to %(limit_value)d or fewer."
        )
        super().__init__(error_messages={"required": missing, "max_length": message}, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        if self.word_limit:
            attrs["data-word-limit"] = str(self.word_limit)
        return attrs

    def validate(self, value: str) -> None:
        super().validate(value)
        count = count_words(value)
        if self.word_limit and count > self.word_limit:
            raise ValidationError(
                ngettext(
                    "Your text has %(count)d word. Shorten it to %(limit)d or fewer.",
                    "Your text has %(count)d words. Shorten it to %(limit)d or fewer.",
                    count,
                ),
                code="too_many_words",
                params={"count": count, "limit": self.word_limit},
            )


class AddressInput(forms.EmailInput):
    """A control for an email address.

    Not `<input type="email">`: Chromium sends such a value with the domain in ASCII by the rules of
    2003, so that “straße.example” becomes “strasse.example”, which is another domain.
    """

    input_type = "text"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        usual = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"}
        super().__init__({**usual, "spellcheck": "false", "size": "40", **(attrs or {})})


class MailboxField(forms.EmailField):
    """An email address in the forms of organisers."""

    default_validators = [AddressValidator()]
    widget = AddressInput


class AddressField(_Text):
    """An email address without spaces, line ends and invisible characters.

    A line end could add headers to a letter. One with a domain in other letters is kept as it was
    typed, in small letters.
    """

    default_validators = [AddressValidator()]

    def __init__(self, *, missing: StrOrPromise = "", **kwargs) -> None:
        kwargs.setdefault("required", bool(missing))
        kwargs.setdefault("widget", AddressInput)
        messages = {
            "required": missing,
            "max_length": _("Enter an email address of at most %(limit_value)d characters"),
        }
        super().__init__(max_length=254, error_messages=messages, **kwargs)

    @staticmethod
    def clean_text(text: str) -> str:
        text = normalize(text.strip())
        if text and (_SPACE.search(text) or one_line(text) != text):
            raise ValidationError(EMAIL_FORM, code="invalid")
        if "@" in text and not text.isascii():
            local, _, domain = text.rpartition("@")
            return f"{local}@{domain.lower()}"  # databases do not all ignore the case of "Ü"
        return text


class LinkField(forms.URLField):
    """An http or https URL, which is stored and shown, never fetched."""

    default_validators = [URLValidator(schemes=["http", "https"], message=LINK_FORM)]

    def __init__(self, **kwargs) -> None:
        # Not <input type="url">, which could not show an invalid value again.
        attrs = {"inputmode": "url", "autocomplete": "url"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        too_long = _("Enter a web address of at most %(limit_value)d characters")
        super().__init__(
            max_length=500,
            required=False,
            assume_scheme="https",
            error_messages={"invalid": LINK_FORM, "max_length": too_long},
            **kwargs,
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {
            name: value
            for name, value in super().widget_attrs(widget).items()
            if name != "maxlength"
        }

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        _check_raw(self, text)  # before Django parses it: parsing normalises the host name
        return super().to_python(one_line(text)) or ""


def radio_field(
    choices: Iterable[tuple[str, StrOrPromise]], *, missing: StrOrPromise = "", **kwargs
) -> forms.ChoiceField:
    """Radio buttons, none of them selected at first."""
    kwargs.setdefault("required", bool(missing))
    return forms.ChoiceField(
        choices=list(choices),
        widget=forms.RadioSelect,
        error_messages={
            "required": missing,
            "invalid_choice": _("Select one of the answers shown"),
        },
        **kwargs,
    )


def checkboxes_field(
    choices: Iterable[tuple[str, StrOrPromise]],
    *,
    missing: StrOrPromise,
    unknown: StrOrPromise,
    **kwargs,
) -> forms.MultipleChoiceField:
    """Checkboxes, of which at least one is required."""
    return forms.MultipleChoiceField(
        choices=list(choices),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": missing, "invalid_choice": unknown, "invalid_list": unknown},
        **kwargs,
    )


class RowsField(forms.ModelMultipleChoiceField):
    """Checkboxes for rows of a table; a key that no database can store is no choice."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        keys = value if isinstance(value, list | tuple) else []
        for key in keys:
            if read_number(str(key)) is None:
                message = self.error_messages["invalid_choice"]
                raise ValidationError(message, code="invalid_choice", params={"value": key})
        return super().clean(value)
