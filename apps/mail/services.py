"""Letters are written and queued in the transaction of what they tell of."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from apps.accounts.models import User
from apps.editions.models import Edition
from apps.mail.models import CLAIM_LASTS, Letter


def queue_letter(
    *,
    kind: str,
    template: str,
    to_email: str,
    to_name: str = "",
    context: dict[str, Any],
    edition: Edition | None = None,
    link_maker: str = "",
    link_subject: int | None = None,
    as_draft: bool = False,
) -> Letter:
    """Renders `template`/subject.txt, body.txt and body.html and puts the letter on record.

    Call it inside the transaction of what it tells of: both are on disk, or neither. Nothing is
    sent here; the worker does that. With a `link_maker` the templates may use {{ private_link }}.
    """
    words = {
        "edition": edition,
        "site_url": settings.SITE_URL,
        "site_name": settings.SITE_NAME,
        "to_name": to_name,
        "private_link": Letter.PRIVATE_LINK,
        **context,
    }
    subject = " ".join(render_to_string(f"{template}/subject.txt", words).split())
    return Letter.objects.create(
        edition=edition,
        kind=kind,
        to_name=to_name,
        to_email=to_email,
        reply_to=edition.contact_email if edition else "",
        subject=subject[:300],
        body_text=render_to_string(f"{template}/body.txt", words).strip() + "\n",
        body_html=render_to_string(f"{template}/body.html", words).strip(),
        link_maker=link_maker,
        link_subject=link_subject,
        state=Letter.State.DRAFT if as_draft else Letter.State.QUEUED,
    )


def queue_test_letter(*, to: User) -> Letter:
    """A letter to oneself, to see whether letters arrive."""
    return queue_letter(
        kind="test", template="mail/test", to_email=to.email, to_name=to.name, context={}
    )


def send_again(*, letters: QuerySet[Letter]) -> int:
    """Queues anew, due at once, those of `letters` that failed, wait, or are in doubt.

    Returns how many they were; the rest, such as those a worker has just taken, is left alone.
    """
    now = timezone.now()
    anew = {"state": Letter.State.QUEUED, "due_at": now, "attempts": 0, "failure": ""}
    chosen = Q(state__in=(Letter.State.FAILED, Letter.State.QUEUED)) | Q(
        state=Letter.State.SENDING, claimed_at__lt=now - CLAIM_LASTS
    )
    return letters.filter(chosen).update(**anew)


def mark_arrived(*, letters: QuerySet[Letter]) -> int:
    """Those in doubt have arrived, says a person; returns how many there were."""
    doubtful = letters.filter(
        state=Letter.State.SENDING, claimed_at__lt=timezone.now() - CLAIM_LASTS
    )
    return doubtful.update(state=Letter.State.SENT, sent_at=F("claimed_at"), failure="")


def discard(*, letters: QuerySet[Letter]) -> int:
    """Those that still wait will not be sent; returns how many there were."""
    return letters.filter(state=Letter.State.QUEUED).update(state=Letter.State.DISCARDED)
