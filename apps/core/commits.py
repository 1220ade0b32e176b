"""Whether anything was committed to SQLite's database since, by one look at memory that it shares.

Every process that has a database in write-ahead mode open has the index of the log mapped into
memory, and each commit changes the 48 bytes at its head before whoever committed is told of it
(sqlite.org/walformat.html, 2.1). Comparing them takes a fiftieth of the time of the smallest query.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path

_HEAD = 48
# Of the index, the only one there has been since 2010; where there is another, nothing is watched.
_FORMAT = 3007000
_IS_MADE = struct.Struct("=I8xB")  # the format, and whether the head has been written
# By the file's device and number, for as long as this process lives: to close a file that SQLite has
# open, too, would take SQLite's locks on it away (fcntl(2), F_SETLK).
_mapped: dict[tuple[int, int], mmap.mmap] = {}


class Commits:
    """Those to the database in the file `path`, which a connection of this process has open.

    That connection has to stay open while this is used: without any, SQLite removes the index, and
    what is looked at here never changes again.
    """

    def __init__(self, path: Path | str) -> None:
        self._index = _map(f"{path}-shm")

    def latest(self) -> bytes:
        """What differs after each commit; nothing where commits cannot be told this way.

        Two that are equal have no commit between them that anybody was told of by the second.
        """
        return self._index[:_HEAD] if self._index else b""


def _map(path: str) -> mmap.mmap | None:
    try:
        there = Path(path).stat()
    except OSError:  # another kind of journal, or a database in memory
        return None
    if there.st_size < _HEAD:
        return None
    number = there.st_dev, there.st_ino
    if number not in _mapped:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        _mapped[number] = mmap.mmap(file, _HEAD, prot=mmap.PROT_READ)
    index = _mapped[number]
    return index if _IS_MADE.unpack_from(index) == (_FORMAT, 1) else None
