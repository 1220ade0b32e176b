"""A pasted list of people becomes members of a group, after a preview."""

import re

import pytest
from django.urls import reverse

from apps.people.models import Membership, Person
from tests.factories import make_edition, make_group, make_person
from tests.people.test_admin import change_of, names
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    return make_group(make_edition(slug="2031"), heading="Programme committee")


def page_of(group) -> str:
    return reverse("admin:people_group_paste", args=[group.pk])


def preview(client, group, text: str):
    return client.post(page_of(group), {"people": text, "preview": "1"})


def save(client, group, text: str, **choices: str):
    """Press Save on the preview, with other choices than the page suggests."""
    shown = preview(client, group, text).context
    data = {field.html_name: field.value() or "" for _, field in shown["choices"].rows}
    return client.post(
        page_of(group), data | choices | {"people": text, "token": shown["token"], "save": "1"}
    )


def rows(group) -> list[tuple[str, str, str, str]]:
    return [
        (row.person.name, row.shown_affiliation, row.person.link, row.role)
        for row in group.memberships.select_related("person")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Example", ("Ada Example", "", "", "")),
        (
            "Ada Example, University of Example, Lab 2, https://ada.example.org/x",
            ("Ada Example", "University of Example, Lab 2", "https://ada.example.org/x", ""),
        ),
        (
            "Ada Example, Place, ada.example.org",
            ("Ada Example", "Place", "https://ada.example.org", ""),
        ),
        ("Ada Example, Booking.com", ("Ada Example", "Booking.com", "", "")),
        ("Ada Example; One Place; Other Place", ("Ada Example", "One Place\nOther Place", "", "")),
        ("- Ada Example (University of Example)", ("Ada Example", "University of Example", "", "")),
        (
            "3. Ada Example\tPlace\twww.example.org",
            ("Ada Example", "Place", "https://www.example.org", ""),
        ),
        ("Ada Example, Place, ada@example.org", ("Ada Example", "Place", "", "")),
        (
            'Name,Affiliation,Website,Role,Country\r\nAda Example,"Place, Lab",example.org/a,Publicity,X',
            ("Ada Example", "Place, Lab", "https://example.org/a", "Publicity"),
        ),
        ("first name;LAST NAME;organisation\nAda;Example;Place", ("Ada Example", "Place", "", "")),
        ('name\taffiliation\nAda Example\t"One\nTwo"', ("Ada Example", "One\nTwo", "", "")),
        ("Zoë Öztürk, Université d’Exemple", ("Zoë Öztürk", "Université d’Exemple", "", "")),
    ],
)
def test_a_line_or_a_row_of_csv_becomes_a_member(as_editor, group, text, expected):
    response = save(as_editor, group, text)

    assert response.url == change_of(group)
    assert rows(group) == [expected]


def test_the_preview_changes_nothing_and_names_what_is_left_out(as_editor, group):
    text = "Name,Email,Country\nAda Example,ada@example.org,Utopia"

    html = preview(as_editor, group, text).content.decode()

    assert "Ada Example" in html
    assert "Email, Country" in html
    assert not Person.objects.exists()


def test_members_keep_the_order_of_the_list_behind_those_who_are_there(as_editor, group):
    Membership.objects.create(group=group, person=make_person(name="First"))

    save(as_editor, group, "Zoe Example\nAda Example\nMax Example")

    assert names(group) == ["First", "Zoe Example", "Ada Example", "Max Example"]


def test_a_known_person_is_added_with_another_affiliation_of_this_group_alone(as_editor, group):
    ada = make_person(
        name="Ada Éxample", affiliation="University of Example", link="https://a.example.org/"
    )

    save(as_editor, group, "ada example, University of Example, https://other.example.org")
    other = make_group(group.edition)
    save(as_editor, other, "Ada Example, New Place", **{"person-0": str(ada.pk)})

    ada.refresh_from_db()
    assert Person.objects.count() == 1
    assert rows(group) == [("Ada Éxample", "University of Example", "https://a.example.org/", "")]
    assert rows(other) == [("Ada Éxample", "New Place", "https://a.example.org/", "")]
    assert ada.affiliation == "University of Example"


def test_a_namesake_has_to_be_chosen(as_editor, group):
    make_person(name="Ada Example", affiliation="Somewhere else")
    text = "Ada Example, University of Example"

    refused = save(as_editor, group, text)
    save(as_editor, group, text, **{"person-0": "new"})

    assert "Choose who Ada Example in line 1 is." in refused.content.decode()
    assert Person.objects.filter(name="Ada Example").count() == 2
    assert rows(group) == [("Ada Example", "University of Example", "", "")]


