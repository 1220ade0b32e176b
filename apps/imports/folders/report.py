"""The report of an import, and sentences about what differs between database and folder."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from apps.imports.folders.entries import Entry, NaturalKey
from apps.imports.folders.values import clipped
from apps.imports.folders.yaml_text import Fault


@dataclass(frozen=True)
class Difference:
    """A column, or the order of rows, that is another one in the database than in the folder.

    `thing` is the row, such as “person “ada-example””, `text` the sentence about both values.
    """

    thing: str
    text: str

    def __str__(self) -> str:
        return self.text


class DifferencesFound(Exception):
    """The database differs from the folder in things that the import was not told to replace."""

    def __init__(self, differences: list[Difference]) -> None:
        self.differences = differences
        super().__init__("\n".join(map(str, differences)))


@dataclass
class ImportReport:
    """The result of an import.

    New rows by table, columns that were empty, replaced and kept ones, rows that the folder does not
    know, and what visitors do not see, as sentences.
    """

    edition: str
    notes: list[Fault] = field(default_factory=list)
    created: Counter[type[Entry]] = field(default_factory=Counter)
    replaced: list[Difference] = field(default_factory=list)
    filled: list[Difference] = field(default_factory=list)
    kept: list[Difference] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    only_in_database: list[str] = field(default_factory=list)
    is_edition_published: bool = False
    is_programme_published: bool = False

    def __str__(self) -> str:
        return self.edition

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing was written."""
        published = self.is_edition_published or self.is_programme_published
        return not (self.created or self.filled or self.replaced or published)

    def lines(self) -> Iterator[str]:
        """Describe the import, one sentence a line."""
        yield self.edition
        if self.kept and self.is_unchanged:
            yield "  Nothing was written."
        elif self.is_unchanged:
            yield "  The database has all of it already; nothing was written."
        if self.created:
            counts = [f"{count} {kind.rows_name(count)}" for kind, count in self.created.items()]
            yield f"  Added: {', '.join(counts)}."
        if self.is_edition_published:
            yield "  Published the edition."
        if self.is_programme_published:
            yield "  Published the programme."
        if self.filled:
            yield f"  Filled in: {len(self.filled)} (database → folder):"
            yield from (f"    {difference}" for difference in self.filled)
        if self.replaced:
            yield f"  Replaced: {len(self.replaced)} (database → folder):"
            yield from (f"    {difference}" for difference in self.replaced)
        if self.kept:
            yield f"  Kept as in the database: {len(self.kept)} (database → folder):"
            yield from (f"    {difference}" for difference in self.kept)
        if self.notes:
            yield "  Please check:"
            yield from (f"    {note}" for note in self.notes)
        if self.only_in_database:
            yield "  Only in the database, left alone:"
            yield from (f"    {row}" for row in self.only_in_database)
        if self.hidden:
            yield "  Visitors do not see:"
            yield from (f"    {sentence}" for sentence in self.hidden)


def difference(key: NaturalKey, entry: Entry, column: str, old: Any, new: Any) -> Difference:
    """A column with one value in the database and another in the folder."""
    thing, name = entry.label(key), entry.field_name(column)
    before, after = _excerpts(_as_text(old), _as_text(new))
    place = entry.place.at(name)
    text = f"{thing}, {name}: {before} → {after} ({place.file}, line {place.line})"
    return Difference(thing, text)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _excerpts(old: str, new: str) -> tuple[str, str]:
    """Both texts, cut so that a line shows where they first differ."""
    pairs = enumerate(zip(old, new, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = max(0, same - 20) if max(len(old), len(new)) > 60 else 0
    return _quoted(old, start), _quoted(new, start)


def _quoted(text: str, start: int) -> str:
    return f"“{'…' if start else ''}{clipped(text[start:])}”" if text else "nothing"
