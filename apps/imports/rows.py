"""Rows as a folder wants them beside rows as the database has them."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.files.base import ContentFile, File
from django.db import models

from apps.imports.folders import Described
from apps.imports.folders.programme import LINKS
from apps.imports.folders.values import clipped

# How the folder calls a field, where the database's word is another.
FOLDER_WORDS = {
    "photo_focus": "focus",
    "published_at": "date",
    "slides": "slides_file",
    **{f"{name}_url": name for name in LINKS},
}
_STEP = 10


@dataclass
class Picture:
    """A file of the folder for the `field` of a row, which keeps its digest beside it.

    The file is read when it is needed and not kept: a folder may hold gigabytes of them.
    """

    field: str
    name: str
    read: Callable[[], bytes]
    clean: Callable[[File], ContentFile]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file as it was given, as the row's `…_digest` keeps it."""
        return hashlib.sha256(self.read()).hexdigest()

    def is_new_to(self, row: Any) -> bool:
        """Whether the folder's file is not the one that `row` was given."""
        return not getattr(row, self.field) or getattr(row, f"{self.field}_digest") != self.digest

    def note_on(self, row: Any) -> None:
        """Has `row` know which file it was given."""
        setattr(row, f"{self.field}_digest", self.digest)


class Slides(Picture):
    """Slides, of which the row keeps no digest: the stored file itself is looked at."""

    def is_new_to(self, row: Any) -> bool:
        """Whether the folder's file is not the one that is stored."""
        stored = row.slides
        if not stored:
            return True
        try:
            with stored.storage.open(stored.name, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() != self.digest
        except FileNotFoundError:
            return True

    def note_on(self, row: Any) -> None:
        """There is nothing to note."""


@dataclass
class Wanted:
    """A row as the folder describes it, with the files to be taken over."""

    source: Described
    values: dict[str, Any]
    pictures: tuple[Picture, ...] = ()

    def changes(self, row: Any) -> dict[str, Any]:
        """The fields in which `row` says something else, with what they should say."""
        return {name: value for name, value in self.values.items() if current(row, name) != value}

    def new_pictures(self, row: Any) -> list[Picture]:
        """Those of the folder's files that `row` was not given yet."""
        return [picture for picture in self.pictures if picture.is_new_to(row)]


@dataclass
class Noun:
    """Rows of one kind: those the folder wants and those the database has, by their key.

    Both stand in the order of their side. `label` names one of them for a person, with
    {} for its key. `key` is the field that tells them apart, empty if there is one at most.
    """

    what: str
    label: str
    model: type[models.Model]
    key: str
    wanted: dict[str, Wanted]
    rows: dict[str, Any]
    is_ordered: bool = True
    # What every row of it belongs to, known once that has been saved.
    scope: dict[str, Any] = field(default_factory=dict)

    @property
    def common(self) -> list[str]:
        """Keys that both sides have, in the folder's order."""
        return [key for key in self.wanted if key in self.rows]

    @property
    def only_in_database(self) -> list[str]:
        """Labels of the rows that the folder does not know."""
        return [self.label.format(key) for key in self.rows if key not in self.wanted]

    @property
    def is_rearranged(self) -> bool:
        """Whether the database has the common rows in another order than the folder."""
        in_database = [key for key in self.rows if key in self.wanted]
        return self.is_ordered and in_database != self.common

    def places(self) -> dict[str, int]:
        """The `ordering` of each row that must get one, so that the folder's order holds.

        A new row goes half-way between its neighbours; rows of equal place stand in the
        order they were made, so sharing the place of the one before is good enough. Only
        if there is no room, or the database's order has to give way, are all numbered anew.
        Rows that only the database has keep their number, and so about their place.
        """
        if not self.is_ordered:
            return {}
        keys = list(self.wanted)
        after_all = (
            0 if self.common else max((row.ordering for row in self.rows.values()), default=0)
        )
        numbered = {key: after_all + number * _STEP for number, key in enumerate(keys, 1)}
        if self.is_rearranged or not self.common:
            return numbered
        places: dict[str, int] = {}
        before = 0
        for position, key in enumerate(keys):
            if key in self.rows:
                before = self.rows[key].ordering
                continue
            after = next((self.rows[k].ordering for k in keys[position:] if k in self.rows), None)
            place = before + _STEP if after is None else (before + after) // 2
            # 0 means "at the end" to the model, and with the next one's place it would follow it.
            if place in {0, after}:
                return numbered
            places[key] = before = place
        return places


@dataclass(frozen=True)
class Difference:
    """One field that says one thing in the database and another in the folder."""

    what: str
    field: str
    in_database: str
    in_folder: str
    file: str
    line: int

    def __str__(self) -> str:
        old, new = _around_first_difference(self.in_database, self.in_folder)
        return f"{self.what}, {self.field}: {old} → {new} ({self.file}, line {self.line})"


class DifferencesFound(Exception):
    """The database differs from the folder, and nothing was told to replace it."""

    def __init__(self, differences: list[Difference]) -> None:
        self.differences = differences
        super().__init__("\n".join(str(difference) for difference in differences))


def differences(noun: Noun) -> Iterator[Difference]:
    """Where rows that both sides have say different things, in the folder's order."""
    for key in noun.common:
        row, wanted = noun.rows[key], noun.wanted[key]
        what = noun.label.format(key)
        for name, value in wanted.changes(row).items():
            yield _difference(wanted, what, name, current(row, name), value)
        for picture in wanted.new_pictures(row):
            old = f"another {picture.field}" if getattr(row, picture.field) else ""
            yield _difference(wanted, what, picture.field, old, picture.name)
    if noun.is_rearranged:
        in_database = ", ".join(key for key in noun.rows if key in noun.wanted)
        what = noun.label.format("").strip().removeprefix("in ")
        first = noun.wanted[noun.common[0]]
        yield _difference(first, what, "order", in_database, ", ".join(noun.common))


def current(row: Any, name: str) -> Any:
    """What a row says now, the way a folder would say it."""
    value = getattr(row, name)
    if isinstance(value, models.Model):
        # A section's group by its slug, a session's room by its name.
        return getattr(value, "slug", "") or str(value)
    # Browsers send \r\n and forms strip: a text saved unchanged in the admin is the same text.
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _difference(wanted: Wanted, what: str, name: str, old: Any, new: Any) -> Difference:
    word = FOLDER_WORDS.get(name, name)
    place = wanted.source.fault("", word)
    return Difference(what, word, _shown(old), _shown(new), place.file, place.line)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _around_first_difference(old: str, new: str) -> tuple[str, str]:
    """Both texts short enough for a line, and cut so that the line shows where they part."""
    pairs = enumerate(zip(old, new, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = max(0, same - 20) if max(len(old), len(new)) > 60 else 0
    return _quoted(old, start), _quoted(new, start)


def _quoted(text: str, start: int) -> str:
    if not text:
        return "nothing"
    return f"“{'…' if start else ''}{clipped(text[start:])}”"
