"""Letters to those whose time or room changed: drafted, read one by one, released. For chairs."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.views.decorators.http import require_POST, require_safe

from apps.core.decorators import require_GET_POST
from apps.core.exceptions import ChangedMeanwhile
from apps.editions.models import Edition
from apps.interest.permissions import require_chair
from apps.mail.forms import TextForm
from apps.mail.shown import shown_page
from apps.mail.texts import kind_of
from apps.programme import change_emails
from apps.programme.admin.parts import below_programme, page_of
from apps.programme.models import ContributionLetter


def urls() -> list[URLPattern]:
    """Below the list of sessions."""
    return below_programme(
        ("<int:pk>/letters/", require_safe(letters_view), "letters"),
        ("<int:pk>/letters/draft/", require_POST(draft_view), "draft_letters"),
        ("<int:pk>/letters/release/", require_GET_POST(release_view), "release_letters"),
        ("letter/<int:pk>/", require_GET_POST(letter_view), "letter"),
        ("letter/<int:pk>/discard/", require_POST(discard_view), "discard_letter"),
    )


def letters_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who is to be told, and the drafts."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    standing = change_emails.standing_of(edition)
    return page_of(
        request,
        "letters",
        edition,
        title="Letters about new times and rooms",
        standing=standing,
        has_mail=settings.HAS_MAIL,
    )


def draft_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Drafts what is to be drafted. Nothing is sent."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    count = change_emails.draft_letters(edition=edition)
    if count:
        messages.success(request, f"{_letters(count)} drafted. Nothing was sent.")
    else:
        messages.info(request, "There is nobody else to be told.")
    return _back(edition)


def release_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The page before they go out; then they do."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        seen = request.POST.get("seen", "").split()
        count = change_emails.release_letters(edition=edition, seen=seen)
        left = len(set(seen)) - count
        words = f"{_letters(count)} released" + (
            f"; {left} left: changed, released or discarded since you looked" if left else ""
        )
        (messages.success if count else messages.warning)(request, f"{words}.")
        return _back(edition)
    ready = change_emails.standing_of(edition).ready
    if not ready:
        messages.info(request, "No letter is ready to be released.")
        return _back(edition)
    return page_of(
        request,
        "release_letters",
        edition,
        title=f"Release {_letters(len(ready))}",
        count=len(ready),
        seen=" ".join(link.stamp for link in ready),
        has_mail=settings.HAS_MAIL,
    )


def letter_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One draft: read as it will be read, and given words of its own."""
    require_chair(request)
    link = get_object_or_404(ContributionLetter.objects.with_all(), pk=pk)
    edition = link.edition
    to = change_emails.addressee_of(link)
    if link.letter.state != link.letter.State.DRAFT or to is None:
        messages.info(request, "This letter is no draft any more: it was released or discarded.")
        return _back(edition)
    placeholders = kind_of(to.kind).placeholders
    is_sent = request.method == "POST"
    form = TextForm(
        request.POST if is_sent else None,
        initial={"subject": link.subject, "body": link.body},
        placeholders=placeholders,
    )
    stamp = request.POST.get("stamp", "") if is_sent else link.stamp
    if is_sent and form.is_valid() and "preview" not in request.POST:
        try:
            change_emails.edit_draft(link=link, stamp=stamp, **form.cleaned_data)
        except ChangedMeanwhile:
            form.add_error(
                None, "The draft was changed in another window. Copy your words and open it anew."
            )
        else:
            messages.success(request, "Saved. This letter has words of its own now.")
            return redirect("admin:programme_session_letter", pk)
    words = form.data if is_sent else form.initial
    letter = change_emails.written(
        to,
        edition=edition,
        subject=words.get("subject", ""),
        body=words.get("body", ""),
        places=link.places,
    )
    return page_of(
        request,
        "letter",
        edition,
        title=f"Letter to {to.name}",
        link=link,
        form=form,
        stamp=stamp,
        texts_of=edition.pk,
        placeholders=placeholders,
        preview={
            "to": f"{to.name} <{to.email}>",
            "subject": letter.subject,
            "text": letter.body_text,
            "page": shown_page(letter.body_html),
        },
    )


def discard_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """This one is not told of this move."""
    require_chair(request)
    link = get_object_or_404(ContributionLetter.objects.with_all(), pk=pk)
    if change_emails.discard_draft(link=link):
        messages.success(request, f"The letter to {link.letter.to_name} is discarded.")
    else:
        messages.error(request, "Nothing was changed: this letter is no draft any more.")
    return _back(link.edition)


def _back(edition: Edition) -> HttpResponseBase:
    return redirect("admin:programme_session_letters", edition.pk)


def _letters(count: int) -> str:
    return "1 letter" if count == 1 else f"{count} letters"
