"""Filling lightning rounds and numbering poster boards: plans, shifts, pages."""

from datetime import date, time, timedelta

import pytest

from apps.contributors.accepted_submissions import add_submissions
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Slot
from apps.programme.placements import (
    Order,
    fill_round,
    half_of,
    number_boards,
    plan_round,
    posters_to_place,
    shift_of,
    talks_to_place,
)
from tests.contributors.students import make_confirmed
from tests.factories import (
    make_call_edition,
    make_contribution,
    make_release,
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
def lightning(edition):
    """Ten minutes of lightning talks from nine."""
    return make_session(edition, kind="lightning", title="Lightning", minutes=10)


def _talks(edition, *titles) -> list[Contribution]:
    return [make_contribution(edition, title=title, kind="lightning") for title in titles]


def _titles(lightning) -> list[str]:
    return [slot.contribution.title for slot in Slot.objects.filter(session=lightning)]


def _lines(plan) -> list:
    return [
        (f"{slot.starts_at:%H:%M}", slot.contribution.title, not slot.pk) for slot in plan.slots
    ]


def _planned(lightning, order=Order.TITLE, minutes=3):
    return plan_round(lightning, order=order, minutes=minutes)


def _fill(lightning, plan, minutes=3):
    return fill_round(session=lightning, talks=[talk.pk for talk in plan.new], minutes=minutes)


def test_a_plan_has_start_times_and_the_talks_left_over(edition, lightning):
    _talks(edition, "D", "b", "A", "C")

    plan = _planned(lightning)

    assert _lines(plan) == [("09:00", "A", True), ("09:03", "b", True), ("09:06", "C", True)]
    assert [talk.title for talk in plan.left_over] == ["D"]
    assert not Slot.objects.exists()


def test_later_talks_are_appended(edition, lightning):
    _talks(edition, "C", "B")
    _fill(lightning, _planned(lightning))
    one, two = Slot.objects.order_by("ordering")
    one.ordering, two.ordering = two.ordering, one.ordering
    one.save()
    two.save()
    _talks(edition, "A", "Z")

    plan = _planned(lightning)
    _fill(lightning, plan)

    assert _lines(plan) == [("09:00", "C", False), ("09:03", "B", False), ("09:06", "A", True)]
    assert _titles(lightning) == ["C", "B", "A"]


def test_all_talks_fit_in_a_round_of_unknown_length(edition):
    lightning = make_session(edition, kind="lightning", minutes=None, starts_at=None)
    _talks(edition, *"ABCDE")

    plan = _planned(lightning)

    assert (len(plan.new), plan.left_over) == (5, [])
    assert plan.slots[0].starts_at is None


def test_orders(edition, lightning):
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
    lightning.minutes = 60

    orders = {order: [talk.title for talk in _planned(lightning, order).new] for order in Order}

    assert orders[Order.SUBMITTED] == ["D", "B", "A", "C", "Own"]
    assert orders[Order.TOPIC] == ["A", "B", "C", "D", "Own"]
    assert orders[Order.TITLE] == ["A", "B", "C", "D", "Own"]
    assert sorted(orders[Order.SHUFFLED]) == ["A", "B", "C", "D", "Own"]


def test_a_talk_is_added_to_one_of_two_rounds(edition, lightning):
    other = make_session(edition, kind="lightning")
    _talks(edition, "A", "B")
    plan = _planned(lightning)

    added = [_fill(row, plan) for row in (lightning, lightning, other)]

    assert [[slot.minutes for slot in slots] for slots in added] == [[3, 3], [], []]
    assert (_titles(lightning), _titles(other)) == (["A", "B"], [])
    _talks(edition, "C")
    assert [talk.title for talk in _planned(other).new] == ["C"]


def test_unknown_and_repeated_keys_are_ignored(edition, lightning):
    (talk,) = _talks(edition, "A")
    (other,) = _talks(make_call_edition(), "Other year")
    placed = make_slot(make_session(edition, kind="lightning"))

    talks = [talk.pk, talk.pk, other.pk, placed.contribution_id, 999_999]
    added = fill_round(session=lightning, talks=talks, minutes=3)

    assert [slot.contribution for slot in added] == [talk]


def _round_page(lightning) -> str:
    return f"/admin/programme/session/{lightning.pk}/round/"


def test_an_editor_adds_the_previewed_talks(edition, lightning, as_editor):
    _talks(edition, HOSTILE, "B", "C", "D")
    page = as_editor.get(_round_page(lightning), {"order": "title", "minutes": "3"})
    html = page.content.decode()
    assert HOSTILE not in html
    assert "about 09:06" in html
    assert "<strong>3 talks fit.</strong> 1 is left over, named below." in html
    keys = [talk.pk for talk in page.context["plan"].new]
    address = f"{_round_page(lightning)}?order=title&minutes=3"
    assert page.context["query"] == "order=title&minutes=3"

    responses = [as_editor.post(address, {"talk": keys}) for _ in range(2)]

    assert [response["Location"] for response in responses] == [
        f"/admin/programme/session/{lightning.pk}/change/",
        _round_page(lightning),
    ]
    assert len(_titles(lightning)) == 3
    assert (
        "<strong>The round is full.</strong>"
        in as_editor.get(_round_page(lightning)).content.decode()
    )


def test_a_round_without_talks_explains_where_they_come_from(lightning, as_editor, as_chair):
    assert "A chair adds those that are confirmed." in (
        as_editor.get(_round_page(lightning)).content.decode()
    )
    assert "/students/" in as_chair.get(_round_page(lightning)).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"minutes": "0"},
        {"minutes": "x"},
        {"minutes": ""},
        {"minutes": "1440"},
        {"order": "other"},
    ],
)
def test_invalid_values_are_refused_beside_their_field(edition, lightning, as_editor, query):
    (talk,) = _talks(edition, "A")

    shown = as_editor.get(_round_page(lightning), query)
    sent = as_editor.post(_round_page(lightning), {"talk": talk.pk}, query_params=query)

    assert [response.status_code for response in (shown, sent)] == [200, 200]
    assert all("errornote" in response.content.decode() for response in (shown, sent))
    assert not Slot.objects.exists()


