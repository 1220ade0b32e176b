"""Letters and pages of speakers and accepted students in German and French."""

import re

import pytest

from apps.contributors.speakers import send_link
from apps.editions.models import Edition
from apps.mail.models import Letter
from apps.mail.texts import kind_of
from apps.programme.letters import draft_letters
from tests.contributors.speakers import (
    browser_of,
    contribution_form,
    make_speaker,
    require_approval,
    send_profile,
    slides,
)
from tests.contributors.students import add_to_programme, make_confirmed
from tests.factories import (
    make_call_edition,
    make_chair,
    make_contribution,
    make_contributor,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.interest.students import browser_of as student_browser
from tests.interest.students import main
from tests.people.files import upload

pytestmark = pytest.mark.django_db

LANGUAGES = pytest.mark.parametrize("language", ["de", "fr"])
_TEXT = re.compile(r'>([^<>]+)<|(?:aria-label|alt|data-\w+)="([^"]+)"')
# Words of the made-up edition, and those that are the same in other languages.
_SAME = re.compile(
    r"\W*|.*\d.*|.*Example.*|T(alk|itle)|OK|Words\.|PDF|(Ab|Por).*|Name|Poster:?|AE"
    r"|Format|Small models|We show.*|.*@.*"
)
_ENGLISH = re.compile(
    r"\b(the|and|your|you|this|please|with|hello|board|day|to be announced|which|is)\b",
    re.IGNORECASE,
)


@pytest.fixture
def edition(language):
    return make_call_edition(slug="2124", language=language, short_name="Kolloquium")


@LANGUAGES
@pytest.mark.parametrize(
    "kind",
    [
        *("programme/placed", "programme/moved", "programme/moved_session"),
        "contributors/speaker_link",
    ],
)
def test_texts_of_letters_have_the_same_placeholders_in_every_language(kind, language):
    kind = kind_of(kind)

    english, other = kind.subject + kind.body, "".join(kind.translations[language])

    assert set(re.findall(r"{\w+}", other)) == set(re.findall(r"{\w+}", english))


@LANGUAGES
def test_letters_to_speakers_have_no_english_words(edition):
    ada, bo = make_person(name="Ada Example"), make_person(name="Bo Example")
    session = make_session(edition, title="Sektion", starts_at=None, room=make_room(edition))
    talk = make_contribution(edition, title="")
    make_contributor(talk, ada)
    make_slot(session, talk, board="7")
    make_chair(session, bo)
    for person in (ada, bo):
        make_speaker(edition, person)
        send_link(edition=edition, person=person, email="ada@example.org")
    make_release(edition)
    session.day = 2
    session.save()
    make_release(edition)
    draft_letters(edition=edition)

    letters = Letter.objects.all()

    kinds = {"contributors/speaker_link", "programme/moved", "programme/moved_session"}
    assert {letter.kind for letter in letters} == kinds
    for letter in letters:
        assert not _ENGLISH.search(f"{letter.subject}\n{letter.body_text}"), letter.body_text


def _texts(html: str) -> set[str]:
    return {" ".join((text or label).split()) for text, label in _TEXT.findall(html)}


def _assert_translated(pages, language: str) -> None:
    """`pages` returns the same pages in the language of the edition each time."""
    english = pages()
    Edition.objects.update(language=language)
    left = {
        text
        for before, after in zip(english, pages(), strict=True)
        for text in _texts(before) & _texts(after)
        if not _SAME.fullmatch(text)
    }
    assert not left, "; ".join(sorted(left))


@LANGUAGES
def test_pages_of_speakers_have_no_english_words(language):
    edition = make_call_edition(slug="2124", contact_email="")
    ada = make_person(name="Ada Example")
    talk = make_contribution(edition, ada, title="Talk", is_published=False)
    panel = make_contribution(edition, title="Talk", kind="panel")
    make_contributor(panel, ada, role="panellist")
    make_slot(make_session(edition, title="Talk", room=make_room(edition)), talk)
    make_release(edition)
    speaker = make_speaker(edition, ada)
    browser, page = browser_of(speaker), speaker.get_absolute_url()
    path = f"{page}give/{talk.slug}/"
    require_approval(edition)
    wrong = {"slides": slides(b"words"), "video_url": "no address", "title": "T" * 400}

    def pages() -> list[str]:
        stale = contribution_form(speaker, talk, title="Title")
        browser.post(path, contribution_form(speaker, talk, title="Talk", abstract="Words."))
        responses = [
            *(browser.get(each) for each in (page, f"{page}about-you/", path)),
            browser.post(path, {**stale, "seen": "old"}),
            browser.post(path, {**stale, **wrong, "slides": slides(b"words")}),
            send_profile(browser, speaker, photo=upload(b"words"), photo_focus_down=400),
            send_profile(browser, speaker, bio="Words."),
            browser.get(page),
        ]
        return [main(response) for response in responses if response.content]

    _assert_translated(pages, language)


@LANGUAGES
@pytest.mark.parametrize("state", ["confirmed", "withdrawn"])
@pytest.mark.parametrize("kind", ["poster", "lightning"])
def test_the_programme_on_a_students_page_has_no_english_words(language, state, kind):
    edition = make_call_edition(slug="2124", contact_email="")
    expression = make_confirmed(edition, reference="R7K2QD", title="Title", name="Ada Example")
    (contribution,) = add_to_programme(expression, is_published=kind == "poster")
    contribution.kind, contribution.slides = kind, slides()
    contribution.save()
    expression.title, expression.state = "Talk", state
    expression.save()
    browser, page = student_browser(expression), expression.get_absolute_url()

    def pages() -> list[str]:
        responses = [browser.get(page), browser.get(f"{page}slides/", follow=True)]
        responses.append(browser.post(f"{page}slides/", {"slides": slides(b"words")}, follow=True))
        return [main(response).partition("</section>")[2] for response in responses[:1]] + [
            main(response) for response in responses[1:]
        ]

    _assert_translated(pages, language)


@LANGUAGES
def test_organisers_read_english_about_edits_of_speakers(edition):
    ada = make_person(name="Ada Example")
    talk = make_contribution(edition, ada, title="")
    speaker = make_speaker(edition, ada)

    browser_of(speaker).post(
        f"{speaker.get_absolute_url()}give/{talk.slug}/",
        contribution_form(speaker, talk, abstract="Words."),
    )

    notice = Letter.objects.get(kind="contributors/edit_notice")
    assert "Ada Example changed “Invited talk, to be announced”: Abstract." in notice.body_text
