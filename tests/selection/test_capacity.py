"""How many places are taken, pending and free."""

import pytest

from apps.interest.models import Expression
from apps.selection.capacity import Places, capacity_of
from apps.selection.decisions import decide
from tests.factories import make_call, make_edition, make_expression, make_user, put_in_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    edition = make_edition()
    make_call(edition, talk_places=3, poster_places=2)
    return edition


def _with(edition, state, *, offer="", confirmed="", **fields):
    expression = make_expression(edition, **fields)
    put_in_state(expression, state)
    changes = {"offer": offer, "confirmed_format": confirmed}
    Expression.objects.filter(pk=expression.pk).update(**changes)


def _numbers(edition):
    capacity = capacity_of(edition)
    return [(places.taken, places.pending) for places in (capacity.talks, capacity.posters)]


@pytest.mark.parametrize(
    ("state", "offer", "confirmed", "expected"),
    [
        ("accepted", "talk", "", [(1, 0), (0, 0)]),
        ("accepted", "poster", "", [(0, 0), (1, 0)]),
        ("accepted", "both", "", [(1, 0), (1, 0)]),
        ("confirmed", "both", "both", [(1, 0), (1, 0)]),
        ("confirmed", "both", "poster", [(0, 0), (1, 0)]),
        ("offer_declined", "both", "", [(0, 0), (0, 0)]),
        ("lapsed", "talk", "", [(0, 0), (0, 0)]),
        ("withdrawn", "talk", "talk", [(0, 0), (0, 0)]),
        ("waitlisted", "", "", [(0, 0), (0, 0)]),
    ],
)
def test_offers_and_confirmations_take_places(edition, state, offer, confirmed, expected):
    _with(edition, state, offer=offer, confirmed=confirmed)

    assert _numbers(edition) == expected


def test_pending_acceptances_are_counted_apart(edition):
    chair = make_user("Chair")
    for verdict, offer in (
        ("accept", "both"),
        ("accept", "talk"),
        ("decline", ""),
        ("waitlist", ""),
    ):
        decide(expression=make_expression(edition), verdict=verdict, offer=offer, by=chair)

    assert _numbers(edition) == [(0, 2), (0, 1)]


def test_rehearsals_and_other_editions_are_not_counted(edition):
    chair = make_user("Chair")
    _with(edition, "accepted", offer="talk", is_test=True)
    _with(make_edition(), "accepted", offer="talk")
    decide(
        expression=make_expression(edition, is_test=True), verdict="accept", offer="talk", by=chair
    )

    assert _numbers(edition) == [(0, 0), (0, 0)]


@pytest.mark.parametrize(
    ("places", "words", "free", "over"),
    [
        (Places("talk", 12, 11), "11 of 12 talks", 1, 0),
        (Places("talk", 12, 8, 3), "8 of 12 talks, 3 pending", 1, 0),
        (Places("talk", 12, 11, 3), "11 of 12 talks, 3 pending: 2 too many", 0, 2),
        (Places("poster", 1, 2), "2 of 1 poster: 1 too many", 0, 1),
        (Places("poster", 0), "0 of 0 posters", 0, 0),
        (Places("poster", None, 1, 2), "1 poster, 2 pending", None, 0),
    ],
)
def test_places_in_words(places, words, free, over):
    assert (places.in_words, places.free, places.over) == (words, free, over)


def test_a_format_that_is_not_offered_is_not_named():
    edition = make_edition()
    make_call(edition, offers_posters=False, talk_places=4)

    assert capacity_of(edition).in_words == "0 of 4 talks"


def test_without_a_call_no_places_are_named():
    assert capacity_of(make_edition()).in_words == ""


def test_capacity_with_more_pending_acceptances(edition):
    after = capacity_of(edition).with_pending(talks=4, posters=1)

    assert after.in_words == "0 of 3 talks, 4 pending: 1 too many; 0 of 2 posters, 1 pending"
