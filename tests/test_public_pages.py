"""Every public page in a browser, axe and the Nu HTML checker."""

from datetime import date, time

import pytest

from tests.browser import EVERY_LOOK, html_errors, violations
from tests.conftest import session_of
from tests.factories import (
    make_award,
    make_contribution,
    make_contribution_link,
    make_contributor,
    make_current_edition,
    make_deadline,
    make_edition,
    make_group,
    make_news,
    make_page,
    make_person,
    make_recipient,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_sponsor,
    make_topic,
)
from tests.pages.full_edition import fill_edition
from tests.sponsors.files import logo_file

PAGES = [
    "/",
    "/2024/people/",
    "/2024/topics/",
    "/2024/code-of-conduct/",
    "/2024/awards/",
    "/2024/news/",
    "/2024/news/rooms-are-known/",
    "/2024/programme/",
    "/2024/programme/now/",
    "/2024/programme/screen/",
    "/2024/programme/screen/?room=nothing",
    "/2024/programme/talks/",
    "/2024/programme/posters/",
    "/2024/contributions/keynote/",
    "/2024/contributions/poster/",
    "/2024/speakers/",
    "/2024/talks/",
    "/2024/papers/",
    "/2024/posters/",
    "/2024/posters/?q=nothing",
    "/2024/travel/",
    "/2023/",
    "/2022/",
    "/editions/",
    "/editions/?q=" + "W%C3%B6rkshop",
    "/editions/?q=nothing",
    "/people/ada-example/",
    "/people/no-photo/",
    "/privacy/",
    "/accessibility/",
    "/nowhere/",
    "/accounts/login/",
    "/accounts/password/reset/",
]
HOSTILE = "Wörkshop " + "x" * 120 + " ورشة <b>&amp;"


@pytest.fixture
def full_site(transactional_db):
    """Editions that use every feature of public pages, with hostile texts."""
    edition = make_current_edition(
        slug="2024",
        year=2024,
        title="International Workshop on Efficient Examples",
        starts_on=date(2030, 6, 27),
        ends_on=date(2030, 6, 28),
        venue="Forum, Edinburgh",
        venue_address="10 Crichton Street\nEdinburgh",
        venue_map_url="https://example.org/map",
        venue_access="Step-free from **Charles Street**.\n\n- a lift\n- a loop",
        contact_email="organisers@example.org",
        registration_url="https://example.org/register",
        registration_closes_on=date(2030, 6, 14),
        parent_event_name="AI Week",
        parent_event_url="https://example.org/week",
        code_of_conduct="# Be kind\n\nWords.\n\n## And fair\n\n> A quote",
    )
    make_section(edition, heading="", body="First words.\n\nMore words with `code`.")
    people = [
        make_person(
            name="Ada Example",
            link="https://example.org/ada",
            bio="Ada **reads**.",
            shows_years=True,
        )
    ]
    people += [make_person(name=name, affiliation="One\nTwo") for name in ("李明", "محمد", HOSTILE)]
    people += [make_person(name=HOSTILE, slug="no-photo", pronouns="they", shows_years=True)]
    make_section(edition, shows="group", group=make_group(edition, *people), heading="")
    topic = make_topic(edition, heading=HOSTILE, description="About **it**.\n\n1. one\n2. two")
    make_deadline(edition, title="Extended", due_on=date(2030, 5, 10), due_time=time(17))
    make_deadline(edition, extended_from_on=date(2024, 4, 1), is_anywhere_on_earth=True)
    dark_logo = logo_file("white")
    make_sponsor(edition, logo=logo_file(), description="Pays for the coffee.", logo_dark=dark_logo)
    make_sponsor(edition, name=HOSTILE, link="https://example.org/")
    best = make_award(edition, heading=HOSTILE, kind="honourable_mention", description="By *all*.")
    make_recipient(best, title=HOSTILE, authors="Ada\n" + HOSTILE, link="https://example.org/p")
    make_news(edition, title="Rooms are known", body="All in the **Forum**.\n\n## How\n\n- by bus")
    make_news(edition, title="", body=HOSTILE, published_at=None)
    make_talks(edition, topic, *people)
    fill_edition(edition, 1)
    table = "| a | b |\n|---|--:|\n| 1 | 2 |\n\n```\n" + "x" * 300 + "\n```"
    body = f"Words\n\n# One\n\n### Three\n\n{table}"
    make_page(edition, slug="travel", is_in_navigation=True, body=body)
    make_section(make_edition(slug="2023", year=2023, state="archived", hue=330), body="Over.")
    make_edition(slug="2022", year=2022, title=HOSTILE, is_cancelled=True, hue=25)
    make_edition(slug="2025", year=2025, state="draft", hue=85)