def test_of_several_people_with_a_name_one_is_chosen(as_editor, group):
    one, other = make_person(name="Ada Example"), make_person(name="Ada Example")

    assert save(as_editor, group, "Ada Example").status_code == 200
    save(as_editor, group, "Ada Example", **{"person-0": str(other.pk)})

    assert [row.person for row in group.memberships.all()] == [other]
    assert one.memberships.count() == 0


def test_members_and_repeated_names_are_left_out_at_first(as_editor, group):
    Membership.objects.create(group=group, person=make_person(name="Ada Example"))

    save(as_editor, group, "Ada Example\nBo Example\nbo example")

    assert names(group) == ["Ada Example", "Bo Example"]


def test_one_stored_person_is_chosen_once(as_editor, group):
    ada = make_person(name="Ada Example")
    twice = {"person-0": str(ada.pk), "person-1": str(ada.pk)}

    response = save(as_editor, group, "Ada Example\nAda Example", **twice)

    assert "chosen for line 1 too" in response.content.decode()
    assert names(group) == []


def test_a_row_can_be_left_out(as_editor, group):
    save(as_editor, group, "Ada Example\nBo Example", **{"person-0": "skip"})

    assert names(group) == ["Bo Example"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Paste at least one name."),
        (" \n ", "There is no name in this list."),
        ("name,affiliation\n", "There is no name in this list."),
        ("Ada Example, Place, javascript://alert(1)", ""),
        ("https://example.org/, Place", "Line 1:"),
        ("Ada Example\n" + "x" * 300, "Line 2: the name is too long."),
        ("name,link\nAda Example,not a link", "Line 2: enter a web address"),
        ("Ada " + "\u0301" * 40, "combining marks"),
        ("\n".join(f"Person {n}" for n in range(501)), "This list has 501 people."),
        ("x" * 200_001, "200000"),
        ("Ada\x00", "Null characters"),
        ('name,link\n"Ada', ""),
    ],
)
def test_hostile_or_wrong_lists_are_no_server_error_and_name_the_line(
    as_editor, group, text, message
):
    response = preview(as_editor, group, text)

    html = response.content.decode()
    assert response.status_code == 200
    assert message in html
    assert "javascript:" not in re.sub(
        r"<textarea.*?</textarea>|<bdi>.*?</bdi>", "", html, flags=re.DOTALL
    )
    assert not Person.objects.exists()


def test_markup_in_names_is_escaped(as_editor, group):
    html = preview(as_editor, group, "<script>alert(1)</script>, </textarea><b>x").content.decode()

    assert "<script>alert" not in html
    assert "</textarea><b>" not in html


def test_a_second_press_and_a_change_by_somebody_else_add_nothing(as_editor, group):
    shown = preview(as_editor, group, "Ada Example").context
    data = {"people": "Ada Example", "token": shown["token"], "person-0": "new", "save": "1"}

    as_editor.post(page_of(group), data)
    again = as_editor.post(page_of(group), data)

    assert "Nothing was added" in again.content.decode()
    assert Person.objects.count() == Membership.objects.count() == 1


def test_a_choice_that_was_not_offered_is_refused(as_editor, group):
    stranger = make_person(name="Bo Example")

    response = save(as_editor, group, "Ada Example", **{"person-0": str(stranger.pk)})

    assert response.status_code == 200
    assert names(group) == []


def test_the_list_can_be_changed_after_the_preview(as_editor, group):
    response = as_editor.post(page_of(group), {"people": "Ada, Example", "back": "1"})

    assert response.context["form"]["people"].value() == "Ada, Example"
    assert not Person.objects.exists()


def test_five_hundred_people_are_previewed_with_few_queries_and_saved(as_editor, group):
    text = "\n".join(f"Person {n}, Place {n}" for n in range(500))

    queries = count_queries(lambda: preview(as_editor, group, text))
    save(as_editor, group, text)

    assert queries <= 15
    assert group.memberships.count() == 500


def test_readers_may_not_add_people(as_reviewer, client, group):
    for browser in (as_reviewer, client):
        response = browser.post(page_of(group), {"people": "Ada", "save": "1", "person-0": "new"})
        assert response.status_code in {302, 403}

    assert not Person.objects.exists()


def test_the_people_of_an_edition_lead_to_the_page(as_editor, group):
    tab = as_editor.get(reverse("admin:editions_edition_people", args=[group.edition.pk]))
    page = as_editor.get(change_of(group))

    assert change_of(group) in tab.content.decode()
    assert page_of(group) in page.content.decode()
