"""Numbers of poster boards and shifts."""

from datetime import date, time

import pytest

from apps.contributors.accepted_submissions import add_submissions
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Slot
from apps.programme.placements import (
    half_of,
    number_boards,
    posters_to_place,
    shift_of,
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
def session(edition):
    """An hour and a half of posters from four."""
    return make_session(edition, kind="posters", title="Posters", starts_at=time(16), minutes=90)


def _poster(edition, title, *names, topics=()) -> Contribution:
    return make_contribution(edition, *names or (title,), title=title, kind="poster", topics=topics)


def _number(session, prefix="A", renumbers=False, has_shifts=False, seen=None):
    waiting = posters_to_place(session.edition) if seen is None else []
    return number_boards(
        session=session,
        prefix=prefix,
        has_shifts=has_shifts,
        renumbers=renumbers,
        seen=[poster.pk for poster in waiting] if seen is None else seen,
    )


def _boards(session) -> dict[str, str]:
    slots = Slot.objects.filter(session=session).select_related("contribution")
    return {slot.contribution.title: slot.board for slot in slots}


def test_boards_are_ordered_by_topic_and_first_author(edition, session):
    small, large = edition.topics.get(), make_topic(edition, heading="Large models")
    _poster(edition, "D", "Ada", topics=[large])
    _poster(edition, "C", "Bo", "Ada", topics=[large])
    _poster(edition, "E", "Ada", topics=[small])
    _poster(edition, "B", "Cy", topics=[small])
    _poster(edition, "A", "Di")

    _number(session)

    assert list(_boards(session).items()) == [
        ("B", "A1"),
        ("E", "A2"),
        ("D", "A3"),
        ("C", "A4"),
        ("A", "A5"),
    ]


def test_numbering_twice_changes_nothing(edition, session):
    for title in "BA":
        _poster(edition, title)
    first = _number(session)

    assert (len(first), _number(session)) == (2, [])
    assert _boards(session) == {"A": "A1", "B": "A2"}


def test_a_later_poster_gets_the_next_number_unless_renumbered(edition, session):
    for title in "BC":
        _poster(edition, title)
    _number(session)
    _poster(edition, "A")

    _number(session)
    assert _boards(session) == {"B": "A1", "C": "A2", "A": "A3"}

    _number(session, renumbers=True)
    assert _boards(session) == {"A": "A1", "B": "A2", "C": "A3"}


def test_a_published_board_is_never_changed_or_reused(edition, session):
    for title in "BCD":
        _poster(edition, title)
    _number(session)
    make_release(edition)
    Contribution.objects.get(title="C").delete()
    _poster(edition, "A")

    _number(session, renumbers=True)

    assert _boards(session) == {"B": "A1", "D": "A3", "A": "A4"}


def test_boards_of_earlier_releases_are_kept(edition, session):
    _poster(edition, "B")
    _number(session)
    make_release(edition)
    Slot.objects.all().delete()
    make_session(edition)
    make_release(edition)
    _poster(edition, "A")

    _number(session)

    assert _boards(session) == {"A": "A2", "B": "A3"}


def test_a_board_entered_by_hand_is_kept(edition, session):
    make_slot(session, _poster(edition, "Z"), board="a1")
    _poster(edition, "A")

    _number(session)

    assert _boards(session) == {"Z": "a1", "A": "A2"}


def test_boards_can_be_exchanged(edition, session):
    make_slot(session, _poster(edition, "A"), board="A2")
    make_slot(session, _poster(edition, "B"), board="A1")

    _number(session, renumbers=True)

    assert _boards(session) == {"A": "A1", "B": "A2"}


def test_a_talk_with_a_poster_is_a_poster_in_its_slot(edition, session):
    for title, format_, state in [
        ("Both", "both", State.CONFIRMED),
        ("Poster", "poster", State.CONFIRMED),
        ("Talk", "talk", State.CONFIRMED),
        ("Gone", "poster", State.WITHDRAWN),
    ]:
        expression = make_confirmed(edition, title=title, format=format_)
        add_submissions(edition=edition, expressions=[expression.pk], is_published=False)
        Expression.objects.filter(pk=expression.pk).update(state=state)

    _number(session, prefix="")

    slots = [
        (slot.contribution.title, slot.kind, slot.kind or slot.contribution.kind)
        for slot in Slot.objects.all()
    ]
    assert slots == [("Both", "poster", "poster"), ("Poster", "", "poster")]
    assert _boards(session) == {"Both": "1", "Poster": "2"}


def test_only_previewed_posters_are_added(edition, session):
    seen = _poster(edition, "A")
    _poster(edition, "B")
    other = _poster(make_call_edition(), "Other year")

    _number(session, seen=[seen.pk, other.pk, 999_999])

    assert _boards(session) == {"A": "A1"}


@pytest.mark.parametrize(
    ("board", "half", "times"),
    [
        ("A1", "first half", ("16:00", "16:45")),
        ("A2", "second half", ("16:45", "17:30")),
        ("12b", "second half", ("16:45", "17:30")),
        ("by the door", "", None),
    ],
)
def test_odd_boards_are_in_the_first_shift(session, board, half, times):
    span = shift_of(session.span, board)

    assert half_of(board) == half
    assert (span and (f"{span.starts_at:%H:%M}", f"{span.ends_at:%H:%M}")) == times


def test_without_times_there_is_no_shift(edition):
    assert shift_of(make_session(edition, minutes=None).span, "A1") is None
    assert shift_of(make_session(edition, starts_at=None).span, "A1") is None


def _at(session) -> str:
    return f"/admin/programme/session/{session.pk}/boards/"


def test_permissions_of_the_boards_page(
    session, client, as_stranger, as_reviewer, as_helpdesk, as_editor, as_chair
):
    cast = (client, as_stranger, as_reviewer, as_helpdesk, as_editor, as_chair)

    shown = [who.get(_at(session)).status_code for who in cast]
    pressed = [who.post(_at(session), {"before": "A"}).status_code for who in cast]

    assert shown == [302, 302, 403, 403, 200, 200]
    assert pressed == [302, 302, 403, 403, 302, 302]


def test_an_editor_saves_the_previewed_boards(edition, session, as_editor):
    poster = _poster(edition, HOSTILE)
    query = {"before": "P", "has_shifts": "on"}
    page = as_editor.get(_at(session), query)
    html = page.content.decode()
    assert HOSTILE not in html
    assert "<bdi>P1</bdi></b> <small>16:00–16:45</small>" in html
    assert "Give 1 poster its board</button>" in html

    for _ in range(2):
        shown = {"poster": poster.pk, "shown": page.context["shown"]}
        as_editor.post(_at(session), query | shown)

    session.refresh_from_db()
    assert _boards(session) == {HOSTILE: "P1"}
    assert session.has_shifts
    html = as_editor.get(_at(session)).content.decode()
    assert 'name="before" value="P"' in html
    assert "Every poster has its board." in html


def test_another_prefix_than_the_previewed_is_previewed_first(edition, session, as_editor):
    poster = _poster(edition, "A")
    page = as_editor.get(_at(session))
    data = {"before": "Q", "poster": poster.pk, "shown": page.context["shown"]}

    response = as_editor.post(_at(session), data)

    assert response["Location"] == f"{_at(session)}?before=Q"
    assert not Slot.objects.exists()
    html = as_editor.get(response["Location"]).content.decode()
    assert "Nothing was done yet" in html
    assert "<bdi>Q1</bdi>" in html


def test_a_long_prefix_is_refused(edition, session, as_editor):
    poster = _poster(edition, "A")

    response = as_editor.post(_at(session), {"before": "A" * 17, "poster": poster.pk})

    assert "errornote" in response.content.decode()
    assert not Slot.objects.exists()


def test_a_session_without_posters_has_no_boards(edition, as_chair):
    assert as_chair.get(_at(make_session(edition, kind="lightning"))).status_code == 404


def test_query_counts_do_not_grow_with_the_posters(edition, session, as_editor):
    def add():
        make_slot(session, _poster(edition, "Old"), board=f"A{session.slots.count()}")
        _poster(edition, "New")
        make_release(edition)

    assert_constant_queries(lambda: as_editor.get(_at(session)), add, at_most=16)
