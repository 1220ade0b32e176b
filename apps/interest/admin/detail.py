"""The list of expressions of interest, and each of them readable on one screen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.interest.admin.actions import ExpressionSteps
from apps.interest.admin.extensions import get_extensions
from apps.interest.admin.filters import (
    EditionFilter,
    ExpressionList,
    FormatFilter,
    LateFilter,
    RehearsalFilter,
    StateFilter,
    TopicFilter,
)
from apps.interest.admin.found import keep_few
from apps.interest.admin.letters import letters_beside
from apps.interest.models import Answer, Expression, ExpressionQuerySet, Question
from apps.interest.permissions import (
    AUTHOR_FIELDS,
    ExpressionPermissions,
    permissions_for,
    workflow_actor,
)
from apps.interest.workflow import DECISIONS, State, actions_for

_SPOKEN = re.compile(r"\s*([0-9a-z]{3})-([0-9a-z]{3})\s*", re.IGNORECASE)
_LONG = ("abstract", "technical_needs", "access_needs", "diet")


@admin.register(Expression)
class ExpressionAdmin(ExpressionSteps):
    """Read here, moved by its buttons; never edited, added, or deleted in bulk.

    `apps/interest/permissions.py` says who sees how much; what somebody does not see they can neither
    search for nor filter by, not even by writing the address of the page themselves.
    """

    list_display = [
        "standing",
        "code",
        "name",
        "title",
        "asked",
        "shown_topics",
        "university",
        "sent",
    ]
    list_display_links = ["code", "title"]
    list_filter = [
        EditionFilter,
        StateFilter,
        FormatFilter,
        TopicFilter,
        LateFilter,
        RehearsalFilter,
    ]
    list_select_related = False
    list_per_page = 50
    ordering = ["-submitted_at", "-pk"]
    show_full_result_count = False
    actions = None
    view_on_site = False

    # Who may see what

    def has_view_permission(self, request: HttpRequest, obj: Expression | None = None) -> bool:
        sight = permissions_for(request.user)
        return sight is not None and (obj is None or sight.sees(obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Expression | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Expression | None = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        sight = self._sight(request)
        fields = ["name"] * sight.sees_authors + ["title", "reference"]
        return fields + ["email"] * sight.sees_address

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the filters ask for: by default `?email__startswith=` would tell addresses."""
        return lookup in {getattr(own, "parameter_name", None) for own in self.list_filter}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ExpressionList]:
        return ExpressionList

    def get_fieldsets(self, request: HttpRequest, obj: Expression | None = None) -> list:
        sight = self._sight(request)
        sees_author = obj is not None and sight.sees_author_of(obj)
        # What cannot have been said or decided yet, or is not so, is left out, not shown empty.
        what = ["title", "asked", *_said(obj, "preference"), "topic_list", "abstract"]
        shown: list[tuple[str, list[str]]] = [("What", what + ["coauthor_list"] * sees_author)]
        if sees_author:
            who = ["name", *["email"] * sight.sees_address, "university", "career_stage"]
            link = ["safe_link"] * bool(_said(obj, "link"))
            shown.append(("Who", [*who, *_said(obj, "supervisor", "school"), *link]))
        shown.append(("Answers", ["answer_list"]))
        if obj is None or obj.decided_at or obj.offer:
            decided = ["offer", "confirmed_format", "reply_by_on", "decided", "decided_at"]
            shown.append(("Decision", decided))
        is_asked = obj is None or obj.has_details or obj.state == State.CONFIRMED
        if sight.sees_everything and is_asked:
            needs = ["can_attend", "technical_needs", "access_needs", "diet", "consent_list"]
            shown.append(("Told at acceptance", [*needs, "later_answer_list"]))
        record = ["code", "edition", "submitted_at", "changed_at"]
        shown.append(("On record", [*record, *_said(obj, "is_late", "is_test")]))
        return [(title, {"fields": fields}) for title, fields in shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Expression | None = None) -> list[str]:
        return [name for _, part in self.get_fieldsets(request, obj) for name in part["fields"]]

    # The list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Expression]:
        """Without what a list does not show, and without what this person is not to see."""
        sight = self._sight(request)
        hidden = [
            *_LONG,
            *["email"] * (not sight.sees_address),
            *[*AUTHOR_FIELDS] * (not sight.sees_authors),
        ]
        seen = sight.visible(super().get_queryset(request))
        for extension in get_extensions():
            seen = extension.get_list_queryset(request, sight, seen)
        return seen.defer(*hidden)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """A column that is not there cannot be sorted by, either."""
        sight = self._sight(request)
        hidden = {*AUTHOR_FIELDS} if not sight.sees_authors else set()
        columns: list[Any] = [name for name in self.list_display if name not in hidden]
        more = [column for one in get_extensions() for column in one.get_columns(request, sight)]
        return [*columns[:-1], *more, *columns[-1:]]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """A reference is found as it is read aloud, too: R7K-2QD. The database looks through all
        expressions once for it where few are found, whatever else is asked of them."""
        if not search_term:
            return queryset, False
        few = keep_few(request, search_term, self._search(request, search_term)[0])
        if few is not None:
            return queryset.filter(pk__in=list(few.rows)), False
        return self._search(request, search_term, queryset)

    def _search(
        self, request: HttpRequest, search_term: str, queryset: QuerySet | None = None
    ) -> tuple[QuerySet, bool]:
        """In `queryset`, or in all that this person sees."""
        queryset = self.get_queryset(request) if queryset is None else queryset
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        if spoken := _SPOKEN.fullmatch(search_term):
            reference = "".join(spoken.groups())
            is_one = Q(reference__iexact=reference) | Q(pk__in=found.order_by().values("pk"))
            found = queryset.filter(is_one)
        return found, has_duplicates

    def changelist_view(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        sight = self._sight(request)
        more = {
            "may_export": sight.exports,
            "may_decide": workflow_actor(_user(request)) is not None,
            # Eleven columns and a filter beside them: the list needs the width of the window.
            "is_nav_sidebar_enabled": False,
        }
        for extension in get_extensions():
            more |= extension.get_list_context(request, sight)
        return super().changelist_view(request, more | (extra_context or {}))

    @admin.display(description="state", ordering="state")
    def standing(self, expression: Expression) -> str | SafeString:
        marks = ["rehearsal"] * expression.is_test + ["late"] * expression.is_late
        label = expression.get_state_display()
        if not marks:
            return label
        return format_html('{} <span class="interest-mark">{}</span>', label, ", ".join(marks))

    @admin.display(description="reference", ordering="reference")
    def code(self, expression: Expression) -> str:
        return expression.display_reference

    @admin.display(description="format")
    def asked(self, expression: Expression) -> str:
        return expression.formats

    @admin.display(description="topics")
    def shown_topics(self, expression: Expression) -> str:
        return ", ".join(vars(expression)["shown_topics"])

    @admin.display(description="topics")
    def topic_list(self, expression: Expression) -> str:
        return ", ".join(topic.heading for topic in expression.topics.all())

    @admin.display(description="submitted", ordering="submitted_at")
    def sent(self, expression: Expression) -> datetime:
        return expression.submitted_at

    # The screen of one

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Expression | None:
        everything: ExpressionQuerySet = Expression.objects.with_everything()
        seen = self._sight(request).visible(everything)
        return seen.filter(pk=object_id).first() if object_id.isdecimal() else None

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Expression | None = None,
    ) -> HttpResponse:
        """With the buttons, the log and the letters."""
        if obj is not None:
            context |= self._screen(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Its history is the log beside it."""
        self._sight(request)
        return redirect("admin:interest_expression_change", object_id)

    def _screen(self, request: HttpRequest, expression: Expression) -> dict[str, Any]:
        sight = self._sight(request)
        sees_author = sight.sees_author_of(expression)
        actions = actions_for(workflow_actor(_user(request)), expression.state)
        return {
            "sight": sight,
            "title": f"{expression.display_reference}: {expression.get_state_display()}",
            "moves": [
                (action.value, action.label) for action in actions if action not in DECISIONS
            ],
            **(letters_beside(expression) if sight.sees_everything else {}),
            **self._extended(request, sight, expression),
            # Who wrote, and why something was done, stands in its lines.
            "sees_log": sees_author,
            "events": [
                {
                    "happened_at": event.happened_at,
                    "what": event.what,
                    "states": _states(event.get_from_state_display(), event.get_to_state_display()),
                    "who": sight.redact(str(event.by)) if event.by else "",
                    "reason": sight.redact(event.reason),
                }
                for event in (expression.events.select_related("by") if sees_author else [])
                if sight.sees_everything or not event.is_for_chairs
            ],
        }

    def _extended(
        self, request: HttpRequest, sight: ExpressionPermissions, expression: Expression
    ) -> dict[str, Any]:
        context: dict[str, Any] = {}
        for extension in get_extensions():
            context |= extension.get_page_context(request, sight, expression)
        return context

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

    @admin.display(description="link")
    def safe_link(self, expression: Expression) -> str | SafeString:
        if not expression.link.startswith(("https://", "http://")):
            return expression.link
        words = '<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>'
        return format_html(words, expression.link)

    def _sight(self, request: HttpRequest) -> ExpressionPermissions:
        sight = permissions_for(request.user)
        if sight is None:
            raise PermissionDenied
        return sight


def _user(request: HttpRequest):
    return request.user if request.user.is_authenticated else None


def _said(expression: Expression | None, *names: str) -> list[str]:
    """Those of these fields that say something; of no expression in particular, all."""
    return [name for name in names if expression is None or getattr(expression, name)]


def _states(source: str, target: str) -> str:
    return f"{source} → {target}" if source and target else target


def _listed(lines: Iterable[str]) -> str:
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html("<ul>{}</ul>", items) if items else "–"


def _answers(expression: Expression, asked_at: str) -> str:
    answers: list[Answer] = [
        answer for answer in expression.answers.all() if answer.question.asked_at == asked_at
    ]
    pairs = ((answer.question.words, answer.in_words or "–") for answer in answers)
    items = format_html_join("", '<li><span class="quiet">{}</span> {}</li>', pairs)
    return format_html("<ul>{}</ul>", items) if items else "–"
