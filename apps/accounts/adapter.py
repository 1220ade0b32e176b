"""Settings of allauth that are methods: messages, URLs, mails, QR code, rate limits."""

import logging
import re
from copy import copy
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from apps.accounts.mails import MailNotSent, send_mail

_logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    # They never say whether an account exists.
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is switched off. Ask a chair to switch it on.",
        "duplicate_email": "This is already your address. Enter another one.",
        "email_password_mismatch": "Check the e-mail address and the password. They do not match.",
        "email_taken": "Somebody has an account with this address. Enter another one.",
        "enter_current_password": "Check your current password. This is not it.",
        "incorrect_code": "Check the code. It may be used or out of date: enter the newest one.",
        "incorrect_password": "Check your password. This is not it.",
        "too_many_login_attempts": (
            "Wait five minutes, then try again. There were too many attempts that failed."
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
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return settings.SITE_URL + path

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Send one of allauth's mails with our texts.

        A failure is logged only: the page answers as if the mail was sent, so that it does not
        reveal which accounts exist.
        """
        try:
            send_mail(template=template_prefix, to=email, context={"email": email} | context)
        except MailNotSent as error:
            _logger.warning("A mail (%s) did not go out: %s", template_prefix, error)

    def send_notification_mail(self, template_prefix: str, user, context=None, email=None) -> None:
        """Notify users by mail about a change of their account."""
        super().send_notification_mail(
            template_prefix, user, {"user": user} | (context or {}), email
        )


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def build_totp_svg(self, url: str) -> SafeString:
        """The QR code as an SVG element, because the CSP forbids data: images.

        It has a white background, because cameras cannot read an inverted code.
        """
        drawing = super().build_totp_svg(url)
        drawing = drawing[drawing.index("<svg") :]
        size = drawing.split('viewBox="0 0 ', 1)[1].split(" ", 1)[0]
        head = (
            f'<svg class="qr" width="{SIDE}" height="{SIDE}" viewBox="0 0 {size} {size}" role="img"'
            f' aria-label="QR code for your authenticator app">'
            f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        )
        # Consists of numbers and of the drawing by allauth.
        return mark_safe(re.sub(r"^<svg[^>]*>", head, drawing))  # noqa: S308  (see above)  # nosec

    def generate_authenticator_name(self, user, type) -> str:
        """Default name, which the user may change."""
        number = user.authenticator_set.filter(type=type).count() + 1
        return "My passkey" if number == 1 else f"My passkey {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bind passkeys to the host of SITE_URL, not to the Host header."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": settings.SITE_NAME}


SIDE = 240  # CSS pixels, some 6 for each module: read at arm's length
