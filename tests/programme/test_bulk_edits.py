"""Copies of a session, and changes of several sessions or contributions at once."""

from datetime import date, time

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from apps.programme.models import Contribution, Session
from tests.factories import (
    make_contribution,
    make_edition,
    make_person,
    make_room,
    make_session,
    make_slot,
    make_topic,
)
from tests.programme.test_admin import make_chair

pytestmark = pytest.mark.django_db
SESSIONS = "/admin/programme/session/"
CONTRIBUTIONS = "/admin/programme/contribution/"


@pytest.fixture
def edition():
    return make_edition(starts_on=date(2031, 5, 3), ends_on=date(2031, 5, 5))


def duplicate_page(session: Session) -> str:
    return reverse("admin:programme_session_duplicate", args=[session.pk])


def duplicate(client, session: Session, **data):
    token = client.get(duplicate_page(session)).context["token"]
    return client.post(duplicate_page(session), {"token": token} | data)


def copies_of(session: Session) -> list[Session]:
    return list(Session.objects.exclude(pk=session.pk).order_by("day"))


def test_a_session_is_copied_to_several_days_without_its_contributions(as_editor, edition):
    room = make_room(edition)
    lunch = make_session(
        edition, title="Lunch", kind="lunch", room=room, starts_at=time(12), minutes=60
    )
    make_slot(lunch)

    response = duplicate(as_editor, lunch, days=[2, 3], starts_at="12:30")

    facts = [(row.title, row.day, row.starts_at, row.minutes, row.room) for row in copies_of(lunch)]
    assert facts == [("Lunch", day, time(12, 30), 60, room) for day in (2, 3)]
    assert [row.slots.count() for row in copies_of(lunch)] == [0, 0]
    assert response.url == reverse("admin:programme_session_overview", args=[edition.pk])
    assert [row.history.count() for row in copies_of(lunch)] == [1, 1]


def test_a_session_is_copied_with_its_chairs_and_contributions(as_editor, edition):
    ada = make_person()
    posters = make_session(edition, title="Posters", kind="posters")
    make_chair(posters, ada)
    slot = make_slot(posters, board="P1")

    response = duplicate(as_editor, posters, days=[1], has_contributions="on")

    (copy,) = copies_of(posters)
    assert response.url == reverse("admin:programme_session_change", args=[copy.pk])
    assert (copy.slug, copy.starts_at) == ("posters-2", None)
    assert [row.person for row in copy.chairs.all()] == [ada]
    assert [(row.contribution, row.board) for row in copy.slots.all()] == [
        (slot.contribution, "P1")
    ]


def test_a_second_press_makes_no_second_copy(as_editor, edition):
    session = make_session(edition)
    data = {"days": [2], "token": as_editor.get(duplicate_page(session)).context["token"]}

    as_editor.post(duplicate_page(session), data)
    again = as_editor.post(duplicate_page(session), data, follow=True)

    assert "Nothing was changed" in again.content.decode()
    assert len(copies_of(session)) == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"days": ["4"]},
        {"days": ["x"]},
        {"days": ["9" * 40]},
        {"days": [2], "starts_at": "25:00"},
    ],
)
def test_wrong_days_and_times_copy_nothing(as_editor, edition, data):
    session = make_session(edition)

    assert duplicate(as_editor, session, **data).status_code == 200
    assert copies_of(session) == []


def test_the_page_of_a_session_leads_to_its_copy(as_editor, edition):
    session = make_session(edition)
    page = as_editor.get(reverse("admin:programme_session_change", args=[session.pk]))

    assert duplicate_page(session) in page.content.decode()


def ask(client, path: str, *rows):
    chosen = [row.pk for row in rows]
    return client.post(path, {"action": "change_together", ACTION_CHECKBOX_NAME: chosen})


def change(client, path: str, *rows, **data):
    """Select rows of the list, choose the action, fill in its page and press Change."""
    sent = {
        "action": "change_together",
        ACTION_CHECKBOX_NAME: [row.pk for row in rows],
        "token": ask(client, path, *rows).context["token"],
        "change": "1",
    }
    return client.post(path, sent | data, follow=True)


