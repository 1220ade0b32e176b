"""One number that changes with every change to what the public reads, from wherever it comes.

Triggers of the database count, on the tables that public pages are made of and on no others: so
`QuerySet.update`, an import, SQL by hand and another process count too, and a submission, a
review or a letter does not. The number is in the same transaction as the change: whoever reads
it sees as much as the number says.
"""

from __future__ import annotations

import logging
import threading
import time

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.core.commits import Commits

_SELECT = "SELECT number FROM core_public_version WHERE id = 1"
# After a fault the database is left alone for so long, and what was known of it is used.
_SECONDS_BETWEEN_TRIES = 1.0
# Of PostgreSQL, which may be far away: whoever waits for it waits no longer.
_PATIENCE = {"connect_timeout": 2, "tcp_user_timeout": 2000, "options": "-c statement_timeout=2000"}

_logger = logging.getLogger(__name__)
# By the label of an app: which of its models are private, and whether its history is read.
_public: dict[str, tuple[frozenset[str], bool]] = {}


def publish(
    app: AppConfig, *, private: frozenset[str] = frozenset(), history: bool = False
) -> None:
    """Says that the public reads the tables of `app`'s models, except those named in `private`.

    A new model is public until somebody says it is not. `history` says that its earlier versions
    are read too, as feeds do to know when something changed.
    """
    _public[app.label] = private, history


def public_tables() -> list[str]:
    """Every table whose rows the public reads, by name."""
    return sorted(
        model._meta.db_table
        for label, (private, has_history) in _public.items()
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model.__name__ not in private and (has_history or not _is_history(model))
    )


def _is_history(model: type[models.Model]) -> bool:
    return hasattr(model, "instance_type")  # what simple_history puts on them


def install_triggers(using: str = DEFAULT_DB_ALIAS, **signal: object) -> None:
    """Makes the number and all its triggers anew, and counts.

    After each migration: SQLite loses a table's triggers, silently, when a migration alters it, and
    what was changed from then on went by uncounted.
    """
    connection = connections[using]
    statements = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    with connection.cursor() as cursor:
        for statement in statements.once:
            cursor.execute(statement)
        for table in public_tables():
            for statement in statements.each:
                cursor.execute(statement.format(table=table))
        cursor.execute("UPDATE core_public_version SET number = number + 1 WHERE id = 1")


class _Statements:
    def __init__(self, once: list[str], each: list[str]) -> None:
        self.once, self.each = once, each


# A number that starts anew starts elsewhere, so that no page kept under an old one comes back.
_SQLITE = _Statements(
    once=[
        "CREATE TABLE IF NOT EXISTS core_public_version (id integer PRIMARY KEY, number integer NOT NULL)",
        "INSERT OR IGNORE INTO core_public_version VALUES (1, abs(random() / 4))",
    ],
    each=[
        sql.replace("EVENT", event)
        for event in ("INSERT", "UPDATE", "DELETE")
        for sql in (
            'DROP TRIGGER IF EXISTS "public_{table}_EVENT"',
            'CREATE TRIGGER "public_{table}_EVENT" AFTER EVENT ON "{table}" '
            "BEGIN UPDATE core_public_version SET number = number + 1 WHERE id = 1; END",
        )
    ],
)
# Counted as a transaction ends and once in it: no two that write elsewhere first and then here
# can wait for one another. TRUNCATE knows no rows, so it is counted at once.
_POSTGRESQL = _Statements(
    once=[
        "CREATE TABLE IF NOT EXISTS core_public_version (id integer PRIMARY KEY, number bigint NOT NULL)",
        "INSERT INTO core_public_version VALUES (1, floor(random() * 2 ^ 60)) ON CONFLICT DO NOTHING",
        """CREATE OR REPLACE FUNCTION count_public_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_setting('workshop.counted', true) IS DISTINCT FROM txid_current()::text THEN
                UPDATE core_public_version SET number = number + 1 WHERE id = 1;
                PERFORM set_config('workshop.counted', txid_current()::text, true);
            END IF;
            RETURN NULL;
        END $$""",
    ],
    each=[
        'DROP TRIGGER IF EXISTS public_rows ON "{table}"',
        'CREATE CONSTRAINT TRIGGER public_rows AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_public_change()",
        'DROP TRIGGER IF EXISTS public_truncate ON "{table}"',
        'CREATE TRIGGER public_truncate AFTER TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION count_public_change()",
    ],
)


