"""Runs typst in a process of its own: what it keeps between documents would grow to a gigabyte.

It reads a job as JSON from its input and writes the document to its output.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from contextlib import suppress
from typing import Any

_SECONDS = 60  # of the processors
_SECONDS_TO_WAIT = 90
_MEMORY = 3 * 1024**3  # addresses, of which a book of 170 abstracts uses a tenth
_REFUSED = 3  # exit status: the reason is on the error output


class TypesettingError(Exception):
    """The document could not be made; the message is for the log."""


def compile_document(template: str, **options: Any) -> bytes:
    """The document that typst makes of a template, with the `options` of `typst.compile`.

    Of pictures the first page. Raises TypesettingError.
    """
    job = json.dumps({"input": template, **options}).encode()
    try:
        # This file by this interpreter, without a shell; the data goes in by a pipe.
        run = subprocess.run(  # noqa: S603  # nosec
            [sys.executable, "-I", __file__],
            input=job,
            capture_output=True,
            timeout=_SECONDS_TO_WAIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TypesettingError("The document takes too long to make.") from None
    if run.returncode:
        reason = run.stderr.decode(errors="replace")[-2000:]
        raise TypesettingError(f"Exit status {run.returncode}: {reason}")
    return run.stdout


def _main() -> None:
    with suppress(ValueError, OSError):  # not every system knows every limit
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    import typst

    try:
        made = typst.compile(**json.load(sys.stdin.buffer))
    except typst.TypstError as error:
        sys.stderr.write(f"{error} {error.hints}")
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(made if isinstance(made, bytes) else made[0])


if __name__ == "__main__":
    _main()
