"""Speakers on the desk: who sends links, and what becomes of changes that wait."""

import pytest

from apps.contributors.edits import SpeakerEdit, submit_edit
from apps.contributors.models import Proposal, Speaker, SpeakerRules
from apps.contributors.speakers import set_approval_rule
from apps.mail.models import Letter
from apps.people.models import Person
from apps.programme.models import Contribution
from tests.contributors.speakers import (
    PDF,
    about_you,
    browser_of,
    make_speaker,
    read,
    slides,
    what_you_give,
)
from tests.factories import make_chair, make_contribution, make_edition, make_person, make_session
from tests.interest.students import main
from tests.people.files import phone_photo, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk() -> Contribution:
    edition = make_edition(slug="2024", contact_email="organisers@example.org")
    ada = make_person(name="Ada Example", bio="Old words.")
    return make_contribution(edition, ada, title="Small is beautiful")


@pytest.fixture
def waiting(talk) -> Speaker:
    """A speaker whose changes wait: of themselves, and of their talk."""
    speaker = make_speaker(talk.edition, Person.objects.get())
    set_approval_rule(edition=talk.edition, requires_approval=True)
    ada = browser_of(speaker)
    page = f"/2024/speaker/{speaker.pk}/"
    ada.post(f"{page}about-you/", about_you(speaker, bio="New words.", photo=upload(phone_photo())))
    form = what_you_give(speaker, talk, title="Newer", slides=slides())
    ada.post(f"{page}give/{talk.slug}/", form)
    return speaker


def _list(edition) -> str:
    return f"/admin/programme/session/programme/{edition.pk}/speakers/"


def _one(talk: Contribution) -> str:
    return f"{_list(talk.edition)}{Person.objects.get(name='Ada Example').pk}/"


def _step(client, talk, proposal: Proposal, do: str, seen: str = ""):
    stamp = SpeakerEdit(proposal.speaker, proposal.contribution).token
    data = {"proposal": proposal.pk, "seen": seen or stamp, "do": do}
    return client.post(f"{_one(talk)}step/", data, follow=True)


def test_a_chair_sends_the_link(as_chair, talk):
    response = as_chair.post(_one(talk), {"email": "ada@example.org"}, follow=True)

    assert "A letter with a new link to ada@example.org is on its way." in main(response)
    assert [letter.to_email for letter in Letter.objects.all()] == ["ada@example.org"]
    assert 'value="ada@example.org"' in main(response)
    assert "ada@example.org" in main(as_chair.get(_list(talk.edition)))


@pytest.mark.parametrize("email", ["", "ada", "a@example.org\nBcc: x@example.org", "\x00"])
def test_what_is_no_address_is_told(as_chair, talk, email):
    response = as_chair.post(_one(talk), {"email": email})

    assert response.status_code == 200
    assert "errorlist" in main(response)
    assert not Letter.objects.exists()


def test_a_chair_ends_all_links(as_chair, talk):
    speaker = make_speaker(talk.edition, Person.objects.get())
    ada = browser_of(speaker)

    response = as_chair.post(f"{_one(talk)}end-links/", follow=True)

    assert "Links that no longer work: 1." in main(response)
    assert ada.get(f"/2024/speaker/{speaker.pk}/").status_code == 403
    assert Speaker.objects.get().email == ""


def test_addresses_and_links_are_for_chairs_alone(as_editor, as_reviewer, as_helpdesk, talk):
    make_speaker(talk.edition, Person.objects.get())
    presses = [
        (_one(talk), {"email": "new@example.org"}),
        (f"{_one(talk)}end-links/", {}),
        (f"{_list(talk.edition)}rule/", {"waits": "yes"}),
    ]

    for who in (as_editor, as_reviewer, as_helpdesk):
        assert [who.post(path, data).status_code for path, data in presses] == [403] * 3
    for path in (_list(talk.edition), _one(talk)):
        html = as_editor.get(path).content.decode()
        assert "ada@example.org" not in html
        assert [as_reviewer.get(path).status_code, as_helpdesk.get(path).status_code] == [403, 403]
    assert Speaker.objects.get().email == "ada@example.org"
    assert not Letter.objects.exists()
    assert not SpeakerRules.objects.exists()


def test_who_is_not_on_this_programme_has_no_page_here(as_chair, talk):
    other = make_person()

    for path in (f"{_list(talk.edition)}{other.pk}/", f"{_list(make_edition())}{other.pk}/"):
        assert as_chair.get(path).status_code == 404
        assert as_chair.post(path, {"email": "x@example.org"}).status_code == 404


