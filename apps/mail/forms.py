"""What organisers write into letters."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError

from apps.mail.texts import SUBJECT_LENGTH, check, check_subject

_BODY_LENGTH = 20_000


class TextForm(forms.Form):
    """A subject and a letter with placeholders; refuses a placeholder that is not known."""

    subject = forms.CharField(
        label="Subject",
        max_length=SUBJECT_LENGTH,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={
            "required": "Write a subject.",
            "max_length": f"A subject has at most {SUBJECT_LENGTH} characters.",
        },
    )
    body = forms.CharField(
        label="Letter",
        max_length=_BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text="Plain text. An empty line begins a paragraph; an address that begins with "
        "https:// becomes a link. How to ask questions, the workshop's name and its address "
        "stand below by themselves.",
        error_messages={
            "required": "Write the letter.",
            "max_length": f"A letter has at most {_BODY_LENGTH} characters.",
        },
    )

    def __init__(self, *args, placeholders: Mapping[str, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.placeholders = placeholders

    def clean_subject(self) -> str:
        subject = " ".join(self.cleaned_data["subject"].split())
        _refuse(check_subject(subject, self.placeholders))
        return subject

    def clean_body(self) -> str:
        body = "\n".join(self.cleaned_data["body"].splitlines())
        _refuse(check(body, self.placeholders))
        return body


def _refuse(faults: list[str]) -> None:
    if faults:
        raise ValidationError([ValidationError(fault) for fault in faults])
