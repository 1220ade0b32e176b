"""The student's page in a real browser: read by axe, done by keyboard, and with scripts off."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from apps.interest.models import Expression
from tests.browser import Visit, press, violations
from tests.interest.students import link_path, make_call_edition, make_expression, make_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [(320, "light"), (320, "dark"), (1440, "light"), (1440, "dark")]


@pytest.fixture
def expression() -> Expression:
    return make_expression(make_call_edition(slug="2024", hue=330), reference="R7K2QD")


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another site: its address, and the Referer of each visit."""
    referers: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/outside":
                referers.append(self.headers.get("Referer", ""))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"Outside")

        def log_message(self, format: str, *args) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/outside", referers
    server.shutdown()
    server.server_close()


def _open(visitor, expression: Expression, **how) -> Visit:
    """A window in which the private link was pressed."""
    _, token = make_link(expression)
    visit = visitor.open(link_path(expression, token), **how)
    press(visit.page, "main button")
    assert visit.page.url.endswith(expression.get_absolute_url())
    return visit


def _faults(visit: Visit) -> list[str]:
    wide = visit.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return violations(visit.page) + (["it scrolls sideways"] if wide else [])


def _tab_to(visit: Visit, words: str) -> None:
    """Presses Tab until what has the keyboard says `words`."""
    for _ in range(120):
        visit.page.keyboard.press("Tab")
        said = visit.page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText"
        )
        if said and said.strip().startswith(words):
            return
    pytest.fail(f"The keyboard does not reach “{words}”.")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_of_one_who_waits(visitor, expression, width, scheme):
    _, token = make_link(expression)
    visit = visitor.open(
        link_path(expression, token), width=width, scheme=scheme, may_be_measured=True
    )
    assert _faults(visit) == []
    press(visit.page, "main button")

    for page in ("sent/R7K2QD/", "R7K2QD/", "R7K2QD/change/", "R7K2QD/withdraw/", "R7K2QD/erase/"):
        visit.go(f"/2024/interest/{page}")
        assert (page, _faults(visit)) == (page, [])


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_of_one_with_an_offer(visitor, expression, width, scheme):
    offered = make_expression(expression.edition, state="accepted")
    visit = _open(visitor, offered, width=width, scheme=scheme, may_be_measured=True)
    assert _faults(visit) == []

    visit.go(f"{offered.get_absolute_url()}decline/")
    assert _faults(visit) == []
    visit.go(f"{offered.get_absolute_url()}confirm/")
    assert _faults(visit) == []
    press(visit.page, "main form button")
    assert visit.page.title().startswith("Error: ")
    assert _faults(visit) == []
    visit.page.check("#id_confirmed_format_1")
    visit.page.check("#id_can_attend_0")
    press(visit.page, "main form button")
    assert visit.page.inner_text("h1") == "Confirmed"
    assert _faults(visit) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_of_one_who_made_a_mistake(visitor, expression, width, scheme):
    visit = _open(visitor, expression, width=width, scheme=scheme, may_be_measured=True)

    visit.go("/2024/interest/R7K2QD/address/")
    visit.page.fill("#id_email", "sam")
    press(visit.page, "main form button")
    assert visit.page.title().startswith("Error: ")
    assert _faults(visit) == []

    visit.go("/2024/interest/R7K2QD/change/")
    Expression.objects.update(version=2, title="Another title altogether")
    press(visit.page, "main form button[type=submit]")
    assert "Not saved yet." in visit.page.inner_text("main")
    assert _faults(visit) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_pages_of_one_who_is_not_in(visitor, expression, width, scheme):
    for page in (
        "R7K2QD/",
        "link/nothing/",
        "new-link/",
        "new-link/sent/",
        "erased/",
    ):
        visit = visitor.open(
            f"/2024/interest/{page}", width=width, scheme=scheme, may_be_measured=True
        )
        assert (page, _faults(visit)) == (page, [])


@pytest.mark.parametrize("scripts", [True, False])
def test_by_keyboard_alone_the_title_is_corrected_and_it_is_withdrawn(visitor, expression, scripts):
    _, token = make_link(expression)
    visit = visitor.open(link_path(expression, token), width=320, scripts=scripts)
    press = visit.page.keyboard.press
    _tab_to(visit, "Open my page")
    press("Enter")
    visit.page.wait_for_url("**/R7K2QD/")

    _tab_to(visit, "Change what you sent")
    press("Enter")
    visit.page.wait_for_url("**/change/")
    _tab_to(visit, "Title")
    press("Control+A")
    visit.page.keyboard.type("Corrected on a phone")
    press("Enter")
    visit.page.wait_for_url("**/R7K2QD/")
    assert "Your changes are saved." in visit.page.inner_text("main")

    _tab_to(visit, "Withdraw")
    press("Enter")
    visit.page.wait_for_url("**/withdraw/")
    _tab_to(visit, "Withdraw it")
    press("Enter")
    visit.page.wait_for_url("**/R7K2QD/")
    assert visit.page.inner_text("h1") == "Withdrawn"
    expression.refresh_from_db()
    assert (expression.title, expression.state) == ("Corrected on a phone", "withdrawn")
    assert visit.faults == []


def test_no_other_site_learns_the_address(visitor, expression, elsewhere):
    outside, referers = elsewhere
    _, token = make_link(expression)
    visit = visitor.open(link_path(expression, token))
    put_a_link = """address => {
        const link = document.createElement("a");
        link.href = address;
        link.id = "outside";
        link.textContent = "Outside";
        document.querySelector("main").append(link);
    }"""

    visit.page.evaluate(put_a_link, outside)
    visit.page.click("#outside")
    visit.page.wait_for_url(outside)
    visit.go(link_path(expression, token))
    press(visit.page, "main button")
    visit.page.evaluate(put_a_link, outside)
    visit.page.click("#outside")
    visit.page.wait_for_url(outside)

    assert referers == [f"{visit.server}/", f"{visit.server}/"]


def test_the_pages_fetch_from_their_own_site_alone(visitor, expression):
    visit = _open(visitor, expression)

    strangers = [address for address in visit.fetched if not address.startswith(visit.server)]
    assert (strangers, visit.faults) == ([], [])
