"""The programme in a browser: parallel sessions in columns, links to days, nothing that moves."""

from datetime import date, time

import pytest

from tests.browser import violations
from tests.factories import (
    make_contribution,
    make_current_edition,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
)

# What moved while the page was loaded.
_SHIFTS = """() => new Promise(done => {
    const moved = [];
    new PerformanceObserver(list => list.getEntries().forEach(entry => moved.push(
        ...entry.sources.map(source => (source.node?.textContent ?? "").slice(0, 80))
    ))).observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(moved), 300);
})"""


@pytest.fixture
def edition():
    edition = make_current_edition(
        slug="2024", starts_on=date(2024, 6, 27), ends_on=date(2024, 6, 29), time_zone="UTC"
    )
    rooms = [make_room(edition, name=f"Room {letter}") for letter in "ABC"]
    for day in (1, 2, 3):
        for number, room in enumerate(rooms):
            session = make_session(
                edition, day=day, title=f"Session {day} {number}", room=room, starts_at=time(9)
            )
            for minutes in (20, 20, 20):
                title = "Words of a title " * (number + 1)
                row = make_contribution(edition, "Ada Example", title=title, kind="contributed")
                make_slot(session, row, minutes=minutes)
        for title, hour, minutes, room in (
            ("Long", 11, 120, rooms[0]),
            ("First", 11, 60, rooms[1]),
            ("Second", 12, 60, rooms[1]),
        ):
            make_session(
                edition,
                day=day,
                title=f"{title} {day}",
                kind="tutorial",
                starts_at=time(hour),
                minutes=minutes,
                room=room,
            )
        posters = make_session(edition, day=day, kind="posters", title="", starts_at=time(15))
        for number in range(8):
            row = make_contribution(edition, "Bo Example", title=f"Bits {number}", kind="poster")
            make_slot(posters, row, board=f"{day}-{number}")
    make_section(edition, heading="Programme", shows="programme")
    make_release(edition)
    return edition


def _box(page, selector):
    return page.locator(selector).bounding_box()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("edition")
def test_parallel_sessions_are_columns_on_a_wide_screen_and_on_paper_and_a_list_on_a_phone(visitor):
    page = visitor.open("/2024/programme/", width=1440).page

    first, second = (_box(page, f"#session-1-{number}-session") for number in (0, 2))
    assert first["x"] + first["width"] < second["x"]
    assert first["y"] == second["y"]
    last_talks = page.locator("#session-1-0-session, #session-1-2-session").locator(
        ".slots > li:last-child"
    )
    tops = {round(last_talks.nth(number).bounding_box()["y"]) for number in (0, 1)}
    assert len(tops) == 1  # in one row, though the titles before have other lengths
    long, early, late = (_box(page, f"#{name}-1-session") for name in ("long", "first", "second"))
    assert early["x"] == late["x"] > long["x"] + long["width"]
    assert early["y"] == long["y"] < late["y"]

    page.set_viewport_size({"width": 390, "height": 844})

    first, second = (_box(page, f"#session-1-{number}-session") for number in (0, 1))
    assert first["x"] == second["x"]
    assert first["y"] + first["height"] <= second["y"]

    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 900})

    first, second = (_box(page, f"#session-1-{number}-session") for number in (0, 1))
    assert first["x"] + first["width"] < second["x"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("edition")
def test_links_to_days_stay_in_view_and_work_without_scripts(visitor):
    page = visitor.open("/2024/programme/", width=390, scripts=False).page

    page.get_by_role("link", name="Sat 29 June").click()

    heading, tabs = _box(page, "#day-3-heading"), _box(page, ".day-tabs")
    assert tabs["y"] == 0
    assert tabs["height"] < heading["y"] < 200


@pytest.mark.appearance
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("edition")
@pytest.mark.parametrize("path", ["/2024/programme/", "/2024/"])
def test_pages_of_a_programme_are_accessible_and_nothing_moves(visitor, path):
    visit = visitor.open(path, width=1440, bypass_csp=True)
    visit.go(path)  # with the font in the browser's cache

    assert visit.page.evaluate(_SHIFTS) == []
    assert violations(visit.page) == []
