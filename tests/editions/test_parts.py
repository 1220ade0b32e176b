"""What belongs to an edition begins in the right one, and its page leads back to the edition's."""

import pytest

from tests.factories import (
    make_current_edition,
    make_deadline,
    make_edition,
    make_group,
    make_page,
    make_section,
    make_topic,
)

pytestmark = pytest.mark.django_db

PARTS = [
    *("editions/deadline", "people/group", "topics/topic", "pages/section", "pages/page"),
    *("sponsors/level", "news/newsitem", "awards/award"),
]


def _initial(response) -> str:
    return str(response.context["adminform"].form["edition"].value() or "")


@pytest.mark.parametrize("part", PARTS)
def test_a_new_part_begins_in_the_current_edition(as_editor, part):
    make_edition()
    current = make_current_edition()
    make_edition()

    assert _initial(as_editor.get(f"/admin/{part}/add/")) == str(current.pk)


@pytest.mark.parametrize("part", PARTS)
def test_a_list_of_one_edition_adds_to_that_edition(as_editor, part):
    other = make_edition()
    make_current_edition()

    narrowed = f"?_changelist_filters=edition__id__exact%3D{other.pk}"

    assert _initial(as_editor.get(f"/admin/{part}/add/{narrowed}")) == str(other.pk)
    assert _initial(as_editor.get(f"/admin/{part}/add/?edition={other.pk}")) == str(other.pk)


@pytest.mark.parametrize("chosen", ["nonsense", "-1", "9" * 40])
def test_a_list_of_no_edition_adds_to_the_current_one(as_editor, chosen):
    current = make_current_edition()

    narrowed = f"?_changelist_filters=edition__id__exact%3D{chosen}"

    assert _initial(as_editor.get(f"/admin/topics/topic/add/{narrowed}")) == str(current.pk)


def test_without_a_current_edition_the_field_is_empty(as_editor):
    make_edition()

    assert _initial(as_editor.get("/admin/topics/topic/add/")) == ""


def test_saving_a_part_leads_back_to_its_place_on_the_editions_page(as_editor):
    edition = make_edition()
    topic = make_topic(edition)
    page = make_page(edition)
    section = make_section(edition)
    hub = f"/admin/editions/edition/{edition.pk}/change/"

    ways_back = {
        "topic": as_editor.post(
            f"/admin/topics/topic/{topic.pk}/change/", {"heading": "New", "description": ""}
        )["Location"],
        "page": as_editor.post(
            f"/admin/pages/page/{page.pk}/change/", {"title": "New", "body": "Words"}
        )["Location"],
        "section": as_editor.post(
            f"/admin/pages/section/{section.pk}/change/", {"heading": "New", "is_shown": "on"}
        )["Location"],
        "deadline": as_editor.post(
            "/admin/editions/deadline/add/",
            {"edition": edition.pk, "title": "New", "due_on": "2030-05-03", "due_time": "23:59"},
        )["Location"],
    }

    assert ways_back == {
        "topic": hub + "#topics-group",
        "page": hub + "#pages-group",
        "section": hub + "#sections-group",
        "deadline": hub + "#deadlines-group",
    }


def test_who_came_from_a_narrowed_list_goes_back_to_it(as_editor):
    topic = make_topic(make_edition())

    response = as_editor.post(
        f"/admin/topics/topic/{topic.pk}/change/?_changelist_filters=q%3DModels",
        {"heading": "New", "description": ""},
    )

    assert response["Location"] == "/admin/topics/topic/?q=Models"


def test_lists_keep_the_editions_apart(as_editor):
    old, new = make_edition(year=2024), make_edition(year=2025)
    for edition in (old, new):
        for name in ("First", "Second"):
            make_topic(edition, heading=name)
            make_group(edition, heading=name)
            make_deadline(edition, title=name)

    for part in ("topics/topic", "people/group", "editions/deadline"):
        rows = as_editor.get(f"/admin/{part}/").context["cl"].result_list

        assert [(row.edition.year, str(row)) for row in rows] == [
            (2025, "First"),
            (2025, "Second"),
            (2024, "First"),
            (2024, "Second"),
        ]
