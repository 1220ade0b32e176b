"""Moving sessions, and undoing a move."""

from datetime import date, time

import pytest

from apps.core.exceptions import NotAllowed
from apps.programme.grid import (
    Along,
    SessionPlace,
    following,
    move_session,
    undo_moves,
)
from apps.programme.models import Session
from tests.factories import make_edition, make_release, make_room, make_session
from tests.reading import messages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def day():
    """Sessions by title: three in the hall, a break nowhere, others that must not move."""
    edition = make_edition(starts_on=date(2124, 5, 3), ends_on=date(2124, 5, 4))
    hall, attic = make_room(edition, name="Hall"), make_room(edition, name="Attic")
    planned = (
        ("Before", hall, 9, 1),
        ("Panel", hall, 14, 1),
        ("Beside", attic, 14, 1),
        ("Coffee", None, 15, 1),
        ("Talks", hall, 16, 1),
        ("Tomorrow", hall, 17, 2),
    )
    for title, room, hour, number in planned:
        make_session(edition, title=title, room=room, starts_at=time(hour), day=number)
    make_session(edition, title="Untimed", room=hall, starts_at=None)
    make_session(make_edition(), title="Elsewhere", starts_at=time(18))
    return {session.title: session for session in Session.objects.all()}


def _starts() -> dict[str, str]:
    timed = Session.objects.exclude(starts_at=None)
    return {session.title: f"{session.starts_at:%H:%M}" for session in timed}


def _move(session, minutes, along=Along.NOTHING, **where):
    """Move `session`, seen as it was loaded."""
    places = {"room": session.room, "seen": str(SessionPlace.of(session))} | where
    return move_session(session=session, minutes=minutes, along=along, **places)


def _sent(session, **answers) -> dict:
    """The POST data of the page "Move" for `session` as it was loaded."""
    seen = SessionPlace.of(session)
    return {"minutes": 30, "room": seen.room or "", "along": "room", "seen": str(seen)} | answers


def _page(session) -> str:
    return f"/admin/programme/session/{session.pk}/move/"


@pytest.mark.parametrize(
    ("along", "moved"),
    [
        (Along.NOTHING, {"Panel": "14:30"}),
        (Along.ROOM, {"Panel": "14:30", "Talks": "16:30"}),
        (
            Along.DAY,
            {"Panel": "14:30", "Beside": "14:30", "Coffee": "15:30", "Talks": "16:30"},
        ),
    ],
)
def test_following_sessions_move_along(day, along, moved):
    before = _starts()

    steps = _move(day["Panel"], 30, along)

    assert {step.session.title for step in steps} == set(moved)
    assert (steps[0].session.title, steps[0].before) == ("Panel", SessionPlace.of(day["Panel"]))
    assert _starts() == before | moved
    assert day["Panel"].history.count() == 2


@pytest.mark.parametrize(("minutes", "named"), [(8 * 60, "“Talks”"), (-15 * 60, "“Panel”")])
def test_a_session_cannot_leave_its_day(day, minutes, named):
    before = _starts()

    with pytest.raises(NotAllowed, match=f"^{named}.* would start on another day"):
        _move(day["Panel"], minutes, Along.ROOM)

    assert _starts() == before


def test_a_deleted_session_is_not_moved(day):
    Session.objects.filter(pk=day["Panel"].pk).delete()

    with pytest.raises(NotAllowed, match="was deleted meanwhile"):
        _move(day["Panel"], 5, Along.DAY)


def test_without_a_time_nothing_follows(day):
    assert following(day["Untimed"]) == {along: [] for along in Along}


def test_an_editor_moves_a_session_of_the_draft(as_editor, day):
    panel = day["Panel"]
    make_release(panel.edition)
    overview = f"/admin/programme/session/programme/{panel.edition_id}/"
    assert _page(panel) in as_editor.get(overview).content.decode()
    form = as_editor.get(_page(panel)).context["form"]
    answers = _sent(panel)
    assert form.initial == {"seen": answers["seen"], "room": panel.room_id}

    response = as_editor.post(_page(panel), answers, follow=True)
    again = as_editor.post(_page(panel), answers, follow=True)

    assert messages_of(response) == [
        "“Panel” moved 30 minutes later: it starts at 14:30. Also moved: “Talks”."
    ]
    assert response.redirect_chain[0][0].startswith(f"{overview}?moved=")
    assert "differs from it in 2 things" in response.content.decode()
    assert "was moved meanwhile" in messages_of(again)[0]
    assert _starts()["Talks"] == "16:30"


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": "0"},
        {"minutes": "1e9"},
        {"minutes": "1440"},
        {"minutes": ""},
        {"along": "everything"},
        {"seen": "1/14:00:00/" + "9" * 200},
        {"room": "x"},
        {"room": "999999"},
    ],
)
def test_invalid_forms_move_nothing(as_editor, day, wrong):
    before = _starts()

    response = as_editor.post(_page(day["Panel"]), _sent(day["Panel"], **wrong))

    assert response.status_code == 200
    assert list(response.context["form"].errors) == list(wrong)
    assert _starts() == before


