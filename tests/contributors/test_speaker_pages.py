"""Speaker pages: edits published at once, or after approval."""

from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from apps.contributors.edits import SpeakerEdit
from apps.contributors.models import Proposal, Speaker
from apps.mail.models import Letter
from apps.people.models import Person, PersonProfile
from apps.programme.models import Contribution
from tests.contributors.speakers import (
    PDF,
    browser_of,
    contribution_form,
    make_speaker,
    read,
    require_approval,
    send_contribution,
    send_profile,
    slides,
)
from tests.factories import (
    make_chair,
    make_contribution,
    make_contributor,
    make_edition,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.interest.students import main
from tests.people.files import SECRET, phone_photo, upload

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} {name} \"' \u202e\x00 & [x](javascript:alert(1))"


@pytest.fixture
def with_approval(talk) -> None:
    require_approval(talk.edition)


def _page(speaker: Speaker) -> str:
    return f"/2024/speaker/{speaker.pk}/"


def _profile(speaker: Speaker) -> str:
    return f"{_page(speaker)}about-you/"


def _contribution(speaker: Speaker, talk: Contribution) -> str:
    return f"{_page(speaker)}give/{talk.slug}/"


def _notices() -> list[str]:
    letters = Letter.objects.filter(kind="contributors/edit_notice").order_by("pk")
    return [" ".join(letter.body_text.split()) for letter in letters]


@pytest.mark.parametrize("approves", [False, True])
def test_a_speaker_agrees_to_a_page_of_all_years_at_once(ada, speaker, talk, approves):
    require_approval(talk.edition, approves)
    address = f"/people/{speaker.person.slug}/"
    assert Client().get(address).status_code == 404

    page = ada.post(f"{_page(speaker)}years/", {"agrees": "yes"}, follow=True)

    assert "The page of your years is public now." in page.content.decode()
    assert f'href="{address}"' in main(page)
    assert talk.title in Client().get(address).content.decode()
    assert Proposal.objects.count() == 0
    assert len(_notices()) == 1
    assert "Page of all their years" in _notices()[0]

    ada.post(f"{_page(speaker)}years/", {"agrees": "yes"})  # a second press
    assert len(_notices()) == 1
    page = ada.post(f"{_page(speaker)}years/", {"agrees": "no"}, follow=True)

    assert "The page of your years is removed." in page.content.decode()
    assert Client().get(address).status_code == 404


def test_nobody_else_agrees_for_a_speaker(as_chair, ada, speaker):
    other = make_speaker(speaker.edition, make_person(), email="bo@example.org")

    for browser, path in (
        (Client(), _page(speaker)),
        (as_chair, _page(speaker)),
        (ada, _page(other)),
    ):
        assert browser.post(f"{path}years/", {"agrees": "yes"}).status_code == 403
    ada.post(f"{_page(speaker)}years/", {"agrees": "perhaps"})

    assert not Person.objects.filter(shows_years=True).exists()


def test_the_page_shows_published_times_and_rooms_only(ada, speaker, talk):
    session = make_session(talk.edition, room=make_room(talk.edition, name="Lantern Hall"))
    make_slot(session, talk)

    assert "Day, time and room are not published yet." in main(ada.get(_page(speaker)))

    make_release(talk.edition)
    session.room = make_room(talk.edition, name="Draft Room")
    session.save()
    html = main(ada.get(_page(speaker)))

    assert "Small is beautiful" in html
    assert "Wednesday 2 January 2199, 09:00–10:00, Lantern Hall" in html
    assert "Draft Room" not in html


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_grow(
    ada, speaker, talk, number, django_assert_max_num_queries
):
    for _ in range(number - 1):
        make_contribution(talk.edition, speaker.person)
    session = make_session(talk.edition, minutes=None)
    for contribution in Contribution.objects.all():
        make_slot(session, contribution)
    make_release(talk.edition)

    with django_assert_max_num_queries(18):
        ada.get(_page(speaker))


