"""How our forms speak: what stands in the summary of errors, and plain labels.

The templates that draw a form are in templates/bootstrap5/; the rules are those of the
GOV.UK Design System's error summary and error message (WCAG 3.3.1, 3.3.2, 3.3.3).
"""

from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator


class ErrorLink(NamedTuple):
    """One line of the summary: the words, and the id of the control they are about."""

    words: str
    target: str


def first_control_id(field: forms.BoundField) -> str:
    """The id a link must name to put the keyboard into this field."""
    # A group of radio buttons or boxes has no control of its own: its first one, then.
    if field.use_fieldset and hasattr(field.field, "choices"):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


def error_links(form: forms.BaseForm) -> list[ErrorLink]:
    """Every error of a bound form in the order of its fields, those of the whole form first.

    An error of the whole form leads to its first visible field.
    """
    if not form.errors:
        return []
    visible = form.visible_fields()
    first = first_control_id(visible[0]) if visible else "main"
    links = [ErrorLink(str(words), first) for words in form.non_field_errors()]
    for field in form:
        target = first if field.is_hidden else first_control_id(field)
        links += [ErrorLink(str(words), target) for words in field.errors]
    return links


class ChooseAgain(forms.BaseForm):
    """Mixed into a form with files: a sound one that is lost to a mistake elsewhere is asked for again.

    A browser keeps no file across an answer; saying nothing would lose it in silence.
    """

    def full_clean(self) -> None:
        super().full_clean()
        if not self.errors:
            return
        for name, field in self.fields.items():
            is_sent = isinstance(field, forms.FileField) and self.files.get(self.add_prefix(name))
            if is_sent and name not in self.errors:
                words = (
                    "This file is fine, but was not kept because of the problems below or above."
                )
                self.add_error(name, ValidationError(f"{words} Choose it again.", "choose_again"))


class PlainWords:
    """Mixed into a library's form to give it our words, set per field name.

    `labels`, `helps` and `required` replace what the library says; its placeholders go,
    since they vanish as soon as somebody types.
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
                words = "Enter an e-mail address in the form name@example.org"
                field.error_messages["invalid"] = words
                field.validators = [EmailValidator(words)]
