"""Letters are written and queued in the transaction of the change they report."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Now
from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile
from apps.editions.models import Edition
from apps.mail.models import Letter, LetterText
from apps.mail.texts import (
    as_html,
    carries_link,
    fill,
    fill_subject,
    kind_of,
    text_language,
    text_of,
    text_token,
    without_link,
)

_link_makers: dict[str, Callable[[int, str], str]] = {}


class LetterSubject(NamedTuple):
    """What a letter is about: its name, and the address of its page at the desk."""

    label: str
    url: str


_subject_finders: list[Callable[[Collection[int]], Mapping[int, LetterSubject]]] = []


def register_letter_subjects(
    find: Callable[[Collection[int]], Mapping[int, LetterSubject]],
) -> None:
    """Register an app's function that returns the subjects of letters by the keys of these."""
    _subject_finders.append(find)


def find_letter_subjects(letters: Collection[Letter]) -> dict[int, LetterSubject]:
    """What each letter is about, by its key; letters about nothing on record are left out."""
    pks = [letter.pk for letter in letters]
    return {pk: subject for find in _subject_finders for pk, subject in find(pks).items()}


def register_link_maker(name: str, maker: Callable[[int, str], str]) -> None:
    """Register an app's function that returns a new private address.

    `maker` takes `Letter.link_subject`, the key of what the link opens, and the letter's email
    address. It may raise ObjectDoesNotExist, and NotAllowed with the reason if no link may go to
    this address, such as one that was corrected after the letter was written.
    """
    _link_makers[name] = maker


def make_link(letter: Letter) -> str:
    """Return a new private address for a letter, or "" if it has none.

    Raises KeyError if its maker is not registered, ObjectDoesNotExist if its subject is gone, and
    NotAllowed if no link may go to its address.
    """
    if not letter.link_maker or letter.link_subject is None:
        return ""
    return _link_makers[letter.link_maker](letter.link_subject, letter.to_email)


def queue_letter(
    *,
    template: str,
    context: Mapping[str, Any],
    edition: Edition | None = None,
    is_to_organisers: bool = False,
    **fields: Any,
) -> Letter:
    """Render a letter from `template`/subject.txt, body.txt and body.html, and queue it.

    `fields` are columns of Letter: kind, to_email, to_name, link_maker, link_subject. Call it
    inside the transaction of what it tells of: both are on disk, or neither. The worker sends it.
    It is written in the language of the edition; in English, as the desk is, to organisers.
    The templates may use {{ private_link }} if there is a `link_maker`.
    """
    mark = secrets.token_hex()
    context = {
        **_frame(edition),
        "to_name": fields.get("to_name", ""),
        "private_link": mark,
        **context,
    }
    language = edition.language_code if edition and not is_to_organisers else settings.LANGUAGE_CODE
    with translation.override(language):
        # Placeholders that a person typed, for example in a title, do not become a link.
        subject, text, page = (
            without_link(render_to_string(f"{template}/{part}", context)).replace(
                mark, Letter.PRIVATE_LINK
            )
            for part in ("subject.txt", "body.txt", "body.html")
        )
    letter = _make_letter(edition, " ".join(subject.split())[:300], text, page, fields)
    letter.save()
    return letter


def queue_text_letter(**fields: Any) -> Letter:
    """Queue a letter made from a text with placeholders; takes the arguments of `text_letter`."""
    letter = text_letter(**fields)
    letter.save()
    return letter


def text_letter(
    *, edition: Edition, subject: str, body: str, values: Mapping[str, str], **fields: Any
) -> Letter:
    """Return an unsaved letter made from a text with placeholders (apps.mail.texts).

    `fields` are columns of Letter: kind, to_email, to_name, state, and link_maker and link_subject,
    which are left out if the text has no {private_link}.
    """
    if not carries_link(body):
        fields |= {"link_maker": "", "link_subject": None}
    frame = _frame(edition)
    with translation.override(text_language(edition, fields["kind"])):
        text = render_to_string("mail/text/body.txt", frame | {"words": fill(body, values)})
        page = render_to_string("mail/text/body.html", frame | {"words": as_html(body, values)})
    return _make_letter(edition, fill_subject(subject, values), text, page, fields)


def as_test(letter: Letter, *, to: User) -> Letter:
    """Address an unsaved letter to a chair who wants to see it; without private link."""
    letter.kind, letter.state = Letter.TEST_KIND, Letter.State.QUEUED
    letter.subject = f"Test: {letter.subject}"[:300]
    letter.to_name, letter.to_email = to.name, to.email
    letter.link_maker, letter.link_subject = "", None
    return letter


def _make_letter(
    edition: Edition | None, subject: str, text: str, page: str, fields: dict[str, Any]
) -> Letter:
    return Letter(
        edition=edition,
        reply_to=edition.contact_email if edition else "",
        subject=subject,
        body_text=text.strip() + "\n",
        body_html=page.strip(),
        **fields,
    )


def _frame(edition: Edition | None) -> dict[str, Any]:
    """Context of the frame of all letters (templates/mail/letter.*)."""
    return {
        "edition": edition,
        "site_url": settings.SITE_URL,
        "site_name": settings.SITE_NAME,
        "home_url": settings.SITE_URL + (edition.get_absolute_url() if edition else "/"),
    }


def choose_text(*, edition: Edition, kind: str, subject: str, body: str, seen: str) -> None:
    """Set the edition's own text for letters of `kind`; the default text leaves no row.

    Raises ChangedMeanwhile if `seen` is not the `text_token` of the present text.
    """
    default = kind_of(kind)
    with transaction.atomic():
        # Locked, since there may be no row of the text to lock.
        Edition.objects.select_for_update().get(pk=edition.pk)
        if text_token(text_of(edition, kind)) != seen:
            raise ChangedMeanwhile
        if (subject, body) == default.default_for(edition):
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


def queue_account_notice(*, to: str, name: str, event: str, **signal: Any) -> None:
    """Tell the owner of an account what a colleague did with it (a signal of `accounts`)."""
    queue_letter(
        kind="account_notice",
        template="mail/account_notice",
        to_email=to,
        to_name=name,
        context={"event": event},
    )


def queue_again(*, letters: QuerySet[Letter]) -> int:
    """Queue failed, waiting and unconfirmed letters again, due at once; returns how many.

    Others, such as those a worker has just claimed, stay as they are.
    """
    state = Letter.State
    return letters.filter(state__in=(state.FAILED, state.QUEUED, state.UNCONFIRMED)).update(
        state=state.QUEUED, due_at=timezone.now(), attempts=0, failure=""
    )


def mark_arrived(*, letters: QuerySet[Letter]) -> int:
    """Mark unconfirmed letters as sent; returns how many."""
    unconfirmed = letters.filter(state=Letter.State.UNCONFIRMED)
    return unconfirmed.update(
        state=Letter.State.SENT, sent_at=Coalesce("claimed_at", Now()), failure=""
    )


def discard_letters_with_link(*, link_maker: str, link_subject: int) -> int:
    """Take waiting letters with a private link to this subject off the queue; returns how many."""
    letters = Letter.objects.filter(link_maker=link_maker, link_subject=link_subject)
    return discard_letters(letters=letters)


def discard_letters(*, letters: QuerySet[Letter]) -> int:
    """Take waiting letters off the queue; returns how many."""
    return letters.filter(state=Letter.State.QUEUED).update(state=Letter.State.DISCARDED)
