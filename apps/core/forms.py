"""Forms: error summary, labels of library forms, files to choose again.

Templates are in templates/bootstrap5/; they follow the error summary and error message of the
GOV.UK Design System (WCAG 3.3.1, 3.3.2, 3.3.3).
"""

from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator


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
        if not self.errors:
            return
        for name, field in self.fields.items():
            is_sent = isinstance(field, forms.FileField) and self.files.get(self.add_prefix(name))
            if is_sent and name not in self.errors:
                message = (
                    "This file is fine, but was not kept because of the problems below or above."
                )
                self.add_error(name, ValidationError(f"{message} Choose it again.", "choose_again"))


class PlainLabels:
    """A mixin that replaces labels, help texts and messages of a library's form, by field name.

    Placeholders are removed, since they disappear as soon as a person types.
    """

    labels: dict[str, str] = {}
    helps: dict[str, str] = {}
    required: dict[str, str] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, field.help_text)
            if name in self.required:
                field.error_messages["required"] = self.required[name]
            if isinstance(field, forms.EmailField):
                message = "Enter an e-mail address in the form name@example.org"
                field.error_messages["invalid"] = message
                field.validators = [EmailValidator(message)]
