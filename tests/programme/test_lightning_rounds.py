"""Filling a lightning round: plan, order, page."""

from datetime import date, timedelta

import pytest

from apps.contributors.accepted_submissions import add_submissions
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Slot
from apps.programme.placements import Order, fill_round, plan_round, talks_to_place
from tests.contributors.students import make_confirmed
from tests.factories import (
    make_call_edition,
    make_contribution,
    make_session,
    make_slot,
    make_topic,
)
from tests.programme.helpers import assert_constant_queries

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", starts_on=date(2024, 5, 3))


@pytest.fixture
def session(edition):
    """Ten minutes of lightning talks from nine."""
    return make_session(edition, kind="lightning", title="Lightning", minutes=10)


def _talks(edition, *titles) -> list[Contribution]:
    return [make_contribution(edition, title=title, kind="lightning") for title in titles]


def _titles(session) -> list[str]:
    return [slot.contribution.title for slot in Slot.objects.filter(session=session)]


def _lines(plan) -> list:
    return [
        (f"{slot.starts_at:%H:%M}", slot.contribution.title, not slot.pk) for slot in plan.slots
    ]


def _planned(session, order=Order.TITLE, minutes=3, seed=0):
    return plan_round(session, order=order, minutes=minutes, seed=seed)


def _fill(session, plan, minutes=3):
    return fill_round(session=session, talks=[talk.pk for talk in plan.new], minutes=minutes)


def test_a_plan_has_start_times_and_the_talks_left_over(edition, session):
    _talks(edition, "D", "b", "A", "C")

    plan = _planned(session)

    assert _lines(plan) == [("09:00", "A", True), ("09:03", "b", True), ("09:06", "C", True)]
    assert [talk.title for talk in plan.left_over] == ["D"]
    assert not Slot.objects.exists()


def test_filling_adds_the_planned_talks_once(edition, session):
    _talks(edition, "B", "A")
    plan = _planned(session)

    first, second = _fill(session, plan), _fill(session, plan)

    assert (len(first), len(second)) == (2, 0)
    assert _titles(session) == ["A", "B"]
    assert [slot.minutes for slot in first] == [3, 3]


def test_later_talks_are_appended(edition, session):
    _talks(edition, "C", "B")
    _fill(session, _planned(session))
    one, two = Slot.objects.order_by("ordering")
    one.ordering, two.ordering = two.ordering, one.ordering
    one.save()
    two.save()
    _talks(edition, "A", "Z")

    plan = _planned(session)
    _fill(session, plan)

    assert _lines(plan) == [("09:00", "C", False), ("09:03", "B", False), ("09:06", "A", True)]
    assert _titles(session) == ["C", "B", "A"]


def test_talks_left_over_fill_the_next_round(edition, session):
    _talks(edition, "A", "B", "C", "D")
    _fill(session, _planned(session))
    other = make_session(edition, kind="lightning")

    assert [talk.title for talk in _planned(other).new] == ["D"]


def test_all_talks_fit_in_a_round_of_unknown_length(edition):
    session = make_session(edition, kind="lightning", minutes=None, starts_at=None)
    _talks(edition, *"ABCDE")

    plan = _planned(session)

    assert (len(plan.new), plan.left_over) == (5, [])
    assert plan.slots[0].starts_at is None


def test_orders(edition, session):
    large = make_topic(edition, heading="Large models")
    small = edition.topics.get(heading="Small models")
    for number, (title, topics) in enumerate(
        [("C", [large]), ("A", [small]), ("B", [large, small]), ("D", [])]
    ):
        expression = make_confirmed(edition, title=title)
        expression.submitted_at -= timedelta(days=number)
        expression.save()
        expression.topics.set(topics)
        add_submissions(edition=edition, expressions=[expression.pk], is_published=False)
    _talks(edition, "Own")
    session.minutes = 60

    orders = {
        order: [talk.title for talk in _planned(session, order, seed=7).new] for order in Order
    }

    assert orders[Order.SUBMITTED] == ["D", "B", "A", "C", "Own"]
    assert orders[Order.TOPIC] == ["A", "B", "C", "D", "Own"]
    assert orders[Order.TITLE] == ["A", "B", "C", "D", "Own"]
    assert sorted(orders[Order.SHUFFLED]) == ["A", "B", "C", "D", "Own"]


def test_the_seed_decides_the_shuffle(edition, session):
    _talks(edition, *"ABCDEFGH")
    session.minutes = 60

    first, again, other = (
        [talk.title for talk in _planned(session, Order.SHUFFLED, seed=seed).new]
        for seed in (1, 1, 2)
    )

    assert first == again != other


def test_posters_and_withdrawn_talks_are_not_placed(edition):
    for title, state, format_ in [
        ("Talk", State.CONFIRMED, "talk"),
        ("Both", State.CONFIRMED, "both"),
        ("Poster", State.CONFIRMED, "poster"),
        ("Gone", State.WITHDRAWN, "talk"),
    ]:
        expression = make_confirmed(edition, title=title, format=format_)
        add_submissions(edition=edition, expressions=[expression.pk], is_published=False)
        Expression.objects.filter(pk=expression.pk).update(state=state)
    make_contribution(edition, title="Keynote", kind="keynote")

    assert [talk.title for talk in talks_to_place(edition)] == ["Talk", "Both"]


