"""Lists and navigation of the desk."""

import pytest
from django.urls import reverse

from tests.factories import make_edition, make_group, make_section
from tests.reading import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _chair(client, chair):
    client.force_login(chair)


def test_an_empty_list_says_how_to_add_the_first_row(client):
    html = client.get(reverse("admin:topics_topic_changelist")).content.decode()

    assert "No topics yet. Add the first with “Add topic” above." in html
    assert 'id="changelist-search"' not in html


def test_a_search_without_results_keeps_its_field(client):
    html = client.get(reverse("admin:topics_topic_changelist"), {"q": "none"}).content.decode()

    assert "No topics yet" not in html
    assert 'id="changelist-search"' in html


@pytest.mark.parametrize("name", ["interest_expression", "mail_letter", "people_person"])
def test_every_list_has_the_links_of_the_desk(client, name):
    html = client.get(reverse(f"admin:{name}_changelist")).content.decode()

    assert 'popovertarget="desk-links"' in html
    assert '<ul id="desk-links" popover>' in html


def test_a_part_of_an_edition_leads_back_to_its_tab(client):
    edition = make_edition(slug="2030")
    rows = {
        "pages/section": (make_section(edition), "home"),
        "people/group": (make_group(edition), "people"),
    }
    for model, (row, tab) in rows.items():
        page = html_of(client.get(f"/admin/{model}/{row.pk}/change/"))

        way = page.split('<div class="breadcrumbs">')[1].split("</div>")[0]
        assert f"/admin/editions/edition/{edition.pk}/overview/" in way
        assert f"/admin/editions/edition/{edition.pk}/{tab}/" in way
