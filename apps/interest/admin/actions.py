"""What organisers do with one expression, and with all of the list: each a page and a press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import DELETION
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
    QueryDict,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.core.admin import log_action
from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.interest import services
from apps.interest.admin.changelist import ExpressionListAdmin
from apps.interest.models import Expression, Format
from apps.interest.permissions import (
    require_chair,
    workflow_actor,
)
from apps.interest.student.display import HEADLINES, call_of, sent_rows, steps_of
from apps.interest.workflow import DECISIONS, MOVES, Action, Actor, State, is_allowed
from apps.mail.models import Letter
from apps.mail.services import discard_letters, mark_arrived, send_again

_QUIET = "No letter goes out. The student's own page shows the new state from now on."
_TOLD = "The student is told by letter at once, and so are the organisers."
# What the page before a move says of it.
_NOTES: dict[Action, str] = {
    Action.CONFIRM: "The student is told by letter at once, and asked to say on their own page what "
    "they need and what they consent to: nobody says that for them. Do this only if they asked you to.",
    Action.DECLINE_OFFER: "The student is told by letter at once. Do this only if they asked you to.",
    Action.WITHDRAW: f"{_TOLD} Do this only if the student asked you to.",
    Action.CANCEL: _TOLD,
    Action.REOPEN: f"What was decided, offered and confirmed is taken back. {_QUIET}",
}


# Action on a letter: its service, and the end of the message.
_LETTER_ACTIONS: dict[str, tuple[Callable[..., int], str]] = {
    "again": (send_again, "will be sent again"),
    "arrived": (mark_arrived, "is marked as sent"),
    "discard": (discard_letters, "will not be sent"),
}


class MoveForm(forms.Form):
    """What one move of one expression needs: what was confirmed, a reason."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the log. Reviewers read the log, too: no private matters.",
        error_messages={"required": "Say why."},
    )

    def __init__(self, *args, action: Action, expression: Expression, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not MOVES[action].needs_reason:
            self.fields["reason"].required = False
            self.fields["reason"].label = "Reason (optional)"
        if action == Action.CONFIRM:
            within = [one for one in Format if expression.offer in {one, Format.BOTH}]
            words = "Select what was confirmed."
            self.fields["confirmed_format"] = _formats("Confirmed", within, words, expression.offer)
        self.order_fields(["confirmed_format", "reason"])


class AddressForm(forms.Form):
    """The address a student can be reached at."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        error_messages={
            "required": "Enter the e-mail address.",
            "invalid": "Enter an e-mail address such as name@example.org.",
            "max_length": "An e-mail address has at most 254 characters.",
        },
    )


def _formats(label: str, formats: list[Format], missing: str, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[(one.value, one.label) for one in formats],
        initial=initial,
        widget=forms.RadioSelect,
        error_messages={"required": missing, "invalid_choice": missing},
    )


class ExpressionActionsAdmin(ExpressionListAdmin):
    """The addresses and views of the steps; each POST calls one service, says so, and goes back."""

    def get_urls(self) -> list[URLPattern]:
        def step(route: str, view: Any, name: str, *, asks: bool = True) -> URLPattern:
            only = require_http_methods(["GET", "POST"]) if asks else require_POST
            name = f"interest_expression_{name}"
            return path(route, self.admin_site.admin_view(only(view)), name=name)

        return [
            step("<int:pk>/move/<str:action>/", self.move_view, "move"),
            step("<int:pk>/as-student/", self.as_student, "as_student"),
            step("<int:pk>/address/", self.address_view, "address"),
            step("<int:pk>/send-link/", self.send_link, "send_link", asks=False),
            step("<int:pk>/end-links/", self.end_links_view, "end_links"),
            step("<int:pk>/erase/", self.erase_view, "erase"),
            step(
                "<int:pk>/letters/<int:letter>/<str:step>/", self.letter_view, "letter", asks=False
            ),
            step("rehearsals/<int:pk>/", self.rehearsals_view, "rehearsals"),
            step("export/<str:kind>/", self.export_view, "export", asks=False),
            *super().get_urls(),
        ]

    # One expression

    def move_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponseBase:
        """One move of the table: first what it means and asks for, then done."""
        by = require_chair(request)
        expression = get_object_or_404(Expression.objects.select_related("edition"), pk=pk)
        if action not in Action.values or action in DECISIONS:
            raise Http404  # a decision is pending first, and moved by its release
        chosen = Action(action)
        if not is_allowed(workflow_actor(by), chosen, expression.state):
            now = expression.get_state_display().lower()
            messages.error(request, f"“{chosen.label}” is not possible: it is {now}.")
            return _back(pk)
        form = MoveForm(_sent(request), action=chosen, expression=expression)
        if request.method == "POST" and form.is_valid():
            try:
                services.move(
                    expression=expression,
                    action=chosen,
                    actor=Actor.CHAIR,
                    by=by,
                    **form.cleaned_data,
                )
            except NotAllowed as refusal:
                messages.error(request, str(refusal))
            else:
                words = f"{expression.display_reference}: {_done(chosen)}."
                messages.success(request, words)
            return _back(pk)
        note = _NOTES.get(chosen, _QUIET)
        return self._ask(request, chosen.label, [note], expression=expression, form=form)

    def address_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Corrects the address, and tells the old one and the new one."""
        by, expression = self._helped(request, pk)
        form = AddressForm(_sent(request), initial={"email": expression.email})
        if request.method == "POST" and form.is_valid():
            old = expression.email
            after = services.correct_address(
                expression=expression, email=form.cleaned_data["email"], by=by
            )
            if after.email == old:
                messages.info(request, "That is the address there is already.")
            else:
                words = "The address is corrected; letters go to the old one and the new one."
                messages.success(request, words)
            return _back(pk)
        notes = ["A letter about the change goes to the old address and to the new one."]
        return self._ask(request, "Correct the address", notes, expression=expression, form=form)

    def send_link(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Queues a letter with a new private link."""
        by, expression = self._helped(request, pk)
        services.resend_link(expression=expression, by=by)
        messages.success(request, "A letter with a new private link is on its way.")
        return _back(pk)

    def end_links_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ends all private links of one expression."""
        by = require_chair(request)
        expression = get_object_or_404(Expression, pk=pk)
        if request.method == "POST":
            count = services.revoke_links(expression=expression, by=by)
            messages.success(request, f"Private links that no longer work: {count}.")
            return _back(pk)
        notes = [
            "No private link in a letter so far will open this expression any more, and browsers "
            "that are signed in by one are signed out.",
            "Afterwards a new link can be sent.",
        ]
        return self._ask(request, "End all links", notes, expression=expression)

    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Erases one expression and all that belongs to it; a line without words of it remains."""
        by = require_chair(request)
        expression = get_object_or_404(Expression, pk=pk)
        if request.method == "POST":
            reference = expression.display_reference
            services.erase_expression(expression=expression)
            log_action(by, DELETION, reference, "Erased.", model=Expression)
            messages.success(request, f"{reference} is erased.")
            return redirect("admin:interest_expression_changelist")
        notes = [
            "Removes the expression with its co-authors, answers, consents, log, links and letters. "
            "This cannot be undone; a withdrawn or declined one need not be erased."
        ]
        return self._ask(request, "Erase", notes, expression=expression)

    def as_student(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The student's page to read: its buttons work only behind the private link."""
        require_chair(request)
        expression = get_object_or_404(Expression.objects.with_everything(), pk=pk)
        context = {
            "expression": expression,
            "edition": expression.edition,
            "call": call_of(expression),
            "headline": HEADLINES[State(expression.state)],
            "rows": sent_rows(expression),
            "steps": steps_of(expression)._replace(change=False),
        }
        return render(request, "admin/interest/expression/as_student.html", context)

    def letter_view(
        self, request: HttpRequest, pk: int, letter: int, step: str
    ) -> HttpResponseBase:
        """One action on one letter; back to the list of letters on the page of the expression."""
        require_chair(request)
        if step not in _LETTER_ACTIONS:
            raise Http404
        service, done = _LETTER_ACTIONS[step]
        chosen = Letter.objects.filter(pk=letter, expression_link__expression=pk)
        subject = chosen.values_list("subject", flat=True).first()
        if subject is None:
            raise Http404
        if service(letters=Letter.objects.filter(pk__in=chosen.values("pk"))):
            messages.success(request, f"“{subject}” {done}.")
        else:
            messages.warning(request, f"“{subject}” is left alone: it stands otherwise by now.")
        return redirect(f"{reverse('admin:interest_expression_change', args=[pk])}#letters")

    # The list

    def rehearsals_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Removes the rehearsals of one edition, if there are as many as the page said."""
        by = require_chair(request)
        edition = get_object_or_404(Edition, pk=pk)
        count = Expression.objects.filter(edition=edition, is_test=True).count()
        back = redirect("admin:interest_expression_changelist")
        if request.method == "POST":
            if request.POST.get("count") != str(count):
                messages.error(request, f"Nothing was removed: meanwhile there are {count}.")
                return back
            services.erase_tests(edition=edition)
            log_action(
                by, DELETION, f"{count} rehearsals of {edition.year}", "Removed.", model=Expression
            )
            messages.success(request, f"Rehearsals removed: {count}.")
            return back
        notes = [f"{edition}: {count} sent by staff to rehearse. Real ones are not touched."]
        title = "Remove the rehearsals of this edition"
        return self._ask(request, title, notes, count=count)

    # What they share

    def _helped(self, request: HttpRequest, pk: int) -> tuple[User, Expression]:
        if not self.get_permissions(request).helps:
            raise PermissionDenied
        return _person(request), get_object_or_404(Expression, pk=pk)

    def _ask(
        self,
        request: HttpRequest,
        title: str,
        notes: list[str],
        *,
        expression: Expression | None = None,
        form: forms.Form | None = None,
        count: int | None = None,
    ) -> TemplateResponse:
        """The page before a step: what it means, what it asks for, the button, the way back."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "notes": notes,
            "expression": expression,
            "form": form,
            "count": count,
        }
        return TemplateResponse(request, "admin/interest/expression/step.html", context)


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was sent; nothing sent by a press is sent all the same."""
    return request.POST if request.method == "POST" else None


def _back(pk: int) -> HttpResponseBase:
    return redirect("admin:interest_expression_change", pk)


def _done(action: Action) -> str:
    return MOVES[action].target.label.lower()
