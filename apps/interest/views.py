"""The call and its form, and the door for one person after it has closed."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import escape

from apps.core import rate_limit
from apps.core.blanks import WithBlanks, blank
from apps.core.decorators import private_page, require_GET_POST
from apps.core.rows import is_there
from apps.core.together import undisturbed
from apps.core.tokens import hash_token
from apps.editions.models import Call, Edition
from apps.interest import entry
from apps.interest.calls import find_edition, made_of
from apps.interest.entry import Begun
from apps.interest.forms import ExpressionForm
from apps.interest.models import AccessLink, Expression, StudentLink
from apps.interest.moments import moment_of
from apps.interest.services import NotPossible
from apps.interest.submitting import submit_expression

# A field no person sees; a program that fills in whatever there is gives itself away.
TRAP = "comment"

TOO_QUICK = "That was quick. Look your answers over once more, then send them."
TOO_OLD = (
    "This page was open for more than a day, or reached us incomplete. Nothing you typed is lost: "
    "look it over, then send it again."
)
TOO_MANY = (
    "Many entries came from your network or with your address just now. Nothing you typed is "
    "lost: leave this page open, wait ten minutes, then send it again."
)
SHUT = "It is not possible to send this now. What you typed is below: copy it before you leave."


class Door(Enum):
    """How the form stands to whoever asks for it."""

    OPEN = "open"
    LATE = "late"
    LET_IN = "let in"
    REHEARSAL = "rehearsal"
    SHUT = "shut"


@require_GET_POST
def call(request: HttpRequest, edition: str) -> HttpResponseBase:
    """The call in the organisers' words, and while it is open the form."""
    found = _find(request, edition)
    if request.method == "POST":
        return _receive(request, found)
    access_link = _access_link(request, found)
    door = _door(request, found, access_link)
    if door is Door.SHUT:
        response = _show(request, found, door, None, None)
    else:
        response = _show_empty_form(request, found, door)
    # Asked for anew each time, yet kept by the back button with all that was typed.
    response["Cache-Control"] = "private, no-cache"
    return response


def _find(request: HttpRequest, slug: str) -> Edition:
    """The edition with its call; 404 if there is none, or none the user may see."""
    edition = find_edition(slug, request.user)
    if edition is None:
        raise Http404
    return edition


def _show_empty_form(request: HttpRequest, edition: Edition, door: Door) -> HttpResponse:
    """The form as it is first seen, from memory for who has no session: it differs from one to
    the next in two hidden fields. What the page says of the call is of this moment all the same."""
    begun = entry.begin(edition, is_rehearsal=door is Door.REHEARSAL)
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return _show(
            request, edition, door, ExpressionForm(edition=edition, call=edition.call), begun
        )
    made = made_of(edition, edition.call)
    standing = edition.call.status, _is_off(edition)
    key = (_show_empty_form, door, *standing)
    if key not in made:
        page = _show(
            request,
            edition,
            door,
            ExpressionForm(edition=edition, call=edition.call),
            replace(begun, signature=blank("begun")),
            standing=standing,
            csrf_token=blank("csrf_token"),
        )
        made[key] = WithBlanks(page.content.decode())
    values = {"begun": escape(begun.signature), "csrf_token": escape(get_token(request))}
    return HttpResponse(made[key].fill(values))


def _show(
    request: HttpRequest,
    edition: Edition,
    door: Door,
    form: ExpressionForm | None,
    begun: Begun | None,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    standing: tuple[str, bool] | None = None,
    **hidden: str,
) -> HttpResponse:
    here = reverse("interest:call", args=[edition.slug])
    status_of_call, is_off = standing or (edition.call.status, _is_off(edition))
    context = {
        "edition": edition,
        "call": edition.call,
        "status": status_of_call,
        "opens": moment_of(edition.call.opens_at),
        "closes": moment_of(edition.call.closes_at),
        "edits_close": moment_of(edition.call.edits_close_at),
        "door": door.value,
        "is_off": is_off,
        "form": form,
        "begun": begun,
        "trap": TRAP,
        "canonical_url": settings.SITE_URL + here,
        **hidden,
    }
    return render(request, "interest/call.html", context, status=status)


# Who may send


def _is_off(edition: Edition) -> bool:
    """Whether there is no workshop to come any more, whatever the call's dates say."""
    return edition.is_cancelled or edition.is_past


def _may_rehearse(request: HttpRequest) -> bool:
    """Whether this is an organiser who writes the call, and so may try its form."""
    user = request.user
    return user.is_active and user.is_staff and user.has_perm("editions.change_edition")


def _access_link(request: HttpRequest, edition: Edition) -> AccessLink | None:
    """The late person's link this browser was let in with, if it still works."""
    remembered = AccessLink.remembered(request)
    if not remembered:
        return None
    return (
        AccessLink.objects.open().filter(pk__in=remembered, edition=edition, used_by=None).first()
    )


def _door(request: HttpRequest, edition: Edition, access_link: AccessLink | None) -> Door:
    status = edition.call.status
    if _is_off(edition):
        return Door.SHUT
    if edition.is_draft:
        return Door.REHEARSAL if _may_rehearse(request) else Door.SHUT
    if status == Call.Status.OPEN:
        return Door.OPEN
    if access_link:
        return Door.LET_IN
    if status in {Call.Status.BEFORE, Call.Status.UNDATED} and _may_rehearse(request):
        return Door.REHEARSAL
    return Door.SHUT


