"""The page of the call: what it says before, while and after it is open, and to whom."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from apps.editions.models import Call
from apps.interest.models import AccessLink
from tests.factories import make_current_edition, make_edition
from tests.interest.calls import make_call_of_days, make_open_call

pytestmark = pytest.mark.django_db

PAGE = "/2030/interest/"
FORM = 'name="token"'


def _html(client: Client, path: str = PAGE) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_while_it_is_open_it_says_until_when_and_shows_the_form(client):
    edition = make_edition(slug="2030", time_zone="Europe/London")
    Call.objects.create(
        edition=edition,
        text="For **everybody** who writes a thesis.",
        opens_on="2030-05-01",
        closes_on="2030-05-03",
        closes_time="17:00",
        edits_close_on="2030-05-10",
        decisions_on="2030-06-01",
        poster_size="A0 portrait",
    )

    with time_machine.travel(datetime(2030, 5, 2, tzinfo=UTC), tick=False):
        html = _html(client)

    assert FORM in html
    assert "Express your interest by <time" in html
    assert "17:00 BST, Friday 3 May 2030" in html
    assert 'datetime="2030-05-03T16:00:00Z"' in html
    assert "About three minutes, no account. You can change it until" in html
    assert "23:59 BST, Friday 10 May 2030" in html
    assert "<strong>everybody</strong>" in html
    assert "Posters, A0 portrait" in html
    assert "Saturday 1 June 2030" in html


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2030-01-10T08:59:59Z", "before"),  # 09:00 in London's winter
        ("2030-01-10T09:00:00Z", "open"),
        ("2030-05-04T11:58:59Z", "open"),  # 23:59 on 3 May, twelve hours behind Greenwich
        ("2030-05-04T11:59:01Z", "closed"),
    ],
)
def test_it_opens_in_the_editions_zone_and_closes_anywhere_on_earth(client, moment, status):
    edition = make_edition(slug="2030", time_zone="Europe/London")
    Call.objects.create(
        edition=edition, opens_on="2030-01-10", closes_on="2030-05-03", is_anywhere_on_earth=True
    )

    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        html = _html(client)

    assert (FORM in html) == (status == "open")
    assert ("23:59 anywhere on Earth (UTC−12), Friday 3 May 2030" in html) == (status != "undated")


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2030-03-31T07:59:59Z", False),  # the clocks went forward that night: 09:00 is 08:00 UTC
        ("2030-03-31T08:00:00Z", True),
        ("2030-10-27T23:58:59Z", True),  # and back that night: 23:59 is UTC again
        ("2030-10-27T23:59:00Z", False),
    ],
)
def test_summer_time_moves_no_promise(client, moment, is_open):
    edition = make_edition(slug="2030", time_zone="Europe/London")
    Call.objects.create(edition=edition, opens_on="2030-03-31", closes_on="2030-10-27")

    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        assert (FORM in _html(client)) == is_open


def test_before_it_opens_it_says_when(client):
    call = make_call_of_days(opens=2, closes=5)

    html = _html(client)

    assert FORM not in html
    assert f'The form opens here at <time datetime="{call.opens_at:%Y-%m-%d}' in html


def test_after_it_closed_it_says_so_and_when(client):
    call = make_call_of_days(opens=-5, closes=-2)

    html = _html(client)

    assert FORM not in html
    assert "The call is closed" in html
    assert f"{call.closes_on:%Y}" in html


def test_while_no_dates_are_known_it_says_so_and_shows_the_words(client):
    make_call_of_days(opens=None, closes=None, text="Tell us what you do.")

    html = _html(client)

    assert FORM not in html
    assert "dates to be announced" in html
    assert "Tell us what you do." in html


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"is_cancelled": True}, "will not take place"), ({"state": "archived"}, "is over")],
)
def test_a_cancelled_or_past_edition_asks_for_nothing(client, fields, words):
    make_open_call(edition=make_edition(slug="2030", **fields))

    html = _html(client)

    assert FORM not in html
    assert f"{words}, and nothing can be sent" in html


def test_search_engines_read_what_the_page_is(client):
    make_open_call()

    html = _html(client)

    assert html.count('<meta name="description"') == 1
    assert 'content="The call to PhD students of ' in html


def test_without_a_call_there_is_no_page(client, as_chair):
    make_edition(slug="2030")

    assert (client.get(PAGE).status_code, as_chair.get(PAGE).status_code) == (404, 404)


def test_a_draft_is_seen_by_staff_and_tried_by_those_who_write_it(
    client, as_stranger, as_reviewer, as_editor, as_chair
):
    make_open_call(edition=make_edition(slug="2030", state="draft"))
    cast = (client, as_stranger, as_reviewer, as_editor, as_chair)

    statuses = [who.get(PAGE).status_code for who in cast]
    forms = [FORM in who.get(PAGE).content.decode() for who in cast]

    assert statuses == [404, 404, 200, 200, 200]
    assert forms == [False, False, False, True, True]


def test_before_it_opens_those_who_write_it_may_rehearse(client, as_reviewer, as_editor, as_chair):
    make_call_of_days(opens=2, closes=5)

    assert [FORM in _html(who) for who in (client, as_reviewer, as_editor, as_chair)] == [
        False,
        False,
        True,
        True,
    ]
    assert "Rehearsal." in _html(as_chair)


def test_reading_writes_nothing_and_the_page_is_kept_by_no_shared_cache(client):
    make_open_call()

    response = client.get(PAGE)

    assert response["Cache-Control"] == "private, no-cache"
    assert client.put(PAGE).status_code == 405
    assert AccessLink.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_the_same_number_of_questions_however_many_topics(
    client, django_assert_num_queries, count
):
    call = make_open_call()
    for number in range(count):
        call.edition.topics.create(heading=f"Topic {number}")
        call.edition.questions.create(words=f"Question {number}?")
    client.get(PAGE)  # from here on it is kept in memory, and only asked whether it changed

    with django_assert_num_queries(3):
        client.get(PAGE)


def test_hostile_words_of_organisers_are_only_words(as_chair):
    hostile = "<script>alert(1)</script>"
    edition = make_edition(slug="2030", title=hostile, short_name=hostile)
    make_open_call(edition=edition, text=hostile, poster_size=hostile)
    edition.topics.create(heading=hostile)
    edition.questions.create(
        words=hostile, help_words=hostile, kind="choice", choices=f"{hostile}\n{hostile} too"
    )

    html = _html(as_chair)

    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6


# The home page's call to action


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        (-1, 1, "PhD students: express your interest</a>"),
        (1, 2, "<dt>Call</dt> <dd>Opens <time"),
        (-2, -1, "The call for PhD students is closed</a>"),
        (None, None, "Call for PhD students: dates to be announced</a>"),
    ],
)
def test_the_home_page_follows_the_call(client, opens, closes, words):
    make_call_of_days(opens=opens, closes=closes, edition=make_current_edition(slug="2030"))

    html = _html(client, "/")

    assert words in html
    assert html.count(f'href="{PAGE}"') == 1


def test_the_home_page_asks_no_more_questions_for_it(client, django_assert_num_queries):
    make_open_call(edition=make_current_edition(slug="2030"))

    with django_assert_num_queries(5):
        client.get("/")


@pytest.mark.parametrize("fields", [{"is_cancelled": True}, {"starts_on": "2020-01-01"}])
def test_nothing_is_asked_for_a_year_that_is_over_or_off(client, fields):
    make_open_call(edition=make_current_edition(slug="2030", **fields))

    assert PAGE not in _html(client, "/")
