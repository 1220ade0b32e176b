"""The public version changes with every change of public content, and with no other change."""

import threading

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from apps.core.page_cache import install_triggers, read_public_version
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.people.models import Person
from tests.factories import (
    make_call,
    make_contribution,
    make_edition,
    make_expression,
    make_person,
    make_topic,
)

pytestmark = pytest.mark.django_db(transaction=True)


def _is_counted(change) -> bool:
    before = read_public_version()
    change()
    return read_public_version() != before


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        lambda: Edition.objects.get().save(),
        lambda: Person.objects.create(name="Ada Example"),
        lambda: Person.objects.update(affiliation="Example"),
        lambda: Person.objects.bulk_create([Person(name="B", slug="b")]),
        lambda: _execute("UPDATE editions_edition SET title = 'By hand'"),
        lambda: Person.objects.all().delete(),
        lambda: make_contribution(Edition.objects.get()).topics.add(
            make_topic(Edition.objects.get())
        ),
        lambda: call_command("import_edition", "content/2023", verbosity=0),
        install_triggers,
    ],
)
def test_every_way_of_changing_a_public_row_is_counted(change):
    make_edition()
    make_person()

    assert _is_counted(change)


def test_submissions_letters_and_sessions_are_not_counted(client, as_chair):
    edition = make_edition()
    make_call(edition)

    assert not _is_counted(lambda: make_expression(edition))
    assert not _is_counted(lambda: Expression.objects.update(title="Another"))
    assert not _is_counted(lambda: as_chair.get("/admin/"))


def test_a_change_is_counted_once_it_is_committed(database_file):
    edition = make_edition()
    before, versions = read_public_version(), []

    def read() -> None:
        versions.append(read_public_version())
        connection.close()

    def read_elsewhere() -> None:
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()

    with transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(title="Half done")
        read_elsewhere()
        transaction.set_rollback(True)
    read_elsewhere()
    with transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(title="Done")
    read_elsewhere()

    assert versions[:2] == [before, before]
    assert versions[2] != before


def test_lost_triggers_are_created_again_after_a_migration():
    make_edition()
    if connection.vendor == "sqlite":
        _execute('DROP TRIGGER "public_editions_edition_UPDATE"')
    else:
        _execute("DROP TRIGGER public_rows ON editions_edition")
    assert not _is_counted(lambda: Edition.objects.update(title="Unseen"))

    assert _is_counted(install_triggers)

    assert _is_counted(lambda: Edition.objects.update(title="Seen"))


def test_without_a_database_the_version_is_unknown(monkeypatch):
    def fail() -> None:
        raise DatabaseError("connection refused")

    db = connections["default"]
    db.ensure_connection()
    with monkeypatch.context() as patch:
        patch.setattr(db, "connection", None)
        patch.setattr(db, "ensure_connection", fail)

        assert read_public_version() is None
    assert read_public_version() is not None


def test_a_lost_counter_starts_at_another_number():
    before = read_public_version()
    _execute("DELETE FROM core_public_version")

    assert read_public_version() is None
    install_triggers()
    assert read_public_version() not in {None, before}
