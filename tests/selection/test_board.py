"""The decision board: columns, filters, decisions by card and in bulk, permissions."""

import re

import pytest

from apps.interest.models import Event
from apps.interest.services import correct_expression, erase_expression
from apps.mail.models import Letter
from apps.review.models import Review
from apps.selection.board import PAGE
from apps.selection.decisions import decide
from apps.selection.models import PendingDecision
from tests.factories import (
    make_call,
    make_edition,
    make_expression,
    make_topic,
    make_user,
    put_in_state,
)

pytestmark = pytest.mark.django_db

HOSTILE = '"><script>alert(1)</script>'
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def edition():
    edition = make_edition(title="Workshop on Boards")
    make_call(edition, talk_places=2, poster_places=1)
    return edition


@pytest.fixture
def colleague():
    return make_user("Chair", name="Cora Colleague")


def _board(edition, step: str = "") -> str:
    return f"/admin/selection/board/{edition.pk}/{step}"


def _text(response) -> str:
    """Text of the page on one line."""
    html = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def _columns(response) -> dict[str, list[int]]:
    """Keys of the cards shown, by column."""
    shown = {}
    for part in response.content.decode().split('class="board-column"')[1:]:
        name = re.search(r'data-column="([^"]+)"', part)
        assert name
        cards = [int(pk) for pk in re.findall(r'id="card-(\d+)"', part)]
        if cards:
            shown[name[1]] = cards
    return shown


def _rows(response) -> dict[int, str]:
    """Values of the check boxes, by key."""
    values = re.findall(r'name="row" value="([^"]+)"', response.content.decode())
    return {int(value.partition(":")[0]): value for value in values}


def _press(who, edition, expression, choice, *, row: str = "", **extra):
    row = row or _rows(who.get(_board(edition)))[expression.pk]
    return who.post(_board(edition, "decide/"), {"press": f"{row}:{choice}"}, **extra)


def _pending() -> list[tuple[int, str, str]]:
    rows = PendingDecision.objects.order_by("expression")
    return list(rows.values_list("expression", "verdict", "offer"))


# Columns and filters


def test_each_state_has_its_column_and_ended_ones_are_folded(as_chair, edition):
    states = ["submitted", "under_review", "accepted", "confirmed", "waitlisted", "declined"]
    pks = {state: make_expression(edition, state=state).pk for state in states}
    ended = ["withdrawn", "cancelled", "offer_declined", "lapsed"]
    over = {make_expression(edition, state=state).pk for state in ended}

    page = as_chair.get(_board(edition))
    folded = as_chair.get(_board(edition), {"column": "ended"})

    assert _columns(page) == {
        "to-decide": [pks["submitted"], pks["under_review"]],
        "accepted": [pks["accepted"]],
        "confirmed": [pks["confirmed"]],
        "waiting-list": [pks["waitlisted"]],
        "declined": [pks["declined"]],
    }
    assert "Ended 4" in _text(page)
    assert {name: set(cards) for name, cards in _columns(folded).items()} == {"ended": over}


def test_a_pending_decision_is_first_in_the_column_it_leads_to(as_chair, edition, colleague):
    cards = [make_expression(edition) for _ in range(3)]
    accepted = make_expression(edition, state="accepted")
    put_in_state(cards[1], "waitlisted")
    for expression, verdict, offer in zip(
        cards, ("accept", "decline", "waitlist"), ("talk", "", ""), strict=True
    ):
        decide(expression=expression, verdict=verdict, offer=offer, by=colleague)

    page = as_chair.get(_board(edition))

    assert _columns(page) == {
        "accepted": [cards[0].pk, accepted.pk],
        "declined": [cards[1].pk],
        "waiting-list": [cards[2].pk],
    }
    words = _text(page)
    for part in ("Pending: accept, lightning talk", "Pending: decline", "Pending: waiting list"):
        assert part in words
    assert "Accepted 2 1 pending" in words
    assert "1 of 2 talks, 1 pending" in words


def test_a_card_shows_formats_topics_and_reviews(as_chair, edition):
    expression = make_expression(
        edition,
        name="Ada Example",
        university="University of Cards",
        title="Cards by hand",
        wants_poster=True,
        preference="poster",
        topics=[make_topic(edition, heading="Graphs"), make_topic(edition, heading="Trees")],
        is_late=True,
    )
    for score in (3, 5):
        Review.objects.create(expression=expression, reviewer=make_user("Reviewer"), score=score)
    aside = make_user("Reviewer")
    Review.objects.create(expression=expression, reviewer=aside, has_conflict=True)

    words = _text(as_chair.get(_board(edition)))

    assert (
        f"{expression.display_reference} late Cards by hand Ada Example, University of Cards "
        "Lightning talk or poster, prefer a poster Graphs · Trees 4.0 ± 1.4, 2 reviews "
        "Talk Poster Both Waiting list Decline"
    ) in words


