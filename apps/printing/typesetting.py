"""Typesetting by typst: a template of ours and data as JSON become a PDF or a picture.

Nothing of the data is read as markup, no file outside `typst/` is read, and nothing is fetched.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst

from apps.printing.characters import FONTS, drawn_text

_TEMPLATES = Path(__file__).parent / "typst"
# Tagged PDF that screen readers can read (ISO 14289-1).
_STANDARDS: list[typst.PDFStandard] = ["ua-1"]
_PREVIEW_PPI = 72


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """The PDF/UA that `typst/<template>.typ` makes of `data`."""
    pdf = typst.compile(
        _TEMPLATES / f"{template}.typ", pdf_standards=_STANDARDS, **_arguments(data)
    )
    assert isinstance(pdf, bytes)  # noqa: S101  (it writes no file)  # nosec
    return pdf


def typeset_picture(template: str, data: dict[str, Any]) -> bytes:
    """The first page as PNG."""
    pages = typst.compile(
        _TEMPLATES / f"{template}.typ", format="png", ppi=_PREVIEW_PPI, **_arguments(data)
    )
    return pages if isinstance(pages, bytes) else pages[0]


def _arguments(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "root": _TEMPLATES,
        "font_paths": [FONTS],
        "ignore_system_fonts": True,
        "sys_inputs": {"data": json.dumps(_clean(data), ensure_ascii=False)},
    }


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return drawn_text(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
