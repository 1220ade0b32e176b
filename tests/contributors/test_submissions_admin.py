"""Admin pages of submissions and students' edits, for chairs."""

import pytest
from django.contrib.messages import get_messages

from apps.contributors.models import Proposal
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Origin
from tests.contributors.speakers import (
    CHANGED,
    admin_path,
    make_speaker,
)
from tests.contributors.students import make_added, make_confirmed, set_consent
from tests.factories import (
    make_call_edition,
    make_chair,
    make_contribution,
    make_person,
    make_session,
)

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", contact_email="organisers@example.org")


def _html(client, edition, page) -> str:
    return client.get(admin_path(edition, page)).content.decode()


def _messages(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("page", ["students", "corrections/step"])
def test_only_chairs_change_the_programme_by_submissions(
    edition, client, as_stranger, as_reviewer, as_helpdesk, as_editor, page
):
    talk = make_added(edition)
    Expression.objects.update(title="Private correction")
    data = {"expression": make_confirmed(edition).pk, "edit": talk.origin.pk}

    statuses = [
        each.post(admin_path(edition, page), data).status_code
        for each in (client, as_stranger, as_reviewer, as_helpdesk, as_editor)
    ]

    assert statuses == [302, 302, 403, 403, 403]
    assert Contribution.objects.count() == 1


def test_a_chair_adds_the_listed_submissions_once(edition, as_chair):
    talk = make_confirmed(edition, title=HOSTILE, name=HOSTILE)
    poster = make_confirmed(edition, format="poster", consents=False)
    html = _html(as_chair, edition, "students")
    assert "2 confirmed talks or posters wait." in html
    assert html.count(" checked>") == 2
    assert html.count("title and name only") == 1
    assert HOSTILE not in html
    data = {"expression": [talk.pk, poster.pk], "publish": "on"}

    first, second = (as_chair.post(admin_path(edition, "students"), data) for _ in range(2))

    assert _messages(first) == [
        "2 are on the programme now. They are public. "
        "Give them places in lightning rounds and on boards."
    ]
    assert _messages(second)[1:] == ["Everything is already on the programme."]
    assert [row.is_published for row in Contribution.objects.all()] == [True, True]


def test_only_selected_submissions_are_added_and_refused_ones_are_named(edition, as_chair):
    make_confirmed(edition, title="Stays")
    selected = make_confirmed(edition, title="Comes")
    withdrawn = make_confirmed(edition, title="Gone", name="Gil Gone")
    Expression.objects.filter(pk=withdrawn.pk).update(state=State.WITHDRAWN)

    nothing = as_chair.post(admin_path(edition, "students"), {"publish": "on"})
    response = as_chair.post(
        admin_path(edition, "students"), {"expression": [selected.pk, withdrawn.pk, 999_999, "x"]}
    )

    assert _messages(nothing) == ["Tick at least one entry. Nothing was added."]
    assert _messages(response)[1:] == [
        "1 is on the programme now. Not public yet. "
        "Give them places in lightning rounds and on boards.",
        "Not added: “Gone” by Gil Gone is no longer confirmed: withdrawn.",
    ]
    assert [origin.expression for origin in Origin.objects.all()] == [selected]
    assert "1 confirmed talk or poster waits." in _html(as_chair, edition, "students")


def test_added_contributions_are_published_later(edition, as_chair):
    assert "No talk or poster is confirmed yet." in _html(as_chair, edition, "students")
    expression = make_confirmed(edition)
    as_chair.post(admin_path(edition, "students"), {"expression": expression.pk})
    talk = Contribution.objects.get()
    html = _html(as_chair, edition, "students")
    assert "Everything that is confirmed is on the programme: 1 so far." in html
    assert "Not public yet: 1 on the programme." in html

    as_chair.post(
        "/admin/programme/contribution/", {"action": "publish", "_selected_action": talk.pk}
    )

    assert Contribution.objects.get().is_published
    assert "Not public yet: " not in _html(as_chair, edition, "students")


@pytest.mark.parametrize(
    ("fields", "do", "message", "titles"),
    [
        ({"title": HOSTILE}, "take", f"Accepted: “{HOSTILE}” is updated.", [HOSTILE]),
        ({"title": "Larger"}, "leave", "Rejected: “Small” is unchanged.", ["Small"]),
        ({"state": "withdrawn"}, "off", "“Small” was removed from the programme.", []),
        ({"state": "withdrawn"}, "take", "Remove it from the programme, or keep it.", ["Small"]),
    ],
)
def test_a_decision_is_made_once_by_a_button(edition, as_chair, fields, do, message, titles):
    make_added(edition, title="Small")
    Expression.objects.update(**fields)
    html = _html(as_chair, edition, "corrections")
    assert HOSTILE not in html
    edit = as_chair.get(admin_path(edition, "corrections")).context["edits"][0]
    changes = [f"{change.name}:{change.token}" for change in edit.changes]
    data = {"do": do, "edit": edit.origin.pk, "part": changes}

    first, second = (as_chair.post(admin_path(edition, "corrections/step"), data) for _ in range(2))

    assert message in _messages(first)[0]
    assert _messages(second)[1] in {CHANGED, message}
    assert [row.title for row in Contribution.objects.all()] == titles


def test_the_page_offers_no_button_to_reject_a_withdrawn_consent(edition, as_chair):
    set_consent(make_added(edition).origin.expression, is_given=False)

    assert 'value="leave"' not in _html(as_chair, edition, "corrections")


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "take"},
        {"do": "take", "edit": "x", "part": "title:abc"},
        {"do": "take", "edit": "9" * 30},
        {"do": "take", "part": "nonsense:abc"},
        {"do": "other", "part": "title:abc"},
        {"do": "take", "part": ["title", ":", "title:"]},
    ],
)
def test_invalid_decisions_change_nothing(edition, as_chair, sent):
    talk = make_added(edition)
    Expression.objects.update(title="Larger")

    response = as_chair.post(
        admin_path(edition, "corrections/step"), {"edit": talk.origin.pk} | sent
    )

    assert response.status_code == 302
    assert Contribution.objects.get().title == "Smaller is better"


