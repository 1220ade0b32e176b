"""The worker: it sends what is due, each letter once.

A letter is claimed by a conditional UPDATE, on disk before the mail server hears of it; so two
workers never hold the same one, and one that a killed worker held is never sent again by itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, Error, close_old_connections, connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.core.locks import fair_turn
from apps.core.periodic_tasks import run_tasks
from apps.mail.health import sign_of_life
from apps.mail.links import make_link
from apps.mail.message import compose, one_line
from apps.mail.models import Letter
from apps.mail.smtp import Carrier, InDoubt, NotSent, Postponed, Refused, Unreachable

logger = logging.getLogger(__name__)

# After each attempt that failed for now; the last is given up: about three days in all.
PATIENCE = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)),
    timedelta(hours=4),
    *[timedelta(hours=12)] * 6,
)
# Between two looks for letters, in seconds; and after a server that could not be reached.
LOOK_EVERY = 1.0
CALL_AGAIN_AFTER = (5.0, 15.0, 60.0, 300.0)
_AFTER_A_FAULT = 5.0
_TOLD_AT_ONCE = 50


def deliver_due(*, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Sends what is due until nothing is, or `goes_on` says no; returns how many went out.

    Raises Unreachable if there is no talking to the mail server. Letters that were not tried
    stay as they are then, with the reason: it is no fault of theirs, and uses up no attempt.
    """
    if not Letter.objects.due().exists():
        return 0
    count = 0
    try:
        with Carrier() as carrier:
            while goes_on() and (letter := claim_next()):
                count += _deliver(letter, carrier)
    except Unreachable as fault:
        _tell_those_due(str(fault))
        raise
    return count


def _tell_those_due(reason: str) -> None:
    """Puts `reason` on all that are due by now, some at a time: thousands are megabytes to write,
    and whoever submits something waits meanwhile."""
    keys = list(Letter.objects.due().exclude(failure=reason).values_list("pk", flat=True))
    for first in range(0, len(keys), _TOLD_AT_ONCE):
        some = Letter.objects.due().filter(pk__in=keys[first : first + _TOLD_AT_ONCE])
        with fair_turn("submissions"):
            some.order_by().update(failure=reason)


def claim_next() -> Letter | None:
    """Takes the letter due first into this worker's hands, on disk; None if there is none."""
    while (pk := Letter.objects.due().values_list("pk", flat=True).first()) is not None:
        now = timezone.now()
        with fair_turn("submissions"), transaction.atomic(durable=True):
            is_ours = (
                Letter.objects.due()
                .filter(pk=pk)
                .order_by()
                .update(state=Letter.State.SENDING, claimed_at=now, attempts=F("attempts") + 1)
            )
        if is_ours:
            with suppress(Letter.DoesNotExist):  # erased, together with what it told of
                return Letter.objects.get(pk=pk, claimed_at=now)
    return None


def _deliver(letter: Letter, carrier: Carrier) -> bool:
    link = ""
    try:
        link = _link_of(letter)
        carrier.carry(compose(letter, link))
    except (Refused, ValueError) as fault:
        _fail(letter, _without(link, fault))
    except (KeyError, ObjectDoesNotExist):
        _fail(letter, "What its private link leads to is not there any more.")
    except Postponed as fault:
        _postpone(letter, _without(link, fault))
    except InDoubt as fault:
        # It stays as it is, in nobody's hands, until a person decides.
        _finish(letter, failure=_without(link, fault))
        logger.warning("Letter %s is in doubt: %s", letter.pk, letter.failure)
    except Unreachable as fault:
        # This letter may be what makes the server hang up: the others go first next time.
        _postpone(letter, _without(link, fault))
        raise
    except DatabaseError:
        # The link was not made, and nothing was given away: it is as it was before.
        _finish(letter, state=Letter.State.QUEUED, claimed_at=None)
        raise
    else:
        _finish(letter, state=Letter.State.SENT, sent_at=timezone.now(), failure="")
        return True
    return False


