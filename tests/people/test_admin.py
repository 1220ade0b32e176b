import pytest
from django.urls import reverse
from django.utils.html import escape

from apps.people.models import Group, Membership, Person
from tests.factories import make_edition, make_group, make_person
from tests.people.files import (
    SECRET,
    bad_files,
    corners,
    encoded,
    media_files,
    phone_photo,
    photo_file,
    upload,
)
from tests.queries import count_queries

ADD = "/admin/people/person/add/"
PEOPLE = "/admin/people/person/"


def change_of(row: Person | Group) -> str:
    return reverse(f"admin:people_{row._meta.model_name}_change", args=[row.pk])


def person_data(**fields) -> dict:
    defaults = {"name": "Ada Example", "link": "", "affiliation": "", "bio": ""}
    return defaults | {"photo_focus_across": "50", "photo_focus_down": "50"} | fields


def with_photo(**fields) -> Person:
    return make_person(photo=photo_file(), **fields)


def errors(response) -> dict:
    return response.context["adminform"].form.errors


def test_a_phones_photo_is_stored_without_metadata_with_six_thumbnails(as_editor, commit):
    data = person_data(photo=upload(phone_photo(), "IMG_2041.JPG"), photo_focus_across="35")

    with commit():
        response = as_editor.post(ADD, data)

    person = Person.objects.get()
    assert response.status_code == 302
    assert (person.photo_focus, person.photo_width, person.photo_height) == ("0.35x0.5", 1600, 1200)
    assert len(person.photo_digest) == 64
    assert len(media_files()) == 7
    assert not any(SECRET in path.read_bytes() for path in media_files())


def test_a_new_photo_takes_the_focal_point_sent_with_it(as_editor):
    person = with_photo(photo_focus="0.355x0.5")
    sliders = {"photo_focus_across": "36", "photo_focus_down": "50"}
    as_editor.post(change_of(person), person_data(**sliders))
    assert Person.objects.get().photo_focus == "0.355x0.5"

    as_editor.post(change_of(person), person_data(photo=upload(phone_photo()), **sliders))

    assert Person.objects.get().photo_focus == "0.36x0.5"


@pytest.mark.parametrize("kind", ["SVG", "HEIC", "nothing", "truncated JPEG", "144 megapixels"])
def test_an_invalid_file_is_an_error_and_keeps_the_stored_photo(as_editor, kind):
    content, messages = bad_files()[kind]
    person = with_photo()
    before = media_files()

    response = as_editor.post(change_of(person), person_data(photo=upload(content)))

    assert response.status_code == 200
    assert list(errors(response)) == ["photo"]
    assert any(message in errors(response)["photo"][0] for message in messages.split("|"))
    assert escape(errors(response)["photo"][0]) in response.content.decode()
    assert f'src="{person.photo.url}"' in response.content.decode()
    assert (Person.objects.get().photo, media_files()) == (person.photo, before)


def test_a_photo_sent_with_an_error_elsewhere_must_be_chosen_again(as_editor):
    data = person_data(name="", photo=upload(encoded(corners(), "JPEG")), photo_focus_across="20")

    response = as_editor.post(ADD, data)

    assert sorted(errors(response)) == ["name", "photo"]
    assert "Choose it again" in errors(response)["photo"][0]
    assert 'name="photo_focus_across" value="20"' in response.content.decode()
    assert media_files() == []


def test_a_photo_is_removed_by_its_checkbox(as_editor, commit):
    person = with_photo(photo_digest="a" * 64, photo_focus="0.1x0.1")

    with commit():
        as_editor.post(change_of(person), person_data(**{"photo-clear": "on"}))

    person.refresh_from_db()
    assert (person.photo.name, person.photo_focus, person.photo_digest) == ("", "0.5x0.5", "")
    assert media_files() == []


def test_removing_and_uploading_together_is_refused(as_editor):
    person = with_photo()
    new = upload(encoded(corners(), "PNG"))

    response = as_editor.post(change_of(person), person_data(photo=new, **{"photo-clear": "on"}))

    assert "not both" in errors(response)["photo"][0]


@pytest.mark.parametrize(
    "value", ["101", "-1", "NaN", "1e1", "<script>", "50.5", "9" * 400, "0x10"]
)
def test_an_invalid_focal_point_is_refused(as_editor, value):
    response = as_editor.post(ADD, person_data(photo_focus_down=value))

    assert list(errors(response)) == ["photo_focus"]
    assert "<script>" not in response.content.decode().split("<main")[-1].split("photo_focus")[1]
    assert Person.objects.count() == 0


def test_an_unmoved_focal_point_is_not_rounded(as_editor):
    person = with_photo(photo_focus="0.345x0.678")

    as_editor.post(
        change_of(person), person_data(photo_focus_across="34", photo_focus_down="68", name="New")
    )

    person.refresh_from_db()
    assert (person.name, person.photo_focus) == ("New", "0.345x0.678")


def test_a_form_without_sliders_keeps_the_focal_point(as_editor):
    person = with_photo(photo_focus="0.2x0.3")
    data = person_data(name="New")
    del data["photo_focus_across"], data["photo_focus_down"]

    as_editor.post(change_of(person), data)

    person.refresh_from_db()
    assert (person.name, person.photo_focus) == ("New", "0.2x0.3")


