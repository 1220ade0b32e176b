"""Formulas and light markup in titles and abstracts, on every public page and in every feed."""

import re
from datetime import date, time
from html import unescape

import pytest

from apps.pages.models import SectionLink
from apps.sponsors.models import Level
from tests.factories import (
    make_award,
    make_contribution,
    make_current_edition,
    make_deadline,
    make_group,
    make_news,
    make_page,
    make_person,
    make_recipient,
    make_release,
    make_section,
    make_session,
    make_slot,
    make_sponsor,
    make_topic,
)

pytestmark = pytest.mark.django_db

MARKUP = "Norms $x^2$ *in vivo* of H<sub>2</sub>O &amp; <i>more</i>"
HTML = (
    "Norms <math><msup><mi>x</mi><mn>2</mn></msup></math> <em>in vivo</em> of H<sub>2</sub>O "
    "&amp; <em>more</em>"
)
PLAIN = "Norms x² in vivo of H₂O & more"
SOURCES = ("$", "*in", "&amp;amp;", "&lt;", "\\u003Csub", "<i>")


@pytest.fixture
def edition():
    """An edition whose titles, headings and abstracts all hold markup."""
    edition = make_current_edition(
        slug="2031", year=2031, starts_on=date(2031, 6, 2), ends_on=date(2031, 6, 3)
    )
    fields = {"title": MARKUP, "abstract": f"About {MARKUP}"}
    topics = [make_topic(edition, heading=MARKUP, description=MARKUP) for _ in range(2)]
    talks = make_session(edition, title=MARKUP, description=MARKUP)
    for _ in range(2):
        make_slot(talks, make_contribution(edition, "Ada Example", **fields), minutes=10)
    for kind in ("keynote", "posters"):
        session = make_session(edition, kind=kind, title="", starts_at=time(14))
        row = make_contribution(edition, "Bo Example", kind=kind.removesuffix("s"), **fields)
        row.topics.set(topics)
        make_slot(session, row, minutes=10)
        award = make_award(edition, heading=MARKUP, description=MARKUP)
        make_recipient(award, contribution=row)
    make_news(edition, title=MARKUP, body=MARKUP)
    group = make_group(edition, make_person(), heading=MARKUP)
    make_section(edition, shows="group", group=group)
    make_sponsor(edition, Level.objects.create(edition=edition, heading=MARKUP))
    make_deadline(edition, title=MARKUP, group=MARKUP)
    make_page(edition, title=MARKUP, body=MARKUP)
    SectionLink.objects.create(
        section=make_section(edition, shows="links"), label=MARKUP, url="https://example.org/"
    )
    shown = (
        "programme",
        "posters",
        "speakers",
        "awards",
        "news",
        "topics",
        "sponsors",
        "deadlines",
    )
    for shows in shown:
        make_section(edition, heading=MARKUP, shows=shows, body=MARKUP)
    make_release(edition)
    return edition


def _paths(client) -> set[str]:
    """The addresses of the edition that can be reached by links from its home page."""
    found, waiting = set(), {"/2031/"}
    while waiting:
        found.add(path := waiting.pop())
        response = client.get(path)
        assert response.status_code == 200, path
        if response["Content-Type"].startswith("text/html"):
            links = re.findall(r'(?:href|src)="(/2031/[^"#?]*)', response.content.decode())
            waiting |= set(links) - found
    return found


def test_no_page_or_feed_shows_the_source_of_markup(client, edition):
    paths = _paths(client)

    assert len(paths) > 15
    for path in sorted(paths):
        response = client.get(path)
        if response["Content-Type"].startswith("image/") or path.endswith(".bib"):  # LaTeX
            continue
        text = re.sub(r"\r\n[ \t]", "", response.content.decode())
        if "html" not in response["Content-Type"]:
            text = unescape(text)  # feeds hold HTML
        for source in SOURCES:
            assert source not in text, f"{path}: {source}"


LISTS = ("programme/", "speakers/", "posters/", "news/", "awards/", "topics/", "people/")


@pytest.mark.parametrize("path", ["", *LISTS])
def test_titles_have_formulas_on_pages(client, edition, path):
    assert HTML in client.get(f"/2031/{path}").content.decode()


def test_the_page_of_a_contribution_has_plain_titles_in_its_head(client, edition):
    row = edition.contributions.first()

    html = client.get(row.get_absolute_url()).content.decode()

    head, body = html.split("<body", 1)
    plain = PLAIN.replace("&", "&amp;")
    assert f"<title>{plain}, " in head
    assert f'property="og:title" content="{plain}, ' in head
    assert f'"name": "{PLAIN}"'.replace("&", "\\u0026") in html
    assert re.search(rf"<h1[^>]*>{re.escape(HTML)}</h1>", body)


@pytest.mark.parametrize("name", ["schedule.xml", "schedule.json", "news.atom"])
def test_feeds_have_plain_titles(client, edition, name):
    text = client.get(f"/2031/{name}").content.decode()

    assert PLAIN in text.replace("&amp;", "&").replace("\\u00b2", "²").replace("\\u2082", "₂")


def test_calendars_have_plain_titles(client, edition):
    path = edition.contributions.first().get_absolute_url().rstrip("/") + ".ics"

    text = client.get(path).content.decode().replace("\r\n ", "")

    assert f"SUMMARY:{PLAIN}" in text
    assert f"About {PLAIN}" in text


@pytest.mark.parametrize("words", ["x²", "x^2", "H₂O", "h2o"])
def test_the_programme_can_be_searched_for_what_a_title_shows(client, edition, words):
    page = client.get("/2031/programme/", {"q": words}).content.decode()

    assert "4 matches" in page


def test_addresses_are_made_of_plain_titles(edition):
    topic, row = edition.topics.first(), edition.contributions.first()

    assert topic.slug == "norms-x2-in-vivo-of-h2o-more"
    assert row.slug == "norms-x2-in-vivo-of-h2o-more"


@pytest.mark.parametrize(
    "path",
    [
        "topics/topic/",
        "people/group/",
        "sponsors/level/",
        "pages/section/",
        "pages/page/",
        "awards/award/",
        "editions/deadline/",
        "programme/session/",
        "news/newsitem/",
    ],
)
def test_the_desk_names_rows_in_plain_text(as_chair, edition, path):
    html = as_chair.get(f"/admin/{path}").content.decode()

    assert PLAIN.replace("&", "&amp;") in html
