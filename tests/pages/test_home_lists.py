"""Lists of the home page: news, contributions of a kind, panels, and links."""

import re
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from apps.imports.cloning import clone_edition
from apps.pages.models import Section, SectionLink
from apps.programme.models import Contributor
from tests.factories import (
    make_contribution,
    make_contributor,
    make_current_edition,
    make_news,
    make_release,
    make_section,
    make_session,
    make_slot,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(db):
    return make_current_edition(slug="2024", year=2024)


@pytest.fixture
def home(client):
    return lambda: client.get("/").content.decode()


def titles(html: str) -> list[str]:
    return re.findall(r'<p class="slot-title"\s+dir="auto"><a [^>]*>([^<]*)</a>', html)


def test_a_section_shows_as_many_news_as_it_says(edition, home):
    for day in range(1, 6):
        at = datetime(2024, 1, day, tzinfo=UTC)
        make_news(edition, title=f"Day {day}", published_at=at)
    section = make_section(edition, shows="news")

    by_default = home()
    section.at_most = 4
    section.save()

    assert re.findall(r"Day \d", by_default) == ["Day 5", "Day 4", "Day 3"]
    assert re.findall(r"Day \d", home()) == ["Day 5", "Day 4", "Day 3", "Day 2"]


def test_a_section_shows_all_news_without_a_date(edition, home):
    for number in range(5):
        make_news(edition, title=f"Undated {number}", published_at=None)
    make_news(edition, title="Dated", published_at=datetime(2024, 1, 1, tzinfo=UTC))
    make_news(edition, title="Hidden", published_at=None, is_published=False)
    make_section(edition, shows="undated_news")

    page = home()

    assert len(re.findall(r"Undated \d", page)) == 5
    assert ">Dated" not in page
    assert "Hidden" not in page


def test_a_section_shows_the_first_papers_and_leads_to_all(edition, home):
    for number in range(9):
        make_contribution(edition, kind="paper", title=f"Paper {number}", code_url="https://x.org/")
    make_contribution(edition, kind="paper", title="Hidden", is_published=False)
    make_section(edition, shows="papers")

    page = home()

    assert titles(page) == [f"Paper {number}" for number in range(8)]
    assert '<a href="/2024/papers/">All 9 papers, by topic and with a search</a>' in page
    assert "Hidden" not in page
    assert page.count(">Code</a>") == 8


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        ("demo", '<a href="/2024/{}/?kind=demo">All 3'),
        ("poster", '<a href="/2024/posters/?kind=poster">All 3 posters'),
        ("contributed", '<a href="/2024/talks/?kind=contributed">All 3 talks'),
    ],
)
def test_a_section_shows_contributions_of_one_kind(kind, link, edition, home, client):
    for number in range(3):
        make_contribution(edition, kind=kind, title=f"One {number}")
    make_contribution(edition, kind="panel", title="Another kind")
    make_section(edition, shows="contributions", kind=kind, at_most=2)

    page = home()

    assert titles(page) == ["One 0", "One 1"]
    if kind != "demo":  # whose page depends on what demos are
        assert link in page
    for url in re.findall(r'href="(/2024/[^"]*\?kind=[^"]*)"', page):
        assert titles(client.get(url).content.decode()) == ["One 0", "One 1", "One 2"]


def test_panels_show_time_and_people(edition, home):
    panel = make_contribution(edition, kind="panel", title="What next?")
    make_contributor(panel, "Ada Example", role=Contributor.Role.MODERATOR)
    make_contributor(panel, "Bo Example", role=Contributor.Role.PANELLIST)
    make_contribution(edition, kind="panel", title="Hidden", is_published=False)
    make_section(edition, shows="panels", heading="Panels")
    before = home()
    make_slot(make_session(edition, minutes=60, room=None), panel)
    make_release(edition)

    page = home()

    assert "session-note" not in before
    assert "What next?" in page
    assert re.search(r"Ada Example</p>\s*<p class=\"person-note\">Moderator</p>", page)
    assert "Bo Example" in page
    assert "Hidden" not in page
    assert "session-note" in page


def test_links_and_buttons(edition, home):
    section = make_section(edition, shows="links", heading="Join us", body="Come.")
    SectionLink.objects.create(section=section, label="Register", url="/2024/x/", is_button=True)
    SectionLink.objects.create(section=section, label="Mastodon", url="https://x.example.org/")

    page = " ".join(home().split())

    assert '<a href="/2024/x/" class="btn btn-primary" dir="auto">Register</a>' in page
    assert '<a href="https://x.example.org/" dir="auto">Mastodon</a>' in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example.org/", "/\\evil.org", "x"])
def test_a_link_leads_to_the_web_or_this_site(url, edition):
    section = make_section(edition, shows="links")

    with pytest.raises(ValidationError):
        SectionLink(section=section, label="x", url=url).full_clean()


def test_a_section_has_a_kind_just_when_it_shows_one(edition):
    for fields in ({"shows": "contributions"}, {"shows": "news", "kind": "demo"}):
        with pytest.raises(ValidationError, match="Choose a kind only for"):
            Section(edition=edition, slug="x", **fields).full_clean()


def test_a_copy_keeps_links_and_lists(edition):
    section = make_section(edition, shows="links", slug="join")
    SectionLink.objects.create(section=section, label="Register", url=f"/{edition.slug}/x/")

    copy = clone_edition(source=edition, by=None)

    (link,) = SectionLink.objects.filter(section__edition=copy)
    assert (link.section.slug, link.url) == ("join", f"/{copy.slug}/x/")


def test_more_entries_need_no_more_queries(edition, client):
    for shows in ("papers", "panels", "links", "undated_news"):
        make_section(edition, shows=shows)
    make_section(edition, shows="contributions", kind="contributed")

    def count(rows: int) -> int:
        for number in range(rows):
            for kind in ("paper", "panel", "contributed"):
                one = make_contribution(edition, kind=kind, title=f"{kind} {rows} {number}")
                make_contributor(one, f"Name {number}")
            make_news(edition, published_at=None)
        return count_queries(lambda: client.get("/"))

    assert count(1) == count(3) <= 23