def test_the_page_of_a_person_links_their_groups(as_editor):
    person = with_photo(name="Ada Example")
    group = make_group(make_edition(slug="2031"), person, heading="Chairs")

    html = as_editor.get(change_of(person)).content.decode()

    assert f'<a href="{change_of(group)}">Chairs (2031)</a>' in html
    assert 'accept="image/jpeg,image/png,image/webp"' in html


def test_hostile_names_are_escaped(as_chair):
    person = make_person(name='<script>alert("n")</script>', affiliation="<b>bold</b>")
    group = make_group(make_edition(), person, heading="<script>alert('g')</script>")

    screens = [PEOPLE, change_of(person), change_of(group), "/admin/people/group/"]
    html = "".join(as_chair.get(address).content.decode() for address in screens)

    assert "<script>alert" not in html
    assert "<b>bold" not in html


def members_data(group: Group, *new: Person, **changes) -> dict:
    """The group's form data, with `changes`."""
    rows = list(group.memberships.all()) if group.pk else []
    data = {
        "heading": group.heading,
        "display": group.display,
        "memberships-TOTAL_FORMS": len(rows) + len(new),
        "memberships-INITIAL_FORMS": len(rows),
        "memberships-MIN_NUM_FORMS": 0,
        "memberships-MAX_NUM_FORMS": 1000,
    }
    for number, row in enumerate(rows):
        data |= {
            f"memberships-{number}-id": row.pk,
            f"memberships-{number}-group": group.pk,
            f"memberships-{number}-affiliation": row.affiliation,
            f"memberships-{number}-ordering": row.ordering,
        }
    for number, person in enumerate(new, start=len(rows)):
        data |= {
            f"memberships-{number}-group": group.pk or "",
            f"memberships-{number}-person": person.pk,
            f"memberships-{number}-ordering": 0,
        }
    return data | changes


def names(group: Group) -> list[str]:
    return [membership.person.name for membership in group.memberships.all()]


def test_members_are_ordered_added_and_removed(as_editor):
    first, second, third = (make_person(name=name) for name in ("First", "Second", "Third"))
    group = make_group(make_edition(), first, second)
    changes = {
        "memberships-0-DELETE": "on",
        "memberships-1-ordering": 20,
        "memberships-1-affiliation": "Elsewhere",
        "memberships-2-ordering": 10,
    }

    response = as_editor.post(change_of(group), members_data(group, third, **changes))

    assert response.status_code == 302
    members = [(row.person.name, row.shown_affiliation) for row in group.memberships.all()]
    assert members == [("Third", ""), ("Second", "Elsewhere")]


def test_saving_a_group_of_a_thousand_members_takes_few_queries(as_editor):
    group = make_group(make_edition())
    people = Person.objects.bulk_create(
        Person(name=f"Person {number}", slug=f"person-{number}") for number in range(1000)
    )
    Membership.objects.bulk_create(
        Membership(group=group, person=person, ordering=number)
        for number, person in enumerate(people)
    )
    data = members_data(group, **{"memberships-7-affiliation": "Elsewhere"})

    queries = count_queries(lambda: as_editor.post(change_of(group), data))

    assert Membership.objects.get(person=people[7]).affiliation == "Elsewhere"
    assert queries <= 30


def test_the_person_of_a_member_cannot_be_changed(as_editor):
    member, other = make_person(name="Member"), make_person(name="Other")
    group = make_group(make_edition(), member)

    as_editor.post(change_of(group), members_data(group, **{"memberships-0-person": other.pk}))

    assert names(group) == ["Member"]


def test_members_of_another_group_cannot_be_changed(as_editor):
    group = make_group(make_edition(), make_person(name="Mine"))
    foreign = make_group(make_edition(), make_person(name="Theirs")).memberships.get()
    changes = {"memberships-0-id": foreign.pk, "memberships-0-affiliation": "Changed"}

    as_editor.post(change_of(group), members_data(group, **changes))

    foreign.refresh_from_db()
    assert (foreign.affiliation, foreign.group_id == group.pk) == ("", False)


def test_a_person_is_in_a_group_only_once(as_editor):
    person = make_person()
    group = make_group(make_edition(), person)

    response = as_editor.post(change_of(group), members_data(group, person))

    page = response.content.decode()
    assert "Two rows have the same person. Change or remove one of them." in page
    assert "Another row on this page is the same." in page
    assert Membership.objects.count() == 1


def test_a_group_keeps_its_edition(as_editor):
    edition, other = make_edition(title="Ours"), make_edition()
    add = reverse("admin:people_group_add")

    form = as_editor.get(add, {"edition": edition.pk}).context["adminform"].form
    data = members_data(Group(heading="Chairs"), edition=edition.pk)
    as_editor.post(add, data)
    group = Group.objects.get()
    as_editor.post(change_of(group), members_data(group, edition=other.pk))

    group.refresh_from_db()
    assert form.initial["edition"] == str(edition.pk)
    assert group.edition == edition


def test_groups_are_not_in_the_index_and_link_the_public_page(as_editor):
    group = make_group(make_edition())

    index = as_editor.get("/admin/people/").content.decode()
    html = as_editor.get(change_of(group)).content.decode()

    assert ("/admin/people/person/" in index, "/admin/people/group/" in index) == (True, False)
    assert "View on site" in html
