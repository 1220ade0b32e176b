"""The page at the desk on which chairs write to registered people."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from apps.core.admin import render_desk_page
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.core.forms import sent_data
from apps.core.text import count_of
from apps.editions.models import Edition
from apps.interest.permissions import require_chair
from apps.mail.texts import text_of
from apps.mail.views import TextForm, describe_test, letter_preview
from apps.registration.attendee_letters import (
    PLACEHOLDERS,
    SURVEY_LINKS,
    TEXTS,
    audiences,
    build_letter,
    list_token,
    queue_test,
    recipients_of,
    send_mailing,
)

_MOST_SAMPLES = 500


class AttendeeTextForm(TextForm):
    """A text whose link of the survey was filled in."""

    def clean_body(self) -> str:
        body = super().clean_body()
        for words in SURVEY_LINKS:
            if words in body:
                self.add_error("body", f"Write the address of your survey in place of {words}.")
        return body


@gives_back("subject", "body")
@require_GET_POST
def write_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Choose people and a text, see the email, test it, confirm the number, and send."""
    by = require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    groups = {each.name: each for each in audiences(edition)}
    name = request.GET.get("to", "attending")
    if name not in groups:
        raise Http404
    audience = groups[name]
    recipients = recipients_of(audience, edition)
    kind = request.GET.get("text", "registration/thanks")
    data = sent_data(request)
    text = text_of(edition, kind) if kind in TEXTS else None
    initial = {"subject": text.subject, "body": text.body} if text else {}
    form = AttendeeTextForm(data, initial=initial, placeholders=PLACEHOLDERS)
    is_valid = form.is_bound and form.is_valid() and bool(recipients)
    key = request.POST.get("key", "")[:64] or secrets.token_urlsafe(24)
    by_key = {str(row.pk): row for row in recipients}
    sample = by_key.get(request.POST.get("sample", ""), recipients[0] if recipients else None)
    if is_valid and "send" in request.POST:
        try:
            mailing, _ = send_mailing(
                edition=edition,
                audience=audience,
                token=request.POST.get("version_token", ""),
                key=key,
                by=by,
                **form.cleaned_data,
            )
        except ChangedMeanwhile:
            changed = "Nothing was sent, because the list changed meanwhile. Check it again."
            messages.error(request, changed)
        else:
            count = count_of(mailing.letters.count(), "email")
            messages.success(request, f"{count} on record; they are sent now, if not sent before.")
            return redirect("admin:mail_mailing_change", mailing.pk)
    if is_valid and sample and "test" in request.POST:
        queue_test(sample, **form.cleaned_data, to=by)
        messages.success(request, describe_test(by))
    is_confirming = is_valid and bool({"look", "send"} & set(request.POST))
    values: Any = form.cleaned_data if is_valid else (form.data if form.is_bound else initial)
    words = {"subject": values.get("subject", ""), "body": values.get("body", "")}
    context = {
        "title": "Send the emails" if is_confirming else "Write to registered people",
        "edition": edition,
        "audience": audience,
        "groups": list(groups.values()),
        "texts": TEXTS.items(),
        "kind": kind,
        "number": len(recipients),
        "addressed": recipients if is_confirming else [],
        "is_confirming": is_confirming,
        "version_token": list_token(recipients),
        "key": key,
        "form": form,
        "placeholders": PLACEHOLDERS,
        "samples": recipients[:_MOST_SAMPLES],
        "sample": sample,
        "preview": letter_preview(build_letter(sample, **words)) if sample else None,
    }
    return render_desk_page(request, "admin/registration/registration/write.html", context)
