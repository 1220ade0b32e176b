"""Minimal valid rows. Tests set the fields they depend on."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from django.contrib.auth.models import Group as Role
from django.utils import timezone

from apps.accounts.models import User
from apps.awards.models import Award, Recipient
from apps.editions.models import Call, Deadline, Edition
from apps.interest.models import Expression, Question, StudentLink
from apps.interest.submission import submit_expression
from apps.news.models import NewsItem, Notice
from apps.pages.models import Page, Section
from apps.people.models import Group, Membership, Person
from apps.private_links.models import link_expiry
from apps.programme.models import (
    Contribution,
    ContributionLink,
    Contributor,
    ProgrammeRelease,
    Room,
    Session,
    SessionChair,
    Slot,
)
from apps.programme.releases import publish_programme
from apps.registration.models import AttendanceKind, Registration, RegistrationPeriod
from apps.review.models import Reviewer
from apps.sponsors.models import Level, Sponsor
from apps.topics.models import Topic

_numbers = count(1)


def make_user(role: str = "", **fields) -> User:
    """A user in the group `role`; without a role, one without access to the admin."""
    number = next(_numbers)
    fields.setdefault("email", f"user{number}@example.org")
    fields.setdefault("is_staff", bool(role))
    user = User.objects.create_user(password="correct horse battery", **fields)
    if role:
        user.groups.add(Role.objects.get(name=role))
    return user


def make_edition(**fields) -> Edition:
    """A published edition with a title only; not the current one."""
    number = next(_numbers)
    defaults = {
        "slug": f"edition-{number}",
        "year": 2000 + number % 100,
        "title": f"Workshop {number}",
    }
    return Edition.objects.create(**defaults | {"state": Edition.State.PUBLISHED} | fields)


def make_current_edition(**fields) -> Edition:
    """The edition at the site's root."""
    return make_edition(**{"is_current": True} | fields)


def make_person(**fields) -> Person:
    return Person.objects.create(**{"name": f"Ada Example {next(_numbers)}"} | fields)


def make_group(edition: Edition, *members: Person, **fields) -> Group:
    """A group of `edition` with `members` in this order."""
    group = Group.objects.create(edition=edition, **{"heading": f"Group {next(_numbers)}"} | fields)
    for person in members:
        Membership.objects.create(group=group, person=person)
    return group


def make_topic(edition: Edition, **fields) -> Topic:
    return Topic.objects.create(edition=edition, **{"heading": f"Topic {next(_numbers)}"} | fields)


def make_award(edition: Edition, **fields) -> Award:
    """A published award without recipients."""
    defaults = {"heading": f"Award {next(_numbers)}", "is_published": True}
    return Award.objects.create(edition=edition, **defaults | fields)


def make_recipient(award: Award, **fields) -> Recipient:
    """A recipient of `award`: a contribution, a person, or else a paper with a title."""
    if {"contribution", "person"}.isdisjoint(fields):
        fields = {"title": f"Paper {next(_numbers)}"} | fields
    return Recipient.objects.create(award=award, **fields)


def make_news(edition: Edition, **fields) -> NewsItem:
    """A published news item with a past date."""
    defaults = {"title": f"News {next(_numbers)}", "body": "Words.", "is_published": True}
    published_at = datetime(2024, 5, 3, 12, tzinfo=UTC)
    return NewsItem.objects.create(
        edition=edition, **{"published_at": published_at} | defaults | fields
    )


def make_notice(edition: Edition, **fields) -> Notice:
    """A change notice that began an hour ago and ends in an hour."""
    now = timezone.now()
    times = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)}
    return Notice.objects.create(edition=edition, **{"text": "Room change"} | times | fields)


def make_sponsor(edition: Edition, level: Level | None = None, **fields) -> Sponsor:
    """A sponsor of `edition` at `level`, or at a new one called "Gold"."""
    level = level or Level.objects.create(edition=edition, heading="Gold")
    return Sponsor.objects.create(level=level, **{"name": f"Example {next(_numbers)} Ltd"} | fields)


def make_section(edition: Edition, **fields) -> Section:
    return Section.objects.create(
        edition=edition, **{"heading": f"Section {next(_numbers)}"} | fields
    )


