"""The first screen: the current edition, its checklist and its call; the admin site."""

import pytest
from django.test import Client

from apps.dashboard.overview import StateCount
from apps.editions.admin import Tab
from tests.factories import (
    make_call,
    make_current_edition,
    make_deadline,
    make_edition,
    make_expression,
    make_group,
    make_page,
    make_person,
    make_reviewer,
    make_section,
    make_session,
    make_topic,
    make_user,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def _titles(response, *, done: bool) -> list[str]:
    return [item.title for item in response.context["checklist"] if item.is_done is done]


def _fill(edition):
    make_group(edition, make_person())
    make_section(edition)
    make_topic(edition)
    make_deadline(edition)
    make_page(edition)


def test_the_current_edition_comes_first_with_its_checklist(as_chair):
    make_edition(year=2025, state="draft", title="Next year")
    _fill(make_current_edition(year=2024, title="This year"))

    response = as_chair.get("/admin/")

    assert response.context["edition"].title == "This year"
    assert [edition.title for edition in response.context["others"]] == ["Next year"]
    assert _titles(response, done=True) == [
        "Text on the home page",
        "Topics",
        "People",
        "Deadlines",
    ]
    assert _titles(response, done=False) == [
        "The date",
        "The place",
        "A contact address",
        "A call",
        "A way to register",
        "A code of conduct",
    ]


def test_the_call_is_shown_with_its_expressions_by_state(
    as_chair, as_reviewer, reviewer, as_helpdesk, as_editor
):
    edition = make_current_edition(time_zone="Europe/London")
    make_reviewer(edition, reviewer)
    make_call(edition, closes_on="2199-06-01", closes_time="17:00")
    make_expression(edition)
    make_expression(edition)
    make_expression(edition, state="declined")
    make_expression(edition, is_test=True)
    make_expression(make_edition())

    response = as_chair.get("/admin/")

    listed = f"/admin/interest/expression/?edition__id__exact={edition.pk}"
    assert response.context["call_status"] == "Open until 1 June 2199, 17:00 BST"
    assert "3 expressions of interest" in response.content.decode()
    states = [
        StateCount("Submitted", 2, f"{listed}&state__exact=submitted"),
        StateCount("Declined", 1, f"{listed}&state__exact=declined"),
    ]
    assert "A call" in _titles(response, done=True)
    for client in (as_chair, as_reviewer, as_helpdesk):
        assert client.get("/admin/").context["states"] == states
    assert "/admin/interest/" not in as_editor.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("dates", "status"),
    [
        ({"opens_on": "2199-01-02"}, "Opens 2 January 2199, 09:00 UTC"),
        (
            {"closes_on": "2001-02-03", "is_anywhere_on_earth": True},
            "Closed since 3 February 2001, 23:59 AoE",
        ),
        ({"closes_on": None}, "Dates to be announced"),
        ({"closes_on": None, "is_open_ended": True}, "Open until further notice"),
    ],
)
def test_the_status_of_the_call_is_shown(as_editor, dates, status):
    edition = make_current_edition(time_zone="UTC")
    make_call(edition, **{"closes_on": "2199-03-01"} | dates)

    assert as_editor.get("/admin/").context["call_status"] == status


def test_checklist_items_link_to_the_field_to_fill_in(as_chair):
    make_current_edition()
    checklist = as_chair.get("/admin/").context["checklist"]

    for item in checklist:
        address, _, anchor = item.url.partition("#")
        response = as_chair.get(address)

        assert response.status_code == 200, item.title
        assert not anchor or f'id="{anchor}"' in response.content.decode(), item.title


def test_only_editors_are_offered_to_edit(as_editor, as_reviewer):
    make_current_edition()
    pages = [client.get("/admin/").content.decode() for client in (as_editor, as_reviewer)]

    assert ["New edition from this one" in page for page in pages] == [True, False]


def test_rows_of_many_lists_are_counted_and_linked(as_chair, as_helpdesk):
    edition = make_current_edition()
    make_session(edition)
    for _ in range(3):
        _fill(edition)

    pages = [client.get("/admin/").content.decode() for client in (as_chair, as_helpdesk)]

    for part in ("Home page sections", "People in groups", "Topics", "Dates and deadlines"):
        assert f"<strong>3</strong> {part}" in pages[0]
    assert "<strong>3</strong> Free pages" in pages[0]
    assert "<strong>1</strong> Programme sessions" in pages[0]
    assert "3 of 3 have none: the pages show their initials." in pages[0]
    address = f"/admin/programme/session/programme/{edition.pk}/"
    for page, client in zip(pages, (as_chair, as_helpdesk), strict=True):
        assert (address in page) == (client.get(address).status_code == 200)


def test_the_first_screen_explains_how_to_begin_without_an_edition(as_chair, as_reviewer):
    assert "Make the first one" in as_chair.get("/admin/").content.decode()
    assert "A chair has to make the first one" in as_reviewer.get("/admin/").content.decode()


def test_people_without_a_role_are_told_whom_to_ask():
    make_edition()
    client = Client()
    client.force_login(make_user(is_staff=True))

    html = client.get("/admin/").content.decode()

    assert "You have no role yet" in html
    assert "Ask a chair to give you one." in html
    assert "There is no edition yet" not in html
    assert "Everything" not in html


def test_the_first_screen_costs_the_same_with_one_edition_and_with_three(as_chair):
    _fill(make_current_edition())
    _fill(make_edition(state="draft"))
    with_one = count_queries(lambda: as_chair.get("/admin/"))

    _fill(make_edition(state="draft"))
    _fill(make_edition(state="draft"))

    assert count_queries(lambda: as_chair.get("/admin/")) == with_one <= 13


def test_hostile_titles_are_escaped_in_the_admin(as_chair):
    hostile = "<script>alert(1)</script>"
    edition = make_current_edition(title=hostile)
    topic = make_topic(edition, heading=hostile)
    group = make_group(edition, make_person(name=hostile), heading=hostile)
    section = make_section(edition, heading=hostile, body=hostile)
    pages = [
        "/admin/",
        *(tab.url(edition.pk) for tab in Tab),
        f"/admin/editions/edition/{edition.pk}/overview/",
        f"/admin/editions/edition/{edition.pk}/history/",
        "/admin/editions/edition/",
        f"/admin/topics/topic/{topic.pk}/change/",
        "/admin/topics/topic/",
        f"/admin/people/group/{group.pk}/change/",
        "/admin/people/person/",
        f"/admin/pages/section/{section.pk}/change/",
        f"/admin/pages/section/{section.pk}/delete/",
        "/admin/pages/section/",
    ]

    for path in pages:
        page = as_chair.get(path).content.decode()

        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path


def test_the_markdown_preview_equals_the_public_page(as_editor, as_stranger, client):
    path, text = "/admin/markdown-preview/", {"text": "**b** <script>alert(1)</script>"}

    assert as_editor.post(path, text).content.decode() == (
        "<p><strong>b</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    )
    assert as_editor.get(path).status_code == 405
    assert as_stranger.post(path, text).status_code == 302
    assert client.post(path, text).status_code == 302


def test_the_admin_has_the_colour_of_the_current_edition(as_reviewer):
    assert as_reviewer.get("/admin/hue.css").content == b""

    make_current_edition(hue=330)

    response = as_reviewer.get("/admin/hue.css")
    assert response.content == b":root { --hue: 330; }\n"
    assert response["Content-Type"] == "text/css"
