"""Import of a programme: rooms, sessions, contributions and slots."""

from datetime import time

import pytest

from apps.editions.models import Edition
from apps.imports.cloning import clone_edition
from apps.imports.folders.importing import import_edition
from apps.imports.folders.programme_schema import ContributionEntry
from apps.programme.models import Contribution, Room, Session, SessionChair, Slot
from tests.imports.conftest import DATA, differences, import_error

pytestmark = pytest.mark.django_db

PROGRAMME = (DATA / "programme.yaml").read_text()


@pytest.fixture
def programme(folder, write):
    write("programme.yaml", PROGRAMME)
    return folder


def test_everything_in_a_programme_becomes_rows_once(programme):
    first, second = import_edition(folder=programme), import_edition(folder=programme)

    assert [room.name for room in Room.objects.all()] == ["Hall"]
    talks, posters = Session.objects.order_by("day")
    assert (talks.starts_at, talks.minutes, talks.day) == (time(23), 90, 1)
    assert (posters.starts_at, posters.minutes, posters.day) == (None, None, 2)
    assert str(talks.room) == str(posters.room) == "Hall"
    assert str(SessionChair.objects.get()) == "Bo Example"
    slots = Slot.objects.order_by("session__day", "ordering")
    assert list(slots.values_list("session__slug", "contribution__slug", "minutes", "board")) == [
        ("talks", "small", 20, ""),
        ("talks", "hidden", None, ""),
        ("posters", "poster", None, "P1"),
        ("posters", "small", None, ""),
    ]
    small = Contribution.objects.get(slug="small")
    assert (small.kind, small.code_url, small.is_published) == (
        "paper",
        "https://code.example.org/",
        True,
    )
    assert [
        (one.shown_name, one.affiliation, one.role, one.is_corresponding)
        for one in small.contributors.all()
    ] == [
        ("Ada Example", "", "author", True),
        ("Cy Example", "Leith\nFife", "author", False),
    ]
    assert not Contribution.objects.get(slug="hidden").is_published
    assert first.created[ContributionEntry] == 3
    assert second.is_unchanged
    assert second.only_in_database == []


def test_names_of_kinds_of_session_become_rows(folder, write):
    write(
        "programme.yaml",
        "session_labels:\n  - kind: industry\n    label: Talks by partners\n" + PROGRAMME,
    )

    import_edition(folder=folder)

    labels = Edition.objects.get().session_labels
    assert list(labels.values_list("kind", "label")) == [("industry", "Talks by partners")]
    assert import_edition(folder=folder).is_unchanged


def test_changes_made_at_the_desk_are_not_overwritten(programme):
    import_edition(folder=programme)
    Session.objects.filter(slug="talks").update(minutes=60, room=None)
    Contribution.objects.filter(slug="small").update(code_url="")

    reported = differences(programme)

    assert "\n".join(reported) == (
        "session “talks”, room: nothing → “Hall” (2030/programme.yaml, line 6)\n"
        "session “talks”, minutes: “60” → “90” (2030/programme.yaml, line 5)\n"
        "contribution “small”, code: nothing → “https://code.example.org/” "
        "(2030/programme.yaml, line 14)"
    )
    import_edition(folder=programme, replace=True)
    talks = Session.objects.get(slug="talks")
    assert (talks.minutes, str(talks.room)) == (90, "Hall")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minutes: 90", "minutes: 1440", "line 5: minutes: "),
        ("day: 2", "day: 0", "line 26: day: "),
        (
            "room: Hall\n    repeats",
            "room: hall\n    repeats",
            "line 24: This edition has a room with this name already. Choose another name.",
        ),
    ],
)
def test_faults_found_by_the_models_name_their_line(programme, write, old, new, message):
    write("programme.yaml", PROGRAMME.replace(old, new))

    refusal = import_error(programme)

    assert str(refusal).startswith(f"2030/programme.yaml, {message}")
    assert not Edition.objects.exists()


def test_a_copy_has_no_rooms_and_no_programme(programme):
    import_edition(folder=programme)

    edition = clone_edition(source=Edition.objects.get(), by=None)

    assert not edition.sessions.exists()
    assert not edition.contributions.exists()
    assert not edition.rooms.exists()


def test_names_of_kinds_of_contribution_become_rows(folder, write):
    write(
        "programme.yaml",
        "contribution_labels:\n  - kind: paper\n    label: Abstract\n    plural: Abstracts\n"
        + PROGRAMME,
    )

    import_edition(folder=folder)

    labels = Edition.objects.get().contribution_labels
    assert list(labels.values_list("kind", "label", "plural")) == [
        ("paper", "Abstract", "Abstracts")
    ]
    assert import_edition(folder=folder).is_unchanged


@pytest.mark.parametrize(
    ("session", "kind"),
    [("posters", "poster"), ("demos", "demo"), ("talks", "talk"), ("social", "other")],
)
def test_a_contribution_without_a_kind_is_what_its_session_is_for(folder, write, session, kind):
    write(
        "programme.yaml",
        f"sessions:\n  - slug: one\n    kind: {session}\n    contributions:\n"
        "      - slug: left-out\n      - slug: given\n        kind: paper\n",
    )

    import_edition(folder=folder)

    assert dict(Contribution.objects.values_list("slug", "kind")) == {
        "left-out": kind,
        "given": "paper",
    }
