"""Folders that are written as a whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from apps.core.folders import file_written_aside, written_aside

# Writes the folder again and is killed at its rename of that number.
_KILLED = """
import os, signal, sys
from pathlib import Path
from apps.core.folders import written_aside

folder, last = Path(sys.argv[1]), int(sys.argv[2])
renames, rename = [], Path.rename

def count(path, target):
    renames.append(path)
    if len(renames) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(path, target)

Path.rename = count
with written_aside(folder) as part:
    (part / "name").write_text("new")
    if last == 0:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("last", "is_in_place"), [(0, True), (1, True), (2, False)])
def test_a_killed_process_loses_nothing_of_the_old_folder(tmp_path, last, is_in_place):
    folder = tmp_path / "[copy]"  # a name is no pattern
    write(folder, "old")

    subprocess.run([sys.executable, "-c", _KILLED, str(folder), str(last)], check=False)

    assert folder.exists() is is_in_place
    with pytest.raises(OSError, match="full"), written_aside(folder):
        raise OSError("The disk is full.")
    assert (folder / "name").read_text() == "old"
    write(folder, "newer")
    assert (folder / "name").read_text() == "newer"
    assert not list(tmp_path.glob("*-old"))


def test_an_error_leaves_an_old_file_as_it_was(tmp_path):
    path = tmp_path / "site.warc"
    path.write_text("old")

    with pytest.raises(OSError, match="full"), file_written_aside(path):
        raise OSError("The disk is full.")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def write(folder: Path, text: str) -> None:
    with written_aside(folder) as part:
        (part / "name").write_text(text)