def _is_begun_in_time(edition: Edition, begun: Begun | None) -> bool:
    """Whether the page was first seen while the call, closed by now, was open."""
    closes_at = edition.call.closes_at
    return (
        begun is not None
        and not begun.is_rehearsal
        and edition.call.status == Call.Status.CLOSED
        and closes_at is not None
        and begun.at < closes_at
        and not _is_off(edition)
        and not edition.is_draft
    )


# What is sent


@private_page
def _receive(request: HttpRequest, edition: Edition) -> HttpResponse:
    with undisturbed():  # all of it has arrived by now: nobody waits for somebody's slow network
        return _keep_or_ask(request, edition)


def _keep_or_ask(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Keeps what was sent, or shows it again with what there is to do. Nothing typed is lost."""
    if request.POST.get(TRAP):
        return _received(request, edition)
    begun = entry.read(edition, request.POST.get("begun", ""))
    access_link = _access_link(request, edition)
    door = _door(request, edition, access_link)
    if door is Door.SHUT and _is_begun_in_time(edition, begun):
        door = Door.LATE
    form = ExpressionForm(request.POST, edition=edition, call=edition.call)
    is_valid = form.is_valid()
    if is_valid and begun and (link := _sent_from(edition, begun, form)):
        return _confirm(request, link)
    if door is Door.SHUT:
        form.add_error(None, SHUT)
        return _show(request, edition, door, form, None, HTTPStatus.CONFLICT)
    if begun is None:
        form.add_error(None, TOO_OLD)
        begun = entry.begin(edition, is_rehearsal=door is Door.REHEARSAL)
    elif is_valid and begun.is_too_quick:
        form.add_error(None, TOO_QUICK)
    if form.errors:
        return _show(request, edition, door, form, begun)
    if not rate_limit.count(rate_limit.limits_for(request, form.cleaned_data["email"])):
        form.add_error(None, TOO_MANY)
        response = _show(request, edition, door, form, begun, HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(rate_limit.WINDOW)
        return response
    return _submit(request, edition, door, form, begun, access_link)


def _submit(
    request: HttpRequest,
    edition: Edition,
    door: Door,
    form: ExpressionForm,
    begun: Begun,
    access_link: AccessLink | None,
) -> HttpResponse:
    try:
        expression, is_new, link = submit_expression(
            edition=edition,
            fields=form.service_fields(),
            topics=form.chosen_topics(),
            coauthors=form.coauthor_pairs(),
            answers=form.answers(),
            is_late=door in {Door.LATE, Door.LET_IN},
            is_test=door is Door.REHEARSAL or (begun.is_rehearsal and _may_rehearse(request)),
            access_link=access_link if door is Door.LET_IN else None,
            browser_key=_key(edition, begun, form),
            call=edition.call,
        )
    except NotPossible as reason:
        form.add_error(None, f"{reason} {SHUT}")
        return _show(request, edition, Door.SHUT, form, None, HTTPStatus.CONFLICT)
    if not is_new:
        link = _link_to(request, edition, begun, form, expression)
    if link is None:
        # Somebody else's, sent with the same address and title: it is not theirs to see.
        return _received(request, edition)
    return _confirm(request, link)


def _key(edition: Edition, begun: Begun, form: ExpressionForm) -> str:
    return begun.browser_key(edition, form.cleaned_data["email"], form.cleaned_data["title"])


def _sent_from(edition: Edition, begun: Begun, form: ExpressionForm) -> StudentLink | None:
    """The link to what this very page has sent before, if it has."""
    token_hash = hash_token(_key(edition, begun, form))
    # Most send once: that there is none is asked for in the quickest way.
    if not is_there(StudentLink, "token_hash", token_hash):
        return None
    return StudentLink.objects.open().filter(token_hash=token_hash).first()


def _link_to(
    request: HttpRequest,
    edition: Edition,
    begun: Begun,
    form: ExpressionForm,
    expression: Expression,
) -> StudentLink | None:
    """A link of this page or of this browser to `expression`, if they have one that works."""
    link = _sent_from(edition, begun, form)
    if link and link.expression_id == expression.pk:
        link.expression = expression  # in memory already, with its edition
        return link
    links = StudentLink.objects.open().select_related("expression__edition")
    own = links.filter(expression=expression, pk__in=StudentLink.remembered(request))
    return own.first()


def _confirm(request: HttpRequest, link: StudentLink) -> HttpResponse:
    expression = link.expression
    response = redirect("interest:sent", expression.edition.slug, expression.reference)
    link.remember(request, response)
    return response


def _received(request: HttpRequest, edition: Edition) -> HttpResponse:
    """The answer to programs and to strangers: it tells nothing and opens nothing."""
    return render(request, "interest/received.html", {"edition": edition})


# The late person's door


@require_GET_POST
@private_page
def let_in(request: HttpRequest, edition: str, token: str) -> HttpResponse:
    """GET shows one button and changes nothing; POST lets this browser in to the form."""
    found = _find(request, edition)
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
