"""Safe access to the files of a content folder: nothing outside it is read, and sizes are capped."""

from pathlib import Path

from apps.imports.folders.yaml_text import Document, Fault, FolderError, read_yaml, unprintable_line

MAX_TEXT_BYTES = 1024 * 1024


class ContentFiles:
    """The files below a folder, by names with slashes. Every fault raises FolderError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def shown_name(self, name: str) -> str:
        """Return the name of a file for messages, such as 2024/people.yaml."""
        return f"{self.folder.resolve().name}/{name}"

    def names(self, name: str = "") -> list[str]:
        """Return the sorted names in the folder, or in its folder `name`; none if it is missing."""
        path = self._inside(name, "this leads out of the folder; put the files themselves here")
        if not path.exists():
            return []
        if not path.is_dir():
            raise self._error(name, "this should be a folder")
        try:
            return sorted(entry.name for entry in path.iterdir())
        except OSError as error:
            raise self._error(name, f"this cannot be read ({error.strerror})") from None

    def path(self, name: str, *, max_bytes: int) -> Path:
        """Return the path of a plain file of at most `max_bytes`."""
        path = self._inside(name, "this leads out of the folder; put the file itself here")
        try:
            if not path.exists():
                raise self._error(name, "this file is missing")
            if not path.is_file():
                raise self._error(name, "this should be a file")
            if path.stat().st_size > max_bytes:
                raise self._error(name, f"this file is over {max_bytes // 1024**2} MB")
        except OSError as error:
            raise self._error(name, f"this cannot be read ({error.strerror})") from None
        return path

    def contents(self, name: str, *, max_bytes: int) -> bytes:
        try:
            with self.path(name, max_bytes=max_bytes).open("rb") as file:
                return file.read(max_bytes)  # also of a file that grows meanwhile
        except OSError as error:
            raise self._error(name, f"this cannot be read ({error.strerror})") from None

    def text(self, name: str) -> str:
        r"""Return the text of a UTF-8 file, with \n as line ends."""
        raw = self.contents(name, max_bytes=MAX_TEXT_BYTES)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            problem = "this is not UTF-8; save the file in that encoding"
            raise self._error(name, problem, line) from None
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if line := unprintable_line(text):
            raise self._error(name, "there is an unprintable character", line)
        return text

    def yaml(self, name: str) -> Document:
        return read_yaml(self.text(name), self.shown_name(name))

    def markdown(self, name: str) -> tuple[Document, str]:
        """Return the front matter, between two lines of ---, and the text below it."""
        lines = self.text(name).split("\n")
        if lines[0].rstrip() != "---":
            problem = "the first line should be ---, and facts should follow"
            raise self._error(name, problem, 1)
        end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
        if not end:
            raise self._error(name, "a second line of --- is missing, where the facts end", 1)
        # An empty line instead of the first ---, so that line numbers are those of the file.
        document = read_yaml("\n".join(["", *lines[1:end]]), self.shown_name(name))
        return document, "\n".join(lines[end + 1 :]).strip()

    def _inside(self, name: str, problem: str) -> Path:
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise self._error(name, problem)
        return path

    def _error(self, name: str, message: str, line: int = 0) -> FolderError:
        return FolderError(Fault(self.shown_name(name), line, message))
