"""Screens refresh themselves; the presenter's page counts down."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.pages.presenter import presenter_url
from tests.factories import (
    make_contribution,
    make_current_edition,
    make_release,
    make_room,
    make_session,
    make_slot,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_screen_refreshes_itself_and_keeps_the_last_page_without_a_network(visitor):
    now = timezone.now()
    edition = make_current_edition(slug="2024", starts_on=now.date(), time_zone="UTC")
    room = make_room(edition, name="Room A")
    session = make_session(
        edition, title="Before", room=room, starts_at=now.time().replace(microsecond=0), minutes=90
    )
    make_release(edition)
    page = visitor.browser.new_context(timezone_id="Asia/Tokyo").new_page()
    page.clock.install(time=now)
    page.goto(f"{visitor.server}/2024/programme/screen/")
    assert page.locator(".screen-clock time").inner_text() == f"{now:%H:%M}"

    session.title = "After"
    session.save()
    make_release(edition)
    page.clock.run_for(61_000)

    page.get_by_text("After").wait_for()
    assert page.locator(".screen-clock time").inner_text() != f"{now - timedelta(hours=9):%H:%M}"
    page.context.set_offline(True)
    page.clock.run_for(61_000)
    page.get_by_text("No connection since").wait_for()
    assert page.get_by_text("After").is_visible()
    page.context.set_offline(False)
    page.clock.run_for(61_000)
    page.get_by_text("No connection since").wait_for(state="detached")


def test_the_presenter_page_counts_down_by_the_programme_and_by_hand(visitor):
    now = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
    edition = make_current_edition(slug="2024", starts_on=now.date(), time_zone="UTC")
    session = make_session(edition, kind="lightning", starts_at=now.time(), minutes=30)
    for name in ("Ada", "Bo", "Cy"):
        make_slot(session, make_contribution(edition, name, kind="lightning"), minutes=3)
    make_release(edition)
    page = visitor.browser.new_context().new_page()
    page.clock.install(time=now)
    page.goto(visitor.server + presenter_url(edition, session.pk))
    page.get_by_text("Times follow the programme.").wait_for()

    page.keyboard.press("ArrowLeft")
    page.keyboard.press("PageDown")
    name = page.locator(".presenter-now .turn-names").inner_text()
    page.reload()  # the talk and its time are kept
    time_left = page.locator(".presenter-time")
    page.get_by_text("Started by hand.").wait_for()

    assert page.locator(".presenter-now .turn-names").inner_text() == name
    assert time_left.inner_text().startswith(("3:00", "2:5"))
    page.clock.run_for(65_000)
    assert time_left.inner_text().startswith(("1:5", "1:4"))
    page.clock.run_for(180_000)
    assert "over" in time_left.inner_text()
    page.get_by_text("Start this talk now").click()
    assert time_left.inner_text() in {"3:00 left", "2:59 left"}
    page.get_by_text("Follow the programme").click()
    assert page.get_by_text("Times follow the programme.").is_visible()
