"""Folders that are written as a whole: beside their place first, so that they are old or new."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_aside(folder: Path) -> Iterator[Path]:
    """Give an empty folder, which takes the place of `folder` at the end.

    After an error, such as a full disk, the old one is as it was. A killed process leaves a folder
    whose name ends in `.part-…`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.part-", dir=folder.parent))
    try:
        part.chmod(0o755)
        yield part
        if folder.exists():
            _replace(folder, part)
        else:
            part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _replace(folder: Path, new: Path) -> None:
    old = new.with_name(f"{new.name}-old")
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
