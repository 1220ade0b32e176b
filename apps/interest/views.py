"""The call with its form, and access to the form for one person after the call has closed."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from http import HTTPStatus

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core import rate_limit
from apps.core.decorators import (
    gives_back,
    private_page,
    require_GET_POST,
    shows_refused_form,
    takes_files_if,
)
from apps.core.exceptions import NotAllowed
from apps.core.processes import write_lock
from apps.core.rate_limit import Limit
from apps.core.tokens import hash_token
from apps.editions.models import Call, Edition
from apps.interest.forms import TEXT_FIELDS, ExpressionForm
from apps.interest.models import AccessLink, StudentLink, fingerprint
from apps.interest.student.display import typed_rows
from apps.interest.student.views import TOO_MANY, send_again
from apps.interest.submission import (
    FormToken,
    issue_token,
    read_token,
    submit_expression,
    tell_owner_of_resend,
)
from apps.interest.workflow import State

# A field that people do not see. A program that fills in every field reveals itself.
TRAP = "comment"
_MAX_RESEND_LETTERS = 3  # per entry and window, to the owner of what others send again

TOO_OLD = _(
    "This page was open for more than a day, or the form arrived incomplete. Nothing you typed is "
    "lost. Check it, then send it again."
)
NO_COOKIE = _(
    "Nothing was stored: this page was open for too long, or your browser did not send its cookie "
    "back. Everything you typed is below. Allow cookies for this site, then send it again."
)
TRAPPED = _(
    "Nothing was stored: a field that people do not see was filled in, perhaps by your browser. "
    "Everything you typed is below. Send it again."
)
CLOSED = _("This cannot be sent now. What you typed is below: copy it before you leave.")


class Access(Enum):
    """Whether, and how, a visitor may use the form."""

    OPEN = "open"
    LATE = "late"
    LET_IN = "let in"
    TEST = "test"
    CLOSED = "closed"


def _show_refused(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The form as it was sent, without a valid CSRF token; nothing is stored."""
    return _receive(request, _get_edition(request, edition), refusal=str(NO_COOKIE))


def _asks_pdf(*, edition: str) -> bool:
    """Whether the form of the call has a field for a file."""
    return Call.objects.filter(edition__slug=edition, asks_pdf=True).exists()


