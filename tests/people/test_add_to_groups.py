"""Adding a person to groups on the page of the person."""

import pytest
from django.contrib.auth.models import Permission

from apps.people.models import Membership, Person
from tests.accounts.helpers import signed_in
from tests.factories import make_edition, make_group, make_person, make_user
from tests.html_forms import open_form
from tests.people.files import corners, encoded, upload
from tests.people.test_admin import ADD, change_of, names, person_data

pytestmark = pytest.mark.django_db


def test_a_new_person_with_a_photo_is_put_into_groups_on_one_page(as_editor):
    first, last = make_person(name="First"), make_person(name="Last")
    chairs = make_group(make_edition(), first, last)
    helpers = make_group(make_edition())
    data = person_data(
        photo=upload(encoded(corners(), "JPEG")), add_to_groups=[chairs.pk, helpers.pk]
    )

    response = as_editor.post(ADD, data)

    person = Person.objects.get(name="Ada Example")
    assert response.status_code == 302
    assert names(chairs) == ["First", "Last", "Ada Example"]
    assert names(helpers) == ["Ada Example"]
    assert person.photo
    assert Membership.history.filter(person=person).count() == 2


def test_the_page_of_a_group_leads_to_a_new_person_and_back(as_editor):
    group = make_group(make_edition())
    page = as_editor.get(change_of(group)).content.decode()
    address = f"{ADD}?group={group.pk}"
    assert address in page

    form = open_form(as_editor, address)
    response = as_editor.post(address, form | person_data())

    assert names(group) == ["Ada Example"]
    assert response.url == change_of(group)


def test_groups_of_archived_editions_and_present_ones_are_not_offered(as_editor):
    person = make_person()
    make_group(make_edition(slug="2031"), person, heading="Present")
    make_group(make_edition(slug="2032", state="draft"), heading="Offered")
    past = make_group(make_edition(slug="2029", state="archived"), heading="Past")

    field = as_editor.get(change_of(person)).context["adminform"].form["add_to_groups"]
    response = as_editor.post(change_of(person), person_data(add_to_groups=[past.pk]))

    assert [label.choice_label for label in field.subwidgets] == ["Offered (2032)"]
    assert "add_to_groups" in response.context["adminform"].form.errors
    assert names(past) == []


def test_a_person_who_was_added_meanwhile_stays_in_the_group_once(as_editor):
    group = make_group(make_edition())
    person = make_person(name="Ada Example")
    form = open_form(as_editor, change_of(person))
    Membership.objects.create(group=group, person=person, role="Publicity")

    response = as_editor.post(change_of(person), form | {"add_to_groups": [group.pk]})

    assert response.status_code == 302
    assert [row.role for row in group.memberships.all()] == ["Publicity"]


@pytest.mark.parametrize("sent", ["999999", "x", "9" * 30, "<script>alert(1)</script>"])
def test_an_unknown_group_is_an_error_of_the_form(as_editor, sent):
    response = as_editor.post(ADD, person_data(add_to_groups=[sent]))

    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    assert not Person.objects.exists()


def test_without_the_permission_for_members_no_group_is_shown_or_changed(db):
    user = make_user("", email="bo@example.org", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["add_person", "change_person", "view_person"])
    )
    client, group = signed_in(user), make_group(make_edition(), heading="Chairs")

    page = client.get(ADD).content.decode()
    client.post(ADD, person_data(add_to_groups=[group.pk]))

    assert "add_to_groups" not in page
    assert (names(group), Person.objects.count()) == ([], 1)


def test_a_new_person_with_a_known_name_is_asked_about(as_editor):
    group = make_group(make_edition(slug="2029"))
    known = make_person(name="Áda example", affiliation="Other <b>place</b>")
    Membership.objects.create(group=group, person=known)
    other = make_group(make_edition())
    data = person_data(add_to_groups=[other.pk])

    first = as_editor.get(ADD).content.decode()
    asked = as_editor.post(ADD, data)
    page = asked.content.decode()
    before = Person.objects.count()
    saved = as_editor.post(ADD, data | {"is_another": "on"})

    assert '<input type="checkbox" name="is_another"' not in first
    assert before == 1
    assert change_of(known) in page
    assert "Áda example (Other &lt;b&gt;place&lt;/b&gt;; 2029)" in page
    assert '<input type="checkbox" name="is_another"' in page
    assert saved.status_code == 302
    assert names(other) == ["Ada Example"]
    assert Person.objects.count() == 2


def test_a_stored_person_keeps_a_name_that_others_have(as_editor):
    make_person(name="Ada Example")
    person = make_person(name="Ada Example")

    page = as_editor.get(change_of(person)).content.decode()
    response = as_editor.post(change_of(person), person_data())

    assert "is_another" not in page
    assert response.status_code == 302
