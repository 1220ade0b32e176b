"""Whether the database is what this version of the program expects, told without loading migrations."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig, apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def is_migrated() -> bool:
    """Whether every migration there is has been applied.

    Told by their names: Django loads them all to tell, which is a twentieth of a start.
    """
    return all_migrations() <= set(MigrationRecorder(connection).applied_migrations())


@cache
def all_migrations() -> frozenset[tuple[str, str]]:
    """App and name of each. Looked for once a process: the code does not change under a server."""
    return frozenset((app.label, name) for app in apps.get_app_configs() for name in _names_of(app))


def _names_of(app: AppConfig) -> list[str]:
    """As Django's loader finds them."""
    place, _ = MigrationLoader.migrations_module(app.label)
    try:
        found = iter_modules(import_module(place).__path__) if place else ()
    except ModuleNotFoundError:
        return []  # an app without migrations
    return [one.name for one in found if not one.ispkg and one.name[0] not in "_~"]
