import pytest

from tests.factories import make_edition, make_group, make_page, make_section
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def _groups(response) -> list[str]:
    return [str(words) for _, words in response.context["adminform"].form.fields["group"].choices]


def test_a_section_is_offered_the_groups_of_its_edition(as_editor):
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


def test_a_new_section_is_offered_all_groups_with_their_years(as_editor):
    for year in (2024, 2025):
        make_group(make_edition(year=year, slug=str(year)), heading="Chairs")

    assert _groups(as_editor.get("/admin/pages/section/add/")) == [
        "---------",
        "Chairs, 2025",
        "Chairs, 2024",
    ]


def test_a_section_opens_with_as_many_queries_for_one_group_as_for_three(as_editor):
    section = make_section(make_edition())

    def count_for(groups: int) -> int:
        for _ in range(groups):
            make_group(section.edition)
        path = f"/admin/pages/section/{section.pk}/change/"
        return count_queries(lambda: as_editor.get(path))

    assert count_for(1) == count_for(2) <= 10


def test_a_deleted_section_comes_back_with_its_group(as_editor):
    group = make_group(make_edition(), heading="Chairs")
    section = make_section(group.edition, shows="group", group=group)
    version = f"/admin/pages/section/{section.pk}/history/{section.history.get().pk}/"
    pk = section.pk
    section.delete()

    data = {"edition": group.edition_id, "shows": "group", "group": group.pk, "is_shown": "on"}
    response = as_editor.post(version, data)

    assert response.status_code == 302
    assert [(row.pk, row.group) for row in group.sections.all()] == [(pk, group)]


def test_a_page_that_is_not_published_says_who_reads_it(as_editor, client):
    page = make_page(make_edition(), is_published=False)

    form = as_editor.get(f"/admin/pages/page/{page.pk}/change/").content.decode()

    assert "Until then only organisers who are signed in can read it." in form
    assert as_editor.get(page.get_absolute_url()).status_code == 200
    assert client.get(page.get_absolute_url()).status_code == 404
