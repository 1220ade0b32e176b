"""Health checks for monitoring: /livez and /healthz. Neither response tells details."""

import shutil
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Room for new photos and letters until the host frees more.
MINIMUM_FREE_BYTES = 100 * 1024 * 1024

registered_checks: list[Callable[[], bool]] = []


def register_check(is_healthy: Callable[[], bool]) -> None:
    """Call `is_healthy` at each /healthz, for a part of the site that belongs to another app."""
    registered_checks.append(is_healthy)


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers; uses neither the database nor the disk."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 if the database answers and is migrated, the disk has room and all checks pass; else 503."""
    try:
        is_healthy = (
            _has_disk_space() and is_migrated() and all(check() for check in registered_checks)
        )
    except DatabaseError:
        is_healthy = False
    if is_healthy:
        return HttpResponse("ok", content_type="text/plain")
    return HttpResponse("not well", content_type="text/plain", status=503)


def is_migrated() -> bool:
    """Whether all migrations are applied, as `migrate --check` tells."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _has_disk_space() -> bool:
    return shutil.disk_usage(settings.DATA_DIR).free >= MINIMUM_FREE_BYTES
