"""Backups at the desk: their list, making one, and the download."""

from __future__ import annotations

import logging
import sqlite3
from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.core.admin import log_action, render_desk_page
from apps.core.decorators import private_page, require_GET_POST
from apps.core.processes import AlreadyRunning
from apps.ops.backup import (
    BackupRefused,
    backup_folder,
    bytes_written,
    is_overdue,
    make_backup,
    single_backup,
    size_to_back_up,
    stored_backups,
)
from apps.privacy.erasures import count_erasures

_logger = logging.getLogger(__name__)
_MOST_SHOWN = 40

_chairs_only = permission_required("accounts.make_backup", raise_exception=True)


@require_safe
@_chairs_only
@private_page
def backups_view(request: HttpRequest) -> HttpResponseBase:
    """State of the last backup, a button to make one, and the stored ones."""
    backups = stored_backups()
    last = next(iter(backups), None)
    oldest = backups[-1] if backups else None
    context = {
        "oldest": oldest,
        "erased_since": count_erasures(since=oldest.made_at) if oldest else 0,
        "title": "Backups",
        "last": last,
        "is_overdue": is_overdue(last, since=timezone.now()),
        "backups": backups[:_MOST_SHOWN],
        "others": len(backups[_MOST_SHOWN:]),
        "written": bytes_written(),
    }
    try:
        context["size"] = size_to_back_up()
    except BackupRefused as reason:  # PostgreSQL
        context["refusal"] = str(reason)
    return render_desk_page(request, "ops/backups.html", context)


@require_POST
@_chairs_only
def make_backup_view(request: HttpRequest) -> HttpResponseBase:
    """Make a backup while the browser waits: a second for each 100 MB or so."""
    try:
        with single_backup():
            path = make_backup(backup_folder())
    except AlreadyRunning:
        messages.warning(request, "A backup is being made already. Refresh this page to see it.")
    except BackupRefused as reason:
        messages.error(request, f"No backup was made. {reason}")
    except (OSError, sqlite3.Error) as fault:
        _logger.exception("No backup was made at the desk.")
        why = getattr(fault, "strerror", None) or fault
        messages.error(request, f"No backup was made ({why}). Ask the person who runs the server.")
    else:
        log_action(cast(User, request.user), ADDITION, path.name, "Backup made.", model=User)
        messages.success(request, "Backup made. Download it, and keep it on another machine.")
    return redirect("ops:backups")


@require_GET_POST
@_chairs_only
@reauthentication_required
@private_page
def backup_view(request: HttpRequest, name: str) -> HttpResponseBase:
    """What a backup contains, and its download (POST), both after the password was confirmed."""
    backup = next((backup for backup in stored_backups() if backup.name == name), None)
    if backup is None:
        raise Http404
    if request.method != "POST":
        context = {"title": "Download a backup", "backup": backup}
        return render_desk_page(request, "ops/backup.html", context)
    try:
        archive = (backup_folder() / backup.name).open("rb")
    except FileNotFoundError:  # deleted meanwhile
        raise Http404 from None
    log_action(cast(User, request.user), CHANGE, backup.name, "Backup downloaded.", model=User)
    return FileResponse(
        archive, as_attachment=True, filename=backup.name, content_type="application/zip"
    )