def make_page(edition: Edition | None, **fields) -> Page:
    number = next(_numbers)
    defaults = {"title": f"Page {number}", "slug": f"page-{number}", "body": "Words."}
    return Page.objects.create(edition=edition, **defaults | {"is_published": True} | fields)


def make_deadline(edition: Edition, **fields) -> Deadline:
    return Deadline.objects.create(
        edition=edition, **{"title": f"Deadline {next(_numbers)}", "due_on": "2030-05-03"} | fields
    )


def make_call(edition: Edition, **fields) -> Call:
    """A call that is open for years."""
    dates = {"opens_on": "2001-01-01", "closes_on": "2199-01-01"}
    call = Call.objects.create(edition=edition, **dates | fields)
    call.refresh_from_db()  # converts dates given as text
    return call


def make_question(edition: Edition, **fields) -> Question:
    """A line of text asked with the form."""
    return Question.objects.create(
        edition=edition, **{"label": f"Question {next(_numbers)}?"} | fields
    )


def make_reviewer(edition: Edition, user: User | None = None, **fields) -> User:
    """A reviewer of `edition`: `user`, or a new user in the group Reviewer."""
    user = user or make_user("Reviewer", **fields)
    Reviewer.objects.create(edition=edition, user=user)
    return user


def make_expression(edition: Edition, *, state: str = "submitted", **fields) -> Expression:
    """An expression for a lightning talk, submitted by the service with `fields`, or `topics`,
    `coauthors`, `answers`, `is_late`, `is_test`. Another `state` is set directly.
    """
    number = next(_numbers)
    parts = {
        name: fields.pop(name)
        for name in ("topics", "coauthors", "answers", "is_late", "is_test")
        if name in fields
    }
    defaults = {
        "name": f"Sam Student {number}",
        "email": f"student{number}@example.net",
        "university": "University of Examples",
        "title": f"Expression {number}",
        "abstract": "Words.",
        "wants_talk": True,
    }
    expression, *_ = submit_expression(
        edition=edition, fields=defaults | fields, **{"topics": [], **parts}
    )
    if state != "submitted":
        put_in_state(expression, state)
    return expression


def put_in_state(expression: Expression, state: str) -> None:
    """Set a state with its decision, without log and letters."""
    has_offer = state in {"accepted", "confirmed", "offer_declined", "lapsed"}
    is_decided = has_offer or state in {"waitlisted", "declined"}
    expression.state = state
    expression.offer = "talk" if has_offer else ""
    expression.confirmed_format = "talk" if state == "confirmed" else ""
    expression.decided_by = make_user("Chair", name="Dana Decider") if is_decided else None
    expression.decided_at = expression.submitted_at if is_decided else None
    expression.save()


def make_call_edition(**fields) -> Edition:
    """A published edition with a topic, a contact address, and a call open for ten days."""
    edition = make_edition(**{"contact_email": "organisers@example.org"} | fields)
    today = timezone.now().date()
    make_call(
        edition,
        opens_on=today - timedelta(days=1),
        closes_on=today + timedelta(days=10),
        decisions_on=date(2030, 5, 3),
        asks_career_stage=False,
    )
    make_topic(edition, heading="Small models")
    return edition


def make_sent_expression(edition: Edition, **fields) -> Expression:
    """An expression by Sam Student, created directly, without log and letters."""
    state = fields.get("state", "submitted")
    now = timezone.now()
    defaults = {
        "name": "Sam Student",
        "email": "sam@example.org",
        "university": "University of Examples",
        "title": "Smaller is better",
        "abstract": "We show that it is.",
        "wants_talk": True,
        "wants_poster": True,
        "preference": "either",
        "submitted_at": now,
        "changed_at": now,
        "fingerprint": "0" * 64,
    }
    if state in {"accepted", "confirmed", "offer_declined", "lapsed"}:
        defaults |= {"offer": "both", "reply_by_on": date(2030, 5, 10)}
    if state == "confirmed":
        defaults |= {"confirmed_format": "poster"}
    if state in {"accepted", "confirmed", "offer_declined", "lapsed", "waitlisted", "declined"}:
        defaults |= {"decided_by": make_user("Chair"), "decided_at": now}
    expression = Expression.objects.create(edition=edition, **defaults | fields)
    expression.topics.set(edition.topics.all())
    return expression