@pytest.fixture
def posters(edition):
    """An hour and a half of posters from four."""
    return make_session(edition, kind="posters", title="Posters", starts_at=time(16), minutes=90)


def _poster(edition, title, *names, topics=()) -> Contribution:
    return make_contribution(edition, *names or (title,), title=title, kind="poster", topics=topics)


def _number(posters, prefix="A", renumbers=False, has_shifts=False, seen=None):
    waiting = posters_to_place(posters.edition) if seen is None else []
    return number_boards(
        session=posters,
        prefix=prefix,
        has_shifts=has_shifts,
        renumbers=renumbers,
        seen=[poster.pk for poster in waiting] if seen is None else seen,
    )


def _boards(posters) -> dict[str, str]:
    slots = Slot.objects.filter(session=posters).select_related("contribution")
    return {slot.contribution.title: slot.board for slot in slots}


def test_boards_are_ordered_by_topic_and_first_author(edition, posters):
    small, large = edition.topics.get(), make_topic(edition, heading="Large models")
    _poster(edition, "D", "Ada", topics=[large])
    _poster(edition, "C", "Bo", "Ada", topics=[large])
    _poster(edition, "E", "Ada", topics=[small])
    _poster(edition, "B", "Cy", topics=[small])
    _poster(edition, "A", "Di")

    _number(posters)

    assert list(_boards(posters).items()) == [
        ("B", "A1"),
        ("E", "A2"),
        ("D", "A3"),
        ("C", "A4"),
        ("A", "A5"),
    ]


def test_a_later_poster_gets_the_next_number_unless_renumbered(edition, posters):
    for title in "BC":
        _poster(edition, title)
    _number(posters)
    _poster(edition, "A")

    _number(posters)
    assert _boards(posters) == {"B": "A1", "C": "A2", "A": "A3"}

    _number(posters, renumbers=True)
    assert _boards(posters) == {"A": "A1", "B": "A2", "C": "A3"}


def test_a_published_board_is_never_changed_or_reused(edition, posters):
    for title in "BCD":
        _poster(edition, title)
    _number(posters)
    make_release(edition)
    Contribution.objects.get(title="C").delete()
    _poster(edition, "A")

    _number(posters, renumbers=True)

    assert _boards(posters) == {"B": "A1", "D": "A3", "A": "A4"}


def test_boards_of_earlier_releases_are_kept(edition, posters):
    _poster(edition, "B")
    _number(posters)
    make_release(edition)
    Slot.objects.all().delete()
    make_session(edition)
    make_release(edition)
    _poster(edition, "A")

    _number(posters)

    assert _boards(posters) == {"A": "A2", "B": "A3"}


def test_a_board_entered_by_hand_is_kept(edition, posters):
    make_slot(posters, _poster(edition, "Z"), board="a1")
    _poster(edition, "A")

    _number(posters)

    assert _boards(posters) == {"Z": "a1", "A": "A2"}


def test_boards_can_be_exchanged(edition, posters):
    make_slot(posters, _poster(edition, "A"), board="A2")
    make_slot(posters, _poster(edition, "B"), board="A1")

    _number(posters, renumbers=True)

    assert _boards(posters) == {"A": "A1", "B": "A2"}


def test_only_previewed_posters_are_added(edition, posters):
    seen = _poster(edition, "A")
    _poster(edition, "B")
    other = _poster(make_call_edition(), "Other year")

    _number(posters, seen=[seen.pk, other.pk, 999_999])

    assert _boards(posters) == {"A": "A1"}


