"""A chair walks through a whole year, from an empty site to the edition after, by the first screen.

Counts the presses, and the pages that were different, of what chairs do most.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.people.models import Person
from apps.programme.models import ProgrammeRelease
from apps.selection.models import PendingDecision
from tests.conftest import session_of
from tests.factories import make_expression, make_section, make_session, make_topic
from tests.people.files import corners, encoded

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@dataclass
class Walk:
    """A window of the chair, with what was pressed and seen since the first screen."""

    page: Page
    server: str
    presses: int = 0
    pages: set[str] = field(default_factory=set)

    def start(self) -> None:
        """Open the first screen and count anew."""
        self.page.goto(f"{self.server}/admin/")
        self.presses, self.pages = 0, {"/admin/"}

    def press(self, target: Locator) -> None:
        """Press a link or button that opens a page."""
        with self.page.expect_navigation():
            target.click()
        self.presses += 1
        self.pages.add(urlsplit(self.page.url).path)

    def link(self, name: str) -> None:
        self.press(self.page.get_by_role("link", name=name).last)

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name, exact=True).last)

    def step(self, title: str) -> None:
        """Press the button of a step of the year."""
        step = self.page.locator(".desk-steps li", has=self.page.get_by_text(title, exact=True))
        self.press(step.locator("a.button"))

    def next_step(self) -> str:
        return self.page.locator(".desk-steps .is-next h4").inner_text()


@pytest.fixture
def walk(visitor, as_chair) -> Walk:
    visit = visitor.open("/admin/", session=session_of(as_chair))
    return Walk(visit.page, visit.server)


def _day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).strftime("%d/%m/%Y")


def test_a_whole_year_is_walked_from_the_first_screen(walk, tmp_path):
    _make_the_first_edition(walk)
    edition = Edition.objects.get()
    _set_date_and_place(walk)
    _add_a_person_with_a_photo_to_a_group(walk, edition, tmp_path)
    make_section(edition)
    make_topic(edition)
    _publish(walk, edition)
    _open_the_call(walk, edition)
    for number in range(40):
        make_expression(edition, title=f"Work {number}", email=f"a{number}@example.org")
    _close_the_call(walk, edition)
    _decide_and_release(walk, edition)
    _publish_the_programme(walk, edition)
    _archive(walk, edition)
    _make_the_next_edition(walk)


def _make_the_first_edition(walk: Walk) -> None:
    walk.start()
    walk.link("New edition")
    walk.page.get_by_label("Name of the workshop").fill("Workshop on Examples")
    walk.button("Create the draft")

    assert walk.presses <= 2
    assert walk.next_step() == "Set date and place"


def _set_date_and_place(walk: Walk) -> None:
    walk.start()
    walk.step("Set date and place")
    walk.page.fill("#id_starts_on", _day(90))
    walk.page.fill("#id_venue", "Hall 1, Exampletown")
    walk.page.fill("#id_contact_email", "chairs@example.org")
    for summary in walk.page.locator("fieldset summary").all():
        summary.click()
    walk.page.fill("#id_code_of_conduct", "Be kind.")
    walk.button("Save")
    walk.start()

    assert walk.next_step() == "Write the home page"


def _add_a_person_with_a_photo_to_a_group(walk: Walk, edition: Edition, folder) -> None:
    walk.start()
    walk.step("Add people")
    walk.page.get_by_role("button", name="Add another Group").click()
    walk.page.fill("#id_groups-0-heading", "Organisers")
    walk.button("Save")
    photo = folder / "ada.jpg"
    photo.write_bytes(encoded(corners((600, 400)), "JPEG"))
    walk.start()
    walk.step("Add people")
    walk.link("Add a person")
    walk.page.fill("#id_name", "Ada Example")
    walk.page.set_input_files("input[name=photo]", photo)
    walk.page.get_by_label("Organisers").check()
    walk.button("Save")

    person = Person.objects.get()
    assert person.photo
    assert edition.groups.get().memberships.get().person == person
    # The first screen, the tab, and the only form.
    assert len(walk.pages - {"/admin/", f"/admin/editions/edition/{edition.pk}/people/"}) <= 2


def _publish(walk: Walk, edition: Edition) -> None:
    walk.start()
    assert walk.next_step() == "Publish the website"
    walk.step("Publish the website")
    walk.button("Publish")

    edition.refresh_from_db()
    assert walk.presses <= 3
    assert (edition.state, edition.is_current) == ("published", True)


def _open_the_call(walk: Walk, edition: Edition) -> None:
    walk.start()
    assert walk.next_step() == "Open the call"
    walk.step("Open the call")
    walk.page.fill("#id_call-0-opens_on", _day(-10))
    walk.page.fill("#id_call-0-closes_on", _day(10))
    walk.button("Save")

    edition.refresh_from_db()
    assert edition.call.status == "open"
    assert len(walk.pages) <= 2


def _close_the_call(walk: Walk, edition: Edition) -> None:
    walk.start()
    walk.step("Open the call")
    walk.page.fill("#id_call-0-closes_on", _day(-1))
    walk.button("Save")
    walk.start()

    assert walk.next_step() == "Decide on the entries"


def _decide_and_release(walk: Walk, edition: Edition) -> None:
    walk.start()
    walk.step("Decide on the entries")
    walk.page.keyboard.press("j")
    walk.presses += 1
    for number in range(20):
        walk.page.keyboard.press("t")
        walk.presses += 1
        pending = walk.page.locator('[data-pending="accepted"]')
        expect(pending).to_have_text(f"{number + 1} pending")
    assert walk.presses <= 25

    walk.page.locator(".board-bulk summary").click()
    walk.page.select_option("#board-choice", "decline")
    walk.page.select_option("#board-whom", "to-decide")
    walk.press(walk.page.locator("#board-bulk button"))
    walk.press(walk.page.locator("button.default"))
    assert PendingDecision.objects.count() == 40
    walk.link("Release")
    walk.button("Draft the emails")
    walk.link("Release 40 decisions")
    walk.button("Release 40 decisions")

    assert len(walk.pages) <= 6, walk.pages
    assert not PendingDecision.objects.exists()
    assert Expression.objects.filter(state="accepted").count() == 20


def _publish_the_programme(walk: Walk, edition: Edition) -> None:
    make_session(edition)
    walk.start()
    assert walk.next_step() == "Publish the programme"
    walk.step("Publish the programme")
    walk.press(walk.page.locator(".submit-row button.default"))

    assert walk.presses <= 3
    assert ProgrammeRelease.objects.get().edition == edition


def _archive(walk: Walk, edition: Edition) -> None:
    Edition.objects.filter(pk=edition.pk).update(starts_on=timezone.localdate() - timedelta(days=1))
    walk.start()
    assert walk.next_step() == "Archive this edition"
    walk.step("Archive this edition")
    walk.button("Archive")

    edition.refresh_from_db()
    assert edition.state == "archived"


def _make_the_next_edition(walk: Walk) -> None:
    walk.start()
    assert walk.next_step() == "Start the next edition"
    walk.step("Start the next edition")
    walk.button("Create the draft")

    assert walk.presses <= 2
    assert Edition.objects.count() == 2
    assert Edition.objects.get(state="draft").groups.get().memberships.count() == 1
