"""Slides of a lightning round as one PDF, in running order."""

import time as clock
from datetime import date, time
from io import BytesIO

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from apps.printing.slides.rounds import find_round
from apps.programme.models import Slot
from tests.factories import (
    make_contribution,
    make_contribution_link,
    make_edition,
    make_person,
    make_registration,
    make_release,
    make_session,
    make_slot,
)
from tests.printing.decks import bytes_of, deck, encrypted, give_slides, hostile
from tests.reading import messages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "private"
    return make_edition(slug="2024", title="Example Days", starts_on=date(2030, 6, 27))


@pytest.fixture
def session(edition):
    return make_session(edition, kind="lightning", title="Round one", starts_at=time(9), minutes=30)


def desk(session, page="") -> str:
    """The address of a round at the desk."""
    edition = session.edition_id
    return f"/admin/programme/session/programme/{edition}/day/{session.pk}/{page}"


def add_talk(session, title, *people, slides=None, **fields):
    talk = make_contribution(session.edition, *people, kind="lightning", title=title, **fields)
    make_slot(session, talk, minutes=3)
    if slides is not None:
        give_slides(talk, slides)
    return talk


def merged(client, session) -> list[str]:
    """The words of each page of the merged PDF; all pages have one size."""
    response = client.get(desk(session, "slides.pdf"))
    assert response.status_code == 200, response.headers
    content = response.getvalue()  # the client closes it
    pages = PdfReader(BytesIO(content)).pages
    assert {tuple(map(float, page.mediabox)) for page in pages} == {(0, 0, 960, 540)}
    return [" ".join(page.extract_text().split()) for page in pages]


def test_each_talk_has_a_card_before_its_slides_in_running_order(as_chair, session):
    add_talk(session, "First talk", make_person(name="Ada", affiliation="One\nTwo"))
    add_talk(session, "Second talk", "李明", slides=deck("Alpha", "Beta"))
    add_talk(session, "Third talk", "Bo", slides=deck("Gamma", size=(595, 842), rotate=90))
    make_release(session.edition)

    first, second, alpha, beta, third, gamma = merged(as_chair, session)

    assert "Round one 1 / 3 First talk Ada One; Two No slides" in first
    assert "2 / 3 Second talk" in second
    assert "No slides" not in second
    assert (alpha, beta, gamma) == ("Alpha", "Beta", "Gamma")
    assert "3 / 3 Third talk" in third


@pytest.mark.parametrize(
    ("slides", "reason"),
    [
        (b"%PDF-1.4 nothing else", "damaged"),
        (b"%PDF-", "damaged"),
        (encrypted(), "has a password"),
        (deck(*map(str, range(61))), "61 pages"),
    ],
)
def test_a_file_that_cannot_be_merged_has_a_card_that_names_it(as_chair, session, slides, reason):
    add_talk(session, "Broken talk", slides=slides)
    add_talk(session, "Whole talk", slides=deck("Alpha"))
    make_release(session.edition)

    pages = merged(as_chair, session)
    page = as_chair.get(desk(session, "?check")).content.decode()

    assert len(pages) == 3
    assert "The slides could not be merged: broken-talk.pdf" in pages[0]
    assert pages[2] == "Alpha"
    assert f"Not merged: {reason}" in page
    assert page.count("Not merged") == 1


def test_a_file_without_its_end_is_repaired(as_chair, session):
    add_talk(session, "Cut off", slides=bytes_of(deck("Alpha"))[:-60])
    make_release(session.edition)

    assert merged(as_chair, session)[1] == "Alpha"


def test_slides_in_another_format_have_a_card_with_their_name(as_chair, session):
    add_talk(session, "Elsewhere", slides_url="https://example.org/slides.pptx")
    zipped = add_talk(session, "Zipped")
    make_contribution_link(zipped, kind="slides", file="attachments/a.zip", url="")
    make_release(session.edition)

    first, second = merged(as_chair, session)

    assert "The slides are not a PDF on this site: https://example.org/slides.pptx" in first
    assert "The slides are not a PDF on this site: zipped-slides.zip" in second


