"""Chairs bring in what is confirmed and look at what students corrected afterwards."""

import pytest
from django.contrib.messages import get_messages

from apps.contributors.accepted_submissions import add_submissions
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.programme.models import Contribution, Origin
from tests.contributors.students import make_confirmed, say
from tests.factories import make_call_edition

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def edition():
    return make_call_edition(slug="2024")


def _at(edition, page) -> str:
    return f"/admin/programme/session/programme/{edition.pk}/{page}/"


def _brought(edition, **fields) -> Contribution:
    expression = make_confirmed(edition, **fields)
    brought = add_submissions(edition=edition, expressions=[expression.pk], is_published=True)
    return brought.contributions[0]


def _sent(edit) -> list[str]:
    return [f"{change.name}:{change.token}" for change in edit.changes]


def _press(client, edition, do, contribution=None):
    """Presses a button of the first difference the page shows, as the browser sends it."""
    shown = client.get(_at(edition, "corrections")).context["edits"]
    data = {
        "do": do,
        "origin": contribution.origin.pk if contribution else shown[0].origin.pk,
        "difference": _sent(shown[0]) if shown else [],
    }
    return client.post(_at(edition, "corrections/step"), data)


def _said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


PAGES = [("students", "get"), ("students", "post"), ("students/publish", "post")]
PAGES += [("corrections", "get"), ("corrections/step", "post")]


@pytest.mark.parametrize(("page", "method"), PAGES)
def test_what_students_told_us_is_for_chairs_alone(
    edition, client, as_stranger, as_reviewer, as_helpdesk, as_editor, page, method
):
    talk = _brought(edition)
    Expression.objects.update(title="Private correction")
    waiting = make_confirmed(edition)

    statuses = []
    for who in (client, as_stranger, as_reviewer, as_helpdesk, as_editor):
        data = {"expression": waiting.pk, "contribution": talk.pk}
        statuses.append(getattr(who, method)(_at(edition, page), data).status_code)

    assert statuses == [302, 302, 403, 403, 403]
    assert Contribution.objects.count() == 1


@pytest.mark.parametrize(
    ("page", "method"),
    [
        ("students", "put"),
        ("students/publish", "get"),
        ("corrections", "post"),
        ("corrections/step", "get"),
    ],
)
def test_pages_are_read_and_presses_are_pressed(edition, as_chair, page, method):
    assert getattr(as_chair, method)(_at(edition, page)).status_code == 405


def test_a_chair_brings_in_whom_the_page_names_and_pressing_again_brings_in_nobody(
    edition, as_chair
):
    talk = make_confirmed(edition, title=HOSTILE, name=HOSTILE)
    poster = make_confirmed(edition, format="poster", consents=False)
    page = as_chair.get(_at(edition, "students"))
    html = page.content.decode()
    assert "2 confirmed talks and posters wait." in html
    assert html.count(" checked>") == 2
    assert html.count("title and name only") == 1
    assert HOSTILE not in html
    data = {"expression": [talk.pk, poster.pk], "publish": "on"}

    first = as_chair.post(_at(edition, "students"), data)
    second = as_chair.post(_at(edition, "students"), data)

    assert _said(first) == [
        "2 are on the programme now. Anybody can read them. "
        "Give them places in lightning rounds and on boards."
    ]
    assert _said(second)[1:] == [
        f"Not brought in: “{HOSTILE}” by {HOSTILE}, “Smaller is better” by Sam Student: "
        "each is on the programme already."
    ]
    assert [one.is_published for one in Contribution.objects.all()] == [True, True]


def test_who_confirmed_after_the_page_was_opened_waits_for_the_next_press(edition, as_chair):
    seen, later = make_confirmed(edition), make_confirmed(edition)

    as_chair.post(_at(edition, "students"), {"expression": seen.pk})

    assert [one.expression for one in Origin.objects.all()] == [seen]
    assert "1 confirmed talk waits." in (as_chair.get(_at(edition, "students")).content.decode())
    assert later.pk


def test_what_is_not_ticked_stays_out_and_what_cannot_come_is_named(edition, as_chair):
    stays = make_confirmed(edition, title="Stays")
    comes = make_confirmed(edition, title="Comes")
    gone = make_confirmed(edition, title="Gone", name="Gil Gone")
    Expression.objects.filter(pk=gone.pk).update(state=State.WITHDRAWN)

    nothing = as_chair.post(_at(edition, "students"), {"publish": "on"})
    response = as_chair.post(
        _at(edition, "students"), {"expression": [comes.pk, gone.pk, 999_999, "x"]}
    )

    assert _said(nothing) == ["Nothing was ticked, and nothing brought in."]
    assert _said(response)[1:] == [
        "1 is on the programme now. Not public yet. "
        "Give them places in lightning rounds and on boards.",
        "Not brought in: “Gone” by Gil Gone is not confirmed any more: withdrawn.",
        "Not brought in: 1 more, erased meanwhile, or of another edition.",
    ]
    assert [one.expression for one in Origin.objects.all()] == [comes]
    assert "1 confirmed talk waits." in as_chair.get(_at(edition, "students")).content.decode()
    assert stays.state == State.CONFIRMED


