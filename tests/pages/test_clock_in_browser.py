"""Session times in the reader's time zone, added by JavaScript."""

from datetime import date, time

import pytest

from tests.factories import (
    make_contribution,
    make_current_edition,
    make_release,
    make_session,
    make_slot,
)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("zone", "local_times", "has_note"),
    [
        ("Asia/Tokyo", ["17:00 – 18:00 your time", "Fri 07:00 – 08:00 your time"], True),
        ("Europe/Lisbon", [], False),  # the same clock on that day
    ],
)
def test_times_are_also_shown_in_the_readers_time_zone(visitor, zone, local_times, has_note):
    edition = make_current_edition(slug="2024", starts_on=date(2024, 6, 27))
    make_session(edition, starts_at=time(9))
    make_session(edition, starts_at=time(23))
    make_session(edition, starts_at=None)
    make_release(edition)
    context = visitor.browser.new_context(timezone_id=zone)
    page = context.new_page()

    page.goto(f"{visitor.server}/2024/programme/")

    assert (
        page.locator(".hours > .time-note:has-text('your time')").all_inner_texts() == local_times
    )
    assert (
        "The times below them are yours (Tokyo)." in page.locator("#clocks").inner_text()
    ) is has_note


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_of_a_talk_in_a_session_the_reader_gets_the_start(visitor):
    edition = make_current_edition(slug="2024", starts_on=date(2024, 6, 27))
    session = make_session(edition, starts_at=time(9), minutes=60)
    for _ in range(2):
        make_slot(session, make_contribution(edition), minutes=30)
    make_release(edition)
    page = visitor.browser.new_context(timezone_id="Asia/Tokyo").new_page()

    page.goto(f"{visitor.server}/2024/programme/")

    notes = page.locator(".slots .time-note").all_inner_texts()
    assert notes == ["17:00 your time", "17:30 your time"]
