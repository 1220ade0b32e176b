"""A speaker's own page: what they change there, and what becomes of it."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from apps.contributors.edits import SpeakerEdit
from apps.contributors.models import Proposal, Speaker
from apps.contributors.speakers import set_approval_rule
from apps.core.exceptions import ChangedMeanwhile
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
def talk() -> Contribution:
    edition = make_edition(
        slug="2024", contact_email="organisers@example.org", starts_on=date(2199, 1, 2)
    )
    ada = make_person(name="Ada Example", bio="Old words.")
    return make_contribution(edition, ada, title="Small is beautiful", kind="keynote")


@pytest.fixture
def speaker(talk) -> Speaker:
    return make_speaker(talk.edition, Person.objects.get())


@pytest.fixture
def ada(speaker):
    return browser_of(speaker)


def _path(speaker: Speaker, page: str = "") -> str:
    return f"/2024/speaker/{speaker.pk}/{page}"


def _gives(speaker: Speaker, talk: Contribution) -> str:
    return _path(speaker, f"give/{talk.slug}/")


def _notices() -> list[str]:
    letters = Letter.objects.filter(kind="contributors/speaker_notice").order_by("pk")
    return [" ".join(letter.body_text.split()) for letter in letters]


def test_the_page_tells_what_they_give_when_and_where_as_published(ada, speaker, talk):
    room = make_room(talk.edition, name="Lantern Hall")
    session = make_session(talk.edition, room=room)
    make_slot(session, talk)

    assert "Day, time and room are not published yet." in main(ada.get(_path(speaker)))

    make_release(talk.edition)
    session.room = make_room(talk.edition, name="Draft Room")
    session.save()
    html = main(ada.get(_path(speaker)))

    assert "Small is beautiful" in html
    assert "Wednesday 2 January 2199, 09:00 GMT" in html
    assert "Lantern Hall" in html
    assert "Draft Room" not in html


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_as_often_for_one_talk_as_for_three(
    ada, speaker, talk, number, django_assert_max_num_queries
):
    for _ in range(number - 1):
        make_contribution(talk.edition, speaker.person)
    session = make_session(talk.edition, minutes=None)
    for contribution in Contribution.objects.all():
        make_slot(session, contribution)
    make_release(talk.edition)

    with django_assert_max_num_queries(14):
        ada.get(_path(speaker))


def test_a_biography_is_live_at_once_and_organisers_are_told(ada, speaker):
    response = ada.post(_path(speaker, "about-you/"), about_you(speaker, bio="New words."))

    assert response["Location"] == _path(speaker)
    person = Person.objects.get()
    assert person.bio == "New words."
    assert person.history.first().history_change_reason == "Said by the speaker"
    [notice] = _notices()
    assert "Ada Example changed what is said of them: Biography." in notice
    assert (
        f"/admin/programme/session/programme/{speaker.edition_id}/speakers/{person.pk}/" in notice
    )
    assert "Your changes are saved, and on the pages now." in main(ada.get(_path(speaker)))


def test_nothing_different_changes_nothing_and_tells_nobody(ada, speaker, talk):
    for path, form in (
        (_path(speaker, "about-you/"), about_you(speaker)),
        (_gives(speaker, talk), what_you_give(speaker, talk)),
    ):
        ada.post(path, form)

    assert _notices() == []
    assert (Person.history.count(), Contribution.history.count()) == (1, 1)


def test_a_portrait_that_waited_keeps_its_focal_point(ada, speaker):
    set_approval_rule(edition=speaker.edition, requires_approval=True)
    photo = upload(phone_photo())
    ada.post(_path(speaker, "about-you/"), about_you(speaker, photo=photo, photo_focus_across=20))
    waiting, seen = Proposal.objects.get(), SpeakerEdit(speaker).tokens

    SpeakerEdit.accept(waiting.pk, seen=seen)

    assert Person.objects.get().photo_focus == "0.2x0.5"
    with pytest.raises(ChangedMeanwhile):
        SpeakerEdit.accept(waiting.pk, seen=seen)


def test_a_portrait_whose_file_is_lost_is_a_fault_and_no_change(ada, speaker):
    set_approval_rule(edition=speaker.edition, requires_approval=True)
    ada.post(_path(speaker, "about-you/"), about_you(speaker, photo=upload(phone_photo())))
    waiting, seen = Proposal.objects.get(), SpeakerEdit(speaker).tokens
    waiting.file.storage.delete(str(waiting.file))

    with pytest.raises(FileNotFoundError):
        SpeakerEdit.accept(waiting.pk, seen=seen)

    assert Proposal.objects.exists()


def test_a_portrait_is_made_anew_without_its_place_and_around_the_point(
    ada, speaker, django_capture_on_commit_callbacks
):
    photo = upload(phone_photo())

    with django_capture_on_commit_callbacks(execute=True):
        ada.post(
            _path(speaker, "about-you/"),
            about_you(speaker, photo=photo, photo_focus_across=20, photo_focus_down=80),
        )

    person = Person.objects.get()
    assert person.photo_focus == "0.2x0.8"
    assert SECRET not in read(person.photo)
    with Image.open(BytesIO(read(person.photo))) as portrait:
        assert (portrait.format, dict(portrait.getexif())) == ("JPEG", {})
    assert len(person.photo_digest) == 64
    assert "alt=" in main(ada.get(_path(speaker)))

    ada.post(_path(speaker, "about-you/"), about_you(speaker, **{"photo-clear": "on"}))

    assert not Person.objects.get().photo


def test_slides_title_and_links_are_theirs_to_change(ada, speaker, talk):
    form = what_you_give(
        speaker, talk, title="Smaller", abstract="Why.", video_url="example.org/v", slides=slides()
    )

    ada.post(_gives(speaker, talk), form)

    talk = Contribution.objects.get()
    assert (talk.title, talk.abstract, talk.video_url) == (
        "Smaller",
        "Why.",
        "https://example.org/v",
    )
    assert read(talk.slides) == PDF
    assert "“Smaller”: Title, Abstract, Link to the recording, Slides." in _notices()[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04 slides.pptx", "This is not a PDF. Export the slides as PDF."),
        (b"%PDF-1.7\ntrailer <</Encrypt 5 0 R>>", "This PDF is encrypted."),
        (b"%PDF-1.7\n" + b"x" * 52_428_800, "Choose a PDF of at most 50 MB."),
    ],
)
def test_slides_that_are_none_are_refused_and_nothing_is_kept(
    ada, speaker, talk, content, words, settings
):
    form = what_you_give(speaker, talk, abstract="Typed.", slides=slides(content))

    response = ada.post(_gives(speaker, talk), form)

    html = response.content.decode()
    assert words in html
    assert "Typed." in html
    assert "<title>Error: " in html
    assert not settings.PRIVATE_ROOT.exists()
    assert not Contribution.objects.get().slides


def test_good_slides_beside_a_wrong_link_are_asked_for_again(ada, speaker, talk):
    form = what_you_give(speaker, talk, video_url="no address", slides=slides())

    html = ada.post(_gives(speaker, talk), form).content.decode()

    assert "Choose it again." in html
    assert 'href=""' not in html
    assert not Contribution.objects.get().slides


def test_the_second_of_two_windows_is_told_and_loses_nothing(ada, speaker, talk):
    first = what_you_give(speaker, talk, abstract="First.")
    second = what_you_give(speaker, talk, abstract="Second.", slides=slides())
    ada.post(_gives(speaker, talk), first)

    response = ada.post(_gives(speaker, talk), second)

    html = main(response)
    assert response.status_code == 409
    assert "Not saved yet." in html
    assert "First." in html
    assert "Second." in html
    assert "choose yours again" in html
    assert Contribution.objects.get().abstract == "First."

    again = what_you_give(speaker, talk, abstract="Second.")
    assert f'value="{again["seen"]}"' in html
    ada.post(_gives(speaker, talk), again)
    assert Contribution.objects.get().abstract == "Second."


def test_what_organisers_changed_meanwhile_is_not_overwritten(ada, speaker):
    form = about_you(speaker, bio="Mine.")
    Person.objects.update(bio="Theirs.")

    response = ada.post(_path(speaker, "about-you/"), form)

    assert response.status_code == 409
    assert Person.objects.get().bio == "Theirs."


def test_hostile_words_are_words(ada, speaker, talk):
    ada.post(_path(speaker, "about-you/"), about_you(speaker, bio=HOSTILE))
    ada.post(_gives(speaker, talk), what_you_give(speaker, talk, title=HOSTILE, abstract=HOSTILE))

    talk = Contribution.objects.get()
    assert talk.title == HOSTILE.replace("\u202e\x00", "")
    for path in (_path(speaker), _path(speaker, "about-you/"), _gives(speaker, talk)):
        html = ada.get(path).content.decode()
        assert "<script>alert" not in html
        assert 'javascript:alert(1)"' not in html
    assert "<script>" not in Letter.objects.latest("pk").body_html


@pytest.mark.parametrize(
    "wrong",
    [
        {"seen": ""},
        {"seen": "x" * 10_000},
        {"title": "x" * 301},
        {"abstract": "x" * 10_001},
        {"video_url": "javascript:alert(1)"},
        {"slides": "no file"},
    ],
)
def test_wrong_values_change_nothing(ada, speaker, talk, wrong):
    form = what_you_give(speaker, talk, abstract="New.") | wrong

    status = ada.post(_gives(speaker, talk), form).status_code

    expected = {"seen": 409, "slides": 302}.get(next(iter(wrong)), 200)
    assert status == expected
    assert Contribution.objects.get().abstract == ("New." if "slides" in wrong else "")
    assert not Contribution.objects.get().slides


def test_only_what_is_theirs_is_theirs(ada, speaker, talk):
    edition = talk.edition
    foreign = make_contribution(edition, make_person(), title="Foreign")
    last_year = make_contribution(make_edition(slug="2023"), speaker.person, title="Last year")
    panel = make_contribution(edition, title="Panel", kind="panel")
    make_contributor(panel, speaker.person, role="panellist")
    led = make_contribution(edition, title="Led", kind="panel")
    make_contributor(led, speaker.person, role="moderator")

    answers = {
        one.title: ada.get(_gives(speaker, one)).status_code
        for one in (foreign, last_year, panel, led, talk)
    }

    assert answers == {
        "Foreign": 404,
        "Last year": 404,
        "Panel": 404,
        "Led": 200,
        "Small is beautiful": 200,
    }
    html = main(ada.get(_path(speaker)))
    assert [title for title in answers if title in html] == ["Panel", "Led", "Small is beautiful"]
    assert "Who leads the panel writes what is said of it." in html


def test_who_only_chairs_a_session_has_a_page_too(talk):
    chair = make_person(name="Charlie Chair")
    make_chair(make_session(talk.edition), chair)
    speaker = make_speaker(talk.edition, chair)

    html = main(browser_of(speaker).get(_path(speaker)))

    assert "You are on the programme as the chair of a session." in html


def test_where_organisers_look_first_nothing_is_public_until_then(ada, speaker, talk):
    set_approval_rule(edition=talk.edition, requires_approval=True)
    photo = upload(phone_photo())

    ada.post(_path(speaker, "about-you/"), about_you(speaker, bio="New words.", photo=photo))
    ada.post(_gives(speaker, talk), what_you_give(speaker, talk, title="New", slides=slides()))

    person, stored = Person.objects.get(), Contribution.objects.get()
    assert (person.bio, bool(person.photo), stored.title, bool(stored.slides)) == (
        *("Old words.", False, "Small is beautiful", False),
    )
    assert Proposal.objects.count() == 2
    assert ["Visitors see it once one of you" in notice for notice in _notices()] == [True, True]
    html = main(ada.get(_path(speaker)))
    assert html.count("<strong>Waiting.</strong>") == 2
    assert "New words." in ada.get(_path(speaker, "about-you/")).content.decode()


def test_a_second_change_goes_on_from_the_first_that_waits(ada, speaker):
    set_approval_rule(edition=speaker.edition, requires_approval=True)
    path = _path(speaker, "about-you/")
    ada.post(path, about_you(speaker, bio="New words.", photo=upload(phone_photo())))

    ada.post(path, about_you(speaker, link="https://example.org/ada"))

    proposal = Proposal.objects.get()
    assert proposal.values == {"bio": "New words.", "link": "https://example.org/ada"}
    assert proposal.file

    ada.post(path, about_you(speaker, bio="Old words.", link="", **{"photo-clear": "on"}))

    assert not Proposal.objects.exists()


def test_what_waits_goes_live_with_the_next_change_once_nobody_looks_first(ada, speaker):
    set_approval_rule(edition=speaker.edition, requires_approval=True)
    path = _path(speaker, "about-you/")
    ada.post(path, about_you(speaker, bio="New words.", photo=upload(phone_photo())))
    set_approval_rule(edition=speaker.edition, requires_approval=False)

    ada.post(path, about_you(speaker, link="https://example.org/ada"))

    person = Person.objects.get()
    assert (person.bio, person.link) == ("New words.", "https://example.org/ada")
    assert person.photo
    assert not Proposal.objects.exists()


def test_files_that_wait_go_with_what_they_wait_for(
    ada, speaker, talk, settings, django_capture_on_commit_callbacks
):
    set_approval_rule(edition=talk.edition, requires_approval=True)
    with django_capture_on_commit_callbacks(execute=True):
        ada.post(_gives(speaker, talk), what_you_give(speaker, talk, slides=slides()))
        ada.post(_gives(speaker, talk), what_you_give(speaker, talk, slides=slides()))
    assert len(list((settings.PRIVATE_ROOT / "slides").iterdir())) == 1

    with django_capture_on_commit_callbacks(execute=True):
        Contribution.objects.get().delete()

    assert list((settings.PRIVATE_ROOT / "slides").iterdir()) == []


def test_changing_very_often_is_stopped_and_keeps_what_was_typed(ada, speaker):
    path = _path(speaker, "about-you/")
    for number in range(20):
        ada.post(path, about_you(speaker, bio=f"Words {number}"))

    response = ada.post(path, about_you(speaker, bio="Once more"))

    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert "Once more" in response.content.decode()
    assert Person.objects.get().bio == "Words 19"


def test_a_link_that_ends_while_somebody_types_loses_nothing(ada, speaker):
    form = about_you(speaker, bio="Long words.")
    speaker.links.update(revoked_at="2024-01-01T00:00Z")

    response = ada.post(_path(speaker, "about-you/"), form)

    assert response.status_code == 403
    assert "Long words." in main(response)


def test_signing_out_closes_the_page(ada, speaker):
    response = ada.post(_path(speaker, "leave/"), follow=True)

    assert "This browser is signed out." in main(response)
    assert ada.get(_path(speaker)).status_code == 403


def test_without_a_contact_address_there_is_nobody_to_tell(ada, speaker):
    speaker.edition.contact_email = ""
    speaker.edition.save()

    ada.post(_path(speaker, "about-you/"), about_you(speaker, bio="New words."))

    assert Person.objects.get().bio == "New words."
    assert _notices() == []


def test_slides_there_are_stay_until_they_are_removed(ada, speaker, talk):
    talk.slides.save("x.pdf", ContentFile(PDF))

    ada.post(_gives(speaker, talk), what_you_give(speaker, talk, abstract="New."))
    assert Contribution.objects.get().slides
    ada.post(_gives(speaker, talk), what_you_give(speaker, talk, **{"slides-clear": "on"}))

    assert not Contribution.objects.get().slides
