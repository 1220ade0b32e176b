"""A letter on record becomes a mail: headers, text and HTML."""

from __future__ import annotations

import re
from email.header import Header
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.crypto import salted_hmac
from django.utils.html import escape

from apps.mail.models import Letter

# Control signs (a line's end would begin a header of its own, RFC 5322 §2.2), and those that turn
# the direction of writing, by which one address can be made to look like another.
_NOT_FOR_HEADERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def one_line(words: str) -> str:
    """`words` on one line, without control signs: for a header, or for a terminal."""
    return " ".join(_NOT_FOR_HEADERS.sub(" ", words).split())


def address(name: str, email: str) -> str:
    """ "Ada Example <ada@example.org>" as it stands in a header: quoted or encoded, ASCII alone."""
    name = one_line(name)
    if name.isascii():
        return formataddr((name, email))
    # Encoded words of at most 75 signs each, on one line (RFC 2047 §2).
    words = Header(name, "utf-8", maxlinelen=75).encode(linesep="")
    return f"{words} <{email}>"


def message_id(letter: Letter) -> str:
    """The same at every attempt: a mailbox that got a letter already can tell the second copy."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    sign = salted_hmac(
        "apps.mail.message_id", f"{letter.pk} {letter.created_at.isoformat()}"
    ).hexdigest()
    return f"<{sign[:32]}@{host or urlsplit(settings.SITE_URL).hostname}>"


def compose(letter: Letter, link: str = "") -> EmailMultiAlternatives:
    """The mail of a letter, with `link` in place of Letter.PRIVATE_LINK; the letter keeps that.

    Raises ValueError if its address cannot stand in a mail.
    """
    text, page = letter.body_text, letter.body_html
    if link:
        text = text.replace(Letter.PRIVATE_LINK, link)
        page = page.replace(escape(Letter.PRIVATE_LINK), escape(link))
    mail = EmailMultiAlternatives(
        one_line(letter.subject),
        text,
        settings.DEFAULT_FROM_EMAIL,
        [address(letter.to_name, letter.to_email)],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        # So that no absence notice answers it (RFC 3834 §5).
        headers={"Message-ID": message_id(letter), "Auto-Submitted": "auto-generated"},
    )
    if page:
        mail.attach_alternative(page, "text/html")
    return mail
