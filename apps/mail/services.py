"""Letters are written and queued in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from apps.accounts.models import User
from apps.editions.models import Edition
from apps.mail.models import CLAIM_LASTS, Letter, LetterText
from apps.mail.texts import as_html, carries_link, fill, fill_subject, kind_of

_PARTS = ("subject.txt", "body.txt", "body.html")


class Written(NamedTuple):
    """A letter as it is read: the columns of Letter that hold its words."""

    subject: str
    body_text: str
    body_html: str


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
    """Writes a letter from a template (see words_from) and puts it on record.

    Call it inside the transaction of what it tells of: both are on disk, or neither. Nothing is
    sent here; the worker does that. With a `link_maker` the templates may use {{ private_link }}.
    """
    letter = make_letter(
        kind=kind,
        words=words_from(template, edition=edition, to_name=to_name, context=context),
        to_email=to_email,
        to_name=to_name,
        edition=edition,
        link_maker=link_maker,
        link_subject=link_subject,
        as_draft=as_draft,
    )
    letter.save(force_insert=True)
    return letter


def make_letter(
    *,
    kind: str,
    words: Written,
    to_email: str,
    to_name: str = "",
    edition: Edition | None = None,
    link_maker: str = "",
    link_subject: int | None = None,
    as_draft: bool = False,
) -> Letter:
    """A letter of these words, not yet on record: for who writes many at once."""
    return Letter(
        edition=edition,
        kind=kind,
        to_name=to_name,
        to_email=to_email,
        reply_to=edition.contact_email if edition else "",
        link_maker=link_maker,
        link_subject=link_subject,
        state=Letter.State.DRAFT if as_draft else Letter.State.QUEUED,
        **words._asdict(),
    )


def words_from(
    template: str, *, edition: Edition | None, to_name: str, context: Mapping[str, Any]
) -> Written:
    """What `template`/subject.txt, body.txt and body.html say with the context; nothing is kept."""
    words = {
        **_frame(edition),
        "to_name": to_name,
        "private_link": Letter.PRIVATE_LINK,
        **context,
    }
    return tidy(*(render_to_string(f"{template}/{part}", words) for part in _PARTS))


def tidy(subject: str, text: str, page: str) -> Written:
    """The words as they are kept, without the spaces that templates leave."""
    return Written(" ".join(subject.split())[:300], text.strip() + "\n", page.strip())


def _frame(edition: Edition | None) -> dict[str, Any]:
    """What the frame of all letters (templates/mail/letter.*) says."""
    return {
        "edition": edition,
        "site_url": settings.SITE_URL,
        "site_name": settings.SITE_NAME,
        "home_url": settings.SITE_URL + (edition.get_absolute_url() if edition else "/"),
    }


def write_text_letter(
    *, edition: Edition, subject: str, body: str, values: Mapping[str, str]
) -> Written:
    """A text with placeholders (apps.mail.texts) filled in, in the frame of all letters.

    It greets by itself. Pure: nothing is read or put on record.
    """
    frame = _frame(edition)
    text = render_to_string("mail/text/body.txt", frame | {"words": fill(body, values)})
    page = render_to_string("mail/text/body.html", frame | {"words": as_html(body, values)})
    return Written(fill_subject(subject, values), text.strip() + "\n", page.strip())


def queue_text_letter(**words: Any) -> Letter:
    """Puts a letter made from a text with placeholders on record, as `queue_letter` does; takes
    what `text_letter` takes."""
    letter = text_letter(**words)
    letter.save()
    return letter


def text_letter(
    *,
    edition: Edition,
    kind: str,
    subject: str,
    body: str,
    values: Mapping[str, str],
    to_email: str,
    to_name: str = "",
    link_maker: str = "",
    link_subject: int | None = None,
    as_draft: bool = False,
) -> Letter:
    """A letter made from a text with placeholders, not yet on record: for who writes many at once.

    `link_maker` and `link_subject` say what {private_link} leads to; a text without it has no link.
    """
    has_link = carries_link(body)
    return make_letter(
        kind=kind,
        words=write_text_letter(edition=edition, subject=subject, body=body, values=values),
        to_email=to_email,
        to_name=to_name,
        edition=edition,
        link_maker=link_maker if has_link else "",
        link_subject=link_subject if has_link else None,
        as_draft=as_draft,
    )


def choose_text(*, edition: Edition, kind: str, subject: str, body: str) -> None:
    """From now on letters of `kind` have these words in `edition`. Our own words leave no row."""
    ours = kind_of(kind)
    with transaction.atomic():
        if (subject, body) == (ours.subject, ours.body):
            LetterText.objects.filter(edition=edition, kind=kind).delete()
            return
        LetterText.objects.update_or_create(
            edition=edition, kind=kind, defaults={"subject": subject, "body": body}
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
