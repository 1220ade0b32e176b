"""The worker sends due letters, each once.

It claims a letter by a conditional UPDATE, committed before the mail server hears of it. So two
workers never hold the same letter, and none is sent again by itself after a worker was killed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, Error, close_old_connections, connection
from django.db.models import F
from django.utils import timezone

from apps.core.exceptions import NotAllowed
from apps.core.periodic_tasks import periodic_tasks, run_tasks
from apps.core.text import one_line
from apps.mail.models import Letter
from apps.mail.services import make_link
from apps.mail.smtp import DeliveryError, Outcome, SmtpConnection, compose

_logger = logging.getLogger(__name__)

# Pause after each attempt that failed for now; given up after about three days.
RETRY_AFTER = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)),
    timedelta(hours=4),
    *[timedelta(hours=12)] * 6,
)
LOOK_EVERY = 1.0  # seconds between two looks for due letters
# Seconds to wait for a server that cannot be reached, after each attempt in a row.
RECONNECT_AFTER = (5.0, 15.0, 60.0, 300.0)
_AFTER_DATABASE_ERROR = 5.0
# A healthy worker looks every second, and pauses five minutes at most.
_MAX_SILENCE = timedelta(minutes=15)


def deliver_due(*, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Send due letters until none is left or `goes_on` says no; returns how many were sent.

    Raises DeliveryError (UNREACHABLE) if there is no talking to the mail server. Letters not yet
    tried keep their attempts and get the reason.
    """
    abandoned = Letter.objects.claimed_too_long()
    if abandoned.exists():  # an UPDATE locks SQLite even if it finds nothing
        abandoned.update(state=Letter.State.UNCONFIRMED)
    if not Letter.objects.due().exists():
        return 0
    count = 0
    try:
        with SmtpConnection() as server:
            while goes_on() and (letter := claim_next()):
                count += _deliver(letter, server)
    except DeliveryError as fault:
        Letter.objects.due().order_by().update(failure=str(fault))
        raise
    return count


def claim_next() -> Letter | None:
    """Claim the letter due first for this worker; None if there is none."""
    while (pk := Letter.objects.due().values_list("pk", flat=True).first()) is not None:
        now = timezone.now()
        is_claimed = (
            Letter.objects.due()
            .filter(pk=pk)
            .order_by()
            .update(state=Letter.State.SENDING, claimed_at=now, attempts=F("attempts") + 1)
        )
        if is_claimed:
            with suppress(Letter.DoesNotExist):  # erased with its subject
                return Letter.objects.get(pk=pk, claimed_at=now)
    return None


def _deliver(letter: Letter, server: SmtpConnection) -> bool:
    link = ""
    try:
        link = make_link(letter)
        server.send(compose(letter, link))
    except DeliveryError as fault:
        _record_failure(letter, fault.outcome, _without_link(str(fault), link))
        if fault.outcome == Outcome.UNREACHABLE:
            raise
        return False
    except ValueError as fault:
        _record_failure(letter, Outcome.REFUSED, _without_link(str(fault), link))
        return False
    except NotAllowed as refusal:
        _record_failure(letter, Outcome.REFUSED, str(refusal))
        return False
    except (KeyError, ObjectDoesNotExist):
        reason = "The page of its private link has been deleted."
        _record_failure(letter, Outcome.REFUSED, reason)
        return False
    except DatabaseError:
        # The link was not made, and nothing was given away: the letter is queued as before.
        _finish(letter, state=Letter.State.QUEUED, claimed_at=None)
        raise
    _finish(letter, state=Letter.State.SENT, sent_at=timezone.now(), failure="")
    return True


def _record_failure(letter: Letter, outcome: Outcome, reason: str) -> None:
    match outcome:
        case Outcome.UNCONFIRMED:
            _finish(letter, state=Letter.State.UNCONFIRMED, failure=reason)
            _logger.warning("Letter %s: delivery not confirmed. %s", letter.pk, reason)
            return
        case Outcome.POSTPONED | Outcome.UNREACHABLE if letter.attempts <= len(RETRY_AFTER):
            # Not first in the queue any more: it may be what makes the server hang up.
            due_at = timezone.now() + RETRY_AFTER[letter.attempts - 1]
            _finish(
                letter, state=Letter.State.QUEUED, claimed_at=None, due_at=due_at, failure=reason
            )
            return
        case Outcome.POSTPONED | Outcome.UNREACHABLE:
            reason = f"Given up after {letter.attempts} attempts in three days. {reason}"
    _finish(letter, state=Letter.State.FAILED, failure=reason)
    _logger.warning("Letter %s failed for good; the desk shows the reason.", letter.pk)


