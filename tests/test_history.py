"""Older versions of public content: viewing and restoring."""

import pytest

from apps.editions.models import Edition
from apps.pages.models import Section
from apps.people.models import Person
from apps.topics.models import Topic
from tests.factories import (
    make_current_edition,
    make_edition,
    make_group,
    make_person,
    make_section,
    make_topic,
)

pytestmark = pytest.mark.django_db


def _first_version(row) -> str:
    """URL of the oldest version of `row`."""
    meta, number = row._meta, row.history.earliest().pk
    return f"/admin/{meta.app_label}/{meta.model_name}/{row.pk}/history/{number}/"


def _form(client, row) -> dict:
    """Form data of the page that shows the oldest version of `row`."""
    form = client.get(_first_version(row)).context["adminform"].form
    return {bound.html_name: bound.value() or "" for bound in form}


@pytest.fixture
def renamed() -> Topic:
    """A topic with a new heading."""
    topic = make_topic(make_edition(), heading="Before")
    topic.heading = "After"
    topic.save()
    return topic


def test_an_editor_restores_an_older_version(as_editor, renamed):
    response = as_editor.post(_first_version(renamed), {"heading": "Before", "description": ""})

    assert response.status_code == 302
    assert Topic.objects.get().heading == "Before"


def test_the_view_permission_restores_nothing(as_reviewer, as_helpdesk, as_stranger, renamed):
    for client, get_status in ((as_reviewer, 200), (as_helpdesk, 200), (as_stranger, 302)):
        address = _first_version(renamed)

        assert client.get(address).status_code == get_status
        assert client.post(address, {"heading": "Mine"}).status_code == (
            403 if get_status == 200 else 302
        )

    assert Topic.objects.get().heading == "After"


def test_editors_restore_a_deleted_person_and_reviewers_do_not(as_editor, as_reviewer):
    person = make_person(name="Ada")
    address = _first_version(person)
    person.delete()
    data = {"name": "Ada", "photo_focus_0": "50", "photo_focus_1": "50"}

    assert as_reviewer.post(address, data).status_code == 403
    assert not Person.objects.exists()
    assert as_editor.post(address, data).status_code == 302
    assert Person.objects.get().name == "Ada"


def test_an_older_version_keeps_the_state_of_the_edition(as_chair):
    old = make_current_edition(slug="2024", title="Before")
    Edition.objects.update(is_current=False)
    make_current_edition(slug="2025")

    response = as_chair.post(_first_version(old), _form(as_chair, old))

    assert response.status_code == 302
    assert {row.slug: (row.state, row.is_current) for row in Edition.objects.all()} == {
        "2024": ("published", False),
        "2025": ("published", True),
    }


def test_a_deleted_edition_is_restored_as_a_draft(as_chair):
    edition = make_current_edition(slug="2024", title="Lost")
    address, data = _first_version(edition), _form(as_chair, edition)
    edition.delete()

    as_chair.post(address, data)

    restored = Edition.objects.values_list("slug", "title", "state", "is_current").get()
    assert restored == ("2024", "Lost", "draft", False)


@pytest.mark.parametrize("obstacle", ["edition is deleted", "heading is taken"])
def test_a_version_that_cannot_be_restored_is_refused_with_a_reason(as_chair, renamed, obstacle):
    path, edition = _first_version(renamed), renamed.edition
    renamed.delete()
    if obstacle == "edition is deleted":
        edition.delete()
    else:
        make_topic(edition, heading="Before")
    topics = Topic.objects.count()

    response = as_chair.post(path, {"heading": "Before"}, follow=True)

    assert "This version cannot be restored" in response.content.decode()
    assert Topic.objects.count() == topics


def test_the_history_of_a_section_survives_its_group(as_chair):
    edition = make_edition()
    group = make_group(edition)
    section = make_section(edition, heading="", shows="group", group=group)
    section.shows, section.group = "", None
    section.save()
    group.delete()

    assert as_chair.get(f"/admin/pages/section/{section.pk}/history/").status_code == 200
    assert as_chair.get(_first_version(section), follow=True).status_code == 200
    assert Section.objects.get().group is None


@pytest.mark.parametrize("end", ["abc/history/", "abc/history/1/", "{pk}/history/abc/"])
def test_a_key_that_is_not_a_number_is_404(as_chair, renamed, end):
    path = f"/admin/topics/topic/{end.format(pk=renamed.pk)}"

    assert as_chair.get(path).status_code == 404
