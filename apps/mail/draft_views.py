"""The page of one draft letter, shared by the apps that draft letters."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.mail.drafts import DRAFT_GONE, LetterDraft, edit_draft
from apps.mail.forms import TextForm
from apps.mail.models import Letter
from apps.mail.shown import shown_page
from apps.mail.texts import kind_of


def handle_draft_form(request: HttpRequest, draft: LetterDraft) -> dict[str, Any] | None:
    """Return the context of mail/_letter_draft.html, or None once the form was saved.

    "preview" in the POST data shows the letter with the words that were sent and saves nothing.
    Raises NotAllowed if there is no draft any more.
    """
    if not draft.is_drafted:
        raise NotAllowed(DRAFT_GONE)
    placeholders = kind_of(draft.get_letter_kind()).placeholders
    is_sent = request.method == "POST"
    initial = {"subject": draft.draft_subject, "body": draft.draft_body}
    form = TextForm(request.POST if is_sent else None, initial=initial, placeholders=placeholders)
    token = request.POST.get("stamp", "") if is_sent else draft.version_token
    if is_sent and form.is_valid() and "preview" not in request.POST:
        try:
            edit_draft(draft=draft, token=token, **form.cleaned_data)
        except ChangedMeanwhile as conflict:
            form.add_error(None, str(conflict))
        else:
            messages.success(request, "Saved. This letter has words of its own now.")
            return None
    words = form.data if is_sent else initial
    letter = draft.build_letter(subject=words.get("subject", ""), body=words.get("body", ""))
    return {
        "form": form,
        "stamp": token,
        "placeholders": placeholders,
        "preview": preview_of(letter),
        "texts_of": draft.get_edition().pk,
    }


def preview_of(letter: Letter) -> dict[str, Any]:
    """Return the context of mail/_letter_preview.html."""
    return {
        "to": f"{letter.to_name} <{letter.to_email}>",
        "subject": letter.subject,
        "text": letter.body_text,
        "page": shown_page(letter.body_html),
    }
