"""Letters about expressions, and the daily notice to the organisers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from apps.editions.models import Call, Edition
from apps.interest.models import DailyNotice, Event, Expression, ExpressionLetter
from apps.interest.student.display import Row, change_window, form_rows
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.mail.services import LetterSubject, queue_letter

# The line of the log for a form that its sender sent again, with other answers.
SENT_AGAIN = "Sent again"
# Letters with the private link.
_WITH_LINK = {
    *("receipt", "sent_again", "link", "address_changed", "confirm", "confirmed_for", "withdrawn")
}
_TO_ORGANISERS = {"notice", "withdrawn_notice", "address_notice"}
KIND_LABELS = {
    "interest/receipt": "Receipt of an entry",
    "interest/sent_again": "An entry was sent again",
    "interest/link": "Private link, sent again",
    "interest/address_changed": "Change of address, to the new one",
    "interest/address_changed_old": "Change of address, to the old one",
    "interest/confirm": "Confirmation of an offer",
    "interest/confirmed_for": "Confirmation by a chair",
    "interest/decline_offer": "An offer was declined",
    "interest/withdrawn": "An entry was withdrawn",
    "interest/cancelled": "An entry was cancelled",
    "interest/mailing": "Email to many",
    "interest/test": "Test of an email, to oneself",
    "interest/notice": "To organisers: a new entry",
    "interest/daily_notice": "To organisers: news of the day",
    "interest/withdrawn_notice": "To organisers: an entry was withdrawn",
    "interest/address_notice": "To organisers: a corrected address",
    "interest/erased_notice": "To organisers: an entry was erased",
}


def send_letter(
    expression: Expression, kind: str, *, to_email: str = "", **context: Any
) -> Letter | None:
    """Queue the letter `kind` (a folder of templates/interest/letters/) about an expression.

    Its templates get the expression and the `context`. Letters to organisers go to the edition's
    contact address; without one none is queued.
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
        is_to_organisers=kind in _TO_ORGANISERS,
        context={"expression": expression, **context},
        link_maker="interest" if has_link else "",
        link_subject=expression.pk if has_link else None,
    )
    ExpressionLetter.objects.create(expression=expression, letter=letter)
    return letter


def send_receipt(expression: Expression, *, is_update: bool = False, **parts: Any) -> None:
    """Queue the receipt, with every answer as it was given; `parts` are those of `form_rows`.

    With `is_update` it says that an entry was sent again and is updated.
    """
    with translation.override(expression.edition.language_code):
        address = Row(gettext("Email address"), [expression.email], "")
        name, *others = form_rows(expression, **parts)
        rows = [row for row in (name, address, *others) if row.lines]
        may_change, change_until = change_window(expression)
        send_letter(
            expression,
            "receipt",
            is_update=is_update,
            can_change=may_change,
            change_until=change_until,
            sent_text="\n\n".join("\n".join([row.label, *row.lines]) for row in rows),
            sent_rows=rows,
        )


# More expressions are only counted in the daily notice.
MOST_NAMED = 40
# After a longer pause, such as another choice of notice, only the last days are reported.
_MOST_DAYS = 7


def send_daily_notices() -> int:
    """Queue a notice for each edition with unreported news; return their number."""
    calls = Call.objects.filter(notice=Call.Notice.DAILY).exclude(edition__contact_email="")
    return sum(_send_daily_notice(call.edition) for call in calls.select_related("edition"))


def _send_daily_notice(edition: Edition) -> bool:
    today = edition.today
    notice = DailyNotice.objects.filter(edition=edition).first()
    if notice and notice.reported_until_on >= today:
        return False
    with transaction.atomic():
        yesterday = today - timedelta(days=1)
        notice, _ = DailyNotice.objects.get_or_create(
            edition=edition, defaults={"reported_until_on": yesterday}
        )
        since = max(notice.reported_until_on, today - timedelta(days=_MOST_DAYS))
        claim = DailyNotice.objects.filter(pk=notice.pk, reported_until_on=notice.reported_until_on)
        if notice.reported_until_on >= today or not claim.update(reported_until_on=today):
            return False
        sections = _news(edition, since, today)
        if not sections:
            return False
        queue_letter(
            kind="interest/daily_notice",
            template="interest/letters/daily_notice",
            to_email=edition.contact_email,
            edition=edition,
            is_to_organisers=True,
            context={"sections": sections, "since": since, "until": yesterday},
        )
    return True


def _news(edition: Edition, since: date, today: date) -> list[dict[str, Any]]:
    """The sections of the notice: title, named expressions, count of all, and of those not named."""
    begins, ends = (datetime.combine(day, time.min, tzinfo=edition.zone) for day in (since, today))
    happened = Event.objects.filter(
        expression__edition=edition,
        expression__is_test=False,
        happened_at__gte=begins,
        happened_at__lt=ends,
    )
    sections = []
    for title, kinds in {
        "New": Q(to_state=State.SUBMITTED),
        "Changed": Q(what__in=("Corrected", SENT_AGAIN, "Address corrected")),
        "Offers confirmed": Q(to_state=State.CONFIRMED),
        "Offers declined": Q(to_state=State.OFFER_DECLINED),
        "Withdrawn": Q(to_state=State.WITHDRAWN),
    }.items():
        keys = happened.filter(kinds).order_by().values("expression")
        expressions = Expression.objects.filter(pk__in=keys).order_by("submitted_at", "pk")
        if count := expressions.count():
            named = list(expressions.defer("abstract")[:MOST_NAMED])
            more = count - len(named)
            sections.append({"title": title, "expressions": named, "count": count, "more": more})
    return sections


def find_expressions_of_letters(letters: Collection[int]) -> dict[int, LetterSubject]:
    """The expressions that letters are about, by the keys of the letters."""
    links = ExpressionLetter.objects.filter(letter__in=letters).select_related("expression")
    return {
        link.letter_id: LetterSubject(
            str(link.expression),
            reverse("admin:interest_expression_change", args=[link.expression_id]),
        )
        for link in links.defer("expression__abstract")
    }
