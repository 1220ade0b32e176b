"""A session moves earlier or later, and what follows with it, if wished."""

from datetime import date, time

import pytest

from apps.programme.models import Session
from apps.programme.moving import Along, NotMoved, following, move_session
from tests.factories import make_edition, make_release, make_room, make_session

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


def _page(session) -> str:
    return f"/admin/programme/session/{session.pk}/move/"


def _said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


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
def test_what_follows_moves_along_if_wished(day, along, moved):
    before = _starts()

    rows = move_session(session=day["Panel"], minutes=30, along=along, seen_at=time(14))

    assert {row.title for row in rows} == set(moved)
    assert rows[0].title == "Panel"
    assert _starts() == before | moved
    assert day["Panel"].history.count() == 2


def test_it_moves_earlier_too(day):
    move_session(session=day["Coffee"], minutes=-75, along=Along.NOTHING, seen_at=time(15))

    assert _starts()["Coffee"] == "13:45"


def test_of_two_clicks_the_second_moves_nothing(day):
    move_session(session=day["Panel"], minutes=30, along=Along.DAY, seen_at=time(14))
    before = _starts()

    with pytest.raises(NotMoved, match="“Panel” was moved meanwhile: it starts at 14:30 now"):
        move_session(session=day["Panel"], minutes=30, along=Along.DAY, seen_at=time(14))

    assert _starts() == before


@pytest.mark.parametrize(("minutes", "named"), [(8 * 60, "“Talks”"), (-15 * 60, "“Panel”")])
def test_what_would_start_on_another_day_is_named_and_nothing_moves(day, minutes, named):
    before = _starts()

    with pytest.raises(NotMoved, match=f"^{named}.* would start on another day"):
        move_session(session=day["Panel"], minutes=minutes, along=Along.ROOM, seen_at=time(14))

    assert _starts() == before


def test_what_was_deleted_meanwhile_does_not_move(day):
    Session.objects.filter(pk=day["Panel"].pk).delete()

    with pytest.raises(NotMoved, match="was deleted meanwhile"):
        move_session(session=day["Panel"], minutes=5, along=Along.DAY, seen_at=time(14))


def test_without_a_time_nothing_follows(day):
    assert following(day["Untimed"]) == {along: [] for along in Along}


def test_an_editor_moves_the_draft_and_not_what_is_published(as_editor, day):
    panel = day["Panel"]
    make_release(panel.edition)
    overview = f"/admin/programme/session/programme/{panel.edition_id}/"
    assert _page(panel) in as_editor.get(overview).content.decode()
    form = as_editor.get(_page(panel)).context["form"]
    answers = {"minutes": 30, "along": "room", "seen_at": form.initial["seen_at"]}

    response = as_editor.post(_page(panel), answers, follow=True)
    again = as_editor.post(_page(panel), answers, follow=True)

    assert _said(response) == [
        "“Panel” and 1 other with it moved 30 minutes later: it starts at 14:30."
    ]
    assert response.redirect_chain == [(overview, 302)]
    assert "differs from it in 2 things" in response.content.decode()
    assert "was moved meanwhile" in _said(again)[0]
    assert _starts()["Talks"] == "16:30"


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": "0"},
        {"minutes": "1e9"},
        {"minutes": "721"},
        {"minutes": ""},
        {"along": "everything"},
        {"seen_at": "noon"},
    ],
)
def test_what_cannot_be_read_moves_nothing(as_editor, day, wrong):
    before = _starts()
    answers = {"minutes": 30, "along": "room", "seen_at": "14:00:00"} | wrong

    response = as_editor.post(_page(day["Panel"]), answers)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == list(wrong)
    assert _starts() == before


def test_who_may_only_read_moves_nothing(client, as_reviewer, as_editor, day):
    before = _starts()
    answers = {"minutes": 30, "along": "room", "seen_at": "14:00:00"}

    for who, status in ((client, 302), (as_reviewer, 403)):
        assert who.get(_page(day["Panel"])).status_code == status
        assert who.post(_page(day["Panel"]), answers).status_code == status
    assert as_editor.put(_page(day["Panel"])).status_code == 405
    assert "has no time yet" in _said(as_editor.get(_page(day["Untimed"]), follow=True))[0]
    assert _starts() == before
