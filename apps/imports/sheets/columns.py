"""Which field of our form each column fills: guessed from headings, chosen once, then remembered."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.core.text import one_line
from apps.imports.models import SheetMemory
from apps.imports.sheets.reading import SheetRow, Table
from apps.imports.sheets.row_form import RowForm

IGNORED = ""
# Columns without which nothing can be imported; the formats can be chosen for all rows at once.
NEEDED = ("name", "email", "title")
_QUESTION = "question: "
_MAX_HEADING = 500  # characters that are looked at
_MAX_REMEMBERED = SheetMemory._meta.get_field("stands_for").max_length or 0
_PART_OF_A_NAME = re.compile(r"\b(first|last|given|middle|family|sur)[- ]?name", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
# The order matters: "Supervisor's name" is no name, and "Name of your university" neither.
_GUESSES = {
    IGNORED: r"id|start time|last modified time|total points|quiz feedback|points|feedback|score"
    r"|(points|feedback) [-–] .*|grade .*|status|reference|edition|state|column ?\d*",
    "submitted_at": r"completion time|timestamp|time ?stamp|submitted( at| on)?|date submitted",
    "email": r".*\be-?mail\b.*",
    "coauthors": r".*\b(co-?authors?|other authors|authors)\b.*",
    "supervisor": r".*\b(supervisors?|adviso?rs?)\b.*",
    "title": r"(?!.*\b(job|mr|ms|dr|prof)\b).*\btitle\b.*",
    "abstract": r".*\b(abstract|summary|description)\b.*",
    "topics": r".*\b(topics?|themes?|areas?|keywords?|tracks?)\b.*",
    "preference": r".*\b(prefer|preference|rather)\b.*",
    "formats": r".*\b(format|lightning|talk|poster|presentation|contribution)\b.*|asked for"
    r"|.*\b(would you like|want|wish|plan) to (show|present|give|contribute)\b.*",
    "career_stage": r".*\b(career|stage|position|level of study|degree|programme of study)\b.*",
    "university": r".*\b(university|institution|affiliation|organi[sz]ation|college)\b.*",
    "school": r".*\b(school|lab|laboratory|department|group|faculty)\b.*",
    "link": r".*\b(link|url|web ?site|web ?page|home ?page|github)\b.*",
    "name": r".*\b(sur)?name\b.*",
}
MemoryKey = tuple[str, ...]


@dataclass(frozen=True)
class ColumnTarget:
    """A field of our form that a column may fill; several columns may, if it `joins` them."""

    key: str
    label: str
    joins: str = ""


def targets_of(form: RowForm) -> dict[str, ColumnTarget]:
    """Return all fields of the edition's form by their names, and those that only a sheet has."""
    targets = [
        ColumnTarget("name", "Full name", joins=" "),
        ColumnTarget("email", "E-mail address"),
        ColumnTarget("university", "University"),
        ColumnTarget("formats", "Lightning talk or poster", joins=";"),
        ColumnTarget("preference", "Which of the two rather"),
        ColumnTarget("title", "Title"),
        ColumnTarget("abstract", "Abstract"),
        *[ColumnTarget("topics", "Topics", joins=";")] * bool(form.topics),
        ColumnTarget("coauthors", "Co-authors", joins="\n"),
        ColumnTarget("career_stage", "Career stage"),
        ColumnTarget("supervisor", "Supervisor"),
        ColumnTarget("school", "School or lab"),
        ColumnTarget("link", "Link"),
        ColumnTarget("submitted_at", "When it was sent"),
        *[
            ColumnTarget(name, f"Answer to “{question.label}”")
            for name, question in form.questions.items()
        ],
    ]
    return {target.key: target for target in targets}


def normalized(text: str) -> str:
    """Return `text` as it is compared: in one line, without differences of case and spaces."""
    return one_line(text).casefold()


def guess_columns(table: Table, form: RowForm) -> list[str]:
    """Return the key of a target for each column, remembered for its heading, or guessed by it."""
    targets = targets_of(form)
    remembered = recall(_heading_keys(table.headings))
    guesses: list[str] = []
    for column, (heading, stored) in enumerate(zip(table.headings, remembered, strict=True)):
        key = None if stored is None else _target_from_memory(stored, form)
        if key is None:
            key = _guess(heading, column, table.rows, form)
        is_free = key in targets and (key not in guesses or targets[key].joins)
        guesses.append(key if is_free else IGNORED)
    # First and last names are joined only if there is no column for the whole name.
    names = [column for column, key in enumerate(guesses) if key == "name"]
    whole = [column for column in names if not _PART_OF_A_NAME.search(table.headings[column])]
    for column in names:
        if whole and column != whole[0]:
            guesses[column] = IGNORED
    return guesses


def _guess(heading: str, column: int, rows: Sequence[SheetRow], form: RowForm) -> str:
    words = normalized(heading[:_MAX_HEADING])
    for name, question in form.questions.items():
        if normalized(question.label) == words:
            return name
    key = next((key for key, pattern in _GUESSES.items() if re.fullmatch(pattern, words)), IGNORED)
    # Microsoft Forms writes "anonymous" if it asked for no account.
    cells = [row.cells[column] for row in rows]
    if key == "email" and not any(_ADDRESS.fullmatch(cell) for cell in cells):
        return IGNORED
    if key == "name" and {cell.casefold() for cell in cells} <= {"", "anonymous"}:
        return IGNORED
    return key


# Memory


def recall(keys: Sequence[MemoryKey]) -> list[str | None]:
    """Return the last choice for each key; None where there was none."""
    hashes = [_hash(key) for key in keys]
    stored = dict(SheetMemory.objects.filter(key__in=set(hashes)).values_list("key", "stands_for"))
    return [stored.get(each) for each in hashes]


def remember(choices: Mapping[MemoryKey, str]) -> None:
    """Store the choice for each key, for the spreadsheets to come."""
    rows = [
        SheetMemory(key=_hash(key), stands_for=choice[:_MAX_REMEMBERED])
        for key, choice in choices.items()
    ]
    SheetMemory.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["key"], update_fields=["stands_for"]
    )


def remember_columns(headings: Sequence[str], columns: Iterable[str], form: RowForm) -> None:
    """Store the targets of the columns for the next sheet with one of these headings."""
    stored = [lasting_name(key, form) for key in columns]
    remember(dict(zip(_heading_keys(headings), stored, strict=True)))


def lasting_name(key: str, form: RowForm) -> str:
    """Return a target's name in all editions: questions go by their words, as their rows differ."""
    question = form.questions.get(key)
    return f"{_QUESTION}{normalized(question.label)}" if question else key


def _target_from_memory(stored: str, form: RowForm) -> str | None:
    """The target in this edition; None if its form has no such question."""
    if not stored.startswith(_QUESTION):
        return stored
    return next((name for name in form.questions if lasting_name(name, form) == stored), None)


def _heading_keys(headings: Sequence[str]) -> list[MemoryKey]:
    """Columns with the same heading are told apart by their order."""
    counts: Counter[str] = Counter()
    keys: list[MemoryKey] = []
    for heading in map(normalized, headings):
        counts[heading] += 1
        keys.append(("column", heading, str(counts[heading])))
    return keys


def _hash(key: MemoryKey) -> str:
    return hashlib.sha256("\n".join(key).encode()).hexdigest()
