"""From the home page on a phone to the organisers' spreadsheet, with a real mail server."""

import csv
import re
from email.message import EmailMessage
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from apps.interest.models import Expression
from tests.browser import Visit, press
from tests.conftest import session_of
from tests.factories import make_call, make_current_edition, make_topic
from tests.mail.post_office import PostOffice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = 320


@pytest.fixture
def edition(settings, live_server, tmp_path):
    """An edition with an open call; links in letters lead to the test server."""
    settings.SITE_URL = live_server.url
    settings.DATA_DIR = tmp_path
    edition = make_current_edition(
        slug="2030", title="Workshop 2030", contact_email="organisers@example.org"
    )
    make_call(edition, asks_career_stage=False)
    make_topic(edition, heading="Small models")
    return edition


def _post_arrives(post_office: PostOffice) -> list[tuple[str, str]]:
    """Send the letters that are due; return recipient and subject of each."""
    post_office.arrived.clear()
    call_command("send_letters", verbosity=0)
    return [
        (letter["To"].addresses[0].addr_spec, str(letter["Subject"]).strip())
        for letter in post_office.arrived
    ]


def _link_in(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    match = re.search(r"http://\S+/interest/link/\S+", part.get_content())
    assert match
    return match[0]


def _send_from_the_home_page(page: Page) -> str:
    """Send the form as a student does; return the reference."""
    press(page, page.get_by_role("link", name="PhD students: express your interest"))
    page.get_by_label("Full name", exact=True).fill("Ada Example")
    page.get_by_label("Email address", exact=True).fill("ada@example.net")
    page.get_by_label("University", exact=True).fill("University of Example")
    page.get_by_label("Poster", exact=True).check()
    page.get_by_label("Title", exact=True).fill("Smaler and faster")
    page.get_by_label("Abstract", exact=True).fill("We make it small.")
    page.get_by_label("Small models", exact=True).check()
    # The second click aborts the first request, so there is no single navigation to wait for.
    page.get_by_role("button", name="Send", exact=True).dblclick()
    page.get_by_role("heading", name="Thank you. We have received your entry.").wait_for()
    page.wait_for_load_state("networkidle")
    return page.inner_text("strong >> nth=0")


def _correct_and_withdraw(visit: Visit) -> None:
    page = visit.page
    press(page, page.get_by_role("button", name="Open my page"))
    press(page, page.get_by_role("link", name="Change Title"))
    page.get_by_label("Title", exact=True).fill("Smaller and faster")
    press(page, page.get_by_role("button", name="Save the changes"))
    assert "Your changes are saved." in page.inner_text("main")
    press(page, page.get_by_role("link", name="Withdraw"))
    press(page, page.get_by_role("button", name="Withdraw my entry"))
    assert page.inner_text("h1") == "Withdrawn"


def _save(page: Page, button: str, path: Path) -> None:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    download.value.save_as(path)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.usefixtures("edition")
def test_a_student_sends_changes_and_withdraws_and_an_organiser_exports_it(
    visitor, as_chair, post_office, tmp_path, scripts
):
    phone = visitor.open("/", width=PHONE, scripts=scripts)
    reference = _send_from_the_home_page(phone.page)
    arrived = _post_arrives(post_office)
    receipt = post_office.arrived[0]

    # The letter is opened on another device.
    other = visitor.open("/", width=390, scripts=scripts)
    other.page.goto(_link_in(receipt))
    _correct_and_withdraw(other)
    sent = _post_arrives(post_office)

    desk = visitor.open("/admin/interest/expression/", session=session_of(as_chair)).page
    desk.fill("#searchbar", reference)
    with desk.expect_navigation():
        desk.press("#searchbar", "Enter")
    press(desk, desk.get_by_role("link", name=reference))
    page_text = desk.inner_text("#content")
    desk.goto(f"{visitor.server}/admin/interest/expression/?q={reference}")
    files = {"csv": tmp_path / "list.csv", "xlsx": tmp_path / "list.xlsx"}
    _save(desk, "Export this list as CSV", files["csv"])
    _save(desk, "Export this list for Excel", files["xlsx"])

    assert arrived == [
        (
            "ada@example.net",
            f"We have received your expression of interest {reference} – Workshop 2030",
        ),
        (
            "organisers@example.org",
            f"New expression of interest {reference} from University of Example",
        ),
    ]
    assert "Smaler and faster" in receipt.as_string()
    assert [address for address, _ in sent] == ["ada@example.net", "organisers@example.org"]
    assert Expression.objects.get().state == "withdrawn"
    for text in ("Smaller and faster", "ada@example.net", "Corrected", "Withdraw", arrived[0][1]):
        assert text in page_text
    with files["csv"].open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["Reference"], row["Title"], row["State"]) == (
        reference,
        "Smaller and faster",
        "Withdrawn",
    )
    with ZipFile(files["xlsx"]) as book:
        assert "Smaller and faster" in book.read("xl/worksheets/sheet1.xml").decode()
    assert (phone.faults, other.faults) == ([], [])
