"""Letters about an expression: their subjects, texts and recipients."""

import re
from datetime import date, time

import pytest
from django.utils import timezone

from apps.editions.models import Call
from apps.interest.letters import send_letter, send_receipt
from apps.interest.models import Expression, Question
from apps.interest.services import erase_on_request
from apps.mail.models import Letter
from apps.mail.services import queue_letter
from tests.factories import make_edition, make_topic
from tests.reading import words_of

pytestmark = pytest.mark.django_db

KINDS = {
    "receipt": "We have received your expression of interest R7K-2QD – Workshop",
    "sent_again": "Nothing was changed: expression of interest R7K-2QD was sent again – Workshop",
    "link": "Your link to expression of interest R7K-2QD – Workshop",
    "address_changed": "Emails about R7K-2QD now come to this address – Workshop",
    "address_changed_old": "Emails about R7K-2QD now go to another address – Workshop",
    "confirm": "Confirmed: R7K-2QD – Workshop",
    "confirmed_for": "The organisers confirmed your place: R7K-2QD – Workshop",
    "decline_offer": "You declined our offer: R7K-2QD – Workshop",
    "withdrawn": "Your expression of interest R7K-2QD is withdrawn – Workshop",
    "cancelled": "The organisers cancelled your expression of interest R7K-2QD – Workshop",
    "notice": "New expression of interest R7K-2QD from Example University",
    "address_notice": "Confirm the corrected address of R7K-2QD – Workshop",
    "withdrawn_notice": "Submitted: expression of interest R7K-2QD from Example University",
}
WITH_LINK = {
    *("receipt", "sent_again", "link", "address_changed", "confirm", "confirmed_for", "withdrawn")
}
TO_ORGANISERS = {"notice", "withdrawn_notice", "address_notice"}
HOSTILE = '<b onclick="x">Ada</b> & "Co" \'{{ 7|add:7 }}\''
NEEDS = {"access_needs": "a ramp", "diet": "no nuts", "technical_needs": "an adapter"}


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


def has_same_texts(letter: Letter) -> bool:
    """Whether plain text and HTML of the letter read the same."""
    return words_of(letter.body_html) == " ".join(letter.body_text.split())


def _send(kind: str, expression: Expression, **options) -> Letter:
    if kind == "receipt":
        parts = {
            name: getattr(expression, name).all() for name in ("topics", "coauthors", "answers")
        }
        send_receipt(expression, **parts)
    else:
        send_letter(expression, kind, **options)
    return expression.letter_links.get().letter


@pytest.mark.parametrize("kind", KINDS)
def test_each_letter_has_its_subject_recipient_and_link(kind):
    expression = make_expression(can_attend=True, **NEEDS)
    if kind.startswith("confirm"):
        expression.confirmed_format = "poster"

    letter = _send(kind, expression)

    to_organisers = kind in TO_ORGANISERS
    assert letter.subject == KINDS[kind]
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
    # Needs are for chairs only.
    assert [need for need in NEEDS.values() if need in letter.body_text + letter.body_html] == []


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_are_the_same_escaped_and_without_external_content(kind):
    hostile = dict.fromkeys(("name", "university", "title", "abstract"), HOSTILE)

    plain = _send(kind, make_expression(is_late=True, is_test=True))
    letter = _send(kind, make_expression(reference="222222", **hostile))

    assert has_same_texts(plain)
    assert HOSTILE in letter.body_text
    assert "<b " not in letter.body_html
    assert HOSTILE in words_of(letter.body_html)
    forbidden = r"<(?:img|script|style|link|iframe)|style=|src=|\bon\w+="
    assert re.findall(forbidden, plain.body_html) == []


@pytest.mark.parametrize("kind", sorted(TO_ORGANISERS))
def test_without_a_contact_address_organisers_get_no_letter(kind):
    expression = make_expression(edition=make_edition())

    assert send_letter(expression, kind) is None
    assert Letter.objects.count() == 0


def test_the_receipt_repeats_every_answer():
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
        expression.coauthors.create(name=name, affiliation="Lab", ordering=10 * number)
    question = Question.objects.create(edition=expression.edition, label="T-shirt size?")
    expression.answers.create(question=question, text="Medium")

    letter = _send("receipt", expression)

    answers = letter.body_text.split("Your answers\n\n")[1].split("\n\nQuestions?")[0]
    assert answers == "\n\n".join(
        [
            "Full name\nAda Example",
            "Email address\nada@example.org",
            "University\nExample University",
            "Current position\nPhD student",
            "Supervisor\nGrace Example",
            "School or lab\nSchool of Examples",
            "Link\nhttps://ada.example.org/",
            "Format\nLightning talk or poster",
            "Preference\nNo preference",
            "Title\nSmall models",
            "Abstract\nFirst line.\n\nSecond line.",
            "Topics\nDistillation",
            "Co-authors\nBob Example (Lab)\nChloé Exemple (Lab)",
            "T-shirt size?\nMedium",
        ]
    )


@pytest.mark.parametrize("kind", ["receipt", "notice", "withdrawn"])
def test_words_of_students_never_become_the_private_link(kind):
    typed = f"See {Letter.PRIVATE_LINK} now"
    expression = make_expression(title=typed, name=typed, university=typed, abstract=typed)

    if kind == "receipt":
        send_receipt(expression, topics=[], coauthors=[], answers=[])
    else:
        send_letter(expression, kind)

    letter = Letter.objects.get()
    links = int(kind in WITH_LINK)
    assert "See (private link) now" in letter.body_text
    assert letter.body_text.count(Letter.PRIVATE_LINK) == links
    assert letter.body_html.count(Letter.PRIVATE_LINK) == 2 * links


def test_the_receipt_gives_the_deadline_for_changes():
    expression = make_expression()
    year = timezone.now().year + 1
    Call.objects.create(
        edition=expression.edition,
        opens_on=date(2020, 1, 1),
        closes_on=date(year, 1, 4),
        closes_time=time(17, 0),
    )

    letter = _send("receipt", expression)

    deadline = f"change your answers until 17:00 GMT, {date(year, 1, 4):%A} 4 January {year}"
    assert deadline in letter.body_text
    assert deadline in words_of(letter.body_html)


def test_the_receipt_of_an_open_ended_call_names_no_deadline():
    expression = make_expression()
    Call.objects.create(edition=expression.edition, is_open_ended=True)

    letter = _send("receipt", expression)

    assert "change your answers while the call is open." in letter.body_text
    assert "change your answers while the call is open." in words_of(letter.body_html)


def test_the_old_address_does_not_learn_the_new_one():
    expression = make_expression(email="new@example.net")

    letter = _send("address_changed_old", expression, to_email="old@example.org")

    assert letter.to_email == "old@example.org"
    assert "new@example.net" not in letter.body_text + letter.body_html


def test_line_breaks_are_removed_from_the_subject():
    letter = _send("notice", make_expression(university="Uni\r\nBcc: all@example.org"))

    assert letter.subject == "New expression of interest R7K-2QD from Uni Bcc: all@example.org"


def test_the_notice_of_an_erasure_contains_no_name():
    erase_on_request(expression=make_expression())

    letter = Letter.objects.get()
    assert letter.subject == "Erased at its author's wish: R7K-2QD"
    assert "Ada" not in letter.body_text + letter.body_html
    assert has_same_texts(letter)


def test_the_test_letter_is_the_same_in_text_and_html():
    letter = queue_letter(
        kind="test", template="mail/test", to_email="chair@example.org", context={}
    )

    assert letter.subject == "A test email from Workshop"
    assert has_same_texts(letter)
