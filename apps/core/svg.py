"""SVG drawings as pixels: drawn once by a process of its own, and never served.

Run as a program, this module reads a drawing from its input and writes a PNG. The drawing may be
hostile, so that process has little memory and time, and the drawing is stripped of scripts and
refused if it refers to files.
"""

import re
import resource
import subprocess
import sys
from contextlib import suppress
from xml.etree import ElementTree  # nosec

CANVAS = (1280, 640)  # pixels; the drawing fits in, and the rest is transparent
MAX_SVG_BYTES = 2 * 1024 * 1024
_SECONDS = 5  # of a processor
_SECONDS_TO_WAIT = 20
_MEMORY = 768 * 1024**2
_REFUSED = 3  # exit status: the reason is on the error output

_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_EMBEDDED = re.compile(r"#|data:image/(?:png|jpe?g|gif|webp)[;,]", re.IGNORECASE)
_WITHOUT_EFFECT = {f"{_SVG}{name}" for name in ("script", "foreignObject", "metadata")}
_LENGTH = re.compile(r"\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*(px|pt|pc|mm|cm|in)?\s*", re.IGNORECASE)
_VIEW_BOX = re.compile(r"[+-]?\d*\.?\d+(?:e[+-]?\d+)?", re.IGNORECASE)
_PIXELS = {
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96.0,
}
_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE svg|!--|(?:\w+:)?svg\b)", re.IGNORECASE
)


class SvgError(Exception):
    """The drawing is refused; the message is a sentence for the person who chose it."""


def is_svg(start: bytes) -> bool:
    """Whether a file that begins with these bytes is meant as an SVG drawing."""
    return bool(_START.match(start))


def draw_svg(svg: bytes) -> bytes:
    """Draw on a transparent canvas of 1280 × 640 pixels; returns a PNG or raises SvgError."""
    if len(svg) > MAX_SVG_BYTES:
        raise SvgError(f"The drawing has more than {MAX_SVG_BYTES // 1024**2} MB.")
    too_long = SvgError("The drawing takes too long to draw. Simplify it.")
    try:
        # This file by this interpreter, without a shell; the drawing goes in by a pipe.
        run = subprocess.run(  # noqa: S603  # nosec
            [sys.executable, "-I", __file__],
            input=svg,
            capture_output=True,
            timeout=_SECONDS_TO_WAIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise too_long from None
    if run.returncode == _REFUSED:
        raise SvgError(run.stderr.decode())
    if run.returncode in {-24, -9}:  # SIGXCPU, SIGKILL
        raise too_long
    if run.returncode:
        raise SvgError("The drawing is damaged or too complex.")
    return run.stdout


def prepare(svg: bytes) -> str:
    """The drawing inside one of the size of the canvas, without scripts; raises SvgError."""
    try:
        # Called in the process with the limits: expat refuses entity bombs and loads no files.
        root = ElementTree.fromstring(svg)  # noqa: S314  # nosec
    except ElementTree.ParseError as error:
        raise SvgError(f"The drawing is damaged ({error}).") from None
    if root.tag != f"{_SVG}svg":
        raise SvgError("The file contains XML, but no SVG drawing.")
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in _WITHOUT_EFFECT]:
            parent.remove(child)
    for element in root.iter():
        _check(element)
    sides = [float(side) for side in _VIEW_BOX.findall(root.get("viewBox", ""))]
    if len(sides) != 4 or min(sides[2:]) <= 0:
        width, height = (_length(root.get(side, "")) for side in ("width", "height"))
        if not width or not height:
            raise SvgError(
                "The drawing does not say how large it is (viewBox or width and height)."
            )
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    for name in ("x", "y", "preserveAspectRatio"):
        root.attrib.pop(name, None)
    size = {"width": str(CANVAS[0]), "height": str(CANVAS[1])}
    root.attrib |= size
    canvas = ElementTree.Element(f"{_SVG}svg", size)
    canvas.append(root)
    return ElementTree.tostring(canvas, encoding="unicode")


def _check(element: ElementTree.Element) -> None:
    if element.tag == f"{_SVG}text" and "".join(element.itertext()).strip():
        raise SvgError(
            "The drawing contains text, and its font is missing here. Convert the text to outlines "
            "(“Object to path” in Inkscape, “Create outlines” in Illustrator)."
        )
    for name in _HREFS:
        target = element.get(name, "").strip()
        if target and element.tag == f"{_SVG}a":
            del element.attrib[name]
        elif target and not _EMBEDDED.match(target):
            raise SvgError(
                f"The drawing refers to another file, “{target[:60]}”. Embed it as PNG or JPEG."
            )


def _length(text: str) -> float:
    """Pixels of a length; 0 if there is none, or a percentage."""
    match = _LENGTH.fullmatch(text)
    return float(match[1]) * _PIXELS[(match[2] or "").lower()] if match else 0


def _main() -> None:
    with suppress(ValueError, OSError):  # not every system knows every limit
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    import resvg_py

    try:
        drawing = prepare(sys.stdin.buffer.read())
    except SvgError as error:
        sys.stderr.buffer.write(str(error).encode())
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(resvg_py.svg_to_bytes(svg_string=drawing, skip_system_fonts=True))


if __name__ == "__main__":
    _main()
