"""A start knows whether there is anything to migrate."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from apps.core.migrated import is_migrated

pytestmark = pytest.mark.django_db


def _has_no_plan() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def test_a_database_with_all_migrations_is_migrated():
    assert _has_no_plan()
    assert is_migrated()


@pytest.mark.parametrize("app", ["interest", "auth", "account", "contenttypes"])
def test_one_that_lacks_the_last_migration_of_an_app_is_not(app):
    recorder = MigrationRecorder(connection)
    name = max(name for label, name in recorder.applied_migrations() if label == app)
    recorder.record_unapplied(app, name)

    assert not _has_no_plan()
    assert not is_migrated()


def test_one_of_a_later_version_is_left_alone():
    MigrationRecorder(connection).record_applied("interest", "9999_of_next_year")

    assert _has_no_plan()
    assert is_migrated()


def test_an_empty_database_is_not_migrated():
    MigrationRecorder(connection).flush()

    assert not is_migrated()