def _link_of(letter: Letter) -> str:
    if not letter.link_maker or letter.link_subject is None:
        return ""
    with fair_turn("submissions"), transaction.atomic():
        return make_link(letter.link_maker, letter.link_subject)


def _without(link: str, fault: Exception) -> str:
    """Why it failed; a server that quotes the letter is not to bring its link on record."""
    words = str(fault)
    for secret in (link, link.rstrip("/").rpartition("/")[2]):
        words = words.replace(secret, Letter.PRIVATE_LINK) if secret else words
    return words


def _fail(letter: Letter, reason: str) -> None:
    _finish(letter, state=Letter.State.FAILED, failure=reason)
    logger.warning("Letter %s failed for good; the desk says why.", letter.pk)


def _postpone(letter: Letter, reason: str) -> None:
    if letter.attempts > len(PATIENCE):
        _fail(letter, f"Given up after {letter.attempts} attempts in three days. {reason}")
        return
    due_at: datetime = timezone.now() + PATIENCE[letter.attempts - 1]
    _finish(letter, state=Letter.State.QUEUED, claimed_at=None, due_at=due_at, failure=reason)


def _finish(letter: Letter, **changes: Any) -> None:
    """Writes what became of it, unless a person decided about it in the meantime."""
    ours = Letter.objects.filter(
        pk=letter.pk, state=Letter.State.SENDING, claimed_at=letter.claimed_at
    )
    with fair_turn("submissions"):
        ours.update(**changes)


def announce_waiting(*, say: Callable[[str], None]) -> int:
    """Without a mail server, on this machine: says each waiting letter's private link, once.

    Anywhere else nothing is said: a host keeps what its programs say, and no link that opens
    something belongs there. Returns how many letters were announced.
    """
    if settings.HAS_MAIL or not settings.IS_LOCAL:
        return 0
    count = 0
    waiting = Letter.objects.waiting().exclude(link_maker="").filter(announced_at=None)
    for letter in waiting.in_turn():
        with fair_turn("submissions"):
            is_ours = waiting.filter(pk=letter.pk).update(announced_at=timezone.now())
        with suppress(KeyError, ObjectDoesNotExist):
            if is_ours and (link := _link_of(letter)):
                to = f"{one_line(letter.to_name)} <{letter.to_email}>".strip()
                say(f"Letter to {to}: {one_line(letter.subject)}\n  link: {link}")
                count += 1
    return count


class Worker:
    """Looks for letters every second until it is told to stop, and finishes the one in hand.

    Beside it, in a thread of its own, it sees to the chores of all apps (apps.core.periodic_tasks).
    """

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._stopping = threading.Event()
        self._calls_in_vain = 0

    def stop(self, *_signal: Any) -> None:
        """May be called from a signal's handler."""
        self._stopping.set()

    def run(self) -> None:
        """Returns once it was told to stop."""
        beside = threading.Thread(target=run_tasks, kwargs={"stopping": self._stopping})
        beside.start()
        while self._goes_on():
            self._stopping.wait(self._look())
        beside.join()
        sign_of_life().unlink(missing_ok=True)

    def _goes_on(self) -> bool:
        """Whether there is work to go on with; leaves the sign by which a watchman sees it live."""
        sign_of_life().touch()
        return not self._stopping.is_set()

    def _look(self) -> float:
        """One look for letters; returns after how many seconds the next is due."""
        try:
            close_old_connections()
            if settings.HAS_MAIL:
                deliver_due(goes_on=self._goes_on)
            else:
                announce_waiting(say=self._say)
        except NotSent as fault:
            return self._wait_for_server(str(fault))
        except Error:
            logger.exception("Letters wait: the database does not answer.")
            connection.close()
            return _AFTER_A_FAULT
        self._calls_in_vain = 0
        return LOOK_EVERY

    def _wait_for_server(self, reason: str) -> float:
        pause = CALL_AGAIN_AFTER[min(self._calls_in_vain, len(CALL_AGAIN_AFTER) - 1)]
        self._calls_in_vain += 1
        logger.warning("Letters wait, %.0f seconds for now. %s", pause, reason)
        return pause
