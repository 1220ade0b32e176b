"""Actions of organisers on one expression or on the list: a page that asks, then a POST."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import DELETION
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponseBase,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.core.admin import log_action, render_desk_page
from apps.core.decorators import gives_back
from apps.core.exceptions import NotAllowed
from apps.core.files import file_response
from apps.core.forms import sent_data
from apps.core.views import refuse_with_text
from apps.editions.models import Edition
from apps.interest import services
from apps.interest.admin.changelist import ExpressionListAdmin
from apps.interest.models import Expression, Format, Note
from apps.interest.permissions import (
    require_chair,
    workflow_actor,
)
from apps.interest.student.display import HEADLINES, call_of, sent_rows, steps_of
from apps.interest.workflow import DECISIONS, MOVES, Action, Actor, State, is_allowed
from apps.private_links.views import EmailForm

_QUIET = "No email is sent. The student's page shows the new state."
_TOLD = "The student and the organisers get an email immediately."
# Notes on the page before a move.
_NOTES: dict[Action, str] = {
    Action.CONFIRM: (
        "The student gets an email immediately. It asks for their needs and consents, "
        "which only they can give on their page. Do this only if they asked you to."
    ),
    Action.DECLINE_OFFER: "The student gets an email immediately. Do this only if they asked you to.",
    Action.WITHDRAW: f"{_TOLD} Do this only if the student asked you to.",
    Action.CANCEL: _TOLD,
    Action.REOPEN: f"The decision, offer and confirmation are undone. {_QUIET}",
}


class MoveForm(forms.Form):
    """The details of one move: the confirmed format, a reason."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the log. Reviewers can read the log: write nothing private.",
        error_messages={"required": "Say why."},
    )

    def __init__(self, *args, action: Action, expression: Expression, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if not MOVES[action].needs_reason:
            self.fields["reason"].required = False
            self.fields["reason"].label = "Reason (optional)"
        if action == Action.CONFIRM:
            offered = [value for value in Format if expression.offer in {value, Format.BOTH}]
            missing = "Select what was confirmed."
            self.fields["confirmed_format"] = forms.ChoiceField(
                label="Confirmed",
                choices=[(value.value, value.label) for value in offered],
                initial=expression.offer,
                widget=forms.RadioSelect,
                error_messages={"required": missing, "invalid_choice": missing},
            )
        self.order_fields(["confirmed_format", "reason"])


class NoteForm(forms.Form):
    """An internal note of a chair."""

    text = forms.CharField(
        label="Add a note",
        max_length=Note.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Write the note first.",
            "max_length": f"A note has at most {Note.MAX_LENGTH:,} characters.",
        },
    )


