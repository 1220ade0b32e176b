"""Texts with placeholders: filled in, never run; values stay words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.mail import texts
from apps.mail.models import LetterText
from apps.mail.services import queue_text_letter
from apps.mail.smtp import compose
from apps.mail.texts import as_html, check, check_subject, fill, fill_subject, text_of, texts_of
from tests.factories import make_edition
from tests.reading import words_of

KNOWN = {
    "name": "The student's name",
    "title": "Name and address called",
    "reply_by": "Until when",
    "private_link": "Their own page",
}
VALUES = {"name": "Ada Example", "title": "Small models", "reply_by": "Friday 3 May 2024"}
HOSTILE = [
    "<script>alert(1)</script> & \"co\" 'x'",
    "{{ settings.SECRET_KEY }}{% load static %}{title}",
    "https://evil.example/ and www.evil.example, mailto:x@evil.example",
    "{name.__class__.__mro__} {0} {title!r:>10}",
    '" onmouseover="x',
    "javascript:alert(1)",
    "[private link]",
    "Ada\r\nBcc: all@example.org",
]


def links_in(page: str) -> list[str]:
    return re.findall(r'<a href="([^"]*)"', page)


@pytest.fixture
def a_kind(monkeypatch):
    """A kind of letter named "tests/offer"."""
    monkeypatch.setattr(texts, "_kinds", {})
    texts.register_text(
        "tests/offer",
        label="An offer",
        when="Now.",
        placeholders=KNOWN,
        subject="An offer for {name}",
        body="Hello {name}.",
    )


# What is let in


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("Hello {name}, “{title}” {private_link}", []),
        ("No placeholder at all. 50% off, $5, <b>.", []),
        ("{nam}", ["“{nam}” is not a placeholder. Did you mean {name}?"]),
        ("{Reply by} ", ["“{Reply by}” is not a placeholder. Did you mean {reply_by}?"]),
        ("{ name }", ["“{ name }” is not a placeholder. Did you mean {name}?"]),
        ("{x}", ["“{x}” is not a placeholder. Use one of the list, or take it out."]),
        ("{}", ["“{}” is not a placeholder. Use one of the list, or take it out."]),
        ("{0}", ["“{0}” is not a placeholder. Use one of the list, or take it out."]),
        ("{name", ["A “{” has no partner. Braces are for placeholders, such as {name}."]),
        (":-}", ["A “}” has no partner. Braces are for placeholders, such as {name}."]),
        (
            "{{name}}",
            [
                "A “{” has no partner. Braces are for placeholders, such as {name}.",
                "A “}” has no partner. Braces are for placeholders, such as {name}.",
            ],
        ),
        (
            "{% load static %}",
            ["“{% load static %}” is not a placeholder. Use one of the list, or take it out."],
        ),
        ("{nam} and {nam}", ["“{nam}” is not a placeholder. Did you mean {name}?"]),
    ],
)
def test_an_unknown_placeholder_is_named_with_the_nearest_known_one(text, faults):
    assert check(text, KNOWN) == faults


@pytest.mark.parametrize(
    "text",
    [
        "{{ settings.SECRET_KEY }}",
        "{name.__class__}",
        "{name!r}",
        "{name:>100}",
        "{name[0]}",
        "{%include 'x'%}",
        "{#x#}",
        "{name}}",
        "{\nname}",
    ],
)
def test_syntax_of_any_kind_is_refused_and_never_run(text):
    assert check(text, KNOWN) != []
    assert fill(text, VALUES) in {text, "Ada Example}"}


def test_a_long_placeholder_is_shortened():
    assert check("{" + "x" * 5000 + "}", KNOWN)[0].startswith("“{" + "x" * 37 + "…}” is not")


def test_a_link_cannot_stand_in_a_subject():
    assert check_subject("{name}: {private_link}", KNOWN) == [
        "{private_link} cannot be used in the subject. Use it in the email."
    ]


def test_a_fault_in_a_default_text_stops_the_start(monkeypatch):
    monkeypatch.setattr(texts, "_kinds", {})

    with pytest.raises(ValueError, match=r"tests/slip: “[{]nmae"):
        texts.register_text(
            "tests/slip", label="x", when="x", placeholders=KNOWN, subject="x", body="{nmae}"
        )

    assert texts.text_kinds() == []


# What comes out


def test_a_text_is_filled_in():
    text = "Hello {name},\r\n\r\nyour “{title}”.\r\n{private_link}\r\n"

    assert fill(text, VALUES) == "Hello Ada Example,\n\nyour “Small models”.\n[private link]"
    assert as_html(text, VALUES) == (
        '<p dir="auto">Hello Ada Example,</p>\n'
        '<p dir="auto">your “Small models”.<br>\n'
        '<a href="[private link]">[private link]</a></p>'
    )


def test_the_organisers_addresses_are_links():
    text = "See https://example.org/a?b=1&c=2, (https://example.org/x) or http://example.org/."

    page = as_html(text, {})

    assert links_in(page) == ["https://example.org/a?b=1&amp;c=2", "https://example.org/x"]
    assert words_of(page) == text


@pytest.mark.parametrize("text", ["https://example.org/{title}", "https://{title}/x"])
def test_a_value_is_never_a_part_of_a_link(text):
    assert links_in(as_html(text, VALUES | {"title": "evil.example"})) == []


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_escaped(value):
    text = "Hello {name}.\n\nhttps://example.org/ {title}"

    page = as_html(text, VALUES | {"name": value})

    assert links_in(page) == ["https://example.org/"]
    assert re.findall(r"<(?!/?p\b|br>|/?a\b)", page) == []
    assert words_of(page) == " ".join(fill(text, VALUES | {"name": value}).split())
    assert "Small models" in page


def test_a_value_adds_no_placeholder_line_or_private_link():
    value = "{title}\n\n{private_link}\n[private\nlink]\u202e"

    assert fill("{name}", VALUES | {"name": value}) == "{title} {private_link} (private link)"


def test_a_subject_is_one_short_line():
    assert fill_subject("For {name}\r\nBcc: x", {"name": "A\nB"}) == "For A B Bcc: x"
    assert len(fill_subject("{name}", {"name": "x" * 400})) == 300


LIKELY = st.text(
    alphabet=st.sampled_from(list("{}%#<>&\"' \n\r\tname_itl.[]:!/0httpsevil\u2028é")),
    max_size=60,
)


@given(text=LIKELY)
def test_a_checked_text_has_no_brace_left(text):
    passes = check(text, KNOWN) == []
    without = re.sub("|".join(re.escape(f"{{{name}}}") for name in KNOWN), "", text)

    assert passes == (re.search("[{}]", without) is None)


@given(text=LIKELY, value=LIKELY)
def test_a_value_never_becomes_markup_or_a_link(text, value):
    values = {"name": value, "title": value}

    page = str(as_html(text, values))
    plain = str(as_html(text, {"name": "x", "title": "x"}))

    assert re.findall(r"<(?!p dir=\"auto\">|/p>|br>|a href=\"https://|/a>)", page) == []
    assert links_in(page) == links_in(plain)
    assert words_of(page) == " ".join(fill(text, values).split())


# Of an edition


@pytest.mark.django_db
@pytest.mark.usefixtures("a_kind")
def test_an_edition_has_the_default_text_until_it_has_its_own():
    edition, other = make_edition(), make_edition()
    assert (text_of(edition, "tests/offer").pk, text_of(edition, "tests/offer").subject) == (
        None,
        "An offer for {name}",
    )

    LetterText.objects.create(edition=edition, kind="tests/offer", subject="Ours", body="Ours.")

    assert text_of(edition, "tests/offer").subject == "Ours"
    assert text_of(other, "tests/offer").subject == "An offer for {name}"


@pytest.mark.django_db
@pytest.mark.usefixtures("a_kind")
def test_all_texts_take_one_query(django_assert_num_queries):
    edition = make_edition()

    with django_assert_num_queries(1):
        assert list(texts_of(edition)) == ["tests/offer"]


@pytest.mark.django_db
def test_text_and_html_of_a_letter_say_the_same():
    edition = make_edition(title="Workshop", contact_email="chairs@example.org")

    letter = queue_text_letter(
        edition=edition,
        kind="tests/offer",
        subject="For {name}",
        body="Hello {name},\n\n{private_link}",
        values=VALUES,
        to_email="ada@example.org",
        to_name="Ada Example",
        link_maker="tests",
        link_subject=7,
        state="draft",
    )

    assert (letter.state, letter.link_maker, letter.link_subject) == ("draft", "tests", 7)
    assert letter.body_text.startswith("Hello Ada Example,\n\n[private link]\n\nQuestions?")
    assert words_of(letter.body_html) == " ".join(letter.body_text.split())
    page = str(compose(letter, "https://example.org/link/").alternatives[0][0])
    assert '<a href="https://example.org/link/">https://example.org/link/</a>' in page


@pytest.mark.django_db
def test_a_letter_without_a_link_has_none_made():
    letter = queue_text_letter(
        edition=make_edition(),
        kind="tests/offer",
        subject="x",
        body="x",
        values={"name": "[private link]"},
        to_email="ada@example.org",
        link_maker="tests",
        link_subject=7,
    )

    assert (letter.state, letter.link_maker, letter.link_subject) == ("queued", "", None)