def test_an_edition_with_nothing_confirmed_is_told_how_it_comes_to_that(edition, as_chair):
    html = as_chair.get(_at(edition, "students")).content.decode()

    assert "No talk or poster is confirmed yet." in html


def test_what_was_brought_in_hidden_is_published_by_one_press(edition, as_chair):
    expression = make_confirmed(edition)
    as_chair.post(_at(edition, "students"), {"expression": expression.pk})
    talk = Contribution.objects.get()
    assert not talk.is_published
    assert "Publish it</button>" in as_chair.get(_at(edition, "students")).content.decode()

    as_chair.post(_at(edition, "students/publish"), {"contribution": talk.pk})

    assert Contribution.objects.get().is_published
    html = as_chair.get(_at(edition, "students")).content.decode()
    assert "Everything that is confirmed is on the programme: 1 so far." in html


def test_a_correction_is_taken_over_by_one_of_two_chairs(edition, as_chair):
    talk = _brought(edition)
    Expression.objects.update(title=HOSTILE)
    html = as_chair.get(_at(edition, "corrections")).content.decode()
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    sent = as_chair.get(_at(edition, "corrections")).context["edits"][0]
    data = {"do": "take", "origin": talk.origin.pk, "difference": _sent(sent)[0]}

    first = as_chair.post(_at(edition, "corrections/step"), data)
    second = as_chair.post(_at(edition, "corrections/step"), data)

    assert _said(first) == [f"Taken over: “{HOSTILE}” says now what its student says."]
    assert _said(second)[1:] == [
        "Nothing was changed: it is not as you saw it any more. Here is how it stands now."
    ]
    assert Contribution.objects.get().title == HOSTILE


def test_what_is_left_is_no_longer_shown(edition, as_chair):
    _brought(edition)
    Expression.objects.update(title="Larger")

    _press(as_chair, edition, "leave")

    html = as_chair.get(_at(edition, "corrections")).content.decode()
    assert "The programme says what the students say." in html
    assert Contribution.objects.get().title == "Smaller is better"


def test_who_withdrew_is_taken_off_by_a_press(edition, as_chair):
    _brought(edition)
    Expression.objects.update(state=State.WITHDRAWN)

    response = _press(as_chair, edition, "off")

    assert _said(response) == ["“Smaller is better” is off the programme."]
    assert not Contribution.objects.exists()


def test_a_consent_taken_back_offers_no_way_to_leave_it(edition, as_chair):
    talk = _brought(edition)
    say(talk.origin.expression, is_given=False)

    html = as_chair.get(_at(edition, "corrections")).content.decode()
    response = _press(as_chair, edition, "leave")

    assert 'value="leave"' not in html
    assert _said(response) == ["A consent that was taken back cannot be left: take it over."]


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "take"},
        {"do": "take", "origin": "x", "difference": "title:abc"},
        {"do": "take", "origin": "9" * 30},
        {"do": "take", "difference": "nonsense:abc"},
        {"do": "other", "difference": "title:abc"},
        {"do": "take", "difference": ["title", ":", "title:"]},
    ],
)
def test_nonsense_changes_nothing(edition, as_chair, sent):
    talk = _brought(edition)
    Expression.objects.update(title="Larger")

    response = as_chair.post(_at(edition, "corrections/step"), {"origin": talk.origin.pk} | sent)

    assert response.status_code == 302
    assert Contribution.objects.get().title == "Smaller is better"


def test_a_contribution_of_another_year_is_out_of_reach(edition, as_chair):
    other = _brought(make_call_edition())
    Expression.objects.update(title="Larger")
    sent = as_chair.get(_at(other.edition, "corrections")).context["edits"][0]

    as_chair.post(
        _at(edition, "corrections/step"),
        {
            "do": "take",
            "origin": other.origin.pk,
            "difference": _sent(sent),
        },
    )

    other.refresh_from_db()
    assert other.title == "Smaller is better"


def test_the_programmes_page_says_to_a_chair_how_much_waits_and_to_nobody_else(
    edition, as_chair, as_editor, as_reviewer
):
    address = f"/admin/programme/session/programme/{edition.pk}/"
    empty = as_chair.get(address).content.decode()
    _brought(edition)
    Expression.objects.update(title="Larger")
    make_confirmed(edition, format="poster")
    make_confirmed(edition, format="both")

    pages = [who.get(address).content.decode() for who in (as_chair, as_editor, as_reviewer)]

    assert "Bring in confirmed talks and posters</a>" in empty
    assert "Corrections by students</a>" in empty
    assert "Bring in 2 confirmed talks and posters</a>" in pages[0]
    assert "Corrections by students (1)</a>" in pages[0]
    assert not any("students" in page for page in pages[1:])


@pytest.mark.parametrize(("page", "queries"), [("students", 13), ("corrections", 13)])
@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_cost_the_same_however_much_there_is(
    edition, as_chair, django_assert_max_num_queries, page, queries, count
):
    for number in range(count):
        _brought(edition, title=f"Talk {number}")
    Expression.objects.update(title="Larger")
    Contribution.objects.update(is_published=False)
    for _ in range(count):
        make_confirmed(edition)

    with django_assert_max_num_queries(queries):
        assert as_chair.get(_at(edition, page)).status_code == 200
