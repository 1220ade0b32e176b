"""Lists and navigation of the desk."""

import pytest
from django.urls import reverse

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
