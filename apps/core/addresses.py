"""Email addresses: the form that mail servers take, and hints at mistyped domains."""

from __future__ import annotations

from difflib import get_close_matches

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

EMAIL_FORM = _("Enter an email address in the form name@example.org")
LOCAL_PART_FORM = _(
    "We cannot write to this address: before the @ it has letters that some mail servers do not "
    "accept. Enter one with the letters a to z there."
)
DOMAIN_FORM = _(
    "We cannot write to this address: the part after the @ is not a domain name. Check it."
)

# Well-known providers, and real domains that look like a misspelling of one.
_PROVIDERS = (
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com"),
    *("protonmail.com", "foxmail.com", "naver.com"),
)
_NOT_MISTYPED = {"mail.com", "email.com", "ymail.com", "cloud.com", "protonmail.ch", "boxmail.com"}
_SIMILARITY = 0.87  # one letter missing, added, wrong or exchanged


def ascii_address(address: str) -> str:
    """The address with its domain in ASCII (IDNA 2008), as mail servers without SMTPUTF8 take it.

    A domain that is typed in its ASCII form ("xn--…") is checked like one in other letters. Raises
    ValueError, with a sentence for the person who typed it, if there is no such form.
    """
    local, _, domain = address.rpartition("@")
    if address.isascii() and "xn--" not in domain.lower():
        return address
    if not local.isascii():
        raise ValueError(LOCAL_PART_FORM)
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise ValueError(DOMAIN_FORM) from error


class AddressValidator(EmailValidator):
    """Refuses what is no email address, or one that not all mail servers take."""

    message = EMAIL_FORM

    def __call__(self, value: str | None) -> None:
        if value and "@" in value:
            try:
                ascii_address(value)
            except ValueError as fault:
                raise ValidationError(str(fault), code=self.code) from fault
        super().__call__(value)


def suggest_address(address: str) -> str:
    """The address at the well-known provider whose name was most likely mistyped; "" if none."""
    local, _, domain = address.rpartition("@")
    domain = domain.lower()
    is_real = domain in _NOT_MISTYPED or domain.startswith(tuple(f"{name}." for name in _PROVIDERS))
    if is_real or domain in _PROVIDERS:
        return ""
    near = get_close_matches(domain, _PROVIDERS, n=1, cutoff=_SIMILARITY)
    return f"{local}@{near[0]}" if near else ""
