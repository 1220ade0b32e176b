"""The admin of sessions, contributions and rooms, and the overview of the programme."""

import html
import re
from datetime import date, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.programme.models import (
    Contribution,
    Contributor,
    LinkKind,
    ProgrammeRelease,
    Room,
    Session,
    Slot,
)
from tests.factories import (
    make_chair,
    make_contribution,
    make_contribution_link,
    make_contributor,
    make_edition,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
    make_topic,
)
from tests.programme.helpers import assert_constant_queries

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


def _overview(edition) -> str:
    return f"/admin/programme/session/programme/{edition.pk}/"


def _change(row) -> str:
    return f"/admin/programme/{row._meta.model_name}/{row.pk}/change/"


def _rows(prefix: str, rows: list[dict], kept: int = 0) -> dict:
    """The POST data of an inline."""
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": kept}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def _parts(contributors: list[dict], *, kept: int = 0, links: tuple[dict, ...] = ()) -> dict:
    """The POST data of the inlines of a contribution; `kept` contributors are stored already."""
    return _rows("contributors", contributors, kept) | _rows("links", list(links))


def _session(**fields) -> dict:
    return {
        "kind": "talks",
        "title": "Talks",
        "description": "",
        "day": 1,
        "starts_at": "09:00",
        "ends_at": "",
        "minutes": "",
        "room": "",
        "ordering": 0,
        **_rows("chairs", []),
        **_rows("slots", []),
        **fields,
    }


def _errors(response) -> dict:
    return response.context["adminform"].form.errors


def test_a_session_is_saved_with_its_chairs_and_slots(as_editor):
    edition = make_edition(starts_on=date(2024, 5, 3))
    room, ada, talk = make_room(edition), make_person(), make_contribution(edition)
    data = _session(edition=edition.pk, room=room.pk, ends_at="10:30")
    data |= _rows("chairs", [{"person": ada.pk, "ordering": 10}])
    data |= _rows("slots", [{"contribution": talk.pk, "minutes": 20, "ordering": 10}])

    response = as_editor.post("/admin/programme/session/add/", data)

    assert response["Location"] == _overview(edition)
    session = Session.objects.get()
    assert (session.minutes, session.room, session.slug) == (90, room, "talks")
    assert [chair.person for chair in session.chairs.all()] == [ada]
    assert [(slot.contribution, slot.minutes) for slot in session.slots.all()] == [(talk, 20)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"starts_at": "10:00", "ends_at": "09:30"}, "ends_at"),
        ({"starts_at": "", "ends_at": "09:30"}, "ends_at"),
        ({"ends_at": "10:00", "minutes": "45"}, "minutes"),
        ({"starts_at": "25:00"}, "starts_at"),
        ({"ends_at": "9h"}, "ends_at"),
    ],
)
def test_impossible_times_are_refused(as_editor, fields, field):
    edition = make_edition()

    response = as_editor.post(
        "/admin/programme/session/add/", _session(edition=edition.pk, **fields)
    )

    assert list(_errors(response)) == [field]
    assert not Session.objects.exists()


def test_changing_only_the_start_moves_a_session_over_midnight_as_well(as_editor):
    session = make_session(make_edition(), starts_at=time(22), minutes=180, title="Party")

    as_editor.post(
        _change(session),
        _session(title="Party", starts_at="23:00", ends_at="01:00", minutes="180"),
    )

    session.refresh_from_db()
    assert (session.starts_at, session.minutes, session.ends_at) == (time(23), 180, time(2))


def test_two_posters_exchange_their_boards(as_editor):
    session = make_session(make_edition(), kind="posters")
    first, second = make_slot(session, board="P1"), make_slot(session, board="P2")
    rows = [
        {"id": first.pk, "board": "P2", "ordering": 10},
        {"id": second.pk, "board": "P1", "ordering": 20},
    ]

    response = as_editor.post(_change(session), _session() | _rows("slots", rows, kept=2))

    assert response.status_code == 302
    assert list(session.slots.values_list("pk", "board")) == [(first.pk, "P2"), (second.pk, "P1")]


