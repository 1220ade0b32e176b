"""Paper: pieces of one size on A4 sheets, to cut or to peel off."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from apps.printing.documents import Layout


@dataclass(frozen=True)
class Sheet(Layout):
    """An A4 sheet of equal pieces; sizes in millimetres.

    Without `left` and `top` the pieces are in the middle of the sheet.
    """

    columns: int
    rows: int
    width: float
    height: float
    left: float | None = None
    top: float | None = None
    gap_x: float = 0
    gap_y: float = 0
    marks: bool = True  # for cutting

    def as_data(self) -> dict[str, Any]:
        """The same for `sheets.typ`."""
        return {key.replace("_", "-"): value for key, value in asdict(self).items()}


CARDS = (
    Sheet("a6", "A6, four on a sheet of A4, to cut", 2, 2, 105, 148.5),
    Sheet("a5", "A5, two on a sheet of A4, to cut", 1, 2, 210, 148.5),
    Sheet("a4", "A4, one on a sheet", 1, 1, 210, 297, marks=False),
)


def sheet_named(sheets: tuple[Sheet, ...], name: str) -> dict[str, Any]:
    """The data of the sheet of this name, or of the first one."""
    return next((sheet for sheet in sheets if sheet.name == name), sheets[0]).as_data()
