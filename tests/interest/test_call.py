"""The page of the call and its link on the home page: before, while and after the call is open."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client

from apps.editions.models import Call
from tests.factories import make_current_edition, make_edition
from tests.interest.calls import make_call_of_days, make_open_call
from tests.queries import count_queries
from tests.reading import html_of

pytestmark = pytest.mark.django_db

PAGE = "/2030/interest/"
FORM = 'name="token"'


def _html(client: Client, path: str = PAGE) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return html_of(response)


def _html_at(client: Client, moment: str) -> str:
    with time_machine.travel(datetime.fromisoformat(moment).astimezone(UTC), tick=False):
        return _html(client)


@pytest.fixture
def edition():
    return make_edition(slug="2030", time_zone="Europe/London")


def test_an_open_call_shows_its_text_dates_and_form(client, edition):
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

    html = _html_at(client, "2030-05-02T00:00:00Z")

    for text in (
        FORM,
        "Express your interest by <time",
        "17:00 BST, Friday 3 May 2030",
        'datetime="2030-05-03T16:00:00Z"',
        "needs no account. You can change your answers until",
        "23:59 BST, Friday 10 May 2030",
        "<strong>everybody</strong>",
        "Posters (A0 portrait)",
        "Saturday 1 June 2030",
    ):
        assert text in html
    assert html.count('<meta name="description"') == 1
    assert ": call for expressions of interest" in html


@pytest.mark.parametrize(
    ("dates", "moment", "is_open"),
    [
        # Opens at 09:00 in London's winter, closes after 23:59 anywhere on Earth.
        (("2030-01-10", "2030-05-03", True), "2030-01-10T08:59:59Z", False),
        (("2030-01-10", "2030-05-03", True), "2030-01-10T09:00:00Z", True),
        (("2030-01-10", "2030-05-03", True), "2030-05-04T11:59:59Z", True),
        (("2030-01-10", "2030-05-03", True), "2030-05-04T12:00:00Z", False),
        # The clocks went forward in the night before it opens, and back before it closes.
        (("2030-03-31", "2030-10-27", False), "2030-03-31T07:59:59Z", False),
        (("2030-03-31", "2030-10-27", False), "2030-03-31T08:00:00Z", True),
        (("2030-03-31", "2030-10-27", False), "2030-10-27T23:59:59Z", True),
        (("2030-03-31", "2030-10-27", False), "2030-10-28T00:00:00Z", False),
    ],
)
def test_it_opens_and_closes_in_its_time_zone(client, edition, dates, moment, is_open):
    opens_on, closes_on, is_anywhere = dates
    Call.objects.create(
        edition=edition, opens_on=opens_on, closes_on=closes_on, is_anywhere_on_earth=is_anywhere
    )

    html = _html_at(client, moment)

    assert (FORM in html) is is_open
    if is_anywhere:
        assert "23:59 anywhere on Earth (UTC−12), Friday 3 May 2030" in html


@pytest.mark.parametrize(
    ("opens", "closes", "text", "home"),
    [
        (-1, 1, FORM, "PhD students: express your interest</a>"),
        (2, 5, "The form opens here at <time", "<dt>Call</dt> <dd>Opens <time"),
        (-5, -2, "The call is closed", "The call for PhD students is closed"),
        (None, None, "dates to be announced", "Call for PhD students: dates to be announced"),
    ],
)
def test_page_and_home_page_show_the_status_of_the_call(client, opens, closes, text, home):
    edition = make_current_edition(slug="2030")
    make_call_of_days(opens=opens, closes=closes, edition=edition, text="Tell us what you do.")

    html, home_html = _html(client), _html(client, "/")

    assert text in html
    assert "Tell us what you do." in html
    assert (FORM in html) is (opens == -1)
    assert home in home_html
    assert home_html.count(f'href="{PAGE}"') == 1


def test_a_lost_link_is_asked_for_on_the_form_the_home_page_and_in_the_footer(client):
    make_open_call(edition=make_current_edition(slug="2030"))
    link = f'<a href="{PAGE}new-link/">'

    html, home_html = _html(client), _html(client, "/")

    main, footer = html.split("<footer", 1)
    assert f"Already sent an entry? {link}Get your link again</a>" in main
    assert f"{link}Get your link again</a>" in footer
    assert f"{link}Already sent something? Get your link again</a>" in home_html
    assert "Send me a link" in _html(client, f"{PAGE}new-link/")


@pytest.mark.parametrize("days", [(2, 5), (-5, -2)])
def test_the_home_page_offers_no_lost_link_while_the_call_is_not_open(client, days):
    make_call_of_days(opens=days[0], closes=days[1], edition=make_current_edition(slug="2030"))

    assert "new-link" not in _html(client, "/")


def test_a_call_without_a_closing_date_is_open_until_further_notice(client):
    edition = make_current_edition(slug="2030")
    make_call_of_days(opens=None, closes=None, edition=edition, is_open_ended=True)

    html, home_html = _html(client), _html(client, "/")

    assert FORM in html
    assert "The call is open until further notice." in html
    assert "You can change your answers while the call is open." in html
    assert "<dt>Call</dt> <dd>Open until further notice</dd>" in home_html
    assert "PhD students: express your interest</a>" in home_html
    assert "None" not in html + home_html


@pytest.mark.parametrize(
    ("opens", "fields", "text"),
    [
        (2, {}, "The form opens here at <time"),
        (-2, {"starts_on": "2020-01-01"}, "is over. Nothing can be sent"),
        (-2, {"is_cancelled": True}, "will not take place. Nothing can be sent"),
    ],
)
def test_an_open_ended_call_waits_for_its_opening_day_and_ends_with_its_edition(
    client, opens, fields, text
):
    edition = make_current_edition(slug="2030", **fields)
    call = make_call_of_days(opens=opens, closes=None, edition=edition, is_open_ended=True)

    html = _html(client)

    assert text in html
    assert FORM not in html
    assert call.allows_edits is (opens == 2)


@pytest.mark.parametrize("date", ["closes_on", "edits_close_on"])
def test_an_open_ended_call_has_no_end_by_form_and_by_constraint(edition, date):
    call = Call(edition=edition, is_open_ended=True, **{date: "2030-05-03"})

    with pytest.raises(ValidationError, match="has no closing date"):
        call.full_clean()
    with pytest.raises(IntegrityError):
        call.save()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"is_cancelled": True}, "will not take place"), ({"state": "archived"}, "is over")],
)
def test_a_cancelled_or_archived_edition_has_no_form(client, fields, reason):
    make_open_call(edition=make_edition(slug="2030", **fields))

    html = _html(client)

    assert FORM not in html
    assert f"{reason}. Nothing can be sent" in html


@pytest.mark.parametrize("fields", [{"is_cancelled": True}, {"starts_on": "2020-01-01"}])
def test_the_home_page_of_a_cancelled_or_past_edition_has_no_link(client, fields):
    make_open_call(edition=make_current_edition(slug="2030", **fields))

    assert PAGE not in _html(client, "/")


def test_without_a_call_there_is_no_page(client, as_chair, edition):
    assert (client.get(PAGE).status_code, as_chair.get(PAGE).status_code) == (404, 404)


@pytest.mark.parametrize("is_draft", [True, False])
def test_editors_may_rehearse_before_the_call_opens(
    client, as_stranger, as_reviewer, as_editor, as_chair, is_draft
):
    make_call_of_days(
        opens=2,
        closes=5,
        edition=make_edition(slug="2030", state="draft" if is_draft else "published"),
    )
    public = 404 if is_draft else 200

    responses = [who.get(PAGE) for who in (client, as_stranger, as_reviewer, as_editor, as_chair)]

    assert [response.status_code for response in responses] == [public, public, 200, 200, 200]
    has_form = [FORM in response.content.decode() for response in responses]
    assert has_form == [False, False, False, True, True]
    assert "Test mode." in _html(as_chair)


def test_the_page_is_in_no_shared_cache_and_takes_no_other_method(client):
    make_open_call()

    assert client.get(PAGE)["Cache-Control"] == "private, no-cache"
    assert client.put(PAGE).status_code == 405


def test_the_pages_cost_the_same_queries_with_one_and_with_three_topics(client):
    edition = make_current_edition(slug="2030")
    make_open_call(edition=edition)

    def cost_of_one_more() -> tuple[int, int]:
        edition.topics.create(heading="Topic")
        edition.questions.create(label="Question?")
        for path in (PAGE, "/"):
            client.get(path)  # cached from here on; later requests check that nothing changed
        return count_queries(lambda: client.get(PAGE)), count_queries(lambda: client.get("/"))

    costs = [cost_of_one_more() for _ in range(3)]

    assert costs[0] == costs[2]
    assert costs[0] <= (6, 5)


def test_hostile_text_of_organisers_is_escaped(as_chair):
    hostile = "<script>alert(1)</script>"
    edition = make_edition(slug="2030", title=hostile, short_name=hostile)
    make_open_call(edition=edition, text=hostile, poster_size=hostile)
    edition.topics.create(heading=hostile)
    edition.questions.create(
        label=hostile, help_text=hostile, kind="choice", choices=f"{hostile}\n{hostile} too"
    )

    html = _html(as_chair)

    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6
