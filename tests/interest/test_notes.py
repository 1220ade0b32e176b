"""Internal notes on an expression: written and read by chairs, and by nobody else."""

import json

import pytest

from apps.interest.models import Note
from apps.interest.services import add_note, erase_expression
from tests.accounts.helpers import signed_in
from tests.factories import (
    make_call,
    make_current_edition,
    make_expression,
    make_reviewer,
    make_topic,
    make_user,
)
from tests.interest.students import browser_of
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"
SECRET = "Overlaps with the keynote"


@pytest.fixture
def expression():
    edition = make_current_edition(slug="2030")
    make_call(edition)
    return make_expression(edition, topics=[make_topic(edition), make_topic(edition)])


@pytest.fixture
def note(expression, chair):
    return add_note(expression=expression, text=SECRET, by=chair)


def _path(expression, step: str = "change/") -> str:
    return f"{LIST}{expression.pk}/{step}"


def test_a_chair_writes_a_note_which_all_chairs_read_with_author_and_time(as_chair, expression):
    done = as_chair.post(_path(expression, "notes/"), {"text": f" {SECRET}\n<b>twice</b> "})

    other = signed_in(make_user("Chair"))
    page = other.get(_path(expression)).content.decode()
    note = Note.objects.get()
    assert done["Location"] == f"{_path(expression)}#notes"
    assert f"{SECRET}<br>&lt;b&gt;twice&lt;/b&gt;" in page
    assert "Charlie Chair" in page.partition('id="notes"')[2]
    assert note.written_at.isoformat()[:10] in page


def test_a_note_sent_twice_is_one_note(as_chair, expression):
    for _ in range(2):
        as_chair.post(_path(expression, "notes/"), {"text": SECRET})

    assert Note.objects.count() == 1


@pytest.mark.parametrize(("text", "problem"), [(" ", "Write the note"), ("x" * 5001, "at most")])
def test_a_faulty_note_is_refused_and_given_back(as_chair, expression, text, problem):
    page = as_chair.post(_path(expression, "notes/"), {"text": text}, follow=True)

    assert not Note.objects.exists()
    assert problem in page.content.decode()
    assert text.strip() in page.content.decode()


def test_a_note_is_deleted_after_a_page_that_shows_it(as_chair, expression, note):
    path = _path(expression, f"notes/{note.pk}/")

    page = as_chair.get(path).content.decode()
    assert SECRET in page
    assert Note.objects.exists()
    as_chair.post(path)
    again = as_chair.post(path, follow=True)

    assert not Note.objects.exists()
    assert "deleted already" in again.content.decode()


def test_a_note_is_deleted_only_through_its_own_expression(as_chair, expression, note):
    other = make_expression(expression.edition, title="Another one")

    as_chair.post(_path(other, f"notes/{note.pk}/"))

    assert Note.objects.exists()


def test_a_note_stays_without_its_author(as_chair, expression):
    colleague = make_user("Chair")
    add_note(expression=expression, text=SECRET, by=colleague)
    colleague.delete()

    page = as_chair.get(_path(expression)).content.decode()

    assert SECRET in page
    assert "A former organiser" in page


def test_reviewers_helpdesk_and_editors_neither_read_nor_write_notes(
    as_reviewer, reviewer, as_helpdesk, as_editor, expression, note
):
    make_reviewer(expression.edition, reviewer)

    for client in (as_reviewer, as_helpdesk, as_editor):
        for path in (LIST, _path(expression), f"/admin/review/{expression.pk}/", "/admin/"):
            page = client.get(path).content.decode()
            assert SECRET not in page
            assert 'id="notes"' not in page
        assert client.post(_path(expression, "notes/"), {"text": "Mine"}).status_code == 403
        assert client.get(_path(expression, f"notes/{note.pk}/")).status_code == 403
        assert client.post(_path(expression, f"notes/{note.pk}/")).status_code == 403
    assert Note.objects.count() == 1


def test_exports_have_notes_for_chairs_alone(as_chair, as_reviewer, reviewer, expression, note):
    make_reviewer(expression.edition, reviewer)

    def export(client) -> str:
        return b"".join(client.post(f"{LIST}export/csv/").streaming_content).decode()

    assert f"Charlie Chair: {SECRET}" in export(as_chair)
    assert "Reference" in export(as_reviewer)
    assert SECRET not in export(as_reviewer)
    assert "Notes" not in export(as_reviewer)


def test_the_student_sees_no_note_neither_on_the_page_nor_in_the_data(expression, note):
    browser = browser_of(expression)
    mine = expression.get_absolute_url()

    for path in (mine, f"{mine}data.json"):
        response = browser.get(path)
        assert response.status_code == 200
        assert SECRET not in response.content.decode()
    assert json.loads(browser.get(f"{mine}data.json").content)["expression"]["title"]


def test_notes_are_erased_with_their_expression(expression, note):
    erase_expression(expression=expression)

    assert not Note.objects.exists()


def test_the_board_counts_notes_with_a_constant_number_of_queries(as_chair, expression, chair):
    board = f"/admin/selection/board/{expression.edition_id}/"
    add_note(expression=expression, text="One", by=chair)
    as_chair.get(board)
    before = count_queries(lambda: as_chair.get(board))
    add_note(expression=expression, text="Two", by=chair)

    page = as_chair.get(f"{board}?topic={expression.topics.first().pk}").content.decode()

    assert "2 notes" in page
    assert count_queries(lambda: as_chair.get(board)) == before
