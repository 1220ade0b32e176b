"""Makes the invented edition and its forty expressions, the same ones every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import Group as RoleGroup
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from apps.accounts.models import Role, User
from apps.editions.models import Deadline, Edition
from apps.imports.folders.importing import import_edition
from apps.interest.models import (
    REFERENCE_ALPHABET,
    REFERENCE_LENGTH,
    Consent,
    Event,
    Expression,
    Format,
    Question,
)
from apps.interest.services import correct_address, correct_expression, move, resend_link
from apps.interest.submitting import submit_expression
from apps.interest.telling import confirm_offer
from apps.interest.workflow import Action, Who
from apps.mail.models import Letter
from apps.ops.demo.first_day import publish_first_day
from apps.ops.demo.reviews import InventedReviewers
from apps.selection.decisions import decide
from apps.selection.models import PendingDecision

SLUG = "frugal"
_HERE = Path(__file__).parent
_EDITION, _EXPRESSIONS = _HERE / "edition", _HERE / "expressions.yaml"

# Days from the one it is made on.
_OPENED, _FIRST_CLOSING, _QUESTION_HOUR, _CLOSING, _LAST_CHANGE = -24, -3, 4, 11, 14
_DECISIONS, _REGISTRATION, _BEGINS = 25, 46, 60
_ANNOUNCED = {
    "both-keynotes": -40,
    "the-call-is-open": _OPENED,
    "the-lantern-prize": -9,
    "one-more-fortnight": _FIRST_CLOSING - 1,
}

UNIVERSITIES = {
    "strathmoor": "University of Strathmoor",
    "kelbrae": "Kelbrae Institute of Technology",
    "northmere": "Northmere University",
    "aldervale": "University of Aldervale",
    "vallclara": "Universitat de Vallclara",
    "rosenau": "Universität Rosenau",
    "lindenau": "Technical University of Nether Lindenau",
}
_SCHOOLS = ("School of Informatics", "", "Department of Engineering", "Language Laboratory", "")


@dataclass(frozen=True)
class Fate:
    """On which days after the opening it is sent, and what happens how many days later."""

    sent: tuple[int, int]
    then: tuple[tuple[str, int], ...] = ()


FATES = {
    "submitted": Fate((12, 22)),
    "waiting_letter": Fate((23, 23)),
    "late": Fate((21, 21)),
    "test": Fate((0, 0)),
    "corrected": Fate((9, 14), (("correct", 3),)),
    "address_mended": Fate((6, 10), (("bounce", 0), ("mend", 1), (Action.BEGIN_REVIEW, 4))),
    "link_sent_again": Fate((10, 15), (("link", 5),)),
    "under_review": Fate((5, 16), ((Action.BEGIN_REVIEW, 4),)),
    "accepted": Fate((2, 8), ((Action.BEGIN_REVIEW, 2), (Action.ACCEPT, 13))),
    "confirmed": Fate((0, 5), ((Action.BEGIN_REVIEW, 2), (Action.ACCEPT, 9), ("confirm", 12))),
    "offer_declined": Fate(
        (1, 4), ((Action.BEGIN_REVIEW, 2), (Action.ACCEPT, 9), (Action.DECLINE_OFFER, 14))
    ),
    "lapsed": Fate((1, 2), ((Action.BEGIN_REVIEW, 1), (Action.ACCEPT, 6), (Action.LAPSE, 18))),
    "waitlisted": Fate((3, 8), ((Action.BEGIN_REVIEW, 2), (Action.WAITLIST, 12))),
    "declined": Fate((3, 8), ((Action.BEGIN_REVIEW, 2), (Action.DECLINE, 11))),
    "reopened": Fate((2, 4), ((Action.BEGIN_REVIEW, 2), (Action.DECLINE, 9), (Action.REOPEN, 13))),
    "withdrawn": Fate((6, 9), ((Action.WITHDRAW, 8),)),
    "withdrawn_after_offer": Fate(
        (1, 4), ((Action.BEGIN_REVIEW, 2), (Action.ACCEPT, 9), (Action.WITHDRAW, 15))
    ),
    "cancelled": Fate((3, 5), ((Action.BEGIN_REVIEW, 3), (Action.CANCEL, 9))),
}
REASONS = {
    Action.REOPEN: "We had misread it: the guarantee is proved, in the appendix.",
    Action.CANCEL: "Sent by an alumna; the call is for current students. She has been written to.",
}
NEEDS: list[dict[str, Any]] = [
    {"can_attend": True, "technical_needs": "HDMI, please.", "access_needs": "", "diet": "Vegan"},
    {
        "can_attend": True,
        "technical_needs": "I bring a hearing aid to try; a quiet corner would help.",
        "access_needs": "A seat near the front.",
        "diet": "",
    },
    {"can_attend": True, "technical_needs": "", "access_needs": "", "diet": "No nuts"},
]


class OtherEditionsHere(Exception):
    """The database holds editions of its own: the invented one does not belong beside them."""


def make_demo(*, today: date | None = None) -> bool:
    """Makes the invented edition with all that belongs to it, its dates reckoned from `today`.

    Once it is there nothing is written, whatever was changed in it meanwhile. Returns whether it
    was made; raises OtherEditionsHere if the database holds editions, but not this one.
    """
    if Edition.objects.filter(slug=SLUG).exists():
        return False
    if Edition.objects.exists():
        raise OtherEditionsHere
    # Whole or not at all: a start that was cut short is begun anew by the next one.
    with transaction.atomic():
        import_edition(folder=_EDITION)
        edition = Edition.objects.get(slug=SLUG)
        _set_dates(edition, today or timezone.localdate(timezone=edition.zone))
        expressions = _Expressions(edition)
        expressions.make()
        publish_first_day(edition, by=expressions.chair)
    return True


def _set_dates(edition: Edition, today: date) -> None:
    def day(offset: int) -> date:
        return today + timedelta(days=offset)

    first = day(_BEGINS)
    first += timedelta(days=(3 - first.weekday()) % 7)  # a Thursday
    edition.starts_on, edition.ends_on = first, first + timedelta(days=1)
    edition.year = first.year
    edition.registration_closes_on = day(_REGISTRATION)
    edition.save()
    call = edition.call
    call.opens_on, call.closes_on = day(_OPENED), day(_CLOSING)
    call.is_anywhere_on_earth = True
    call.edits_close_on, call.decisions_on = day(_LAST_CHANGE), day(_DECISIONS)
    call.save()
    deadlines: dict[str, dict[str, Any]] = {
        "Question hour, online": {"due_on": day(_QUESTION_HOUR), "due_time": time(16, 0)},
        "Expressions of interest": {
            "due_on": day(_CLOSING),
            "is_anywhere_on_earth": True,
            "extended_from_on": day(_FIRST_CLOSING),
        },
        "Everybody has an answer": {"due_on": day(_DECISIONS), "due_time": time(17, 0)},
        "Registration": {"due_on": day(_REGISTRATION)},
    }
    for title, fields in deadlines.items():
        Deadline.objects.create(edition=edition, title=title, **fields)
    for slug, offset in _ANNOUNCED.items():
        item = edition.news.get(slug=slug)
        item.published_at = datetime.combine(day(offset), time(10, 0), tzinfo=edition.zone)
        item.save()


class _Expressions:
    """Lets forty people go through the services, then puts each trace at its moment."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.topics = {topic.slug: topic for topic in edition.topics.all()}
        asked = edition.questions.filter(asked_at=Question.AskedAt.SUBMISSION)
        self.shown_before, self.discuss = asked
        self.dinner = edition.questions.get(asked_at=Question.AskedAt.ACCEPTANCE)
        self.now = timezone.now()
        # It signs decisions and nothing else: nobody can sign in with it, so that the first
        # organiser's link is still given out.
        self.chair = User.objects.create_user(
            "morag.achterberg@frugal.example",
            name="Morag Achterberg",
            is_staff=True,
            is_active=False,
        )
        self.chair.groups.add(RoleGroup.objects.get(name=Role.CHAIR))
        self.reviewers = InventedReviewers(edition)

    def make(self) -> None:
        """Makes all of them, oldest first, as they would have come in."""
        people = yaml.safe_load(_EXPRESSIONS.read_text(encoding="utf-8"))
        for number, person in enumerate(people):
            person["number"] = number
            person["moment"] = self._moment_of(number, FATES[person["fate"]], person["fate"])
        for person in sorted(people, key=lambda person: person["moment"]):
            self._live_through(person)
        self.reviewers.rest()

    def _moment_of(self, number: int, fate: Fate, name: str) -> datetime:
        if name == "late":
            # Twenty-five minutes after the first closing date, before it was extended.
            closing = self.edition.call.closes_at
            if closing is None:
                raise ValueError("The invented call has no end.")
            minutes = 25 + number % 10
            back = timedelta(days=_CLOSING - _FIRST_CLOSING)
            return closing - back + timedelta(minutes=minutes)
        first, last = fate.sent
        days = first + number * 5 % (last - first + 1)
        opened = self.edition.call.opens_at
        if opened is None:
            raise ValueError("The invented call has no beginning.")
        return self._past(opened + timedelta(days=days, minutes=number * 97 % 780 + 3))

    def _past(self, moment: datetime) -> datetime:
        return min(moment, self.now - timedelta(minutes=5))

    def _live_through(self, person: dict[str, Any]) -> None:
        fate, moment = person["fate"], person["moment"]
        fields, parts = self._sent(person)
        expression, *_ = submit_expression(
            edition=self.edition,
            fields=fields,
            is_late=fate == "late",
            is_test=fate == "test",
            **parts,
        )
        Expression.objects.filter(pk=expression.pk).update(submitted_at=moment)
        self._put_traces_at(expression, moment)
        for step, days in FATES[fate].then:
            moment = self._past(person["moment"] + timedelta(days=days, minutes=151 * days))
            self._take(step, expression, person, moment)
            self._put_traces_at(expression, moment)
            if step == Action.BEGIN_REVIEW:
                read_by = self._past(moment + timedelta(days=1))
                self.reviewers.read(expression, person["number"], fate, read_by)
        if "pending" in person:
            moment = self._past(moment + timedelta(days=1, minutes=97))
            self._decide(person["pending"], expression, moment)
        if fate == "waiting_letter":
            self._leave_letters(expression, state=Letter.State.QUEUED, sent_at=None, attempts=0)
        if fate == "link_sent_again":
            # Its worker died with the letter in hand: whether it went out, nobody knows.
            doubtful = expression.letter_links.filter(letter__kind="interest/link")
            self._change(doubtful.values("letter"), state=Letter.State.SENDING, sent_at=None)

    def _sent(self, person: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        number, wants = person["number"], person["wants"]
        address = person.get("mail") or slugify(person["name"]).replace("-", ".", 1)
        is_single = wants in {"talk", "poster"}
        fields = {
            "reference": _reference(number),
            "name": person["name"],
            "email": f"{address}@{person['at']}.example",
            "university": UNIVERSITIES[person["at"]],
            "career_stage": Expression.CareerStage.MASTERS
            if number % 13 == 5
            else Expression.CareerStage.PHD,
            "school": _SCHOOLS[number % len(_SCHOOLS)],
            "wants_talk": wants != "poster",
            "wants_poster": wants != "talk",
            "preference": "" if is_single else wants.removeprefix("prefers-"),
            "title": person["title"],
            "abstract": person["abstract"],
        }
        if person["fate"] == "address_mended":
            fields["email"] = fields["email"].replace(".example", "-mail.example")
        if person["fate"] == "corrected":
            fields["title"] = fields["title"].replace("Tokeniser", "Tokenizer")
        shown = self.shown_before.choice_list
        answers = {self.shown_before: shown[number % 7 % len(shown)]}
        if number % 4 == 1:
            answers[self.discuss] = "How would you measure this with people who are not engineers?"
        parts = {
            "topics": [self.topics[slug] for slug in person["topics"]],
            "coauthors": [
                (coauthor["name"], coauthor["affiliation"])
                for coauthor in person.get("coauthors", [])
            ],
            "answers": answers,
        }
        return fields, parts

    def _take(
        self, step: str, expression: Expression, person: dict[str, Any], moment: datetime
    ) -> None:
        fields, parts = self._sent(person)
        match step:
            case "correct":
                fields["title"] = person["title"]
                del fields["reference"]
                correct_expression(expression=expression, version=1, fields=fields, **parts)
            case "bounce":
                self._leave_letters(
                    expression,
                    state=Letter.State.FAILED,
                    sent_at=None,
                    failure="550 5.1.2 Bad destination system address",
                )
            case "mend":
                right = fields["email"].replace("-mail.example", ".example")
                correct_address(expression=expression, email=right, by=self.chair)
            case "link":
                resend_link(expression=expression, by=self.chair)
            case "confirm":
                self._confirm(expression, person)
            case _:
                self._move(Action(step), expression, person, moment)

    def _move(
        self, action: Action, expression: Expression, person: dict[str, Any], moment: datetime
    ) -> None:
        is_students = action in {Action.WITHDRAW, Action.DECLINE_OFFER}
        moved = move(
            expression=expression,
            action=action,
            who=Who.STUDENT if is_students else Who.CHAIR,
            by=None if is_students else self.chair,
            offer=person["offer"] if action == Action.ACCEPT else "",
            reason=REASONS.get(action, ""),
        )
        if action in {Action.ACCEPT, Action.WAITLIST, Action.DECLINE}:
            days = timedelta(days=self.edition.call.reply_days)
            Expression.objects.filter(pk=moved.pk).update(
                decided_at=moment,
                reply_by_on=moment.date() + days if moved.reply_by_on else None,
            )

    def _decide(self, choice: str, expression: Expression, moment: datetime) -> None:
        is_offer = choice in Format.values
        made = decide(
            expression=expression,
            verdict=PendingDecision.Verdict.ACCEPT if is_offer else choice,
            offer=choice if is_offer else "",
            by=self.chair,
        )
        PendingDecision.objects.filter(pk=made.pk).update(made_at=moment)
        self._put_traces_at(expression, moment)

    def _confirm(self, expression: Expression, person: dict[str, Any]) -> None:
        number, offer = person["number"], person["offer"]
        confirm_offer(
            expression=expression,
            confirmed_format="talk" if offer == "both" else offer,
            needs=NEEDS[number % len(NEEDS)],
            consents={about: (number + place) % 3 > 0 for place, about in enumerate(Consent.About)},
            answers={self.dinner: "yes" if number % 3 else "no"},
        )

    def _put_traces_at(self, expression: Expression, moment: datetime) -> None:
        """What the last step left behind, and bears the time of making, gets its own moment."""
        fresh = {"expression": expression}
        Event.objects.filter(happened_at__gte=self.now, **fresh).update(happened_at=moment)
        Consent.objects.filter(said_at__gte=self.now, **fresh).update(said_at=moment)
        Expression.objects.filter(pk=expression.pk, changed_at__gte=self.now).update(
            changed_at=moment
        )
        letters = Letter.objects.filter(
            expression_link__expression=expression, created_at__gte=self.now
        )
        letters.update(
            state=Letter.State.SENT,
            created_at=moment,
            due_at=moment,
            claimed_at=moment + timedelta(seconds=2),
            sent_at=moment + timedelta(seconds=4),
            attempts=1,
            announced_at=moment,
        )

    def _leave_letters(self, expression: Expression, **fields: Any) -> None:
        """The letters to this student so far are in another state than sent."""
        own = expression.letter_links.filter(letter__to_email=expression.email)
        self._change(own.values("letter"), **fields)

    def _change(self, keys: Any, **fields: Any) -> None:
        Letter.objects.filter(pk__in=keys).update(**fields)


def _reference(number: int) -> str:
    """The same six signs for the same number each time, and no two alike."""
    base, rest, signs = len(REFERENCE_ALPHABET), number * 4_100_017 + 1_234_567, []
    for _ in range(REFERENCE_LENGTH):
        rest, sign = divmod(rest, base)
        signs.append(REFERENCE_ALPHABET[sign])
    return "".join(signs)
