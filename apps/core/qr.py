"""QR codes: as SVG in pages and as PNG in emails."""

from __future__ import annotations

from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe

_ERROR_CORRECTION = "m"  # 15 %: a scratched badge can still be read
_QUIET_ZONE = 4  # modules of white around it, as the standard asks
_PNG_SCALE = 8  # pixels per module


def qr_svg(text: str, *, title: str) -> SafeString:
    """A QR code of `text` for a page, black on white in both colour schemes; CSS sets its size."""
    svg = segno.make(text, error=_ERROR_CORRECTION, micro=False).svg_inline(
        border=_QUIET_ZONE, light="#fff", title=title, omitsize=True, svgclass="qr", lineclass=None
    )
    return mark_safe(svg.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308  # segno escapes title  # nosec


def qr_png(text: str) -> bytes:
    """The same as a picture."""
    picture = BytesIO()
    segno.make(text, error=_ERROR_CORRECTION, micro=False).save(
        picture, kind="png", scale=_PNG_SCALE, border=_QUIET_ZONE
    )
    return picture.getvalue()
