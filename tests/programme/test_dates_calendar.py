"""The days and deadlines of an edition as a calendar."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from icalendar import Calendar

from tests.factories import make_deadline, make_edition, make_section
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
ADDRESS = "/2030/dates.ics"


@pytest.fixture
def edition():
    return make_edition(
        slug="2030",
        year=2030,
        title="Workshop on Small Things",
        short_name="Small Things",
        time_zone="Europe/London",
        starts_on=date(2030, 5, 3),
        ends_on=date(2030, 5, 4),
        venue="Hall; 1",
    )


def events(client) -> dict[str, Any]:
    """The events by their titles."""
    calendar: Any = Calendar.from_ical(client.get(ADDRESS).content)
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def test_the_days_of_an_edition_are_one_event_of_whole_days(edition, client):
    event = events(client)["Workshop on Small Things, 2030"]

    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2030, 5, 3), date(2030, 5, 5))
    assert event["LOCATION"] == "Hall; 1"
    assert event["UID"].startswith(f"edition-{edition.pk}@")


def test_a_deadline_with_a_time_is_a_moment_and_one_without_a_day(edition, client):
    make_deadline(edition, title="Papers", due_on=date(2030, 2, 1), due_time=time(23, 59))
    make_deadline(
        edition,
        group="Workshop papers",
        title="$\\ell_1$ camera ready",
        due_on=date(2030, 2, 1),
        due_time=time(23, 59),
        is_anywhere_on_earth=True,
    )
    make_deadline(edition, title="Posters", due_on=date(2030, 7, 1), due_time=None)
    make_deadline(
        edition, title="Demos", due_on=date(2030, 7, 2), due_time=None, is_anywhere_on_earth=True
    )

    found = events(client)

    starts = {
        title: event["DTSTART"].dt for title, event in found.items() if "Small Things," not in title
    }
    assert starts == {
        "Papers, Small Things": datetime(2030, 2, 1, 23, 59, tzinfo=UTC),
        "Workshop papers: ℓ₁ camera ready, Small Things": datetime(2030, 2, 2, 11, 59, tzinfo=UTC),
        "Posters, Small Things": date(2030, 7, 1),
        "Demos (anywhere on Earth), Small Things": date(2030, 7, 2),
    }
    assert len({event["UID"] for event in found.values()}) == 5


def test_a_deadline_that_moves_keeps_its_identity_and_raises_its_sequence(edition, client):
    deadline = make_deadline(edition, title="Papers", due_on=date(2030, 2, 1))
    before = events(client)["Papers, Small Things"]

    deadline.due_on = date(2030, 2, 8)
    deadline.save()
    after = events(client)["Papers, Small Things"]

    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt != before["DTSTART"].dt


def test_the_dates_of_a_cancelled_edition_are_cancelled(edition, client):
    make_deadline(edition, title="Papers")
    before = events(client)["Papers, Small Things"]["SEQUENCE"]
    edition.is_cancelled = True
    edition.save()

    found = events(client).values()

    assert {str(event["STATUS"]) for event in found} == {"CANCELLED"}
    assert events(client)["Papers, Small Things"]["SEQUENCE"] > before


def test_an_edition_without_dates_has_no_such_calendar(client):
    make_edition(slug="2030")

    assert client.get(ADDRESS).status_code == 404


def test_a_known_calendar_is_not_sent_again(edition, client):
    make_deadline(edition)
    etag = client.get(ADDRESS)["ETag"]

    assert client.get(ADDRESS, headers={"if-none-match": etag}).status_code == 304


def test_query_counts_do_not_grow_with_deadlines(edition, client):
    make_deadline(edition, title="First")
    first = count_queries(lambda: client.get(ADDRESS))
    for number in range(5):
        make_deadline(edition, title=f"Deadline {number}")

    assert count_queries(lambda: client.get(ADDRESS)) == first


@pytest.mark.parametrize(
    ("due_on", "is_linked"), [(date(2999, 1, 1), True), (date(2020, 1, 1), False)]
)
def test_the_home_page_offers_it_while_a_deadline_is_ahead(client, due_on, is_linked):
    edition = make_edition(slug="2030")
    make_section(edition, heading="Dates", shows="deadlines")
    make_deadline(edition, due_on=due_on)

    page = client.get("/2030/").content.decode()

    assert ('href="webcal://localhost:8000/2030/dates.ics"' in page) == is_linked
    assert ('href="/2030/dates.ics"' in page) == is_linked