def test_a_talk_is_added_to_one_of_two_rounds(edition, session):
    other = make_session(edition, kind="lightning")
    _talks(edition, "A", "B")
    plan = _planned(session)

    _fill(session, plan)
    _fill(other, plan)

    assert (_titles(session), _titles(other)) == (["A", "B"], [])


def test_unknown_and_repeated_keys_are_ignored(edition, session):
    (talk,) = _talks(edition, "A")
    (other,) = _talks(make_call_edition(), "Other year")
    placed = make_slot(make_session(edition, kind="lightning"))

    talks = [talk.pk, talk.pk, other.pk, placed.contribution_id, 999_999]
    added = fill_round(session=session, talks=talks, minutes=3)

    assert [slot.contribution for slot in added] == [talk]


def _at(session) -> str:
    return f"/admin/programme/session/{session.pk}/round/"


def test_permissions_of_the_round_page(
    session, client, as_stranger, as_reviewer, as_helpdesk, as_editor, as_chair
):
    cast = (client, as_stranger, as_reviewer, as_helpdesk, as_editor, as_chair)

    shown = [who.get(_at(session)).status_code for who in cast]
    pressed = [who.post(_at(session), {}).status_code for who in cast]

    assert shown == [302, 302, 403, 403, 200, 200]
    assert pressed == [302, 302, 403, 403, 302, 302]


def test_an_editor_adds_the_previewed_talks(edition, session, as_editor):
    _talks(edition, HOSTILE, "B", "C", "D")
    page = as_editor.get(_at(session), {"order": "title", "minutes": "3"})
    html = page.content.decode()
    assert HOSTILE not in html
    assert "about 09:06" in html
    assert "<strong>3 talks fit.</strong> 1 is left over, named below." in html
    keys = [talk.pk for talk in page.context["plan"].new]
    data = {"order": "title", "minutes": "3", "talk": keys, "shown": page.context["shown"]}

    responses = [as_editor.post(_at(session), data) for _ in range(2)]

    assert [response["Location"] for response in responses] == [
        f"/admin/programme/session/{session.pk}/change/",
        _at(session),
    ]
    assert len(_titles(session)) == 3
    assert "<strong>The round is full.</strong>" in as_editor.get(_at(session)).content.decode()


@pytest.mark.parametrize("extra", [{}, {"show": "yes"}])
def test_other_choices_than_the_previewed_are_previewed_first(edition, session, as_editor, extra):
    (talk,) = _talks(edition, "A")
    page = as_editor.get(_at(session), {"order": "title", "minutes": "3"})
    data = {"order": "shuffled", "minutes": "4", "seed": "0", "talk": talk.pk}

    response = as_editor.post(_at(session), data | {"shown": page.context["shown"]} | extra)

    assert response["Location"] == f"{_at(session)}?order=shuffled&minutes=4&seed=0"
    assert not Slot.objects.exists()
    told = "Nothing was done yet" in as_editor.get(response["Location"]).content.decode()
    assert told is not bool(extra)


def test_a_shuffle_shows_its_seed(edition, session, as_editor):
    _talks(edition, "A")

    page = as_editor.get(_at(session), {"order": "shuffled", "minutes": "3"})

    seed = page.context["form"].cleaned_data["seed"]
    assert f'name="seed" value="{seed}"' in page.content.decode()


def test_a_round_without_talks_explains_where_they_come_from(session, as_editor, as_chair):
    assert "A chair brings in those that are confirmed." in (
        as_editor.get(_at(session)).content.decode()
    )
    assert "/students/" in as_chair.get(_at(session)).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"minutes": "0"},
        {"minutes": "x"},
        {"minutes": ""},
        {"minutes": "1440"},
        {"order": "other"},
        {"order": "shuffled", "seed": "-1"},
    ],
)
def test_invalid_values_are_refused_beside_their_field(edition, session, as_editor, query):
    (talk,) = _talks(edition, "A")

    shown = as_editor.get(_at(session), query)
    data = {"order": "title", "minutes": "3", "talk": talk.pk, "shown": shown.context["shown"]}
    as_editor.post(_at(session), data | query)
    shown_again = as_editor.post(_at(session), {"show": "yes"} | data | query, follow=True)

    assert "errornote" in shown_again.content.decode()
    assert shown.status_code == 200
    assert "errornote" in shown.content.decode()
    assert not Slot.objects.exists()


def test_only_lightning_rounds_can_be_filled(edition, as_chair):
    assert as_chair.get(_at(make_session(edition, kind="talks"))).status_code == 404


def test_query_counts_do_not_grow_with_the_talks(edition, session, as_editor):
    def add():
        expression = make_confirmed(edition, title="Talk")
        add_submissions(edition=edition, expressions=[expression.pk], is_published=False)
        make_slot(session, minutes=1)

    assert_constant_queries(lambda: as_editor.get(_at(session)), add, at_most=16)
