"""Check-in at the desk: one page for telephones, and the addresses that its script uses.

The page works without its script: a form that takes a code or words of a name. The script adds the
camera and goes on without network, with the list of people that it loaded before.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe
from django_permissions_policy.decorators import permissions_policy_override

from apps.core.admin import render_desk_page
from apps.core.decorators import private_page
from apps.core.exceptions import NotAllowed
from apps.core.forms import MailboxField
from apps.core.text import read_number
from apps.editions.models import Edition
from apps.registration.checkin.services import (
    Answer,
    Outcome,
    Scan,
    add_walk_in,
    admit,
    check_in,
    count,
    places_left,
    search,
    undo,
)
from apps.registration.models import AttendanceKind, Registration

_MOST_SCANS = 500  # in one request; a script sends more in several
_BROWSER = "browser"  # device of the form without a script
_may_check_in = permission_required("registration.check_in_registration", raise_exception=True)
_NOT_FOUND = {
    Outcome.UNKNOWN: "No registration has this code. Type a name instead.",
    Outcome.OTHER_EDITION: "This ticket is of another edition.",
}
_SENTENCES = {
    Outcome.WELCOME: "Checked in",
    Outcome.ALREADY: "Already checked in",
    Outcome.WAITING: "On the waiting list: no place yet",
    Outcome.CANCELLED: "This registration is cancelled",
}


class WalkInForm(forms.Form):
    """Somebody who comes without a registration."""

    name = forms.CharField(label="Full name", max_length=200)
    email = MailboxField(
        label="Email address", required=False, max_length=254, help_text="For a certificate."
    )
    kind = forms.ModelChoiceField(
        AttendanceKind.objects.none(), label="Kind", required=False, empty_label="–"
    )

    def __init__(self, data: Any = None, *, edition: Edition) -> None:
        super().__init__(data, prefix="walk-in")
        kinds = edition.attendance_kinds.filter(is_extra=False)
        if kinds:
            self.fields["kind"].queryset = kinds  # type: ignore[attr-defined]
        else:
            del self.fields["kind"]


@require_safe
@_may_check_in
def current(request: HttpRequest) -> HttpResponseBase:
    """Redirect to the check-in of the current edition, or of the latest."""
    edition = Edition.objects.order_by("-is_current", "-year").first()
    return redirect(_url(edition) if edition else "admin:index")


@require_safe
@_may_check_in
@private_page
@permissions_policy_override({**settings.PERMISSIONS_POLICY, "camera": ["self"]})
def page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The check-in of an edition; with `q` the people found, with `person` the last answer."""
    edition = get_object_or_404(Edition, pk=pk)
    return _show(request, edition, WalkInForm(edition=edition))


def _show(
    request: HttpRequest, edition: Edition, walk_in_form: WalkInForm, status: int = 200
) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:200]
    everyone, *kinds = count(edition)
    context = {
        "title": "Check-in",
        "edition": edition,
        "everyone": everyone,
        "kinds": kinds,
        "places_left": places_left(edition),
        "words": words,
        "found": search(edition, words) if words else (),
        "answer": _last_answer(request, edition),
        "walk_in_form": walk_in_form,
    }
    return render_desk_page(request, "registration/checkin/page.html", context, status=status)


@require_POST
@_may_check_in
@private_page
def check_in_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Check in by a typed code, without a script; words that are no code are searched for."""
    edition = get_object_or_404(Edition, pk=pk)
    text = request.POST.get("text", "").strip()[:200]
    answer = check_in(edition=edition, scan=Scan(text), device=_BROWSER)
    if answer.registration is None and answer.outcome == Outcome.UNKNOWN and text:
        return redirect(f"{_url(edition)}?{urlencode({'q': text})}")
    return _redirect_to(request, edition, answer)


@require_POST
@_may_check_in
@private_page
def admit_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a person a place and check them in."""
    edition = get_object_or_404(Edition, pk=pk)
    registration = _posted_registration(request, edition)
    try:
        answer = admit(registration=registration, device=_BROWSER)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(_url(edition))
    return _redirect_to(request, edition, answer)


@require_POST
@_may_check_in
@private_page
def undo_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take back a check-in."""
    edition = get_object_or_404(Edition, pk=pk)
    registration = _posted_registration(request, edition)
    undo(registration=registration)
    messages.success(request, f"{registration.name} is not checked in any more.")
    return redirect(_url(edition))


@require_POST
@_may_check_in
@private_page
def walk_in(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Register somebody who came without a registration."""
    edition = get_object_or_404(Edition, pk=pk)
    form = WalkInForm(request.POST, edition=edition)
    if not form.is_valid():
        return _show(request, edition, form, status=422)
    answer = add_walk_in(
        edition=edition,
        name=form.cleaned_data["name"],
        email=form.cleaned_data["email"],
        kind=form.cleaned_data.get("kind"),
        device=_BROWSER,
    )
    return _redirect_to(request, edition, answer)


