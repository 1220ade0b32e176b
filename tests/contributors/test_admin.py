"""Admin pages: submissions and students' edits for chairs, speakers for editors and chairs."""

import pytest
from django.contrib.messages import get_messages

from apps.contributors.edits import SpeakerEdit, submit_edit
from apps.contributors.models import Proposal, Speaker
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.people.models import Person
from apps.programme.models import Contribution, Origin
from tests.contributors.speakers import (
    PDF,
    browser_of,
    contribution_form,
    make_speaker,
    profile_form,
    read,
    require_approval,
    slides,
)
from tests.contributors.students import make_added, make_confirmed, set_consent
from tests.factories import (
    make_call_edition,
    make_chair,
    make_contribution,
    make_edition,
    make_person,
    make_session,
)
from tests.interest.students import main
from tests.people.files import phone_photo, upload

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"
CHANGED = "Nothing was changed: it is not as you saw it any more. Here is how it stands now."


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", contact_email="organisers@example.org")


def _at(edition, page) -> str:
    return f"/admin/programme/session/programme/{edition.pk}/{page}/"


def _html(client, edition, page) -> str:
    return client.get(_at(edition, page)).content.decode()


def _messages(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# Submissions


@pytest.mark.parametrize("page", ["students", "corrections/step"])
def test_only_chairs_change_the_programme_by_submissions(
    edition, client, as_stranger, as_reviewer, as_helpdesk, as_editor, page
):
    talk = make_added(edition)
    Expression.objects.update(title="Private correction")
    data = {"expression": make_confirmed(edition).pk, "origin": talk.origin.pk}

    statuses = [
        each.post(_at(edition, page), data).status_code
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

    first, second = (as_chair.post(_at(edition, "students"), data) for _ in range(2))

    assert _messages(first) == [
        "2 are on the programme now. Anybody can read them. "
        "Give them places in lightning rounds and on boards."
    ]
    assert _messages(second)[1:] == ["All of it is on the programme already."]
    assert [row.is_published for row in Contribution.objects.all()] == [True, True]


def test_only_selected_submissions_are_added_and_refused_ones_are_named(edition, as_chair):
    make_confirmed(edition, title="Stays")
    selected = make_confirmed(edition, title="Comes")
    withdrawn = make_confirmed(edition, title="Gone", name="Gil Gone")
    Expression.objects.filter(pk=withdrawn.pk).update(state=State.WITHDRAWN)

    nothing = as_chair.post(_at(edition, "students"), {"publish": "on"})
    response = as_chair.post(
        _at(edition, "students"), {"expression": [selected.pk, withdrawn.pk, 999_999, "x"]}
    )

    assert _messages(nothing) == ["Nothing was ticked, and nothing brought in."]
    assert _messages(response)[1:] == [
        "1 is on the programme now. Not public yet. "
        "Give them places in lightning rounds and on boards.",
        "Not brought in: “Gone” by Gil Gone is not confirmed any more: withdrawn.",
    ]
    assert [origin.expression for origin in Origin.objects.all()] == [selected]
    assert "1 confirmed talk or poster waits." in _html(as_chair, edition, "students")


def test_added_contributions_are_published_later(edition, as_chair):
    assert "No talk or poster is confirmed yet." in _html(as_chair, edition, "students")
    expression = make_confirmed(edition)
    as_chair.post(_at(edition, "students"), {"expression": expression.pk})
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
        ({"title": HOSTILE}, "take", f"Taken over: “{HOSTILE}” says now", [HOSTILE]),
        ({"title": "Larger"}, "leave", "Left: “Small” stays as it is.", ["Small"]),
        ({"state": "withdrawn"}, "off", "“Small” is off the programme.", []),
        ({"state": "withdrawn"}, "take", "Take it off the programme, or leave it.", ["Small"]),
    ],
)
def test_a_decision_is_made_once_by_a_button(edition, as_chair, fields, do, message, titles):
    make_added(edition, title="Small")
    Expression.objects.update(**fields)
    html = _html(as_chair, edition, "corrections")
    assert HOSTILE not in html
    edit = as_chair.get(_at(edition, "corrections")).context["edits"][0]
    changes = [f"{change.name}:{change.token}" for change in edit.changes]
    data = {"do": do, "origin": edit.origin.pk, "difference": changes}

    first, second = (as_chair.post(_at(edition, "corrections/step"), data) for _ in range(2))

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
        {"do": "take", "origin": "x", "difference": "title:abc"},
        {"do": "take", "origin": "9" * 30},
        {"do": "take", "difference": "nonsense:abc"},
        {"do": "other", "difference": "title:abc"},
        {"do": "take", "difference": ["title", ":", "title:"]},
    ],
)
def test_invalid_decisions_change_nothing(edition, as_chair, sent):
    talk = make_added(edition)
    Expression.objects.update(title="Larger")

    response = as_chair.post(_at(edition, "corrections/step"), {"origin": talk.origin.pk} | sent)

    assert response.status_code == 302
    assert Contribution.objects.get().title == "Smaller is better"


