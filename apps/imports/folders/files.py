"""The files of a content folder; nothing outside of it is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import takewhile
from pathlib import Path

from yaml.nodes import Node

from apps.imports.folders.yaml_text import Fault, FolderError, read_yaml, unprintable_line

# The first line of edition.yaml in folders that an export wrote.
EXPORT_MARK = "# Written by manage.py export_edition. The next export replaces this folder.\n"
MAX_TEXT_BYTES = 1024 * 1024
# The folders of files that entries name, with the most bytes of each file.
BESIDE = {
    "photos": 20 * 1024**2,
    "logos": 20 * 1024**2,
    "slides": 50 * 1024**2,
    "attachments": 50 * 1024**2,
    "pictures": 20 * 1024**2,
    "files": 50 * 1024**2,
}


class ContentFiles:
    """The files below a folder, by names with slashes. Every fault raises FolderError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fault(self, name: str, message: str, line: int = 0) -> Fault:
        """Return a fault of a file."""
        return Fault(self.shown_name(name), line, message)

    def shown_name(self, name: str) -> str:
        """Return the name of a file for messages, with its folder, such as 2024/people.yaml."""
        return f"{self.folder.resolve().name}/{name}"

    def has(self, name: str) -> bool:
        """Whether the file is there, also as a link that leads nowhere."""
        return (self.folder / name).exists() or (self.folder / name).is_symlink()

    @cached_property
    def is_export(self) -> bool:
        """Whether an export wrote the folder, so that its texts are those of the desk."""
        try:
            return self.text("edition.yaml").startswith(EXPORT_MARK)
        except FolderError:
            return False

    def names(self, name: str = "") -> list[str]:
        """Return the sorted names in the folder, or in its folder `name`; none if it is missing."""
        with self._faults_of(name):
            path = self._inside(name)
            if not path.exists():
                return []
            if not path.is_dir():
                raise FolderError(self.fault(name, "this must be a folder"))
            return sorted(entry.name for entry in path.iterdir())

    def path(self, name: str) -> Path:
        """Return the path of a plain file that is not too large."""
        max_bytes = BESIDE.get(name.split("/")[0], MAX_TEXT_BYTES)
        with self._faults_of(name):
            path = self._inside(name)
            problem = ""
            if not path.exists():
                problem = "this file is missing. Add it"
            elif not path.is_file():
                problem = "this must be a file"
            elif path.stat().st_size > max_bytes:
                problem = f"this file is larger than {max_bytes // 1024**2} MB. Make it smaller"
            if problem:
                raise FolderError(self.fault(name, problem))
            return path

    def contents(self, name: str) -> bytes:
        with self._faults_of(name):
            return self.path(name).read_bytes()

    def text(self, name: str) -> str:
        r"""Return the text of a UTF-8 file, with \n as line ends."""
        raw = self.contents(name)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            problem = "this is not UTF-8. Save the file in that encoding"
            raise FolderError(self.fault(name, problem, line)) from None
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if line := unprintable_line(text):
            raise FolderError(
                self.fault(name, "there is an unprintable character. Remove it", line)
            )
        return text

    def yaml(self, name: str) -> Node | None:
        """Return the node of a YAML file; None if it is empty."""
        return read_yaml(self.text(name), self.shown_name(name))

    def markdown(self, name: str) -> tuple[Node | None, str, int]:
        """Return the front matter, between two lines of ---, the text below it, and its line."""
        lines = self.text(name).split("\n")
        if lines[0].rstrip() != "---":
            problem = "the first line must be ---. Write the fields below it"
            raise FolderError(self.fault(name, problem, 1))
        end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
        if not end:
            problem = "the second line --- is missing. Write it after the fields"
            raise FolderError(self.fault(name, problem, 1))
        # An empty line instead of the first ---, so that line numbers are those of the file.
        node = read_yaml("\n".join(["", *lines[1:end]]), self.shown_name(name))
        empty = takewhile(lambda line: not line.strip(), lines[end + 1 :])
        first_line = end + 2 + sum(1 for _ in empty)
        return node, "\n".join(lines[end + 1 :]).strip(), first_line

    def _inside(self, name: str) -> Path:
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            problem = "this link leads out of the folder. Copy the files themselves to this place"
            raise FolderError(self.fault(name, problem))
        return path

    @contextmanager
    def _faults_of(self, name: str) -> Iterator[None]:
        """Turn errors of the operating system into faults of the file."""
        try:
            yield
        except OSError as error:
            problem = f"this cannot be read ({error.strerror}). Check its permissions"
            raise FolderError(self.fault(name, problem)) from None