def test_rehearsals_and_other_editions_are_not_on_the_board(as_chair, edition):
    make_expression(edition, is_test=True)
    make_expression(make_edition())

    page = as_chair.get(_board(edition))

    assert _columns(page) == {}
    assert "Nothing here." in _text(page)
    assert 'class="board-empty"' in page.content.decode()  # board.js removes it


def test_the_best_reviewed_come_first_by_default(as_chair, edition):
    scores: list[int | None] = [2, None, 5, 2]
    pks = []
    for score in scores:
        expression = make_expression(edition)
        pks.append(expression.pk)
        if score:
            reviewer = make_user("Reviewer")
            Review.objects.create(expression=expression, reviewer=reviewer, score=score)

    def order(**asked) -> list[int]:
        shown = _columns(as_chair.get(_board(edition), asked))["to-decide"]
        return [pks.index(pk) for pk in shown]

    assert order() == [2, 0, 3, 1]
    assert order(sort="oldest") == [0, 1, 2, 3]
    assert order(sort="newest") == [3, 2, 1, 0]


def test_filters_narrow_all_columns_and_counts(as_chair, edition, colleague):
    graphs, trees = make_topic(edition, heading="Graphs"), make_topic(edition, heading="Trees")
    talk = make_expression(edition, topics=[graphs, trees])
    poster = make_expression(edition, wants_talk=False, wants_poster=True, topics=[trees])
    both = make_expression(edition, wants_poster=True, topics=[graphs])
    decide(expression=both, verdict="decline", by=colleague)

    def shown(**asked) -> dict[str, list[int]]:
        return _columns(as_chair.get(_board(edition), asked))

    waiting = {"declined": [both.pk]}
    assert shown(topic=graphs.pk) == {"to-decide": [talk.pk], **waiting}
    assert shown(topic=trees.pk) == {"to-decide": [talk.pk, poster.pk]}
    assert shown(format="talk") == {"to-decide": [talk.pk]}
    assert shown(format="poster") == {"to-decide": [poster.pk]}
    assert shown(format="both") == waiting
    assert shown(pending="yes") == waiting
    assert shown(pending="no") == {"to-decide": [talk.pk, poster.pk]}
    assert shown(column="declined") == waiting
    assert "To decide 1" in _text(as_chair.get(_board(edition), {"format": "talk"}))


@pytest.mark.parametrize(
    "asked",
    [
        {"topic": "x"},
        {"topic": "9" * 30},
        {"format": HOSTILE},
        {"sort": HOSTILE, "pending": "perhaps"},
        {"column": HOSTILE},
        {"column": "to-decide", "page": "-1"},
        {"column": "to-decide", "page": "²"},
    ],
)
def test_invalid_filters_are_ignored(as_chair, edition, asked):
    expression = make_expression(edition)

    page = as_chair.get(_board(edition), asked)

    assert _columns(page) == {"to-decide": [expression.pk]}
    assert "<script>alert" not in page.content.decode()


def test_a_column_begins_on_the_board_and_has_pages_of_its_own(as_chair, edition):
    make_expression(edition, state="waitlisted")
    for _ in range(PAGE + 3):
        make_expression(edition)

    board = as_chair.get(_board(edition), {"sort": "oldest"})
    first, second, beyond = (
        as_chair.get(_board(edition), {"sort": "oldest", "column": "to-decide", "page": number})
        for number in ("1", "2", "7")
    )

    shown = [_columns(page) for page in (board, first, second, beyond)]
    assert {name: len(cards) for name, cards in shown[0].items()} == {
        "to-decide": PAGE,
        "waiting-list": 1,
    }
    assert [len(columns["to-decide"]) for columns in shown[1:]] == [PAGE, 3, 3]
    assert len({*shown[1]["to-decide"], *shown[2]["to-decide"]}) == PAGE + 3
    assert "?sort=oldest&amp;column=to-decide" in board.content.decode()
    assert f"All {PAGE + 3} of To decide" in _text(board)
    assert "Page 1 of 2 Next" in _text(first)
    assert "Back Page 2 of 2" in _text(second)


@pytest.mark.parametrize("states", [["submitted"], ["submitted", "declined", "withdrawn"]])
def test_the_number_of_queries_is_constant(as_chair, edition, django_assert_num_queries, states):
    for state in states:
        expression = make_expression(edition, state=state, topics=[make_topic(edition)])
        Review.objects.create(expression=expression, reviewer=make_user("Reviewer"), score=4)

    with django_assert_num_queries(12):
        as_chair.get(_board(edition))