def _without_link(reason: str, link: str) -> str:
    """The reason without the private link: a server may quote the letter in its answer."""
    for secret in (link, link.rstrip("/").rpartition("/")[2]):
        reason = reason.replace(secret, Letter.PRIVATE_LINK) if secret else reason
    return reason


def _finish(letter: Letter, **changes: Any) -> None:
    """Write the outcome, unless a chair decided about the letter in the meantime."""
    Letter.objects.filter(
        pk=letter.pk, state=Letter.State.SENDING, claimed_at=letter.claimed_at
    ).update(**changes)


def announce_waiting(*, say: Callable[[str], None]) -> int:
    """Without a mail server, on this machine: print the private link of each waiting letter, once.

    Anywhere else nothing is printed, since hosts keep the output of programs. Returns how many.
    """
    if settings.HAS_MAIL or not settings.IS_LOCAL:
        return 0
    count = 0
    waiting = Letter.objects.waiting().exclude(link_maker="").filter(announced_at=None)
    for letter in waiting.order_by("due_at", "pk"):
        is_ours = waiting.filter(pk=letter.pk).update(announced_at=timezone.now())
        with suppress(KeyError, ObjectDoesNotExist, NotAllowed):
            if is_ours and (link := make_link(letter)):
                to = f"{one_line(letter.to_name)} <{letter.to_email}>".strip()
                say(f"Letter to {to}: {one_line(letter.subject)}\n  link: {link}")
                count += 1
    return count


class Worker:
    """Looks for letters every second until `stop` is called, and finishes the current one.

    A thread beside it runs the periodic tasks of all apps (apps.core.periodic_tasks).
    """

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._stopping = threading.Event()
        self._failed_calls = 0

    def stop(self, *_signal: Any) -> None:
        """May be called from a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop` is called."""
        tasks = threading.Thread(
            target=run_tasks, args=[periodic_tasks()], kwargs={"stopping": self._stopping}
        )
        tasks.start()
        while self._goes_on():
            self._stopping.wait(self._look())
        tasks.join()
        heartbeat_file().unlink(missing_ok=True)

    def _goes_on(self) -> bool:
        heartbeat_file().touch()
        return not self._stopping.is_set()

    def _look(self) -> float:
        """Send what is due; returns the seconds until the next look."""
        try:
            close_old_connections()
            if settings.HAS_MAIL:
                deliver_due(goes_on=self._goes_on)
            else:
                announce_waiting(say=self._say)
        except DeliveryError as fault:
            pause = RECONNECT_AFTER[min(self._failed_calls, len(RECONNECT_AFTER) - 1)]
            self._failed_calls += 1
            _logger.warning("Letters wait, %.0f seconds for now. %s", pause, fault)
            return pause
        except Error:
            _logger.exception("Letters wait: the database does not answer.")
            connection.close()
            return _AFTER_DATABASE_ERROR
        self._failed_calls = 0
        return LOOK_EVERY


def heartbeat_file() -> Path:
    """File that a worker touches while it runs and removes when it stops in order."""
    return settings.DATA_DIR / "letters.alive"


def is_mail_healthy() -> bool:
    """Health check: no worker died unnoticed, and no letter that could go out waits for long.

    Letters that wait for a mail server or for a chair are no fault.
    """
    try:
        silent_for = time.time() - heartbeat_file().stat().st_mtime
    except FileNotFoundError:
        silent_for = 0.0
    if silent_for > _MAX_SILENCE.total_seconds():
        return False
    late = timezone.now() - _MAX_SILENCE
    return not settings.HAS_MAIL or not Letter.objects.due().filter(due_at__lte=late).exists()
