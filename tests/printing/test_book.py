"""The book of abstracts, read back from its PDF."""

import unicodedata
from datetime import date

import pytest

from apps.core.exceptions import NotAllowed
from apps.printing.book import collect_book
from apps.printing.characters import drawn_codes
from apps.printing.documents import find_kind, make_pdf
from tests.factories import (
    make_chair,
    make_contribution,
    make_contributor,
    make_edition,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.printing.reading import outline_of, read_pdf, text_of
from tests.programme.helpers import assert_constant_queries

pytestmark = pytest.mark.django_db
NAMES = [
    "Nguyễn Thị Ánh",
    "Zdeněk Dvořák",
    "Ḥasan al-Ǧāḥiẓ",
    "Ελένη Παπαδοπούλου",
    "Жанна Щукина",
    "王小明",
    "김철수",
    "山田 太郎",
]


@pytest.fixture
def edition():
    return make_edition(slug="2030", year=2030, starts_on=date(2030, 5, 3), hue=330)


def book_of(edition) -> bytes:
    kind = find_kind("book")
    assert kind
    return make_pdf(kind, edition)


def test_the_book_has_programme_abstracts_and_authors(edition):
    session = make_session(edition, title="Morning", room=make_room(edition, name="Blue Hall"))
    talk = make_contribution(edition, title="Graphs of $x^2$", abstract="We *show* that $a<b$.")
    person = make_person(name="Ada Lovelace", affiliation="Uni A\nLab B")
    make_contributor(talk, person)
    make_slot(session, talk)
    make_release(edition)

    reader = read_pdf(book := book_of(edition))
    text = text_of(book)

    assert outline_of(reader)[:2] == ["Programme", "Friday 3 May 2030"]
    assert "Graphs of" in " ".join(outline_of(reader))
    assert "/StructTreeRoot" in reader.root_object  # tagged
    for expected in ("Friday 3 May 2030", "Blue Hall", "Morning", "Uni A", "We show that"):
        assert expected in text
    assert "Lovelace, Ada" in text
    assert "Draft" not in text


def test_every_script_of_a_name_is_in_the_pdf(edition):
    session = make_session(edition)
    for name in NAMES:
        make_slot(session, make_contribution(edition, name))

    text = text_of(book_of(edition))

    for name in NAMES:
        assert name in text


def test_names_written_from_right_to_left_are_in_the_pdf(edition):
    talk = make_contribution(edition, "مريم الخطيب", "דוד כהן")
    make_slot(make_session(edition), talk)

    text = text_of(book_of(edition))

    assert "דוד" in text or "דוד"[::-1] in text
    assert any(form in text for form in ("مريم", "مريم"[::-1]))


def test_hostile_texts_stay_texts(edition):
    hostile = '#read("/etc/passwd") $x [#] \\ @a <b> `c` // *d* _e_ 😀 \x01 \u202eabc'
    talk = make_contribution(edition, "#eval(1)", "N" * 120, title="#let x = [", abstract=hostile)
    for number in range(40):
        make_contributor(talk, f"Author {number}", affiliation=f'#import "x" {number}')
    make_slot(make_session(edition, title="#panic()"), talk)

    text = text_of(book_of(edition))

    for expected in ("#eval(1)", "#let x = [", "#panic()", '#read("/etc/passwd")', "Author 39"):
        assert expected in text.replace("“", '"').replace("”", '"')


def test_texts_nested_deeply_do_not_stop_the_book(edition):
    deep = ["> " * 200 + "quote", "- " * 60 + "item", "$" + "x_{" * 60 + "y" + "}" * 60 + "$"]
    session = make_session(edition)
    for abstract in [*deep, "```\n```", "1. a\n" * 500, "| a |\n|---|", "[^1]\n\n[^1]: Note"]:
        make_slot(session, make_contribution(edition, abstract=abstract))

    assert "Note" in text_of(book_of(edition))


def test_formulas_on_their_own_lines_are_set(edition):
    formula = "$$\\begin{pmatrix} 17 & 18 \\\\ 19 & 20 \\end{pmatrix} = \\frac{21}{22}$$"
    make_slot(make_session(edition), make_contribution(edition, abstract=f"So: {formula} here."))

    text = text_of(book_of(edition))

    for expected in ("17", "20", "21", "22", "here."):
        assert expected in text


def test_an_unpublished_programme_is_marked_as_draft(edition):
    make_slot(make_session(edition), make_contribution(edition, title="Secret", is_published=False))

    text = text_of(book_of(edition))

    assert "Draft" in text
    assert "Secret" in text


def test_a_published_programme_hides_what_visitors_do_not_see(edition):
    session = make_session(edition)
    make_slot(session, make_contribution(edition, title="Open"))
    make_slot(session, make_contribution(edition, title="Hidden", is_published=False))
    make_release(edition)

    text = text_of(book_of(edition))

    assert "Open" in text
    assert "Hidden" not in text


def test_an_empty_programme_has_no_book(edition):
    with pytest.raises(NotAllowed):
        book_of(edition)


def test_the_fonts_have_the_characters_that_are_listed(edition):
    drawn = sorted(drawn_codes())
    sample = [chr(code) for code in drawn[::41] if not unicodedata.combining(chr(code))]
    make_slot(make_session(edition), make_contribution(edition, abstract=" ".join(sample)))

    assert "\ufffd" not in text_of(book_of(edition))  # and PDF/UA, which needs a glyph for each


def test_the_queries_of_the_book_do_not_grow(edition):
    session = make_session(edition)
    make_chair(session, make_person())

    def add() -> None:
        talk = make_contribution(edition, make_person(affiliation="Uni"), "Bare Name")
        make_slot(session, talk)

    assert_constant_queries(lambda: collect_book(edition), add, at_most=14)
