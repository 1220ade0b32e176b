"""A call that is kept in memory is never out of date and never somebody else's."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from apps.editions.models import Call, Edition
from apps.interest.calls import find_edition, made_of
from apps.interest.models import Question
from tests.factories import make_edition, make_topic
from tests.interest.calls import make_open_call

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def _found() -> Edition:
    edition = find_edition("2030", NOBODY)
    assert edition is not None
    return edition


def _rows(instance) -> dict:
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.fields}


def test_again_it_is_answered_from_memory(django_assert_num_queries):
    call = make_open_call()
    Question.objects.create(edition=call.edition, words="How small?")
    _found()

    with django_assert_num_queries(3):
        edition = _found()
        found = (list(edition.topics.all()), list(edition.questions.all()))

    assert (_rows(edition), _rows(edition.call)) == (
        _rows(Edition.objects.get()),
        _rows(Call.objects.get()),
    )
    assert found == (list(call.edition.topics.all()), list(call.edition.questions.all()))


def test_whatever_is_changed_is_seen_at_once_however_it_is_written():
    call = make_open_call()
    question = Question.objects.create(edition=call.edition, words="How small?")
    closes_on = timezone.localdate() + timedelta(7)
    _found()

    Edition.objects.update(title="Renamed")
    Call.objects.update(closes_on=closes_on)
    call.edition.topics.update(heading="Larger models")
    question.delete()
    make_topic(call.edition, heading="Largest models")
    edition = _found()

    assert (edition.title, edition.call.closes_on) == ("Renamed", closes_on)
    assert [topic.heading for topic in edition.topics.all()] == ["Larger models", "Largest models"]
    assert list(edition.questions.all()) == []


def test_one_that_becomes_a_draft_or_is_removed_is_gone_at_once(chair):
    edition = make_open_call().edition
    _found()

    Edition.objects.update(state=Edition.State.DRAFT)
    hidden = find_edition("2030", NOBODY), find_edition("2030", chair)
    Call.objects.all().delete()

    assert hidden == (None, edition)
    assert find_edition("2030", chair) is None


def test_what_a_visitor_does_to_theirs_nobody_else_sees():
    make_open_call()
    _found().title = "Scribbled on"

    assert _found().title == "Workshop 2030"


def test_another_editions_parts_are_not_mixed_in():
    make_open_call()
    make_topic(make_edition(slug="2031"), heading="Elsewhere")

    assert [topic.heading for topic in _found().topics.all()] == ["Small models"]


def test_what_was_made_of_a_call_is_found_again_until_a_row_changes():
    make_open_call()
    edition = _found()
    made_of(edition, edition.call)["letter"] = "Made"

    again = _found()
    kept = dict(made_of(again, again.call))
    call = Call.objects.get()
    of_another = dict(made_of(call.edition, call))
    call.edition.topics.update(heading="Larger models")
    changed = _found()

    assert (kept, of_another) == ({"letter": "Made"}, {})
    assert (made_of(changed, changed.call), made_of(edition, edition.call)) == ({}, {})
    assert made_of(edition, None) == {}
