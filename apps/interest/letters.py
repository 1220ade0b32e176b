"""Letters about expressions, and the daily notice to the organisers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, prefetch_related_objects
from django.utils import timezone

from apps.editions.models import Call, Edition
from apps.interest.models import DailyNotice, Event, Expression, ExpressionLetter
from apps.interest.student.display import Row, call_of, sent_rows, steps_of
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.mail.services import queue_letter

# Letters that carry the private link; the others tell of something.
_WITH_LINK = {"receipt", "link", "address_changed", "confirm", "confirmed_for", "withdrawn"}
_TO_ORGANISERS = {"notice", "withdrawn_notice"}


def send_letter(expression: Expression, kind: str, *, to_email: str = "") -> Letter | None:
    """Queue the letter `kind` (a folder of templates/interest/letters/) about an expression.

    Letters to organisers go to the edition's contact address; without one none is queued.
    """
    to_name = expression.name
    if kind in _TO_ORGANISERS:
        to_email, to_name = expression.edition.contact_email, ""
        if not to_email:
            return None
    has_link = kind in _WITH_LINK
    letter = queue_letter(
        kind=f"interest/{kind}",
        template=f"interest/letters/{kind}",
        to_email=to_email or expression.email,
        to_name=to_name,
        edition=expression.edition,
        context={"expression": expression} | (_receipt(expression) if kind == "receipt" else {}),
        link_maker="interest" if has_link else "",
        link_subject=expression.pk if has_link else None,
    )
    ExpressionLetter.objects.create(expression=expression, letter=letter)
    return letter


def _receipt(expression: Expression) -> dict[str, Any]:
    """Context of the receipt: every answer as it was given."""
    prefetch_related_objects([expression], "answers__question")
    address = Row("E-mail address", [expression.email], "")
    name, *others = sent_rows(expression)
    rows = [row for row in (name, address, *others) if row.lines]
    return {
        "call": call_of(expression),
        "change_until": steps_of(expression).change_until,
        "sent_text": "\n\n".join("\n".join([row.label, *row.lines]) for row in rows),
        "sent_rows": rows,
    }


# What is longer stands on the desk; a letter is to be read at breakfast.
MOST_NAMED = 40
# After a pause as long as this, such as another choice of notice, only these days are told of.
_MOST_DAYS = 7


@dataclass(frozen=True)
class Part:
    """One heading of the letter: what happened, to which, and how many more are not named."""

    title: str
    expressions: list[Expression]
    more: int

    @property
    def count(self) -> int:
        """All of them."""
        return len(self.expressions) + self.more


def send_daily_notices() -> int:
    """Queues a letter for each edition that has its day's news still to be told; returns how many."""
    calls = Call.objects.filter(notice=Call.Notice.DAILY).exclude(edition__contact_email="")
    return sum(_send(call.edition) for call in calls.select_related("edition"))


def _send(edition: Edition) -> bool:
    today = timezone.now().astimezone(edition.zone).date()
    notice = DailyNotice.objects.filter(edition=edition).first()
    if notice and notice.told_until_on >= today:
        return False
    with transaction.atomic():
        yesterday = today - timedelta(days=1)
        notice, _ = DailyNotice.objects.get_or_create(
            edition=edition, defaults={"told_until_on": yesterday}
        )
        since = max(notice.told_until_on, today - timedelta(days=_MOST_DAYS))
        is_ours = DailyNotice.objects.filter(pk=notice.pk, told_until_on=notice.told_until_on)
        if notice.told_until_on >= today or not is_ours.update(told_until_on=today):
            return False
        parts = _news(edition, since, today)
        if not parts:
            return False
        queue_letter(
            kind="interest/daily_notice",
            template="interest/letters/daily_notice",
            to_email=edition.contact_email,
            edition=edition,
            context={"parts": parts, "since": since, "until": yesterday},
        )
    return True


def _news(edition: Edition, since: date, today: date) -> list[Part]:
    begins, ends = (datetime.combine(day, time.min, tzinfo=edition.zone) for day in (since, today))
    happened = Event.objects.filter(
        expression__edition=edition,
        expression__is_test=False,
        happened_at__gte=begins,
        happened_at__lt=ends,
    )
    parts = []
    for title, kinds in {
        "New": Q(to_state=State.SUBMITTED),
        "Changed": Q(what__in=("Corrected", "Address corrected")),
        "Offers confirmed": Q(to_state=State.CONFIRMED),
        "Offers declined": Q(to_state=State.OFFER_DECLINED),
        "Withdrawn": Q(to_state=State.WITHDRAWN),
    }.items():
        keys = happened.filter(kinds).order_by().values("expression")
        found = Expression.objects.filter(pk__in=keys).order_by("submitted_at", "pk")
        if named := list(found.defer("abstract")[: MOST_NAMED + 1]):
            more = found.count() - MOST_NAMED if len(named) > MOST_NAMED else 0
            parts.append(Part(title, named[:MOST_NAMED], more))
    return parts
