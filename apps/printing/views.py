"""The public pages that verify a certificate by its code, and the certificate itself."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from apps.contributors.models import Speaker
from apps.core import rate_limit
from apps.core.decorators import private_page
from apps.core.rate_limit import Limit
from apps.interest.models import Expression
from apps.printing.certificates import (
    Certificate,
    certificates_for,
    find_certificate,
    make_certificate,
)
from apps.registration.models import Registration

_MAX_CODES = 60  # per network and window; together OVERALL times as many


@require_safe
@private_page
def verify_form(request: HttpRequest) -> HttpResponseBase:
    """Ask for the code, and lead to its page."""
    if code := request.GET.get("code", "").strip()[:80]:
        return redirect("printing:verify", quote(code, safe=""))
    return render(request, "printing/verify.html", {"is_asking": True})


@require_safe
@private_page
def verify(request: HttpRequest, code: str) -> HttpResponseBase:
    """Say for whom and what a certificate is, or that its code is not known."""
    if not _counts(request):
        return render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    found = find_certificate(code)
    if found is None:
        return render(request, "printing/verify.html", status=HTTPStatus.NOT_FOUND)
    with translation.override(found.edition.language_code):
        context = {"certificate": found, "edition": found.edition}
        return render(request, "printing/verify.html", context)


@require_safe
@private_page
def certificate(request: HttpRequest, code: str) -> HttpResponseBase:
    """The certificate as PDF, for those who have its code."""
    if not _counts(request):
        return render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    found = find_certificate(code)
    if found is None:
        return render(request, "printing/verify.html", status=HTTPStatus.NOT_FOUND)
    with translation.override(found.edition.language_code):
        content = make_certificate(found)
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{found.edition.slug}-certificate-{found.kind.name.lower()}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _counts(request: HttpRequest) -> bool:
    limits = [
        Limit("verify:all", rate_limit.OVERALL * _MAX_CODES),
        Limit(f"verify:{rate_limit.network_of(request)}", _MAX_CODES),
    ]
    return rate_limit.count(limits)


# On the own pages of people


def student_panel(expression: Expression, request: HttpRequest) -> SafeString:
    """The certificates on the page of a student."""
    if not expression.edition.is_past:
        return SafeString("")
    registration = expression.registrations.current().first()
    found = certificates_for(expression.edition, registration=registration, expression=expression)
    return _panel(found)


def speaker_panel(speaker: Speaker, request: HttpRequest) -> SafeString:
    """The certificates on the page of a speaker."""
    if not speaker.edition.is_past:
        return SafeString("")
    rows = Registration.objects.for_edition(speaker.edition).current()
    registration = rows.filter(person=speaker.person_id).first()
    return _panel(
        certificates_for(speaker.edition, registration=registration, person_pk=speaker.person_id)
    )


def registration_panel(registration: Registration, request: HttpRequest) -> SafeString:
    """The certificates on the page of a registration."""
    found = certificates_for(
        registration.edition,
        registration=registration,
        expression=registration.expression,
        person_pk=registration.person_id,
    )
    return _panel(found)


def _panel(certificates: list[Certificate]) -> SafeString:
    if not certificates:
        return SafeString("")
    context: dict[str, object] = {"certificates": certificates}
    return render_to_string("printing/panel.html", context)
