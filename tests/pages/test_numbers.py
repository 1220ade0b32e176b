"""The section “In numbers”: only if organisers add it, and no number that singles out a person."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from apps.pages.models import Section
from apps.people.models import PersonProfile
from apps.privacy.retention import erase_what_is_due
from apps.registration.models import Registration
from tests.factories import (
    make_contribution,
    make_contributor,
    make_current_edition,
    make_expression,
    make_person,
    make_section,
    make_topic,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(db):
    return make_current_edition(starts_on=timezone.localdate() - timedelta(days=2))


@pytest.fixture
def numbers(client):
    """The numbers of the home page as text."""

    def read() -> list[str]:
        html = client.get("/").content.decode()
        [found] = re.findall(r'<ul class="numbers wide">(.*?)</ul>', html, re.DOTALL) or [""]
        items = re.findall(r"<li>(.*?)</li>", found, re.DOTALL)
        return [" ".join(re.sub("<[^>]+>", "", item).split()) for item in items]

    return read


def register(edition, number: int, **fields) -> None:
    for _ in range(number):
        Registration.objects.create(edition=edition, name="Ada Example", **fields)


def test_a_section_shows_what_is_public_in_numbers(edition, numbers):
    make_topic(edition)
    make_topic(edition)
    person = make_person(affiliation="Old Institute")
    PersonProfile.objects.create(person=person, edition=edition, affiliation="New Institute")
    talk = make_contribution(edition, person)
    make_contributor(talk, "Bo Example", affiliation="new institute\nUniversität Rosenau")
    make_contribution(edition, "Hidden Person", is_published=False)

    assert numbers() == []
    make_section(edition, heading="In numbers", shows="numbers")

    assert numbers() == ["1 talk", "2 people", "2 topics", "2 affiliations"]


def test_attendees_are_those_who_came_after_the_last_day(edition, numbers):
    make_section(edition, shows="numbers")
    register(edition, 4, checked_in_at=timezone.now())
    register(edition, 4)

    assert numbers() == []  # four came
    register(edition, 1, checked_in_at=timezone.now())

    assert numbers() == ["5 attendees"]
    edition.starts_on = timezone.localdate()
    edition.save()
    assert numbers() == []


@pytest.mark.parametrize(
    ("accepted", "declined", "submitted", "shown"),
    [
        (5, 6, 0, ["5 of 11 entries accepted"]),
        (4, 6, 0, []),  # a small number of accepted entries
        (6, 4, 0, []),  # a small number of others
        (5, 6, 1, []),  # not all decided
    ],
)
def test_acceptance_is_shown_only_if_chosen_and_nobody_is_singled_out(
    edition, numbers, accepted, declined, submitted, shown
):
    section = make_section(edition, shows="numbers")
    states = {"confirmed": accepted, "declined": declined, "submitted": submitted}
    for state, number in states.items():
        for _ in range(number):
            make_expression(edition, state=state)

    assert numbers() == []
    section.shows_acceptance = True
    section.save()

    assert numbers() == shown


def test_numbers_stay_when_the_entries_are_erased(edition, numbers):
    make_section(edition, shows="numbers", shows_acceptance=True)
    for state in ("confirmed", "declined"):
        for _ in range(6):
            make_expression(edition, state=state)
    register(edition, 7)
    edition.starts_on = timezone.localdate() - timedelta(days=200)
    edition.save()

    erase_what_is_due()
    Registration.objects.all().delete()

    assert edition.expressions.count() == 6
    assert numbers() == ["7 attendees", "6 of 12 entries accepted"]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("de", ["1 Thema", "7 Teilnehmende", "5 von 10 Einreichungen angenommen"]),
        ("fr", ["1 thème", "7 participations", "5 propositions retenues sur 10"]),
    ],
)
def test_numbers_are_in_the_language_of_the_edition(edition, numbers, language, shown):
    edition.language = language
    edition.save()
    make_section(edition, shows="numbers", shows_acceptance=True)
    make_topic(edition)
    for state in ("confirmed", "declined"):
        for _ in range(5):
            make_expression(edition, state=state)
    register(edition, 7)

    assert numbers() == shown


def test_only_a_section_in_numbers_shows_acceptance(edition):
    with pytest.raises(ValidationError, match="only for a section that shows the edition"):
        Section(edition=edition, slug="x", shows="news", shows_acceptance=True).full_clean()


def test_the_home_page_needs_as_many_queries_for_large_numbers_as_for_small_ones(edition, client):
    make_section(edition, shows="numbers", shows_acceptance=True)

    def fill() -> None:
        make_contribution(edition, make_person(affiliation="One\nTwo"))
        make_topic(edition)
        make_expression(edition)
        register(edition, 1)

    fill()
    with_one = count_queries(lambda: client.get("/"))
    fill()
    fill()

    assert count_queries(lambda: client.get("/")) == with_one <= 24