def test_the_list_names_everybody_and_who_has_no_page(as_chair, talk):
    make_chair(make_session(talk.edition, title="Morning"), make_person(name="Charlie"))
    make_contribution(talk.edition, "Only A Name")

    html = main(as_chair.get(_list(talk.edition)))

    assert "Chairs: <bdi>Morning</bdi>" in html
    assert "Speaker: <bdi>Small is beautiful</bdi>" in html
    assert "<bdi>Only A Name</bdi>" in html


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_as_often_for_one_as_for_three(
    as_chair, talk, number, django_assert_max_num_queries
):
    for _ in range(number - 1):
        person = make_person()
        make_contribution(talk.edition, person)
        make_chair(make_session(talk.edition), person)
    for person in Person.objects.all():
        speaker = make_speaker(talk.edition, person)
        Proposal.objects.create(speaker=speaker, values={"bio": "x"})
    make_chair(make_session(talk.edition), Person.objects.order_by("pk")[0])
    as_chair.get(_list(talk.edition))

    with django_assert_max_num_queries(13):
        as_chair.get(_list(talk.edition))


def test_an_editor_reads_the_difference(as_editor, talk, waiting):
    html = main(as_editor.get(_one(talk)))

    for words in ("Old words.", "New words.", "Small is beautiful", "Newer", "New slides ("):
        assert words in html
    assert "<strong>Changes wait</strong>" in main(as_editor.get(_list(talk.edition)))


def test_taken_over_it_is_public_with_its_files(
    as_editor, talk, waiting, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for proposal in Proposal.objects.all():
            assert "Taken over" in main(_step(as_editor, talk, proposal, "take"))

    person, stored = Person.objects.get(), Contribution.objects.get()
    assert (person.bio, stored.title) == ("New words.", "Newer")
    assert read(stored.slides) == PDF
    assert read(person.photo).startswith(b"\xff\xd8")
    assert not Proposal.objects.exists()
    assert len([path for path in settings.PRIVATE_ROOT.rglob("*") if path.is_file()]) == 1


def test_left_it_stays_as_it_is_and_no_file_remains(
    as_editor, talk, waiting, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for proposal in Proposal.objects.all():
            assert "stays as it is" in main(_step(as_editor, talk, proposal, "leave"))

    assert (Person.objects.get().bio, Contribution.objects.get().title) == (
        *("Old words.", "Small is beautiful"),
    )
    assert [path for path in settings.PRIVATE_ROOT.rglob("*") if path.is_file()] == []
    assert not settings.MEDIA_ROOT.exists()


@pytest.mark.parametrize("do", ["take", "leave", "something", ""])
def test_what_changed_since_it_was_looked_at_is_shown_again(as_editor, talk, waiting, do):
    proposal = Proposal.objects.get(contribution=None)
    seen = SpeakerEdit(waiting).token
    submit_edit(speaker=waiting, values={"bio": "Newest words."}, seen=seen)

    response = _step(as_editor, talk, proposal, do, seen)

    assert "Nothing was changed: it is not as you saw it any more." in main(response)
    assert "Newest words." in main(response)
    assert Person.objects.get().bio == "Old words."


def test_a_second_press_and_somebody_elses_proposal_do_nothing(as_editor, talk, waiting):
    proposal = Proposal.objects.get(contribution=None)
    other = make_person()
    make_contribution(talk.edition, other)
    seen = SpeakerEdit(waiting).token
    data = {"proposal": proposal.pk, "seen": seen, "do": "take"}

    as_editor.post(f"{_list(talk.edition)}{other.pk}/step/", data, follow=True)
    assert Person.objects.get(pk=waiting.person_id).bio == "Old words."
    answers = [main(_step(as_editor, talk, proposal, "take", seen)) for _ in range(2)]

    assert ["Nothing was changed" in answer for answer in answers] == [False, True]


def test_reviewers_take_nothing_over(as_reviewer, as_helpdesk, talk, waiting):
    proposal = Proposal.objects.get(contribution=None)

    answers = {_step(who, talk, proposal, "take").status_code for who in (as_reviewer, as_helpdesk)}

    assert answers == {403}
    assert Proposal.objects.count() == 2


def test_the_rule_is_chosen_by_a_press_and_back(as_chair, talk):
    path = f"{_list(talk.edition)}rule/"

    assert "waits until one of you has looked" in main(
        as_chair.post(path, {"waits": "yes"}, follow=True)
    )
    assert "is public at once" in main(as_chair.post(path, {"waits": "no"}, follow=True))
    assert [rule.requires_approval for rule in SpeakerRules.objects.all()] == [False]
