"""Groups on the people page and the home page."""

import pytest

from apps.people.models import Group
from tests.browser import violations
from tests.factories import (
    make_contribution,
    make_contributor,
    make_current_edition,
    make_group,
    make_person,
    make_section,
)

pytestmark = pytest.mark.django_db


def _people_page(client, edition) -> str:
    return client.get(f"/{edition.slug}/people/").content.decode()


@pytest.mark.parametrize("display", Group.Display.values)
def test_every_display_has_names_links_affiliations_and_biographies(client, display):
    edition = make_current_edition()
    person = make_person(
        name="Ada Example",
        link="https://example.org/ada",
        affiliation="University of Example",
        bio="Ada works on *looms*.",
    )
    group = make_group(edition, person, display=display)
    make_section(edition, shows="group", group=group)

    for page in (_people_page(client, edition), client.get("/").content.decode()):
        assert '<a href="https://example.org/ada">Ada Example</a>' in page
        assert "University of Example" in page
        assert "Ada works on <em>looms</em>." in page


@pytest.mark.parametrize(
    ("display", "has_portraits", "is_folded"),
    [
        ("portraits", True, True),
        ("small_portraits", True, True),
        ("names", False, True),
        ("biographies", True, False),
    ],
)
def test_displays_differ_in_portraits_and_folded_biographies(
    client, display, has_portraits, is_folded
):
    edition = make_current_edition()
    make_group(edition, make_person(name="Ada Example", bio="About her."), display=display)

    page = _people_page(client, edition)

    assert ('class="tile' in page) == has_portraits
    assert ("<details" in page) == is_folded


def test_a_group_without_biographies_has_nothing_to_unfold(client):
    edition = make_current_edition()
    make_group(edition, make_person())

    assert "biographies" not in _people_page(client, edition)


def test_small_groups_that_follow_each_other_share_a_row(client):
    edition = make_current_edition()
    for number, size in enumerate((1, 2, 3, 1, 7, 2)):
        make_group(edition, *[make_person() for _ in range(size)], ordering=number + 1)

    page = _people_page(client, edition)

    assert page.count('class="shared-row') == 1
    assert [page.count(f'class="takes-{size}"') for size in (1, 2, 3)] == [1, 1, 1]
    assert page.count("<h2 ") == 6


def test_an_unknown_display_is_refused_in_the_admin(as_editor):
    edition = make_current_edition()
    data = {"edition": edition.pk, "heading": "Chairs", "display": "holograms"}
    rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}

    response = as_editor.post("/admin/people/group/add/", data | rows)

    assert "display" in response.context["adminform"].form.errors


def test_panellists_are_on_the_people_page(client):
    edition = make_current_edition()
    panel = make_contribution(edition, title="Looms or engines?", kind="panel", is_published=True)
    make_contributor(panel, person=make_person(name="Ada Example"), role="panellist")
    hidden = make_contribution(edition, title="Not yet", kind="panel", is_published=False)
    make_contributor(hidden, person=make_person(name="Bo Example"), role="panellist")

    page = _people_page(client, edition)

    assert "Looms or engines?" in page
    assert "Ada Example" in page
    assert "Bo Example" not in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_hundred_names_fit_on_two_screens_of_a_phone_and_affiliations_are_shown_on_request(
    visitor,
):
    edition = make_current_edition(slug="2030", year=2030)
    people = [
        make_person(
            name=f"Ada Example {n}", affiliation=f"Place {n}", link="https://ada.example.org/"
        )
        for n in range(100)
    ]
    make_group(edition, *people, display="names")
    page = visitor.open("/2030/people/", width=390, scripts=False).page
    affiliation = page.get_by_text("Place 99")

    assert page.locator(".names").bounding_box()["height"] < 2 * 700
    assert not affiliation.is_visible()

    page.get_by_label("Show affiliations").check()

    assert affiliation.is_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    assert not page.get_by_label("Show affiliations").is_visible()
    assert affiliation.is_visible()


@pytest.mark.appearance
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_long_list_of_names_is_accessible(visitor):
    edition = make_current_edition(slug="2030", year=2030)
    make_group(edition, *[make_person(affiliation="Place") for _ in range(61)], display="names")

    visit = visitor.open("/2030/people/", width=390, bypass_csp=True)

    assert violations(visit.page) == []