def test_a_contribution_twice_or_of_another_edition_is_refused(as_editor):
    edition = make_edition()
    session = make_session(edition, kind="posters")
    slot = make_slot(session, board="P1")
    stored = {"id": slot.pk, "board": "P1", "ordering": 10}

    old = make_contribution(make_edition(), title="Old")

    for new, error in (
        (
            {"contribution": slot.contribution.pk},
            "Another row on this page is the same. Change or remove one of the two.",
        ),
        ({"contribution": old.pk}, "“Old” belongs to another edition."),
    ):
        rows = [stored, new | {"ordering": 20}]
        response = as_editor.post(_change(session), _session() | _rows("slots", rows, kept=1))

        slots = response.context["inline_admin_formsets"][1].formset
        assert [error] in slots.errors[1].values()
    assert Slot.objects.get() == slot


def test_a_contribution_is_saved_with_its_contributors_and_topics(as_editor):
    edition = make_edition()
    topic, ada = make_topic(edition), make_person(name="Ada Example")
    data = {"edition": edition.pk, "kind": "paper", "title": "Small models", "topics": [topic.pk]}
    data |= _parts(
        [
            {"person": ada.pk, "role": "author", "is_corresponding": "on", "ordering": 20},
            {"name": "Bob Bare", "affiliation": "Leith", "role": "author", "ordering": 10},
        ],
    )

    response = as_editor.post("/admin/programme/contribution/add/", data)

    assert response["Location"] == _overview(edition)
    paper = Contribution.objects.get()
    assert (paper.slug, paper.is_published, list(paper.topics.all())) == (
        "small-models",
        False,
        [topic],
    )
    assert [str(one) for one in paper.contributors.all()] == ["Bob Bare", "Ada Example"]


def test_a_contributor_is_a_person_or_a_name_and_listed_once(as_editor):
    edition = make_edition()
    ada = make_person(name="Ada Example")
    talk = make_contribution(edition, ada)
    stored = {"id": talk.contributors.get().pk, "role": "speaker", "ordering": 10}
    topics = {"topics": [make_topic(make_edition(), heading="Old").pk]}

    for new in (
        {"person": ada.pk, "role": "author", "ordering": 20},
        {"person": ada.pk, "name": "Ada", "role": "author", "ordering": 20},
        {"affiliation": "Leith", "role": "author", "ordering": 20},
    ):
        data = {"kind": "invited", "title": "T"} | _parts([stored, new], kept=1)
        response = as_editor.post(_change(talk), data)
        assert response.status_code == 200
    assert "Choose a person, or enter a name" in response.content.decode()

    data = {"kind": "invited", "title": "T"} | _parts([stored], kept=1)
    assert as_editor.post(_change(talk), data | topics).status_code == 200
    assert Contributor.objects.count() == 1
    assert not talk.topics.exists()


