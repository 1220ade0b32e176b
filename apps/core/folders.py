"""Folders and files that are written as a whole: beside their place first, so that they are old or new."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_PART, _OLD = ".part-", "-old"


@contextmanager
def written_aside(folder: Path) -> Iterator[Path]:
    """Give an empty folder, which takes the place of `folder` at the end.

    After an error, such as a full disk, the old one is as it was. A killed process leaves a folder
    whose name ends in `.part-…`; if it had moved the old one away already, the next call brings it
    back.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    bring_back(folder)
    part = Path(tempfile.mkdtemp(prefix=f"{folder.name}{_PART}", dir=folder.parent))
    try:
        part.chmod(0o755)
        yield part
        if folder.exists():
            _replace(folder, part)
        else:
            part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def file_written_aside(path: Path) -> Iterator[IO[bytes]]:
    """Give an empty file, which takes the place of `path` at the end, unless there is an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f"{path.name}{_PART}"
    with tempfile.NamedTemporaryFile(prefix=prefix, dir=path.parent, delete=False) as file:
        part = Path(file.name)
        try:
            yield file
            file.flush()
            part.chmod(0o644)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _replace(folder: Path, new: Path) -> None:
    old = new.with_name(f"{new.name}{_OLD}")
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def parts_of(folder: Path) -> list[Path]:
    """What is being written beside `folder`, and what killed processes left there."""
    if not folder.parent.exists():
        return []
    paths = folder.parent.iterdir()
    return sorted(path for path in paths if path.name.startswith(f"{folder.name}{_PART}"))


def bring_back(folder: Path) -> None:
    """Undo a replacement that was killed between its renames; remove what one left after them."""
    for old in parts_of(folder):
        if old.name.endswith(_OLD):
            if folder.exists():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.rename(folder)
                shutil.rmtree(old.with_name(old.name.removesuffix(_OLD)), ignore_errors=True)
