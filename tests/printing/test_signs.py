"""Labels, signs and session sheets, read back from their PDFs."""

from datetime import date, time
from typing import Any

import pytest

from apps.printing.documents import find_kind, make_pdf
from tests.factories import (
    make_chair,
    make_contribution,
    make_edition,
    make_person,
    make_registration,
    make_room,
    make_session,
    make_slot,
)
from tests.printing.reading import read_pdf, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_edition(slug="2030", year=2030, starts_on=date(2030, 5, 3))


def printed(name: str, edition, layout: str = "") -> bytes:
    kind = find_kind(name)
    assert kind
    return make_pdf(kind, edition, layout=layout)


def test_poster_boards_have_a_label_each(edition):
    session = make_session(edition, kind="posters", starts_at=time(14), minutes=60)
    for number in range(1, 6):
        poster = make_contribution(edition, f"Author {number}", kind="poster")
        make_slot(session, poster, board=f"P{number}")

    content = printed("boards", edition)

    assert len(read_pdf(content).pages) == 2  # four on a sheet
    assert len(read_pdf(printed("boards", edition, "a4")).pages) == 5
    for number in range(1, 6):
        assert f"P{number}" in text_of(content)
        assert f"Author {number}" in text_of(content)


def test_a_door_sign_has_the_sessions_of_its_room_and_day(edition):
    room, other = make_room(edition, name="Blue Hall"), make_room(edition, name="Red Hall")
    make_slot(make_session(edition, title="Graphs", room=room), make_contribution(edition, "Ada"))
    make_session(edition, title="Trees", room=other)

    pages = [page.extract_text() for page in read_pdf(printed("doors", edition)).pages]

    assert "Blue Hall" in pages[0]
    assert "Graphs" in pages[0]
    assert "09:00" in pages[0]
    assert "Ada" in pages[0]
    assert "Trees" not in pages[0]
    assert "Trees" in pages[1]


@pytest.mark.parametrize("layout", ["folded", "strip"])
def test_speakers_and_chairs_have_a_table_sign_once(edition, layout):
    session, person = make_session(edition), make_person(name="Ada Lovelace")
    make_chair(session, person)
    make_slot(session, make_contribution(edition, person))
    make_slot(session, make_contribution(edition, "Grace Hopper"))

    text = text_of(printed("tables", edition, layout))

    # The upside-down side of a folded sign repeats the name.
    assert text.count("Ada Lovelace") == (2 if layout == "folded" else 1)
    assert "Grace Hopper" in text


def test_a_session_sheet_says_how_to_pronounce_a_name(edition):
    person = make_person(name="Nguyễn Thị Ánh")
    talk = make_contribution(edition, person, title="Fast graphs", slides_url="https://e.org/s.pdf")
    make_slot(make_session(edition, title="Morning"), talk, minutes=20)
    make_registration(edition, person=person, pronunciation="Ngwen Tee Ang")

    content = printed("sessions", edition)
    text = text_of(content)
    annotations: Any = read_pdf(content).pages[0].annotations or []
    links = [each.get_object()["/A"]["/URI"] for each in annotations]

    for expected in ("Morning", "09:00–09:20", "20 min", "Nguyễn Thị Ánh", "Ngwen Tee Ang"):
        assert expected in text
    assert "https://e.org/s.pdf" in links
