"""Content of the invented workshop of `make demo`."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.services import first_organiser_link
from apps.editions.models import Call, Edition
from apps.interest.models import Answer, CoAuthor, Consent, Expression, ExpressionLetter
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.ops.demo import DEMO_SLUG, build_demo
from apps.people.models import Person
from apps.programme.conflicts import find_conflicts
from apps.programme.models import Origin
from apps.programme.releases import published_timetable
from apps.programme.timetable import draft_timetable
from apps.registration.models import Registration, RegistrationLetter
from apps.review.models import Review
from apps.selection.capacity import capacity_of
from apps.selection.models import PendingDecision
from apps.sponsors.models import Sponsor

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _built(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The demo, built once for all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        build_demo()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(_built, db) -> Edition:
    return Edition.objects.get()


def test_the_call_is_open_and_the_workshop_is_in_the_future(demo):
    today = timezone.localdate(timezone=demo.zone)

    assert (demo.slug, demo.state, demo.is_current) == (DEMO_SLUG, "published", True)
    assert demo.year == demo.starts_on.year
    assert demo.starts_on > today + timedelta(days=50)
    assert f"{demo.starts_on:%A} {demo.ends_on:%A}" == "Thursday Friday"
    assert demo.call.status == Call.Status.OPEN
    assert demo.call.closes_on == today + timedelta(days=11)
    assert demo.is_registration_open
    deadlines = demo.deadlines.all()
    assert len(deadlines) == 4
    assert not any(deadline.is_over for deadline in deadlines)
    assert any(deadline.extended_from_on for deadline in deadlines)


def test_there_are_forty_expressions_in_all_states(demo):
    states = Counter(Expression.objects.values_list("state", flat=True))

    assert states == {
        State.SUBMITTED: 10,
        State.UNDER_REVIEW: 9,
        State.ACCEPTED: 3,
        State.CONFIRMED: 7,
        State.WAITLISTED: 3,
        State.DECLINED: 3,
        State.WITHDRAWN: 2,
        State.OFFER_DECLINED: 1,
        State.LAPSED: 1,
        State.CANCELLED: 1,
    }
    assert set(states) == set(State)
    for field in ("is_late", "is_test"):
        assert Expression.objects.filter(**{field: True}).exists(), field
    assert CoAuthor.objects.exists()
    assert Consent.objects.filter(is_given=False).exists()
    assert set(Answer.objects.values_list("question__asked_at", flat=True)) == {
        "submission",
        "acceptance",
    }
    for expression in Expression.objects.all():
        expression.full_clean()
        assert expression.topics.exists()
        assert len(expression.abstract.split()) <= demo.call.abstract_words


def test_some_decisions_are_pending_and_places_are_limited(demo):
    pending = PendingDecision.objects.values_list("verdict", "offer")

    assert Counter(pending) == {
        ("accept", "talk"): 1,
        ("accept", "poster"): 1,
        ("accept", "both"): 1,
        ("waitlist", ""): 1,
        ("decline", ""): 1,
    }
    assert capacity_of(demo).in_words == ("6 of 12 talks, 2 pending; 5 of 10 posters, 2 pending")


def test_there_are_letters_in_all_states(demo):
    states = set(Letter.objects.values_list("state", flat=True))

    assert states == {"draft", "sent", "queued", "failed", "unconfirmed"}
    about = ExpressionLetter.objects.count() + RegistrationLetter.objects.count()
    assert Letter.objects.count() == about
    assert not Expression.objects.filter(letter_links=None).exists()


def test_the_registration_is_full_and_some_wait(demo):
    statuses = set(Registration.objects.values_list("status", flat=True))

    assert statuses == {"registered", "waiting", "cancelled"}
    assert Registration.objects.waiting().count() >= 3


def test_events_are_in_order_since_the_call_opened(demo):
    now = timezone.now()

    for expression in Expression.objects.all():
        moments = [event.happened_at for event in expression.events.order_by("pk")]
        assert moments == sorted(moments)
        assert demo.call.opens_at < expression.submitted_at == moments[0]
        assert moments[-1] < now
        assert expression.decided_at in {*moments, None}
        assert expression.changed_at in moments
    assert len({row.submitted_at.date() for row in Expression.objects.all()}) > 12


def test_all_names_and_addresses_are_invented(demo):
    addresses = {
        *Expression.objects.values_list("email", flat=True),
        *Letter.objects.values_list("to_email", flat=True),
        *User.objects.values_list("email", flat=True),
        demo.contact_email,
    }

    # RFC 2606: nobody can own a name below "example".
    assert {address.rsplit(".", 1)[1] for address in addresses} == {"example"}
    assert len(set(Expression.objects.values_list("name", flat=True))) == 40
    texts = [*Person.objects.values_list("link", flat=True), demo.registration_url]
    hosts = re.findall(r"https?://([^/\s)]+)", " ".join(texts))
    assert {host.rsplit(".", 1)[1] for host in hosts} == {"example"}


def test_its_chair_decides_but_cannot_sign_in(demo):
    deciders = set(Expression.objects.exclude(decided_by=None).values_list("decided_by__name"))

    assert deciders == {("Morag Achterberg",)}
    assert not User.objects.who_can_sign_in().exists()
    assert first_organiser_link()


def test_three_reviewers_have_scored_the_reviewed_expressions(demo):
    reviews = Review.objects.select_related("expression")

    assert len(demo.reviewers.all()) == 3
    assert demo.call.is_review_anonymous
    assert set(reviews.exclude(score=None).values_list("score", flat=True)) == {1, 2, 3, 4, 5}
    assert reviews.filter(has_conflict=True).exists()
    assert reviews.exclude(remark="").exists()
    for review in reviews:
        assert review.expression.submitted_at < review.reviewed_at == review.changed_at
        assert review.changed_at < timezone.now()
    unread = Expression.objects.filter(reviews=None).values_list("state", flat=True)
    assert set(unread) == {"submitted", "withdrawn"}


def test_it_is_the_same_each_time(demo):
    def content() -> list:
        rows = Expression.objects.order_by("pk")
        scores = Review.objects.order_by("expression__reference", "reviewer__email")
        return [
            *rows.values_list("reference", "email", "title", "state", "offer"),
            *scores.values_list("expression__reference", "score", "remark"),
            *Registration.objects.order_by("pk").values_list("code", "name", "status"),
        ]

    first = content()
    for model in (Registration, Expression, Edition, Person, User):
        model._default_manager.all().delete()

    build_demo()

    assert content() == first


@pytest.mark.parametrize(
    "path",
    [
        "/",
        *(f"/frugal/{page}/" for page in ("interest", "topics", "people", "awards", "news")),
        *(f"/frugal/{page}/" for page in ("programme", "speakers", "posters")),
    ],
)
def test_its_public_pages_work(path, demo, client):
    assert client.get(path).status_code == 200


def test_it_has_sponsors_awards_and_news(demo):
    sponsors = Sponsor.objects.filter(level__edition=demo)

    assert {(bool(sponsor.logo), bool(sponsor.logo_dark)) for sponsor in sponsors} == {
        (True, True),
        (True, False),
        (False, False),
    }
    assert [item.is_visible for item in demo.news.all()] == [True] * 4
    assert {award.kind for award in demo.awards.all()} == {"award", "honourable_mention"}


def test_its_first_day_is_published_with_talks_and_boards(demo):
    published = published_timetable(demo)

    assert published
    [day] = published.days
    assert day.held_on == demo.starts_on
    slots = {entry.slug: entry.slots for entry in day.sessions}
    assert [f"{slot.starts_at:%H:%M}" for slot in slots["lightning-round"]] == [
        *("11:00", "11:04", "11:08", "11:12", "11:16")
    ]
    assert [slot.board for slot in slots["posters"]] == ["P1", "P2", "P3", "P4", "P5"]
    assert all(slot.contribution for slot in published.slots())
    panel = slots["panel"][0].contribution
    assert panel
    assert [row.role for row in panel.contributors.all()] == ["moderator", *["panellist"] * 4]
    assert find_conflicts(draft_timetable(demo), edition=demo) == []
    assert Origin.objects.count() == 7
