"""What the list of expressions is narrowed by."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.topics.models import Topic


class FormatFilter(SimpleListFilter):
    """By what was asked for."""

    title = "format"
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [("talk", "Lightning talk only"), ("poster", "Poster only"), ("both", "Both")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "talk":
                return queryset.filter(wants_talk=True, wants_poster=False)
            case "poster":
                return queryset.filter(wants_talk=False, wants_poster=True)
            case "both":
                return queryset.filter(wants_talk=True, wants_poster=True)
        return queryset


class TopicFilter(SimpleListFilter):
    """By topic: of the chosen edition, or of all of them with their year."""

    title = "topic"
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        edition = request.GET.get("edition__id__exact", "")
        if edition.isdecimal() and len(edition) < 10:
            topics = Topic.objects.filter(edition_id=edition)
            return [(topic.pk, topic.heading) for topic in topics]
        topics = Topic.objects.filter(expressions__isnull=False).distinct()
        return [
            (topic.pk, f"{topic.heading} ({topic.edition.year})")
            for topic in topics.select_related("edition")
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        if value is None:
            return queryset
        known = {str(pk) for pk, _ in self.lookup_choices}
        # The address says it in words, the counts beside the filter as the number it is.
        return queryset.filter(topics=value) if str(value) in known else queryset.none()