def make_link(expression: Expression, **fields) -> tuple[StudentLink, str]:
    """A valid link, and its token."""
    ends = fields.pop("expires_at", link_expiry(expression.edition))
    link, token = StudentLink.mint(expression=expression, expires_at=ends)
    if fields:
        StudentLink.objects.filter(pk=link.pk).update(**fields)
        link.refresh_from_db()
    return link, token


def make_room(edition: Edition, **fields) -> Room:
    return Room.objects.create(edition=edition, **{"name": f"Room {next(_numbers)}"} | fields)


def make_session(edition: Edition, **fields) -> Session:
    """An hour of talks at nine on the first day, in no room."""
    defaults = {"title": f"Session {next(_numbers)}", "starts_at": time(9), "minutes": 60}
    return Session.objects.create(edition=edition, **defaults | fields)


def make_contribution(edition: Edition, *people: Person | str, **fields) -> Contribution:
    """A published invited talk by `people` in this order; a string is a bare name."""
    topics, role = fields.pop("topics", ()), fields.pop("role", "speaker")
    defaults = {"title": f"Talk {next(_numbers)}", "kind": "invited", "is_published": True}
    contribution = Contribution.objects.create(edition=edition, **defaults | fields)
    contribution.topics.set(topics)
    for person in people:
        make_contributor(contribution, person, role=role)
    return contribution


def make_contributor(contribution: Contribution, person: Person | str, **fields) -> Contributor:
    named = {"name": person} if isinstance(person, str) else {"person": person}
    return Contributor.objects.create(contribution=contribution, **named | fields)


def make_contribution_link(contribution: Contribution, **fields) -> ContributionLink:
    """A link to a paper elsewhere, unless `fields` have a file."""
    number = next(_numbers)
    url = "" if "file" in fields else f"https://example.org/{number}"
    defaults = {"label": f"Link {number}", "url": url}
    return ContributionLink.objects.create(contribution=contribution, **defaults | fields)


def make_chair(session: Session, person: Person | str, **fields) -> SessionChair:
    """A chair of `session`."""
    named = {"name": person} if isinstance(person, str) else {"person": person}
    return SessionChair.objects.create(session=session, **named | fields)


def make_slot(session: Session, contribution: Contribution | None = None, **fields) -> Slot:
    """A place in `session`, last in its order, for `contribution` or a new talk."""
    contribution = contribution or make_contribution(session.edition)
    return Slot.objects.create(session=session, contribution=contribution, **fields)


def make_release(edition: Edition, **fields) -> ProgrammeRelease:
    """Publish the current draft of the programme."""
    return publish_programme(edition=edition, **{"by": None} | fields)


def make_registration_period(edition: Edition, **fields) -> RegistrationPeriod:
    """A public registration that is open for years, without a limit."""
    dates = {"opens_on": "2001-01-01", "closes_on": "2199-01-01", "is_public": True}
    period = RegistrationPeriod.objects.create(edition=edition, **dates | fields)
    period.refresh_from_db()  # converts dates given as text
    return period


def make_attendance_kind(edition: Edition, **fields) -> AttendanceKind:
    return AttendanceKind.objects.create(
        edition=edition, **{"name": f"Kind {next(_numbers)}"} | fields
    )


def make_registration(edition: Edition, **fields) -> Registration:
    """A registration with a place, created directly, without letters; `extras` are kinds."""
    number, extras = next(_numbers), fields.pop("extras", ())
    is_waiting = fields.get("status") == Registration.Status.WAITING
    defaults = {
        "name": f"Robin Guest {number}",
        "email": f"guest{number}@example.net",
        "affiliation": "University of Examples",
        "waiting_since": timezone.now() if is_waiting else None,
    }
    registration = Registration.objects.create(edition=edition, **defaults | fields)
    registration.extras.set(extras)
    return registration
