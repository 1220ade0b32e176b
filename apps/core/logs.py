"""Logging: masks the tokens of private links, leaves out tracebacks of no use."""

import logging
import re

# Statuses of requests for pages that do not exist, which crawlers send all the time.
_UNINTERESTING = {404, 405, 410}

# URL prefixes followed by a secret token.
_SECRET_PATHS = re.compile(
    r"(/invitations/|/password/reset/key/|/confirm-email/|/interest/link/|/interest/let-in/"
    r"|/speaker/link/|/presenter/)"
    r"[^/\s?#\"'<>]+"
)


def mask_tokens(text: str) -> str:
    """Replace the token in the path of every private link with "[masked]"."""
    return _SECRET_PATHS.sub(r"\1[masked]", text)


class MaskingFormatter(logging.Formatter):
    """Formats a record, its traceback included, with masked tokens."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_tokens(super().format(record))


class WithoutTraceback(logging.Filter):
    """Lets every record pass; requests that Django refuses, which anyone can send, in one line.

    These have a wrong host, or too many fields or bytes.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
        return True


class WorthLogging(logging.Filter):
    """Lets records of refused requests pass, unless the page or its method does not exist."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) not in _UNINTERESTING
