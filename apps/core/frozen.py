"""Static copies of the site, made by `apps/ops/freezing`: whether one is being made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_scope: ContextVar[str | None] = ContextVar("frozen_scope", default=None)


@contextmanager
def freezing(*, edition: str = "") -> Iterator[None]:
    """Render pages for a copy of the whole site, or of the edition at this address alone.

    In a copy all editions are past, so that its pages do not depend on the day it is made, and
    nothing can be sent.
    """
    token = _scope.set(edition)
    try:
        yield
    finally:
        _scope.reset(token)


def is_freezing() -> bool:
    """Whether the page is rendered for a copy."""
    return _scope.get() is not None


def is_frozen_alone() -> bool:
    """Whether the copy has one edition only, without links to others."""
    return bool(_scope.get())
