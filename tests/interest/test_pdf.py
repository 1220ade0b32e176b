"""The PDF of an entry: sent, checked, replaced, read by those who may, and erased."""

from http import HTTPStatus
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.interest.models import Expression, ExpressionPDF
from apps.interest.services import erase_expression
from apps.interest.student.display import everything_about
from apps.mail.models import Letter
from tests.factories import make_expression, make_reviewer
from tests.interest.calls import filled, make_open_call, open_page
from tests.interest.students import browser_of
from tests.interest.students import filled as filled_change

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CALL = "/2030/interest/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.PRIVATE_ROOT = tmp_path / "private"
    return tmp_path / "private"


@pytest.fixture
def call():
    return make_open_call(asks_pdf=True)


def pdf(content: bytes = PDF, name: str = "Ada Example.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def send(client: Client, call, **changes):
    data = filled(call.edition, token=open_page(client), pdf=pdf()) | changes
    return client.post(CALL, data)


def changed(expression: Expression, **changes):
    """Data of the change form, of a lightning talk."""
    return filled_change(expression, **{"formats": ["talk"]} | changes)


def stored_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def read(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.fixture
def expression(client, call) -> Expression:
    assert send(client, call).status_code == 302
    return Expression.objects.get()


def change_path(expression: Expression) -> str:
    return f"{expression.get_absolute_url()}change/"


def desk(expression: Expression, step: str = "pdf/") -> str:
    return f"/admin/interest/expression/{expression.pk}/{step}"


# Sent


def test_the_form_asks_for_a_pdf_only_if_the_call_does(client):
    call = make_open_call()
    assert 'type="file"' not in client.get(CALL).content.decode()

    send(client, call)

    assert not ExpressionPDF.objects.exists()


def test_a_student_sends_a_pdf_and_downloads_it_again(client, expression, folder):
    response = client.get(f"{expression.get_absolute_url()}entry.pdf")

    assert read(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert f'filename="{expression.display_reference}.pdf"' in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    assert len(stored_files(folder)) == 1
    assert "Ada" not in str(stored_files(folder)[0])
    assert "entry.pdf" in client.get(expression.get_absolute_url()).content.decode()
    assert "PDF" in Letter.objects.get(kind="interest/receipt").body_text


def test_a_pdf_is_optional(client, call):
    assert send(client, call, pdf="").status_code == 302

    expression = Expression.objects.get()
    page = client.get(expression.get_absolute_url()).content.decode()
    assert "entry.pdf" not in page
    none = client.get(f"{expression.get_absolute_url()}entry.pdf", follow=True)
    assert "There is no PDF." in none.content.decode()


@pytest.mark.parametrize(
    ("upload", "problem"),
    [
        (pdf(b"<script>alert(1)</script>"), "not a PDF"),
        (pdf(b"PK\x03\x04"), "not a PDF"),
        (pdf(b""), "empty"),
        (pdf(PDF + b"x" * 10 * 1024**2), "at most 10 MB"),
        (pdf(PDF + b"trailer << /Encrypt 5 0 R >>"), "encrypted"),
    ],
)
def test_another_file_is_refused_and_the_text_is_kept(client, call, folder, upload, problem):
    upload.seek(0)
    page = send(client, call, pdf=upload, title="A title of mine").content.decode()

    assert problem in page
    assert 'value="A title of mine"' in page
    assert not Expression.objects.exists()
    assert stored_files(folder) == []


def test_a_pdf_lost_to_another_error_is_asked_for_again(client, call, folder):
    page = send(client, call, email="").content.decode()

    assert "Choose it again" in page
    assert stored_files(folder) == []


def test_a_pdf_lost_to_an_old_page_is_asked_for_again(client, call):
    page = send(client, call, token="old").content.decode()

    assert "Choose it again" in page


def test_the_same_form_sent_twice_stores_one_pdf(client, call, folder):
    token = open_page(client)
    for _ in range(2):
        send(client, call, token=token)

    assert ExpressionPDF.objects.count() == 1
    assert len(stored_files(folder)) == 1
    assert Letter.objects.filter(kind="interest/receipt").count() == 1


@pytest.mark.parametrize(("asks_pdf", "status"), [(True, 200), (False, 413)])
def test_only_a_call_that_asks_for_a_pdf_takes_large_files(client, asks_pdf, status):
    make_open_call(asks_pdf=asks_pdf)

    response = client.post(CALL, {"abstract": "x", "pdf": pdf(PDF + b"x" * 600 * 1024)})

    assert response.status_code == status


def test_a_form_without_files_may_not_be_large(client, call):
    data = f"comment=&abstract={'x' * 600 * 1024}"

    response = client.post(CALL, data, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 413


# Changed


def test_a_student_replaces_the_pdf_and_the_earlier_file_is_deleted(
    client, expression, folder, django_capture_on_commit_callbacks
):
    [before] = stored_files(folder)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(change_path(expression), changed(expression, pdf=pdf(PDF + b"% second")))

    assert stored_files(folder) != [before]
    assert len(stored_files(folder)) == 1
    response = client.get(f"{expression.get_absolute_url()}entry.pdf")
    assert read(response).endswith(b"second")


def test_a_change_of_other_answers_keeps_the_pdf(client, expression, folder):
    before = stored_files(folder)

    client.post(change_path(expression), changed(expression, title="Another title"))

    expression.refresh_from_db()
    assert expression.title == "Another title"
    assert stored_files(folder) == before


def test_a_student_removes_the_pdf(client, expression, folder, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(change_path(expression), changed(expression, **{"pdf-clear": "on"}))

    assert not ExpressionPDF.objects.exists()
    assert stored_files(folder) == []


def test_a_stored_pdf_can_be_removed_after_the_call_stopped_asking(client, call, expression):
    call.asks_pdf = False
    call.save()

    client.post(change_path(expression), changed(expression, **{"pdf-clear": "on"}))

    assert not ExpressionPDF.objects.exists()


def test_a_pdf_sent_from_an_old_window_is_asked_for_again_and_not_stored(
    client, expression, folder
):
    before = stored_files(folder)
    data = changed(expression, pdf=pdf(PDF + b"% other"), title="Mine", version="0")

    response = client.post(change_path(expression), data)

    assert response.status_code == 409
    assert "Choose the PDF again" in response.content.decode()
    assert stored_files(folder) == before


# Read


def test_each_role_reads_the_pdf_as_its_permissions_say(
    client, as_stranger, as_editor, as_helpdesk, as_chair, as_reviewer, reviewer, expression
):
    unassigned = as_reviewer.get(desk(expression)).status_code
    make_reviewer(expression.edition, reviewer)

    assert unassigned == 404
    for who in (as_chair, as_helpdesk, as_reviewer):
        response = who.get(desk(expression))
        assert read(response) == PDF
        assert "no-store" in response["Cache-Control"]
        assert desk(expression) in who.get(desk(expression, "change/")).content.decode()
    assert desk(expression) in as_reviewer.get(f"/admin/review/{expression.pk}/").content.decode()
    for who in (Client(), as_stranger, as_editor):
        assert who.get(desk(expression)).status_code in {302, 403}
    assert Client().get(f"{expression.get_absolute_url()}entry.pdf").status_code == 403


@pytest.mark.parametrize(("has_anonymous_pdfs", "status"), [(False, 403), (True, 200)])
def test_an_anonymous_review_hides_pdfs_unless_they_name_nobody(
    client, as_chair, as_reviewer, reviewer, call, expression, has_anonymous_pdfs, status
):
    call.is_review_anonymous, call.has_anonymous_pdfs = True, has_anonymous_pdfs
    call.save()
    make_reviewer(expression.edition, reviewer)

    response = as_reviewer.get(desk(expression))
    assert response.status_code == status
    if status == HTTPStatus.OK:
        assert read(response) == PDF
    for page in (f"/admin/review/{expression.pk}/", desk(expression, "change/")):
        has_link = desk(expression) in as_reviewer.get(page).content.decode()
        assert has_link == has_anonymous_pdfs
    assert read(as_chair.get(desk(expression))) == PDF
    form = Client().get(CALL).content.decode()
    assert ("anything that identifies you" in form) == has_anonymous_pdfs


def test_a_browser_of_another_student_gets_no_pdf(expression):
    other = make_expression(expression.edition, email="bo@example.org")

    browser = browser_of(other)

    assert browser.get(f"{expression.get_absolute_url()}entry.pdf").status_code == 403


def test_exports_say_whether_there_is_a_pdf(as_chair, expression):
    make_expression(expression.edition, title="Without")

    rows = read(as_chair.post("/admin/interest/expression/export/csv/?edition__id__exact=all"))

    assert rows.decode().count(",yes,") == 1


def test_the_list_is_filtered_by_pdf(as_chair, expression):
    other = make_expression(expression.edition, title="Without")
    path = f"/admin/interest/expression/?edition__id__exact={expression.edition_id}"

    for value, expected in (("yes", [expression]), ("no", [other])):
        response = as_chair.get(f"{path}&pdf={value}")
        assert list(response.context["cl"].result_list) == expected


def test_a_chair_who_reads_the_students_page_opens_the_pdf_at_the_desk(as_chair, expression):
    page = as_chair.get(desk(expression, "as-student/")).content.decode()

    assert desk(expression) in page
    assert "entry.pdf" not in page


# Erased


def test_the_pdf_is_erased_with_its_expression(
    expression, folder, django_capture_on_commit_callbacks
):
    assert everything_about(Expression.objects.with_everything().get())["pdf"]["size"] == len(PDF)

    with django_capture_on_commit_callbacks(execute=True):
        erase_expression(expression=expression)

    assert not ExpressionPDF.objects.exists()
    assert stored_files(folder) == []
