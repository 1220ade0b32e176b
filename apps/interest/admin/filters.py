"""What the list of expressions is narrowed by, and how many there are behind each choice.

Django counts every choice with a question of its own. Here one question groups what was found by
all the columns that filters look at, and every such filter reads its numbers from the groups; a
second one counts topics. Of the few that a search finds, both are known already (`found.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.options import IS_FACETS_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, QueryDict

from apps.editions.models import Edition
from apps.interest.admin.found import Found, few_found, topics_of
from apps.interest.models import Expression
from apps.interest.permissions import permissions_for
from apps.interest.workflow import State

EVERY_EDITION = "all"
# With more found than this, the numbers beside the filters are counted on request only.
MOST_COUNTED = 20_000


@dataclass(frozen=True)
class Option:
    """One choice of a filter: as the address says it, in words, and what the columns hold then."""

    value: str
    words: str
    holds: tuple[Any, ...]


class CountedFilter(SimpleListFilter, ABC):
    """A filter that learns from the list how many there are behind each of its choices."""

    parameter_name: str
    all_words = "All"
    all_value: str | None = None

    def value(self) -> str | None:
        """What is chosen, as the address says it; None for all."""
        value = super().value()
        return None if value is None or value == self.all_value else str(value)

    @abstractmethod
    def count(self, changelist: ExpressionList) -> Counter[str] | None:
        """How many the other filters and the search leave behind each choice, by its value."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        chosen = self.value()
        numbers = self.count(changelist) if isinstance(changelist, ExpressionList) else None
        all_of_it = {self.parameter_name: self.all_value} if self.all_value else {}
        yield {
            "selected": chosen is None,
            "query_string": changelist.get_query_string(all_of_it, [self.parameter_name]),
            "display": self.all_words,
        }
        for value, words in self.lookup_choices:
            yield {
                "selected": chosen == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": words if numbers is None else f"{words} ({numbers[value]})",
            }


