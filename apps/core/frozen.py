"""Static copies of the site, made by `apps/ops/freezing`: whether one is being made, and the
editions that visitors see as a copy."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

from django.conf import settings


class _Scope(NamedTuple):
    edition: str  # its address; "" for the whole site
    is_served_here: bool


_scope: ContextVar[_Scope | None] = ContextVar("frozen_scope", default=None)


@contextmanager
def freezing(*, edition: str = "", is_served_here: bool = False) -> Iterator[None]:
    """Render pages for a copy of the whole site, or of the edition at this address alone.

    In a copy all editions are past, so that its pages do not depend on the day it is made, and
    nothing can be sent. One that is served here lies beside the other editions, so it links to
    the home page of the site, which is always that of the current one.
    """
    token = _scope.set(_Scope(edition, is_served_here))
    try:
        yield
    finally:
        _scope.reset(token)


def is_freezing() -> bool:
    """Whether the page is rendered for a copy."""
    return _scope.get() is not None


def is_frozen_alone() -> bool:
    """Whether the copy has one edition only, without links to others."""
    scope = _scope.get()
    return scope is not None and bool(scope.edition)


def is_served_here() -> bool:
    """Whether the copy takes the place of an edition's pages on this site."""
    scope = _scope.get()
    return scope is not None and scope.is_served_here


def frozen_root() -> Path:
    """The folder of the copies that visitors see, one for each edition, named by its address."""
    return Path(settings.DATA_DIR) / "frozen"


def frozen_folder(slug: str) -> Path:
    return frozen_root() / slug


def is_frozen(slug: str) -> bool:
    """Whether visitors see the edition at this address as a copy."""
    return frozen_folder(slug).is_dir()


def frozen_slugs() -> list[str]:
    """Addresses of the frozen editions; folders of a copy that is being made have a dot."""
    folders = (path for path in frozen_root().glob("*") if "." not in path.name)
    return sorted(path.name for path in folders if path.is_dir())


def thaw(slug: str) -> bool:
    """Delete the copy of an edition, so that visitors see its pages from the database.

    Return whether there was one. All of it goes at once.
    """
    gone = None
    if is_frozen(slug):
        gone = Path(tempfile.mkdtemp(prefix=f"{slug}.thawed-", dir=frozen_root()))
        try:
            frozen_folder(slug).rename(gone)  # over the empty folder
        except FileNotFoundError:  # thawed meanwhile
            gone.rmdir()
            gone = None
    if gone is not None:
        shutil.rmtree(gone, ignore_errors=True)
    return gone is not None
