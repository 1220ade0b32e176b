"""Name badges and the attendance list, read back from their PDFs."""

import pytest

from apps.printing.documents import find_kind, make_pdf
from tests.factories import (
    make_attendance_kind,
    make_contribution,
    make_edition,
    make_registration,
    make_session,
    make_slot,
)
from tests.printing.reading import read_pdf, text_of
from tests.printing.test_book import NAMES

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_edition(slug="2030", year=2030)


def printed(name: str, edition, layout: str = "") -> bytes:
    kind = find_kind(name)
    assert kind
    return make_pdf(kind, edition, layout=layout)


@pytest.mark.parametrize("layout", ["a7", "a6-double", "l7160"])
def test_everyone_with_a_place_has_a_badge_on_every_sheet(edition, layout):
    for name in [*NAMES, "#panic() $ [", "Robin " + "x" * 110]:
        make_registration(edition, name=name)
    make_registration(edition, name="Wanda Waiting", status="waiting")
    make_registration(edition, name="Carl Cancelled", status="cancelled")

    # Names may be broken into lines.
    text = "".join(text_of(printed("badges", edition, layout)).replace("\u200b", "").split())

    for name in [*NAMES, "#panic() $ [", "Robin " + "x" * 110]:
        assert name.replace(" ", "") in text
    assert "Wanda" not in text
    assert "Carl" not in text


def test_the_back_of_a_sheet_mirrors_its_rows(edition):
    for name in ("Ada", "Bob", "Cyd"):
        make_registration(edition, name=name)

    front, back = read_pdf(printed("badges", edition, "a7-double")).pages

    assert [name for name in front.extract_text().split() if name in {"Ada", "Bob", "Cyd"}] == [
        *("Ada", "Bob", "Cyd")
    ]
    assert [name for name in back.extract_text().split() if name in {"Ada", "Bob", "Cyd"}] == [
        *("Bob", "Ada", "Cyd")
    ]


def test_without_registrations_the_people_of_the_programme_have_badges(edition):
    make_slot(make_session(edition), make_contribution(edition, "Ada Lovelace"))

    assert "Ada Lovelace" in text_of(printed("badges", edition))


def test_the_attendance_list_is_in_the_order_of_names(edition):
    kind = make_attendance_kind(edition, name="In person")
    for name in ("Émile", "Zoë", "Ada"):
        make_registration(edition, name=name, kind=kind)

    text = text_of(printed("attendance", edition))

    assert text.index("Ada") < text.index("Émile") < text.index("Zoë")
    assert "In person" in text


def test_editors_do_not_print_lists_of_attendees(as_editor, edition):
    make_registration(edition)
    page = f"/admin/programme/session/programme/{edition.pk}/print/"

    assert "Attendance list" not in as_editor.get(page).content.decode()
    assert as_editor.get(f"{page}badges.png").status_code == 403
    assert as_editor.post(f"{page}attendance/").status_code == 403
