"""Data for programs: schema.org, sitemap, robots.txt, share card."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from xml.etree import ElementTree

import pytest

from tests.factories import (
    make_contribution,
    make_contributor,
    make_current_edition,
    make_edition,
    make_group,
    make_news,
    make_page,
    make_person,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_topic,
)

pytestmark = pytest.mark.django_db


def _event(client, path="/") -> dict:
    page = client.get(path).content.decode()
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert match
    return json.loads(match[1])


def test_the_event_data_describes_the_edition(client, settings):
    make_current_edition(
        slug="2024",
        title="Workshop </script> & more",
        summary="One sentence.",
        starts_on=date(2024, 6, 27),
        ends_on=date(2024, 6, 28),
        venue="Forum, Edinburgh",
        venue_address="10 Crichton Street",
        parent_event_name="AI Week",
        parent_event_url="https://example.org/week",
    )

    event = _event(client)

    assert event == {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": "Workshop </script> & more",
        "description": "One sentence.",
        "url": "http://localhost:8000/2024/",
        "image": "http://localhost:8000/2024/card.png",
        "eventStatus": "https://schema.org/EventScheduled",
        "startDate": "2024-06-27",
        "endDate": "2024-06-28",
        "location": {"@type": "Place", "name": "Forum, Edinburgh", "address": "10 Crichton Street"},
        "superEvent": {"@type": "Event", "name": "AI Week", "url": "https://example.org/week"},
    }


def test_the_event_data_omits_unknown_facts(client):
    make_current_edition()

    assert {"startDate", "location", "superEvent"}.isdisjoint(_event(client))


def test_the_event_data_has_no_address_where_none_is_known(client):
    make_current_edition(venue="Forum, Edinburgh")

    assert _event(client)["location"] == {"@type": "Place", "name": "Forum, Edinburgh"}


def test_the_page_of_a_contribution_describes_the_contribution(client):
    edition = make_current_edition(slug="2024", title="Small", starts_on=date(2024, 6, 27))
    talk = make_contribution(
        edition, "Ada </script>", title="Smaller & better", abstract="We *show*."
    )
    make_contributor(talk, "Bo", role="author", affiliation="Uni\nLab")
    make_slot(make_session(edition, room=make_room(edition, name="Hall")), talk, minutes=20)
    make_release(edition)

    path = talk.get_absolute_url()
    ada = {"@type": "Person", "name": "Ada </script>"}
    bo = {
        "@type": "Person",
        "name": "Bo",
        "affiliation": [
            {"@type": "Organization", "name": "Uni"},
            {"@type": "Organization", "name": "Lab"},
        ],
    }
    assert _event(client, path) == {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": "Smaller & better",
        "url": f"http://localhost:8000{path}",
        "workFeatured": {
            "@type": "CreativeWork",
            "name": "Smaller & better",
            "author": [ada, bo],
            "abstract": "We show.",
        },
        "superEvent": {"@type": "Event", "name": "Small", "url": "http://localhost:8000/2024/"},
        "performer": [ada],
        "startDate": "2024-06-27T09:00:00+01:00",
        "endDate": "2024-06-27T09:20:00+01:00",
        "location": {"@type": "Place", "name": "Hall"},
    }
    page = client.get(path).content.decode()
    for name, content in (
        ("og:type", "article"),
        ("og:title", "Smaller &amp; better, Small"),
        ("og:description", "Ada &lt;/script&gt;, Bo. We show."),
        ("article:author", "Ada &lt;/script&gt;"),
        ("article:author", "Bo"),
    ):
        assert f'<meta property="{name}" content="{content}">' in page


def test_the_data_of_an_unplaced_contribution_without_names_omits_what_is_unknown(client):
    edition = make_current_edition(slug="2024")
    talk = make_contribution(edition, title="", abstract="We show.")

    event = _event(client, talk.get_absolute_url())

    assert event == {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "name": "To be announced",
        "abstract": "We show.",
        "url": f"http://localhost:8000{talk.get_absolute_url()}",
    }


def test_a_paper_without_a_session_is_a_scholarly_article(client):
    edition = make_current_edition(slug="2024")
    ada = make_person(name="Ada Example", link="https://example.org/ada")
    paper = make_contribution(
        edition,
        ada,
        kind="paper",
        title="Small models",
        topics=[make_topic(edition, heading="Energy")],
        paper_url="https://doi.org/10.1234/small",
    )

    assert _event(client, paper.get_absolute_url()) == {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "name": "Small models",
        "headline": "Small models",
        "author": [{"@type": "Person", "name": "Ada Example", "url": "https://example.org/ada"}],
        "keywords": ["Energy"],
        "identifier": {"@type": "PropertyValue", "propertyID": "DOI", "value": "10.1234/small"},
        "sameAs": ["https://doi.org/10.1234/small"],
        "url": f"http://localhost:8000{paper.get_absolute_url()}",
    }


def test_the_page_of_people_describes_each_person_once(client):
    edition = make_current_edition(slug="2024")
    ada = make_person(name="Ada Example", affiliation="Uni\nLab", link="https://example.org/ada")
    bo = make_person(name="Bo Example")
    make_group(edition, ada, bo)
    make_group(edition, bo)

    assert _event(client, "/2024/people/")["contributor"] == [
        {
            "@type": "Person",
            "name": "Ada Example",
            "affiliation": [
                {"@type": "Organization", "name": "Uni"},
                {"@type": "Organization", "name": "Lab"},
            ],
            "url": "https://example.org/ada",
        },
        {"@type": "Person", "name": "Bo Example"},
    ]


def test_the_page_of_a_session_describes_the_session(client):
    edition = make_current_edition(slug="2024", starts_on=date(2024, 6, 27))
    make_session(edition, title="Round")
    make_release(edition)

    assert _event(client, "/2024/programme/round/")["subEvent"][0]["name"] == "Round"


def test_the_event_data_contains_the_sessions_of_the_page(client):
    edition = make_current_edition(slug="2024", starts_on=date(2024, 6, 27))
    make_session(edition, title="Talks </script>", room=make_room(edition, name="Hall"))
    make_session(edition, kind="break", starts_at=time(10))
    make_session(edition, title="Untimed", starts_at=None)
    make_release(edition)

    assert _event(client, "/2024/programme/")["subEvent"] == [
        {
            "@type": "Event",
            "name": "Talks </script>",
            "startDate": "2024-06-27T09:00:00+01:00",
            "endDate": "2024-06-27T10:00:00+01:00",
            "location": {"@type": "Place", "name": "Hall"},
        }
    ]


def test_the_root_and_the_edition_have_the_same_canonical_address(client):
    make_current_edition(slug="2024")
    link = '<link rel="canonical" href="http://localhost:8000/2024/">'

    assert link in client.get("/").content.decode()
    assert link in client.get("/2024/").content.decode()


def _sitemap(client) -> list[str]:
    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)  # noqa: S314  (our own bytes)
    urls = tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    return [str(url.text).removeprefix("http://localhost:8000") for url in urls]


def test_the_sitemap_lists_public_pages_only(client):
    edition = make_current_edition(slug="2024", code_of_conduct="Be kind.")
    make_group(edition, make_person())
    make_page(edition, slug="travel")
    make_page(edition, slug="later", is_published=False)
    make_page(make_edition(slug="2025", state="draft"), slug="plans")

    paths = ["people/", "code-of-conduct/", "travel/"]
    site = ["/privacy/", "/accessibility/", "/editions/"]
    assert _sitemap(client) == [*site, "/2024/", *(f"/2024/{path}" for path in paths)]


def test_the_sitemap_lists_published_sessions_and_contributions(client):
    edition = make_current_edition(slug="2024")
    talk = make_contribution(edition, "Only A Name", title="Talk", kind="keynote")
    make_slot(make_session(edition, title="Old name"), talk)
    make_session(edition, title="Lunch", kind="lunch")
    make_contribution(edition, title="Hidden", is_published=False)
    make_release(edition)
    make_session(edition, title="Drafted")
    draft = make_edition(slug="2025", state="draft")
    make_session(draft, title="Unseen")
    make_release(draft)

    paths = _sitemap(client)

    assert [path for path in paths if path.count("/") == 4] == [
        "/2024/contributions/talk/",
        "/2024/programme/old-name/",
    ]
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_a_speaker_without_a_person_is_listed_and_no_link_is_dead(client):
    edition = make_current_edition(slug="2024")
    talk = make_contribution(edition, title="Talk", kind="invited")
    make_contributor(talk, "Only A Name", affiliation="University of Examples\nFife")
    make_slot(make_session(edition, title=""), talk)
    panel = make_contribution(edition, "Pat Panel", "Ada Another", title="Panel", kind="panel")
    make_slot(make_session(edition, title="Afternoon", starts_at=time(14)), panel)
    make_contribution(edition, title="Poster", kind="poster")
    make_news(edition)
    for shows in ("programme", "speakers", "posters", "news"):
        make_section(edition, heading=shows, shows=shows)
    make_release(edition)

    page = client.get("/2024/speakers/").content.decode()
    entry = page[page.index('id="talk-talk"') : page.index("</main>")]

    assert re.search(r">Only A Name\s*</h3>", entry)
    assert entry.count('class="person-note"') == 2
    assert "<span>ON</span>" in entry
    assert _dead_links(client, "/2024/") == {}


def _dead_links(client, start: str) -> dict[str, int]:
    """URL → status of broken links, following all links from `start`."""
    seen, waiting, dead = {start}, [start], {}
    while waiting:
        path = waiting.pop()
        response = client.get(path)
        body = b"".join(response)
        if response.status_code not in {200, 302}:
            dead[path] = response.status_code
        if not response["Content-Type"].startswith("text/html") or path.startswith("/accounts"):
            continue
        for link in re.findall(r'href="(/[^"#]*)', body.decode()):
            if link not in seen and not link.startswith(("/static/", "/admin/")):
                seen.add(link)
                waiting.append(link)
    return dead


def test_security_txt_names_the_contact_of_the_host(client, settings):
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.org"

    response = client.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:security@example.org"
    assert fields["Canonical"] == "http://localhost:8000/.well-known/security.txt"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(tz=UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)


def test_robots_txt_names_the_sitemap_and_excludes_the_admin(client):
    lines = client.get("/robots.txt").content.decode().splitlines()

    assert "Disallow: /admin/" in lines
    assert lines[-1] == "Sitemap: http://localhost:8000/sitemap.xml"


@pytest.mark.parametrize("title", ["Short", "Long " * 39, "x" * 200, "ورشة عمل", "🎓"])
def test_the_share_card_is_a_small_png_for_any_title(client, title):
    make_current_edition(slug="2024", title=title)

    response = client.get("/2024/card.png")

    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    assert len(response.content) < 60_000


def test_site_pages_exist_after_migrating(client):
    assert "The web server may keep" in client.get("/privacy/").content.decode()
    assert "WCAG" in client.get("/accessibility/").content.decode()
