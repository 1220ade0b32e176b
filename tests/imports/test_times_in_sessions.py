"""Import of times inside sessions, and of contributions and sessions that are repeated."""

from datetime import time

import pytest

from apps.editions.models import Edition
from apps.imports.folders.importing import import_edition
from apps.imports.folders.report import ImportReport
from apps.programme.models import Session, Slot
from apps.programme.timetable import draft_timetable

pytestmark = pytest.mark.django_db


def _hours() -> list[str]:
    slots = draft_timetable(Edition.objects.get()).slots()
    return [f"{slot.contribution.slug} {slot.span.hours}" for slot in slots if slot.contribution]


def _notes(report: ImportReport) -> list[str]:
    return [str(note) for note in report.notes]


def test_gaps_overlaps_and_overruns_are_kept_with_a_note(folder, write):
    write(
        "programme.yaml",
        """\
        sessions:
          - slug: talks
            kind: talks
            starts_at: 9:00
            ends_at: 10:00
            contributions:
              - slug: one
                starts_at: 9:05
                ends_at: 9:20
              - slug: two
                starts_at: 9:20
                minutes: 20
              - slug: three
                starts_at: 9:30
                minutes: 20
              - slug: four
                minutes: 20
        """,
    )

    report = import_edition(folder=folder)

    assert _hours() == [
        "one 09:05–09:20",
        "two 09:20–09:40",
        "three 09:30–09:50",
        "four 09:50–10:10",
    ]
    assert list(Slot.objects.values_list("starts_after", flat=True)) == [5, None, 30, None]
    assert _notes(report) == [
        "2030/programme.yaml, line 2: there is a gap before “one”",
        "2030/programme.yaml, line 2: the contribution before has not ended at the start of “three”",
        "2030/programme.yaml, line 2: the session ends before the end of “four”",
    ]
    assert import_edition(folder=folder).is_unchanged


def test_starts_alone_are_kept_without_ends_and_decide_the_order(folder, write):
    write(
        "programme.yaml",
        """\
        sessions:
          - slug: night
            kind: talks
            starts_at: 23:00
            minutes: 120
            contributions:
              - slug: late
                starts_at: 0:30
              - slug: first
                starts_at: 23:00
              - slug: second
                starts_at: 23:40
        """,
    )

    report = import_edition(folder=folder)

    assert _hours() == ["first 23:00", "second 23:40", "late 00:30–01:00"]
    assert _notes(report) == []


def test_seconds_are_rounded_with_a_note(folder, write):
    write(
        "programme.yaml",
        """\
        sessions:
          - slug: talks
            kind: talks
            starts_at: 9:00:30
            ends_at: 23:59:59
          - slug: more
            kind: talks
            starts_at: 10:00:00
            ends_at: 10:30:29
        """,
    )

    report = import_edition(folder=folder)

    talks, more = Session.objects.order_by("starts_at")
    assert (talks.starts_at, talks.ends_at) == (time(9, 1), time(23, 59))
    assert (more.starts_at, more.ends_at) == (time(10), time(10, 30))
    assert _notes(report) == [
        "2030/programme.yaml, line 4: starts_at: “9:00:30” is rounded to 09:01",
        "2030/programme.yaml, line 5: ends_at: “23:59:59” is rounded to 23:59",
        "2030/programme.yaml, line 9: ends_at: “10:30:29” is rounded to 10:30",
    ]


def test_a_repetition_has_minutes_times_kind_and_board_of_its_own(folder, write):
    write(
        "programme.yaml",
        """\
        sessions:
          - slug: talks
            kind: talks
            starts_at: 9:00
            contributions:
              - slug: one
                minutes: 30
              - slug: two
                minutes: 30
          - slug: again
            kind: lightning
            starts_at: 11:00
            repeats:
              - two
              - contribution: one
                starts_at: 11:10
                minutes: 3
                kind: lightning
          - slug: posters
            kind: posters
            starts_at: 12:00
            repeats:
              - contribution: one
                kind: poster
                board: P1
        """,
    )

    import_edition(folder=folder)

    rows = Slot.objects.exclude(session__slug="talks").order_by("session__starts_at", "ordering")
    assert list(
        rows.values_list("contribution__slug", "minutes", "starts_after", "kind", "board")
    ) == [
        ("two", None, None, "", ""),
        ("one", 3, 10, "lightning", ""),
        ("one", None, None, "poster", "P1"),
    ]
    assert import_edition(folder=folder).is_unchanged


def test_a_whole_session_is_repeated_also_by_a_session_that_stands_before_it(folder, write):
    write(
        "programme.yaml",
        """\
        sessions:
          - slug: third
            kind: posters
            day: 3
            repeats_session: second
          - slug: first
            kind: posters
            contributions:
              - slug: b
                board: P1
              - slug: a
                board: P2
          - slug: second
            kind: posters
            day: 2
            contributions:
              - slug: c
            repeats_session: first
        """,
    )

    report = import_edition(folder=folder)

    rows = Slot.objects.order_by("session__day", "ordering")
    slots = list(rows.values_list("session__slug", "contribution__slug", "board"))
    assert slots == [
        ("first", "b", "P1"),
        ("first", "a", "P2"),
        ("second", "c", ""),
        ("second", "b", "P1"),
        ("second", "a", "P2"),
        ("third", "c", ""),
        ("third", "b", "P1"),
        ("third", "a", "P2"),
    ]
    assert _notes(report) == []
    assert import_edition(folder=folder).is_unchanged


def test_times_of_posters_are_those_of_their_session(folder, write):
    write(
        "programme.yaml",
        """\
        sessions:
          - slug: posters
            kind: posters
            starts_at: 12:00
            minutes: 60
            contributions:
              - slug: one
                starts_at: 12:30
        """,
    )

    report = import_edition(folder=folder)

    assert _hours() == ["one 12:00–13:00"]
    assert _notes(report) == [
        "2030/programme.yaml, line 2: posters have the times of their session. Remove the times of “one”"
    ]
