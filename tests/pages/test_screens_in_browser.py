"""Screens refresh themselves, and keep the last page while the network is gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import make_current_edition, make_release, make_room, make_session

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
