"""The form in a browser: by keyboard, with and without scripts, checked by axe."""

from datetime import date

import pytest

from apps.core.text import count_words, several_lines
from apps.interest.models import Expression
from tests.browser import press, violations
from tests.factories import make_current_edition, make_deadline, make_section
from tests.interest.calls import make_open_call

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/2030/interest/"


def _type(page, *keys: str) -> None:
    """Press Tab and type, for each of `keys`; those in <> are names of keys."""
    for key in keys:
        page.keyboard.press("Tab")
        if key.startswith("<"):
            page.keyboard.press(key.strip("<>"))
        elif key:
            page.keyboard.type(key)


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [320, 1440])
def test_the_form_is_sent_by_keyboard_only(visitor, live_server, width, scripts):
    make_open_call(text="Words of the call.")
    visit = visitor.open(PAGE, width=width, scripts=scripts)
    page = visit.page

    # The call is folded above the form on a phone, and beside it on a wide screen.
    page.focus(".call-words summary" if width == 320 else ".page-head a")
    _type(page, "Ada Example", "ada@example.org", "University of Example")
    _type(page, "<Space>", "<Space>")  # talk and poster
    _type(page, "<Space>")  # which of them rather
    _type(page, "Smaller and faster", "We make it small.", "<Space>")  # topic
    _type(page, "<Enter>", "Bo Example", "Example Lab")  # unfolds the co-authors
    page.focus("form.form button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sent/**")

    expression = Expression.objects.get()
    assert page.url == f"{live_server.url}/2030/interest/sent/{expression.reference}/"
    assert (expression.name, expression.preference) == ("Ada Example", "talk")
    assert [str(author) for author in expression.coauthors.all()] == ["Bo Example (Example Lab)"]
    assert visit.faults == []


@pytest.mark.parametrize("scripts", [True, False])
def test_after_an_error_the_summary_has_the_focus_and_links_to_the_field(visitor, scripts):
    make_open_call()
    visit = visitor.open(PAGE, width=320, scripts=scripts)
    page = visit.page
    page.fill("#id_name", "Ada Example")
    page.fill("#id_abstract", "word " * 300)
    press(page, "form.form button[type=submit]")

    title = page.title()
    words = page.inner_text(".error-summary")
    if scripts:  # the focus is read by a script
        assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click("text=Your text has 300 words. Shorten it to 250 or fewer.")

    assert title.startswith("Error: ")
    assert "Enter your email address" in words
    assert page.url.endswith("#id_abstract")
    assert page.input_value("#id_name") == "Ada Example"
    assert page.input_value("#id_abstract") == ("word " * 300)


@pytest.mark.appearance
def test_the_form_is_accessible_empty_with_errors_and_sent(visitor):
    make_open_call(
        asks_career_stage=True, asks_link=True, asks_pdf=True, text="## Who\n\nEverybody."
    )
    visit = visitor.open(PAGE, width=390, bypass_csp=True)
    page = visit.page

    empty = violations(page)
    page.fill("#id_abstract", "word " * 300)
    page.fill("#id_coauthor_affiliation_5", "Lab", force=True)
    press(page, "form.form button[type=submit]")
    wrong = violations(page)
    page.click(".call-words summary")
    unfolded = violations(page)
    _fill_in(page)
    page.wait_for_url("**/sent/**")

    assert (empty, wrong, unfolded, violations(page)) == ([], [], [], [])


def _fill_in(page) -> None:
    page.fill("#id_name", "Ada Example")
    page.fill("#id_email", "ada@example.org")
    page.fill("#id_university", "University of Example")
    if page.query_selector("#id_career_stage_0"):
        page.check("#id_career_stage_0")
    page.check("#id_formats_0")
    page.fill("#id_title", "Smaller and faster")
    page.fill("#id_abstract", "We make it small.")
    page.check("#id_topics_0")
    if page.query_selector("details[open] #id_coauthor_affiliation_5"):
        page.fill("#id_coauthor_affiliation_5", "")
    press(page, "form.form button[type=submit]")


def test_the_first_field_is_on_the_first_screen_of_a_phone(visitor):
    make_open_call(text="Words. " * 500)

    box = visitor.open(PAGE, width=320).page.locator("#id_name").bounding_box()

    assert box["y"] + box["height"] <= 640


def test_the_link_to_the_form_is_on_the_first_screen_of_a_phone(visitor):
    edition = make_current_edition(
        title="Workshop on Frugal Machine Learning",
        starts_on=date(2199, 1, 28),
        ends_on=date(2199, 1, 29),
        venue="Lantern Hall, University of Strathmoor",
        registration_url="https://example.org/register",
        registration_closes_on=date(2199, 1, 8),
    )
    make_open_call(edition=edition, is_anywhere_on_earth=True)
    make_deadline(edition, title="Question hour, online", due_on=date(2199, 1, 1))
    make_section(edition, shows="deadlines")

    page = visitor.open("/", width=320).page

    button = page.get_by_role("link", name="PhD students: express your interest")
    box = button.bounding_box()
    assert box["y"] + box["height"] <= 640


def test_the_preference_is_shown_for_both_formats_only(visitor):
    make_open_call()
    page = visitor.open(PAGE, width=320).page
    visible = [page.is_visible("#div_id_preference")]

    for box in ("#id_formats_0", "#id_formats_1"):
        page.check(box)
        visible.append(page.is_visible("#div_id_preference"))

    assert visible == [False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " one two\n\nthree ",
        "a\u00a0b\u2009c",
        "x \u200b \ufeff y",
        "tiny\u200bwords – yes",
        "é 論文",
    ],
)
def test_the_page_counts_words_like_the_server(visitor, text):
    make_open_call()
    page = visitor.open(PAGE).page

    page.fill("#id_abstract", text)

    expected = f"{count_words(several_lines(text))} of at most 250 words"
    page.locator(".form-count", has_text=expected).wait_for(timeout=3000)


def test_a_draft_is_kept_on_the_device_until_it_is_sent(visitor):
    make_open_call()
    visit = visitor.open(PAGE)
    page = visit.page
    page.fill("#id_name", "Ada Example")
    page.check("#id_formats_0")
    page.fill("#id_title", "Smaller and faster")
    page.wait_for_timeout(700)

    visit.go(PAGE)
    kept = (page.input_value("#id_name"), page.is_checked("#id_formats_0"))
    _fill_in(page)
    page.wait_for_url("**/sent/**")
    visit.go(PAGE)

    assert kept == ("Ada Example", True)
    assert page.input_value("#id_name") == ""
    assert page.evaluate("localStorage.length") == 0
    assert visit.faults == []


def test_a_draft_is_deleted_on_request(visitor):
    make_open_call()
    visit = visitor.open(PAGE)
    visit.page.fill("#id_name", "Ada Example")
    visit.page.wait_for_timeout(700)
    visit.go(PAGE)

    visit.page.click(".draft-note button")

    assert visit.page.input_value("#id_name") == ""
    assert visit.page.evaluate("localStorage.length") == 0


def test_the_honeypot_is_neither_visible_nor_focusable(visitor):
    make_open_call()
    page = visitor.open(PAGE).page

    assert not page.is_visible("#id_comment")
    assert not page.is_visible("label[for=id_comment]")
    assert page.get_attribute("#id_comment", "autocomplete") == "off"
    assert page.get_attribute("#id_comment", "tabindex") == "-1"