def test_sessions_get_a_kind_a_day_and_a_room_together(as_editor, edition):
    room = make_room(edition)
    first, second = make_session(edition, day=1), make_session(edition, day=2, room=room)
    other = make_session(edition)

    response = change(as_editor, SESSIONS, first, second, kind="panel", day="2", room=str(room.pk))

    assert "2 sessions changed." in response.content.decode()
    for row in (first, second):
        row.refresh_from_db()
        assert (row.kind, row.day, row.room) == ("panel", 2, room)
        assert row.history.first().history_user.email == "editor@example.org"
    other.refresh_from_db()
    assert (other.kind, other.day, other.room) == ("talks", 1, None)


def test_what_is_left_empty_stays_and_no_room_takes_sessions_out_of_theirs(as_editor, edition):
    session = make_session(edition, kind="panel", day=3, room=make_room(edition))

    change(as_editor, SESSIONS, session, room="none")

    session.refresh_from_db()
    assert (session.kind, session.day, session.room) == ("panel", 3, None)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "<script>"},
        {"day": "0"},
        {"day": "9" * 40},
        {"room": "999999"},
        {"room": "' OR 1=1"},
    ],
)
def test_wrong_facts_change_no_session(as_editor, edition, data):
    session = make_session(edition)
    elsewhere = make_room(make_edition())

    for sent in (data, {"room": str(elsewhere.pk)}):
        response = change(as_editor, SESSIONS, session, **sent)
        assert response.context["form"].errors

    assert session.history.count() == 1


def test_rows_of_two_editions_are_not_changed_together(as_editor, edition):
    rows = make_session(edition), make_session(make_edition())

    page = as_editor.post(
        SESSIONS,
        {"action": "change_together", ACTION_CHECKBOX_NAME: [row.pk for row in rows]},
        follow=True,
    )

    assert "Select sessions of one edition" in page.content.decode()


def test_more_than_five_hundred_rows_are_refused(as_editor, edition):
    Session.objects.bulk_create(Session(edition=edition, slug=f"s{n}") for n in range(501))

    page = as_editor.post(
        f"{SESSIONS}?edition__id__exact={edition.pk}",
        {
            "action": "change_together",
            ACTION_CHECKBOX_NAME: [Session.objects.get(slug="s1").pk],
            "select_across": "1",
        },
        follow=True,
    )

    assert "at most 500" in page.content.decode()


def test_a_session_that_somebody_else_changed_or_deleted_meanwhile_is_shown_again(
    as_editor, edition
):
    session = make_session(edition)
    token = ask(as_editor, SESSIONS, session).context["token"]
    data = {
        "action": "change_together",
        ACTION_CHECKBOX_NAME: [session.pk],
        "token": token,
        "change": "1",
        "kind": "panel",
    }
    session.day = 2
    session.save()

    changed = as_editor.post(SESSIONS, data, follow=True).content.decode()
    session.refresh_from_db()
    kind = session.kind
    session.delete()
    deleted = as_editor.post(SESSIONS, data, follow=True).content.decode()

    assert kind == "talks"
    assert "Nothing was changed" in changed
    assert "Nothing was changed" in deleted


def test_contributions_get_a_kind_and_topics_together(as_editor, edition):
    looms, engines = make_topic(edition), make_topic(edition)
    first, second = make_contribution(edition), make_contribution(edition)
    first.topics.add(engines)

    change(
        as_editor,
        CONTRIBUTIONS,
        first,
        second,
        kind="demo",
        add_topics=[looms.pk],
        remove_topics=[engines.pk],
    )

    assert set(Contribution.objects.values_list("kind", flat=True)) == {"demo"}
    assert [list(row.topics.all()) for row in (first, second)] == [[looms], [looms]]


def test_topics_of_another_edition_and_contradictions_are_refused(as_editor, edition):
    talk, own, foreign = make_contribution(edition), make_topic(edition), make_topic(make_edition())

    for data in (
        {"add_topics": [foreign.pk]},
        {"add_topics": ["9" * 40]},
        {"add_topics": [own.pk], "remove_topics": [own.pk]},
        {},
    ):
        assert change(as_editor, CONTRIBUTIONS, talk, **data).context["form"].errors

    assert list(talk.topics.all()) == []


def test_reviewers_change_nothing(as_reviewer, edition):
    session = make_session(edition)

    as_reviewer.post(
        SESSIONS,
        {
            "action": "change_together",
            ACTION_CHECKBOX_NAME: [session.pk],
            "change": "1",
            "kind": "panel",
        },
    )

    assert as_reviewer.get(duplicate_page(session)).status_code == 403
    session.refresh_from_db()
    assert session.kind == "talks"
