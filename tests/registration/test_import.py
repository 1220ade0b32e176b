"""Import of people from a spreadsheet: preview, import once, hostile files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.imports.models import Sheet
from apps.mail.models import Letter
from apps.registration.models import Registration
from tests.factories import make_attendance_kind, make_registration
from tests.registration.guests import make_open_registration

pytestmark = pytest.mark.django_db
_CSV = """Full name,Email address,Affiliation,Takes part,Joins,Diet,Shoe size
Ada Example,ada@example.org,Oxford,student,Dinner,vegan,38
Bo Example,bo@example.org,,VIP,,,
Ada Twice,ADA@example.org,,,,,
Known Guest,known@example.org,,,,,
No Address,,Home,,,,
www.spam.example,x@example.org,,,,,
"""


@pytest.fixture
def edition(db):
    edition = make_open_registration(capacity=2).edition
    make_attendance_kind(edition, name="Student")
    make_attendance_kind(edition, name="Dinner", is_extra=True)
    make_registration(edition, email="Known@example.org")
    return edition


def _upload(browser, edition, text=_CSV, name="people.csv"):
    file = SimpleUploadedFile(name, text.encode())
    url = f"/admin/desk/editions/{edition.pk}/registrations/"
    return browser.post(url, {"file": file}, follow=True)


def _preview(response) -> dict[str, list[int]]:
    preview = response.context["preview"]
    return {
        name: [row.number for row in getattr(preview, name)]
        for name in ("new", "wrong", "duplicates")
    }


def test_a_preview_says_what_is_new_wrong_and_known(edition, as_chair):
    response = _upload(as_chair, edition)

    assert _preview(response) == {"new": [2, 6], "wrong": [3, 7], "duplicates": [4, 5]}
    page = response.content.decode()
    assert "“VIP” is no kind of attendance of this edition." in page
    assert "Columns that are left out: Shoe size." in page
    assert Registration.objects.count() == 1


def test_the_new_people_are_registered_once_with_places_and_letters(edition, as_chair):
    response = _upload(as_chair, edition)
    url, token = response.request["PATH_INFO"], response.context["preview"].token

    as_chair.post(url, {"token": token, "letters": "yes"})
    as_chair.post(url, {"token": token, "letters": "yes"})

    ada, nobody = Registration.objects.filter(source="import").order_by("pk")
    assert (str(ada.kind), ada.extras.get().name, ada.needs.diet) == ("Student", "Dinner", "vegan")
    assert (ada.status, nobody.status) == ("registered", "waiting")
    assert [letter.to_email for letter in Letter.objects.all()] == ["ada@example.org"]
    sheet = Sheet.objects.get()
    assert (sheet.imported_count, sheet.contents) == (2, {})


def test_without_the_tick_no_email_is_sent(edition, as_chair):
    response = _upload(as_chair, edition)

    token = response.context["preview"].token
    as_chair.post(response.request["PATH_INFO"], {"token": token})

    assert Registration.objects.count() == 3
    assert not Letter.objects.exists()


def test_what_changed_since_the_preview_is_not_imported(edition, as_chair):
    response = _upload(as_chair, edition)
    make_registration(edition, email="ada@example.org")

    token = response.context["preview"].token
    answer = as_chair.post(response.request["PATH_INFO"], {"token": token}, follow=True)

    assert "something changed meanwhile" in answer.content.decode()
    assert not Registration.objects.filter(source="import").exists()


def test_an_export_can_be_imported_again(edition, as_chair):
    guest = Registration.objects.get()
    guest.affiliation = "Oxford"
    guest.save()
    export = as_chair.post("/admin/registration/registration/export/csv/")
    text = b"".join(export).decode("utf-8-sig")
    Registration.objects.all().delete()

    assert _preview(_upload(as_chair, edition, text))["new"] == [2]


def test_a_discarded_sheet_is_gone(edition, as_chair):
    url = _upload(as_chair, edition).request["PATH_INFO"]

    as_chair.post(f"{url}discard/")

    assert not Sheet.objects.exists()
    assert as_chair.get(url).status_code == 404


def test_chairs_alone_import(edition, as_editor, as_chair):
    url = _upload(as_chair, edition).request["PATH_INFO"]

    assert _upload(as_editor, edition).status_code == 403
    assert as_editor.get(url).status_code == 403
    assert as_editor.post(url, {"token": "x"}).status_code == 403
    pk = Sheet.objects.get().pk
    assert as_chair.get(f"/admin/imports/sheet/{pk}/columns/").status_code == 404


@pytest.mark.parametrize(
    ("text", "name"),
    [("", "a.csv"), ("Name\n", "a.csv"), ("PK broken", "a.xlsx"), ("Name\nAda", "a.pdf")],
)
def test_a_file_that_cannot_be_read_says_why(edition, as_chair, text, name):
    response = _upload(as_chair, edition, text, name)

    assert response.status_code == 200
    assert "preview" not in (response.context or {})
    assert not Sheet.objects.exists()
