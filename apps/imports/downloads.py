"""Download of an edition as a content folder, for chairs."""

from __future__ import annotations

import logging
import tempfile
from contextlib import suppress

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from apps.core.admin import log_action
from apps.editions.models import Edition
from apps.imports.folders.exporting import collect_edition
from apps.interest.permissions import require_chair

_logger = logging.getLogger(__name__)


@require_POST
def download_edition(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the edition as a ZIP archive of its content folder, made in a temporary file."""
    by = require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    archive = tempfile.TemporaryFile()  # noqa: SIM115  # the response closes it
    try:
        collect_edition(edition).write_zip(archive)
        archive.seek(0)
    except OSError as fault:  # a full disk, or a file that was deleted meanwhile
        _logger.exception("An edition was not downloaded.")
        with suppress(OSError):  # of what is not written yet
            archive.close()
        why = fault.strerror or fault
        message = f"No download was made ({why}). Try again, or ask the person who runs the server."
        messages.error(request, message)
        return redirect("admin:edition-overview", pk)
    log_action(by, CHANGE, str(edition), "Downloaded as a content folder.", model=Edition)
    name = f"workshop-{edition.slug}.zip"
    return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")
