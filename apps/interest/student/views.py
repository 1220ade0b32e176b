"""Pages of the student, behind the private link."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.core.addresses import suggest_address
from apps.core.decorators import gives_back, private_page, require_GET_POST, takes_files
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.files import file_response
from apps.core.rate_limit import Limit, count, limits_for
from apps.interest import services
from apps.interest.attendee_details import confirm_offer, update_details
from apps.interest.forms import TEXT_FIELDS, ExpressionForm
from apps.interest.models import Expression, ExpressionQuerySet, StudentLink
from apps.interest.student.display import (
    HEADLINES,
    FieldChange,
    call_of,
    can_change,
    confirmed_rows,
    everything_about,
    form_changes,
    render_panels,
    sent_rows,
    steps_of,
)
from apps.interest.student.forms import ConfirmForm, NeedsForm
from apps.interest.submission import update_submission, version_of_form
from apps.interest.workflow import Action, Actor, State
from apps.private_links.models import link_expiry
from apps.private_links.views import EmailForm, PrivateLinkViews, get_visible_edition

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Each change of address queues two letters.
_MAX_ADDRESS_CHANGES = 3
TOO_MANY = _(
    "Many entries were sent from your network or with your address just now. Nothing you typed is "
    "lost: leave this page open, wait ten minutes, then send it again."
)
_NO_LONGER_CHANGEABLE = _("Your answers can no longer be changed here.")
_NO_LONGER_POSSIBLE = _("That is no longer possible. This is the current status.")


student_link_views = PrivateLinkViews(
    link_model=StudentLink,
    owner_field="expression",
    lookup_field="reference",
    get_owners=Expression.objects.with_everything,
    base_template="interest/student_base.html",
    template_folder="interest",
    url_prefix="interest:",
    signed_out_message=_("You are signed out. The link in our emails still works."),
)
own_expression = student_link_views.owner_required


@require_safe
@own_expression
def sent(request: HttpRequest, expression: Expression) -> HttpResponse:
    """The confirmation; after a decision it redirects to the student's page.

    It names what this browser sent before and may be replaced by this, such as an entry with a
    mistyped address.
    """
    if not steps_of(expression).is_undecided:
        return redirect(expression)
    return _page(
        request,
        expression,
        "sent",
        has_mail=settings.HAS_MAIL,
        rows=sent_rows(expression),
        similar=_similar(request, expression),
    )


@require_safe
@own_expression
def mine(request: HttpRequest, expression: Expression) -> HttpResponse:
    """The student's page: state, answers and next steps."""
    return _page(
        request,
        expression,
        "mine",
        headline=HEADLINES[State(expression.state)],
        rows=sent_rows(expression),
        confirmed=confirmed_rows(expression),
        panels=render_panels(expression, request),
        similar=_similar(request, expression) if expression.state == State.WITHDRAWN else [],
    )


def _similar(request: HttpRequest, expression: Expression) -> ExpressionQuerySet:
    """Active entries with the same address, title or abstract that this browser has a link to."""
    own_links = StudentLink.objects.open().filter(pk__in=StudentLink.remembered(request))
    similar = Expression.objects.active().similar_to(expression)
    return similar.filter(links__in=own_links).distinct()


@takes_files
@gives_back(*TEXT_FIELDS)
@require_GET_POST
@own_expression
def change(request: HttpRequest, expression: Expression) -> HttpResponse:
    """The form with the stored answers; changes made meanwhile are shown, not overwritten."""
    if request.method == "POST":

        def done(is_changed: bool) -> HttpResponse:
            if is_changed:
                return _done(request, expression, gettext("Your changes are saved."))
            return _done(request, expression, gettext("You made no changes, so nothing was saved."))

        version = _version_of(request)
        return _save_form(
            request, expression, version=version, save=services.correct_expression, done=done
        )
    call = call_of(expression)
    if call is None or not can_change(expression):
        return _refuse(request, expression, _NO_LONGER_CHANGEABLE)
    form = ExpressionForm(edition=expression.edition, call=call, instance=expression)
    return _page(request, expression, "change", form=form, version=expression.version)


