"""The public registration page with its form, and the page of a ticket."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.core import rate_limit
from apps.core.decorators import gives_back, private_page, require_GET_POST, shows_refused_form
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.processes import write_lock
from apps.core.rate_limit import Limit
from apps.core.tokens import hash_token
from apps.editions.models import Edition
from apps.interest.submission import FormToken, issue_token, read_token
from apps.interest.views import CLOSED, NO_COOKIE, TOO_OLD, TRAP, TRAPPED
from apps.private_links.views import get_visible_edition
from apps.registration.forms import TEXT_FIELDS, RegistrationForm
from apps.registration.letters import send_letter
from apps.registration.models import Registration, RegistrationLink, RegistrationPeriod
from apps.registration.services import Registered, register, update_registration

_MAX_RESEND_LETTERS = 3  # per registration and window, to the owner of an address
TOO_MANY = _(
    "Many people registered from your network or with your address just now. Nothing you typed is "
    "lost: leave this page open, wait ten minutes, then send it again."
)


def _show_refused(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The form as it was sent, without a valid CSRF token; nothing is stored."""
    return _receive(request, _get_period(request, edition), refusal=str(NO_COOKIE))


@shows_refused_form(_show_refused)
@gives_back("email", *TEXT_FIELDS)
@require_GET_POST
def registration(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The registration in the organisers' words, and the form while it is open."""
    period = _get_period(request, edition)
    if request.method == "POST":
        return _receive(request, period)
    form = RegistrationForm(period=period) if takes_registrations(period) else None
    token = issue_token(period.edition, is_test=False) if form else None
    response = _show(request, period, form, token)
    # Revalidated each time, yet kept by the back button with everything that was typed.
    response["Cache-Control"] = "private, no-cache"
    return response


def takes_registrations(period: RegistrationPeriod) -> bool:
    """Whether visitors can register now; nobody can for a draft, or for what is over."""
    edition = period.edition
    is_off = edition.is_draft or edition.is_cancelled or edition.is_past
    return period.is_public and period.is_open and not is_off


def _get_period(request: HttpRequest, slug: str) -> RegistrationPeriod:
    """The registration of an edition; 404 if it has none, or none that the user may see."""
    editions = Edition.objects.visible_to(request.user)
    periods = RegistrationPeriod.objects.select_related("edition")
    period = get_object_or_404(periods, edition__slug=slug, edition__in=editions)
    if not period.is_public and not request.user.has_perm("editions.change_edition"):
        raise Http404
    return period


def _show(
    request: HttpRequest,
    period: RegistrationPeriod,
    form: RegistrationForm | None,
    token: FormToken | None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    edition = period.edition
    can_send = form is not None and (form.can_register or form.is_bound)
    context = {
        "edition": edition,
        "period": period,
        "status": period.status,
        "is_off": edition.is_cancelled or edition.is_past,
        "form": form if can_send else None,
        "is_full": form is not None and not can_send,
        "places": form.places.in_words() if form else "",
        "token": token,
        "trap": TRAP,
        "canonical_url": settings.SITE_URL + reverse("registration:form", args=[edition.slug]),
    }
    return render(request, "registration/form.html", context, status=status)


# A sent form


@private_page
def _receive(
    request: HttpRequest, period: RegistrationPeriod, *, refusal: str = ""
) -> HttpResponse:
    """Store the registration, or show the form again with everything that was typed.

    A `refusal` is the reason why it is not stored, whatever it holds.
    """
    edition = period.edition
    if request.POST.get(TRAP):
        refusal = refusal or str(TRAPPED)
    token = read_token(edition, request.POST.get("token", ""))
    form = RegistrationForm(request.POST, period=period)
    if form.is_valid() and token and not refusal:
        email = form.cleaned_data["email"]
        if own := _own_registration(request, edition, email, token.browser_key(edition, email, "")):
            return _send_again(request, own, form)
    if not takes_registrations(period):
        form.add_error(None, CLOSED)
        return _show(request, period, form, None, HTTPStatus.CONFLICT)
    if token is None:
        form.add_error(None, TOO_OLD)
        token = issue_token(edition, is_test=False)
    if refusal:
        form.add_error(None, refusal)
        return _show(request, period, form, token, HTTPStatus.FORBIDDEN)
    if form.errors:
        return _show(request, period, form, token)
    return _register(request, period, form, token)


def _register(
    request: HttpRequest, period: RegistrationPeriod, form: RegistrationForm, token: FormToken
) -> HttpResponse:
    edition, email = period.edition, form.cleaned_data["email"]
    registered: Registered | None = None
    try:
        # One commit for the rate limits and the registration. The lock queues the writers fairly.
        with write_lock(), transaction.atomic():
            if rate_limit.count(rate_limit.limits_for(request, email)):
                registered = register(
                    edition=edition,
                    given=form.given,
                    browser_key=token.browser_key(edition, email, ""),
                    confirmed_at=timezone.now(),
                )
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _show(request, period, form, token, HTTPStatus.CONFLICT)
    if registered is None:
        form.add_error(None, TOO_MANY)
        response = _show(request, period, form, token, HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(rate_limit.WINDOW)
        return response
    if registered.link:
        messages.success(request, _thanks(registered.registration))
        response = redirect(registered.registration)
        registered.link.remember(request, response)
        return response
    # Two presses at once: the other one was first.
    browser_key = token.browser_key(edition, email, "")
    if own := _own_registration(request, edition, email, browser_key):
        return _send_again(request, own, form)
    return _not_stored(request, registered.registration)


def _thanks(registration: Registration) -> str:
    if not settings.HAS_MAIL:
        words = gettext("Thank you. This site cannot send email now: come back in this browser.")
    elif registration.is_waiting:
        words = gettext("Thank you. We are sending an email to %(email)s with a private link.")
    else:
        words = gettext("Thank you. We are sending your ticket to %(email)s with a private link.")
    return words % {"email": registration.email}


def _own_registration(
    request: HttpRequest, edition: Edition, email: str, browser_key: str
) -> RegistrationLink | None:
    """The link of this page or browser to the registration of `email`, if it has one."""
    links = RegistrationLink.objects.open().filter(
        registration__in=Registration.objects.for_edition(edition).current().of_address(email)
    )
    own = links.filter(token_hash=hash_token(browser_key)).first()
    return own or links.filter(pk__in=RegistrationLink.remembered(request)).first()


def _send_again(
    request: HttpRequest, link: RegistrationLink, form: RegistrationForm
) -> HttpResponse:
    """The form, sent again by its page or browser: the registration gets the answers.

    Where these cannot be stored the registration stays as it is, and its page shows that.
    """
    found = link.registration
    try:
        update_registration(registration=found, version=found.version, given=form.given)
        messages.success(request, gettext("You are registered already. Your answers are saved."))
    except (ChangedMeanwhile, NotAllowed) as refusal:
        messages.warning(request, str(refusal) or gettext("You are registered already."))
    response = redirect(found)
    link.remember(request, response)
    return response


def _not_stored(request: HttpRequest, registration: Registration) -> HttpResponse:
    """The address is registered, from another browser: its owner gets a letter, nothing changes."""
    key = f"registration:sent-again:{registration.pk}"
    if rate_limit.count([Limit(key, _MAX_RESEND_LETTERS)]):
        with transaction.atomic():
            send_letter(registration, "sent_again")
    context = {"edition": registration.edition}
    return render(request, "registration/not_stored.html", context)


# Tickets


@require_safe
@private_page
def ticket(request: HttpRequest, edition: str, token: str) -> HttpResponse:
    """What a telephone shows that scans a ticket without the desk's check-in: no names."""
    visible = get_visible_edition(request, edition)
    registrations = Registration.objects.for_edition(visible).current()
    context = {
        "edition": visible,
        "is_valid": registrations.attending().filter(ticket_token=token).exists(),
    }
    return render(request, "registration/ticket.html", context)