class ColumnFilter(CountedFilter):
    """A filter over columns of the expression itself, counted together with others of its kind."""

    columns: ClassVar[tuple[str, ...]]
    fixed_options: ClassVar[list[Option]] = []

    @cached_property
    def options(self) -> list[Option]:
        return self.fixed_options

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(option.value, option.words) for option in self.options]

    @property
    def chosen(self) -> Option | None:
        """None if nothing is chosen; raises IncorrectLookupParameters for what is no choice."""
        value = self.value()
        if value is None:
            return None
        for option in self.options:
            if option.value == value:
                return option
        raise IncorrectLookupParameters(f"{self.parameter_name}={value}")

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if chosen := self.chosen:
            return queryset.filter(**dict(zip(self.columns, chosen.holds, strict=True)))
        return queryset

    def lets_in(self, group: dict[str, Any]) -> bool:
        """Whether what is chosen finds the expressions of this group."""
        return self.chosen is None or self.chosen.holds == self._held_by(group)

    def count(self, changelist: ExpressionList) -> Counter[str]:
        values = {option.holds: option.value for option in self.options}
        others = [other for other in changelist.column_filters if other is not self]
        counts: Counter[str] = Counter()
        for group in changelist.groups:
            if all(other.lets_in(group) for other in others):
                counts[values.get(self._held_by(group), "")] += group["number"]
        return counts

    def _held_by(self, group: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(group[column] for column in self.columns)


class EditionFilter(ColumnFilter):
    """By edition. The list opens on the current one; a search looks everywhere unless told."""

    title = "edition"
    parameter_name = "edition__id__exact"
    all_words = "All editions"
    all_value = EVERY_EDITION
    columns = ("edition_id",)

    @cached_property
    def options(self) -> list[Option]:
        return [
            Option(str(edition.pk), f"{edition.title} ({edition.year})", (edition.pk,))
            for edition in editions_listed(self.request)
        ]

    def value(self) -> str | None:
        if self.used_parameters.get(self.parameter_name) is None and opens_on_current(
            self.request.GET
        ):
            current = _current(editions_listed(self.request))
            return str(current.pk) if current else None
        return super().value()

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        try:
            return super().queryset(request, queryset)
        except IncorrectLookupParameters:
            return queryset.none()  # one that was deleted since somebody kept the address

    def lets_in(self, group: dict[str, Any]) -> bool:
        value = self.value()
        return value is None or str(group["edition_id"]) == value


class StateFilter(ColumnFilter):
    title = "state"
    parameter_name = "state__exact"
    columns = ("state",)
    fixed_options = [Option(state.value, str(state.label), (state.value,)) for state in State]


class FormatFilter(ColumnFilter):
    """By what was asked for."""

    title = "format"
    parameter_name = "format"
    columns = ("wants_talk", "wants_poster")
    fixed_options = [
        Option("talk", "Lightning talk only", (True, False)),
        Option("poster", "Poster only", (False, True)),
        Option("both", "Both", (True, True)),
    ]


class LateFilter(ColumnFilter):
    title = "time of arrival"
    parameter_name = "is_late__exact"
    columns = ("is_late",)
    fixed_options = [Option("0", "In time", (False,)), Option("1", "Late", (True,))]


class RehearsalFilter(ColumnFilter):
    title = "purpose"
    parameter_name = "is_test__exact"
    columns = ("is_test",)
    fixed_options = [Option("0", "Meant in earnest", (False,)), Option("1", "Rehearsal", (True,))]


class TopicFilter(CountedFilter):
    """By topic: of the chosen edition, or of all of them with their year."""

    title = "topic"
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        editions = editions_listed(request)
        chosen = request.GET.get(EditionFilter.parameter_name, "")
        if chosen.isdecimal():
            editions = [edition for edition in editions if str(edition.pk) == chosen]
        elif opens_on_current(request.GET) and (current := _current(editions)):
            editions = [current]
        else:
            return [
                (str(topic.pk), f"{topic.heading} ({edition.year})")
                for edition in editions
                for topic in edition.topics
                if topic.is_chosen
            ]
        return [(str(topic.pk), topic.heading) for edition in editions for topic in edition.topics]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value is None:
            return queryset
        known = {pk for pk, _ in self.lookup_choices}
        return queryset.filter(topics=value) if value in known else queryset.none()

    def count(self, changelist: ExpressionList) -> Counter[str] | None:
        if not changelist.add_facets:
            return None
        if few := changelist.few:
            return Counter(
                str(topic)
                for key, row in few.rows.items()
                if all(spec.lets_in(row) for spec in changelist.column_filters)
                for topic in few.topics.get(key, ())
            )
        found = changelist.found_without(self).values("topics")
        numbered = found.annotate(number=Count("*")).values_list("topics", "number")
        return Counter({str(topic): number for topic, number in numbered})


class ExpressionList(ChangeList):
    """The list, which counts for its filters.

    One question groups all columns that filters look at, and also says how many there are in all;
    topics take a second one, which waits until it is asked for where more than MOST_COUNTED are
    found. Few found by a search are counted without a question.
    """

    def get_results(self, request: HttpRequest) -> None:
        self._request = request
        # The paginator asks the queryset for this; the groups have told it already.
        self.queryset.count = self._count
        super().get_results(request)
        # Which rows a late page has, the database finds out without reading those it passes over.
        keys = self.result_list.values("pk")
        shown = self.root_queryset.filter(pk__in=keys).order_by(*self.queryset.query.order_by)
        self.result_list = self._with_topics(list(shown))
        self.is_facets_optional = self.result_count > MOST_COUNTED
        self.add_facets = not self.is_facets_optional or IS_FACETS_VAR in request.GET

    @cached_property
    def column_filters(self) -> list[ColumnFilter]:
        return [spec for spec in self.filter_specs if isinstance(spec, ColumnFilter)]

    @cached_property
    def few(self) -> Found | None:
        """What was searched for, before any filter; None if nothing was, or many are found."""
        return few_found(self._request)

    @cached_property
    def groups(self) -> list[dict[str, Any]]:
        """What was found but for the column filters, grouped by their columns, with a `number`."""
        if few := self.few:
            topic = self._request.GET.get(TopicFilter.parameter_name)
            return [
                {**row, "number": 1}
                for key, row in few.rows.items()
                if topic is None or topic in map(str, few.topics.get(key, ()))
            ]
        columns = [column for spec in self.column_filters for column in spec.columns]
        found = self.found_without(*self.column_filters)
        return list(found.values(*columns).annotate(number=Count("*")))

    @property
    def edition_pk(self) -> str | None:
        """The one edition that is listed, or None where it is several."""
        for spec in self.filter_specs:
            if isinstance(spec, EditionFilter):
                known = {option.value for option in spec.options}
                return spec.value() if spec.value() in known else None
        return None

    @property
    def rehearsals(self) -> list[dict[str, Any]]:
        """Every edition with rehearsals, and their number; none where only a part is listed."""
        is_part = self.query or TopicFilter.parameter_name in self.params
        numbers: Counter[int] = Counter()
        for group in [] if is_part else self.groups:
            numbers[group["edition_id"]] += group["number"] * group["is_test"]
        editions = [spec.options for spec in self.filter_specs if isinstance(spec, EditionFilter)]
        return [
            {"pk": option.value, "words": option.words, "number": numbers[option.holds[0]]}
            for options in editions
            for option in options
            if numbers[option.holds[0]]
        ]

    def found_without(self, *left_out: SimpleListFilter) -> QuerySet[Expression]:
        """What the search and all filters but those `left_out` find, in no order."""
        found = self.root_queryset
        for spec in self.filter_specs:
            if spec not in left_out:
                narrowed = spec.queryset(self._request, found)
                found = found if narrowed is None else narrowed
        found, _ = self.model_admin.get_search_results(self._request, found, self.query)
        return found.order_by()

    def _with_topics(self, shown: list[Expression]) -> list[Expression]:
        """The rows of a page, each with the headings of its topics as `shown_topics`."""
        topics = self.few.topics if self.few else topics_of([row.pk for row in shown])
        headings = {
            topic.pk: topic.heading
            for edition in editions_listed(self._request)
            for topic in edition.topics
        }
        for row in shown:
            own = set(topics.get(row.pk, ()))
            vars(row)["shown_topics"] = [words for pk, words in headings.items() if pk in own]
        return shown

    def _count(self) -> int:
        return sum(
            group["number"]
            for group in self.groups
            if all(spec.lets_in(group) for spec in self.column_filters)
        )


class _Topic(NamedTuple):
    pk: int
    heading: str
    is_chosen: bool  # by anybody


class _Edition(NamedTuple):
    pk: int
    year: int
    title: str
    is_current: bool
    topics: list[_Topic]


def editions_listed(request: HttpRequest) -> list[_Edition]:
    """The editions whose expressions this person sees, the newest first, with their topics.

    One question for each request, whoever asks.
    """
    known = vars(request)
    if "_editions_listed" not in known:
        chosen = Expression.topics.through._default_manager.filter(topic=OuterRef("topics__pk"))
        rows = Edition.objects.order_by("-year", "-pk", "topics__ordering", "topics__pk")
        sight = permissions_for(request.user)
        if sight is not None and sight.editions is not None:
            rows = rows.filter(pk__in=sight.editions)
        columns = ("pk", "year", "title", "is_current", "topics__pk", "topics__heading")
        editions: dict[int, _Edition] = {}
        for pk, year, title, is_current, *topic in rows.values_list(*columns, Exists(chosen)):
            edition = editions.setdefault(pk, _Edition(pk, year, title, is_current, []))
            if topic[0] is not None:
                edition.topics.append(_Topic(*topic))
        known["_editions_listed"] = list(editions.values())
    editions_known: list[_Edition] = known["_editions_listed"]
    return editions_known


def _current(editions: list[_Edition]) -> _Edition | None:
    return next((edition for edition in editions if edition.is_current), None)


def opens_on_current(query: QueryDict) -> bool:
    """Whether nobody chose an edition and nobody searches: then the current one is shown."""
    return not (EditionFilter.parameter_name in query or query.get(SEARCH_VAR))


def settle(request: HttpRequest) -> None:
    """Names the edition in the list's address: what it shows does not change any more when another
    edition becomes the current one."""
    if not opens_on_current(request.GET):
        return
    if current := Edition.objects.filter(is_current=True).first():
        query = request.GET.copy()
        query[EditionFilter.parameter_name] = str(current.pk)
        request.GET = query  # type: ignore[assignment]  # a copy is all Django lets us change
