"""Pages behind the private link of a registration, and “I will come” on the pages of people we know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from apps.contributors.models import Speaker
from apps.contributors.speakers import speaker_link_views
from apps.core.addresses import suggest_address
from apps.core.decorators import gives_back, private_page, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.qr import qr_svg
from apps.core.rate_limit import Limit, count
from apps.editions.models import Call
from apps.interest.models import Expression
from apps.interest.student.display import Row
from apps.interest.student.views import own_expression
from apps.interest.workflow import State
from apps.private_links.models import link_expiry
from apps.private_links.views import EmailForm, PrivateLinkViews, get_visible_edition
from apps.registration import services
from apps.registration.display import answer_rows, everything_about
from apps.registration.forms import TEXT_FIELDS, RegistrationForm
from apps.registration.models import Registration, RegistrationLink, RegistrationPeriod
from apps.registration.preregistration import known_answers
from apps.registration.views import takes_registrations

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_MAX_ADDRESS_CHANGES = 3  # each queues two letters
_NO_LONGER_CHANGEABLE = _("Your answers can no longer be changed here. Please write to us.")
_COMING = {State.ACCEPTED, State.CONFIRMED}


registration_link_views = PrivateLinkViews(
    link_model=RegistrationLink,
    owner_field="registration",
    lookup_field="code",
    get_owners=lambda: Registration.objects.select_related(
        "edition__registration_period", "kind", "needs"
    ),
    base_template="registration/base.html",
    template_folder="registration",
    url_prefix="registration:",
    signed_out_message=_("You are signed out. The link in our emails still works."),
)
own_registration = registration_link_views.owner_required


@dataclass(frozen=True)
class Steps:
    """The actions that are open to the person."""

    change: bool
    cancel: bool
    come: bool  # “I will come”

    @classmethod
    def of(cls, registration: Registration) -> Steps:
        edition = registration.edition
        is_alive = not registration.is_cancelled and not edition.is_past
        is_alive = is_alive and not edition.is_cancelled and registration.checked_in_at is None
        period = _period_of(registration)
        is_closed = period is None or period.status == Call.Status.CLOSED
        return cls(
            change=is_alive and not is_closed,
            cancel=is_alive,
            come=is_alive and registration.confirmed_at is None,
        )


def _period_of(registration: Registration) -> RegistrationPeriod | None:
    return getattr(registration.edition, "registration_period", None)


_panels: list[Callable[[Registration, HttpRequest], SafeString]] = []


def register_registration_panel(
    panel: Callable[[Registration, HttpRequest], SafeString],
) -> None:
    """Register a function that returns the safe HTML of a `<section>`, or "" for none."""
    if panel not in _panels:
        _panels.append(panel)


@require_safe
@own_registration
def mine(request: HttpRequest, registration: Registration) -> HttpResponse:
    """The person's page: state, ticket, answers and next steps."""
    svg = ""
    if registration.is_attending:
        title = gettext("QR code of the ticket %(code)s") % {"code": registration.display_code}
        svg = qr_svg(registration.ticket_url, title=title)
    rows: list[Row] = answer_rows(registration)
    panels = [html for panel in _panels if (html := panel(registration, request))]
    return _page(request, registration, "mine", rows=rows, ticket=svg, panels=panels)


@gives_back(*TEXT_FIELDS)
@require_GET_POST
@own_registration
def change(request: HttpRequest, registration: Registration) -> HttpResponse:
    """The form with the stored answers; changes made meanwhile are shown, not overwritten."""
    period = _period_of(registration)
    if period is None or not Steps.of(registration).change:
        return _refuse(request, registration, _NO_LONGER_CHANGEABLE)
    form = RegistrationForm(request.POST or None, period=period, instance=registration)
    version, status, stored = registration.version, HTTPStatus.OK, []
    if request.method == "POST":
        # Sent again after an answer of 409, the answers overwrite the stored ones.
        opened_with = _version_of(request)
        if not form.is_valid():
            version = opened_with
        else:
            try:
                services.update_registration(
                    registration=registration, version=opened_with, given=form.given
                )
                return _done(request, registration, gettext("Your changes are saved."))
            except ChangedMeanwhile:
                status, stored = HTTPStatus.CONFLICT, answer_rows(registration)
            except NotAllowed as refusal:
                form.add_error(None, str(refusal))
                status = HTTPStatus.CONFLICT
    return _page(
        request, registration, "change", status=status, form=form, version=version, stored=stored
    )


