"""Mails about accounts, as text and HTML, sent at once and not queued."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


class MailNotSent(Exception):
    """A mail was not sent; the message gives chairs the reason."""


def send_mail(*, template: str, to: str, context: dict) -> None:
    """Render templates/`template`_{subject,message}.txt and send it to one address.

    `context` is extended by `site_name` and `site_url`. Raises MailNotSent if there is no mail
    server or it refuses.
    """
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL} | context
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    text = render_to_string(f"{template}_message.txt", context).strip() + "\n"
    mail = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [to])
    page = render_to_string("accounts/email/message.html", {"subject": subject, "text": text})
    mail.attach_alternative(page, "text/html")
    try:
        mail.send()
    except (OSError, SMTPException, ValueError) as error:
        raise MailNotSent(_reason(error)) from error
    if not settings.HAS_MAIL:
        # A local site printed it to the terminal, others dropped it.
        raise MailNotSent("no mail server is set up")


def _reason(error: Exception) -> str:
    # The answer of a server is the last argument, as bytes.
    if isinstance(error, SMTPException) and error.args and isinstance(error.args[-1], bytes):
        reason = error.args[-1].decode(errors="replace")
    else:
        reason = str(error) or type(error).__name__
    return " ".join(reason.split())[:200]
