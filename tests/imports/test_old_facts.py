"""Where texts of a new edition name the year, days, place or address of the earlier one."""

from datetime import date

import pytest

from apps.editions.models import Call, Edition
from apps.imports.old_facts import OldFacts
from tests.factories import make_deadline, make_edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Edition:
    """2026, on 3 to 5 May, with a deadline on 1 February and a call until 12 December 2025."""
    edition = make_edition(
        slug="2026",
        year=2026,
        starts_on=date(2026, 5, 3),
        ends_on=date(2026, 5, 5),
        venue="Turing Hall, Manchester",
        venue_address="Great Court\n12 Oxford Road\nUnited Kingdom",
        parent_event_name="Physics Days",
        registration_url="https://register.example.org/small",
    )
    make_deadline(edition, due_on=date(2026, 2, 1))
    Call.objects.create(edition=edition, opens_on=date(2025, 11, 30), closes_on=date(2025, 12, 12))
    return edition


def marked(text: str, source: Edition, **facts) -> list[str]:
    """The marked words of a text of an edition that was made from `source`."""
    edition = make_edition(slug="2027", year=2027, **facts)
    sentences = list(OldFacts(source, edition).find(text))
    return [words for sentence in sentences for words, is_old in sentence if is_old]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Welcome to SMALL 2026!", "2026"),
        ("WS2026", "2026"),
        ("See you in ’26.", "’26"),
        ("The volume 2025/26 appears.", "2025"),
        ("We meet on 3 May 2026 in spring.", "3 May 2026"),
        ("On 3rd of May we meet.", "3rd of May"),
        ("The workshop is May 3–4 this time.", "May 3–4"),
        ("The workshop is May 3rd to 4th.", "May 3rd to 4th"),
        ("From 2 to 6 May", "2 to 6 May"),
        ("On May 3, 2026, we meet.", "May 3, 2026"),
        ("MAY 3", "MAY 3"),
        ("Am 3. Mai treffen wir uns.", "3. Mai"),
        ("Vom 3.–5. Mai 2026 in Mainz", "3.–5. Mai 2026"),
        ("am 3. und 4. Mai", "3. und 4. Mai"),
        ("bis zum 1. Februar 2026 (23:59)", "1. Februar 2026"),
        ("bis 1. Feb. senden", "1. Feb"),
        ("le 12 déc. 2025", "12 déc. 2025"),
        ("du 3 au 5 mai à Lyon", "3 au 5 mai"),
        ("Avant le 1er février, envoyez", "1er février"),
        ("le 12 decembre", "12 decembre"),
        ("am 03.05.2026 um neun", "03.05.2026"),
        ("am 3.5. um neun", "3.5."),
        ("until 01/02/26", "01/02/26"),
        ("until 2/1/2026", "2/1/2026"),
        ("closes 2025-12-12 at noon", "2025-12-12"),
        ("closed on Dec. 12 already", "Dec. 12"),
        ("We meet on 3 May\n2026 again", "3 May 2026"),
        ("It is in Manchester.", "Manchester"),
        ("Go to 12 Oxford Road.", "12 Oxford Road"),
        ("Part of the Physics Days", "Physics Days"),
        ("at https://register.example.org/small now", "https://register.example.org/small"),
        ("See [the form](https://example.org/2026/interest/).", "/2026"),
    ],
)
def test_old_facts_are_found_in_the_forms_that_people_write(source, text, words):
    assert marked(text, source) == [words]


@pytest.mark.parametrize(
    "text",
    [
        *("", "Welcome to SMALL 2027!", "12026 or 20265", "May is nice.", "at most 3 may speak"),
        *("3 May 2027", "May 3, 2019", "03.05.2027", "6 May", "May 6–8", "13 May", "version 3.5.1"),
        *("3/5 of them", "3 mayors and 5 decades", "in the UK", "manchester", "United Kingdom"),
        "Manchesterians",
    ],
)
def test_other_numbers_days_and_words_are_left_alone(source, text):
    assert marked(text, source) == []


def test_facts_that_the_new_edition_shares_are_left_alone(source):
    facts = {"starts_on": date(2027, 5, 4), "venue": "Other Hall, Manchester"}
    text = "On 4 May in Manchester. On 3 May in Turing Hall."

    assert marked(text, source, **facts) == ["3 May", "Turing Hall"]


def test_a_year_of_the_new_edition_is_not_old_but_the_old_days_in_it_are(source):
    facts = {"registration_closes_on": date(2026, 12, 1)}

    assert marked("Until 1 December 2026. Not 3 May 2026.", source, **facts) == ["3 May 2026"]


def test_an_address_without_the_year_is_found(source):
    Edition.objects.filter(pk=source.pk).update(slug="small")
    source.refresh_from_db()

    assert marked("[Form](/small/interest/), /smaller/", source) == ["/small"]


def test_each_sentence_is_shown_by_itself(source):
    edition = make_edition(slug="2027", year=2027)
    text = "# Dates\n\nNo date. We met on 3. Mai 2026. Then we left!\n- Lunch in 2026\n- Tea"

    sentences = list(OldFacts(source, edition).find(text))

    assert sentences == [
        [("We met on ", False), ("3. Mai 2026", True), (".", False)],
        [("- Lunch in ", False), ("2026", True)],
    ]


def test_a_long_sentence_is_cut_around_its_first_mark(source):
    edition = make_edition(slug="2027", year=2027)

    (sentence,) = OldFacts(source, edition).find("word " * 2000 + "2026" + " word" * 2000)

    assert ("2026", True) in sentence
    assert (sentence[0], sentence[-1]) == (("…", False), ("…", False))
    assert len("".join(words for words, _ in sentence)) < 350


@pytest.mark.parametrize("piece", ["1,", "1 ", "May ", "3–", "'26 ", "\n", ". ", "2026", "3 maſ "])
def test_long_odd_texts_are_searched_quickly(source, piece):
    edition = make_edition(slug="2027", year=2027)

    list(OldFacts(source, edition).find(piece * (50_000 // len(piece))))


def test_odd_letters_of_a_month_are_no_error(source):
    assert marked("1 ſept 2026, 3 MAİ", source) == ["1 ſept 2026", "3 MAİ"]
