"""Malformed URLs, cookies and forms get an error page, never a server error."""

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError

from apps.people.models import Membership, Person
from tests.factories import make_deadline, make_edition, make_group, make_person, make_section
from tests.interest.calls import make_open_call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    ["/%00/", "/2024/?q=%00", "/2024/?%00=1", "/admin/people/person/?q=%00", "/media/%00.jpg"],
)
def test_an_address_with_a_null_character_is_refused(client, path):
    assert client.get(path).status_code == 400


def test_a_picture_name_too_long_for_the_disk_is_not_found(client, settings):
    settings.MEDIA_ROOT.mkdir()

    assert client.get(f"/media/{'a' * 300}.jpg").status_code == 404


def test_a_cookie_with_a_null_character_is_refused(client):
    # A quoted cookie may contain any character as octal digits.
    response = client.get(
        "/admin/", headers={"cookie": f'{settings.SESSION_COOKIE_NAME}="\\000aaaaaaaaaaaaaaaa"'}
    )

    assert response.status_code == 400
    assert "could not understand" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?name__regex=(((((",
        "?name__regex=(a%2B)%2B$",
        "?slug__gt=a",
        "?memberships__group__edition__title=x",
        "?id__in=a",
    ],
)
def test_lists_refuse_filters_that_they_do_not_offer(as_chair, query):
    assert as_chair.get(f"/admin/people/person/{query}").status_code == 400


def test_hashes_cannot_be_guessed_by_filters(as_chair):
    for path in (
        "/admin/accounts/user/?password__startswith=pbkdf2",
        "/admin/accounts/invitation/?token_hash__startswith=a",
    ):
        assert as_chair.get(path).status_code == 400


def test_lists_accept_filters_that_they_offer(as_chair):
    edition = make_edition()
    make_group(edition, make_person(name="In it"))
    make_group(make_edition(), make_person(name="Elsewhere"))

    page = as_chair.get(
        f"/admin/people/person/?memberships__group__edition__id__exact={edition.pk}"
    )

    assert [person.name for person in page.context["cl"].result_list] == ["In it"]


@pytest.mark.parametrize(
    "path",
    [
        "/admin/topics/topic/add/?edition=abc",
        "/admin/topics/topic/add/?edition=99999999999999999999999",
        "/admin/pages/section/add/?group=abc&shows=abc",
        "/admin/people/person/add/?photo=x&photo_focus=abc",
    ],
)
def test_invalid_initial_values_in_a_url_are_ignored(as_chair, path):
    assert as_chair.get(path).status_code == 200


def test_valid_initial_values_in_a_url_fill_the_form(as_chair):
    edition = make_edition()

    page = as_chair.get(f"/admin/topics/topic/add/?edition={edition.pk}&heading=Sparse")

    assert page.context["adminform"].form.initial == {
        "edition": str(edition.pk),
        "heading": "Sparse",
    }


def _rows(prefix: str, *rows: dict) -> dict:
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def test_adding_a_member_twice_is_an_error(as_chair):
    group, person = make_group(make_edition()), make_person()
    row = {"person": person.pk, "group": group.pk, "ordering": 10}
    data = {"heading": group.heading, "display": group.display} | _rows("memberships", row)
    address = f"/admin/people/group/{group.pk}/change/"

    responses = [as_chair.post(address, data) for _ in range(2)]

    assert [response.status_code for response in responses] == [302, 200]
    assert (
        "This person is already in the group. Change or remove that row."
        in responses[1].content.decode()
    )
    assert Membership.objects.count() == 1


def test_a_form_is_validated_again_after_a_race(as_chair, monkeypatch):
    save, errors = Person.save, [IntegrityError("the address is taken")]

    def fail_once(person, *args, **kwargs):
        if errors:
            raise errors.pop()
        save(person, *args, **kwargs)

    monkeypatch.setattr(Person, "save", fail_once)
    data = {"name": "Ada", "photo_focus_0": "50", "photo_focus_1": "50"}

    response = as_chair.post("/admin/people/person/add/", data)

    assert response.status_code == 302
    assert [person.name for person in Person.objects.all()] == ["Ada"]


@pytest.mark.parametrize(
    ("day", "zone", "is_anywhere"),
    [
        ("9999-12-31", "Europe/London", True),
        ("9999-12-31", "America/Los_Angeles", False),
        ("0001-01-01", "Pacific/Kiritimati", False),
    ],
)
def test_the_page_shows_the_first_and_last_possible_deadline(client, day, zone, is_anywhere):
    edition = make_edition(time_zone=zone)
    make_deadline(
        edition,
        title="Far away",
        due_on=day,
        due_time="23:59" if day > "2" else "00:00",
        is_anywhere_on_earth=is_anywhere,
    )
    make_section(edition, shows="deadlines")

    response = client.get(f"/{edition.slug}/")

    assert response.status_code == 200
    assert "Far away" in response.content.decode()


def _photo_data(size: int) -> dict:
    return {"photo": SimpleUploadedFile("photo.jpg", b"x" * size)}


def test_an_upload_that_is_too_large_is_refused_unread(client, settings):
    settings.LARGEST_REQUEST = 10_000

    response = client.post("/accounts/login/", _photo_data(20_000))

    assert response.status_code == 413
    assert "larger than this site accepts" in response.content.decode()


def test_form_data_that_is_too_large_is_refused(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000

    assert client.post("/accounts/login/", {"login": "x" * 20_000}).status_code == 413


@pytest.mark.parametrize(
    "path", ["/2030/interest/", "/2030/interest/new-link/", "/accounts/login/"]
)
def test_a_public_form_larger_than_any_answers_is_refused_unread(client, path):
    make_open_call()
    large = "comment=" + "%CC%81" * 100_000
    many = "&".join(f"topics={number}" for number in range(19_000))

    for data in (large, many * 3):
        response = client.post(path, data, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 413
        assert "brings back what you typed" in response.content.decode()


def test_large_forms_of_the_desk_are_read(as_chair):
    response = as_chair.post("/admin/people/person/add/", {"name": "Ada", "bio": "x" * 1_000_000})

    assert response.status_code == 200


def test_a_photo_over_the_limit_of_its_field_is_a_form_error(as_chair, monkeypatch):
    monkeypatch.setattr("apps.core.images.MAX_IMAGE_BYTES", 10_000)
    data = {"name": "Ada", "photo_focus_0": "50", "photo_focus_1": "50"} | _photo_data(20_000)

    response = as_chair.post("/admin/people/person/add/", data)

    assert response.status_code == 200
    assert "at most 20 MB" in response.content.decode()


@pytest.mark.parametrize("pk", ["abc", "\0", "-1", "1 2"])
def test_an_action_with_an_invalid_key_is_refused(as_chair, pk):
    for path, action in (
        ("/admin/people/person/", "delete_selected"),
        ("/admin/accounts/user/", "delete_selected"),
        ("/admin/accounts/invitation/", "withdraw"),
    ):
        data = {"action": action, "_selected_action": pk}

        assert as_chair.post(path, data).status_code == 400, path
