"""Expressions that students sent elsewhere: put on record all at once as they were, and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile
from apps.core.locks import fair_turn
from apps.editions.models import Call, Edition
from apps.interest.files import forget_files
from apps.interest.models import (
    Answer,
    CoAuthor,
    Event,
    Expression,
    ExpressionQuerySet,
    Question,
    new_reference,
)
from apps.interest.services import coauthor_rows, fingerprint
from apps.interest.workflow import State
from apps.topics.models import Topic

_BATCH = 500
# What comes with an expression; all else is a default until somebody touches it.
_BROUGHT = frozenset(
    {
        *("id", "edition_id", "reference", "name", "email", "university", "career_stage"),
        *("supervisor", "school", "link", "wants_talk", "wants_poster", "preference", "title"),
        *("abstract", "is_late", "submitted_at", "changed_at", "fingerprint"),
    }
)


@dataclass(frozen=True)
class Entry:
    """One expression as it was sent elsewhere; `fields` by the names of the model."""

    fields: Mapping[str, Any]
    submitted_at: datetime
    topics: Sequence[Topic] = ()
    coauthors: Sequence[tuple[str, str]] = ()
    answers: Mapping[Question, str] = field(default_factory=dict)
    is_late: bool = False


@contextmanager
def without_submissions(edition: Edition) -> Iterator[None]:
    """A transaction during which nothing is submitted to `edition`, nor brought in by others."""
    with fair_turn("submissions"), transaction.atomic():
        Call.objects.select_for_update().filter(edition=edition).first()
        Edition.objects.select_for_update().get(pk=edition.pk)  # one without a call, too
        yield


def fingerprints_of(edition: Edition) -> dict[str, str]:
    """What is on record already: fingerprint → reference as it is read aloud; rehearsals left out."""
    everything = Expression.objects.for_edition(edition).exclude_tests().order_by("-submitted_at")
    return {
        print_: f"{reference[:3]}-{reference[3:]}"
        for print_, reference in everything.values_list("fingerprint", "reference")
    }


def bring_in(
    *, edition: Edition, entries: Sequence[Entry], by: User, what: str
) -> list[Expression]:
    """Puts `entries` on record as submitted when they were; `what` is their line in the log.

    No letter is written, and nobody's link is made. Call it within `without_submissions`.
    """
    with transaction.atomic():
        references = _new_references(len(entries))
        expressions = Expression.objects.bulk_create(
            [
                Expression(
                    edition=edition,
                    reference=reference,
                    is_late=entry.is_late,
                    submitted_at=entry.submitted_at,
                    changed_at=entry.submitted_at,
                    fingerprint=fingerprint(edition, entry.fields["email"], entry.fields["title"]),
                    **entry.fields,
                )
                for entry, reference in zip(entries, references, strict=True)
            ],
            batch_size=_BATCH,
        )
        pairs = list(zip(expressions, entries, strict=True))
        through = Expression.topics.through
        through._default_manager.bulk_create(
            [
                through(expression_id=expression.pk, topic_id=topic.pk)
                for expression, entry in pairs
                for topic in dict.fromkeys(entry.topics)
            ],
            batch_size=_BATCH,
        )
        CoAuthor.objects.bulk_create(
            [
                row
                for expression, entry in pairs
                for row in coauthor_rows(expression, entry.coauthors)
            ],
            batch_size=_BATCH,
        )
        Answer.objects.bulk_create(
            [
                Answer(expression=expression, question=question, words=words)
                for expression, entry in pairs
                for question, words in entry.answers.items()
            ],
            batch_size=_BATCH,
        )
        Event.objects.bulk_create(
            [
                Event(expression=expression, what=what, to_state=State.SUBMITTED, by=by)
                for expression in expressions
            ],
            batch_size=_BATCH,
        )
    return expressions


def untouched(
    expressions: ExpressionQuerySet, *, apart_from: Iterable[type[models.Model]] = ()
) -> ExpressionQuerySet:
    """Those of `expressions` that stand as they were brought in: nobody decided, wrote or changed.

    Whatever else points to an expression is a trace of somebody's work, `apart_from` what the
    import itself keeps.
    """
    for name, default in _defaults().items():
        expressions = expressions.filter(
            **({f"{name}__isnull": True} if default is None else {name: default})
        )
    own = {CoAuthor, Answer, Event, *apart_from}
    for relation in Expression._meta.related_objects:
        if relation.related_model not in own:
            traces = relation.related_model._default_manager.filter(
                **{relation.field.name: OuterRef("pk")}
            )
            expressions = expressions.exclude(Exists(traces))
    lines = (
        Event.objects.filter(expression=OuterRef("pk"))
        .order_by()
        .values("expression")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return expressions.annotate(lines=models.Subquery(lines)).filter(lines=1)


def take_back(
    *,
    expressions: ExpressionQuerySet,
    count: int,
    apart_from: Iterable[type[models.Model]] = (),
) -> None:
    """Erases the `untouched` ones of `expressions` with all that came with them.

    Raises ChangedMeanwhile, and erases none, unless there are `count` of them. They have no
    letters and no links, so nobody but the desk has ever heard of them.
    """
    with transaction.atomic():
        # Whoever moves or corrects one of them now waits until it is gone, or has been seen here.
        locked = list(expressions.order_by("pk").select_for_update().values_list("pk", flat=True))
        these = Expression.objects.filter(pk__in=locked)
        pks = list(untouched(these, apart_from=apart_from).values_list("pk", flat=True))
        if len(pks) != count:
            raise ChangedMeanwhile
        forget_files()
        transaction.on_commit(forget_files)  # as in services.erase_expression
        for start in range(0, len(pks), _BATCH):
            Expression.objects.filter(pk__in=pks[start : start + _BATCH]).delete()


def _defaults() -> dict[str, Any]:
    """What the columns say that no import fills in."""
    return {
        column.attname: column.get_default()
        for column in Expression._meta.concrete_fields
        if column.attname not in _BROUGHT
    }


def _new_references(count: int) -> list[str]:
    """So many that are not given yet: among thousands at once two would now and then be the same."""
    found: set[str] = set()
    while len(found) < count:
        fresh = {new_reference() for _ in range(count - len(found))} - found
        taken = Expression.objects.filter(reference__in=fresh).values_list("reference", flat=True)
        found |= fresh - set(taken)
    return list(found)
