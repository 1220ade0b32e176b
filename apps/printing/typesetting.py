"""Typesetting by typst: a template of ours and data as JSON become a PDF or a picture.

Nothing of the data is read as markup, no file outside `typst/` is read, and nothing is fetched.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from apps.printing.characters import FONTS, drawn_text
from apps.printing.compiler import TypesettingError, compile_document

_log = logging.getLogger(__name__)
_TEMPLATES = Path(__file__).parent / "typst"
# Tagged PDF that screen readers can read (ISO 14289-1).
_STANDARDS = ["ua-1"]
_PREVIEW_PPI = 72


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """The PDF that `typst/<template>.typ` makes of `data`.

    It is PDF/UA, unless a text cannot be written so: the log then says why.
    """
    try:
        return _compile(template, data, pdf_standards=_STANDARDS)
    except TypesettingError as reason:
        _log.warning("“%s” is not PDF/UA: %s", template, reason)
        return _compile(template, data)


def typeset_picture(template: str, data: dict[str, Any]) -> bytes:
    """The first page as PNG."""
    return _compile(template, data, format="png", ppi=_PREVIEW_PPI)


def _compile(template: str, data: dict[str, Any], **options: Any) -> bytes:
    return compile_document(
        str(_TEMPLATES / f"{template}.typ"),
        root=str(_TEMPLATES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_clean(data), ensure_ascii=False)},
        **options,
    )


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return drawn_text(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
