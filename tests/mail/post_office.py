"""A real mail server of the tests' own, that does as it is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.processes import free_port

Answer = str | None


class PostOffice:
    """Takes letters on a port of its own; `answers` gives other replies than "250 OK".

    `answers` has functions by the step ("MAIL", "RCPT" or "DATA"): they get the recipient's
    address (the sender's for MAIL) and return a reply, or None for the usual one. With
    `silent_at` a step it never answers there; `reached` is set once a client is at that step.
    """

    def __init__(self) -> None:
        self.arrived: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, Callable[[str], Answer]] = {}
        self.silent_at = ""
        self.reached = threading.Event()
        self.connections = 0
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()

    @property
    def port(self) -> int:
        return self._controller.port

    def close(self) -> None:
        self._controller.stop(no_assert=True)

    async def handle_EHLO(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, name: str, replies: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = name
        return replies

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        reply = await self._answer("MAIL", address)
        if reply.startswith("250"):
            envelope.mail_from = address
        return reply

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        reply = await self._answer("RCPT", address)
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if self.silent_at == "DATA":
            self._keep(envelope, content)
        reply = await self._answer("DATA", envelope.rcpt_tos[0])
        if reply.startswith("250"):
            self._keep(envelope, content)
        return reply

    def _keep(self, envelope: Envelope, content: bytes) -> None:
        message = message_from_bytes(content, policy=default)
        self.arrived.append(message)
        self.recipients += envelope.rcpt_tos

    async def _answer(self, step: str, address: str) -> str:
        if step == self.silent_at:
            self.reached.set()
            await asyncio.sleep(3600)
        answer = self.answers.get(step, lambda _: None)
        return answer(address) or "250 OK"
