"""The mail server: one connection for a batch, and what its answers mean for a letter.

Four ends of an attempt are told apart, since each asks for something else: the server took it;
it will never take it (Refused); perhaps later (Postponed); or it fell silent after it had been
given the whole letter, and nobody knows (InDoubt). Trouble before that is the server's, not the
letter's (Unreachable).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from apps.mail.message import one_line

_GO_ON = (
    354  # "Start mail input": from here on the server may keep what it is given (RFC 5321 §4.2.1)
)
_CLOSING = 421  # "Service not available, closing": about the connection, not about the letter
_TAKEN = 250
_MOST_WORDS = 500
_SILENT = (
    "The mail server did not say what became of the letter: it may have arrived, or it may not."
)


class NotSent(Exception):
    """A letter did not go out; the words say why, for a chair to read."""


class Refused(NotSent):
    """For good: this address or this letter will not be taken."""


class Postponed(NotSent):
    """For now: the server asks to try again later."""


class InDoubt(NotSent):
    """The server had the whole letter and did not say whether it took it."""


class Unreachable(NotSent):
    """There is no talking to the server; the letter has no part in it."""


class _SaysWhenInDoubt(smtplib.SMTP):
    """A connection that knows how far a letter got."""

    last_code = 0

    def getreply(self):
        code, words = super().getreply()
        self.last_code = code
        return code, words

    def data(self, msg):
        try:
            code, words = super().data(msg)
        except smtplib.SMTPDataError:
            raise  # it was answered before the letter was given
        except OSError as fault:
            if self.last_code == _GO_ON:
                raise InDoubt(_SILENT) from fault
            raise
        if code != _TAKEN and not 400 <= code < 600:
            raise InDoubt(_SILENT)
        return code, words


class _Encrypted(_SaysWhenInDoubt, smtplib.SMTP_SSL):
    """The same, encrypted from its first word."""


class _Backend(EmailBackend):
    """Django's own, over connections that know how far a letter got."""

    @property
    def connection_class(self):
        return _Encrypted if self.use_ssl else _SaysWhenInDoubt

    def drop(self) -> None:
        """Ends the connection without a word, since nobody may be listening."""
        for name in ("connection", "_partial_connection"):
            if connection := getattr(self, name):
                with suppress(OSError):
                    connection.close()
            setattr(self, name, None)


class Carrier:
    """One connection to the mail server; opened on entry, closed at the end of the batch.

    Entering raises Unreachable if there is no talking to the server.
    """

    def __init__(self) -> None:
        self._backend = _Backend()
        self._carried = 0  # over the present connection

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._backend.close()
        self._backend.drop()

    def carry(self, mail: EmailMessage) -> None:
        """Returns once the server has taken `mail`; raises one of NotSent's kinds otherwise.

        A server that hangs up between two letters, as many do after some, is called once more.
        """
        if self._backend.connection is None:
            self._open()
        try:
            self._try(mail)
        except Unreachable:
            if not self._carried:
                raise
            self._open()
            self._try(mail)
        self._carried += 1

    def _open(self) -> None:
        self._carried = 0
        try:
            self._backend.open()
        except OSError as fault:
            self._backend.drop()
            raise Unreachable(_words_for(fault)) from fault

    def _try(self, mail: EmailMessage) -> None:
        try:
            self._backend.send_messages([mail])
        except InDoubt:
            self._backend.drop()
            raise
        except smtplib.SMTPRecipientsRefused as fault:
            code, answer = next(iter(fault.recipients.values()))
            raise self._answered(code, answer) from fault
        except smtplib.SMTPDataError as fault:
            raise self._answered(fault.smtp_code, fault.smtp_error) from fault
        except ValueError as fault:
            raise Refused(f"It cannot be written as a mail: {fault}") from fault
        except OSError as fault:
            self._backend.drop()
            raise Unreachable(_words_for(fault)) from fault

    def _answered(self, code: int, answer: bytes | str) -> NotSent:
        if code == _CLOSING:
            self._backend.drop()
            return Unreachable(f"The mail server hung up: {_plain(answer)}")
        if 500 <= code < 600:
            return Refused(f"The mail server refused it: {_plain(answer)} ({code})")
        return Postponed(f"The mail server asks to try later: {_plain(answer)} ({code})")


def _words_for(fault: OSError) -> str:
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
            return f"{server} hung up."
        case socket.gaierror():
            return f"{server} cannot be found: its name leads nowhere."
        case ssl.SSLError():
            return f"{server} offers no safe connection: {_plain(fault.reason or str(fault))}"
        case TimeoutError():
            return f"{server} did not answer within {settings.EMAIL_TIMEOUT} seconds."
        case _:
            return f"{server} does not answer: {_plain(fault.strerror or str(fault))}"


def _plain(answer: bytes | str) -> str:
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return one_line(words)[:_MOST_WORDS]
