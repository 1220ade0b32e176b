"""Sign-ins in the log: by the number of the account and the network, without names or addresses."""

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.rate_limit import network_of

_logger = logging.getLogger(__name__)


def connect() -> None:
    """Log every sign-in, wrong password and sign-out from now on."""
    user_logged_in.connect(_log_sign_in, dispatch_uid="log_sign_in")
    user_login_failed.connect(_log_failure, dispatch_uid="log_failure")
    user_logged_out.connect(_log_sign_out, dispatch_uid="log_sign_out")


def _log_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    _logger.info("Account %s signed in from %s.", user.pk, network_of(request))


def _log_failure(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    network = network_of(request) if request else "the command line"
    _logger.warning("A sign-in from %s was refused.", network)


def _log_sign_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        _logger.info("Account %s signed out.", user.pk)