def test_links_and_files_are_saved_with_their_contribution(as_editor, settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    talk = make_contribution(make_edition())
    data = {"kind": "invited", "title": "T"} | _parts(
        [],
        links=(
            {"kind": "reviews", "label": "Forum", "url": "https://example.org/f", "ordering": 20},
            {
                "kind": "data",
                "file": SimpleUploadedFile("data.zip", b"PK\x05\x06" + bytes(18)),
                "ordering": 10,
            },
        ),
    )

    response = as_editor.post(_change(talk), data)

    assert response.status_code == 302
    data_link, forum = talk.links.all()
    assert forum.shown == (LinkKind.REVIEWS, "Forum", "https://example.org/f", "")
    assert data_link.shown == (LinkKind.DATA, "Data", data_link.file.url, "ZIP")
    page = as_editor.get(_change(talk)).content.decode()
    assert f'href="{data_link.file.url}"' in page


_PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Enter a web address, or choose a file, not both."),
        (
            {"url": "https://example.org/", "file": ("a.pdf", _PDF)},
            "Enter a web address, or choose a file, not both.",
        ),
        ({"file": ("a.html", b"<html>")}, "This is neither a PDF nor a ZIP archive."),
        ({"file": ("a.zip", _PDF)}, "This is neither a PDF nor a ZIP archive."),
        (
            {"file": ("a.pdf", b"PK\x05\x06" + bytes(18))},
            "This is neither a PDF nor a ZIP archive.",
        ),
        ({"file": ("a.pdf", b"%PDF-1.7 /Encrypt 5 0 R")}, "This PDF is encrypted."),
        ({"label": "Same", "url": "https://example.org/"}, "Another link of this kind"),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
    ],
)
def test_a_link_is_an_address_or_an_accepted_file(as_editor, settings, tmp_path, fields, error):
    settings.PRIVATE_ROOT = tmp_path
    talk = make_contribution(make_edition())
    make_contribution_link(talk, kind="data", label="Same")
    fields = {"kind": "data", "label": "Other", "ordering": 10} | fields
    if "file" in fields:
        fields["file"] = SimpleUploadedFile(*fields["file"])
    data = {"kind": "invited", "title": "T"} | _parts([], links=(fields,))

    response = as_editor.post(_change(talk), data)

    assert error in html.unescape(response.content.decode())
    assert talk.links.count() == 1
    assert list(tmp_path.iterdir()) == []


