"""The page of one expression in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.interest.admin.actions import ExpressionActionsAdmin, NoteForm
from apps.interest.admin.extensions import get_extensions
from apps.interest.models import Answer, Expression, ExpressionQuerySet, Question
from apps.interest.permissions import (
    permissions_for,
    workflow_actor,
)
from apps.interest.workflow import DECISIONS, State, actions_for
from apps.mail.models import Letter

_MAX_OTHER_LETTERS = 20


@admin.register(Expression)
class ExpressionAdmin(ExpressionActionsAdmin):
    """Read-only: changed by actions, never edited, added, or deleted in bulk.

    `apps.interest.permissions` decides how much a user sees.
    """

    view_on_site = False

    # Permissions

    def has_view_permission(self, request: HttpRequest, obj: Expression | None = None) -> bool:
        permissions = permissions_for(request.user)
        return permissions is not None and (obj is None or permissions.sees(obj.edition_id))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Expression | None = None) -> list:
        permissions = self.get_permissions(request)
        sees_author = obj is not None and permissions.sees_author_of(obj)
        # Fields that cannot have a value yet are left out.
        what = ["title", "asked", *_filled(obj, "preference"), "shown_topics", "abstract"]
        if obj is not None and hasattr(obj, "pdf") and permissions.sees_pdf_of(obj):
            what.append("pdf_link")
        shown: list[tuple[str, list[str]]] = [("What", what + ["coauthor_list"] * sees_author)]
        if sees_author:
            who = ["name", *["email"] * permissions.sees_address, "university", "career_stage"]
            link = ["safe_link"] * bool(_filled(obj, "link"))
            shown.append(("Who", [*who, *_filled(obj, "supervisor", "school"), *link]))
        shown.append(("Answers", ["answer_list"]))
        if obj is None or obj.decided_at or obj.offer:
            decided = ["offer", "confirmed_format", "reply_by", "decided", "decided_at"]
            shown.append(("Decision", decided))
        is_asked = obj is None or obj.has_details or obj.state == State.CONFIRMED
        if permissions.sees_private_data and is_asked:
            needs = ["can_attend", "technical_needs", "access_needs", "diet", "consent_list"]
            shown.append(("Answers after acceptance", [*needs, "later_answer_list"]))
        record = ["code", "edition", "submitted_at", "changed_at"]
        shown.append(("History", [*record, *_filled(obj, "is_late", "is_test")]))
        return [(title, {"fields": fields}) for title, fields in shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Expression | None = None) -> list[str]:
        return [name for _, part in self.get_fieldsets(request, obj) for name in part["fields"]]

    # The page

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Expression | None:
        everything: ExpressionQuerySet = Expression.objects.with_everything()
        seen = self.get_permissions(request).visible(everything)
        return seen.filter(pk=object_id).first() if object_id.isdecimal() else None

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,
        **kwargs: Any,
    ) -> HttpResponse:
        """Add the actions, the log and the letters."""
        obj: Expression | None = kwargs.get("obj")
        if obj is not None:
            context |= self._page_context(request, obj)
            for extension in get_extensions():
                context |= extension.get_page_context(request, context["permissions"], obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Redirect to the page, which has the log."""
        self.get_permissions(request)
        return redirect("admin:interest_expression_change", object_id)

    def _page_context(self, request: HttpRequest, expression: Expression) -> dict[str, Any]:
        permissions = self.get_permissions(request)
        sees_author = permissions.sees_author_of(expression)
        actions = actions_for(workflow_actor(request.user), expression.state)
        return {
            "permissions": permissions,
            "title": f"{expression.display_reference}: {expression.get_state_display()}",
            "moves": [
                (action.value, action.label) for action in actions if action not in DECISIONS
            ],
            **(_letters(expression) if permissions.sees_private_data else {}),
            **(_notes(expression) if permissions.sees_private_data else {}),
            # The lines name the author and the reasons.
            "sees_log": sees_author,
            "events": [
                {
                    "happened_at": event.happened_at,
                    "what": event.what,
                    "states": _states(event.get_from_state_display(), event.get_to_state_display()),
                    "who": permissions.redact(str(event.by)) if event.by else "",
                    "reason": permissions.redact(event.reason),
                }
                for event in (expression.events.select_related("by") if sees_author else [])
                if permissions.sees_private_data or not event.is_for_chairs
            ],
        }

    @admin.display(description="reply by")
    def reply_by(self, expression: Expression) -> date | None:
        return expression.reply_by_on

    @admin.display(description="co-authors")
    def coauthor_list(self, expression: Expression) -> str:
        return _listed(str(coauthor) for coauthor in expression.coauthors.all())

    @admin.display(description="answers")
    def answer_list(self, expression: Expression) -> str:
        return _answers(expression, Question.AskedAt.SUBMISSION)

    @admin.display(description="answers")
    def later_answer_list(self, expression: Expression) -> str:
        return _answers(expression, Question.AskedAt.ACCEPTANCE)

    @admin.display(description="consents")
    def consent_list(self, expression: Expression) -> str:
        return _listed(str(consent) for consent in expression.consents.all())

    @admin.display(description="decided by")
    def decided(self, expression: Expression) -> str:
        return expression.decided_by.name if expression.decided_by else ""

    @admin.display(description="PDF")
    def pdf_link(self, expression: Expression) -> SafeString:
        address = reverse("admin:interest_expression_pdf", args=[expression.pk])
        size = filesizeformat(expression.pdf.size)
        return format_html('<a href="{}">{}</a> ({})', address, expression.pdf.file_name, size)

    @admin.display(description="link")
    def safe_link(self, expression: Expression) -> str | SafeString:
        if not expression.link.startswith(("https://", "http://")):
            return expression.link
        html = '<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>'
        return format_html(html, expression.link)


def _filled(expression: Expression | None, *names: str) -> list[str]:
    """The fields that have a value; all of them without an expression."""
    return [name for name in names if expression is None or getattr(expression, name)]


def _states(source: str, target: str) -> str:
    return f"{source} → {target}" if source and target else target


def _letters(expression: Expression) -> dict[str, Any]:
    """All letters about the expression, the latest others to the same address, and all of those."""
    others: QuerySet[Letter] = Letter.objects.filter(to_email=expression.email)
    others = others.exclude(expression_link__expression=expression)
    links = expression.letter_links.select_related("letter")
    letters = list(links.defer("letter__body_text", "letter__body_html", "letter__calendar"))
    other_letters = list(
        others.select_related("expression_link__expression").defer(
            *("body_text", "body_html", "calendar", "expression_link__expression__abstract")
        )[:_MAX_OTHER_LETTERS]
    )
    to_address = [link.letter.pk for link in letters if link.letter.to_email == expression.email]
    to_address += [letter.pk for letter in other_letters]
    return {
        "letters": letters,
        "other_letters": other_letters,
        "conversation": next(iter(to_address), None),
    }


def _notes(expression: Expression) -> dict[str, Any]:
    """The internal notes, oldest first, and the form for another one."""
    form = NoteForm(auto_id="note_%s")
    return {"chair_notes": expression.notes.select_related("author"), "note_form": form}


def _listed(lines: Iterable[str]) -> str:
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html("<ul>{}</ul>", items) if items else "–"


def _answers(expression: Expression, asked_at: str) -> str:
    answers: list[Answer] = [
        answer for answer in expression.answers.all() if answer.question.asked_at == asked_at
    ]
    pairs = ((answer.question.label, answer.in_words or "–") for answer in answers)
    items = format_html_join("", '<li><span class="quiet">{}</span> {}</li>', pairs)
    return format_html("<ul>{}</ul>", items) if items else "–"
