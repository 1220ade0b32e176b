"""A keynote, its speaker, and the speaker's browser."""

from datetime import date

import pytest

from apps.contributors.models import Speaker
from apps.people.models import Person
from apps.programme.models import Contribution
from tests.contributors.speakers import browser_of, make_speaker
from tests.factories import make_contribution, make_edition, make_person


@pytest.fixture
def talk(db) -> Contribution:
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