def test_hostile_text_is_escaped(as_chair, edition, colleague):
    topic = make_topic(edition, heading=HOSTILE)
    expression = make_expression(
        edition, name=HOSTILE, university=HOSTILE, title=HOSTILE, topics=[topic]
    )
    row = _rows(as_chair.get(_board(edition)))[expression.pk]
    make = {"row": row, "choice": "decline", "whom": "chosen"}

    pages = [
        as_chair.get(_board(edition)).content.decode(),
        as_chair.post(_board(edition, "bulk/"), make).content.decode(),
        _press(as_chair, edition, expression, "decline", **JSON).json()["card"],
    ]

    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


# One card


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("talk", ("accept", "talk")),
        ("as_asked", ("accept", "talk")),
        ("waitlist", ("waitlist", "")),
        ("decline", ("decline", "")),
    ],
)
def test_a_button_makes_a_decision_pending_and_returns_to_the_card(
    as_chair, chair, edition, choice, expected
):
    expression = make_expression(edition)
    letters = Letter.objects.count()
    row = _rows(as_chair.get(_board(edition)))[expression.pk]

    answer = as_chair.post(
        f"{_board(edition, 'decide/')}?sort=oldest&format=talk", {"press": f"{row}:{choice}"}
    )

    assert answer.status_code == 302
    assert answer["Location"] == f"{_board(edition)}?sort=oldest&format=talk#card-{expression.pk}"
    assert _pending() == [(expression.pk, *expected)]
    assert PendingDecision.objects.get().made_by == chair
    assert Letter.objects.count() == letters
    expression.refresh_from_db()
    assert expression.state == "submitted"


def test_the_message_names_the_places_afterwards(as_chair, edition):
    for _ in range(2):
        make_expression(edition, state="accepted")
    expression = make_expression(edition)

    answer = _press(as_chair, edition, expression, "talk", follow=True)

    words = _text(answer)
    assert f"{expression.display_reference}: Pending: accept, lightning talk." in words
    assert "2 of 2 talks, 1 pending: 1 too many" in words


@pytest.mark.parametrize(
    "press", ["", "x", "1", "1:", "::decline", "999999:1.x.0:decline", "²:1:talk"]
)
def test_an_invalid_press_is_refused(as_chair, edition, press):
    make_expression(edition)

    page = as_chair.post(_board(edition, "decide/"), {"press": press}, follow=True)

    assert "Nothing was decided" in _text(page)
    assert _pending() == []


def test_a_script_gets_card_counts_and_capacity(as_chair, edition):
    expression = make_expression(edition)

    answer = _press(as_chair, edition, expression, "talk", **JSON).json()

    assert (answer["done"], answer["column"]) == (True, "accepted")
    assert answer["message"] == (
        f"{expression.display_reference}: Pending: accept, lightning talk. "
        "0 of 2 talks, 1 pending; 0 of 1 poster."
    )
    assert f'id="card-{expression.pk}"' in answer["card"]
    assert answer["columns"]["to-decide"] == ["0", "", "all 0 in “To decide”"]
    assert answer["columns"]["accepted"] == [
        "1",
        "1 pending",
        "all 1 in “Accepted” that are pending",
    ]
    assert "0 of 2 talks, 1 pending" in answer["capacity"]


def test_a_script_gets_refusals_and_no_column_outside_the_filter(as_chair, edition, colleague):
    expression, other = make_expression(edition), make_expression(edition)
    rows = _rows(as_chair.get(_board(edition)))
    decide(expression=expression, verdict="waitlist", by=colleague)

    path = f"{_board(edition, 'decide/')}?pending=no"
    refused, done = (
        as_chair.post(path, {"press": f"{rows[row.pk]}:decline"}, **JSON).json()
        for row in (expression, other)
    )

    assert (refused["done"], refused["column"]) == (False, "")
    assert "was changed meanwhile" in refused["message"]
    assert (done["done"], done["column"]) == (True, "")
    assert done["columns"]["to-decide"][0] == "0"


# In bulk


def test_a_bulk_decision_is_confirmed_first(as_chair, edition):
    cards = [make_expression(edition, title=f"Work number {number}") for number in range(3)]
    rows = _rows(as_chair.get(_board(edition)))
    chosen = [rows[cards[0].pk], rows[cards[2].pk]]

    asked = as_chair.post(
        _board(edition, "bulk/"), {"row": chosen, "choice": "decline", "whom": "chosen"}
    )

    words = _text(asked)
    assert "Decline 2 entries" in words
    assert "Work number 0" in words
    assert "Work number 1" not in words
    assert "Applicants are not told" in words
    assert _pending() == []
    confirmed = {"choice": "decline", "rows": asked.context["rows"]}
    done = as_chair.post(_board(edition, "bulk/decide/"), confirmed, follow=True)
    again = as_chair.post(_board(edition, "bulk/decide/"), confirmed, follow=True)
    assert "Pending: decline 2 entries. Applicants are not told until the release." in _text(done)
    assert "this is already the decision" in _text(again)
    assert [(pk, verdict) for pk, verdict, _ in _pending()] == [
        (cards[0].pk, "decline"),
        (cards[2].pk, "decline"),
    ]
    assert Event.objects.filter(is_for_chairs=True).count() == 2


