"""Merging of topics."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Model

from apps.core.exceptions import NotAllowed
from apps.topics.models import Topic


@transaction.atomic
def merge_topics(*, topics: Iterable[Topic], into: Topic) -> int:
    """Give everything that has one of `topics` the topic `into`; delete the others.

    Returns the number of rows with a changed topic. Raises NotAllowed for topics of other editions.
    """
    keys = {topic.pk for topic in topics} | {into.pk}
    locked = {row.pk: row for row in Topic.objects.select_for_update().filter(pk__in=keys)}
    if into.pk not in locked:
        raise NotAllowed("The topic to keep was deleted meanwhile.")
    if len({topic.edition_id for topic in locked.values()}) > 1:
        raise NotAllowed("Only topics of one edition can be merged.")
    others = [topic for key, topic in locked.items() if key != into.pk]
    changed: set[Model] = set()
    for relation in Topic._meta.related_objects:
        if relation.many_to_many:
            rows = relation.related_model._base_manager
            for row in rows.filter(**{f"{relation.field.name}__in": others}).distinct():
                row_topics = getattr(row, relation.field.name)
                row_topics.add(into)
                row_topics.remove(*others)
                changed.add(row)
    for topic in others:
        topic.delete()
    return len(changed)
