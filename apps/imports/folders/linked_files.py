"""Pictures and downloads of a content folder: those that its texts name, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from apps.core.markdown import markdown_columns, references
from apps.core.markdown_files import DOWNLOADS, PICTURES
from apps.editions.models import validate_download_name, validate_picture_name
from apps.editions.texts import problems_of_files
from apps.imports.folders.entries import Entry
from apps.imports.folders.files import ContentFiles
from apps.imports.folders.schema import DownloadEntry, PictureEntry
from apps.imports.folders.yaml_text import Fault, Place


class MarkdownText(NamedTuple):
    """A Markdown text of a folder: a field of an entry."""

    entry: Entry
    field: str
    text: str

    def place(self, line: int) -> Place:
        """The place of a line of the text, from 1."""
        return self.entry.place.in_text(self.field, line)


def markdown_texts(entries: Iterable[Entry]) -> Iterator[MarkdownText]:
    """Yield the Markdown texts of all entries."""
    for entry in entries:
        for column in markdown_columns(entry.model) if entry.model else ():
            name = entry.field_name(column)
            if text := entry.values.get(name):
                yield MarkdownText(entry, name, text)


class LinkedFileReader:
    """Makes entries of the files in pictures/ and files/, and checks the texts that name them."""

    def __init__(self, files: ContentFiles, entries: Sequence[Entry]) -> None:
        self.files = files
        self.texts = list(markdown_texts(entries))
        self.described: dict[str, Any] = {
            entry["name"]: entry for entry in entries if isinstance(entry, PictureEntry)
        }
        self.entries: list[Entry] = []
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []

    def read(self, pictures: list[str], downloads: list[str]) -> None:
        """Read the files of these names."""
        words = self._words_of_pictures()
        for name in pictures:
            path = f"{PICTURES}/{name}"
            if self._has_good_name(path, name, validate_picture_name):
                self._read_picture(name, path, words.get(path))
        for name in downloads:
            if self._has_good_name(f"{DOWNLOADS}/{name}", name, validate_download_name):
                place = Place(self.files.shown_name(f"{DOWNLOADS}/{name}"), 0)
                self.entries.append(DownloadEntry(place, {"name": name}))
        self._check_texts(pictures, downloads)

    def _words_of_pictures(self) -> dict[str, tuple[str, Place]]:
        """By the paths of pictures: the first words of a text about it, and where it is shown first."""
        words: dict[str, tuple[str, Place]] = {}
        for text in self.texts:
            for reference in references(text.text):
                if reference.is_picture and reference.path:
                    place = text.place(reference.line)
                    earlier, first_place = words.get(reference.path, ("", place))
                    words[reference.path] = (earlier or reference.words, first_place)
        return words

    def _has_good_name(self, path: str, name: str, validate: Any) -> bool:
        try:
            validate(name)
        except ValidationError as error:
            self.faults.append(self.files.fault(path, " ".join(error.messages)))
            return False
        return True

    def _read_picture(self, name: str, path: str, use: tuple[str, Place] | None) -> None:
        entry = self.described.get(name)
        words, place = use or ("", Place(self.files.shown_name(path), 0))
        if entry is None and use is None:
            message = (
                "no text shows this picture, so it is not imported. To show it, write "
                f"![description]({path}) in a text"
            )
            self.notes.append(place.fault(message))
            return
        if entry is None:
            values = {name: PictureEntry.default(name) for name in PictureEntry.fields()}
            entry = PictureEntry(place, values | {"name": name})
            self.entries.append(entry)
        if entry["alt"] or entry["is_decorative"]:
            return
        entry.values["alt"] = words
        if not words:
            message = (
                f"describe the picture for people who cannot see it: ![description]({path}). If it is "
                "decoration only, write “is_decorative: yes” for it in pictures.yaml"
            )
            self.faults.append((entry.place if use is None else place).fault(message))
            if entry in self.entries:
                self.entries.remove(entry)

    def _check_texts(self, pictures: list[str], downloads: list[str]) -> None:
        alts = {entry["name"]: entry["alt"] for entry in self.described.values()}
        alts |= {entry["name"]: entry["alt"] for entry in self.entries if "alt" in entry.values}
        known = {f"{PICTURES}/{name}": alts.get(name, "") for name in [*alts, *pictures]}
        known |= {f"{DOWNLOADS}/{name}": "" for name in downloads}
        for text in self.texts:
            for problem in problems_of_files(text.text, known):
                fault = text.place(problem.line).fault(problem.message)
                is_fault = problem.is_severe and not self.files.is_export
                (self.faults if is_fault else self.notes).append(fault)
