"""Pages for letters about new times and rooms: draft, read, edit, release. For chairs."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.views.decorators.http import require_POST, require_safe

from apps.core.decorators import require_GET_POST
from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.interest.permissions import require_chair
from apps.mail.drafts import discard
from apps.mail.views import handle_draft_form
from apps.programme import change_emails
from apps.programme.admin.base import below_programme, page_of
from apps.programme.models import ContributionLetter


def urls() -> list[URLPattern]:
    """URLs below the list of sessions."""
    return below_programme(
        ("<int:pk>/letters/", require_safe(letters_view), "letters"),
        ("<int:pk>/letters/draft/", require_POST(draft_change_letters_view), "draft_letters"),
        ("<int:pk>/letters/release/", require_GET_POST(release_letters_view), "release_letters"),
        ("letter/<int:pk>/", require_GET_POST(letter_view), "letter"),
        ("letter/<int:pk>/discard/", require_POST(discard_view), "discard_letter"),
    )


def letters_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The letters that are due, and the drafts."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    return page_of(
        request,
        "letters",
        edition,
        title="Letters about new times and rooms",
        overview=change_emails.letters_of(edition),
        has_mail=settings.HAS_MAIL,
    )


def draft_change_letters_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Draft the letters that are due. Nothing is sent."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    count = change_emails.draft_change_letters(edition=edition)
    if count:
        messages.success(request, f"{_letters(count)} drafted. Nothing was sent.")
    else:
        messages.info(request, "There is nobody else to be told.")
    return _back(edition)


def release_letters_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Confirm, then release what was shown."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        seen = request.POST.get("seen", "").split()
        count = change_emails.release_letters(edition=edition, seen=seen)
        left = len(set(seen)) - count
        message = f"{_letters(count)} released" + (
            f"; {left} left: changed, released or discarded since you looked" if left else ""
        )
        (messages.success if count else messages.warning)(request, f"{message}.")
        return _back(edition)
    ready = change_emails.letters_of(edition).ready
    if not ready:
        messages.info(request, "No letter is ready to be released.")
        return _back(edition)
    return page_of(
        request,
        "release_letters",
        edition,
        title=f"Release {_letters(len(ready))}",
        count=len(ready),
        seen=" ".join(letter.draft_key for letter in ready),
        has_mail=settings.HAS_MAIL,
    )


def letter_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Read and edit one draft."""
    require_chair(request)
    letter = get_object_or_404(ContributionLetter.objects.with_all(), pk=pk)
    edition = letter.get_edition()
    letter.addressee = change_emails.addressees_of(edition).get(letter.key)
    try:
        if letter.addressee is None:
            raise NotAllowed
        context = handle_draft_form(request, letter)
    except NotAllowed:
        messages.info(request, "This letter is no draft any more: it was released or discarded.")
        return _back(edition)
    if context is None:
        return redirect("admin:programme_session_letter", pk)
    title = f"Letter to {letter.addressee.recipient.name}"
    return page_of(request, "letter", edition, title=title, letter=letter, **context)


def discard_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Do not tell this person of this move."""
    require_chair(request)
    letter = get_object_or_404(ContributionLetter.objects.with_all(), pk=pk)
    try:
        discard(draft=letter)
    except NotAllowed:
        messages.error(request, "Nothing was changed: this letter is no draft any more.")
    else:
        messages.success(request, f"The letter to {letter.letter.to_name} is discarded.")
    return _back(letter.get_edition())


def _back(edition: Edition) -> HttpResponseBase:
    return redirect("admin:programme_session_letters", edition.pk)


def _letters(count: int) -> str:
    return "1 letter" if count == 1 else f"{count} letters"
