"""Letters are written and queued in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from apps.accounts.models import User
from apps.editions.models import Edition
from apps.mail.models import Letter, LetterText
from apps.mail.texts import as_html, carries_link, fill, fill_subject, kind_of

_link_makers: dict[str, Callable[[int], str]] = {}


class LetterContent(NamedTuple):
    """Subject and bodies, as the columns of Letter hold them."""

    subject: str
    body_text: str
    body_html: str


def register_link_maker(name: str, maker: Callable[[int], str]) -> None:
    """Register an app's function that returns a new private address.

    `maker` takes `Letter.link_subject`, the key of what the link opens. It may raise
    ObjectDoesNotExist.
    """
    _link_makers[name] = maker


def make_link(letter: Letter) -> str:
    """Return a new private address for a letter, or "" if it has none.

    Raises KeyError if its maker is not registered, ObjectDoesNotExist if its subject is gone.
    """
    if not letter.link_maker or letter.link_subject is None:
        return ""
    return _link_makers[letter.link_maker](letter.link_subject)


def queue_letter(
    *,
    kind: str,
    template: str,
    to_email: str,
    to_name: str = "",
    context: Mapping[str, Any],
    edition: Edition | None = None,
    link_maker: str = "",
    link_subject: int | None = None,
) -> Letter:
    """Render a letter from `template`/subject.txt, body.txt and body.html, and queue it.

    Call it inside the transaction of what it tells of: both are on disk, or neither. The worker
    sends it. With a `link_maker` the templates may use {{ private_link }}.
    """
    letter = make_letter(
        kind=kind,
        content=render_letter(template, edition=edition, to_name=to_name, context=context),
        to_email=to_email,
        to_name=to_name,
        edition=edition,
        link_maker=link_maker,
        link_subject=link_subject,
    )
    letter.save()
    return letter


def queue_text_letter(**fields: Any) -> Letter:
    """Queue a letter made from a text with placeholders; takes the arguments of `text_letter`."""
    letter = text_letter(**fields)
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
    """Return an unsaved letter made from a text with placeholders (apps.mail.texts).

    `link_maker` and `link_subject` say what {private_link} opens; a text without it has no link.
    """
    frame = _frame(edition)
    text = render_to_string("mail/text/body.txt", frame | {"words": fill(body, values)})
    page = render_to_string("mail/text/body.html", frame | {"words": as_html(body, values)})
    has_link = carries_link(body)
    return make_letter(
        kind=kind,
        content=LetterContent(fill_subject(subject, values), text.strip() + "\n", page.strip()),
        to_email=to_email,
        to_name=to_name,
        edition=edition,
        link_maker=link_maker if has_link else "",
        link_subject=link_subject if has_link else None,
        as_draft=as_draft,
    )


def make_letter(
    *,
    kind: str,
    content: LetterContent,
    to_email: str,
    to_name: str = "",
    edition: Edition | None = None,
    link_maker: str = "",
    link_subject: int | None = None,
    as_draft: bool = False,
) -> Letter:
    """Return an unsaved letter with this content, from the edition's contact address."""
    return Letter(
        edition=edition,
        kind=kind,
        to_name=to_name,
        to_email=to_email,
        reply_to=edition.contact_email if edition else "",
        link_maker=link_maker,
        link_subject=link_subject,
        state=Letter.State.DRAFT if as_draft else Letter.State.QUEUED,
        **content._asdict(),
    )


def render_letter(
    template: str, *, edition: Edition | None, to_name: str, context: Mapping[str, Any]
) -> LetterContent:
    """Render subject.txt, body.txt and body.html of a template folder."""
    context = {
        **_frame(edition),
        "to_name": to_name,
        "private_link": Letter.PRIVATE_LINK,
        **context,
    }
    subject, text, page = (
        render_to_string(f"{template}/{part}", context)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return LetterContent(" ".join(subject.split())[:300], text.strip() + "\n", page.strip())


def _frame(edition: Edition | None) -> dict[str, Any]:
    """Context of the frame of all letters (templates/mail/letter.*)."""
    return {
        "edition": edition,
        "site_url": settings.SITE_URL,
        "site_name": settings.SITE_NAME,
        "home_url": settings.SITE_URL + (edition.get_absolute_url() if edition else "/"),
    }


def choose_text(*, edition: Edition, kind: str, subject: str, body: str) -> None:
    """Set the edition's own text for letters of `kind`; our own text leaves no row."""
    default = kind_of(kind)
    with transaction.atomic():
        if (subject, body) == (default.subject, default.body):
            LetterText.objects.filter(edition=edition, kind=kind).delete()
            return
        LetterText.objects.update_or_create(
            edition=edition, kind=kind, defaults={"subject": subject, "body": body}
        )


def queue_test_letter(*, to: User) -> Letter:
    """Queue a letter to oneself, to see whether letters arrive."""
    return queue_letter(
        kind="test", template="mail/test", to_email=to.email, to_name=to.name, context={}
    )


def send_again(*, letters: QuerySet[Letter]) -> int:
    """Queue failed, waiting and unconfirmed letters anew, due at once; returns how many.

    Others, such as those a worker has just claimed, stay as they are.
    """
    state = Letter.State
    return letters.filter(state__in=(state.FAILED, state.QUEUED, state.UNCONFIRMED)).update(
        state=state.QUEUED, due_at=timezone.now(), attempts=0, failure=""
    )


def mark_arrived(*, letters: QuerySet[Letter]) -> int:
    """Mark unconfirmed letters as sent; returns how many."""
    unconfirmed = letters.filter(state=Letter.State.UNCONFIRMED)
    return unconfirmed.update(state=Letter.State.SENT, sent_at=F("claimed_at"), failure="")


def discard_letters(*, letters: QuerySet[Letter]) -> int:
    """Take waiting letters off the queue; returns how many."""
    return letters.filter(state=Letter.State.QUEUED).update(state=Letter.State.DISCARDED)
