"""Filling a lightning round with the talks that are in no round yet.

`plan_round` previews the result and `fill_round` adds the talks that were previewed. Talks that
are in the round already keep their places.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, TextChoices

from apps.editions.models import Edition
from apps.interest.workflow import State
from apps.programme.models import Contribution, Session, Slot
from apps.programme.timetable import ScheduledSlot, draft_sessions

SLOT_STEP = 10
MAX_SEED = 1_000_000
# Contributions of organisers, and of students who have not withdrawn.
IS_COMING = Q(origin=None) | Q(origin__expression__state=State.CONFIRMED)


class Order(TextChoices):
    """The order in which talks are added to a round."""

    SUBMITTED = "submitted", "As they were sent"
    TOPIC = "topic", "By topic"
    TITLE = "title", "By title"
    SHUFFLED = "shuffled", "Shuffled"


@dataclass(frozen=True)
class RoundPlan:
    """The slots of a round as it would be, new ones (without a key) last; talks that do not fit."""

    slots: list[ScheduledSlot]
    left_over: list[Contribution]

    @property
    def new(self) -> list[Contribution]:
        """The talks that would be added."""
        return [slot.contribution for slot in self.slots if slot.contribution and not slot.pk]


def talks_to_place(edition: Edition) -> list[Contribution]:
    """Lightning talks that are in no round yet; at most four queries."""
    talks = Contribution.objects.for_edition(edition).filter(
        IS_COMING, kind=Contribution.Kind.LIGHTNING
    )
    talks = talks.exclude(slots__session__kind=Session.Kind.LIGHTNING).order_by("pk")
    return list(talks.select_related("origin__expression").with_listing_data())


def sort_talks(talks: Iterable[Contribution], order: Order, seed: int) -> list[Contribution]:
    """`talks` in this order; the same seed shuffles the same talks alike."""
    talks = sorted(talks, key=lambda talk: talk.pk)
    match order:
        case Order.SUBMITTED:
            return sorted(talks, key=_submitted)
        case Order.TOPIC:
            return sorted(talks, key=lambda talk: (topic_rank(talk), talk.title.casefold()))
        case Order.TITLE:
            return sorted(talks, key=lambda talk: talk.title.casefold())
        case Order.SHUFFLED:
            random.Random(seed).shuffle(talks)  # noqa: S311  # nosec  (not a secret)
    return talks


def topic_rank(contribution: Contribution) -> tuple[bool, int, int]:
    """A sort key: the first of its topics in the edition's order; without a topic, last."""
    ranks = [(topic.ordering, topic.pk) for topic in contribution.topics.all()]
    return (not ranks, *min(ranks, default=(0, 0)))


def _submitted(talk: Contribution) -> tuple[bool, datetime | int]:
    """A sort key: the time of submission; talks added by organisers last."""
    origin = getattr(talk, "origin", None)
    return (True, talk.pk) if origin is None else (False, origin.expression.submitted_at)


def plan_round(session: Session, *, order: Order, minutes: int, seed: int = 0) -> RoundPlan:
    """Preview `session` after all talks that fit were added, `minutes` each, with start times."""
    edition = session.edition
    waiting = sort_talks(talks_to_place(edition), order, seed)
    added = waiting[: _free_places(session, session.slots.all(), minutes)]
    filled = next(row for row in draft_sessions(edition) if row.pk == session.pk)
    filled.slots += [ScheduledSlot(0, talk.pk, minutes=minutes) for talk in added]
    filled.set_times(zone=edition.zone, first_day=edition.starts_on)
    placed = Contribution.objects.filter(slots__session=session).with_contributors()
    talks = {talk.pk: talk for talk in [*placed, *added]}
    for slot in filled.slots:
        slot.contribution = talks[slot.contribution_id]
    return RoundPlan(filled.slots, waiting[len(added) :])


def fill_round(*, session: Session, talks: Sequence[int], minutes: int) -> list[Slot]:
    """Append `talks` (primary keys) to the round in this order, `minutes` each.

    Talks that are in a round already or do not fit any more are left out, so a second click adds
    nothing.
    """
    with transaction.atomic():
        # The lock of the edition also covers its other rounds.
        edition = Edition.objects.select_for_update().get(pk=session.edition_id)
        waiting = {talk.pk: talk for talk in talks_to_place(edition)}
        slots = list(session.slots.all())
        added = [waiting[key] for key in dict.fromkeys(talks) if key in waiting]
        last = max((slot.ordering for slot in slots), default=0)
        return [
            Slot.objects.create(
                session=session,
                contribution=talk,
                minutes=minutes,
                ordering=last + SLOT_STEP * number,
            )
            for number, talk in enumerate(added[: _free_places(session, slots, minutes)], start=1)
        ]


def _free_places(session: Session, slots: Iterable[Slot], minutes: int) -> int | None:
    """How many more talks fit; None where the length of the round is unknown."""
    if session.minutes is None:
        return None
    taken = sum(slot.minutes or minutes for slot in slots)
    return max(0, (session.minutes - taken) // minutes)
