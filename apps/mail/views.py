"""Form, preview and page of letter texts, shared by the apps that write letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nh3
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.mail.drafts import DRAFT_GONE, LetterDraft, edit_draft
from apps.mail.models import Letter
from apps.mail.texts import SUBJECT_LENGTH, check, check_subject, kind_of

_BODY_LENGTH = 20_000
# Tags to read a letter by: no address to follow, no picture, no style.
_TAGS = {*("p", "br", "h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd", "strong", "em", "a")}


class TextForm(forms.Form):
    """Subject and body with placeholders; unknown placeholders are refused."""

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


def handle_draft_form(request: HttpRequest, draft: LetterDraft) -> dict[str, Any] | None:
    """Return the context of mail/_letter_draft.html, or None once the form was saved.

    "preview" in the POST data shows the letter with the text that was sent and saves nothing.
    Raises NotAllowed if there is no draft any more.
    """
    if not draft.is_drafted:
        raise NotAllowed(DRAFT_GONE)
    placeholders = kind_of(draft.get_letter_kind()).placeholders
    is_sent = request.method == "POST"
    initial = {"subject": draft.draft_subject, "body": draft.draft_body}
    form = TextForm(request.POST if is_sent else None, initial=initial, placeholders=placeholders)
    token = request.POST.get("version_token", "") if is_sent else draft.version_token
    if is_sent and form.is_valid() and "preview" not in request.POST:
        try:
            edit_draft(draft=draft, token=token, **form.cleaned_data)
        except ChangedMeanwhile as conflict:
            form.add_error(None, str(conflict))
        else:
            messages.success(request, "Saved. This letter has words of its own now.")
            return None
    values = form.data if is_sent else initial
    letter = draft.build_letter(subject=values.get("subject", ""), body=values.get("body", ""))
    return {
        "form": form,
        "version_token": token,
        "placeholders": placeholders,
        "preview": letter_preview(letter),
        "texts_of": draft.get_edition().pk,
    }


def letter_preview(letter: Letter) -> dict[str, Any]:
    """Return the context of mail/_letter_preview.html."""
    return {
        "to": f"{letter.to_name} <{letter.to_email}>",
        "subject": letter.subject,
        "text": letter.body_text,
        "page": safe_letter_html(letter.body_html),
    }


def safe_letter_html(html: str) -> SafeString:
    """The HTML of a letter for a page of the desk, without links, pictures and styles."""
    dropped = {"script", "style", "title"}
    page = nh3.clean(html, tags=_TAGS, attributes={}, clean_content_tags=dropped)
    return mark_safe(page)  # noqa: S308  (nh3 has cleaned it)  # nosec