def test_a_biography_is_public_at_once_and_organisers_are_notified(ada, speaker):
    response = send_profile(ada, speaker, bio="New words.")

    assert response["Location"] == _page(speaker)
    person = Person.objects.get()
    assert person.bio == "New words."
    assert person.history.first().history_change_reason == "Written by the speaker"
    [notice] = _notices()
    assert "Ada Example changed their profile: Biography." in notice
    assert (
        f"/admin/programme/session/programme/{speaker.edition_id}/speakers/{person.pk}/" in notice
    )
    assert "Your changes are saved, and on the pages now." in main(ada.get(_page(speaker)))


def test_an_unchanged_form_and_an_edition_without_address_notify_nobody(ada, speaker, talk):
    send_profile(ada, speaker)
    send_contribution(ada, speaker, talk)
    assert (Person.history.count(), Contribution.history.count()) == (1, 1)
    speaker.edition.contact_email = ""
    speaker.edition.save()

    send_profile(ada, speaker, bio="New words.")

    assert Person.objects.get().bio == "New words."
    assert _notices() == []


def test_a_portrait_is_cleaned_cropped_and_can_be_removed(
    ada, speaker, django_capture_on_commit_callbacks
):
    changes = {"photo": upload(phone_photo()), "photo_focus_across": 20, "photo_focus_down": 80}

    with django_capture_on_commit_callbacks(execute=True):
        send_profile(ada, speaker, **changes)

    person = Person.objects.get()
    assert person.photo_focus == "0.2x0.8"
    assert SECRET not in read(person.photo)
    with Image.open(BytesIO(read(person.photo))) as portrait:
        assert (portrait.format, dict(portrait.getexif())) == ("JPEG", {})
    assert len(person.photo_digest) == 64
    assert "alt=" in main(ada.get(_page(speaker)))

    send_profile(ada, speaker, **{"photo-clear": "on"})

    assert not Person.objects.get().photo


def test_an_edit_stays_in_its_edition_and_a_removal_holds_for_all(ada, speaker):
    make_contribution(make_edition(slug="2023"), speaker.person)
    Person.objects.update(bio="Old words.", link="https://example.org/old")

    send_profile(ada, speaker, bio="New words.", link="https://example.org/old")

    person, profile = Person.objects.get(), PersonProfile.objects.get()
    assert (person.bio, profile.bio) == ("Old words.", "New words.")
    assert (profile.edition, profile.link) == (speaker.edition, "")
    assert "New words." in main(ada.get(_page(speaker)))

    send_profile(ada, speaker, bio="")

    assert (Person.objects.get().bio, PersonProfile.objects.get().bio) == ("", "")


def test_a_portrait_of_one_edition_is_removed_from_all(ada, speaker):
    make_contribution(make_edition(slug="2023"), speaker.person)

    send_profile(ada, speaker, photo=upload(phone_photo()))

    assert not Person.objects.get().photo
    assert len(PersonProfile.objects.get().photo_digest) == 64

    send_profile(ada, speaker, **{"photo-clear": "on"})

    assert not (Person.objects.get().photo)
    assert not (PersonProfile.objects.get().photo)


def test_a_speaker_edits_title_abstract_links_and_slides(ada, speaker, talk):
    changes = {"title": "Smaller", "abstract": "Why.", "video_url": "example.org/v"}

    send_contribution(ada, speaker, talk, **changes, slides=slides())

    talk = Contribution.objects.get()
    assert (talk.title, talk.abstract) == ("Smaller", "Why.")
    assert talk.video_url == "https://example.org/v"
    assert read(talk.slides) == PDF
    assert "“Smaller”: Title, Abstract, Link to the recording, Slides." in _notices()[0]

    send_contribution(ada, speaker, talk, abstract="New.")
    assert Contribution.objects.get().slides
    send_contribution(ada, speaker, talk, **{"slides-clear": "on"})
    assert not Contribution.objects.get().slides


@pytest.mark.parametrize(
    ("content", "video_url", "message"),
    [
        (
            b"PK\x03\x04 slides.pptx",
            "",
            "This is not a PDF. Export the slides or the poster as PDF.",
        ),
        (PDF, "no address", "Choose it again."),
    ],
)
def test_slides_of_an_invalid_form_are_not_stored(
    ada, speaker, talk, content, video_url, message, settings
):
    changes = {"abstract": "Typed.", "video_url": video_url, "slides": slides(content)}

    html = send_contribution(ada, speaker, talk, **changes).content.decode()

    assert [text for text in (message, "Typed.", "<title>Error: ") if text not in html] == []
    assert 'href=""' not in html
    assert not settings.PRIVATE_ROOT.exists()
    assert not Contribution.objects.get().slides