@pytest.mark.parametrize(
    ("board", "half", "times"),
    [
        ("A1", "first half", ("16:00", "16:45")),
        ("A2", "second half", ("16:45", "17:30")),
        ("12b", "second half", ("16:45", "17:30")),
        ("by the door", "", None),
    ],
)
def test_odd_boards_are_in_the_first_shift(posters, board, half, times):
    span = shift_of(posters.span, board)

    assert half_of(board) == half
    assert (span and (f"{span.starts_at:%H:%M}", f"{span.ends_at:%H:%M}")) == times


def test_without_times_there_is_no_shift(edition):
    assert shift_of(make_session(edition, minutes=None).span, "A1") is None
    assert shift_of(make_session(edition, starts_at=None).span, "A1") is None


def _boards_page(posters) -> str:
    return f"/admin/programme/session/{posters.pk}/boards/"


def test_an_editor_saves_the_previewed_boards(edition, posters, as_editor):
    poster = _poster(edition, HOSTILE)
    query = {"before": "P", "has_shifts": "on"}
    page = as_editor.get(_boards_page(posters), query)
    html = page.content.decode()
    assert HOSTILE not in html
    assert "<bdi>P1</bdi></b> <small>16:00–16:45</small>" in html
    assert "Give 1 poster its board</button>" in html

    address = f"{_boards_page(posters)}?{page.context['query']}"
    sent = {"poster": poster.pk, "shown": page.context["shown"]}
    for _ in range(2):
        response = as_editor.post(address, sent, follow=True)

    assert "Every poster has its board already." in response.content.decode()
    posters.refresh_from_db()
    assert _boards(posters) == {HOSTILE: "P1"}
    assert posters.has_shifts
    html = as_editor.get(_boards_page(posters)).content.decode()
    assert 'name="before" value="P"' in html
    assert "Every poster has its board." in html


@pytest.mark.parametrize("change", [{"board": "Door"}, {"has_shifts": True}])
def test_boards_that_a_colleague_changed_meanwhile_are_not_overwritten(
    edition, posters, as_editor, change
):
    slot = make_slot(posters, _poster(edition, "A"), board="X7")
    address = f"{_boards_page(posters)}?before=P&renumbers=on"
    shown = as_editor.get(address).context["shown"]
    row = slot if "board" in change else posters
    type(row).objects.filter(pk=row.pk).update(**change)

    response = as_editor.post(address, {"shown": shown}, follow=True)

    assert "someone else changed it meanwhile" in response.content.decode()
    assert _boards(posters) == {"A": change.get("board", "X7")}
    assert response.redirect_chain == [(address, 302)]
    as_editor.post(address, {"shown": response.context["shown"]})
    assert _boards(posters) == {"A": "P1"}


def test_a_long_prefix_is_refused(edition, posters, as_editor):
    poster = _poster(edition, "A")

    address = f"{_boards_page(posters)}?before={'A' * 17}"

    response = as_editor.post(address, {"poster": poster.pk})

    assert "errornote" in response.content.decode()
    assert not Slot.objects.exists()


def test_confirmed_students_have_a_place_for_each_format(edition, posters):
    for title, format_, state in [
        ("Talk", "talk", State.CONFIRMED),
        ("Both", "both", State.CONFIRMED),
        ("Poster", "poster", State.CONFIRMED),
        ("Gone", "both", State.WITHDRAWN),
    ]:
        expression = make_confirmed(edition, title=title, format=format_)
        add_submissions(edition=edition, expressions=[expression.pk], is_published=False)
        Expression.objects.filter(pk=expression.pk).update(state=state)
    make_contribution(edition, title="Keynote", kind="keynote")

    _number(posters, prefix="")

    assert [talk.title for talk in talks_to_place(edition)] == ["Talk", "Both"]
    slots = [(slot.contribution.title, slot.kind, slot.board) for slot in Slot.objects.all()]
    assert slots == [("Both", "poster", "1"), ("Poster", "", "2")]


def test_each_page_is_for_its_kind_of_session(lightning, posters, as_chair):
    assert as_chair.get(_round_page(posters)).status_code == 404
    assert as_chair.get(_boards_page(lightning)).status_code == 404


def test_query_counts_do_not_grow_with_the_placements(edition, lightning, posters, as_editor):
    def add():
        expression = make_confirmed(edition, title="Talk")
        add_submissions(edition=edition, expressions=[expression.pk], is_published=False)
        make_slot(lightning, minutes=1)
        make_slot(posters, _poster(edition, "Old"), board=f"A{posters.slots.count()}")
        _poster(edition, "New")
        make_release(edition)

    for page in (_round_page(lightning), _boards_page(posters)):
        assert_constant_queries(lambda page=page: as_editor.get(page), add, at_most=17)


def test_a_pause_in_a_round_leaves_less_room_for_talks(edition, lightning):
    make_slot(lightning, *_talks(edition, "A"), minutes=3, starts_after=2)
    _talks(edition, "B", "C")

    plan = _planned(lightning)

    assert ([talk.title for talk in plan.new], [talk.title for talk in plan.left_over]) == (
        ["B"],
        ["C"],
    )
