"""Our words for the letters whose text an edition may choose, filled in for real."""

from datetime import date

import pytest

from apps.interest.models import Format
from apps.mail.texts import format_dates, kind_of
from apps.selection.letters import (
    LETTER_PLACEHOLDERS,
    OFFER_PLACEHOLDERS,
    build_text_letter,
    values_of,
)
from tests.factories import make_call, make_edition, make_expression
from tests.interest.test_letters import words_of

pytestmark = pytest.mark.django_db

OUR_KINDS = [
    *("interest/offer_talk", "interest/offer_poster", "interest/offer_both"),
    *("interest/waitlisted", "interest/declined", "interest/reminder"),
    "interest/thanks",
]


def written(kind: str, **fields):
    edition = make_edition(
        title="Workshop", contact_email="chairs@example.org", starts_on="2030-12-12"
    )
    edition.refresh_from_db()
    make_call(edition)
    expression = make_expression(edition, **fields)
    offer = kind.rpartition("offer_")[2] if "offer_" in kind else ""
    offer = "talk" if kind == "interest/reminder" else offer
    text = kind_of(kind)
    return build_text_letter(
        expression,
        kind=kind,
        subject=text.subject,
        body=text.body,
        offer=offer,
        reply_by_on=date(2030, 5, 3) if offer else None,
    )


@pytest.mark.parametrize("kind", OUR_KINDS)
def test_every_placeholder_has_its_value(kind):
    letter = written(kind, name="Ada Example", title="Small models")

    assert "{" not in letter.subject + letter.body_text
    assert letter.body_text.startswith("Hello Ada Example,\n")
    assert "“Small models”" in letter.body_text
    assert words_of(letter.body_html) == " ".join(letter.body_text.split())


def test_an_offer_names_format_date_and_link():
    text = written("interest/offer_both").body_text

    assert "to give a lightning talk and to show a poster" in text
    assert "by Friday 3 May 2030" in text
    assert "Dates of the workshop: Thursday 12 December 2030." in text
    assert "[private link]" in text


def test_values_and_the_list_of_placeholders_agree():
    edition = make_edition()
    expression = make_expression(edition)

    plain = values_of(expression)
    offered = values_of(expression, offer=Format.TALK, reply_by_on=date(2030, 5, 3))

    assert {*plain, "private_link"} == set(LETTER_PLACEHOLDERS)
    assert {*offered, "private_link"} == set(OFFER_PLACEHOLDERS)


def test_an_offer_not_released_yet_has_no_date():
    values = values_of(make_expression(make_edition()), offer=Format.POSTER)

    assert (values["offer"], values["reply_by"]) == ("poster", "[reply-by date]")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "to be announced"),
        ({"date_note": "Dec 12 or 13"}, "Dec 12 or 13"),
        ({"starts_on": date(2024, 12, 12)}, "Thursday 12 December 2024"),
        (
            {"starts_on": date(2024, 12, 12), "ends_on": date(2024, 12, 13)},
            "Thursday 12 December 2024 to Friday 13 December 2024",
        ),
    ],
)
def test_dates_have_the_day_of_the_week(fields, words):
    assert format_dates(make_edition(**fields)) == words
