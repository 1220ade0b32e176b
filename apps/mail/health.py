"""Whether letters go out, for the watchman who asks /healthz."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from apps.mail.models import Letter

# A worker looks every second, and pauses five minutes at most while a mail server is away.
WAITS_AT_MOST = timedelta(minutes=15)


def sign_of_life() -> Path:
    """The file a worker touches while it works, and takes away when it was told to stop.

    One that is there and was not touched for long was left behind by a worker that died.
    """
    return settings.DATA_DIR / "letters.alive"


def are_letters_well() -> bool:
    """Whether no worker died unnoticed and no letter that could go out has waited for long.

    Letters that wait for want of a mail server, or for a person to decide, are no fault here.
    """
    try:
        silent_for = time.time() - sign_of_life().stat().st_mtime
    except FileNotFoundError:
        silent_for = 0.0
    if silent_for > WAITS_AT_MOST.total_seconds():
        return False
    late = timezone.now() - WAITS_AT_MOST
    return not settings.HAS_MAIL or not Letter.objects.due().filter(due_at__lte=late).exists()
