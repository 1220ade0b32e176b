"""Where our house rules meet the sign-in library."""

import logging
import re
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from apps.accounts.letters import NotSent, send_mail

_log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    # Say what to do, and never whether an account exists.
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
        """Accounts are made by invitation only."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that failed attempts are counted for.

        A request that came by fewer proxies than configured says nothing we could trust
        in X-Forwarded-For: the peer itself is counted then, instead of an error page.
        """
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            return str(request.META.get("REMOTE_ADDR", ""))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials) -> str:
        # Without the site's domain: it is the Host header, and a visitor who varies its
        # port would get a fresh counter for each.
        return str(credentials.get("email", "")).lower()

    def get_reset_password_from_key_url(self, key: str) -> str:
        """From SITE_URL, never from the Host header."""
        path = reverse("account_reset_password_from_key", args=["UID", "KEY"])
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation) -> str:
        """From SITE_URL, never from the Host header."""
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return settings.SITE_URL + path

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Sends one of the library's mails in our words.

        A mail server that is away stops nobody: the fault is logged, and the page answers
        as if the mail had gone, so that it tells nothing about who has an account.
        """
        try:
            send_mail(template=template_prefix, to=email, context={"email": email} | context)
        except NotSent as fault:
            _log.warning("A mail (%s) did not go out: %s", template_prefix, fault)

    def send_notification_mail(self, template_prefix: str, user, context=None, email=None) -> None:
        """Tells somebody by mail what was changed in their account."""
        super().send_notification_mail(
            template_prefix, user, {"user": user} | (context or {}), email
        )


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def build_totp_svg(self, url: str) -> SafeString:
        """The QR code as an element of the page: a data: image would not pass our CSP.

        Drawn with its own light ground, since cameras do not read it the other way round.
        """
        drawing = super().build_totp_svg(url)
        drawing = drawing[drawing.index("<svg") :]
        size = drawing.split('viewBox="0 0 ', 1)[1].split(" ", 1)[0]
        head = (
            f'<svg class="qr" width="{SIDE}" height="{SIDE}" viewBox="0 0 {size} {size}" role="img"'
            f' aria-label="QR code for your authenticator app">'
            f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        )
        # Made of numbers and of the library's own drawing of an address it encoded.
        return mark_safe(re.sub(r"^<svg[^>]*>", head, drawing))  # noqa: S308  (see above)  # nosec

    def generate_authenticator_name(self, user, type) -> str:
        """A name to begin with; the person may write a better one."""
        number = user.authenticator_set.filter(type=type).count() + 1
        return "My passkey" if number == 1 else f"My passkey {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to SITE_URL's host, whatever the Host header says."""
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": settings.SITE_NAME}


SIDE = 240  # CSS pixels, some 6 for each module: read at arm's length
