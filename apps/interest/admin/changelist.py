"""The list of expressions in the admin: columns, filters, search and export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
)
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.accounts.models import User
from apps.core.admin import GuardedMixin, KeptRowsMixin, log_action
from apps.editions.models import Edition
from apps.interest.admin.extensions import get_extensions
from apps.interest.exports import export_rows, table_response
from apps.interest.models import NEEDS, Expression, ExpressionPDF, ExpressionQuerySet
from apps.interest.permissions import (
    ExpressionPermissions,
    permissions_for,
    workflow_actor,
)
from apps.topics.models import Topic

ALL_EDITIONS = "all"
EDITION_PARAMETER = "edition__id__exact"
_REFERENCE = re.compile(r"\s*([0-9a-z]{3})-([0-9a-z]{3})\s*", re.IGNORECASE)
_NOT_IN_LIST = ("abstract", *NEEDS)


class KeyFilter(admin.SimpleListFilter):
    """By the key of a related object; nothing is listed for a key that is not offered."""

    field: str

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Expression]
    ) -> QuerySet[Expression]:
        value = self.value()
        if value is None:
            return queryset
        is_offered = value in dict(self.lookup_choices)
        return queryset.filter(**{self.field: value}) if is_offered else queryset.none()


class EditionFilter(KeyFilter):
    """By edition. Without a choice the current one is listed; a search looks in all editions."""

    title = field = "edition"
    parameter_name = EDITION_PARAMETER

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        editions = list(_visible_editions(request).order_by("-year", "-pk"))
        current = [str(edition.pk) for edition in editions if edition.is_current]
        self._default = current[0] if current and _lists_current_edition(request.GET) else None
        return [(str(edition.pk), f"{edition.title} ({edition.year})") for edition in editions]

    def value(self) -> str | None:
        value = super().value() or self._default
        return None if value == ALL_EDITIONS else value

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        everything, *options = super().choices(changelist)
        query = changelist.get_query_string({EDITION_PARAMETER: ALL_EDITIONS})
        yield {**everything, "display": "All editions", "query_string": query}
        yield from options


class TopicFilter(KeyFilter):
    """By topic: those of the listed edition, or of all editions, with the year."""

    title = "topic"
    field = "topics"
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        topics = Topic.objects.filter(edition__in=_visible_editions(request))
        if edition := _listed_edition(request):
            return [(str(topic.pk), str(topic)) for topic in topics.filter(edition=edition)]
        is_chosen = Exists(Expression.objects.filter(topics=OuterRef("pk")))
        topics = topics.filter(is_chosen).select_related("edition")
        topics = topics.order_by("-edition__year", "-edition", "ordering", "pk")
        return [(str(topic.pk), f"{topic} ({topic.edition.year})") for topic in topics]


class PDFFilter(admin.SimpleListFilter):
    """By whether a PDF was sent; not shown while there is none in any edition."""

    title = "PDF"
    parameter_name = "pdf"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        has_any = ExpressionPDF.objects.exists()
        return [("yes", "With a PDF"), ("no", "Without a PDF")] if has_any else []

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Expression]
    ) -> QuerySet[Expression]:
        value = self.value()
        return queryset if value is None else queryset.filter(pdf__isnull=value != "yes")


class ExpressionListAdmin(GuardedMixin, KeptRowsMixin, admin.ModelAdmin):
    """The list. Hidden fields can neither be searched, nor filtered or sorted by."""

    empty_list_text = "No entries yet. They come from the form of the call or from a spreadsheet."
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
        "state",
        "wants_talk",
        "wants_poster",
        TopicFilter,
        PDFFilter,
        "is_late",
        "is_test",
    ]
    list_per_page = 50
    ordering = ["-submitted_at", "-pk"]
    actions = None

    def get_permissions(self, request: HttpRequest) -> ExpressionPermissions:
        """The user's permissions; raises PermissionDenied if expressions are closed to them."""
        permissions = permissions_for(request.user)
        if permissions is None:
            raise PermissionDenied
        return permissions

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        permissions = self.get_permissions(request)
        fields = ["name"] * permissions.sees_authors + ["title", "reference"]
        return fields + ["email"] * permissions.sees_address

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the parameters of the filters: `?email__startswith=` would reveal addresses."""
        return lookup in {
            getattr(each, "parameter_name", f"{each}__exact") for each in self.list_filter
        }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Expression]:
        """The visible expressions, without the columns that are hidden or not in the list."""
        permissions = self.get_permissions(request)
        expressions = permissions.visible(super().get_queryset(request)).prefetch_related("topics")
        for extension in get_extensions():
            expressions = extension.get_list_queryset(request, permissions, expressions)
        return expressions.defer(*_NOT_IN_LIST, *permissions.hidden_fields)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        permissions = self.get_permissions(request)
        hidden = permissions.hidden_fields
        columns: list[Any] = [name for name in self.list_display if name not in hidden]
        extra = [
            column
            for extension in get_extensions()
            for column in extension.get_columns(request, permissions)
        ]
        return [*columns[:-1], *extra, *columns[-1:]]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Also finds a reference as it is displayed: "R7K-2QD"."""
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        if match := _REFERENCE.fullmatch(search_term):
            found |= queryset.filter(reference__iexact="".join(match.groups()))
        return found, has_duplicates

    def changelist_view(
        self, request: HttpRequest, extra_context: dict | None = None
    ) -> HttpResponse:
        permissions = self.get_permissions(request)
        may_decide = workflow_actor(request.user) is not None
        context = {
            "may_export": permissions.exports,
            "may_decide": may_decide,
            "listed_edition": _listed_edition(request) if may_decide else None,
            "editions_with_tests": _editions_with_tests(request) if may_decide else [],
            # Eleven columns and the filters need the whole width of the window.
            "has_menu": True,
        }
        for extension in get_extensions():
            context |= extension.get_list_context(request, permissions)
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.display(description="state", ordering="state")
    def standing(self, expression: Expression) -> str | SafeString:
        marks = ["test entry"] * expression.is_test + ["late"] * expression.is_late
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
        return ", ".join(str(topic) for topic in expression.topics.all())

    @admin.display(description="submitted", ordering="submitted_at")
    def sent(self, expression: Expression) -> datetime:
        return expression.submitted_at

    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """Download the filtered list; the admin log records the user, the number and the filter."""
        permissions, user = self.get_permissions(request), request.user
        if not permissions.exports or not isinstance(user, User):
            raise PermissionDenied
        if kind not in {"csv", "xlsx"}:
            raise Http404
        name_listed_edition(request)
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            messages.error(request, "This filter does not exist, so nothing was exported.")
            return redirect("admin:interest_expression_changelist")
        expressions: ExpressionQuerySet = changelist.queryset
        count = expressions.exclude_tests().order_by().count()
        action = f"{count} entries exported as {kind.upper()}"
        log_action(user, CHANGE, action, _filter_as_text(changelist), model=Expression)
        rows = export_rows(expressions, permissions)
        return table_response(rows, kind, f"expressions-{timezone.localdate()}")


