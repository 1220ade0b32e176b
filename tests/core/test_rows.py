"""Rows written with SQL that is made once are as valid as those of the ORM."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.rows import insert, insert_unless_taken, is_there
from apps.mail.models import Letter
from tests.factories import make_edition, make_topic

pytestmark = pytest.mark.django_db


def _letter(subject: str, **fields) -> Letter:
    return Letter(
        **{"kind": "test", "to_email": "ada@example.org", "subject": subject, "body_text": "Hello"}
        | fields
    )


def test_rows_are_written_as_the_orm_would_write_them():
    letters = [_letter("One"), _letter("Two", due_at=timezone.now() + timedelta(1))]

    insert(letters)

    for letter in letters:
        kept = Letter.objects.get(subject=letter.subject)
        fields = [field.attname for field in Letter._meta.concrete_fields]
        assert [getattr(kept, name) for name in fields] == [
            getattr(letter, name) for name in fields
        ]
        assert (letter._state.adding, letter._state.db) == (False, "default")


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        insert([])


def test_a_row_that_breaks_a_rule_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([_letter("Broken", state=Letter.State.SENT)])

    assert not Letter.objects.exists()


def test_a_row_with_the_same_value_gives_way_and_keeps_its_key(chair):
    user = type(chair)(email=chair.email, name="Another", password="x")

    insert([user], overwrite_on="email")

    chair.refresh_from_db()
    assert (chair.pk, chair.name) == (user.pk, "Another")


def test_where_a_value_is_taken_nothing_is_written(chair):
    taken = type(chair)(email=chair.email, name="Another", password="x")
    free = type(chair)(email="free@example.org", name="Another", password="x")

    written = [insert_unless_taken(user, "email") for user in (taken, free)]

    assert written == [False, True]
    assert taken.pk is None
    assert type(chair).objects.get(name="Another") == free


def test_whether_a_value_is_there():
    topic = make_topic(make_edition())

    assert is_there(type(topic), "slug", topic.slug)
    assert not is_there(type(topic), "slug", "another")
