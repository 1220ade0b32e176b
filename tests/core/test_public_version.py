"""The number that changes with every change to what the public reads."""

import sqlite3
import threading
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper

import workshop.env
from apps.core import public_version
from apps.core.public_version import PublicVersion, install_triggers, public_tables
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.people.models import Person
from tests.factories import make_call, make_edition, make_expression, make_person, make_topic

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version():
    reader = PublicVersion()
    yield reader
    reader.close()


def _changed_by(version, change) -> bool:
    before = version()
    change()
    return version() != before


def test_every_way_of_changing_a_public_row_counts(version):
    edition = make_edition()

    def by_hand():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE editions_edition SET title = 'By hand'")

    ways = {
        "save": lambda: edition.save(),
        "create": lambda: Person.objects.create(name="Ada Example"),
        "update": lambda: Person.objects.update(affiliation="Example"),
        "bulk": lambda: Person.objects.bulk_create([Person(name="B", slug="b")]),
        "raw SQL": by_hand,
        "delete": lambda: Person.objects.all().delete(),
    }
    for name, way in ways.items():
        assert _changed_by(version, way), name


def test_a_change_to_which_rows_belong_together_counts(version):
    from tests.factories import make_contribution

    edition = make_edition()
    talk, topic = make_contribution(edition), make_topic(edition)

    assert _changed_by(version, lambda: talk.topics.add(topic))


def test_what_students_send_and_letters_and_sessions_do_not_count(version, client, as_chair):
    edition = make_edition()
    make_call(edition)

    assert not _changed_by(version, lambda: make_expression(edition))
    assert not _changed_by(version, lambda: Expression.objects.update(title="Another"))
    assert not _changed_by(version, lambda: as_chair.get("/admin/"))


def test_a_change_counts_once_it_is_committed_and_not_if_it_is_taken_back(version):
    edition = make_edition()
    before = version()
    with transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(title="Half done")
        if connection.vendor == "postgresql" or _is_a_file():
            assert version() == before
        transaction.set_rollback(True)
    assert version() == before

    with transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(title="Done")
    assert version() != before


def _is_a_file() -> bool:
    # Connections to one database in memory read what is not committed, or are refused.
    return "memory" not in str(connection.settings_dict["NAME"])


def test_a_reader_in_any_thread_sees_it(version):
    before = version()
    make_person()
    seen = []
    thread = threading.Thread(target=lambda: seen.append(version()))
    thread.start()
    thread.join()

    assert seen != [before]


def test_triggers_lost_in_a_migration_are_made_anew_after_it(version):
    edition = make_edition()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute('DROP TRIGGER "public_editions_edition_UPDATE"')
        else:
            cursor.execute("DROP TRIGGER public_rows ON editions_edition")
    assert not _changed_by(version, lambda: Edition.objects.update(title="Unseen"))

    install_triggers()

    assert _changed_by(version, lambda: Edition.objects.update(title="Seen"))
    assert Edition.objects.get().pk == edition.pk


def test_what_changed_while_they_were_lost_counts_once_they_are_made_anew(version):
    assert _changed_by(version, install_triggers)


class _CutOff:
    """A connection as psycopg leaves it when the other side hung up."""

    closed = True

    def __init__(self, connection):
        self.close = connection.close

    def execute(self, statement):
        raise sqlite3.OperationalError("terminating connection due to idle-session timeout")


def test_a_connection_that_was_cut_off_is_replaced_at_once(version, monkeypatch, caplog):
    faults = public_version._driver_faults()
    monkeypatch.setattr(public_version, "_driver_faults", lambda: (*faults, sqlite3.Error))
    before = version()
    make_edition()
    cut_off = _CutOff(version._wrapper.connection)
    monkeypatch.setattr(version._wrapper, "connection", cut_off)

    assert version() != before
    assert not caplog.records


class _Counted(_CutOff):
    def __init__(self, connection):
        super().__init__(connection)
        self._connection, self.count = connection, 0

    def execute(self, statement):
        self.count += 1
        return self._connection.execute(statement)


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A database in a file, as a site has one, that is asked for the number; a connection to it."""
    config = workshop.env.database("NONE_GIVEN", tmp_path / "db.sqlite3")
    config = connections.configure_settings({"default": config})["default"]
    monkeypatch.setattr(connections, "create_connection", lambda alias: DatabaseWrapper(config))
    with closing(sqlite3.connect(tmp_path / "db.sqlite3", isolation_level=None)) as database:
        for statement in public_version._SQLITE.once:
            database.execute(statement)
        database.execute("UPDATE core_public_version SET number = 7")
        yield database


def test_sqlite_is_asked_again_only_after_a_commit(file):
    version = PublicVersion()
    before = [version(), version()]
    assert version._wrapper
    counted = _Counted(version._wrapper.connection)
    version._wrapper.connection = counted

    unchanged = [version() for _ in range(5)]
    asked_in_vain = counted.count
    file.execute("UPDATE core_public_version SET number = number + 1")
    after = [version() for _ in range(5)]
    asked_once = counted.count
    file.execute("CREATE TABLE private (word TEXT)")
    after += [version() for _ in range(5)]
    version.close()

    assert before + unchanged == [7] * 7
    assert after == [8] * 10
    assert (asked_in_vain, asked_once, counted.count) == (0, 1, 2)


def test_after_its_connection_was_given_back_it_is_asked_anew(file):
    version = PublicVersion()
    before = [version(), version()]
    version.close()
    file.execute("UPDATE core_public_version SET number = number + 1")

    assert [*before, version()] == [7, 7, 8]
    version.close()


def test_history_counts_where_pages_read_it_and_nowhere_else():
    tables = public_tables()

    assert "editions_historicaledition" in tables
    assert "people_historicalperson" not in tables
    assert "programme_speakerlink" not in tables
    assert "programme_contribution_topics" in tables


def test_while_the_database_is_gone_the_last_number_is_told_and_the_fault_logged_once(
    version, monkeypatch, caplog
):
    known = version()

    def gone(self):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(public_version, "_driver_faults", lambda: (sqlite3.Error,))
    with monkeypatch.context() as patch:
        patch.setattr(PublicVersion, "_connection", gone)
        patch.setattr(public_version, "_SECONDS_BETWEEN_TRIES", 0)

        assert [version() for _ in range(3)] == [known] * 3
    assert len(caplog.records) == 1
    assert "does not answer" in caplog.text

    assert version() == known
    assert "answers again" in caplog.text


def test_where_nothing_was_ever_read_no_number_is_told(monkeypatch, caplog):
    def gone(self):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(public_version, "_driver_faults", lambda: (sqlite3.Error,))
    monkeypatch.setattr(PublicVersion, "_connection", gone)

    assert PublicVersion()() is None


def test_a_number_that_starts_anew_is_another(version):
    before = version()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_public_version")
    assert version() is None

    install_triggers()

    assert version() not in {None, before}


def test_a_folder_that_is_read_in_counts(version):
    def read_in():
        call_command("import_edition", "content/2023", verbosity=0)

    assert _changed_by(version, read_in)
    assert Edition.objects.exists()
