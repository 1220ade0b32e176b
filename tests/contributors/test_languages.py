"""Letters and pages of speakers and accepted students in German and French."""

import re

import pytest

from apps.contributors.speakers import send_link
from apps.mail.models import Letter
from apps.mail.texts import kind_of
from apps.programme.letters import draft_letters
from tests.contributors.speakers import make_speaker
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

pytestmark = pytest.mark.django_db

LANGUAGES = pytest.mark.parametrize("language", ["de", "fr"])
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
