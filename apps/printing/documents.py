"""The kinds of documents that an edition can print, and the PDF or a picture of each.

A kind collects its data as JSON; a template in `typst/` of the same name draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.printing.typesetting import typeset, typeset_picture

PROGRAMME_PERMISSION = "programme.change_contribution"
_Collect = Callable[[Edition, str], dict[str, Any]]


@dataclass(frozen=True)
class Layout:
    """A choice of paper for a kind, such as a sheet of labels."""

    name: str
    title: str


@dataclass(frozen=True)
class Kind:
    """A kind of document."""

    name: str  # of its address, its file and its template
    title: str
    description: str  # for organisers: a sentence about paper and content
    # The data of an edition for the name of a layout, "" for the first; raises NotAllowed, with a
    # sentence for organisers, while there is nothing to print.
    collect: _Collect
    # The keys of the lists in the data that a preview shows the beginning of. While the first is
    # empty there is nothing to print.
    rows: tuple[str, ...]
    previewed_rows: int = 12
    layouts: tuple[Layout, ...] = ()
    permission: str = PROGRAMME_PERMISSION
    template: str = ""  # where several kinds share one

    def layout_named(self, name: str) -> str:
        """The `name` if it is one of its layouts, else that of the first one, or ""."""
        names = [layout.name for layout in self.layouts]
        return name if name in names else next(iter(names), "")

    def file_name(self, edition: Edition) -> str:
        """The name of the file, such as "2027-book.pdf"."""
        return f"{edition.slug}-{self.name}.pdf"


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Add a kind to the desk's page and the command."""
    _kinds[kind.name] = kind


def all_kinds() -> Iterator[Kind]:
    """All kinds in the order of their registration."""
    yield from _kinds.values()


def find_kind(name: str) -> Kind | None:
    return _kinds.get(name)


def make_pdf(kind: Kind, edition: Edition, *, layout: str = "") -> bytes:
    """The document as PDF. Raises NotAllowed while there is nothing to print."""
    return typeset(kind.template or kind.name, _collect(kind, edition, layout))


def make_preview(kind: Kind, edition: Edition, *, layout: str = "") -> bytes:
    """The first page as PNG. Raises NotAllowed while there is nothing to print."""
    data = _collect(kind, edition, layout)
    shown = {name: data[name][: kind.previewed_rows] for name in kind.rows}
    return typeset_picture(kind.template or kind.name, data | shown)


def _collect(kind: Kind, edition: Edition, layout: str) -> dict[str, Any]:
    with translation.override(edition.language_code):
        data = kind.collect(edition, kind.layout_named(layout))
    if not data[kind.rows[0]]:
        raise NotAllowed("There is nothing to print yet.")
    return data