def send_again(request: HttpRequest, link: StudentLink) -> HttpResponse:
    """The form of the call, sent again by the page or browser of `link`: update its entry."""
    expression = Expression.objects.with_everything().get(pk=link.expression_id)

    def done(is_changed: bool) -> HttpResponse:
        if is_changed:
            messages.success(
                request,
                gettext("You sent this entry before. It now has the answers you just sent."),
            )
        return redirect("interest:sent", expression.edition.slug, expression.reference)

    response = _save_form(
        request,
        expression,
        version=version_of_form(expression),
        save=update_submission,
        done=done,
        limits=limits_for(request, expression.email),
    )
    link.remember(request, response)
    return response


def _save_form(
    request: HttpRequest,
    expression: Expression,
    *,
    version: int,
    save: Callable[..., Expression],
    done: Callable[[bool], HttpResponse],
    limits: Iterable[Limit] = (),
) -> HttpResponse:
    """`save` the sent answers and return what `done` does, or show them again with the reason.

    `version` is that of the answers which the form began with. `done` is told whether there was
    anything to save; only then the request counts against `limits`.
    """
    call = call_of(expression)
    if call is None:
        return _refuse(request, expression, _NO_LONGER_CHANGEABLE)
    form = ExpressionForm(
        request.POST,
        request.FILES,
        edition=expression.edition,
        call=call,
        instance=expression,
    )
    status = HTTPStatus.OK
    differences: list[FieldChange] = []
    if form.is_valid():
        changes = form_changes(form)
        if not changes:
            return done(False)
        try:
            if not can_change(expression):
                raise NotAllowed(_NO_LONGER_CHANGEABLE)
            if count(limits):
                save(
                    expression=expression,
                    version=version,
                    fields=form.service_fields(),
                    topics=form.chosen_topics(),
                    coauthors=form.coauthor_pairs(),
                    answers=form.answers(),
                    pdf=form.new_pdf(),
                )
                return done(True)
            form.add_error(None, TOO_MANY)
            status = HTTPStatus.TOO_MANY_REQUESTS
        except ChangedMeanwhile:
            # Sent again from this page, the answers overwrite the stored ones.
            version, status, differences = expression.version, HTTPStatus.CONFLICT, changes
        except NotAllowed:
            advice = gettext("What you typed is below: copy it before you leave.")
            form.add_error(None, f"{_NO_LONGER_CHANGEABLE} {advice}")
            status = HTTPStatus.CONFLICT
    form.ask_for_files_again()
    if differences and "pdf" in form.fields and form.new_pdf():
        form.add_error("pdf", gettext("Choose the PDF again: it was not kept."))
    return _page(
        request,
        expression,
        "change",
        status=status,
        form=form,
        version=version,
        differences=differences,
    )