def test_contributions_of_another_edition_are_out_of_reach(edition, as_chair):
    other = make_added(make_call_edition())
    Expression.objects.update(title="Larger")
    edit = as_chair.get(_at(other.edition, "corrections")).context["edits"][0]
    data = {"do": "take", "origin": other.origin.pk}

    as_chair.post(
        _at(edition, "corrections/step"),
        data | {"difference": f"title:{edit.tokens['title']}"},
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

    assert "Bring in confirmed talks and posters</a>" in empty
    assert "Corrections by students</a>" in empty
    assert "Bring in confirmed talks and posters (2)</a>" in pages[0]
    assert "Corrections by students (1)</a>" in pages[0]
    assert not any("students" in page for page in pages[1:])


# Speakers


@pytest.fixture
def talk(edition) -> Contribution:
    ada = make_person(name="Ada Example", bio="Old words.")
    return make_contribution(edition, ada, title="Small is beautiful")


@pytest.fixture
def speaker(talk) -> Speaker:
    return make_speaker(talk.edition, Person.objects.get())


@pytest.fixture
def waiting(talk, speaker) -> Speaker:
    """A speaker with two proposals: their profile and their talk."""
    require_approval(talk.edition)
    ada, page = browser_of(speaker), f"/2024/speaker/{speaker.pk}/"
    photo = upload(phone_photo())
    form = profile_form(speaker, bio="New words.", photo=photo, photo_focus_across=20)
    ada.post(f"{page}about-you/", form)
    form = contribution_form(speaker, talk, title="Newer", slides=slides())
    ada.post(f"{page}give/{talk.slug}/", form)
    return speaker


def _ada(edition) -> str:
    return f"speakers/{Person.objects.get(name='Ada Example').pk}"


def _decide_proposal(client, proposal: Proposal, do: str, seen: str = ""):
    speaker = proposal.speaker
    token = seen or SpeakerEdit(speaker, proposal.contribution).token
    return client.post(
        _at(speaker.edition, f"speakers/{speaker.person_id}/step"),
        {"proposal": proposal.pk, "seen": token, "do": do},
        follow=True,
    )


def test_a_chair_sends_the_link_and_revokes_all_links(as_chair, edition, speaker):
    response = as_chair.post(_at(edition, _ada(edition)), {"email": "new@example.org"}, follow=True)

    assert "A letter with a new link to new@example.org is on its way." in main(response)
    assert [letter.to_email for letter in Letter.objects.all()] == ["new@example.org"]
    assert 'value="new@example.org"' in main(response)
    assert "new@example.org" in _html(as_chair, edition, "speakers")

    ada = browser_of(speaker)
    response = as_chair.post(_at(edition, f"{_ada(edition)}/end-links"), follow=True)

    assert "Links that no longer work: 1." in main(response)
    assert ada.get(f"/2024/speaker/{speaker.pk}/").status_code == 403
    assert Speaker.objects.get().email == ""


@pytest.mark.parametrize("email", ["", "ada", "a@example.org\nBcc: x@example.org", "\x00"])
def test_an_invalid_address_is_an_error(as_chair, edition, talk, email):
    response = as_chair.post(_at(edition, _ada(edition)), {"email": email})

    assert response.status_code == 200
    assert "errorlist" in main(response)
    assert not Letter.objects.exists()


def test_only_chairs_see_addresses_and_links(as_editor, as_reviewer, as_helpdesk, edition, speaker):
    speaker_page = _ada(edition)
    forms = {
        speaker_page: {"email": "new@example.org"},
        f"{speaker_page}/end-links": {},
    }

    for each in (as_editor, as_reviewer, as_helpdesk):
        statuses = [each.post(_at(edition, page), data).status_code for page, data in forms.items()]
        assert statuses == [403] * 2
    for page in ("speakers", speaker_page):
        assert "ada@example.org" not in _html(as_editor, edition, page)
        for each in (as_reviewer, as_helpdesk):
            assert each.get(_at(edition, page)).status_code == 403
    assert Speaker.objects.get().email == "ada@example.org"
    assert not Letter.objects.exists()


def test_people_who_are_not_on_the_programme_have_no_page(as_chair, edition):
    other = make_person()

    for year in (edition, make_edition()):
        path = _at(year, f"speakers/{other.pk}")
        assert as_chair.get(path).status_code == 404
        assert as_chair.post(path, {"email": "x@example.org"}).status_code == 404


def test_the_list_names_chairs_speakers_and_bare_names(as_chair, edition, talk):
    make_chair(make_session(edition, title="Morning"), make_person(name="Charlie"))
    make_contribution(edition, "Only A Name")

    html = _html(as_chair, edition, "speakers")

    assert "Chairs: <bdi>Morning</bdi>" in html
    assert "Speaker: <bdi>Small is beautiful</bdi>" in html
    assert "<bdi>Only A Name</bdi>" in html


def test_an_editor_compares_a_proposal_with_the_public_values(as_editor, edition, waiting):
    html = _html(as_editor, edition, _ada(edition))

    for text in ("Old words.", "New words.", "Small is beautiful", "Newer", "New slides ("):
        assert text in html
    assert "<strong>Changes wait</strong>" in _html(as_editor, edition, "speakers")


@pytest.mark.parametrize(
    ("do", "message", "bio", "title", "files"),
    [
        ("take", "Taken over", "New words.", "Newer", 1),
        ("leave", "stays as it is", "Old words.", "Small is beautiful", 0),
    ],
)
def test_an_editor_accepts_or_rejects_a_proposal_with_its_file(
    as_editor, waiting, settings, django_capture_on_commit_callbacks, do, message, bio, title, files
):
    with django_capture_on_commit_callbacks(execute=True):
        for proposal in Proposal.objects.all():
            assert message in main(_decide_proposal(as_editor, proposal, do))

    person, stored = Person.objects.get(), Contribution.objects.get()
    assert (person.bio, stored.title) == (bio, title)
    assert not Proposal.objects.exists()
    assert len([path for path in settings.PRIVATE_ROOT.rglob("*") if path.is_file()]) == files
    assert settings.MEDIA_ROOT.exists() is bool(files)
    if files:
        assert read(stored.slides) == PDF
        assert read(person.photo).startswith(b"\xff\xd8")
        assert person.photo_focus == "0.2x0.5"


@pytest.mark.parametrize("do", ["take", "leave", "something", ""])
def test_a_changed_proposal_is_shown_again(as_editor, waiting, do):
    proposal = Proposal.objects.get(contribution=None)
    seen = SpeakerEdit(waiting).token
    submit_edit(speaker=waiting, values={"bio": "Newest words."}, seen=seen)

    html = main(_decide_proposal(as_editor, proposal, do, seen))

    assert CHANGED in html
    assert "Newest words." in html
    assert Person.objects.get().bio == "Old words."


def test_a_proposal_is_decided_once_by_an_editor_on_the_page_of_its_speaker(
    as_editor, as_reviewer, as_helpdesk, edition, waiting
):
    proposal = Proposal.objects.get(contribution=None)
    other = make_person()
    make_contribution(edition, other)
    seen = SpeakerEdit(waiting).token
    data = {"proposal": proposal.pk, "seen": seen, "do": "take"}

    as_editor.post(_at(edition, f"speakers/{other.pk}/step"), data, follow=True)
    assert Person.objects.get(pk=waiting.person_id).bio == "Old words."
    for each in (as_reviewer, as_helpdesk):
        assert _decide_proposal(each, proposal, "take").status_code == 403
    pages = [main(_decide_proposal(as_editor, proposal, "take", seen)) for _ in range(2)]

    assert [CHANGED in page for page in pages] == [False, True]


# Queries


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
    as_chair.get(_at(edition, page))

    with django_assert_max_num_queries(13):
        assert as_chair.get(_at(edition, page)).status_code == 200
