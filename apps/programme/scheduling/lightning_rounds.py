"""A lightning round fills itself: with the talks that are in none yet, so many minutes each.

`plan_round` shows what would come of it, `fill_round` does what was shown: the order is decided
while somebody looks at it, and what is in the round already keeps its place.
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
from apps.programme.timetable import ScheduledSlot, draft_rows, from_json

STEP = 10
MOST_SEEDS = 1_000_000
# Whoever withdrew since they were brought in gets no new place; organisers' own rows do.
STILL_COMES = Q(origin=None) | Q(origin__expression__state=State.CONFIRMED)


class Order(TextChoices):
    """In which order talks join a round."""

    SUBMITTED = "submitted", "As they were sent"
    TOPIC = "topic", "By topic"
    TITLE = "title", "By title"
    SHUFFLED = "shuffled", "Shuffled"


@dataclass(frozen=True)
class Line:
    """One line of a running order."""

    entry: ScheduledSlot
    contribution: Contribution
    is_new: bool


@dataclass(frozen=True)
class RoundPlan:
    """What a round would be, and who does not fit. The new ones are the last of its lines."""

    lines: list[Line]
    left_over: list[Contribution]

    @property
    def new(self) -> list[Contribution]:
        """Those that would join."""
        return [line.contribution for line in self.lines if line.is_new]


def talks_to_place(edition: Edition) -> list[Contribution]:
    """Lightning talks of people who come and that are in no round yet; four queries."""
    found = Contribution.objects.for_edition(edition).filter(
        STILL_COMES, kind=Contribution.Kind.LIGHTNING
    )
    found = found.exclude(slots__session__kind=Session.Kind.LIGHTNING).order_by("pk")
    return list(found.select_related("origin__expression").with_listing_data())


def in_order(talks: Iterable[Contribution], order: Order, seed: int) -> list[Contribution]:
    """`talks` in this order; shuffled, the same seed gives the same order of the same talks."""
    talks = sorted(talks, key=lambda talk: talk.pk)
    match order:
        case Order.SUBMITTED:
            return sorted(talks, key=_sent)
        case Order.TOPIC:
            return sorted(talks, key=lambda talk: (topic_place(talk), talk.title.casefold()))
        case Order.TITLE:
            return sorted(talks, key=lambda talk: talk.title.casefold())
        case Order.SHUFFLED:
            random.Random(seed).shuffle(talks)  # noqa: S311  # nosec  (no secret: it is stated)
    return talks


def topic_place(contribution: Contribution) -> tuple[bool, int, int]:
    """Where its first topic stands among the edition's; those without one come last."""
    places = [(topic.ordering, topic.pk) for topic in contribution.topics.all()]
    return (not places, *min(places, default=(0, 0)))


def _sent(talk: Contribution) -> tuple[bool, datetime | int]:
    """What organisers wrote themselves was never sent, and comes last."""
    origin = getattr(talk, "origin", None)
    return (True, talk.pk) if origin is None else (False, origin.expression.submitted_at)


def plan_round(session: Session, *, order: Order, minutes: int, seed: int = 0) -> RoundPlan:
    """What `session` is once all that fits has joined it, `minutes` each, with start times."""
    waiting = in_order(talks_to_place(session.edition), order, seed)
    here = list(session.slots.select_related("contribution").order_by("ordering", "pk"))
    places = _places(session, here, minutes)
    joining = waiting if places is None else waiting[:places]
    entries = _laid_out(session, joining, minutes)
    with_names = Contribution.objects.filter(slots__session=session).with_contributors()
    known = {row.pk: row for row in [*with_names, *joining]}
    lines = [Line(entry, known[entry.contribution_id], is_new=entry.pk == 0) for entry in entries]
    return RoundPlan(lines, waiting[len(joining) :])


def fill_round(*, session: Session, talks: Sequence[int], minutes: int) -> list[Slot]:
    """Adds `talks` (keys) behind what is in the round, in this order, `minutes` each.

    One that is in a round already, or does not fit any more, is left out; so of two presses at
    once the second adds nothing.
    """
    with transaction.atomic():
        # One after the other, also for two rounds of one edition.
        edition = Edition.objects.select_for_update().get(pk=session.edition_id)
        waiting = {talk.pk: talk for talk in talks_to_place(edition)}
        here = list(session.slots.order_by("ordering", "pk"))
        joining = [waiting[key] for key in dict.fromkeys(talks) if key in waiting]
        places = _places(session, here, minutes)
        joining = joining if places is None else joining[:places]
        last = max((slot.ordering for slot in here), default=0)
        added = [
            Slot(session=session, contribution=talk, minutes=minutes, ordering=last + STEP * number)
            for number, talk in enumerate(joining, start=1)
        ]
        for slot in added:
            slot.save()
    return added


def _places(session: Session, here: Sequence[Slot], minutes: int) -> int | None:
    """How many more fit; None where nobody said how long the round lasts."""
    if session.minutes is None:
        return None
    taken = sum(slot.minutes or minutes for slot in here)
    return max(0, (session.minutes - taken) // minutes)


def _laid_out(
    session: Session, joining: Iterable[Contribution], minutes: int
) -> list[ScheduledSlot]:
    edition = session.edition
    rows = next(row for row in draft_rows(edition) if row["pk"] == session.pk)
    new = {"pk": 0, "kind": "", "minutes": minutes, "board": ""}
    rows["slots"] += [new | {"contribution": talk.pk} for talk in joining]
    timetable = from_json([rows], zone=edition.zone, first_day=edition.starts_on)
    return list(timetable.slots())
