"""Admin pages of speakers: links for chairs, edits that wait for editors."""

import pytest

from apps.contributors.edits import SpeakerEdit, submit_edit
from apps.contributors.models import Proposal, Speaker
from apps.mail.models import Letter
from apps.people.models import Person
from apps.programme.models import Contribution
from tests.contributors.speakers import (
    CHANGED,
    PDF,
    admin_path,
    browser_of,
    read,
    require_approval,
    send_contribution,
    send_profile,
    slides,
)
from tests.factories import make_chair, make_contribution, make_edition, make_person, make_session
from tests.interest.students import main
from tests.people.files import phone_photo, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(talk):
    return talk.edition


def _html(client, edition, page) -> str:
    return client.get(admin_path(edition, page)).content.decode()


@pytest.fixture
def waiting(talk, speaker) -> Speaker:
    """A speaker with two proposals: their profile and their talk."""
    require_approval(talk.edition)
    ada, photo = browser_of(speaker), upload(phone_photo())
    send_profile(ada, speaker, bio="New words.", photo=photo, photo_focus_across=20)
    send_contribution(ada, speaker, talk, title="Newer", slides=slides())
    return speaker


def _ada(edition) -> str:
    return f"speakers/{Person.objects.get(name='Ada Example').pk}"


def _decide_proposal(client, proposal: Proposal, do: str, seen: str = ""):
    speaker = proposal.speaker
    token = seen or SpeakerEdit(speaker, proposal.contribution).token
    return client.post(
        admin_path(speaker.edition, f"speakers/{speaker.person_id}/step"),
        {"edit": proposal.pk, "part": f"proposal:{token}", "do": do},
        follow=True,
    )


def test_a_chair_sends_the_link_and_revokes_all_links(as_chair, edition, speaker):
    response = as_chair.post(
        admin_path(edition, _ada(edition)), {"email": "new@example.org"}, follow=True
    )

    assert "An email with a new link to new@example.org will be sent shortly." in main(response)
    assert [letter.to_email for letter in Letter.objects.all()] == ["new@example.org"]
    assert 'value="new@example.org"' in main(response)
    assert "new@example.org" in _html(as_chair, edition, "speakers")

    ada = browser_of(speaker)
    response = as_chair.post(admin_path(edition, f"{_ada(edition)}/end-links"), follow=True)

    assert "Links that no longer work: 1." in main(response)
    assert ada.get(f"/2024/speaker/{speaker.pk}/").status_code == 403
    assert Speaker.objects.get().email == ""
    assert Letter.objects.get().state == Letter.State.DISCARDED


@pytest.mark.parametrize("email", ["", "ada", "a@example.org\nBcc: x@example.org", "\x00"])
def test_an_invalid_address_is_an_error(as_chair, edition, talk, email):
    response = as_chair.post(admin_path(edition, _ada(edition)), {"email": email})

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
        statuses = [
            each.post(admin_path(edition, page), data).status_code for page, data in forms.items()
        ]
        assert statuses == [403] * 2
    for page in ("speakers", speaker_page):
        assert "ada@example.org" not in _html(as_editor, edition, page)
        for each in (as_reviewer, as_helpdesk):
            assert each.get(admin_path(edition, page)).status_code == 403
    assert Speaker.objects.get().email == "ada@example.org"
    assert not Letter.objects.exists()


def test_people_who_are_not_on_the_programme_have_no_page(as_chair, edition):
    other = make_person()

    for year in (edition, make_edition()):
        path = admin_path(year, f"speakers/{other.pk}")
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
    assert "<strong>Changes to approve</strong>" in _html(as_editor, edition, "speakers")


@pytest.mark.parametrize(
    ("do", "message", "bio", "title", "files"),
    [
        ("take", "Accepted", "New words.", "Newer", 1),
        ("leave", "is unchanged", "Old words.", "Small is beautiful", 0),
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
    data = {"edit": proposal.pk, "part": f"proposal:{seen}", "do": "take"}

    as_editor.post(admin_path(edition, f"speakers/{other.pk}/step"), data, follow=True)
    assert Person.objects.get(pk=waiting.person_id).bio == "Old words."
    for each in (as_reviewer, as_helpdesk):
        assert _decide_proposal(each, proposal, "take").status_code == 403
    pages = [main(_decide_proposal(as_editor, proposal, "take", seen)) for _ in range(2)]

    assert [CHANGED in page for page in pages] == [False, True]