def test_slides_that_are_not_a_readable_pdf_are_refused(as_editor, settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    talk = make_contribution(make_edition())
    content = b"%PDF-1.7\n" + b"x" * 1_048_570 + b"\ntrailer <</Encrypt 5 0 R>>"
    data = {"kind": "invited", "title": "T", "slides": SimpleUploadedFile("slides.pdf", content)}

    response = as_editor.post(_change(talk), data | _parts([]))

    assert "is encrypted" in str(_errors(response))
    assert not Contribution.objects.get().slides
    assert list(tmp_path.iterdir()) == []


def test_slides_are_a_download_and_are_deleted_with_their_row(
    as_editor, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.PRIVATE_ROOT = tmp_path
    talk = make_contribution(make_edition())
    for name in ("first.pdf", "../second.html"):
        slides = SimpleUploadedFile(name, b"%PDF-1.7\n%%EOF\n")
        data = {"kind": "invited", "title": "T", "slides": slides} | _parts([])
        with django_capture_on_commit_callbacks(execute=True):
            assert as_editor.post(_change(talk), data).status_code == 302

    talk.refresh_from_db()
    answer = as_editor.get(talk.slides.url)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7\n%%EOF\n"
    assert [path.name for path in (tmp_path / "slides").iterdir()] == [
        str(talk.slides.name).removeprefix("slides/")
    ]
    with django_capture_on_commit_callbacks(execute=True):
        talk.delete()
    assert list((tmp_path / "slides").iterdir()) == []


def test_rooms_are_edited_on_the_page_of_their_edition_with_unique_names(as_editor):
    edition = make_edition(title="Workshop")
    room = make_room(edition, name="Hall A")
    page = f"/admin/editions/edition/{edition.pk}/programme/"
    context = as_editor.get(page).context
    data = {bound.html_name: bound.value() or "" for bound in context["adminform"].form}
    for inline in context["inline_admin_formsets"]:
        data |= _rows(inline.formset.prefix, [])
    stored = {"id": room.pk, "name": "Hall A", "ordering": 10}

    refused = [
        as_editor.post(page, data | _rows("rooms", [stored, *new], kept=1))
        for new in (
            [{"name": "hall a", "ordering": 20}],
            [{"name": "Hall B", "ordering": 20}, {"name": "HALL B", "ordering": 30}],
        )
    ]
    for response in refused:
        assert response.status_code == 200
        assert (
            "This edition has a room with this name already. Choose another name."
            in response.content.decode()
        )

    new = {"name": "Hall B", "capacity": 80, "ordering": 20}
    assert as_editor.post(page, data | _rows("rooms", [stored, new], kept=1)).status_code == 302
    assert list(Room.objects.values_list("name", "capacity")) == [("Hall A", None), ("Hall B", 80)]


def test_the_overview_shows_days_sessions_slots_and_conflicts(as_editor):
    edition = make_edition(starts_on=date(2024, 5, 3), title=HOSTILE)
    hall = make_room(edition, name=HOSTILE)
    round_ = make_session(
        edition, kind="lightning", title=HOSTILE, starts_at=time(14), minutes=10, room=hall
    )
    make_chair(round_, HOSTILE)
    for minutes in (12, 3):
        make_slot(round_, make_contribution(edition, HOSTILE, title=HOSTILE), minutes=minutes)
    make_contribution(edition, title="Left over", is_published=False)
    make_session(edition, title="", kind="social", starts_at=None, minutes=90, day=2)

    html = as_editor.get(_overview(edition)).content.decode()

    assert HOSTILE not in html
    for words in (
        "Day 1: Friday 3 May 2024",
        "14:00–14:10",
        "14:12",
        "90 minutes",
        "2 warnings",
        "lasts 10 minutes, but its contributions need 15: 5 too many.",
        "is on day 2 (4 May 2024), but the edition is on 3 May 2024.",
        "Not in a session yet",
        "Left over",
        "not published",
    ):
        assert words in html, words


def test_an_empty_overview_explains_how_to_begin(as_editor):
    html = as_editor.get(_overview(make_edition())).content.decode()

    assert "There are no sessions yet." in html
    assert as_editor.get("/admin/programme/session/programme/99999/").status_code == 404


def test_readers_see_the_overview_without_its_forms(as_reviewer):
    edition = make_edition()
    make_session(edition)

    html = as_reviewer.get(_overview(edition)).content.decode()

    for words in ("Add a session", "and publish</a>", 'class="timetable'):
        assert words not in html


def test_only_editors_and_chairs_change_the_programme(as_reviewer, as_helpdesk, as_editor):
    """`tests/test_access.py` says who may read which page."""
    edition = make_edition(starts_on=date(2124, 5, 3))
    sessions = [make_session(edition, kind=kind) for kind in ("talks", "lightning", "posters")]
    pages = [f"/admin/programme/session/{row.pk}/" for row in sessions]
    moved, publish = f"{pages[0]}move/", f"{_overview(edition)}publish/"
    seen = as_editor.get(publish).context["form"].initial["seen"]
    place = as_editor.get(moved).context["form"].initial["seen"]

    for address, data in (
        (publish, {"seen": seen}),
        (moved, {"minutes": 30, "along": "nothing", "seen": place}),
        (f"{_overview(edition)}put-back/", {}),
        (f"{pages[1]}round/", {}),
        (f"{pages[2]}boards/?before=A", {}),
    ):
        assert [who.post(address, data).status_code for who in (as_reviewer, as_helpdesk)] == [
            403,
            403,
        ]

    assert not ProgrammeRelease.objects.exists()
    assert set(Session.objects.values_list("starts_at", flat=True)) == {time(9)}


def test_query_counts_do_not_grow_with_the_programme(as_editor):
    edition = make_edition()
    topic, talk = make_topic(edition), make_contribution(edition)
    session = make_session(edition)

    def add():
        make_chair(session, make_person())
        make_contributor(talk, make_person())
        row = make_contribution(edition, make_person(), "Bob", topics=[topic])
        make_slot(session, row)
        make_slot(make_session(edition, room=make_room(edition)), row)
        make_contribution(edition, make_person(), title="")
        make_slot(session, make_contribution(edition, "Ada", is_published=False))
        make_release(edition)
        session.ordering += 1
        session.save()

    for url, at_most in (
        (_overview(edition), 21),
        (f"{_overview(edition)}publish/", 19),
        (f"{_overview(edition)}releases/", 10),
        ("/admin/programme/session/", 9),
        ("/admin/programme/contribution/", 12),
        (_change(session), 12),
        (_change(talk), 15),
    ):
        assert_constant_queries(lambda url=url: as_editor.get(url), add, at_most=at_most)


def test_change_forms_link_to_the_overview(as_editor):
    edition = make_edition()
    lightning, posters = (
        make_session(edition, kind="lightning"),
        make_session(edition, kind="posters"),
    )
    contribution = make_contribution(edition)
    pages = [
        *(_change(row) for row in (lightning, posters, contribution)),
        f"/admin/programme/session/add/?edition={edition.pk}",
        f"/admin/programme/contribution/add/?edition={edition.pk}",
    ]

    texts = [as_editor.get(page).content.decode() for page in pages]

    assert all(f'<a href="{_overview(edition)}">Programme</a>' in text for text in texts)
    ways = [f"{lightning.pk}/round/", f"{posters.pk}/boards/", f"{lightning.pk}/move/"]
    assert [[f"/session/{way}" in text for way in ways] for text in texts[:3]] == [
        [True, False, True],
        [False, True, False],
        [False, False, False],
    ]


def test_each_inline_row_has_an_accessible_label(as_editor):
    contribution = make_contribution(make_edition())
    for name in ("Ada", "Bo"):
        Contributor.objects.create(contribution=contribution, name=name)

    html = as_editor.get(_change(contribution)).content.decode()

    assert re.findall(r'aria-label="(Person: [^"]*)"', html) == [
        "Person: Ada",
        "Person: Bo",
        "Person: new row",
    ]


def test_a_conflict_links_to_the_rows_it_names(as_editor):
    edition = make_edition(starts_on=date(2024, 5, 3))
    ada = make_person(name="Ada")
    talks = make_session(edition, starts_at=time(14), title=HOSTILE)
    talk = make_contribution(edition, ada, title="A <u>talk</u>")
    make_slot(talks, talk, minutes=90)
    panel = make_session(edition, starts_at=time(14, 30), title="Panel")
    make_chair(panel, ada)

    html = as_editor.get(_overview(edition)).content.decode()

    assert (
        f'is in two places at the same time: <a href="{_change(talk)}">“A &lt;u&gt;talk&lt;/u&gt;”</a> '
        f'(3 May 2024, 14:00–15:30) and <a href="{_change(panel)}">“Panel”</a> (3 May'
    ) in html
    assert (
        f'<a href="{_change(talks)}">“&lt;script&gt;alert(1)&lt;/script&gt;”</a> lasts 60' in html
    )
    assert HOSTILE not in html


def test_a_session_is_repeated_with_its_contributions_on_the_same_day(as_editor):
    edition = make_edition()
    ada = make_person()
    session = make_session(
        edition, kind="posters", title="Posters", day=2, starts_at=time(9), minutes=60
    )
    make_chair(session, ada)
    first = make_slot(session, board="P1", kind="poster", ordering=10)
    second = make_slot(session, minutes=5, starts_after=7, ordering=20)

    response = as_editor.post(
        "/admin/programme/session/", {"action": "repeat", "_selected_action": [session.pk]}
    )

    copy = Session.objects.exclude(pk=session.pk).get()
    assert response["Location"] == _change(copy)
    assert (copy.slug, copy.kind, copy.day, copy.starts_at, copy.minutes) == (
        *("posters-2", "posters", 2),
        *(None, 60),
    )
    assert [chair.person for chair in copy.chairs.all()] == [ada]
    fields = ("contribution", "kind", "board", "minutes", "starts_after")
    assert list(copy.slots.values_list(*fields)) == [
        (first.contribution_id, "poster", "P1", None, None),
        (second.contribution_id, "", "", 5, 7),
    ]
    assert session.slots.count() == 2
    assert [slot.history.count() for slot in copy.slots.all()] == [1, 1]


def test_several_sessions_are_repeated_at_once(as_editor):
    edition = make_edition()
    keys = [make_session(edition).pk, make_session(edition).pk]

    response = as_editor.post(
        "/admin/programme/session/", {"action": "repeat", "_selected_action": keys}, follow=True
    )

    assert "2 sessions added. Give each its day and time." in response.content.decode()
    assert Session.objects.count() == 4
