"""Makes an email message of each letter, and sends a batch of them over one SMTP connection."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from email.header import Header
from email.utils import formataddr, parseaddr
from enum import Enum
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import DNS_NAME, EmailMultiAlternatives
from django.utils.crypto import salted_hmac
from django.utils.html import escape

from apps.core.addresses import ascii_address
from apps.core.qr import qr_png
from apps.core.text import mail_subject, one_line
from apps.mail.models import Letter

CALENDAR_NAME = "programme.ics"
QR_NAME = "ticket.png"
_MAX_ANSWER = 500  # characters of a server's answer that are kept
_SILENT = "The mail server did not confirm the delivery. The letter may have arrived."


class Outcome(Enum):
    """Why a letter was not sent, as far as the next step differs."""

    REFUSED = "the server will never take this letter"
    POSTPONED = "the server asks to try again later"
    UNCONFIRMED = "the server had the whole letter and did not say whether it took it"
    UNREACHABLE = "there is no talking to the server; the letter has no part in it"


class DeliveryError(Exception):
    """A letter was not sent; the message is for chairs to read."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


def compose(letter: Letter, link: str = "") -> EmailMultiAlternatives:
    """Return the mail of a letter, with `link` in place of Letter.PRIVATE_LINK.

    The letter itself is not changed. Raises ValueError if its address cannot stand in a mail.
    """
    text, page = letter.body_text, letter.body_html
    if link:
        text = text.replace(Letter.PRIVATE_LINK, link)
        page = page.replace(escape(Letter.PRIVATE_LINK), escape(link))
    mail = EmailMultiAlternatives(
        mail_subject(one_line(letter.subject)),
        text,
        settings.DEFAULT_FROM_EMAIL,
        [format_address(letter.to_name, letter.to_email)],
        reply_to=[ascii_address(letter.reply_to)] if letter.reply_to else None,
        # Absence notices do not answer it (RFC 3834, section 5).
        headers={"Message-ID": message_id(letter), "Auto-Submitted": "auto-generated"},
    )
    if page:
        mail.attach_alternative(page, "text/html")
    if letter.calendar:
        mail.attach(CALENDAR_NAME, letter.calendar, "text/calendar")
    if letter.qr_text:
        mail.attach(QR_NAME, qr_png(letter.qr_text), "image/png")
    return mail


def format_address(name: str, email: str) -> str:
    """Return "Ada Example <ada@example.org>" for a header: quoted or encoded, in ASCII.

    Raises ValueError if the address has no form in ASCII.
    """
    name, email = one_line(name), ascii_address(email)
    if name.isascii():
        return formataddr((name, email))
    # Encoded words of at most 75 characters each, on one line (RFC 2047, section 2).
    encoded = Header(name, "utf-8", maxlinelen=75).encode(linesep="")
    return f"{encoded} <{email}>"


