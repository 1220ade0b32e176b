import pytest

from tests.factories import make_current_edition, make_edition, make_group, make_page, make_section

pytestmark = pytest.mark.django_db


def _groups(response) -> list[str]:
    return [str(label) for _, label in response.context["adminform"].form.fields["group"].choices]


def test_a_section_offers_the_groups_of_its_edition(as_editor):
    old, new = make_edition(year=2024, slug="2024"), make_edition(year=2025, slug="2025")
    for edition in (old, new):
        make_group(edition, heading="Chairs")
    make_group(new, heading="Team")
    section = make_section(new)

    assert _groups(as_editor.get(f"/admin/pages/section/{section.pk}/change/")) == [
        "---------",
        "Chairs",
        "Team",
    ]


def test_a_new_section_offers_the_groups_of_the_preselected_edition_then_of_the_sent_one(as_editor):
    old, current = make_edition(slug="2024"), make_current_edition(slug="2025")
    make_group(old, heading="Chairs of old")
    make_group(current, heading="Chairs")
    add = "/admin/pages/section/add/"

    assert _groups(as_editor.get(add)) == ["---------", "Chairs"]
    sent = as_editor.post(add, {"edition": old.pk, "shows": "group", "is_shown": "on"})
    assert _groups(sent) == ["---------", "Chairs of old"]


def test_a_deleted_section_is_restored_with_its_group(as_editor):
    group = make_group(make_edition(), heading="Chairs")
    section = make_section(group.edition, shows="group", group=group)
    version = f"/admin/pages/section/{section.pk}/history/{section.history.get().pk}/"
    pk = section.pk
    section.delete()

    data = {"edition": group.edition_id, "shows": "group", "group": group.pk, "is_shown": "on"}
    response = as_editor.post(version, data)

    assert response.status_code == 302
    assert [(row.pk, row.group) for row in group.sections.all()] == [(pk, group)]


def test_an_unpublished_page_says_who_can_read_it(as_editor, client):
    page = make_page(make_edition(), is_published=False)

    form = as_editor.get(f"/admin/pages/page/{page.pk}/change/").content.decode()

    assert "Until then only organisers who are signed in can read it." in form
    assert as_editor.get(page.get_absolute_url()).status_code == 200
    assert client.get(page.get_absolute_url()).status_code == 404
