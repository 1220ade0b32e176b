"""The page before an edition is published, made the home page, archived or hidden."""

import pytest

from apps.editions.models import Edition
from tests.factories import (
    make_call,
    make_contribution,
    make_current_edition,
    make_edition,
    make_news,
    make_page,
    make_section,
    make_session,
    make_topic,
)
from tests.reading import html_of

pytestmark = pytest.mark.django_db


def _address(edition: Edition, action: str) -> str:
    return f"/admin/editions/edition/{edition.pk}/confirm/{action}/"


@pytest.fixture
def draft():
    """A draft with parts that become public and parts that stay hidden."""
    edition = make_edition(slug="2025", year=2025, state="draft", title="Next year")
    make_topic(edition)
    make_call(edition)
    make_page(edition, slug="travel", title="Travel")
    make_page(edition, slug="secret", title="Secret plans", is_published=False)
    make_section(edition, is_shown=False)
    make_news(edition, title="Too early", is_published=False)
    make_contribution(edition, is_published=False)
    make_session(edition)
    return edition


def test_publishing_shows_what_becomes_public_and_what_stays_hidden(as_editor, draft):
    make_current_edition(slug="2024", short_name="This year")

    response = as_editor.get(_address(draft, "publish"))

    change = response.context["change"]
    assert [page.url for page in change.pages] == [
        *("/2025/", "/2025/topics/", "/2025/interest/", "/2025/travel/"),
    ]
    assert change.hidden == [
        "1 section of the home page not marked as published or shown.",
        "1 page not marked as published or shown.",
        "1 news item not marked as published or shown.",
        "1 contribution not marked as published or shown.",
        "The programme, 1 session: publish it on its own page.",
        "Entries, reviews, decisions and emails.",
    ]
    assert "Secret plans" not in html_of(response)
    assert "in place of This year" in change.home_choice
    assert not change.is_home_chosen
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_first_edition_to_be_published_is_the_home_page_unless_unticked(as_chair, draft):
    assert as_chair.get(_address(draft, "publish")).context["change"].is_home_chosen


def test_the_home_page_names_the_edition_it_replaces(as_chair, draft):
    make_current_edition(slug="2024", short_name="This year")

    text = html_of(as_chair.get(_address(draft, "current")))

    assert "It takes the place of This year, which stays at /2024/." in text
    assert "Becomes public" in text


def test_archiving_before_the_last_day_is_pointed_out(as_chair):
    current = make_current_edition(slug="2024", starts_on="2199-05-03")
    past = make_edition(slug="2023", starts_on="2001-05-03")

    pages = [html_of(as_chair.get(_address(each, "archive"))) for each in (current, past)]

    assert ["its last day is not over yet" in page for page in pages] == [True, False]


def test_going_back_to_draft_lists_the_addresses_that_end(as_chair):
    edition = make_edition(slug="2023")
    make_topic(edition)

    text = html_of(as_chair.get(_address(edition, "unpublish")))

    assert "No longer public" in text
    assert "/2023/topics/" in text


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("draft", "archive"),
        ("draft", "unpublish"),
        ("published", "publish"),
        ("archived", "archive"),
        ("published", "nonsense"),
    ],
)
def test_an_action_that_does_not_apply_leads_to_the_overview(as_chair, state, action):
    edition = make_edition(state=state)

    response = as_chair.get(_address(edition, action))

    assert response.url == f"/admin/editions/edition/{edition.pk}/overview/"


def test_each_button_of_the_overview_leads_to_its_page(as_chair):
    make_current_edition()
    for state, actions in {
        "draft": {"publish", "current"},
        "published": {"current", "archive", "unpublish"},
        "archived": {"current", "publish", "unpublish"},
    }.items():
        edition = make_edition(state=state)
        page = html_of(as_chair.get(f"/admin/editions/edition/{edition.pk}/overview/"))

        linked = {
            action
            for action in ("publish", "current", "archive", "unpublish")
            if _address(edition, action) in page
        }
        assert linked >= actions
        for action in linked - {"archive"}:
            assert as_chair.get(_address(edition, action)).status_code == 200, (state, action)


def test_hostile_names_are_escaped(as_chair, draft):
    Edition.objects.filter(pk=draft.pk).update(title="<script>alert(1)</script>", short_name="")

    page = as_chair.get(_address(draft, "publish")).content.decode()

    assert "<script>alert" not in page


# The frame beside the sections of the home page


def test_the_preview_is_the_home_page_that_only_the_desk_may_frame(as_editor, client, draft):
    make_section(draft, heading="Welcome to all", body="Words.")
    address = f"/admin/editions/edition/{draft.pk}/home/preview/"

    response = as_editor.get(address)
    tab = as_editor.get(f"/admin/editions/edition/{draft.pk}/home/")
    public = as_editor.get("/2025/")

    assert "Welcome to all" in html_of(response)
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert f'src="{address}"' in tab.content.decode()
    assert "frame-src 'self'" in tab["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in tab["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in public["Content-Security-Policy"]
    assert client.get(address).status_code == 302


def test_the_preview_is_in_the_language_of_the_edition(as_chair):
    edition = make_edition(language="de", slug="2030", starts_on="2030-05-03")

    page = as_chair.get(f"/admin/editions/edition/{edition.pk}/home/preview/")

    assert '<html lang="de"' in page.content.decode()
