"""The letters about an expression: which there are, what they say, to whom they go."""

import html
import re
from datetime import date, time

import pytest
from django.utils import timezone

from apps.editions.models import Call
from apps.interest.letters import send_letter
from apps.interest.models import Answer, CoAuthor, Expression, Question
from apps.interest.services import erase_on_request
from apps.mail.models import Letter
from apps.mail.services import queue_letter
from tests.factories import make_edition, make_topic

pytestmark = pytest.mark.django_db

KINDS = {
    "receipt": "We have your expression of interest R7K-2QD – Workshop",
    "link": "Your link to expression of interest R7K-2QD – Workshop",
    "address_changed": "Letters about R7K-2QD now come to this address – Workshop",
    "address_changed_old": "Letters about R7K-2QD go to another address now – Workshop",
    "confirm": "You are confirmed: poster – R7K-2QD, Workshop",
    "confirmed_for": "Confirmed for you: poster – R7K-2QD, Workshop",
    "decline_offer": "You have declined our offer – R7K-2QD, Workshop",
    "withdrawn": "Your expression of interest R7K-2QD is withdrawn – Workshop",
    "cancelled": "The organisers cancelled R7K-2QD – Workshop",
    "notice": "New expression of interest R7K-2QD from Example University",
    "withdrawn_notice": "Submitted: expression of interest R7K-2QD from Example University",
}
WITH_LINK = {"receipt", "link", "address_changed", "confirm", "confirmed_for", "withdrawn"}
TO_ORGANISERS = {"notice", "withdrawn_notice"}
HOSTILE = '<b onclick="x">Ada</b> & "Co" \'{{ 7|add:7 }}\''


def make_expression(**fields) -> Expression:
    """A poster by Ada Example, submitted just now to an edition with a contact address."""
    now = timezone.now()
    edition = fields.pop("edition", None) or make_edition(
        title="Workshop", contact_email="chairs@example.org"
    )
    defaults = {
        "edition": edition,
        "reference": "R7K2QD",
        "name": "Ada Example",
        "email": "ada@example.org",
        "university": "Example University",
        "title": "Small models",
        "abstract": "They are small.",
        "wants_poster": True,
        "submitted_at": now,
        "changed_at": now,
        "fingerprint": "x",
    }
    return Expression.objects.create(**defaults | fields)


