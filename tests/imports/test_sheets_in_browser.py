"""Import of a spreadsheet in a browser: accessibility, content security policy, keyboard."""

from __future__ import annotations

import pytest

from apps.imports.models import Sheet
from apps.interest.models import Expression
from tests.browser import violations
from tests.conftest import session_of
from tests.factories import (
    make_call,
    make_current_edition,
    make_expression,
    make_question,
    make_topic,
)
from tests.imports.sheets import (
    MICROSOFT,
    SHEETS,
    bring_in,
    choose_answers,
    confirm,
    microsoft_file,
    microsoft_row,
    upload,
    xlsx,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def edition():
    edition = make_current_edition(slug="2026", year=2026, title="Workshop on Examples")
    make_call(edition, closes_on="2199-06-01", abstract_words=20)
    make_topic(edition, heading="Small models")
    make_question(edition, label="Is it your first workshop?", kind="yes_no")
    return edition


def _file() -> bytes:
    """Something of everything: new, late, wrong, twice, with words and dates to be asked about."""
    rows = [microsoft_row(number) for number in range(14)]
    rows[1] = microsoft_row(1, email="nobody", title="")
    rows[2] = microsoft_row(0)
    rows[3] = microsoft_row(3, formats="Oral;", topics="Efficiency;", sent="03/05/2026 10:00")
    rows[4] = microsoft_row(4, abstract="word " * 30, university="")
    return xlsx(MICROSOFT, *rows, others=["Notes"])


@pytest.fixture
def pages(as_chair, edition) -> list[str]:
    """Every page there is, of a sheet at each of its steps."""
    make_expression(edition, email="student5@example.net", title="Work number 5")
    upload(as_chair, edition, _file())
    fresh = Sheet.objects.get()
    waiting = bring_in(as_chair, edition, _file(), order="day")
    done = bring_in(as_chair, edition, _file(), order="day")
    for sheet in (waiting, done):
        choose_answers(as_chair, sheet, **{"formats-0": "talk"})
    confirm(as_chair, done)
    return [
        SHEETS,
        f"{SHEETS}add/",
        f"{SHEETS}{fresh.pk}/columns/",
        f"{SHEETS}{waiting.pk}/answers/",
        *(f"{SHEETS}{waiting.pk}/change/?show={show}" for show in ("new", "wrong", "noted")),
        f"{SHEETS}{waiting.pk}/change/?show=duplicates",
        f"{SHEETS}{done.pk}/change/",
        f"{SHEETS}{done.pk}/take-back/",
    ]


@pytest.mark.appearance
def test_the_pages_are_accessible_and_fit_the_window(visitor, as_chair, pages):
    visit = visitor.open(SHEETS, session=session_of(as_chair), bypass_csp=True)
    assert visit.violations_at(pages) == {}
    visit.go(f"{SHEETS}add/")
    visit.page.get_by_role("button", name="Upload").click()
    visit.page.locator(".error-summary").wait_for()
    assert violations(visit.page) == []


def test_the_pages_obey_the_policy_and_load_nothing_from_elsewhere(visitor, as_chair, pages):
    visit = visitor.open(SHEETS, session=session_of(as_chair))
    visit.assert_self_contained(pages)


def test_a_file_is_imported_and_taken_back_by_keyboard_without_scripts(
    visitor, as_chair, edition, tmp_path
):
    file = tmp_path / "Expressions of interest(1-2).xlsx"
    rows = [microsoft_row(1, formats="Oral;"), microsoft_row(2)]
    file.write_bytes(microsoft_file(*rows))
    page = visitor.open(
        "/admin/interest/expression/", session=session_of(as_chair), scripts=False, width=320
    ).page

    def press(role: str, name: str) -> None:
        page.get_by_role(role, name=name).first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")

    press("link", "Import a spreadsheet")
    # The window in which a file is picked is the system's own.
    page.locator("input[type=file]").set_input_files(file)
    press("button", "Upload")
    columns = page.locator(".sheet-columns select").evaluate_all("all => all.map(one => one.value)")
    press("button", "Continue")
    page.locator("select").first.focus()
    page.keyboard.type("Light")
    press("button", "Continue")
    press("button", "Import 2 entries")
    said = page.locator(".messagelist").inner_text()
    press("link", "Show the expressions of this edition")
    listed = page.locator("#result_list tbody tr").count()
    first = Expression.objects.get(title="Work number 1")
    page.goto(f"{visitor.server}{Sheet.objects.get().get_absolute_url()}")
    press("link", "Erase the 2 unchanged ones")
    press("button", "Erase 2 entries")

    assert columns[6:] == [
        *("name", "email", "university", "formats", "title", "abstract", "topics", "coauthors")
    ]
    assert said == "Imported: 2. No email was sent."
    assert (listed, first.formats) == (2, "Lightning talk")
    assert page.locator(".messagelist").inner_text() == "Erased: 2."
    assert Expression.objects.count() == 0


def test_an_error_is_reached_from_the_summary(visitor, as_chair, edition):
    upload(as_chair, edition, _file())
    columns = f"{SHEETS}{Sheet.objects.get().pk}/columns/"
    page = visitor.open(columns, session=session_of(as_chair)).page

    page.locator("#id_column_5").select_option("title")
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()
    title = page.title()
    page.get_by_role("link", name="Column F is “Title” already.").press("Enter")

    assert title.startswith("Error: ")
    assert page.evaluate("document.activeElement.id") == "id_column_10"
    assert page.locator("#id_column_10").get_attribute("aria-invalid") == "true"
    described = page.locator("#id_column_10").get_attribute("aria-describedby") or ""
    assert page.locator(f"#{described}").inner_text().startswith("Column F is “Title” already.")