@takes_files_if(_asks_pdf)
@shows_refused_form(_show_refused)
@gives_back("email", *TEXT_FIELDS)
@require_GET_POST
def call(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The call in the organisers' words, and the form while it is open."""
    found = _get_edition(request, edition)
    if request.method == "POST":
        return _receive(request, found)
    access = _access(request, found, _access_link(request, found))
    form = token = None
    if access is not Access.CLOSED:
        form = ExpressionForm(edition=found, call=found.call)
        token = issue_token(found, is_test=access is Access.TEST)
    response = _show(request, found, access, form, token)
    # Revalidated each time, yet kept by the back button with everything that was typed.
    response["Cache-Control"] = "private, no-cache"
    return response


def _get_edition(request: HttpRequest, slug: str) -> Edition:
    """The edition with its call; 404 if there is none, or none the user may see."""
    editions = Edition.objects.visible_to(request.user).filter(call__isnull=False)
    return get_object_or_404(editions.select_related("call"), slug=slug)


def _show(
    request: HttpRequest,
    edition: Edition,
    access: Access,
    form: ExpressionForm | None,
    token: FormToken | None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    if form and token:
        form.ask_for_files_again()
    context = {
        "edition": edition,
        "call": edition.call,
        "status": edition.call.status,
        "opens": edition.call.opens_at,
        "closes": edition.call.closes_at,
        "edits_close": edition.call.edits_close_at,
        "access": access.value,
        "is_off": _is_off(edition),
        "form": form,
        "token": token,
        "trap": TRAP,
        "canonical_url": settings.SITE_URL + reverse("interest:call", args=[edition.slug]),
    }
    return render(request, "interest/call.html", context, status=status)


# Access to the form


def _is_off(edition: Edition) -> bool:
    """Whether the workshop is over or cancelled, whatever the dates of the call are."""
    return edition.is_cancelled or edition.is_past


def _may_test(request: HttpRequest) -> bool:
    """Whether the user edits the call, and so may try its form."""
    user = request.user
    return user.is_active and user.is_staff and user.has_perm("editions.change_edition")


def _access_link(request: HttpRequest, edition: Edition) -> AccessLink | None:
    """The late applicant's link that this browser opened, if it still works."""
    remembered = AccessLink.remembered(request)
    if not remembered:
        return None
    return (
        AccessLink.objects.open().filter(pk__in=remembered, edition=edition, used_by=None).first()
    )


def _access(request: HttpRequest, edition: Edition, access_link: AccessLink | None) -> Access:
    status = edition.call.status
    if _is_off(edition):
        return Access.CLOSED
    if edition.is_draft:
        return Access.TEST if _may_test(request) else Access.CLOSED
    if status == Call.Status.OPEN:
        return Access.OPEN
    if access_link:
        return Access.LET_IN
    if status in {Call.Status.BEFORE, Call.Status.UNDATED} and _may_test(request):
        return Access.TEST
    return Access.CLOSED


def _is_late_entry(edition: Edition, token: FormToken | None) -> bool:
    """Whether the page was first shown while the call, closed by now, was open."""
    closes_at = edition.call.closes_at
    return (
        token is not None
        and not token.is_test
        and edition.call.status == Call.Status.CLOSED
        and closes_at is not None
        and token.issued_at < closes_at
        and not _is_off(edition)
        and not edition.is_draft
    )


# Submission


@private_page
def _receive(request: HttpRequest, edition: Edition, *, refusal: str = "") -> HttpResponse:
    """Store the submission, or show the form again with everything that was typed.

    A `refusal` is the reason why it is not stored, whatever it holds.
    """
    if request.POST.get(TRAP):
        refusal = refusal or str(TRAPPED)
    token = read_token(edition, request.POST.get("token", ""))
    access_link = _access_link(request, edition)
    access = _access(request, edition, access_link)
    if access is Access.CLOSED and _is_late_entry(edition, token):
        access = Access.LATE
    form = ExpressionForm(request.POST, request.FILES, edition=edition, call=edition.call)
    browser_key = ""
    if form.is_valid() and token and not refusal:
        data = form.cleaned_data
        browser_key = token.browser_key(edition, data["email"], data["title"])
        remembered = StudentLink.remembered(request)
        # Without a cookie `_submit` recognises the page, unless it is too late to store anything.
        if (remembered or access is Access.CLOSED) and (
            link := _own_link(edition, form, token, browser_key, remembered)
        ):
            return send_again(request, link)
    if access is Access.CLOSED:
        form.add_error(None, CLOSED)
        return _show(request, edition, access, form, None, HTTPStatus.CONFLICT)
    if token is None:
        form.add_error(None, TOO_OLD)
        token = issue_token(edition, is_test=access is Access.TEST)
    if refusal:
        form.add_error(None, refusal)
        return _show(request, edition, access, form, token, HTTPStatus.FORBIDDEN)
    if form.errors:
        return _show(request, edition, access, form, token)
    return _submit(request, edition, access, form, token, browser_key, access_link)


def _submit(
    request: HttpRequest,
    edition: Edition,
    access: Access,
    form: ExpressionForm,
    token: FormToken,
    browser_key: str,
    access_link: AccessLink | None,
) -> HttpResponse:
    email = form.cleaned_data["email"]
    try:
        # One commit for the rate limits and the submission. The lock queues the writers fairly:
        # left to SQLite, the last of 64 waits for 13 seconds.
        with write_lock(), transaction.atomic():
            is_within_limits = rate_limit.count(rate_limit.limits_for(request, email))
            if is_within_limits:
                expression, _, link = submit_expression(
                    edition=edition,
                    fields=form.service_fields(),
                    topics=form.chosen_topics(),
                    coauthors=form.coauthor_pairs(),
                    answers=form.answers(),
                    pdf=_sent_pdf(form),
                    is_late=access in {Access.LATE, Access.LET_IN},
                    is_test=access is Access.TEST or (token.is_test and _may_test(request)),
                    access_link=access_link if access is Access.LET_IN else None,
                    browser_key=browser_key,
                )
    except NotAllowed as refusal:
        form.add_error(None, f"{refusal} {CLOSED}")
        return _show(request, edition, Access.CLOSED, form, None, HTTPStatus.CONFLICT)
    if not is_within_limits:
        form.add_error(None, TOO_MANY)
        response = _show(request, edition, access, form, token, HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(rate_limit.WINDOW)
        return response
    if link:
        response = redirect("interest:sent", edition.slug, expression.reference)
        link.remember(request, response)
        return response
    if own_link := _own_link(edition, form, token, browser_key):  # the answer did not arrive
        return send_again(request, own_link)
    # Another browser sent the same address and title: the visitor may not see that entry.
    if rate_limit.count([Limit(f"interest:sent-again:{expression.pk}", _MAX_RESEND_LETTERS)]):
        tell_owner_of_resend(expression=expression)
    return _not_stored(request, edition, form)


def _sent_pdf(form: ExpressionForm) -> File | None:
    pdf = form.new_pdf()
    return pdf if isinstance(pdf, File) else None


def _own_link(
    edition: Edition,
    form: ExpressionForm,
    token: FormToken,
    browser_key: str,
    remembered: Iterable[int] = (),
) -> StudentLink | None:
    """The link of this page or browser to the entry that a valid `form` sends again, if any.

    It is the same entry if it has the same address, and the same title or the same abstract.
    """
    email, title, abstract = (form.cleaned_data[name] for name in ("email", "title", "abstract"))
    own = Q(pk__in=remembered) | Q(token_hash=hash_token(browser_key))
    links = (
        StudentLink.objects.open()
        .filter(own, expression__edition=edition, expression__is_test=token.is_test)
        .exclude(expression__state=State.WITHDRAWN)
        .select_related("expression")
        .order_by("-pk")
    )
    same_title, same_abstract = [], []
    for link in links:
        expression = link.expression
        if expression.fingerprint == fingerprint(edition, email, title):
            same_title.append(link)
        elif (expression.email.casefold(), expression.abstract) == (email.casefold(), abstract):
            same_abstract.append(link)
    return next(iter([*same_title, *same_abstract]), None)


def _not_stored(request: HttpRequest, edition: Edition, form: ExpressionForm) -> HttpResponse:
    """Reply to duplicates from another browser, with what was typed."""
    context = {"edition": edition, "rows": typed_rows(form)}
    return render(request, "interest/not_stored.html", context)


# Access for one late applicant


@require_GET_POST
@private_page
def let_in(request: HttpRequest, edition: str, token: str) -> HttpResponse:
    """GET shows one button and changes nothing; POST lets this browser use the form."""
    found = _get_edition(request, edition)
    link = AccessLink.objects.for_token(token).filter(edition=found).first()
    if link is None:
        raise Http404
    if not link.is_open or _is_off(found):
        context = {"edition": found, "link": link}
        return render(request, "interest/let_in_ended.html", context, status=HTTPStatus.GONE)
    if request.method != "POST":
        return render(request, "interest/let_in.html", {"edition": found, "link": link})
    response = redirect("interest:call", found.slug)
    link.remember(request, response)
    return response
