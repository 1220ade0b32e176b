"""Preview image for shared links: the band of the home page, 1200 by 630 pixels."""

import io
import math
from functools import lru_cache

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

_SIZE = (1200, 630)
_MARGIN = 80
_FONT = settings.BASE_DIR / "static" / "fonts" / "hanken-grotesk-latin-wght-normal.woff2"


def _rgb(lightness: float, chroma: float, hue: int) -> tuple[int, int, int]:
    """Convert an OKLCH colour (Björn Ottosson's OKLab), as used in the stylesheet, to sRGB."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    red, green, blue = (
        round(
            255
            * max(0.0, min(1.0, 12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055))
        )
        for c in linear
    )
    return red, green, blue


def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(_FONT, size)
    font.set_variation_by_axes([weight])
    return font


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _balanced(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break into as few lines as possible, of similar length."""
    lines = _lines(text, font, width)
    for narrower in range(width, 0, -10):
        tried = _lines(text, font, narrower)
        if len(tried) > len(lines) or any(font.getlength(line) > narrower for line in tried):
            break
        lines = tried
    return lines


@lru_cache(maxsize=32)
def draw_card(*, title: str, name: str, year: int, hue: int) -> bytes:
    """Draw the card as PNG. A long title is set smaller, then cut."""
    card = Image.new("RGB", _SIZE, _rgb(0.44, 0.075, hue))
    draw = ImageDraw.Draw(card)
    paper, soft = _rgb(0.985, 0.004, hue), _rgb(0.9, 0.03, hue)
    width = _SIZE[0] - 2 * _MARGIN
    for size in (88, 76, 62, 50):
        font = _font(size, 650)
        lines = _balanced(title, font, width)
        room = int((_SIZE[1] - 2 * _MARGIN - 170) / (size * 1.08))
        if len(lines) <= room and all(font.getlength(line) <= width for line in lines):
            break
    top = _MARGIN + 110
    draw.text((_MARGIN, _MARGIN - 20), str(year), font=_font(92, 300), fill=soft)
    for number, line in enumerate(lines[:room]):
        draw.text((_MARGIN, top + number * size * 1.08), line, font=font, fill=paper)
    if name != title:
        draw.text((_MARGIN, _SIZE[1] - _MARGIN), name, font=_font(34, 500), fill=soft, anchor="ls")
    file = io.BytesIO()
    card.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()
