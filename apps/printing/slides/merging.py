"""Merging of PDFs, in a process of its own with little memory and time.

Run as a program, this module reads a job as JSON from its input, and writes the merged PDF to its output
and what became of each file as JSON to its error output. Files may be broken or hostile. Each page is
drawn onto a new one as a form XObject (ISO 32000-1, 8.10), so annotations, scripts, actions, forms and
embedded files stay behind.
"""

import base64
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from typing import IO, NamedTuple

PAGE = (960, 540)  # points, 16:9
MOST_PAGES = 60  # of one talk
MOST_BYTES = 400 * 1024**2  # of all files of a round
_SECONDS = 60  # of a processor
_SECONDS_TO_WAIT = 120
_MEMORY = 1536 * 1024**2
# Keys that name scripts, actions, other files or hidden data of programs.
_ACTIVE = (
    *("/AA", "/A", "/JS", "/OpenAction", "/AF", "/EF", "/EmbeddedFiles", "/Annots"),
    *("/Ref", "/OPI", "/PS", "/Alternates", "/PieceInfo", "/Metadata", "/StructParents"),
)


class Part(NamedTuple):
    """The part of one talk."""

    card: int  # page of the cards, from 0
    spare_card: int  # shown if the file cannot be merged
    path: str = ""  # of the PDF; "" without one


class MergeError(Exception):
    """The round cannot be merged; the message is a sentence for an organiser."""


def merge(cards: bytes, parts: Sequence[Part], output: IO[bytes]) -> list[str]:
    """Write cards and slides as one PDF into the open file `output`.

    Returns for each part "" or the reason why its file is not in it. Raises MergeError.
    """
    job = {"cards": base64.b64encode(cards).decode(), "parts": [part._asdict() for part in parts]}
    too_long = MergeError("The slides take too long to merge. Download them one by one.")
    try:
        # This file by this interpreter, without a shell; the job goes in by a pipe.
        run = subprocess.run(  # noqa: S603  # nosec
            [sys.executable, "-I", __file__],
            input=json.dumps(job).encode(),
            stdout=output,
            stderr=subprocess.PIPE,
            timeout=_SECONDS_TO_WAIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise too_long from None
    if run.returncode in {-24, -9}:  # SIGXCPU, SIGKILL
        raise too_long
    if run.returncode:
        raise MergeError("The slides cannot be merged. Download them one by one.")
    reasons: list[str] = json.loads(run.stderr.splitlines()[-1])
    return reasons


def _run() -> None:
    """Merge what the input says, under limits that a hostile file cannot pass."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MOST_BYTES, 2 * MOST_BYTES))
    import logging
    from contextlib import ExitStack
    from io import BytesIO

    import pikepdf

    logging.disable()
    job = json.load(sys.stdin)
    reasons = []
    with ExitStack() as opened:  # pages are copied while the result is written
        cards = opened.enter_context(pikepdf.open(BytesIO(base64.b64decode(job["cards"]))))
        result = opened.enter_context(pikepdf.new())
        left = MOST_BYTES
        for part in job["parts"]:
            pages, reason, left = _open(pikepdf, opened, part["path"], left)
            first = len(result.pages)
            _draw(pikepdf, result, cards.pages[part["card"]])
            try:
                for page in pages:
                    _draw(pikepdf, result, page)
            except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError):
                reason = "damaged"
            if reason:
                del result.pages[first:]
                _draw(pikepdf, result, cards.pages[part["spare_card"]])
            reasons.append(reason)
        _remove_active_content(pikepdf, result)
        # Not seekable as a pipe would be: the output is a file.
        result.save(sys.stdout.buffer, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    sys.stderr.write(json.dumps(reasons))


def _open(pikepdf, opened, path: str, left: int) -> tuple:
    """The pages of a file, or the reason why they are left out; and how many bytes may follow."""
    if not path:
        return [], "", left
    from pathlib import Path

    try:
        size = Path(path).stat().st_size
        if size > left:
            return [], "too large", left
        pdf = opened.enter_context(
            pikepdf.open(path, access_mode=pikepdf.AccessMode.stream, suppress_warnings=True)
        )
        pages = list(pdf.pages) if len(pdf.pages) <= MOST_PAGES else []
    except pikepdf.PasswordError:
        return [], "encrypted", left
    except OSError:
        return [], "missing", left
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError):
        return [], "damaged", left
    return pages, "" if pages else _reason_without_pages(len(pdf.pages)), left - size


def _reason_without_pages(number: int) -> str:
    return f"{number} pages" if number else "empty"


def _draw(pikepdf, result, page) -> None:
    """Draw a page on a new white one, as large as it fits; of a rotated one, as readers show it."""
    width, height = PAGE
    target = result.add_blank_page(page_size=PAGE)
    target.add_overlay(page, pikepdf.Rectangle(0, 0, width, height))


def _remove_active_content(pikepdf, result) -> None:
    """Remove what drawn pages may still name in their resources."""
    for row in result.objects:
        if isinstance(row, pikepdf.Dictionary | pikepdf.Stream):
            for key in _ACTIVE:
                if key in row:
                    del row[key]


if __name__ == "__main__":
    _run()
