"""Adapters of allauth: messages, URLs, emails, QR code, rate limits."""

import logging
from copy import copy
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from apps.accounts.encryption import decrypt, encrypt
from apps.core.addresses import ascii_address
from apps.core.text import mail_subject

_logger = logging.getLogger(__name__)

_WRONG_CODE = "Check the code. It may be used or expired: enter the newest one."


def send_mail(*, template: str, to: str, context: dict, reply_to: str = "") -> str:
    """Send templates/`template`_{subject,message}.txt to one address, as text and HTML.

    Sent at once, not queued. Returns the reason for chairs why it was not sent, or "".
    """
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL} | context
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    text = render_to_string(f"{template}_message.txt", context).strip() + "\n"
    page = render_to_string("accounts/email/message.html", {"subject": subject, "text": text})
    try:
        mail = EmailMultiAlternatives(
            mail_subject(subject),
            text,
            settings.DEFAULT_FROM_EMAIL,
            [ascii_address(to)],
            reply_to=[ascii_address(reply_to)] if reply_to else None,
        )
        mail.attach_alternative(page, "text/html")
        mail.send()
    except (OSError, SMTPException, ValueError) as error:
        # The answer of a server is the last argument, as bytes.
        answer = error.args[-1] if error.args else ""
        reason = answer.decode(errors="replace") if isinstance(answer, bytes) else str(error)
        return " ".join(reason.split())[:200] or type(error).__name__
    # Without a server, a local site printed the mail to the terminal, others dropped it.
    return "" if settings.HAS_MAIL else "no mail server is configured"


class AccountAdapter(DefaultAccountAdapter):
    # They never say whether an account exists.
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is deactivated. Ask a chair to reactivate it.",
        "duplicate_email": "This is already your address. Enter another one.",
        "email_password_mismatch": "Check the email address and the password. They do not match.",
        "email_taken": "Another account has this address. Enter another one.",
        "enter_current_password": "Your current password is not correct. Check it.",
        "incorrect_code": _WRONG_CODE,
        "incorrect_password": "Your password is not correct. Check it.",
        "too_many_login_attempts": (
            "Wait five minutes, then try again. There were too many failed attempts."
        ),
        "rate_limited": "Wait five minutes, then try again. There were too many attempts.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always False: accounts are created by invitation."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The IP address for which failed attempts are counted.

        X-Forwarded-For is not trusted if the request passed fewer proxies than configured; then the
        peer's address counts.
        """
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            return str(request.META.get("REMOTE_ADDR", ""))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count failed attempts per account for one host name.

        allauth counts per Host header, so a client could vary its port for more attempts.
        """
        request = copy(request)
        request.META = {**request.META, "HTTP_HOST": urlsplit(settings.SITE_URL).netloc}
        super().pre_authenticate(request, **credentials)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Built from SITE_URL, not from the Host header."""
        path = reverse("account_reset_password_from_key", args=["UID", "KEY"])
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation) -> str:
        """Built from SITE_URL, not from the Host header."""
        return settings.SITE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Send one of allauth's emails with our texts.

        A failure is logged only: the page answers as if the mail was sent, so that it does not
        reveal which accounts exist.
        """
        fault = send_mail(template=template_prefix, to=email, context={"email": email} | context)
        if fault:
            _logger.warning("An email (%s) was not sent: %s", template_prefix, fault)

    def send_notification_mail(self, template_prefix: str, user, context=None, email=None) -> None:
        """Notify users by mail about a change of their account, addressed by name."""
        context = {"user": user} | (context or {})
        super().send_notification_mail(template_prefix, user, context, email)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": _WRONG_CODE}

    def encrypt(self, text: str) -> str:
        """Encrypt a secret before it is stored."""
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a stored secret; raise SecretUnreadable if SECRET_KEY was another one."""
        return decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> SafeString:
        """The QR code as an SVG element, because the CSP forbids data: images."""
        drawing = super().build_totp_svg(url)
        drawing = drawing[drawing.index("<svg") :].replace(
            "<svg", '<svg class="qr" role="img" aria-label="QR code for your authenticator app"', 1
        )
        return mark_safe(drawing)  # noqa: S308  # nosec  # numbers drawn by allauth

    def generate_authenticator_name(self, user, type) -> str:
        """Default name, which the user may change."""
        number = user.authenticator_set.filter(type=type).count() + 1
        return "My passkey" if number == 1 else f"My passkey {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bind passkeys to the host of SITE_URL, not to the Host header."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": settings.SITE_NAME}
