"""Pages to publish the programme."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from apps.programme.models import Contribution, ProgrammeRelease
from tests.factories import (
    make_contribution,
    make_edition,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.programme.helpers import edit
from tests.reading import html_of, messages_of

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


def _page(edition, step: str = "") -> str:
    return f"/admin/programme/session/programme/{edition.pk}/{step}"


def _seen(client, edition) -> str:
    return client.get(_page(edition, "publish/")).context["form"].initial["seen"]


def _publish(client, edition, **fields):
    fields.setdefault("seen", _seen(client, edition))
    return client.post(_page(edition, "publish/"), fields, follow=True)


@pytest.fixture
def edition():
    return make_edition(starts_on=date(2124, 5, 3))


def test_an_editor_publishes_the_previewed_programme(as_editor, edition):
    make_slot(make_session(edition, title=HOSTILE))

    page = as_editor.get(_page(edition, "publish/")).content.decode()
    response = _publish(as_editor, edition, note="At last.")

    assert "In all 1 session on 1 day, with 1 place for contributions." in " ".join(page.split())
    assert HOSTILE not in page
    assert messages_of(response) == ["Release 1 of the programme is published."]
    release = ProgrammeRelease.objects.get()
    assert (release.number, release.note) == (1, "At last.")
    assert release.published_by
    assert release.published_by.email == "editor@example.org"
    assert (release.first_day, release.time_zone) == (date(2124, 5, 3), "Europe/London")
    assert "Release 1 is public" in response.content.decode()


def test_a_programme_in_utc_is_published_with_a_warning(as_editor):
    edition = make_edition(starts_on=date(2124, 5, 3), time_zone="UTC")
    make_session(edition)

    page = as_editor.get(_page(edition, "publish/")).content.decode()
    response = _publish(as_editor, edition)

    assert "All times are in “UTC”" in page
    assert messages_of(response) == ["Release 1 of the programme is published."]


def test_a_second_click_publishes_nothing(as_editor, edition):
    make_session(edition)
    seen = _seen(as_editor, edition)
    _publish(as_editor, edition, seen=seen)

    response = _publish(as_editor, edition, seen=seen)

    assert messages_of(response) == ["Nothing has changed since release 1."]
    assert ProgrammeRelease.objects.count() == 1


def test_contributions_can_be_published_with_the_programme(as_editor, edition):
    session = make_session(edition)
    for title in ("In it", "Besides"):
        make_contribution(edition, "Ada", title=title, is_published=False)
    make_slot(session, Contribution.objects.get(title="In it"))
    page = as_editor.get(_page(edition, "publish/"))
    assert [str(one) for one in page.context["hidden"]] == ["In it"]
    assert "visitors see its time without title and without 1 name." in html_of(page)

    _publish(as_editor, edition, shows="on")

    published = Contribution.objects.get(is_published=True)
    assert published.title == "In it"
    latest = published.history.first()
    assert (latest.is_published, latest.history_user.email) == (True, "editor@example.org")


def test_a_conflict_can_prevent_publishing(as_editor, edition):
    make_session(edition, title="Breakfast", day=2)

    page = as_editor.get(_page(edition, "publish/")).content.decode()
    response = _publish(as_editor, edition)

    assert "Fix these first" in page
    assert "Publish release 1</button>" not in page
    assert "“Breakfast” is on day 2" in messages_of(response)[0]
    assert not ProgrammeRelease.objects.exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seen": "old"}, "The programme has changed since you opened the page. Check it again."),
        ({"seen": ""}, "This field is required."),
        ({"note": "x" * 301}, "Ensure this value has at most 300 characters (it has 301)."),
    ],
)
def test_invalid_forms_publish_nothing(as_editor, edition, fields, message):
    make_session(edition)

    response = _publish(as_editor, edition, **fields)

    assert messages_of(response) == [message]
    assert not ProgrammeRelease.objects.exists()


def test_in_the_last_week_the_overview_publishes_at_once(as_editor):
    today = timezone.now().date()
    soon, late = (make_edition(starts_on=today + timedelta(days=days)) for days in (5, 20))
    for edition in (soon, late):
        make_session(edition)
        assert "Publish now" not in as_editor.get(_page(edition)).content.decode()  # the first
        make_release(edition)
        assert "Publish now" not in as_editor.get(_page(edition)).content.decode()  # nothing new
        make_session(edition, title="Panel")

    assert "Publish now" not in as_editor.get(_page(late)).content.decode()
    page = as_editor.get(_page(soon))
    assert "Publish now" in page.content.decode()
    _publish(as_editor, soon, seen=page.context["preview"].seen)

    assert [release.number for release in soon.programme_releases.all()] == [2, 1]


def test_the_overview_counts_the_changes(as_editor, edition):
    hall = make_room(edition, name="Hall")
    assert "Not published yet" in as_editor.get(_page(edition)).content.decode()
    panel = make_session(edition, title="Panel")
    make_release(edition)
    assert "The draft has no unpublished changes." in as_editor.get(_page(edition)).content.decode()
    edit(panel, room=hall)

    assert "differs from it in 1 thing." in as_editor.get(_page(edition)).content.decode()
    page = as_editor.get(_page(edition, "publish/")).content.decode()
    assert "<bdi>Panel</bdi>: <bdi>no room → Hall</bdi>" in page


def test_the_list_of_releases_shows_their_changes(as_editor, chair, edition):
    panel = make_session(edition, title="Panel")
    make_release(edition, by=chair, note=HOSTILE)
    for hour in range(10, 21):
        edit(panel, starts_at=time(hour))
        make_release(edition)

    first = as_editor.get(_page(edition, "releases/")).context["rows"]
    answer = as_editor.get(_page(edition, "releases/?page=2"))
    last = answer.context["rows"]

    assert [row["release"].number for row in first + last] == list(range(12, 0, -1))
    words = [[change.description for change in row["changes"]] for row in first + last]
    assert words[0] == ["19:00–20:00 → 20:00–21:00"]
    assert words[-2:] == [["09:00–10:00 → 10:00–11:00"], []]
    assert [len(one) for one in words] == [1] * 11 + [0]
    page = answer.content.decode()
    assert "Charlie Chair" in page
    assert HOSTILE not in page
    assert as_editor.get(_page(edition, "releases/?page=nonsense")).status_code == 200