def test_a_change_in_another_window_is_shown_and_can_be_overwritten(ada, speaker, talk):
    path = _contribution(speaker, talk)
    first = contribution_form(speaker, talk, abstract="First.")
    second = contribution_form(speaker, talk, abstract="Second.", slides=slides())
    ada.post(path, first)

    response = ada.post(path, second)

    html = main(response)
    assert response.status_code == 409
    for text in ("Not saved yet.", "First.", "Second.", "choose yours again"):
        assert text in html
    assert Contribution.objects.get().abstract == "First."

    form = contribution_form(speaker, talk, abstract="Second.")
    assert f'value="{form["seen"]}"' in html
    ada.post(path, form)
    assert Contribution.objects.get().abstract == "Second."


def test_what_only_another_window_changed_stays_as_it_is(ada, speaker, talk):
    first = contribution_form(speaker, talk, abstract="First.")
    second = contribution_form(speaker, talk, title="Second title")
    third = contribution_form(speaker, talk, title="Third title", video_url="https://example.org/3")
    path = _contribution(speaker, talk)
    ada.post(path, first)

    assert ada.post(path, second).status_code == 302
    response = ada.post(path, third)

    talk.refresh_from_db()
    assert (talk.title, talk.abstract) == ("Second title", "First.")
    assert response.status_code == 409
    form = response.context["form"]
    assert (form["title"].value(), form["abstract"].value()) == ("Third title", "First.")
    assert [each.name for each in response.context["differences"]] == ["title", "video_url"]
    ada.post(path, {**third, "abstract": "First.", "seen": response.context["seen"]})
    talk.refresh_from_db()
    assert (talk.title, talk.abstract) == ("Third title", "First.")


def test_hostile_text_is_escaped(ada, speaker, talk):
    path = _contribution(speaker, talk)
    send_profile(ada, speaker, bio=HOSTILE)
    send_contribution(ada, speaker, talk, title=HOSTILE, abstract=HOSTILE)

    assert Contribution.objects.get().title == HOSTILE.replace("\u202e\x00", "")
    for page in (_page(speaker), _profile(speaker), path):
        html = ada.get(page).content.decode()
        assert "<script>alert" not in html
        assert 'javascript:alert(1)"' not in html
    assert "<script>" not in Letter.objects.latest("pk").body_html


@pytest.mark.parametrize(
    ("invalid", "status"),
    [
        ({"seen": ""}, 409),
        ({"seen": "x" * 10_000}, 409),
        ({"title": "x" * 301}, 200),
        ({"abstract": "x" * 10_001}, 200),
        ({"video_url": "javascript:alert(1)"}, 200),
    ],
)
def test_invalid_values_change_nothing(ada, speaker, talk, invalid, status):
    changes = {"abstract": "New."} | invalid

    assert send_contribution(ada, speaker, talk, **changes).status_code == status
    assert Contribution.objects.get().abstract == ""


def test_a_speaker_edits_their_own_contributions_but_not_panels_they_sit_on(ada, speaker, talk):
    edition = talk.edition
    foreign = make_contribution(edition, make_person(), title="Foreign")
    last_year = make_contribution(make_edition(slug="2023"), speaker.person, title="Last year")
    panel = make_contribution(edition, title="Panel", kind="panel")
    make_contributor(panel, speaker.person, role="panellist")
    led = make_contribution(edition, title="Led", kind="panel")
    make_contributor(led, speaker.person, role="moderator")
    contributions = (foreign, last_year, panel, led, talk)

    statuses = [ada.get(_contribution(speaker, row)).status_code for row in contributions]

    assert statuses == [404, 404, 404, 200, 200]
    html = main(ada.get(_page(speaker)))
    assert [row for row in contributions if row.title in html] == [panel, led, talk]
    assert "The moderator of the panel writes its title and abstract." in html


