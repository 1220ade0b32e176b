"""The first day of the invented workshop: students' talks and posters join it, and it is published."""

from __future__ import annotations

from apps.accounts.models import User
from apps.contributors.accepted_submissions import bring_in, waiting_to_come
from apps.editions.models import Edition
from apps.programme.models import Session
from apps.programme.releases import publish_programme
from apps.programme.scheduling.lightning_rounds import Order, fill_round, plan_round
from apps.programme.scheduling.poster_boards import number_boards, posters_to_place

_ROUND, _POSTERS = "lightning-round", "posters"
_MINUTES = 4  # three to speak, one to change places


def publish_first_day(edition: Edition, *, by: User) -> None:
    """Brings in who is confirmed, fills the round and the boards, and makes the first release."""
    confirmed = waiting_to_come(edition).values_list("pk", flat=True)
    bring_in(edition=edition, expressions=list(confirmed), is_published=True)
    sessions = {session.slug: session for session in Session.objects.for_edition(edition)}
    plan = plan_round(sessions[_ROUND], order=Order.TOPIC, minutes=_MINUTES)
    fill_round(
        session=sessions[_ROUND],
        talks=[line.contribution.pk for line in plan.lines],
        minutes=_MINUTES,
    )
    number_boards(
        session=sessions[_POSTERS],
        prefix="P",
        has_shifts=True,
        is_anew=True,
        seen=[poster.pk for poster in posters_to_place(edition)],
    )
    publish_programme(edition=edition, by=by, note="The first day")