@require_safe
@_may_check_in
@private_page
def people(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everyone registered, as the script keeps them in memory for the time without network."""
    edition = get_object_or_404(Edition, pk=pk)
    rows = Registration.objects.for_edition(edition).select_related("kind").in_name_order()
    everyone = rows.prefetch_related("extras")
    return JsonResponse({"people": [_as_data(one) for one in everyone], **_counts(edition)})


@require_POST
@_may_check_in
@private_page
def scans(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Scans of one telephone as JSON, also ones that were sent before; answers each, in their order.

    The body is {"device": "…", "scans": [{"text": "…", "at": "2027-01-28T09:12:44Z"}]}.
    """
    edition = get_object_or_404(Edition, pk=pk)
    try:
        device, sent = _read_scans(json.loads(request.body))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return JsonResponse({"error": "These are no scans."}, status=400)
    answers = [check_in(edition=edition, scan=scan, device=device) for scan in sent]
    return JsonResponse({"answers": [_answer_data(one) for one in answers], **_counts(edition)})


def _read_scans(data: dict[str, Any]) -> tuple[str, list[Scan]]:
    device, sent = data["device"], data["scans"]
    if not isinstance(device, str) or not re.fullmatch(r"[\w-]{8,40}", device, re.ASCII):
        raise ValueError("a device is 8 to 40 letters, digits, _ and -")
    if not isinstance(sent, list) or len(sent) > _MOST_SCANS:
        raise ValueError("too many scans")
    return device, [Scan(_text(scan["text"]), _moment(scan["at"])) for scan in sent]


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError("a text")
    return value[:400]


def _moment(value: object) -> datetime:
    moment = parse_datetime(_text(value))
    if moment is None or moment.tzinfo is None:
        raise ValueError("a time with its zone")
    return moment


def _posted_registration(request: HttpRequest, edition: Edition) -> Registration:
    key = read_number(request.POST.get("person", ""))
    return get_object_or_404(Registration, edition=edition, pk=key or 0)


def _url(edition: Edition) -> str:
    return reverse("check-in:page", args=[edition.pk])


def _redirect_to(request: HttpRequest, edition: Edition, answer: Answer) -> HttpResponse:
    """To the page that shows the answer, which a reload does not send again."""
    if answer.registration is None:
        messages.error(request, _NOT_FOUND[answer.outcome])
        return redirect(_url(edition))
    query = urlencode({"person": answer.registration.pk, "outcome": answer.outcome.value})
    return redirect(f"{_url(edition)}?{query}")


def _last_answer(request: HttpRequest, edition: Edition) -> dict[str, Any] | None:
    """The person in the address as they are now; a welcome only if the outcome in it says so."""
    key = read_number(request.GET.get("person", ""))
    people = Registration.objects.for_edition(edition).select_related("kind")
    registration = people.filter(pk=key).first() if key else None
    if registration is None:
        return None
    outcome = Outcome.CANCELLED
    if registration.is_waiting:
        outcome = Outcome.WAITING
    elif registration.is_attending:
        if registration.checked_in_at is None:
            return None
        is_first = request.GET.get("outcome") == Outcome.WELCOME
        outcome = Outcome.WELCOME if is_first else Outcome.ALREADY
    return _answer_data(Answer(outcome, registration))


def _answer_data(answer: Answer) -> dict[str, Any]:
    person = _as_data(answer.registration) if answer.registration else None
    sentence = _SENTENCES.get(answer.outcome) or _NOT_FOUND[answer.outcome]
    return {"outcome": answer.outcome.value, "sentence": sentence, "person": person}


def _as_data(registration: Registration) -> dict[str, Any]:
    """What the desk needs to know of a person, and no address."""
    at = registration.checked_in_at
    zone = registration.edition.zone if at else None
    return {
        "id": registration.pk,
        "name": registration.name,
        "affiliation": registration.affiliation,
        "pronunciation": registration.pronunciation,
        "kind": registration.kind.name if registration.kind else "",
        "extras": [extra.name for extra in registration.extras.all()],
        "note": registration.badge_note,
        "code": registration.display_code,
        "token": registration.ticket_token,
        "status": registration.status,
        "since": timezone.localtime(at, zone).strftime("%H:%M") if at else "",
    }


def _counts(edition: Edition) -> dict[str, Any]:
    groups = [{"name": c.name, "here": c.here, "expected": c.expected} for c in count(edition)]
    return {"counts": groups}