def make_talks(edition, topic, ada, *others):
    """Sessions of several kinds, one without a time, and contributions with all fields."""
    room = make_room(edition, name="Main Hall", directions="Up the stairs.")
    facts = {"abstract": "Words.\n\n- one", "topics": [topic], "slides_url": "https://example.org/"}
    keynote = make_session(edition, kind="keynote", title="", starts_at=time(8), room=room)
    make_slot(keynote, make_contribution(edition, ada, kind="keynote", title="Keynote", **facts))
    make_session(edition, kind="break", title="", starts_at=time(10), minutes=30)
    talks = make_session(
        edition, title="Talks", description="Words.", room=room, starts_at=time(11)
    )
    for person in others:
        row = make_contribution(edition, person, title=HOSTILE, is_remote=True, **facts)
        make_slot(talks, row, minutes=20)
    posters = make_session(edition, kind="posters", title="Posters", starts_at=time(21))
    for number in range(7):
        title = "" if number else "Poster"
        row = make_contribution(edition, kind="poster", title=title, topics=[topic])
        make_contributor(row, "Bo", role="author", is_equal_contribution=True, affiliation="One")
        make_contributor(row, "Cy", role="author", is_corresponding=True)
        make_slot(posters, row, board=f"P{number}")
    paper = make_contribution(edition, "Ed", role="author", kind="paper", title=HOSTILE)
    make_contribution_link(paper, label="", kind="pdf")
    make_contribution_link(paper, label=HOSTILE[:100], kind="data", file="attachments/any.zip")
    make_contribution(edition, kind="lightning", title="Other")
    panel = make_contribution(edition, "Mo", role="moderator", kind="panel", title=HOSTILE)
    make_slot(make_session(edition, kind="panel", title="", day=2, starts_at=time(9)), panel)
    make_session(edition, title=HOSTILE, day=2, starts_at=None, minutes=20)


@pytest.mark.appearance
@pytest.mark.browser
@pytest.mark.usefixtures("full_site")
def test_public_pages_are_accessible(visitor):
    faults = {}
    visit = visitor.open("/", bypass_csp=True)
    for path in PAGES:
        visit.go(path)
        faults[path] = violations(visit.page, EVERY_LOOK)

    assert faults == {path: [] for path in PAGES}


@pytest.mark.browser
@pytest.mark.usefixtures("full_site")
def test_pages_obey_their_security_policy_and_load_nothing_external(visitor):
    visit = visitor.open("/")
    for path in PAGES:
        visit.go(path)

        faults = [fault for fault in visit.faults if "404 (Not Found)" not in fault]
        assert faults == [], path
        assert visit.foreign_urls() == [], path


@pytest.mark.appearance
@pytest.mark.browser
@pytest.mark.usefixtures("full_site")
def test_the_preview_of_a_draft_is_accessible(visitor, as_editor):
    visit = visitor.open("/2025/", session=session_of(as_editor), bypass_csp=True)

    assert "Draft preview" in visit.page.inner_text("body")
    assert violations(visit.page) == []


@pytest.mark.browser
@pytest.mark.usefixtures("full_site")
def test_the_first_screen_of_a_phone_shows_title_date_place_and_registration(visitor):
    page = visitor.open("/", width=320).page

    for text in ("International Workshop", "27 June", "Forum, Edinburgh", "Register"):
        box = page.locator(f".band :text('{text}')").first.bounding_box()
        assert box, text
        assert box["y"] + box["height"] <= 640, text


@pytest.mark.browser
@pytest.mark.usefixtures("full_site")
def test_the_skip_link_moves_the_focus_to_the_content(visitor):
    page = visitor.open("/").page

    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")

    assert focused == "Skip to main content"
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.nu
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("full_site")
def test_public_pages_are_valid_html(client, tmp_path):
    files = []
    for number, path in enumerate(PAGES):
        files.append(tmp_path / f"{number}.html")
        files[-1].write_bytes(client.get(path).content)

    assert html_errors(files) == []
