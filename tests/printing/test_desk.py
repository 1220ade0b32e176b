"""The page “Print” and the command."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command

from tests.factories import make_edition, make_session, make_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_edition(slug="2030", year=2030)


def page_of(edition) -> str:
    return f"/admin/programme/session/programme/{edition.pk}/print/"


def test_an_editor_downloads_a_document(as_editor, edition):
    make_slot(make_session(edition))

    page = as_editor.get(page_of(edition))
    preview = as_editor.get(f"{page_of(edition)}book.png")
    response = as_editor.post(f"{page_of(edition)}book/")

    assert "Book of abstracts" in page.content.decode()
    assert preview.content.startswith(b"\x89PNG")
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"] == 'attachment; filename="2030-book.pdf"'
    assert "Printed: Book of abstracts." in LogEntry.objects.latest("pk").change_message


def test_without_a_programme_the_desk_says_that_there_is_nothing(as_editor, edition):
    preview = as_editor.get(f"{page_of(edition)}book.png")
    response = as_editor.post(f"{page_of(edition)}book/", follow=True)

    assert preview.content.startswith(b"\x89PNG")
    assert "There is nothing to print yet." in response.content.decode()


def test_only_those_who_edit_the_programme_print_it(as_reviewer, edition):
    for response in (
        as_reviewer.get(page_of(edition)),
        as_reviewer.get(f"{page_of(edition)}book.png"),
        as_reviewer.post(f"{page_of(edition)}book/"),
    ):
        assert response.status_code == 403


def test_names_that_no_font_can_draw_are_listed(as_editor, edition):
    slot = make_slot(make_session(edition))
    slot.contribution.contributors.create(name="Good Name")
    slot.contribution.contributors.create(name="ᚠᚢᚦ")

    page = as_editor.get(page_of(edition)).content.decode()

    assert "ᚠᚢᚦ" in page
    assert "Good Name" not in page


def test_the_command_writes_a_file(edition, tmp_path):
    make_slot(make_session(edition))

    call_command("print", "book", "2030", str(tmp_path / "book.pdf"))

    assert (tmp_path / "book.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("arguments", [["book", "2099"], ["poem", "2030"], ["book", "2030"]])
def test_the_command_refuses_what_it_cannot_print(edition, arguments, tmp_path):
    with pytest.raises(CommandError):
        call_command("print", *arguments, str(tmp_path / "x.pdf"))

    assert not list(tmp_path.iterdir())
