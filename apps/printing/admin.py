"""The page “Print” of an edition: a preview and a download of each kind of document."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.core.admin import log_action
from apps.core.decorators import require_GET_POST
from apps.core.exceptions import NotAllowed
from apps.core.text import read_number
from apps.editions.models import Edition
from apps.printing.attendees import PERMISSION as ATTENDEES_PERMISSION
from apps.printing.characters import is_drawn
from apps.printing.documents import (
    PROGRAMME_PERMISSION,
    Kind,
    all_kinds,
    find_kind,
    make_pdf,
    make_preview,
)
from apps.printing.invitations import InvitationForm, facts_of, make_invitation
from apps.printing.typesetting import typeset_picture
from apps.programme.admin.base import (
    below_programme,
    register_programme_pages,
    render_programme_page,
)
from apps.programme.models import Contributor
from apps.programme.releases import latest_release
from apps.registration.models import Registration

_INVITED = "Printed: a letter of invitation."
_PDF, _PNG = "application/pdf", "image/png"


def urls() -> list[URLPattern]:
    """URLs below the programme of an edition."""
    return below_programme(
        ("<int:pk>/print/", print_view, "print"),
        ("<int:pk>/print/invitation/", invitation_view, "print_invitation"),
        ("<int:pk>/print/<slug:name>.png", preview_view, "print_preview"),
        ("<int:pk>/print/<slug:name>/", download_view, "print_download"),
    )


def overview_context(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    """Context for the programme's overview page: whether the user may print."""
    return {"may_print": bool(_kinds_of(request))}


register_programme_pages(urls=urls, overview_context=overview_context)


def _kinds_of(request: HttpRequest) -> list[Kind]:
    return [kind for kind in all_kinds() if request.user.has_perm(kind.permission)]


def _find(request: HttpRequest, pk: int, name: str) -> tuple[Edition, Kind]:
    kind = find_kind(name)
    if not request.user.has_perm(kind.permission if kind else PROGRAMME_PERMISSION):
        raise PermissionDenied
    if kind is None:
        raise Http404("No such kind of document.")
    return get_object_or_404(Edition, pk=pk), kind


@require_safe
def print_view(request: HttpRequest, pk: int) -> HttpResponse:
    """List the kinds that the user may print, each with its first page."""
    kinds = _kinds_of(request)
    if not kinds:
        raise PermissionDenied
    edition = get_object_or_404(Edition, pk=pk)
    shown = find_kind(request.GET.get("kind", ""))
    return render_programme_page(
        request,
        "print",
        edition,
        app="printing",
        title="Print",
        kinds=[
            (kind, kind.layout_named(request.GET.get("layout", "") if kind is shown else ""))
            for kind in kinds
        ],
        release=latest_release(edition),
        not_drawn=_names_not_drawn(request, edition),
        may_invite=request.user.has_perm(ATTENDEES_PERMISSION),
    )


def _names_not_drawn(request: HttpRequest, edition: Edition) -> list[str]:
    """The names with characters that no font has, among those that the user may see."""
    credits = Contributor.objects.filter(contribution__edition=edition).select_related("person")
    names = {credit.shown_name for credit in credits}
    if request.user.has_perm(ATTENDEES_PERMISSION):
        names |= set(
            Registration.objects.for_edition(edition).attending().values_list("name", flat=True)
        )
    return sorted(name for name in names if not is_drawn(name))


@require_safe
def preview_view(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The first page as a picture, or a page that says why there is none."""
    edition, kind = _find(request, pk, name)
    try:
        picture = make_preview(kind, edition, layout=request.GET.get("layout", ""))
    except NotAllowed as reason:
        picture = typeset_picture("empty", {"message": str(reason)})
    return HttpResponse(picture, content_type=_PNG)


@require_POST
def download_view(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Download the PDF; the log keeps who did."""
    edition, kind = _find(request, pk, name)
    try:
        content = make_pdf(kind, edition, layout=request.POST.get("layout", ""))
    except NotAllowed as reason:
        messages.error(request, f"{kind.title}: {reason}")
        return redirect("admin:programme_session_print", pk)
    log_action(
        cast(User, request.user), CHANGE, str(edition), f"Printed: {kind.title}.", model=Edition
    )
    return _download(content, kind.file_name(edition))


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_PDF)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET_POST
@permission_required(ATTENDEES_PERMISSION, raise_exception=True)
def invitation_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a letter of invitation; what is typed becomes the PDF and is not stored."""
    edition = get_object_or_404(Edition, pk=pk)
    people = Registration.objects.for_edition(edition).current().in_name_order()
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        content = make_invitation(edition, form.cleaned_data)
        log_action(cast(User, request.user), CHANGE, str(edition), _INVITED, model=Edition)
        return _download(content, f"{edition.slug}-invitation.pdf")
    chosen = people.filter(pk=read_number(request.GET.get("registration", "")) or 0).first()
    if chosen:
        form.initial = facts_of(chosen)
    return render_programme_page(
        request,
        "invitation",
        edition,
        app="printing",
        title="Letter of invitation",
        form=form,
        people=people.only("pk", "name", "affiliation"),
        chosen=chosen,
    )
