"""The invented edition of `make demo`, with forty expressions of interest: the same every time.

Its content is in `demo_data/`. Each expression names a scenario, whose steps are taken with the
services that people use. Afterwards the rows that a step wrote get the time at which it would have
happened, counted from the day on which the demo is built.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import Group as RoleGroup
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from apps.accounts.models import Role, User
from apps.contributors.accepted_submissions import accepted_submissions, add_submissions
from apps.editions.models import Deadline, Edition
from apps.imports.folders.importing import import_edition
from apps.interest.attendee_details import confirm_offer
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
from apps.interest.submission import submit_expression
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter
from apps.ops.demo_registration import build_registration
from apps.programme.letters import publish_with_letters
from apps.programme.models import Session
from apps.programme.placements import Order, fill_round, number_boards, plan_round, posters_to_place
from apps.review.models import Review, Reviewer
from apps.review.services import save_review
from apps.selection.decisions import decide
from apps.selection.models import PendingDecision

DEMO_SLUG = "frugal"
_DATA = Path(__file__).parent / "demo_data"

_EXTENDED_BY = timedelta(days=14)  # the call, as in scenarios.yaml
_MINUTES_PER_LIGHTNING_TALK = 4  # three to speak, one to change places


class OtherEditionsExist(Exception):
    """The database holds real editions; the demo is not built beside them."""


def build_demo(*, today: date | None = None) -> bool:
    """Build the invented edition with dates relative to `today`; return False if it exists.

    Raises OtherEditionsExist if the database holds editions, but not this one.
    """
    if Edition.objects.filter(slug=DEMO_SLUG).exists():
        return False
    if Edition.objects.exists():
        raise OtherEditionsExist
    with transaction.atomic():  # an interrupted start builds it again
        import_edition(folder=_DATA / "edition")
        edition = Edition.objects.get(slug=DEMO_SLUG)
        texts = _read("scenarios")
        today = today or edition.today
        _set_dates(edition, today, texts["dates"])
        builder = _Builder(edition, texts)
        builder.build_expressions()
        _publish_programme(edition, by=builder.chair)
        build_registration(edition, today)
        # So that the link for the first organiser is still handed out.
        User.objects.filter(pk=builder.chair.pk).update(is_active=False)
    return True


def _read(name: str) -> Any:
    return yaml.safe_load((_DATA / f"{name}.yaml").read_text(encoding="utf-8"))


def _set_dates(edition: Edition, today: date, dates: dict[str, Any]) -> None:
    """Set the `dates` of scenarios.yaml, which are numbers of days after `today`."""

    def resolve(fields: dict[str, Any]) -> dict[str, Any]:
        return {
            name: today + timedelta(days=value) if name.endswith("_on") else value
            for name, value in fields.items()
        }

    begins = resolve(dates["edition"])["starts_on"]
    begins += timedelta(days=(3 - begins.weekday()) % 7)  # a Thursday
    edition.starts_on, edition.ends_on = begins, begins + timedelta(days=1)
    edition.year = begins.year
    edition.registration_closes_on = resolve(dates["edition"])["registration_closes_on"]
    edition.save()
    for name, value in resolve(dates["call"]).items():
        setattr(edition.call, name, value)
    edition.call.save()
    for fields in dates["deadlines"]:
        Deadline.objects.create(edition=edition, **resolve(fields))
    for slug, offset in dates["news"].items():
        item = edition.news.get(slug=slug)
        day = today + timedelta(days=offset)
        item.published_at = datetime.combine(day, time(10, 0), tzinfo=edition.zone)
        item.save()


def _publish_programme(edition: Edition, *, by: User) -> None:
    """Add the confirmed contributions to round and boards of the first day; publish it."""
    confirmed = accepted_submissions(edition).values_list("pk", flat=True)
    add_submissions(edition=edition, expressions=list(confirmed), is_published=True)
    sessions = {session.slug: session for session in Session.objects.for_edition(edition)}
    lightning_round = sessions["lightning-round"]
    minutes = _MINUTES_PER_LIGHTNING_TALK
    plan = plan_round(lightning_round, order=Order.TOPIC, minutes=minutes)
    talks = [talk.pk for talk in plan.new]
    fill_round(session=lightning_round, talks=talks, minutes=minutes)
    number_boards(
        session=sessions["posters"],
        prefix="P",
        has_shifts=True,
        renumbers=True,
        seen=[poster.pk for poster in posters_to_place(edition)],
    )
    publish_with_letters(edition=edition, by=by, note="The first day")


class _Builder:
    """Takes each expression through its scenario."""

    def __init__(self, edition: Edition, texts: dict[str, Any]) -> None:
        self.edition = edition
        self.topics = {topic.slug: topic for topic in edition.topics.all()}
        at_submission = edition.questions.filter(asked_at=Question.AskedAt.SUBMISSION)
        self.shown_before, self.discuss = at_submission
        self.dinner = edition.questions.get(asked_at=Question.AskedAt.ACCEPTANCE)
        self.now = timezone.now()
        self.texts = texts
        self.chair = self._create_user("morag.achterberg", "Morag Achterberg", Role.CHAIR)
        self.reviewers = [
            self._create_user(f"reviewer{number}", name, Role.REVIEWER)
            for number, name in enumerate(self.texts["reviewers"], start=1)
        ]
        universities = list(self.texts["universities"].values())
        topics = list(self.topics.values())
        for number, reviewer in enumerate(self.reviewers):
            row = Reviewer.objects.create(
                edition=edition, user=reviewer, affiliation=universities[number]
            )
            row.topics.set(topics[number :: len(self.reviewers)])

    @staticmethod
    def _create_user(address: str, name: str, role: Role) -> User:
        user = User.objects.create_user(f"{address}@frugal.example", name=name, is_staff=True)
        user.groups.add(RoleGroup.objects.get(name=role))
        return user

    def build_expressions(self) -> None:
        """Build all forty, the earliest first."""
        people = _read("expressions")
        for number, person in enumerate(people):
            person["number"] = number
            person["sent_at"] = self._sent_at(number, person["scenario"])
        for person in sorted(people, key=lambda person: person["sent_at"]):
            self._build_expression(person)

    def _sent_at(self, number: int, scenario: str) -> datetime:
        call = self.edition.call
        if call.opens_at is None or call.closes_at is None:
            raise ValueError("The invented call has no dates.")
        if scenario == "late":
            # Shortly after the first closing date, before it was extended.
            return call.closes_at - _EXTENDED_BY + timedelta(minutes=25 + number % 10)
        first, last = self.texts["scenarios"][scenario]["sent"]
        days = first + number * 5 % (last - first + 1)
        return self._in_past(call.opens_at + timedelta(days=days, minutes=number * 97 % 780 + 3))

    def _in_past(self, moment: datetime) -> datetime:
        return min(moment, self.now - timedelta(minutes=5))

    def _build_expression(self, person: dict[str, Any]) -> None:
        name, moment = person["scenario"], person["sent_at"]
        scenario = self.texts["scenarios"][name]
        fields, related = self._form_data(person)
        expression = submit_expression(
            edition=self.edition,
            fields=fields,
            is_late=name == "late",
            is_test=name == "test",
            **related,
        ).expression
        Expression.objects.filter(pk=expression.pk).update(submitted_at=moment)
        self._backdate(expression, moment)
        for step, days in scenario.get("steps", ()):
            moment = self._in_past(person["sent_at"] + timedelta(days=days, minutes=151 * days))
            self._take_step(step, expression, person, moment)
            self._backdate(expression, moment)
            if step == Action.BEGIN_REVIEW:
                read_by = self._in_past(moment + timedelta(days=1))
                self._review(expression, person["number"], scenario["scores"], read_by)
        if "pending" in person:
            moment = self._in_past(moment + timedelta(days=1, minutes=97))
            expression.refresh_from_db()  # the steps moved it
            is_offer = person["pending"] in Format.values
            decision = decide(
                expression=expression,
                verdict=PendingDecision.Verdict.ACCEPT if is_offer else person["pending"],
                offer=person["pending"] if is_offer else "",
                by=self.chair,
            )
            PendingDecision.objects.filter(pk=decision.pk).update(made_at=moment)
            self._backdate(expression, moment)
        letters = Letter.objects.filter(expression_link__expression=expression)
        if name == "waiting_letter":
            letters.filter(to_email=expression.email).update(
                state=Letter.State.QUEUED, sent_at=None, attempts=0
            )
        if name == "link_sent_again":
            # As if the worker was killed while it sent this letter.
            letters.filter(kind="interest/link").update(
                state=Letter.State.UNCONFIRMED, sent_at=None
            )

    def _form_data(self, person: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The fields of the expression, and its topics, co-authors and answers."""
        number, wants = person["number"], person["wants"]
        address = person.get("mail") or slugify(person["name"]).replace("-", ".", 1)
        stages, schools = Expression.CareerStage, self.texts["schools"]
        fields = {
            "reference": _reference(number),
            "name": person["name"],
            "email": f"{address}@{person['at']}.example",
            "university": self.texts["universities"][person["at"]],
            "career_stage": stages.MASTERS if number % 13 == 5 else stages.PHD,
            "school": schools[number % len(schools)],
            "wants_talk": wants != "poster",
            "wants_poster": wants != "talk",
            "preference": "" if wants in {"talk", "poster"} else wants.removeprefix("prefers-"),
            "title": person["title"],
            "abstract": person["abstract"],
        }
        if person["scenario"] == "address_fixed":
            fields["email"] = fields["email"].replace(".example", "-mail.example")
        if person["scenario"] == "corrected":
            fields["title"] = fields["title"].replace("Tokeniser", "Tokenizer")
        choices = self.shown_before.choice_list
        answers = {self.shown_before: choices[number % 7 % len(choices)]}
        if number % 4 == 1:
            answers[self.discuss] = "How would you measure this with people who are not engineers?"
        related = {
            "topics": [self.topics[slug] for slug in person["topics"]],
            "coauthors": [
                (coauthor["name"], coauthor["affiliation"])
                for coauthor in person.get("coauthors", [])
            ],
            "answers": answers,
        }
        return fields, related

    def _take_step(
        self, step: str, expression: Expression, person: dict[str, Any], moment: datetime
    ) -> None:
        fields, related = self._form_data(person)
        match step:
            case "correct":
                fields["title"] = person["title"]
                del fields["reference"]
                correct_expression(expression=expression, version=1, fields=fields, **related)
            case "bounce":
                Letter.objects.filter(
                    expression_link__expression=expression, to_email=expression.email
                ).update(
                    state=Letter.State.FAILED,
                    sent_at=None,
                    failure="550 5.1.2 Bad destination system address",
                )
            case "correct_address":
                email = fields["email"].replace("-mail.example", ".example")
                correct_address(expression=expression, email=email, by=self.chair)
            case "resend_link":
                resend_link(expression=expression, by=self.chair)
            case "confirm":
                number, offer, needs = person["number"], person["offer"], self.texts["needs"]
                confirm_offer(
                    expression=expression,
                    confirmed_format="talk" if offer == "both" else offer,
                    needs=needs[number % len(needs)],
                    consents={
                        about: (number + place) % 3 > 0 for place, about in enumerate(Consent.About)
                    },
                    answers={self.dinner: "yes" if number % 3 else "no"},
                )
            case _:
                self._move(Action(step), expression, person, moment)

    def _move(
        self, action: Action, expression: Expression, person: dict[str, Any], moment: datetime
    ) -> None:
        is_students = action in {Action.WITHDRAW, Action.DECLINE_OFFER}
        moved = move(
            expression=expression,
            action=action,
            actor=Actor.STUDENT if is_students else Actor.CHAIR,
            by=None if is_students else self.chair,
            offer=person["offer"] if action == Action.ACCEPT else "",
            reason=self.texts["reasons"].get(action.value, ""),
        )
        if action in {Action.ACCEPT, Action.WAITLIST, Action.DECLINE}:
            days = timedelta(days=self.edition.call.reply_days)
            Expression.objects.filter(pk=moved.pk).update(
                decided_at=moment,
                reply_by_on=moment.date() + days if moved.reply_by_on else None,
            )

    def _review(
        self, expression: Expression, number: int, scores: list[int], read_by: datetime
    ) -> None:
        """Let the reviewers score the expression in the hours before `read_by`."""
        for place, usual_score in enumerate(scores):
            score = min(5, max(1, usual_score + (number + place) % 3 - 1))
            remarks = self.texts["remarks"][score]
            remark = remarks[number % len(remarks)] if (number + place) % 2 == 0 else ""
            has_conflict = (number + 3 * place) % 11 == 7
            review = save_review(
                expression=expression,
                reviewer=self.reviewers[(number + place) % len(self.reviewers)],
                score=None if has_conflict else score,
                has_conflict=has_conflict,
                remark="My own student." if has_conflict else remark,
            )
            reviewed_at = read_by - timedelta(hours=7 - 2 * place)
            Review.objects.filter(pk=review.pk).update(
                reviewed_at=reviewed_at, changed_at=reviewed_at
            )

    def _backdate(self, expression: Expression, moment: datetime) -> None:
        """Give the rows that the last step wrote its time."""
        for model, field in ((Event, "happened_at"), (Consent, "said_at")):
            rows = model.objects.filter(expression=expression, **{f"{field}__gte": self.now})
            rows.update(**{field: moment})
        expressions = Expression.objects.filter(pk=expression.pk, changed_at__gte=self.now)
        expressions.update(changed_at=moment)
        expression.refresh_from_db()
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


def _reference(number: int) -> str:
    """Six characters, the same and distinct for each number."""
    base, rest, characters = len(REFERENCE_ALPHABET), number * 4_100_017 + 1_234_567, []
    for _ in range(REFERENCE_LENGTH):
        rest, index = divmod(rest, base)
        characters.append(REFERENCE_ALPHABET[index])
    return "".join(characters)
