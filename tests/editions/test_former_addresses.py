"""The address of an edition can be changed; a former public address leads to the present one."""

import pytest

from apps.editions.models import Edition, FormerAddress
from apps.editions.services import publish_edition, unpublish_edition
from apps.imports.cloning import clone_edition
from tests.factories import make_current_edition, make_edition, make_news, make_page, make_session
from tests.html_forms import open_form

pytestmark = pytest.mark.django_db


def _rename(client, edition: Edition, slug: str):
    path = f"/admin/editions/edition/{edition.pk}/change/"
    response = client.post(path, open_form(client, path) | {"slug": [slug]}, follow=True)
    edition.refresh_from_db()
    return response


@pytest.fixture
def moved(as_chair) -> Edition:
    """Public at /fresh/, formerly at /old/."""
    edition = make_edition(slug="old")
    make_page(edition, slug="travel")
    make_news(edition)
    make_session(edition, title="Opening")
    _rename(as_chair, edition, "fresh")
    assert edition.slug == "fresh"
    return edition


def test_a_draft_that_was_never_public_gets_another_address_without_a_trace(as_chair, client):
    edition = make_edition(slug="old", state="draft")

    _rename(as_chair, edition, "fresh")

    assert edition.slug == "fresh"
    assert not FormerAddress.objects.exists()
    publish_edition(edition=edition)
    assert client.get("/old/").status_code == 404


@pytest.mark.parametrize(
    "rest", ["", "travel/", "news/", "news/atom.xml", "programme/", "calendar.ics?x=1&y=%2F", "ä/"]
)
def test_pages_and_feeds_at_a_former_address_lead_to_the_new_one(client, moved, rest):
    response = client.get(f"/old/{rest}")

    assert response.status_code == 301
    assert response["Location"] == f"/fresh/{rest}".replace("ä", "%C3%A4")
    # The edition may get this address back: a browser that kept both redirects would go in circles.
    assert response["Cache-Control"] == "no-cache"


def test_the_chair_reads_that_old_links_lead_to_the_new_address(as_chair):
    page = _rename(as_chair, make_edition(slug="old"), "fresh").content.decode()

    assert "The address is /fresh/ now. Links to /old/ lead there." in page


def test_a_form_sent_to_a_former_address_is_sent_on(client, moved):
    response = client.post("/old/interest/", {"title": "Words"})

    assert (response.status_code, response["Location"]) == (308, "/fresh/interest/")


def test_a_former_address_never_leads_to_a_draft(client, as_chair, moved):
    unpublish_edition(edition=moved)

    assert client.get("/old/").status_code == 404
    assert as_chair.get("/old/").status_code == 404


def test_an_edition_takes_its_former_address_back(as_chair, client, moved):
    _rename(as_chair, moved, "old")

    assert client.get("/old/").status_code == 200
    assert client.get("/fresh/travel/")["Location"] == "/old/travel/"
    assert [row.slug for row in FormerAddress.objects.all()] == ["fresh"]


def test_no_other_edition_takes_a_former_address(as_chair, moved):
    other = make_edition(slug="2031", year=2031)

    page = _rename(as_chair, other, "old").content.decode()

    assert "“old” is a former address of" in page
    assert other.slug == "2031"


def test_a_copied_edition_gets_an_address_that_was_never_used(as_chair):
    source = make_edition(slug="2030", year=2030)
    later = make_edition(slug="2031", year=2031)
    _rename(as_chair, later, "elsewhere")

    assert clone_edition(source=source, by=None).slug == "2031-2"


def test_addresses_of_the_site_and_of_others_are_refused(as_chair):
    make_current_edition(slug="2030")
    edition = make_edition(slug="2031")

    for slug in ("admin", "2030", "", "a b", "../x"):
        assert _rename(as_chair, edition, slug).status_code == 200
        assert edition.slug == "2031"
    answer = _rename(as_chair, edition, "2030").content.decode()
    assert "Another edition has this address. Enter another one." in answer


@pytest.mark.parametrize("path", ["/old", "/old//evil.example/", "/OLD/", "/%00/"])
def test_odd_addresses_lead_to_this_site_only(client, moved, path):
    response = client.get(path)

    assert response.status_code in {301, 400, 404}
    assert response.get("Location", "/fresh/").startswith(("/fresh/", "/old/"))


def test_an_unknown_address_costs_one_query_more(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        assert client.get("/nowhere/").status_code == 404
