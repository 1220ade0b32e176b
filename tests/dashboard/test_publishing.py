"""The page before an edition is published, made the home page, archived or hidden."""

import pytest
from django.utils import timezone

from apps.editions.models import Edition
from apps.mail.models import Letter
from apps.selection.decisions import decide
from tests.factories import (
    make_call,
    make_contribution,
    make_current_edition,
    make_edition,
    make_expression,
    make_news,
    make_page,
    make_person,
    make_section,
    make_session,
    make_topic,
)
from tests.mail.conftest import make_letter
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
    make_contribution(edition, make_person(), is_published=False)
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
    assert [warning.text for warning in change.warnings] == [
        "1 home page section is hidden: visitors do not see it.",
        "1 page is hidden: visitors do not see it.",
        "1 news item is hidden: visitors do not see it.",
        "2 contributions are hidden: visitors do not see them, nor the name of 1 person.",
        "The programme, 1 session, is not published: no times and rooms.",
    ]
    for warning in change.warnings:
        assert as_editor.get(warning.url).status_code == 200, warning.text
    assert "Entries, reviews, decisions and emails stay private." in change.sentences
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

    assert ["Its last day is not over yet" in page for page in pages] == [True, False]


def test_archiving_lists_what_is_not_finished_with_numbers_for_chairs_only(
    as_chair, as_editor, chair
):
    edition = make_current_edition(slug="2024", starts_on="2001-05-03")
    make_call(edition, closes_on=None, is_open_ended=True)
    make_expression(edition)
    decide(expression=make_expression(edition), verdict="decline", by=chair)
    make_expression(edition, state="accepted", reply_by_on="2199-01-01")
    make_expression(edition, is_test=True)
    make_expression(make_edition())
    Letter.objects.all().delete()
    for state in ("draft", "queued", "failed", "sent"):
        make_letter(edition=edition, state=state, sent_at=timezone.now())

    warnings = as_chair.get(_address(edition, "archive")).context["change"].warnings
    page = html_of(as_editor.get(_address(edition, "archive")))

    assert [warning.text for warning in warnings] == [
        "1 entry is not decided.",
        "1 decision is not released.",
        "1 offer is not answered.",
        "1 email is drafted, not released.",
        "1 email is waiting to be sent.",
        "1 email has failed.",
    ]
    for warning in warnings:
        assert as_chair.get(warning.url).status_code == 200, warning.text
    assert "Entries, offers or emails are not finished. Ask a chair first." in page
    assert "not decided" not in page


def test_archiving_names_an_open_call(as_editor):
    edition = make_current_edition(starts_on="2199-05-03")
    make_call(edition, closes_on="2199-03-01")

    page = html_of(as_editor.get(_address(edition, "archive")))

    assert "The call. Open until 1 March 2199" in page
    assert "Ask a chair" not in page


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
