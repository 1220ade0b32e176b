"""What a watchman asks: does the site live, and is it well? Neither answer tells details."""

import shutil
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.core.migrated import is_migrated

# Enough to store the next photos and letters while somebody makes room.
LEAST_FREE_BYTES = 100 * 1024 * 1024

_checks: list[Callable[[], bool]] = []


def register_check(is_well: Callable[[], bool]) -> None:
    """Has `is_well` asked by each /healthz: an app above says whether its part of the site is well."""
    _checks.append(is_well)


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all; asks neither the database nor the disk."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 if the database answers, is migrated, the disk has room, and all else is well; else 503."""
    if _is_database_ready() and _has_disk_space() and _is_all_well():
        return HttpResponse("ok", content_type="text/plain")
    return HttpResponse("not well", content_type="text/plain", status=503)


def _is_database_ready() -> bool:
    try:
        return is_migrated()
    except DatabaseError:
        return False


def _is_all_well() -> bool:
    try:
        return all(is_well() for is_well in _checks)
    except DatabaseError:
        return False


def _has_disk_space() -> bool:
    return shutil.disk_usage(settings.DATA_DIR).free >= LEAST_FREE_BYTES
