"""The public version: a number that changes with every change to the data on public pages.

Database triggers on the tables behind public pages increment it, so `QuerySet.update`, imports,
raw SQL and other processes count too. The page cache discards pages of an older version.
"""

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

_INCREMENT = "UPDATE core_public_version SET number = number + 1 WHERE id = 1"
# By app label: which models are private, and whether history tables count.
_published: dict[str, tuple[frozenset[str], bool]] = {}


def publish(
    app: AppConfig, *, private: frozenset[str] = frozenset(), history: bool = False
) -> None:
    """Count changes to all models of `app` but `private`; to earlier versions with `history`."""
    _published[app.label] = private, history


def public_tables() -> list[str]:
    """Names of all tables whose changes count."""
    return sorted(
        model._meta.db_table
        for label, (private, has_history) in _published.items()
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model.__name__ not in private
        and (has_history or not hasattr(model, "instance_type"))  # set by simple_history
    )


def read_public_version() -> int | None:
    """The number now, by the driver itself (5 µs); None if the database does not answer."""
    db = connections[DEFAULT_DB_ALIAS]
    try:
        db.ensure_connection()
        return db.connection.execute("SELECT max(number) FROM core_public_version").fetchone()[0]
    except (DatabaseError, db.Database.Error):  # type: ignore[attr-defined]  # all have it
        db.close()
        return None


def install_triggers(using: str = DEFAULT_DB_ALIAS, **signal: object) -> None:
    """Create missing triggers after migrations (SQLite drops those of an altered table) and count."""
    connection = connections[using]
    once, each = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    per_table = [sql.format(table=table) for table in public_tables() for sql in each]
    with connection.cursor() as cursor:
        for sql in [*once, *per_table, _INCREMENT]:
            cursor.execute(sql)


_CREATE = (
    "CREATE TABLE IF NOT EXISTS core_public_version (id int PRIMARY KEY, number bigint NOT NULL)"
)
_SQLITE = (
    [_CREATE, "INSERT OR IGNORE INTO core_public_version VALUES (1, abs(random() / 4))"],
    [
        f'CREATE TRIGGER IF NOT EXISTS "public_{{table}}_{event}" AFTER {event} ON "{{table}}" '
        f"BEGIN {_INCREMENT}; END"
        for event in ("INSERT", "UPDATE", "DELETE")
    ],
)
# Counted once, at the end of a transaction, so that two transactions cannot deadlock here.
_FUNCTION = f"""CREATE OR REPLACE FUNCTION count_public_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('workshop.counted', true) IS DISTINCT FROM txid_current()::text THEN
            {_INCREMENT};
            PERFORM set_config('workshop.counted', txid_current()::text, true);
        END IF;
        RETURN NULL;
    END $$"""
_RANDOM = (
    "INSERT INTO core_public_version VALUES (1, floor(random() * 2 ^ 60)) ON CONFLICT DO NOTHING"
)
_POSTGRESQL = (
    [_CREATE, _RANDOM, _FUNCTION],
    [
        'DROP TRIGGER IF EXISTS public_rows ON "{table}"',
        'CREATE CONSTRAINT TRIGGER public_rows AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_public_change()",
    ],
)
