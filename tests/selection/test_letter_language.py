"""Default texts of letters in the language of the edition."""

import pytest

from apps.mail.texts import text_of
from apps.selection.letters import letter_subject, values_of
from tests.factories import make_edition, make_expression

pytestmark = pytest.mark.django_db


def test_decisions_have_a_text_and_values_in_the_language_of_the_edition():
    expression = make_expression(make_edition(language="de"))

    text = text_of(expression.edition, "interest/offer_talk")
    values = values_of(expression, offer="talk")

    assert text.subject.startswith("Wir bieten Ihnen einen Kurzvortrag")
    assert values["offer"] == "Kurzvortrag"


@pytest.mark.parametrize(
    ("language", "mark", "day"),
    [
        ("en", "Test entry:", "[reply-by date]"),
        ("de", "Testeinreichung:", "[Antwortfrist]"),
        ("fr", "Test\N{NO-BREAK SPACE}:", "[date limite de réponse]"),
    ],
)
def test_marks_in_letters_are_in_the_language_of_the_edition(language, mark, day):
    expression = make_expression(make_edition(language=language), is_test=True)

    assert letter_subject(expression, "Poster") == f"{mark} Poster"
    assert values_of(expression, offer="poster")["reply_by"] == day