def words_of(page: str) -> str:
    """What a reader of the HTML reads, on one line."""
    page = re.sub(r"<head>.*?</head>|</?a\b[^>]*>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def sent(kind: str, expression: Expression) -> Letter:
    letter = send_letter(expression, kind)
    assert letter is not None
    return letter


@pytest.mark.parametrize("kind", KINDS)
def test_each_letter_has_a_subject_of_its_own(kind):
    expression = (
        make_expression(confirmed_format="")
        if not kind.startswith("confirm")
        else make_expression()
    )
    if kind.startswith("confirm"):
        expression.confirmed_format = "poster"

    letter = sent(kind, expression)

    assert letter.subject == KINDS[kind]
    assert len(set(KINDS.values())) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same(kind):
    letter = sent(kind, make_expression(is_late=True, is_test=True))

    assert words_of(letter.body_html) == " ".join(letter.body_text.split())


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_goes_to_whom_it_should_with_a_link_where_it_should(kind):
    expression = make_expression()

    letter = sent(kind, expression)

    to_organisers = kind in TO_ORGANISERS
    assert (letter.to_email, letter.to_name, letter.reply_to, letter.state) == (
        "chairs@example.org" if to_organisers else "ada@example.org",
        "" if to_organisers else "Ada Example",
        "chairs@example.org",
        "queued",
    )
    has_link = [Letter.PRIVATE_LINK in body for body in (letter.body_text, letter.body_html)]
    assert has_link == [kind in WITH_LINK] * 2
    assert (letter.link_maker, letter.link_subject) == (
        ("interest", expression.pk) if kind in WITH_LINK else ("", None)
    )
    assert letter.expression_link.expression == expression


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_words_are_plain_in_the_text_and_escaped_in_the_html(kind):
    expression = make_expression(name=HOSTILE, university=HOSTILE, title=HOSTILE, abstract=HOSTILE)

    letter = sent(kind, expression)

    assert HOSTILE in letter.body_text
    assert "<b " not in letter.body_html
    assert HOSTILE in words_of(letter.body_html)


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_loads_nothing_and_styles_nothing(kind):
    letter = sent(kind, make_expression())

    assert (
        re.findall(r"<(?:img|script|style|link|iframe)|style=|src=|\bon\w+=", letter.body_html)
        == []
    )


@pytest.mark.parametrize("kind", sorted(TO_ORGANISERS))
def test_without_a_contact_address_organisers_get_no_letter(kind):
    expression = make_expression(edition=make_edition())

    assert send_letter(expression, kind) is None
    assert Letter.objects.count() == 0


def test_the_receipt_echoes_every_answer():
    expression = make_expression(
        wants_talk=True,
        preference="either",
        career_stage="phd",
        supervisor="Grace Example",
        school="School of Examples",
        link="https://ada.example.org/",
        abstract="First line.\n\nSecond line.",
    )
    expression.topics.add(make_topic(expression.edition, heading="Distillation"))
    for number, name in enumerate(("Bob Example", "Chloé Exemple"), start=1):
        CoAuthor.objects.create(
            expression=expression, name=name, affiliation="Lab", ordering=10 * number
        )
    question = Question.objects.create(edition=expression.edition, words="T-shirt size?")
    Answer.objects.create(expression=expression, question=question, words="Medium")

    letter = sent("receipt", expression)

    what_was_sent = letter.body_text.split("What you sent\n\n")[1].split("\n\nQuestions?")[0]
    assert what_was_sent.split("\n") == [
        "Full name",
        "Ada Example",
        "",
        "E-mail address",
        "ada@example.org",
        "",
        "University",
        "Example University",
        "",
        "Career stage",
        "PhD student",
        "",
        "Supervisor",
        "Grace Example",
        "",
        "School or lab",
        "School of Examples",
        "",
        "Link",
        "https://ada.example.org/",
        "",
        "Format",
        "Lightning talk or poster",
        "",
        "Preference",
        "Either",
        "",
        "Title",
        "Small models",
        "",
        "Abstract",
        "First line.",
        "",
        "Second line.",
        "",
        "Topics",
        "Distillation",
        "",
        "Co-authors",
        "Bob Example (Lab)",
        "Chloé Exemple (Lab)",
        "",
        "T-shirt size?",
        "Medium",
    ]


def test_the_receipt_says_in_words_until_when_it_can_be_changed():
    expression = make_expression()
    year = timezone.now().year + 1
    Call.objects.create(
        edition=expression.edition,
        opens_on=date(2020, 1, 1),
        closes_on=date(year, 1, 4),
        closes_time=time(17, 0),
    )

    letter = sent("receipt", expression)

    day = f"{date(year, 1, 4):%A} 4 January {year}"
    words = f"There you can read what you sent, change it until 17:00 GMT, {day}, correct your"
    assert words in letter.body_text
    assert words in words_of(letter.body_html)


def test_letters_never_hold_what_is_asked_at_acceptance():
    needs = {"access_needs": "a ramp", "diet": "no nuts", "technical_needs": "an adapter"}
    expression = make_expression(can_attend=True, **needs)

    for kind in KINDS:
        letter = sent(kind, expression)

        found = [need for need in needs.values() if need in letter.body_text + letter.body_html]
        assert found == [], kind


def test_the_old_address_does_not_learn_the_new_one():
    expression = make_expression(email="new@example.net")

    letter = send_letter(expression, "address_changed_old", to_email="old@example.org")

    assert letter is not None
    assert letter.to_email == "old@example.org"
    assert "new@example.net" not in letter.body_text + letter.body_html


def test_newlines_in_a_name_stay_out_of_the_subject():
    letter = sent("notice", make_expression(university="Uni\r\nBcc: all@example.org"))

    assert letter.subject == "New expression of interest R7K-2QD from Uni Bcc: all@example.org"


def test_the_notice_of_an_erasure_names_nobody():
    expression = make_expression()

    erase_on_request(expression=expression)

    letter = Letter.objects.get()
    assert letter.subject == "Erased at its author's wish: R7K-2QD"
    assert "Ada" not in letter.body_text + letter.body_html
    assert words_of(letter.body_html) == " ".join(letter.body_text.split())


def test_the_test_letter_says_the_same_twice():
    letter = queue_letter(
        kind="test", template="mail/test", to_email="chair@example.org", context={}
    )

    assert letter.subject == "A test letter from Workshop"
    assert words_of(letter.body_html) == " ".join(letter.body_text.split())
