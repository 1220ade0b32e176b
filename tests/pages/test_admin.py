import pytest

from tests.factories import make_current_edition, make_edition, make_group, make_page, make_section
from tests.html_forms import open_form

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

    assert "Until then only signed-in organisers see it." in form
    assert as_editor.get(page.get_absolute_url()).status_code == 200
    assert client.get(page.get_absolute_url()).status_code == 404


def _save(client, path: str, **changes: str) -> list[str]:
    """Save a form of the desk with changes; return the warnings."""
    response = client.post(path, open_form(client, path) | changes, follow=True)
    assert response.redirect_chain
    return [one.message for one in response.context["messages"] if one.level_tag == "warning"]


def test_saving_a_text_tells_what_its_page_does_not_show_as_meant(as_editor):
    page = make_page(make_edition(slug="2031"), slug="travel")
    path = f"/admin/pages/page/{page.pk}/change/"
    text = "# Cars\n\n<div>\n[a](/2031/travl/) [b](#car) [c](#cars) [d](/2031/)"

    warnings = _save(as_editor, path, body=text)

    page.refresh_from_db()
    assert "<div>" in page.body
    assert [warning.split(":")[0] for warning in warnings] == [
        "Text, line 3",
        "Text, line 4",
        "Text, line 4",
    ]
    assert any("/2031/travel/" in warning for warning in warnings)
    assert any("#cars" in warning for warning in warnings)
    assert _save(as_editor, path, body="*Fine*") == []


def test_saving_a_text_inside_another_form_tells_it_too(as_editor):
    edition = make_edition(slug="2031")
    path = f"/admin/editions/edition/{edition.pk}/change/"

    warnings = _save(as_editor, path, venue_access="{: .x}", code_of_conduct="{% x %}\n" * 9)

    assert any("{: .x}" in warning for warning in warnings), warnings
    assert any("and 4 more" in warning for warning in warnings)
