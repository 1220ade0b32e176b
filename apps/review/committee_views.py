"""Chairs' pages about the reviewers of an edition: invitations, progress and reminders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.forms import sent_data
from apps.core.text import count_of, read_number
from apps.editions.models import Edition
from apps.interest.permissions import require_chair
from apps.mail.drafts import ReleaseReport
from apps.mail.views import DraftPages
from apps.review.agreement import agreement_of
from apps.review.assignment_views import render_review_page
from apps.review.committee import (
    MOST_ADDRESSES,
    AddressList,
    InvitationEffect,
    Invitee,
    committee_progress,
    invite_reviewers,
    plan_invitations,
    read_addresses,
    waiting_invitations,
)
from apps.review.models import InvitedReviewer, ReviewReminder
from apps.review.reminders import draft_reminders, release_reminders, reminders

_MAX_LENGTH = 20_000  # characters of a pasted list


class InviteForm(forms.Form):
    """A pasted list of addresses; `cleaned_data["addresses"]` is an AddressList."""

    addresses = forms.CharField(
        label="Addresses",
        max_length=_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"}),
        help_text="One on each line, or with commas between them. Names are allowed: "
        f"Ada Example <ada@example.org>. At most {MOST_ADDRESSES} at once.",
        error_messages={"required": "Paste at least one address."},
    )

    def clean_addresses(self) -> AddressList:
        found = read_addresses(self.cleaned_data["addresses"])
        if found.faults:
            raise forms.ValidationError(found.faults)
        return found


@gives_back("addresses")
@require_GET_POST
def invite_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Paste addresses, see what happens to each, and invite."""
    user, edition = _enter(request, pk)
    if not user.has_perm("accounts.add_invitation"):
        raise PermissionDenied
    form = InviteForm(sent_data(request))
    plan: list[Invitee] = []
    if form.is_bound and form.is_valid():
        found = form.cleaned_data["addresses"]
        if "invite" in request.POST:
            invitees = invite_reviewers(
                edition=edition, emails=found.emails, names=found.names, by=user
            )
            _show_invited(request, invitees)
            return redirect("review:progress", pk)
        plan = plan_invitations(edition, found.emails, names=found.names, by=user)
    emailed = sum(
        invitee.effect in {InvitationEffect.INVITE, InvitationEffect.WAITING} for invitee in plan
    )
    context = {
        "title": "Invite reviewers",
        "form": form,
        "plan": plan,
        "emailed": emailed,
        "useful": sum(
            invitee.effect not in {InvitationEffect.HERE, InvitationEffect.REFUSED}
            for invitee in plan
        ),
    }
    return render_review_page(request, edition, "review/invite.html", context)


def _show_invited(request: HttpRequest, invitees: list[Invitee]) -> None:
    invited = sum(
        row.effect in {InvitationEffect.INVITE, InvitationEffect.WAITING} and not row.reason
        for row in invitees
    )
    added = sum(row.effect == InvitationEffect.ADD for row in invitees)
    if invited:
        messages.success(request, f"{count_of(invited, 'invitation')} sent by email.")
    if added:
        messages.success(request, f"{count_of(added, 'reviewer')} added.")
    if not invited and not added and not any(row.reason for row in invitees):
        messages.info(request, "There are no addresses to invite.")
    for row in invitees:
        if row.link and row.reason:
            # Shown once: the database has only a hash of the link.
            text = "The email to {} was not sent ({}). Give them this link: {}"
            messages.warning(request, format_html(text, row.email, row.reason, row.link))
        elif row.effect == InvitationEffect.REFUSED:
            messages.warning(request, f"{row.email}: {row.reason}")


@require_safe
def progress_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What each reviewer has done, and who has not accepted an invitation yet."""
    _, edition = _enter(request, pk)
    rows = committee_progress(edition)
    context = {
        "title": "Progress of the review",
        "rows": rows,
        "done": sum(row.progress.done for row in rows),
        "total": sum(row.progress.total for row in rows),
        "is_assigned": any(row.assigned for row in rows),
        "invited": waiting_invitations(edition),
        "agreement": agreement_of(edition),
    }
    return render_review_page(request, edition, "review/progress.html", context)


@require_POST
def uninvite_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an address off the list of invited reviewers; its invitation is withdrawn elsewhere."""
    _, edition = _enter(request, pk)
    key = read_number(request.POST.get("invited", "")) or 0
    invited = InvitedReviewer.objects.filter(edition=edition, pk=key).first()
    if invited:
        invited.delete()
        messages.success(request, f"{invited.email} is not going to be a reviewer of {edition}.")
    return redirect("review:progress", pk)


class ReminderPages(DraftPages):
    permission = "interest.decide_expression"
    title = "Remind reviewers"
    noun = "reminder"
    url_name = "review:reminders"
    list_template = "review/reminders.html"
    about_template = "review/_reminder.html"

    def get_drafts(self, edition: Edition) -> list[ReviewReminder]:
        return reminders(edition)

    def draft(self, edition: Edition) -> int:
        return draft_reminders(edition=edition)

    def release(self, edition: Edition, *, seen: Sequence[str], by: User) -> ReleaseReport:
        return release_reminders(edition=edition, seen=seen)

    def get_context(self, edition: Edition, drafts: Sequence[Any]) -> dict[str, Any]:
        return {"number": len(drafts)}


def _enter(request: HttpRequest, pk: int) -> tuple[User, Edition]:
    return require_chair(request), get_object_or_404(Edition, pk=pk)
