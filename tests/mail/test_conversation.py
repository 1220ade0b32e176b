"""All letters to one address in order, for chairs."""

import pytest

from apps.mail.models import Letter
from apps.selection.letters import BULK_LETTER, build_text_letter, queue_test
from tests.contributors.speakers import make_speaker
from tests.factories import (
    make_call,
    make_contribution,
    make_current_edition,
    make_expression,
    make_person,
    make_user,
)
from tests.mail.conftest import make_letter
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


def path_of(letter: Letter) -> str:
    return f"/admin/mail/letter/{letter.pk}/conversation/"


def subjects_of(response) -> list[str]:
    return [letter.subject for letter, *_ in response.context["rows"]]


def test_all_letters_to_one_address_are_listed_oldest_first(as_chair):
    first = make_letter(subject="First", body_text=HOSTILE)
    make_letter(subject="To Bo", to_email="bo@example.org", body_text="For Bo.")
    make_letter(subject="Second", to_email="Ada@Example.org", state="failed", failure="Refused")
    make_letter(subject="Third")

    response = as_chair.get(path_of(first))

    page = response.content.decode()
    assert subjects_of(response) == ["First", "Second", "Third"]
    assert "3 emails" in page
    assert "Refused" in page
    assert "For Bo." not in page
    assert HOSTILE not in page


def test_a_conversation_says_what_each_letter_is_about_and_leads_there(as_chair):
    edition = make_current_edition()
    make_call(edition)
    expression = make_expression(edition, email="ada@example.org")
    letter = Letter.objects.get(to_email="ada@example.org")

    page = as_chair.get(path_of(letter)).content.decode()

    assert f'href="/admin/interest/expression/{expression.pk}/change/"' in page


def test_long_conversations_have_pages_and_open_at_the_latest(as_chair):
    letters = [make_letter(subject=f"Number {number}") for number in range(27)]

    latest = as_chair.get(path_of(letters[0]))
    first = as_chair.get(path_of(letters[0]), {"page": "1"})

    assert subjects_of(latest) == ["Number 25", "Number 26"]
    assert subjects_of(first)[0] == "Number 0"
    assert "?page=1" in latest.content.decode()
    assert as_chair.get(path_of(letters[0]), {"page": "x"}).status_code == 200


def test_a_conversation_costs_the_same_queries_for_one_and_three_letters(as_chair):
    edition = make_current_edition()
    letter = make_letter(edition=edition)
    as_chair.get(path_of(letter))
    one = count_queries(lambda: as_chair.get(path_of(letter)))
    make_letter(edition=edition)
    make_letter(edition=edition)

    assert count_queries(lambda: as_chair.get(path_of(letter))) == one


def test_only_chairs_read_conversations(
    client, as_stranger, as_reviewer, as_editor, as_helpdesk, as_chair
):
    letter = make_letter()

    for who in (client, as_stranger, as_reviewer, as_editor, as_helpdesk):
        assert who.get(path_of(letter)).status_code in {302, 403}
    assert as_chair.post(path_of(letter)).status_code == 405
    assert as_chair.get("/admin/mail/letter/999999/conversation/").status_code == 404


def test_letter_expression_and_speaker_lead_to_the_conversation(as_chair):
    edition = make_current_edition()
    make_call(edition)
    expression = make_expression(edition, email="ada@example.org")
    letter = Letter.objects.get(to_email="ada@example.org")
    person = make_person()
    make_contribution(edition, person)
    make_speaker(edition, person, email="Ada@example.org")

    for path in (
        f"/admin/mail/letter/{letter.pk}/change/",
        f"/admin/interest/expression/{expression.pk}/change/",
        f"/admin/programme/session/programme/{edition.pk}/speakers/{person.pk}/",
    ):
        assert path_of(letter) in as_chair.get(path).content.decode(), path


def test_an_expression_leads_to_a_letter_to_its_student_alone(as_chair):
    edition = make_current_edition()
    make_call(edition)
    make_expression(edition)
    expression = make_expression(edition, name="Bo Example", email="bo@example.org")
    page = as_chair.get(f"/admin/interest/expression/{expression.pk}/change/")

    response = as_chair.get(page.context["write_address"])

    assert [each.name for each in response.context["samples"]] == ["Bo Example"]


def test_a_test_letter_is_erased_with_its_expression_and_not_in_the_students_data():
    from apps.interest.services import erase_expression
    from apps.interest.student.display import everything_about

    edition = make_current_edition()
    make_call(edition)
    expression = make_expression(edition, name="Ada Example")
    letter = build_text_letter(expression, kind=BULK_LETTER, subject="Hello", body="{name}")
    queue_test(letter, expression=expression, to=make_user("Chair"))

    assert "Test: Hello" not in [
        each["subject"] for each in everything_about(expression)["letters"]
    ]
    erase_expression(expression=expression)
    assert not Letter.objects.filter(subject="Test: Hello").exists()
