"""Check-in on telephones: without network, several at once, without scripts, checked by axe."""

import pytest

from apps.registration.models import CheckIn, Registration
from tests.browser import press, violations
from tests.conftest import session_of, signed_in
from tests.factories import make_attendance_kind, make_edition, make_registration, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def edition():
    return make_edition(slug="2030", title="Workshop 2030")


@pytest.fixture
def door(visitor, edition):
    """Opens the check-in of the edition on another telephone."""
    user = make_user("Check-in", email="door@example.org")

    def open_page(**options):
        session = session_of(signed_in(user))
        path = f"/admin/check-in/{edition.pk}/"
        page = visitor.open(path, width=390, session=session, **options).page
        if options.get("scripts", True):
            page.wait_for_load_state("networkidle")
        return page

    return open_page


def _type(page, text: str) -> None:
    page.fill("#checkin-text", text)
    page.press("#checkin-text", "Enter")


def _wait_until_sent(page) -> None:
    page.wait_for_function("() => !document.getElementById('checkin-network').textContent")
    key = f"check-in-{page.url.rstrip('/').rsplit('/', 1)[1]}"
    page.wait_for_function(f"() => localStorage.getItem('{key}') === '[]'")


def test_two_telephones_without_network_count_everyone_once(door, edition):
    people = [make_registration(edition) for _ in range(6)]
    one, two = door(), door()
    for page in (one, two):
        page.context.set_offline(True)
    for person in people[:4]:
        _type(one, person.code)
    for person in people[3:]:
        _type(two, person.ticket_url)

    one.wait_for_function(
        "() => document.getElementById('checkin-network').textContent.includes('4 check-ins wait')"
    )
    assert "Checked in" in one.inner_text("#checkin-answer")
    assert not CheckIn.objects.exists()
    for page in (one, two):
        page.context.set_offline(False)
        _wait_until_sent(page)

    assert Registration.objects.checked_in().count() == 6
    assert CheckIn.objects.count() == 7
    one.wait_for_function("() => document.getElementById('checkin-here').textContent === '6'")


def test_scans_survive_a_reload(door, edition):
    person = make_registration(edition)
    page = door()
    page.route("**/scans/", lambda route: route.abort())
    _type(page, person.code)
    page.wait_for_function("() => document.getElementById('checkin-network').textContent")

    page.unroute("**/scans/")
    page.reload()
    _wait_until_sent(page)

    assert Registration.objects.checked_in().get() == person


def test_a_name_is_found_and_checked_in_without_scripts(door, edition):
    make_registration(edition, name="Zoë Öztürk")
    page = door(scripts=False)

    page.fill("#checkin-text", "ozturk")
    press(page, "#checkin-form button")
    press(page, ".checkin-found button")

    assert "Zoë Öztürk" in page.inner_text(".checkin-answer.is-welcome")
    assert not page.is_visible("#checkin-camera")


@pytest.mark.appearance
def test_the_page_is_accessible_in_each_of_its_states(door, edition):
    kind = make_attendance_kind(edition, name="In person")
    here, waiting = (
        make_registration(edition, kind=kind, status=status) for status in ("registered", "waiting")
    )
    page = door(bypass_csp=True)
    found = {}
    for name, text in {"here": here.code, "again": here.code, "waiting": waiting.code}.items():
        _type(page, text)
        page.wait_for_selector(".checkin-answer")
        found[name] = violations(page)
    _type(page, "robin")
    page.click(".checkin-walk-in summary")
    page.click(".checkin-kinds summary")
    found["open"] = violations(page)

    assert {name: lines for name, lines in found.items() if lines} == {}