@gives_back("email")
@require_GET_POST
@own_expression
def address(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Change the email address; letters go to the old and the new one."""
    form = EmailForm(request.POST or None, initial={"email": expression.email})
    status = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if email == expression.email:
            return _done(request, expression, gettext("We already have this address."))
        if count([Limit(f"change-of-address:{expression.pk}", _MAX_ADDRESS_CHANGES)]):
            services.correct_address(expression=expression, email=email)
            message = gettext("From now on we write to %(email)s.") % {"email": email}
            response = _done(request, expression, message)
            # All links were revoked, also the one that this browser was signed in by.
            link, _ = StudentLink.mint(
                expression=expression, expires_at=link_expiry(expression.edition)
            )
            link.remember(request, response)
            return response
        form.add_error(
            "email", gettext("The address was changed too often. Wait ten minutes, then try again.")
        )
        status = HTTPStatus.TOO_MANY_REQUESTS
    return _page(request, expression, "address", status=status, form=form)


@require_GET_POST
@own_expression
def withdraw(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Ask for confirmation, then withdraw and notify the organisers."""
    done = gettext("Your entry is withdrawn.")
    return _confirm_and_move(request, expression, Action.WITHDRAW, "withdraw", done)


@require_GET_POST
@own_expression
def decline(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Ask for confirmation, then decline the offer."""
    done = gettext("You declined the offer. Thank you for telling us.")
    return _confirm_and_move(request, expression, Action.DECLINE_OFFER, "decline", done)


@gives_back("technical_needs", "access_needs", "diet", "question_*")
@require_GET_POST
@own_expression
def confirm(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Confirm the offer and give the attendee details."""
    if not steps_of(expression).confirm:
        return _refuse(request, expression, gettext("There is no offer to confirm at the moment."))
    form = ConfirmForm(request.POST or None, expression=expression)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_offer(expression=expression, **form.service_fields())
        except NotAllowed:
            return _refuse(request, expression, _NO_LONGER_POSSIBLE)
        return _done(request, expression, gettext("Confirmed. We look forward to meeting you."))
    return _page(request, expression, "confirm", form=form)


@gives_back("technical_needs", "access_needs", "diet", "question_*")
@require_GET_POST
@own_expression
def needs(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Give or change the attendee details until the workshop begins."""
    if not steps_of(expression).edit_details:
        message = gettext("This can no longer be changed here. Please write to us.")
        return _refuse(request, expression, message)
    form = NeedsForm(request.POST or None, expression=expression)
    version, status = expression.version, HTTPStatus.OK
    if request.method == "POST":
        # Sent again after an answer of 409, the details overwrite the stored ones.
        opened_with = _version_of(request)
        if not form.is_valid():
            version = opened_with
        else:
            try:
                if form.has_changed():
                    update_details(
                        expression=expression, version=opened_with, **form.service_fields()
                    )
            except ChangedMeanwhile:
                status = HTTPStatus.CONFLICT
            except NotAllowed as refusal:
                return _refuse(request, expression, str(refusal))
            else:
                return _done(request, expression, gettext("Thank you. Your details are saved."))
    stored = confirmed_rows(expression) if status == HTTPStatus.CONFLICT else []
    return _page(
        request, expression, "needs", status=status, form=form, version=version, stored=stored
    )


@require_safe
@own_expression
def data(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Download the student's data as JSON (GDPR, articles 15 and 20).

    With the entries of other editions only if this browser opened a link that was sent to the
    address: anyone can send an entry, or change the address of their own, with that of another.
    """
    name = f"expression-{expression.reference}.json"
    content = everything_about(expression)
    links = StudentLink.objects.open().filter(pk__in=StudentLink.remembered(request))
    if links.filter(expression=expression, is_mailed=True).exists():
        others = Expression.objects.of_address(expression.email).exclude(pk=expression.pk)
        content["other_entries"] = [everything_about(other) for other in others.with_everything()]
    return JsonResponse(
        content,
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@own_expression
def pdf(request: HttpRequest, expression: Expression) -> HttpResponseBase:
    """Download one's own PDF."""
    stored = getattr(expression, "pdf", None)
    if stored is None:
        return _refuse(request, expression, gettext("There is no PDF."))
    return file_response(request, stored.file, filename=stored.file_name)


@require_GET_POST
@own_expression
def erase(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Ask for confirmation, then erase everything (GDPR, article 17)."""
    if request.method != "POST":
        return _page(request, expression, "erase")
    services.erase_on_request(expression=expression)
    return redirect("interest:erased", expression.edition.slug)


@require_safe
@private_page
def erased(request: HttpRequest, edition: str) -> HttpResponse:
    """The page after a student erased their data."""
    context = {"edition": get_visible_edition(request, edition)}
    return render(request, "interest/erased.html", context)


def _page(
    request: HttpRequest,
    expression: Expression,
    template: str,
    *,
    status: int = HTTPStatus.OK,
    **context,
) -> HttpResponse:
    """A page about the stored expression."""
    context |= {
        "expression": expression,
        "edition": expression.edition,
        "call": call_of(expression),
        "steps": steps_of(expression),
        "suggested_email": suggest_address(expression.email),
    }
    return render(request, f"interest/{template}.html", context, status=status)


def _confirm_and_move(
    request: HttpRequest, expression: Expression, action: Action, template: str, done: str
) -> HttpResponse:
    if not getattr(steps_of(expression), template):
        return _refuse(request, expression, _NO_LONGER_POSSIBLE)
    if request.method != "POST":
        return _page(request, expression, template)
    try:
        services.move(expression=expression, action=action, actor=Actor.STUDENT)
    except NotAllowed:
        return _refuse(request, expression, _NO_LONGER_POSSIBLE)
    return _done(request, expression, done)


def _done(request: HttpRequest, expression: Expression, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect(expression)


def _refuse(request: HttpRequest, expression: Expression, message: StrOrPromise) -> HttpResponse:
    messages.warning(request, message)
    return redirect(expression)


def _version_of(request: HttpRequest) -> int:
    """The version that the form was opened with; 0, which never exists, if it is no number."""
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        return 0
