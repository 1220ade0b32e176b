"""How many expressions stand where, and which of them want something: counted in one query."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.workflow import UNDECIDED, State

# What is due within these days is near.
NEAR = timedelta(days=14)


@dataclass
class Counts:
    """Of one edition; rehearsals are counted apart and nowhere else."""

    by_state: Counter[State] = field(default_factory=Counter)
    undecided: int = 0  # and nothing is pending about them
    late: int = 0  # among these
    rehearsals: int = 0
    pending: int = 0
    held: int = 0
    without_reply: int = 0
    without_reply_since: date | None = None
    replies_due: int = 0
    replies_due_from: date | None = None

    @property
    def total(self) -> int:
        return self.by_state.total()


def count_expressions(edition: Edition) -> Counts:
    """One query, however many there are."""
    today = timezone.now().astimezone(edition.zone).date()
    real = Q(is_test=False)
    open_ = Q(pending_decision=None)
    over = real & Q(reply_by_on__lt=today)
    near = real & Q(reply_by_on__range=(today, today + NEAR))
    rows = (
        Expression.objects.for_edition(edition)
        .order_by()
        .values("state")
        .annotate(
            number=Count("pk", filter=real),
            rehearsals=Count("pk", filter=Q(is_test=True)),
            late=Count("pk", filter=real & open_ & Q(is_late=True)),
            undecided=Count("pk", filter=real & open_),
            pending=Count("pending_decision", filter=real & Q(pending_decision__is_held=False)),
            held=Count("pending_decision", filter=real & Q(pending_decision__is_held=True)),
            over=Count("pk", filter=over),
            over_since=Min("reply_by_on", filter=over),
            near=Count("pk", filter=near),
            near_from=Min("reply_by_on", filter=near),
        )
    )
    counts = Counts()
    for row in rows:
        state = State(row["state"])
        if row["number"]:
            counts.by_state[state] = row["number"]
        counts.rehearsals += row["rehearsals"]
        counts.pending += row["pending"]
        counts.held += row["held"]
        if state in UNDECIDED:
            counts.undecided += row["undecided"]
            counts.late += row["late"]
        if state == State.ACCEPTED:
            counts.without_reply, counts.without_reply_since = row["over"], row["over_since"]
            counts.replies_due, counts.replies_due_from = row["near"], row["near_from"]
    return counts
