"""What may stand in a log."""

import logging
import re

# What comes after these in an address opens a door: whoever reads the log must not hold the key.
_SECRET_PATHS = re.compile(
    r"(/invitations/|/password/reset/key/|/confirm-email/|/interest/link/|/interest/let-in/"
    r"|/speaker/link/)"
    r"[^/\s?#\"'<>]+"
)


def without_tokens(text: str) -> str:
    """`text` with the secret part of every private link's path replaced by "[masked]"."""
    return _SECRET_PATHS.sub(r"\1[masked]", text)


class MaskingFormatter(logging.Formatter):
    """Formats a record, its traceback included, without the tokens of private links."""

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))