def test_scripts_actions_links_and_embedded_files_stay_behind(as_chair, session):
    add_talk(session, "Hostile", slides=hostile())
    make_release(session.edition)

    response = as_chair.get(desk(session, "slides.pdf"))

    plain = BytesIO()
    with pikepdf.open(BytesIO(response.getvalue())) as pdf:
        pdf.save(
            plain,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            compress_streams=False,
        )
    names = (
        b"JavaScript",
        b"/JS",
        b"Launch",
        b"EmbeddedFile",
        b"Annot",
        b"/AA",
        b"calc.exe",
        b"MZ",
    )
    assert not [name for name in names if name in plain.getvalue()]


def test_a_round_without_talks_and_one_with_hostile_titles_can_be_merged(as_chair, session):
    make_release(session.edition)
    empty = as_chair.get(desk(session, "slides.pdf"), follow=True)
    add_talk(session, '#panic("no") $x$ \\ <b>&' + "x" * 200, "محمد " + "y" * 190)
    make_release(session.edition)

    assert "There is no talk in this round yet." in messages_of(empty)
    assert '#panic("no") x' in merged(as_chair, session)[0]


def test_the_published_order_counts_and_the_desk_says_if_the_draft_differs(as_chair, session):
    for title in ("First", "Second"):
        add_talk(session, title)
    before = as_chair.get(desk(session)).content.decode()
    make_release(session.edition)
    published = as_chair.get(desk(session)).content.decode()
    slot = Slot.objects.get(contribution__title="First")
    slot.ordering = 99
    slot.save()

    after = as_chair.get(desk(session)).content.decode()

    assert "This round is not published yet." in before
    assert "draft" not in published
    assert "The draft has other talks, or another order." in after
    assert ["First" in page for page in merged(as_chair, session)] == [True, False]


def test_a_merged_pdf_has_what_was_uploaded_a_moment_ago(as_chair, session):
    talk = add_talk(session, "Talk", slides=deck("Before"))
    make_release(session.edition)
    before = merged(as_chair, session)
    give_slides(talk, deck("After"))

    assert before[1] == "Before"
    assert merged(as_chair, session)[1] == "After"


@pytest.mark.parametrize("page", ["", "slides.pdf"])
def test_only_those_who_see_the_programme_at_the_desk_get_slides(
    client, as_stranger, as_reviewer, as_editor, session, page
):
    add_talk(session, "Talk")
    path = desk(session, page)
    responses = [one.get(path) for one in (client, as_stranger, as_reviewer, as_editor)]
    statuses = [response.status_code for response in responses]
    for response in responses:
        b"".join(response)  # the client closes it
    assert statuses == [302, 302, 403, 200]
    assert as_editor.post(path).status_code == 405
    other = make_session(session.edition, kind="talks")
    assert as_editor.get(desk(other, page)).status_code == 404


def test_the_command_writes_a_pdf_for_each_round(session, tmp_path, capsys):
    add_talk(session, "Broken", slides=b"%PDF-1.4")
    add_talk(session, "Whole", slides=deck("Alpha"))
    add_talk(make_session(session.edition, kind="lightning", title="Round two"), "Other")
    make_session(session.edition, kind="lightning", title="Round three")
    make_release(session.edition)

    call_command("merge_slides", "2024", str(tmp_path / "out"))

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "2024-round-one-slides.pdf",
        "2024-round-two-slides.pdf",
    ]
    printed = capsys.readouterr()
    assert "1. Broken: not merged (damaged)" in printed.out
    assert "Round three: There is no talk in this round yet." in printed.err


def test_the_command_says_what_is_missing(edition):
    with pytest.raises(CommandError, match="There is no edition"):
        call_command("merge_slides", "1999")
    with pytest.raises(CommandError, match="has no lightning round"):
        call_command("merge_slides", "2024")


def test_a_round_of_thirty_decks_is_merged_on_request(as_chair, session):
    for number in range(30):
        add_talk(session, f"Talk {number}", f"Speaker {number}", slides=deck("a", "b", "c"))
    make_release(session.edition)

    begun = clock.monotonic()
    pages = merged(as_chair, session)

    assert len(pages) == 120
    assert clock.monotonic() - begun < 10


def test_names_have_their_pronunciation_from_the_registration(edition, session):
    ada = make_person(name="Ada")
    add_talk(session, "Talk", ada)
    make_registration(edition, person=ada, pronunciation="AY-da")

    found = find_round(edition, session.pk)
    assert found is not None
    assert found.turns[0].pronunciation == "AY-da"
