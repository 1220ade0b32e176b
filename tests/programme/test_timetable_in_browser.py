"""Moving sessions in the grid by mouse, touch and keys; accessibility of the admin pages."""

from datetime import date, time

import pytest
from django.contrib.sessions.models import Session as SignIn
from playwright.sync_api import FloatRect, Locator, Page, expect

from apps.programme.models import Contributor, Session
from tests.browser import violations
from tests.conftest import session_of
from tests.factories import (
    make_chair,
    make_contribution,
    make_current_edition,
    make_person,
    make_room,
    make_session,
    make_slot,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MINUTE = 1.6  # pixels down the page
HOSTILE = "<img src=x onerror=alert(1)> & “co”"


@pytest.fixture
def day():
    """Sessions by title: two in the hall, one in the attic, one in no room, one with no time."""
    edition = make_current_edition(starts_on=date(2124, 5, 3))
    hall, attic = make_room(edition, name="Hall"), make_room(edition, name="Attic")
    ada = make_person(name="Ada Example")
    planned = (("Panel", hall, 10, 0), ("Talks", hall, 11, 12), (HOSTILE, attic, 10, 0))
    for title, room, hour, minute in planned:
        session = make_session(edition, title=title, room=room, starts_at=time(hour, minute))
        make_chair(session, ada)
    make_session(edition, title="Coffee", starts_at=time(12), minutes=10, kind="break")
    make_session(edition, title="Closing", starts_at=None, minutes=15, room=attic)
    return {session.title: session for session in Session.objects.all()}


@pytest.fixture
def open_day(visitor, as_editor, day):
    """Opens the programme's page."""

    def opened(**how):
        edition = day["Panel"].edition
        address = f"/admin/programme/session/programme/{edition.pk}/"
        return visitor.open(address, session=session_of(as_editor), **how)

    return opened


def _block(page: Page, session: Session):
    return page.locator(f"#timetable-session-{session.pk}")


def _status(page: Page):
    return page.locator("#timetable-1 .timetable-status")


def _where(title: str) -> tuple[str, str]:
    session = Session.objects.select_related("room").get(title=title)
    at = f"{session.starts_at:%H:%M}" if session.starts_at else ""
    return at, session.room.name if session.room else ""


def _box(element: Locator) -> dict[str, float]:
    box = element.bounding_box()
    assert box
    return {"x": box["x"], "y": box["y"], "width": box["width"]}


def _drag(page: Page, block: Locator, *, to: str, by_minutes: float) -> None:
    """Presses in the middle of `block`, goes as far down as `by_minutes` are, into the column `to`."""
    # Far from the window's edges, where dragging scrolls.
    block.evaluate("block => block.scrollIntoView({ block: 'center' })")
    box = _box(block)
    column = page.locator(".timetable-column", has=page.get_by_role("heading", name=to, exact=True))
    across = _box(column)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(across["x"] + across["width"] / 2, box["y"] + 20, steps=3)
    page.mouse.move(across["x"] + across["width"] / 2, box["y"] + 12 + by_minutes * MINUTE, steps=5)


def test_a_drag_moves_a_session_and_undo_moves_it_back(open_day, day):
    visit = open_day()
    page = visit.page

    _drag(page, _block(page, day["Panel"]), to="No room", by_minutes=62)
    expect(page.locator(".is-ghost .timetable-time")).to_have_text("11:00–12:00")
    assert _where("Panel") == ("10:00", "Hall")
    page.mouse.up()

    words = "“Panel” moved 60 minutes later: it starts at 11:00 and has no room."
    expect(_status(page)).to_have_text(words)
    expect(page.locator("#timetable-live")).to_have_text(words)
    expect(_block(page, day["Panel"])).to_be_focused()
    assert _where("Panel") == ("11:00", "")
    assert "is in two places at the same time" in page.locator("#content-main").inner_text()

    page.get_by_role("button", name="Undo").click()

    expect(_status(page)).to_have_text(
        "Undone. “Panel” moved 60 minutes earlier: it starts at 10:00 and is in “Hall”."
    )
    assert _where("Panel") == ("10:00", "Hall")
    page.keyboard.press("Control+z")
    expect(_status(page)).to_contain_text("it starts at 11:00")
    assert visit.faults == []


def test_a_drag_into_another_room_keeps_an_odd_time(open_day, day):
    page = open_day().page

    _drag(page, _block(page, day["Talks"]), to="Attic", by_minutes=1)
    page.mouse.up()

    expect(_status(page)).to_have_text("“Talks” is in “Attic”.")
    assert _where("Talks") == ("11:12", "Attic")


def test_following_sessions_move_along(open_day, day):
    page = open_day().page
    page.get_by_label("Later sessions in its room that day").check()

    _drag(page, _block(page, day["Panel"]), to="Hall", by_minutes=30)
    page.mouse.up()

    expect(_status(page)).to_contain_text("Also moved: “Talks”.")
    assert [_where(title)[0] for title in ("Panel", "Talks", "Coffee")] == [
        "10:30",
        "11:42",
        "12:00",
    ]
    expect(page.get_by_label("Later sessions in its room that day")).to_be_checked()


def _at_rest(page: Page, element: Locator) -> FloatRect:
    """The position of `element` after scrolling, which continues after a swipe, has ended."""
    before = None
    while (box := element.bounding_box()) != before or box is None:
        before = box
        page.wait_for_timeout(100)
    return box


def _swipe(page: Page, element: Locator, *, down: float) -> None:
    """A finger on the middle of `element`, so many pixels down."""
    finger = page.context.new_cdp_session(page)
    finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    element.evaluate("element => element.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = _at_rest(page, element)
    x, y = box["x"] + box["width"] / 2, box["y"] + 12
    for kind, at in (
        ("touchStart", [y]),
        *(("touchMove", [y + down * part / 8]) for part in range(1, 9)),
        ("touchEnd", []),
    ):
        points = [{"x": x, "y": at_y} for at_y in at]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_touch_drags_only_by_the_grip(open_day, day):
    page = open_day().page
    block = _block(page, day["Panel"])

    _swipe(page, block.locator(".timetable-title"), down=60 * MINUTE)
    expect(page.locator(".is-ghost")).to_have_count(0)
    assert _where("Panel") == ("10:00", "Hall")

    _swipe(page, block.locator(".timetable-grip"), down=60 * MINUTE)

    expect(_status(page)).to_have_text("“Panel” moved 60 minutes later: it starts at 11:00.")


def test_a_session_without_a_time_is_dragged_into_the_grid(open_day, day):
    page = open_day().page
    block = _block(page, day["Closing"])
    # Away from the edges of the window, where a drag scrolls.
    block.evaluate("block => block.scrollIntoView({block: 'center'})")
    target = page.locator(".timetable-area").nth(0).bounding_box()

    box = block.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(target["x"] + 30, target["y"] + 10 + 60 * MINUTE, steps=5)
    page.mouse.up()

    expect(_status(page)).to_have_text("“Closing” starts at 10:00 and is in “Hall”.")


@pytest.mark.parametrize("how", ["Escape", "home"])
def test_a_cancelled_drag_moves_nothing(open_day, day, how):
    visit = open_day()
    page = visit.page
    visit.fetched.clear()

    _drag(page, _block(page, day["Panel"]), to="Attic", by_minutes=30)
    if how == "Escape":
        page.keyboard.press("Escape")
        page.mouse.up()
    else:
        box = page.locator(".timetable-area").first.bounding_box()
        page.mouse.move(box["x"] + 30, _block(page, day["Panel"]).bounding_box()["y"] + 12)
        page.mouse.up()

    expect(_status(page)).to_have_text("“Panel” stays where it was.")
    expect(page.locator(".is-ghost")).to_have_count(0)
    expect(page.locator(".timetable-toolbar")).to_be_hidden()
    assert visit.fetched == []
    assert _where("Panel") == ("10:00", "Hall")


def test_keys_move_a_session(open_day, day):
    visit = open_day()
    page = visit.page
    live = page.locator("#timetable-live")
    _block(page, day["Talks"]).focus()

    page.keyboard.press("Enter")
    expect(live).to_have_text("“Talks” is chosen: 11:12–12:12, Hall.")
    page.keyboard.press("ArrowDown")
    expect(live).to_have_text("11:15–12:15, Hall")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(live).to_have_text("11:10–12:10, Attic")
    page.keyboard.press("Escape")
    expect(live).to_have_text("“Talks” stays where it was.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(_status(page)).to_have_text("“Talks” stays where it was.")
    assert _where("Talks") == ("11:12", "Hall")
    _block(page, day["Talks"]).focus()

    for key in ("PageUp", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(live).to_have_text(
        "“Talks” moved 52 minutes earlier: it starts at 10:20 and has no room."
    )
    expect(_block(page, day["Talks"])).to_be_focused()
    assert _where("Talks") == ("10:20", "")
    assert visit.faults == []


def test_buttons_move_a_selected_session(open_day, day):
    page = open_day().page
    _block(page, day["Coffee"]).click()

    for name in ("5 minutes later", "5 minutes later", "Previous room", "Drop here"):
        page.get_by_role("button", name=name).click()

    expect(_status(page)).to_have_text(
        "“Coffee” moved 10 minutes later: it starts at 12:10 and is in “Attic”."
    )
    expect(_block(page, day["Coffee"])).to_be_focused()


def test_a_stale_tab_moves_nothing_and_is_refreshed(open_day, day):
    first, late = open_day().page, open_day().page
    _drag(first, _block(first, day["Panel"]), to="Attic", by_minutes=30)
    first.mouse.up()
    expect(_status(first)).to_contain_text("it starts at 10:30")

    _drag(late, _block(late, day["Panel"]), to="Hall", by_minutes=60)
    late.mouse.up()

    expect(_status(late)).to_have_text("“Panel” was moved meanwhile. Check it again.")
    expect(_block(late, day["Panel"])).to_contain_text("10:30–11:30")
    assert _where("Panel") == ("10:30", "Attic")


def test_a_signed_out_user_sees_an_error(open_day, day):
    page = open_day().page
    SignIn.objects.all().delete()

    _block(page, day["Panel"]).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(_status(page)).to_contain_text("Nothing was moved")
    expect(page.locator(".is-ghost")).to_have_count(0)
    assert _where("Panel") == ("10:00", "Hall")


def test_hostile_titles_are_escaped(open_day, day):
    visit = open_day()
    _block(visit.page, day[HOSTILE]).click()

    expect(visit.page.locator(".is-ghost .timetable-title")).to_have_text(HOSTILE)
    expect(_status(visit.page)).to_contain_text(HOSTILE)
    assert visit.page.locator(".timetable img").count() == 0
    assert visit.faults == []


def test_without_scripts_there_is_a_list_with_links(open_day, day):
    page = open_day(scripts=False).page

    assert not page.locator(".timetable").is_visible()
    link = page.get_by_role("link", name="Move Panel")
    assert link.get_attribute("href") == f"/admin/programme/session/{day['Panel'].pk}/move/"


@pytest.mark.appearance
def test_the_grid_is_accessible_also_during_a_move(open_day, day):
    page = open_day(bypass_csp=True).page

    before = violations(page)
    _block(page, day["Panel"]).click()
    page.keyboard.press("ArrowDown")
    while_chosen = violations(page)
    _block(page, day["Panel"]).focus()  # on a phone it was hidden
    page.keyboard.press("Enter")
    expect(_status(page)).to_contain_text("moved 5 minutes later")
    after = violations(page)

    assert (before, while_chosen, after) == ([], [], [])


@pytest.mark.appearance
def test_admin_pages_are_accessible_and_fit_a_phone(visitor, as_chair):
    edition = make_current_edition()
    lightning = make_session(edition, kind="lightning", room=make_room(edition))
    posters = make_session(edition, kind="posters", day=2, has_shifts=True)
    talk = make_contribution(edition, kind="lightning", title="A talk")
    Contributor.objects.create(contribution=talk, name="Ada Example")
    make_slot(lightning, talk)
    make_contribution(edition, kind="poster", title="A poster")
    overview = f"/admin/programme/session/programme/{edition.pk}/"
    pages = [
        overview,
        *(f"{overview}{page}/" for page in ("students", "corrections", "publish")),
        f"/admin/programme/session/{lightning.pk}/change/",
        f"/admin/programme/session/{lightning.pk}/move/",
        f"/admin/programme/session/{lightning.pk}/round/",
        f"/admin/programme/session/{posters.pk}/boards/",
        f"/admin/programme/contribution/{talk.pk}/change/",
    ]
    visit = visitor.open(overview, session=session_of(as_chair), bypass_csp=True, width=320)

    faults = visit.violations_at(pages)
    # The last of them has rows of several fields: all of a row can be pressed on a phone.
    last = visit.page.locator("#contributors-0 .order-button").last.bounding_box()

    assert faults == {}
    assert last
    assert last["x"] + last["width"] <= 320