def test_a_whole_column_within_the_filter_is_chosen(as_chair, edition, colleague):
    topic = make_topic(edition)
    inside = [make_expression(edition, topics=[topic]) for _ in range(PAGE + 5)]
    make_expression(edition)
    decide(expression=inside[0], verdict="decline", by=colleague)

    asked = as_chair.post(
        f"{_board(edition, 'bulk/')}?topic={topic.pk}", {"choice": "as_asked", "whom": "to-decide"}
    )
    as_chair.post(
        _board(edition, "bulk/decide/"), {"choice": "as_asked", "rows": asked.context["rows"]}
    )

    words = _text(asked)
    assert f"Accept {PAGE + 4} entries as asked" in words
    assert f"0 of 2 talks, {PAGE + 4} pending: {PAGE + 2} too many" in words
    assert "This is more than the number of places. You can continue anyway." in words
    assert PendingDecision.objects.filter(verdict="accept").count() == PAGE + 4


def test_a_bulk_conflict_names_the_changes_and_offers_the_rest(as_chair, edition, colleague):
    cards = [make_expression(edition, title=f"Work number {number}") for number in range(4)]
    asked = as_chair.post(_board(edition, "bulk/"), {"choice": "decline", "whom": "to-decide"})
    confirmed = {"choice": "decline", "rows": asked.context["rows"]}
    decide(expression=cards[0], verdict="accept", offer="talk", by=colleague)
    correct_expression(
        expression=cards[1],
        version=1,
        fields={"title": "Another title"},
        topics=[],
        coauthors=[],
        answers={},
    )
    erase_expression(expression=cards[2])

    refused = as_chair.post(_board(edition, "bulk/decide/"), confirmed)

    assert refused.status_code == 409
    words = _text(refused)
    assert "Nothing was decided, because someone changed some of them meanwhile." in words
    assert f"{cards[0].display_reference} was changed meanwhile: it is submitted, pending" in words
    assert "by Cora Colleague" in words
    assert f"{cards[1].display_reference} was changed meanwhile" in words
    assert "1 was deleted." in words
    assert "Continue with the rest: Decline 1 entry" in words
    assert _pending() == [(cards[0].pk, "accept", "talk")]
    rest = {"choice": "decline", "rows": refused.context["rows"]}
    as_chair.post(_board(edition, "bulk/decide/"), rest)
    assert _pending() == [(cards[0].pk, "accept", "talk"), (cards[3].pk, "decline", "")]


def test_many_decisions_are_cleared(as_chair, edition, colleague):
    for _ in range(2):
        decide(expression=make_expression(edition), verdict="decline", by=colleague)

    asked = as_chair.post(_board(edition, "bulk/"), {"choice": "clear", "whom": "declined"})
    done = as_chair.post(
        _board(edition, "bulk/decide/"),
        {"choice": "clear", "rows": asked.context["rows"]},
        follow=True,
    )

    assert "Undo the pending decision on 2 entries" in _text(asked)
    assert "The pending decision was undone: 2 entries." in _text(done)
    assert _pending() == []


def test_unchanged_and_impossible_ones_are_left_out_of_the_count(as_chair, edition, colleague):
    ready, there = make_expression(edition), make_expression(edition)
    waiting = make_expression(edition, state="waitlisted")
    decide(expression=there, verdict="waitlist", by=colleague)
    rows = list(_rows(as_chair.get(_board(edition))).values())

    words = _text(as_chair.post(_board(edition, "bulk/"), {"row": rows, "choice": "waitlist"}))

    assert "Put 1 entry on the waiting list" in words
    assert ready.display_reference in words
    assert "1 has this decision already and will not change." in words
    assert f"{waiting.display_reference} is on the waiting list: nothing to decide." in words


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"choice": "decline", "whom": "chosen"}, "tick the cards to decide"),
        ({"choice": "decline", "whom": "declined"}, "there are no such cards"),
        ({"choice": "", "whom": "to-decide"}, "select a decision"),
        ({"choice": HOSTILE, "whom": HOSTILE}, "select a decision"),
    ],
)
def test_a_bulk_decision_without_choice_or_cards_is_refused(as_chair, edition, sent, words):
    make_expression(edition)

    page = as_chair.post(_board(edition, "bulk/"), sent, follow=True)

    assert f"Nothing was decided: {words}." in _text(page)