def test_contributions_of_another_edition_are_out_of_reach(edition, as_chair):
    other = make_added(make_call_edition())
    Expression.objects.update(title="Larger")
    edit = as_chair.get(admin_path(other.edition, "corrections")).context["edits"][0]
    data = {"do": "take", "edit": other.origin.pk}

    as_chair.post(
        admin_path(edition, "corrections/step"),
        data | {"part": f"title:{edit.tokens['title']}"},
    )

    assert Contribution.objects.get().title == "Smaller is better"


def test_the_programme_page_shows_chairs_pending_edits(edition, as_chair, as_editor, as_reviewer):
    url = f"/admin/programme/session/programme/{edition.pk}/"
    empty = as_chair.get(url).content.decode()
    make_added(edition)
    Expression.objects.update(title="Larger")
    make_confirmed(edition, format="poster")
    make_confirmed(edition, format="both")

    pages = [each.get(url).content.decode() for each in (as_chair, as_editor, as_reviewer)]

    assert "Add confirmed talks and posters</a>" in empty
    assert "Corrections by students</a>" in empty
    assert "Add confirmed talks and posters (2)</a>" in pages[0]
    assert "Corrections by students (1)</a>" in pages[0]
    assert not any("students" in page for page in pages[1:])


@pytest.mark.parametrize("page", ["students", "corrections", "speakers"])
@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    edition, as_chair, django_assert_max_num_queries, page, count
):
    for number in range(count):
        make_added(edition, title=f"Talk {number}")
        person = make_person()
        make_contribution(edition, person)
        make_chair(make_session(edition), person)
        Proposal.objects.create(speaker=make_speaker(edition, person), values={"bio": "x"})
    Expression.objects.update(title="Larger")
    Contribution.objects.exclude(origin=None).update(is_published=False)
    for _ in range(count):
        make_confirmed(edition)
    as_chair.get(admin_path(edition, page))

    with django_assert_max_num_queries(13):
        assert as_chair.get(admin_path(edition, page)).status_code == 200
