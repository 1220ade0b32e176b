"""How many places are taken, pending and free."""

import pytest

from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.selection.capacity import Places, capacity_of, kinds_of
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
def test_a_place_is_taken_by_what_is_offered_or_confirmed(
    edition, state, offer, confirmed, expected
):
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


def test_rehearsals_and_other_editions_count_nowhere(edition):
    chair = make_user("Chair")
    _with(edition, "accepted", offer="talk", is_test=True)
    _with(make_edition(), "accepted", offer="talk")
    decide(
        expression=make_expression(edition, is_test=True), verdict="accept", offer="talk", by=chair
    )

    assert _numbers(edition) == [(0, 0), (0, 0)]


def test_it_costs_one_query_with_one_and_with_three(edition, django_assert_num_queries):
    with_call = Edition.objects.select_related("call").get(pk=edition.pk)
    _with(edition, "accepted", offer="talk")
    with django_assert_num_queries(1):
        capacity_of(with_call)
    _with(edition, "confirmed", offer="both", confirmed="poster")
    _with(edition, "accepted", offer="both")

    with django_assert_num_queries(1):
        capacity_of(with_call)


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
def test_it_is_said_in_words(places, words, free, over):
    assert (places.in_words, places.free, places.over) == (words, free, over)
    assert places.has_room is (free is None or free > 0)


def test_an_offer_of_both_needs_room_for_both(edition):
    for _ in range(2):
        _with(edition, "accepted", offer="poster")

    capacity = capacity_of(edition)

    rooms = {offer: capacity.has_room_for(offer) for offer in ("talk", "poster", "both")}
    assert rooms == {"talk": True, "poster": False, "both": False}


def test_what_is_not_offered_is_not_named():
    edition = make_edition()
    make_call(edition, offers_posters=False, talk_places=4)

    assert capacity_of(edition).in_words == "0 of 4 talks"


def test_an_edition_without_a_call_counts_without_places():
    assert capacity_of(make_edition()).in_words == "0 talks; 0 posters"


def test_it_is_told_beforehand_what_more_would_make_of_it(edition):
    after = capacity_of(edition).with_pending(talks=4, posters=1)

    assert after.in_words == "0 of 3 talks, 4 pending: 1 too many; 0 of 2 posters, 1 pending"


@pytest.mark.parametrize(
    ("offer", "kinds"),
    [("", ()), ("talk", ("talk",)), ("poster", ("poster",)), ("both", ("talk", "poster"))],
)
def test_an_offer_takes_places_of_its_kinds(offer, kinds):
    assert kinds_of(offer) == kinds
