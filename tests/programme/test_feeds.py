"""Rules of all feeds of the programme: calendars, schedule.xml and schedule.json."""

from datetime import date, time
from functools import partial

import pytest

from tests.factories import (
    make_contribution,
    make_edition,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
    make_topic,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

CALENDAR = "text/calendar; charset=utf-8"
FEEDS = {
    "programme.ics": CALENDAR,
    "programme/a.ics": CALENDAR,
    "contributions/t.ics": CALENDAR,
    "schedule.xml": "application/xml; charset=utf-8",
    "schedule.json": "application/json",
}


def _make_programme(**fields):
    edition = make_edition(slug="2030", starts_on=date(2030, 5, 3), **fields)
    _add_session(edition, title="A", talk="T", room=make_room(edition))
    make_release(edition)
    return edition


def _add_session(edition, *, talk: str, **fields) -> None:
    row = make_contribution(
        edition, make_person(), title=talk, topics=[make_topic(edition, heading=talk)]
    )
    make_slot(make_session(edition, **fields), row)


@pytest.mark.parametrize("feed", FEEDS)
def test_unchanged_feeds_are_identical_and_answer_304(client, feed):
    edition = _make_programme()
    response = client.get(f"/2030/{feed}")

    def status(**headers) -> int:
        return client.get(f"/2030/{feed}", headers=headers).status_code

    assert response["Content-Type"] == FEEDS[feed]
    assert response["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"/2030/{feed}").content == response.content
    known = {"If-None-Match": response["ETag"]}
    since = {"If-Modified-Since": response["Last-Modified"]}
    assert (status(**known), status(**since)) == (304, 304)

    # Texts are current without a release, and within the same second.
    edition.sessions.update(description="Words.")
    edition.contributions.update(title="Another")
    assert (status(**known), status(**since)) == (200, 200)


@pytest.mark.parametrize("feed", FEEDS)
def test_feeds_of_a_draft_edition_are_for_organisers_only(client, as_editor, feed):
    _make_programme(state="draft")

    response = as_editor.get(f"/2030/{feed}")

    assert client.get(f"/2030/{feed}").status_code == 404
    assert "no-store" in response["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response


@pytest.mark.parametrize(
    "feed", ["programme.ics", "programme/a.ics", "schedule.xml", "schedule.json"]
)
def test_drafted_and_hidden_items_are_in_no_feed(client, feed):
    edition = make_edition(slug="2030", starts_on=date(2030, 5, 3))
    session = make_session(edition, title="A")
    hidden = {"title": "Xhidden", "abstract": "Xwords", "is_published": False}
    make_slot(session, make_contribution(edition, "Xeve", **hidden), minutes=9)
    assert client.get(f"/2030/{feed}").status_code == 404
    make_release(edition)
    session.title = "Xdraft"
    session.save()
    make_slot(session, make_contribution(edition, title="Xadded"))
    make_session(edition, title="Xnew")

    content = client.get(f"/2030/{feed}").content.decode()

    for word in ("Xhidden", "Xwords", "Xeve", "Xdraft", "Xadded", "Xnew"):
        assert word not in content


def test_query_counts_do_not_grow_with_the_programme(client):
    edition = _make_programme()
    before = _count(client)
    for number in range(12):
        _add_session(edition, talk=f"T{number}", starts_at=time(number), room=make_room(edition))
    make_release(edition)

    assert _count(client) == before
    assert max(before) <= 16


def _count(client) -> list[int]:
    return [count_queries(partial(client.get, f"/2030/{feed}")) for feed in FEEDS]