def _visible_editions(request: HttpRequest) -> QuerySet[Edition]:
    permissions = permissions_for(request.user)
    if permissions is None or permissions.editions is None:
        return Edition.objects.all()
    return Edition.objects.filter(pk__in=permissions.editions)


def _lists_current_edition(query: QueryDict) -> bool:
    """Whether the list shows the current edition, since no edition is chosen or searched."""
    return EDITION_PARAMETER not in query and not query.get(SEARCH_VAR)


def _listed_edition(request: HttpRequest) -> int | None:
    """The primary key of the one edition in the list; None if it shows several or none."""
    editions = Edition.objects.all()
    if _lists_current_edition(request.GET):
        editions = editions.filter(is_current=True)
    else:
        chosen = request.GET.get(EDITION_PARAMETER, "")
        editions = editions.filter(pk=chosen) if chosen.isdecimal() else editions.none()
    return editions.values_list("pk", flat=True).first()


def name_listed_edition(request: HttpRequest) -> None:
    """Add the edition to the address of the list, which then does not depend on the current one."""
    if _lists_current_edition(request.GET) and (edition := _listed_edition(request)):
        query = request.GET.copy()
        query[EDITION_PARAMETER] = str(edition)
        request.GET = query  # type: ignore[assignment]  # the stubs know no mutable one


def _editions_with_tests(request: HttpRequest) -> QuerySet[Edition]:
    """The editions with test entries, annotated with their number; none in a partial list."""
    if request.GET.get(SEARCH_VAR) or TopicFilter.parameter_name in request.GET:
        return Edition.objects.none()
    tests = Count("expressions", filter=Q(expressions__is_test=True))
    return Edition.objects.annotate(number=tests).filter(number__gt=0).order_by("-year", "-pk")


def _filter_as_text(changelist: ChangeList) -> str:
    """The filter of the list for the log; without words that were searched for.

    They may be a person's, and the log is kept after the person's data are erased.
    """
    names = {name for spec in changelist.filter_specs for name in spec.expected_parameters()}
    parts = [f"{name}={value}" for name, value in changelist.params.items() if name in names]
    parts += ["a search"] if changelist.query else []
    return f"Filter: {', '.join(parts) or 'none'}"