def test_sessions_that_move_along_keep_their_rooms(day):
    attic = day["Beside"].room

    _move(day["Panel"], 30, Along.ROOM, room=attic)

    rooms = {session.title: session.room for session in Session.objects.all()}
    assert (rooms["Panel"], rooms["Talks"], rooms["Beside"]) == (attic, day["Talks"].room, attic)
    assert _starts() == _starts() | {"Panel": "14:30", "Talks": "16:30", "Beside": "14:00"}


def test_nothing_moves_along_into_another_room(day):
    steps = _move(day["Panel"], 0, Along.DAY, room=None)

    assert [step.session.title for step in steps] == ["Panel"]
    assert Session.objects.get(title="Panel").room is None


@pytest.mark.parametrize(
    "meanwhile", [{"day": 2}, {"room": None}, {"starts_at": time(13)}, {"starts_at": None}]
)
def test_a_session_moved_meanwhile_is_not_moved(day, meanwhile):
    Session.objects.filter(title="Panel").update(**meanwhile)

    with pytest.raises(NotAllowed, match="“Panel” was moved meanwhile"):
        _move(day["Panel"], 30, Along.DAY)


def test_a_session_without_a_time_gets_one_and_undo_removes_it(as_editor, day):
    untimed = day["Untimed"]
    page = as_editor.get(_page(untimed)).content.decode()
    assert 'name="starts_at"' in page
    assert 'name="minutes"' not in page

    answers = {"starts_at": "11:30", "room": "", "seen": str(SessionPlace.of(untimed))}
    response = as_editor.post(_page(untimed), answers, follow=True)

    assert messages_of(response) == ["“Untimed” starts at 11:30 and has no room."]
    assert _starts()["Untimed"] == "11:30"
    steps = {"steps": response.context["undo"]}
    overview = response.redirect_chain[0][0].split("?")[0]
    response = as_editor.post(f"{overview}put-back/", steps, follow=True)
    assert messages_of(response) == ["Undone. “Untimed” has no time again and is in “Hall”."]
    untimed.refresh_from_db()
    assert (untimed.starts_at, untimed.room) == (None, day["Panel"].room)


def test_a_move_and_its_undo_can_be_undone(as_editor, day):
    """The session moves past others that stay."""
    before = _starts()
    answers = _sent(day["Talks"], minutes=-150, along="day")
    first = as_editor.post(_page(day["Talks"]), answers, follow=True)
    assert _starts() == before | {"Talks": "13:30"}
    overview = first.redirect_chain[0][0].split("?")[0]
    assert 'class="programme-undo"' in first.content.decode()

    second = as_editor.post(f"{overview}put-back/", {"steps": first.context["undo"]}, follow=True)

    assert messages_of(second) == ["Undone. “Talks” moved 150 minutes later: it starts at 16:00."]
    assert _starts() == before
    as_editor.post(f"{overview}put-back/", {"steps": second.context["undo"]})
    assert _starts() == before | {"Talks": "13:30"}


def test_a_session_moved_again_is_not_undone(as_editor, day):
    first = as_editor.post(_page(day["Panel"]), _sent(day["Panel"], along="day"), follow=True)
    overview = first.redirect_chain[0][0].split("?")[0]
    Session.objects.filter(title="Coffee").update(starts_at=time(18))
    before = _starts()

    response = as_editor.post(f"{overview}put-back/", {"steps": first.context["undo"]}, follow=True)

    assert messages_of(response) == ["“Coffee” was moved meanwhile. Check it again."]
    assert _starts() == before
    stays = [(day[name].pk, *[str(SessionPlace.of(day[name]))] * 2) for name in ("Beside", "Panel")]
    Session.objects.get(title="Beside").delete()
    with pytest.raises(NotAllowed, match="A session was deleted meanwhile"):
        undo_moves(edition=day["Panel"].edition, moves=stays)


@pytest.mark.parametrize("steps", ["", "nonsense", "a:b:c", "another edition's"])
def test_forged_undo_data_is_refused(as_editor, day, steps):
    edition = day["Elsewhere"].edition
    if steps == "another edition's":
        answer = as_editor.post(_page(day["Panel"]), _sent(day["Panel"]), follow=True)
        steps = answer.context["undo"]
    before = _starts()
    overview = f"/admin/programme/session/programme/{edition.pk}/"

    assert as_editor.get(overview, {"moved": steps}).context["undo"] == ""
    response = as_editor.post(f"{overview}put-back/", {"steps": steps}, follow=True)

    assert messages_of(response) == [
        "Nothing was undone, because the last move is no longer stored."
    ]
    assert _starts() == before


def test_a_move_keeps_concurrent_edits(day):
    seen = day["Panel"]
    Session.objects.filter(title="Panel").update(description="Words.", minutes=45)

    _move(seen, 30)

    kept = Session.objects.get(title="Panel")
    assert (kept.description, kept.minutes, kept.starts_at) == ("Words.", 45, time(14, 30))
