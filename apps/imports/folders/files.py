"""Safe access to the files of a content folder: nothing outside it is read, and sizes are capped."""

from pathlib import Path

from apps.imports.folders.yaml_text import (
    Document,
    Fault,
    FolderError,
    read_yaml,
    unprintable_line,
)

MAX_TEXT_BYTES = 1024 * 1024


def names_in(folder: Path, name: str = "") -> list[str]:
    """Return the sorted names in `folder`, or in its folder `name`; none if that is missing.

    Raise FolderError if it is not a folder, cannot be read, or leads out of `folder`.
    """
    path = folder / name
    if not path.exists():
        return []
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _fault(folder, name, "this leads out of the folder; put the files themselves here")
    if not path.is_dir():
        raise _fault(folder, name, "this should be a folder")
    try:
        return sorted(entry.name for entry in path.iterdir())
    except OSError as error:
        raise _fault(folder, name, f"this cannot be read ({error.strerror})") from None


def checked_path(folder: Path, name: str, *, max_bytes: int) -> Path:
    """Return the path of the file `name` (with slashes).

    Raise FolderError if it is missing, no plain file, too large, or leads out of the folder.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise _fault(folder, name, "this leads out of the folder; put the file itself here")
    try:
        if not path.exists():
            raise _fault(folder, name, "this file is missing")
        if not path.is_file():
            raise _fault(folder, name, "this should be a file")
        if path.stat().st_size > max_bytes:
            raise _fault(folder, name, f"this file is over {max_bytes // 1024**2} MB")
    except OSError as error:
        raise _fault(folder, name, f"this cannot be read ({error.strerror})") from None
    return path


def file_bytes(folder: Path, name: str, *, max_bytes: int) -> bytes:
    """Return the contents of a file; raise FolderError like checked_path."""
    path = checked_path(folder, name, max_bytes=max_bytes)
    try:
        with path.open("rb") as file:
            return file.read(max_bytes)  # also of a file that grows meanwhile
    except OSError as error:
        raise _fault(folder, name, f"this cannot be read ({error.strerror})") from None


def file_text(folder: Path, name: str) -> str:
    r"""Return the text of a UTF-8 file with \n as line ends; raise FolderError naming the line."""
    raw = file_bytes(folder, name, max_bytes=MAX_TEXT_BYTES)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = "this is not UTF-8; save the file in that encoding"
        raise _fault(folder, name, problem, line) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if line := unprintable_line(text):
        raise _fault(folder, name, "there is an unprintable character", line)
    return text


def yaml_file(folder: Path, name: str) -> Document:
    """Parse a YAML file."""
    return read_yaml(file_text(folder, name), shown_name(folder, name))


def markdown_file(folder: Path, name: str) -> tuple[Document, str]:
    """Parse a Markdown file: the front matter between two lines of ---, and the text below it."""
    lines = file_text(folder, name).split("\n")
    if lines[0].rstrip() != "---":
        raise _fault(folder, name, "the first line should be ---, and facts should follow", 1)
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if not end:
        raise _fault(folder, name, "a second line of --- is missing, where the facts end", 1)
    # An empty line instead of the first ---, so that line numbers are those of the file.
    document = read_yaml("\n".join(["", *lines[1:end]]), shown_name(folder, name))
    return document, "\n".join(lines[end + 1 :]).strip()


def shown_name(folder: Path, name: str) -> str:
    """Return the name of a file for messages, such as 2024/people.yaml."""
    return f"{folder.resolve().name}/{name}"


def _fault(folder: Path, name: str, message: str, line: int = 0) -> FolderError:
    return FolderError(Fault(shown_name(folder, name), line, message))