class ExpressionActionsAdmin(ExpressionListAdmin):
    """URLs and views of the actions. Each POST calls one service, leaves a message and redirects."""

    def get_urls(self) -> list[URLPattern]:
        def action(route: str, view: Any, name: str, *, has_page: bool = True) -> URLPattern:
            only = require_http_methods(["GET", "POST"]) if has_page else require_POST
            name = f"interest_expression_{name}"
            return path(route, self.admin_site.admin_view(only(view)), name=name)

        return [
            action("<int:pk>/move/<str:action>/", self.move_view, "move"),
            action("<int:pk>/as-student/", self.as_student, "as_student"),
            action("<int:pk>/address/", self.address_view, "address"),
            action("<int:pk>/send-link/", self.send_link, "send_link", has_page=False),
            action("<int:pk>/end-links/", self.end_links_view, "end_links"),
            action("<int:pk>/pdf/", self.pdf_view, "pdf"),
            action("<int:pk>/notes/", self.add_note, "add_note", has_page=False),
            action("<int:pk>/notes/<int:note_pk>/", self.delete_note_view, "delete_note"),
            action("<int:pk>/erase/", self.erase_view, "erase"),
            action("rehearsals/<int:pk>/", self.delete_tests_view, "rehearsals"),
            action("export/<str:kind>/", self.export_view, "export", has_page=False),
            *super().get_urls(),
        ]

    # One expression

    @gives_back("reason")
    def move_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponseBase:
        """Make one move of the workflow, after a page with its consequences."""
        by = require_chair(request)
        expression = get_object_or_404(Expression.objects.select_related("edition"), pk=pk)
        if action not in Action.values or action in DECISIONS:
            raise Http404  # a decision is made on the board and moved by its release
        chosen = Action(action)
        if not is_allowed(workflow_actor(by), chosen, expression.state):
            now = expression.get_state_display().lower()
            refuse_with_text(request, f"“{chosen.label}” is not possible: it is {now}.")
            return _back(pk)
        form = MoveForm(sent_data(request), action=chosen, expression=expression)
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
                refuse_with_text(request, str(refusal))
            else:
                state = MOVES[chosen].target.label.lower()
                messages.success(request, f"{expression.display_reference}: {state}.")
            return _back(pk)
        notes = [_NOTES.get(chosen, _QUIET)]
        return self._ask(request, chosen.label, notes, expression=expression, form=form)

    @gives_back("email")
    def address_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Change the address; letters go to the old and the new one."""
        by, expression = self._helped(request, pk)
        form = EmailForm(sent_data(request), initial={"email": expression.email})
        if request.method == "POST" and form.is_valid():
            old = expression.email
            after = services.correct_address(
                expression=expression, email=form.cleaned_data["email"], by=by
            )
            if after.has_unchecked_address and after.email != old:
                words = "The address is corrected. A new link is sent when a chair confirms it."
                messages.success(request, words)
            elif after.email != old:
                words = "The address is corrected; emails go to the old one and the new one."
                messages.success(request, words)
            elif expression.has_unchecked_address and not after.has_unchecked_address:
                messages.success(
                    request, "The address is confirmed. A new link will be sent shortly."
                )
            else:
                messages.info(request, "This is already the address.")
            return _back(pk)
        notes = [
            "All earlier private links end, and unsent emails with a link are withdrawn. "
            "The old address gets an email about the change."
        ]
        if workflow_actor(by) is not Actor.CHAIR:
            notes.append(
                "The organisers are told. The new address gets a link when a chair confirms it."
            )
        elif expression.has_unchecked_address:
            notes = [
                "The helpdesk corrected this address, so no private link is sent. If it is "
                "right, press the button without a change: this confirms the address and sends a "
                "new link.",
                "Anyone who reads emails to this address can read and change everything sent so far.",
            ]
        else:
            notes.append("The new address gets an email with a new link.")
        return self._ask(request, "Correct the address", notes, expression=expression, form=form)

    def send_link(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Queue a letter with a new private link."""
        by, expression = self._helped(request, pk)
        try:
            services.resend_link(expression=expression, by=by)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "An email with a new private link will be sent shortly.")
        return _back(pk)

    def end_links_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Revoke all private links of one expression."""
        by = require_chair(request)
        expression = get_object_or_404(Expression, pk=pk)
        if request.method == "POST":
            count = services.revoke_links(expression=expression, by=by)
            messages.success(request, f"Private links that no longer work: {count}.")
            return _back(pk)
        notes = [
            "The private links in all earlier emails stop working, and browsers that are "
            "signed in with one are signed out.",
            "Afterwards a new link can be sent.",
        ]
        return self._ask(request, "End all links", notes, expression=expression)

    @gives_back("text")
    def add_note(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Add an internal note."""
        by = require_chair(request)
        expression = get_object_or_404(Expression, pk=pk)
        form = NoteForm(request.POST)
        if form.is_valid():
            services.add_note(expression=expression, text=form.cleaned_data["text"], by=by)
            messages.success(request, "The note is saved.")
        else:
            refuse_with_text(request, " ".join(map(str, form.errors["text"])))
        return _back(pk, "#notes")

    def delete_note_view(self, request: HttpRequest, pk: int, note_pk: int) -> HttpResponseBase:
        """Delete one internal note, after a page that shows it."""
        require_chair(request)
        expression = get_object_or_404(Expression, pk=pk)
        note = expression.notes.select_related("author").filter(pk=note_pk).first()
        if note is None:
            messages.info(request, "This note was deleted already.")
            return _back(pk, "#notes")
        if request.method == "POST":
            note.delete()
            messages.success(request, "The note is deleted.")
            return _back(pk, "#notes")
        author = note.author or "A former organiser"
        notes = [f"{author} wrote: “{note.text}”", "This cannot be undone."]
        return self._ask(request, "Delete this note", notes, expression=expression)

    def erase_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Erase one expression; the admin log keeps its reference."""
        by = require_chair(request)
        expression = get_object_or_404(Expression, pk=pk)
        if request.method == "POST":
            reference = expression.display_reference
            services.erase_expression(expression=expression)
            log_action(by, DELETION, reference, "Erased.", model=Expression)
            messages.success(request, f"{reference} is erased.")
            return redirect("admin:interest_expression_changelist")
        notes = [
            "Removes the entry with its co-authors, answers, PDF, consents, notes, log, "
            "links and emails. "
            "This cannot be undone; a withdrawn or declined one need not be erased."
        ]
        return self._ask(request, "Erase", notes, expression=expression, is_grave=True)

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Download the PDF, unless an anonymous review hides it."""
        permissions = self.get_permissions(request)
        visible = permissions.visible(Expression.objects.select_related("pdf"))
        expression = get_object_or_404(visible.filter(pdf__isnull=False), pk=pk)
        if not permissions.sees_pdf_of(expression):
            raise PermissionDenied
        return file_response(request, expression.pdf.file, filename=expression.pdf.file_name)

    def as_student(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The student's page, read-only."""
        require_chair(request)
        expression = get_object_or_404(Expression.objects.with_everything(), pk=pk)
        pdf = reverse("admin:interest_expression_pdf", args=[pk])
        context = {
            "expression": expression,
            "edition": expression.edition,
            "call": call_of(expression),
            "headline": HEADLINES[State(expression.state)],
            # The student's own address of the PDF opens for the student alone.
            "rows": [row._replace(url=row.url and pdf) for row in sent_rows(expression)],
            "steps": steps_of(expression)._replace(change=False),
        }
        return render(request, "admin/interest/expression/as_student.html", context)

    # The list

    def delete_tests_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Delete the test entries of one edition, if their number is still that of the page."""
        by = require_chair(request)
        edition = get_object_or_404(Edition, pk=pk)
        count = Expression.objects.filter(edition=edition, is_test=True).count()
        back = redirect("admin:interest_expression_changelist")
        if request.method == "POST":
            if request.POST.get("count") != str(count):
                text = (
                    f"Nothing was deleted, because the number changed meanwhile: there are {count}."
                )
                messages.error(request, text)
                return back
            services.erase_tests(edition=edition)
            removed = f"{count} test entries of {edition.year}"
            log_action(by, DELETION, removed, "Removed.", model=Expression)
            messages.success(request, f"Test entries deleted: {count}.")
            return back
        notes = [f"{edition}: {count} sent by organisers as tests. Real entries are kept."]
        title = "Delete the test entries of this edition"
        return self._ask(request, title, notes, count=count, is_grave=True)

    # Helpers

    def _helped(self, request: HttpRequest, pk: int) -> tuple[User, Expression]:
        user = request.user
        if not self.get_permissions(request).helps or not isinstance(user, User):
            raise PermissionDenied
        return user, get_object_or_404(Expression, pk=pk)

    def _ask(
        self,
        request: HttpRequest,
        title: str,
        notes: list[str],
        **context: Any,
    ) -> TemplateResponse:
        """The page before an action: notes, form, button and a link back."""
        context |= {"opts": self.opts, "title": title, "notes": notes}
        return render_desk_page(request, "admin/interest/expression/step.html", context)


def _back(pk: int, anchor: str = "") -> HttpResponseBase:
    return redirect(reverse("admin:interest_expression_change", args=[pk]) + anchor)
