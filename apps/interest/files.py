"""Lists of expressions as Excel files: asked for, made beside the server, fetched, removed.

A file is claimed by a conditional UPDATE that names the folder it is made in. Who makes it says so
again and again by the same condition, so that two workers never make one file, one whose maker
died is taken up by another, and what was taken away meanwhile is not brought back.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from dataclasses import asdict
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from apps.accounts.models import User
from apps.core.locks import fair_turn
from apps.core.periodic_tasks import is_stopping
from apps.interest.exports import write_xlsx
from apps.interest.models import Expression, ExpressionFile, ExpressionQuerySet
from apps.interest.models.files import files_folder, new_key
from apps.interest.permissions import ExpressionPermissions, permissions_for

logger = logging.getLogger(__name__)

_MOST_ATTEMPTS = 3
_SAY_EVERY = 0.5  # seconds between two words on how far it is
_CHANGED = "What you may see has changed since you asked. Export the list again."
_NO_LIST = "The list could not be found again by its filter. Export it again."
_GIVEN_UP = "It was begun three times and never finished. Export a shorter list, or as CSV."


class _TakenAway(Exception):
    """The file is not ours to make any more."""


def ask_for_file(*, by: User, query: str, rows: int) -> ExpressionFile:
    """Puts a file on record that a worker then makes: the list of this `query`, of so many rows.

    The same list asked for twice by one person, while it is not made yet, is one file.
    """
    sight = permissions_for(by)
    if sight is None or not sight.exports:
        raise PermissionDenied
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # two clicks come one after the other
        what = {"asked_by": by, "query": query, "sight": snapshot(sight)}
        same = ExpressionFile.objects.filter(**what, state=ExpressionFile.State.WAITING)
        return same.first() or ExpressionFile.objects.create(**what, rows_in_all=rows)


def snapshot(sight: ExpressionPermissions) -> str:
    """What a sight holds, in words that are the same for the same sight."""
    return json.dumps(asdict(sight), default=sorted, sort_keys=True)


def may_fetch(file: ExpressionFile, person: User) -> bool:
    """Whether it is `person`'s, and shows nothing they may not see any more."""
    sight = permissions_for(person)
    is_same = sight is not None and sight.exports and snapshot(sight) == file.sight
    return file.asked_by_id == person.pk and is_same


def make_waiting_files() -> int:
    """Makes one after the other until none waits or the worker is to end; returns how many."""
    count = 0
    while not is_stopping() and (file := _claim_next()):
        try:
            count += _make(file)
        finally:
            _sweep()
    return count


def remove_expired_files() -> None:
    """Removes what nobody may fetch any more, records and files."""
    if ExpressionFile.objects.expired().exists():
        with fair_turn("submissions"):
            ExpressionFile.objects.expired().delete()
    _sweep()


def stop_file(file: ExpressionFile) -> None:
    """Removes a file or leaves off making it, as its owner wishes."""
    ExpressionFile.objects.filter(pk=file.pk).delete()
    transaction.on_commit(_sweep)


def make_anew(file: ExpressionFile) -> None:
    """Puts a ready file back among those to be made."""
    _put_back(ExpressionFile.objects.filter(pk=file.pk, state=ExpressionFile.State.READY))


def forget_files() -> None:
    """Has every file made anew; what there is on disk goes once the transaction is through."""
    _put_back(ExpressionFile.objects.with_content())


def _put_back(files: Any) -> None:
    state = ExpressionFile.State.WAITING
    files.update(state=state, folder_name="", rows_done=0, alive_at=None, made_at=None)
    transaction.on_commit(_sweep)


def _claim_next() -> ExpressionFile | None:
    while file := ExpressionFile.objects.to_make().select_related("asked_by").last():
        given_up = file.attempts >= _MOST_ATTEMPTS
        folder_name = "" if given_up else new_key()
        changes: dict[str, Any] = {
            "state": ExpressionFile.State.FAILED if given_up else ExpressionFile.State.MAKING,
            "failure": _GIVEN_UP if given_up else "",
            "folder_name": folder_name,
            "alive_at": timezone.now(),
            "rows_done": 0,
            "attempts": F("attempts") + 1,
        }
        with fair_turn("submissions"):
            is_ours = ExpressionFile.objects.to_make().filter(pk=file.pk).update(**changes)
        if is_ours and not given_up:
            file.folder_name = folder_name
            return file
    return None


def _make(file: ExpressionFile) -> bool:
    """Makes a claimed file; whether it is ready."""
    sight = permissions_for(file.asked_by)
    if sight is None or not may_fetch(file, file.asked_by):
        return _finish(file, state=ExpressionFile.State.FAILED, failure=_CHANGED)
    try:
        found = listed(file)
    except (IncorrectLookupParameters, SuspiciousOperation):
        return _finish(file, state=ExpressionFile.State.FAILED, failure=_NO_LIST)
    try:
        rows = _write(file, found, sight)
    except _TakenAway:
        return False
    now = timezone.now()
    ready = ExpressionFile.State.READY
    return _finish(file, state=ready, rows_done=rows, rows_in_all=rows, made_at=now)


def listed(file: ExpressionFile) -> ExpressionQuerySet:
    """The list as its person sees it now, by the filter it was asked for with."""
    request = HttpRequest()
    request.method = "GET"
    request.GET = QueryDict(file.query)
    request.user = file.asked_by
    screen = admin.site.get_model_admin(Expression)
    found: ExpressionQuerySet = screen.get_changelist_instance(request).queryset
    return found


def _write(file: ExpressionFile, found: ExpressionQuerySet, sight: ExpressionPermissions) -> int:
    file.path.parent.mkdir(parents=True, mode=0o700)
    files_folder().chmod(0o700)
    said_at, rows = time.monotonic(), 0
    for rows in write_xlsx(file.path, found, sight):
        if is_stopping():
            _finish(file, state=ExpressionFile.State.WAITING, alive_at=None, attempts=0)
            raise _TakenAway
        if time.monotonic() - said_at > _SAY_EVERY:
            said_at = time.monotonic()
            if not _finish(file, rows_done=rows, alive_at=timezone.now()):
                raise _TakenAway
    file.path.chmod(0o600)
    return rows


def _finish(file: ExpressionFile, **changes: Any) -> bool:
    """Writes what became of it, if it is still ours."""
    ours = ExpressionFile.objects.filter(
        pk=file.pk, state=ExpressionFile.State.MAKING, folder_name=file.folder_name
    )
    with fair_turn("submissions"):
        return bool(ours.update(**changes))


def _sweep() -> None:
    """Removes every folder that belongs to no file on record."""
    # First what lies there: a folder is on record before it is made.
    lying = list(files_folder().glob("*"))
    if not lying:
        return
    known = set(ExpressionFile.objects.with_content().values_list("folder_name", flat=True))
    for folder in lying:
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)