def message_id(letter: Letter) -> str:
    """The same at every attempt, so that a mailbox can recognise a second copy."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    created = f"{letter.pk} {letter.created_at.isoformat()}"
    digest = salted_hmac("apps.mail.message_id", created).hexdigest()
    return f"<{digest[:32]}@{host or urlsplit(settings.SITE_URL).hostname}>"


class SmtpConnection:
    """A connection that is opened on entry and closed on exit.

    It tells how far a letter got: once the server has accepted DATA, it may keep the letter even
    if its answer never arrives (RFC 5321, section 4.2.1). smtplib's own sendmail hides that.
    """

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0  # letters over the present connection

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_fault: object) -> None:
        if self._smtp:
            with suppress(OSError):
                self._smtp.quit()
        self._drop()

    def send(self, mail: EmailMultiAlternatives) -> None:
        """Return once the server has taken `mail`; raise DeliveryError otherwise.

        A server that hangs up between two letters is called once more.
        """
        try:
            content = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's
            recipient = _envelope_address(mail.to[0])
        except ValueError as fault:
            reason = f"It cannot be written as an email: {fault}"
            raise DeliveryError(Outcome.REFUSED, reason) from fault
        try:
            self._transmit(recipient, content)
        except DeliveryError as fault:
            if fault.outcome != Outcome.UNREACHABLE or not self._sent:
                raise
            self._transmit(recipient, content)
        self._sent += 1

    def _open(self) -> smtplib.SMTP:
        self._sent = 0
        try:
            tls = ssl.create_default_context()
            where = (settings.EMAIL_HOST, settings.EMAIL_PORT)
            options = {"local_hostname": DNS_NAME.get_fqdn(), "timeout": settings.EMAIL_TIMEOUT}
            if settings.EMAIL_USE_SSL:
                self._smtp = smtplib.SMTP_SSL(*where, context=tls, **options)
            else:
                self._smtp = smtplib.SMTP(*where, **options)
            if settings.EMAIL_USE_TLS:
                self._smtp.starttls(context=tls)
            if settings.EMAIL_HOST_USER and settings.EMAIL_HOST_PASSWORD:
                self._smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            self._smtp.ehlo_or_helo_if_needed()
        except OSError as fault:
            self._drop()
            raise DeliveryError(Outcome.UNREACHABLE, _explain(fault)) from fault
        return self._smtp

    def _drop(self) -> None:
        if self._smtp:
            with suppress(OSError):
                self._smtp.close()
        self._smtp = None

    def _transmit(self, recipient: str, content: bytes) -> None:
        smtp = self._smtp or self._open()
        sender = _envelope_address(settings.DEFAULT_FROM_EMAIL)
        size = [f"size={len(content)}"] if smtp.has_extn("size") else []
        try:
            code, answer = smtp.mail(sender, size)
            if code != 250:
                raise smtplib.SMTPSenderRefused(code, answer, sender)
            code, answer = smtp.rcpt(recipient)
            if code in {250, 251}:
                code, answer = smtp.docmd("DATA")
        except OSError as fault:
            self._drop()
            raise DeliveryError(Outcome.UNREACHABLE, _explain(fault)) from fault
        if code != 354:
            raise self._refusal(smtp, code, answer)
        lines = content if content.endswith(b"\r\n") else content + b"\r\n"
        try:
            smtp.send(re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n")
            code, answer = smtp.getreply()
        except OSError as fault:
            self._drop()
            raise DeliveryError(Outcome.UNCONFIRMED, _SILENT) from fault
        if code != 250:
            raise self._refusal(smtp, code, answer)

    def _refusal(self, smtp: smtplib.SMTP, code: int, answer: bytes) -> DeliveryError:
        text = _plain(answer)
        if code == 421:  # about the connection, not about the letter
            self._drop()
            return DeliveryError(
                Outcome.UNREACHABLE, f"The mail server closed the connection: {text}"
            )
        if not 400 <= code < 600:
            self._drop()
            return DeliveryError(Outcome.UNCONFIRMED, _SILENT)
        with suppress(OSError):
            smtp.rset()
        if code < 500:
            reason = f"The mail server asks to try later: {text} ({code})"
            return DeliveryError(Outcome.POSTPONED, reason)
        return DeliveryError(Outcome.REFUSED, f"The mail server refused it: {text} ({code})")


def _envelope_address(address: str) -> str:
    """The bare address, its domain in ASCII; raises ValueError if that is not possible."""
    mailbox = parseaddr(address)[1]
    if "@" not in mailbox.strip("@"):
        raise ValueError(f"{address} is not an address of a mailbox.")
    return ascii_address(mailbox)


def _explain(fault: OSError) -> str:
    server = f"The mail server {settings.EMAIL_HOST}"
    match fault:
        case smtplib.SMTPAuthenticationError():
            return f"{server} does not accept the user name and password of SMTP_URL."
        case smtplib.SMTPSenderRefused():
            answer = f"{_plain(fault.smtp_error)} ({fault.smtp_code})"
            return f"{server} does not accept {settings.DEFAULT_FROM_EMAIL} as sender: {answer}"
        case smtplib.SMTPNotSupportedError():
            return f"{server} cannot do what SMTP_URL asks for: {_plain(str(fault))}"
        case smtplib.SMTPResponseException():
            return f"{server} answers: {_plain(fault.smtp_error)} ({fault.smtp_code})"
        case smtplib.SMTPServerDisconnected():
            return f"{server} closed the connection."
        case socket.gaierror():
            return f"{server} cannot be found: there is no server with this name."
        case ssl.SSLError():
            return (
                f"{server} does not offer a secure connection: {_plain(fault.reason or str(fault))}"
            )
        case TimeoutError():
            return f"{server} did not answer within {settings.EMAIL_TIMEOUT} seconds."
        case _:
            return f"{server} does not answer: {_plain(fault.strerror or str(fault))}"


def _plain(answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return one_line(text)[:_MAX_ANSWER]
