"""The accounts' own mails: in plain words, as text and as simple HTML."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


class NotSent(Exception):
    """A mail did not go out; its words say why, for the chair to read."""


def send_mail(*, template: str, to: str, context: dict) -> None:
    """Sends the mail templates/`template`_{subject,message}.txt to one address, at once.

    The same words go along as HTML, with links to press.

    `context` is completed with `site_name` and `site_url`. Raises NotSent when there is
    no mail server or it refuses: whoever calls decides what that means.
    """
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL} | context
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    text = render_to_string(f"{template}_message.txt", context).strip() + "\n"
    mail = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [to])
    page = render_to_string("accounts/email/message.html", {"subject": subject, "text": text})
    mail.attach_alternative(page, "text/html")
    try:
        mail.send()
    except (OSError, SMTPException, ValueError) as fault:
        raise NotSent(_reason(fault)) from fault
    if not settings.HAS_MAIL:
        # On this machine it was printed to the terminal, elsewhere dropped.
        raise NotSent("no mail server is set up")


def _reason(fault: Exception) -> str:
    # A server's answer comes as bytes inside a tuple; its last line is what a person can use.
    if isinstance(fault, SMTPException) and fault.args and isinstance(fault.args[-1], bytes):
        words = fault.args[-1].decode(errors="replace")
    else:
        words = str(fault) or type(fault).__name__
    return " ".join(words.split())[:200]