@gives_back("email")
@require_GET_POST
@own_registration
def address(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Change the email address; letters go to the old and the new one."""
    form = EmailForm(request.POST or None, initial={"email": registration.email})
    status = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if email == registration.email:
            return _done(request, registration, gettext("We already have this address."))
        key = f"registration:change-of-address:{registration.pk}"
        if not count([Limit(key, _MAX_ADDRESS_CHANGES)]):
            words = gettext("The address was changed too often. Wait ten minutes, then try again.")
            form.add_error("email", words)
            status = HTTPStatus.TOO_MANY_REQUESTS
        else:
            try:
                services.correct_address(registration=registration, email=email)
            except NotAllowed as refusal:
                form.add_error("email", str(refusal))
            else:
                message = gettext("From now on we write to %(email)s.") % {"email": email}
                # All links were revoked, also the one that this browser was signed in by.
                return _sign_in(request, registration, _done(request, registration, message))
    return _page(request, registration, "address", status=status, form=form)


@require_POST
@own_registration
def come(request: HttpRequest, registration: Registration) -> HttpResponse:
    """“I will come”, of a person whom organisers registered."""
    if not Steps.of(registration).come:
        return redirect(registration)
    try:
        services.confirm_coming(registration=registration)
    except NotAllowed as refusal:
        return _refuse(request, registration, str(refusal))
    return _done(request, registration, gettext("Thank you. We look forward to meeting you."))


@require_GET_POST
@own_registration
def cancel(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Ask for confirmation, then cancel; the place goes to the next person."""
    if not Steps.of(registration).cancel:
        return _refuse(request, registration, gettext("This can no longer be cancelled here."))
    if request.method != "POST":
        return _page(request, registration, "cancel")
    try:
        services.cancel(registration=registration)
    except NotAllowed as refusal:
        return _refuse(request, registration, str(refusal))
    message = gettext("Your registration is cancelled. Thank you for telling us.")
    return _done(request, registration, message)


@require_safe
@own_registration
def data(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Download the person's data as JSON (GDPR, articles 15 and 20)."""
    name = f"registration-{registration.code}.json"
    return JsonResponse(
        everything_about(registration),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_GET_POST
@own_registration
def erase(request: HttpRequest, registration: Registration) -> HttpResponse:
    """Ask for confirmation, then erase everything (GDPR, article 17)."""
    if request.method != "POST":
        return _page(request, registration, "erase")
    services.erase_on_request(registration=registration)
    return redirect("registration:erased", registration.edition.slug)


@require_safe
@private_page
def erased(request: HttpRequest, edition: str) -> HttpResponse:
    """The page after a person erased their data."""
    context = {"edition": get_visible_edition(request, edition)}
    return render(request, "registration/erased.html", context)


# “I will come”: students and speakers whom we know


@require_POST
@own_expression
def register_student(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Register the student of an accepted entry, or open the registration that they have."""
    if expression.state not in _COMING:
        return _refuse(request, expression, gettext("Your entry has no place in the programme."))
    return _register_known(request, expression, expression=expression)


@require_POST
@speaker_link_views.owner_required
def register_speaker(request: HttpRequest, speaker: Speaker) -> HttpResponse:
    """Register a speaker, or open the registration that they have."""
    return _register_known(request, speaker, person=speaker.person)


def _register_known(
    request: HttpRequest, known: Expression | Speaker, **facts: Any
) -> HttpResponse:
    """Register `known`, whose page this browser has opened, and open the new page in it.

    A registration that another person's browser made with the same address is not opened.
    """
    edition = known.edition
    period = RegistrationPeriod.objects.select_related("edition").filter(edition=edition).first()
    own = Registration.objects.for_edition(edition).current().filter(**facts).first()
    if own is None and (period is None or not takes_registrations(period)):
        return _refuse(request, known, gettext("The registration is not open."))
    try:
        with transaction.atomic():
            if own is None:
                source, given = known_answers(known)
                registered = services.register(
                    edition=edition,
                    given=given,
                    source=source,
                    confirmed_at=timezone.now(),
                    **facts,
                )
                own = registered.registration if registered.is_new else None
            elif Steps.of(own).come:
                services.confirm_coming(registration=own)
    except NotAllowed as refusal:
        return _refuse(request, known, str(refusal))
    if own is None:
        message = gettext(
            "Your address is registered already. Open that registration with the link in our email."
        )
        return _refuse(request, known, message)
    lacks_kind = own.kind_id is None and edition.attendance_kinds.filter(is_extra=False).exists()
    if lacks_kind and Steps.of(own).change:
        messages.success(request, gettext("You are registered. Select how you will take part."))
        return _sign_in(request, own, redirect("registration:change", edition.slug, own.code))
    return _sign_in(request, own, redirect(own))


def student_panel(expression: Expression, request: HttpRequest) -> SafeString:
    """The registration on a student's page; "" if there is nothing to do."""
    if expression.state not in _COMING:
        return SafeString("")
    return _panel(request, expression, "student", expression.reference, expression=expression)


def speaker_panel(speaker: Speaker, request: HttpRequest) -> SafeString:
    """The registration on a speaker's page; "" if there is nothing to do."""
    return _panel(request, speaker, "speaker", speaker.pk, person=speaker.person)


def _panel(
    request: HttpRequest, known: Expression | Speaker, name: str, key: Any, **facts: Any
) -> SafeString:
    edition = known.edition
    own = Registration.objects.for_edition(edition).current().filter(**facts).first()
    period = RegistrationPeriod.objects.select_related("edition").filter(edition=edition).first()
    if own is None and (period is None or not takes_registrations(period)):
        return SafeString("")
    context = {
        "edition": edition,
        "registration": own,
        "period": period,
        "may_come": own is None or Steps.of(own).come,
        "url_name": f"registration:{name}",
        "key": key,
    }
    return render_to_string("registration/panel.html", context, request)


# Helpers


def _page(
    request: HttpRequest,
    registration: Registration,
    template: str,
    *,
    status: int = HTTPStatus.OK,
    **context: Any,
) -> HttpResponse:
    """A page about the stored registration."""
    context |= {
        "registration": registration,
        "edition": registration.edition,
        "period": _period_of(registration),
        "steps": Steps.of(registration),
        "suggested_email": suggest_address(registration.email),
    }
    return render(request, f"registration/{template}.html", context, status=status)


def _sign_in(
    request: HttpRequest, registration: Registration, response: HttpResponse
) -> HttpResponse:
    link, _token = RegistrationLink.mint(
        registration=registration, expires_at=link_expiry(registration.edition)
    )
    link.remember(request, response)
    return response


def _done(request: HttpRequest, registration: Registration, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect(registration)


def _refuse(request: HttpRequest, owner: Any, message: StrOrPromise) -> HttpResponse:
    messages.warning(request, message)
    return redirect(owner)


def _version_of(request: HttpRequest) -> int:
    """The version that the form was opened with; 0, which never exists, if it is no number."""
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        return 0