def test_a_session_chair_without_a_contribution_has_a_page(talk):
    chair = make_person(name="Charlie Chair")
    make_chair(make_session(talk.edition), chair)
    speaker = make_speaker(talk.edition, chair)

    html = main(browser_of(speaker).get(_page(speaker)))

    assert "You are in the programme as the chair of a session." in html


def test_several_changes_in_a_row_are_reported_twice(ada, speaker):
    for number in range(3):
        send_profile(ada, speaker, bio=f"Words {number}")

    assert Person.objects.get().bio == "Words 2"
    assert len(_notices()) == 2


def test_a_form_sent_after_its_link_was_revoked_keeps_the_input(ada, speaker):
    speaker.links.revoke()

    response = send_profile(ada, speaker, bio="Long words.")

    assert response.status_code == 403
    assert "Long words." in main(response)


def test_a_form_sent_without_a_csrf_token_keeps_the_input(ada, speaker, talk):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = ada.cookies

    responses = [
        send_profile(browser, speaker, bio="Biography.", link="https://example.org/ada"),
        send_contribution(browser, speaker, talk, title="New", code_url="https://example.org/c"),
    ]

    assert [response.status_code for response in responses] == [403, 403]
    for response, words in zip(
        responses, (("Biography.", "example.org/ada"), ("New", "example.org/c")), strict=True
    ):
        assert [text for text in words if text not in main(response)] == []


# With approval


def test_with_approval_nothing_is_public_before_it(ada, speaker, talk, with_approval):
    photo = upload(phone_photo())

    send_profile(ada, speaker, bio="New words.", photo=photo)
    send_contribution(ada, speaker, talk, title="New", slides=slides())

    person, stored = Person.objects.get(), Contribution.objects.get()
    assert (person.bio, bool(person.photo)) == ("Old words.", False)
    assert (stored.title, bool(stored.slides)) == ("Small is beautiful", False)
    assert Proposal.objects.count() == 2
    assert ["Visitors see it once one of you" in notice for notice in _notices()] == [True, True]
    assert main(ada.get(_page(speaker))).count("<strong>Not public yet.</strong>") == 2
    assert "New words." in ada.get(_profile(speaker)).content.decode()


def test_a_second_edit_adds_to_the_first_or_takes_it_back(ada, speaker, with_approval):
    send_profile(ada, speaker, bio="New words.", photo=upload(phone_photo()))

    send_profile(ada, speaker, link="https://example.org/ada")

    proposal = Proposal.objects.get()
    assert proposal.values == {"bio": "New words.", "link": "https://example.org/ada"}
    assert proposal.file

    send_profile(ada, speaker, bio="Old words.", link="", **{"photo-clear": "on"})

    assert not Proposal.objects.exists()


def test_a_proposal_is_published_with_the_next_edit_without_approval(ada, speaker, with_approval):
    send_profile(ada, speaker, bio="New words.", photo=upload(phone_photo()))
    require_approval(speaker.edition, is_required=False)

    send_profile(ada, speaker, link="https://example.org/ada")

    person = Person.objects.get()
    assert (person.bio, person.link) == ("New words.", "https://example.org/ada")
    assert person.photo
    assert not Proposal.objects.exists()


def test_a_proposal_whose_file_is_lost_is_not_accepted(ada, speaker, with_approval):
    send_profile(ada, speaker, photo=upload(phone_photo()))
    proposal = Proposal.objects.get()
    proposal.file.storage.delete(str(proposal.file))

    with pytest.raises(FileNotFoundError):
        SpeakerEdit.decide(SpeakerEdit.accept, proposal.pk, seen=SpeakerEdit(speaker).tokens)

    assert Proposal.objects.exists()


def test_proposed_files_are_deleted_with_their_contribution(
    ada, speaker, talk, settings, with_approval, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            send_contribution(ada, speaker, talk, slides=slides())
    assert len(list((settings.PRIVATE_ROOT / "slides").iterdir())) == 1

    with django_capture_on_commit_callbacks(execute=True):
        Contribution.objects.get().delete()

    assert list((settings.PRIVATE_ROOT / "slides").iterdir()) == []
