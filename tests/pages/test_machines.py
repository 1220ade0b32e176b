"""What programs read of the public pages."""

import json
import re
from datetime import date
from xml.etree import ElementTree

import pytest

from tests.factories import make_current_edition, make_edition, make_group, make_page, make_person

pytestmark = pytest.mark.django_db


def _event(client, path="/") -> dict:
    page = client.get(path).content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_event_says_what_the_page_says(client, settings):
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
        "location": {
            "@type": "Place",
            "name": "Forum, Edinburgh",
            "address": "10 Crichton Street",
        },
        "superEvent": {"@type": "Event", "name": "AI Week", "url": "https://example.org/week"},
    }


def test_the_event_leaves_out_what_is_unknown(client):
    make_current_edition()

    assert {"startDate", "location", "superEvent"}.isdisjoint(_event(client))


def test_the_root_and_the_edition_share_one_canonical_address(client):
    make_current_edition(slug="2024")
    link = '<link rel="canonical" href="http://localhost:8000/2024/">'

    assert link in client.get("/").content.decode()
    assert link in client.get("/2024/").content.decode()


def test_the_sitemap_names_the_public_pages_and_no_others(client):
    edition = make_current_edition(slug="2024", code_of_conduct="Be kind.")
    make_group(edition, make_person())
    make_page(edition, slug="travel")
    make_page(edition, slug="later", is_published=False)
    make_page(make_edition(slug="2025", state="draft"), slug="plans")

    response = client.get("/sitemap.xml")

    tree = ElementTree.fromstring(response.content)  # noqa: S314  (our own bytes)
    assert [
        place.text for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ] == [
        f"http://localhost:8000{path}"
        for path in (
            "/privacy/",
            "/accessibility/",
            "/2024/",
            "/2024/people/",
            "/2024/code-of-conduct/",
            "/2024/travel/",
        )
    ]


def test_robots_are_shown_the_sitemap_and_kept_from_the_desk(client):
    lines = client.get("/robots.txt").content.decode().splitlines()

    assert "Disallow: /admin/" in lines
    assert lines[-1] == "Sitemap: http://localhost:8000/sitemap.xml"


@pytest.mark.parametrize("title", ["Short", "Long " * 39, "x" * 200, "ورشة عمل", "🎓"])
def test_the_share_card_is_a_small_picture_whatever_the_title(client, title):
    make_current_edition(slug="2024", title=title)

    response = client.get("/2024/card.png")

    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG")
    assert len(response.content) < 60_000


def test_the_site_pages_are_there_from_the_first_start(client):
    assert "The web server may keep" in client.get("/privacy/").content.decode()
    assert "WCAG" in client.get("/accessibility/").content.decode()