class PublicVersion:
    """Reads the number, past Django: a few microseconds where a query of the ORM takes 160.

    Where the database is SQLite it is asked only if anything was committed since. One connection of
    its own, shared by all threads of a process. May be called from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrapper: BaseDatabaseWrapper | None = None
        self._known: int | None = None
        self._commits: Commits | None = None
        self._latest = b""  # as it was when `_known` was asked for, and set after it
        self._begun = 0  # how often the database was asked
        self._is_faulty = False
        self._next_try = 0.0

    def __call__(self) -> int | None:
        """The number now; while the database does not answer, the last one known. None: not known.

        A fault is logged once, and so is its end.
        """
        commits = self._commits
        if commits is not None and commits.latest() == self._latest != b"":
            return self._known
        begun = self._begun
        with self._lock:
            if self._begun > begun:  # somebody asked after we came, and has been answered
                return self._known
            self._begun += 1
            if self._is_faulty and time.monotonic() < self._next_try:
                return self._known
            # Before the question: what is committed meanwhile is asked for once more.
            latest = self._commits.latest() if self._commits else b""
            try:
                row = self._row()
            except _driver_faults() as fault:
                self._note_fault(fault)
                return self._known
            if self._is_faulty:
                self._is_faulty = False
                _logger.warning("The database answers again.")
            self._known = row[0] if row else None
            self._latest = latest
            self._watch_commits()
            return self._known

    def close(self) -> None:
        """Gives the connection back."""
        with self._lock:
            self._let_go()

    def _row(self) -> tuple[int] | None:
        """By a new connection if the one we had was cut off while nobody asked."""
        is_new = self._wrapper is None
        connection = self._connection()
        try:
            return connection.execute(_SELECT).fetchone()
        except _driver_faults():
            if is_new or not getattr(connection, "closed", False):  # psycopg's knows that it is
                raise
        self._let_go()
        return self._connection().execute(_SELECT).fetchone()

    def _watch_commits(self) -> None:
        """From the first answer on: SQLite has made the index by then."""
        wrapper = self._wrapper
        if self._commits is None and wrapper is not None and wrapper.vendor == "sqlite":
            self._commits = Commits(wrapper.settings_dict["NAME"])

    def _let_go(self) -> None:
        self._commits, self._latest = None, b""
        wrapper, self._wrapper = self._wrapper, None
        if wrapper is not None:
            wrapper.close()

    def _connection(self):
        if self._wrapper is None:
            wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
            if wrapper.vendor == "postgresql":
                options = _PATIENCE | wrapper.settings_dict["OPTIONS"] | {"pool": False}
                wrapper.settings_dict = wrapper.settings_dict | {"OPTIONS": options}
            wrapper.inc_thread_sharing()
            wrapper.connect()
            self._wrapper = wrapper
        return self._wrapper.connection

    def _note_fault(self, fault: Exception) -> None:
        if not self._is_faulty:
            _logger.error(
                "The database does not answer (%s); pages in memory are still shown.",
                type(fault).__name__,
            )
        self._is_faulty = True
        self._next_try = time.monotonic() + _SECONDS_BETWEEN_TRIES
        self._let_go()


def _driver_faults() -> tuple[type[Exception], ...]:
    driver = connections[DEFAULT_DB_ALIAS].Database  # type: ignore[attr-defined]  # all have it
    return DatabaseError, driver.Error
