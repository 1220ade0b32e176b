"""The student's page in a browser: by keyboard, with and without scripts."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from apps.interest.models import Expression
from tests.browser import Visit, press
from tests.factories import make_call_edition, make_link, make_sent_expression
from tests.interest.students import link_path

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def expression() -> Expression:
    return make_sent_expression(make_call_edition(slug="2024", hue=330), reference="R7K2QD")


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another site: its URL, and the Referer of each visit."""
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


def _tab_to(visit: Visit, text: str) -> None:
    """Press Tab until the focused element starts with `text`."""
    for _ in range(120):
        visit.page.keyboard.press("Tab")
        focused = visit.page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText"
        )
        if focused and focused.strip().startswith(text):
            return
    pytest.fail(f"The keyboard does not reach “{text}”.")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_title_is_changed_and_the_expression_withdrawn_by_keyboard(
    visitor, expression, scripts
):
    _, token = make_link(expression)
    visit = visitor.open(link_path(expression, token), width=320, scripts=scripts)
    press = visit.page.keyboard.press
    _tab_to(visit, "Open my page")
    press("Enter")
    visit.page.wait_for_url("**/R7K2QD/")

    _tab_to(visit, "Change your answers")
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
    _tab_to(visit, "Withdraw my entry")
    press("Enter")
    visit.page.wait_for_url("**/R7K2QD/")
    assert visit.page.inner_text("h1") == "Withdrawn"
    expression.refresh_from_db()
    assert (expression.title, expression.state) == ("Corrected on a phone", "withdrawn")
    assert visit.faults == []
    assert visit.foreign_urls() == []


def test_other_sites_get_no_referer_with_the_link(visitor, expression, elsewhere):
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
