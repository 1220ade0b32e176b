"""What a column of a spreadsheet stands for: guessed, said by a person once, remembered from then on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.imports.sheets.memory import Key, recall, remember, said_as
from apps.imports.sheets.reading import Row, Table
from apps.imports.sheets.row_form import RowForm

IGNORED = ""
# Without these nothing can be imported; what was asked for may also be said of all rows at once.
NEEDED = ("name", "email", "title")
_QUESTION = "question: "
_PART_OF_A_NAME = re.compile(r"\b(first|last|given|middle|family|sur)[- ]?name", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
# In this order: "Supervisor's name" is no name, and "Name of your university" neither.
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


@dataclass(frozen=True)
class Meaning:
    """What a column may stand for. One that `joins` may be several columns: first and last name."""

    key: str
    label: str
    joins: str = ""


def meanings_of(form: RowForm) -> dict[str, Meaning]:
    """All that the edition's form asks, by the names of its fields, and what it does not ask."""
    own = [
        Meaning("name", "Full name", joins=" "),
        Meaning("email", "E-mail address"),
        Meaning("university", "University"),
        Meaning("formats", "Lightning talk or poster", joins=";"),
        Meaning("preference", "Which of the two rather"),
        Meaning("title", "Title"),
        Meaning("abstract", "Abstract"),
        *[Meaning("topics", "Topics", joins=";")] * bool(form.topics),
        Meaning("coauthors", "Co-authors", joins="\n"),
        Meaning("career_stage", "Career stage"),
        Meaning("supervisor", "Supervisor"),
        Meaning("school", "School or lab"),
        Meaning("link", "Link"),
        Meaning("submitted_at", "When it was sent"),
        *[
            Meaning(name, f"Answer to “{question.words}”")
            for name, question in form.questions.items()
        ],
    ]
    return {meaning.key: meaning for meaning in own}


def letter(column: int) -> str:
    """How spreadsheet programs name the column of this number, counted from 0: A, B, … Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def guess_columns(table: Table, form: RowForm) -> list[str]:
    """A meaning for each column: as somebody said before of the same heading, or by its words.

    Nothing is guessed twice that may be one column only.
    """
    meanings = meanings_of(form)
    remembered = recall(_heading_keys(table.headings))
    guessed: list[str] = []
    for column, (heading, stored) in enumerate(zip(table.headings, remembered, strict=True)):
        known = None if stored is None else _from_memory(stored, form)
        key = _guess(heading, column, table.rows, form) if known is None else known
        is_free = key in meanings and (key not in guessed or meanings[key].joins)
        guessed.append(key if is_free else IGNORED)
    return _one_name(table.headings, guessed)


def remember_columns(headings: Sequence[str], columns: Iterable[str], form: RowForm) -> None:
    """Keeps what was said, for whoever brings in a sheet with one of these headings next."""
    stored = [
        f"{_QUESTION}{said_as(form.questions[key].words)}" if key in form.questions else key
        for key in columns
    ]
    remember(dict(zip(_heading_keys(headings), stored, strict=True)))


def stable_name(key: str, form: RowForm) -> str:
    """A meaning as it is called in other editions, too, whose questions are other rows."""
    question = form.questions.get(key)
    return f"{_QUESTION}{said_as(question.words)}" if question else key


def _one_name(headings: Sequence[str], guessed: list[str]) -> list[str]:
    """A whole name is enough; first and last names are put together only where there is none."""
    names = [column for column, key in enumerate(guessed) if key == "name"]
    whole = [column for column in names if not _PART_OF_A_NAME.search(headings[column])]
    kept = whole[:1] or names
    return [
        IGNORED if key == "name" and column not in kept else key
        for column, key in enumerate(guessed)
    ]


def _heading_keys(headings: Sequence[str]) -> list[Key]:
    """Two columns of the same heading are two things: the first and the second."""
    seen: Counter[str] = Counter()
    keys: list[Key] = []
    for heading in map(said_as, headings):
        seen[heading] += 1
        keys.append(("column", heading, str(seen[heading])))
    return keys


def _from_memory(stored: str, form: RowForm) -> str | None:
    """The meaning in this edition; None if it asks no such question."""
    if not stored.startswith(_QUESTION):
        return stored
    words = stored.removeprefix(_QUESTION)
    return next(
        (name for name, question in form.questions.items() if said_as(question.words) == words),
        None,
    )


def _guess(heading: str, column: int, rows: Sequence[Row], form: RowForm) -> str:
    words = said_as(heading)
    cells = [row.cells[column] for row in rows]
    for name, question in form.questions.items():
        if said_as(question.words) == words:
            return name
    for key, pattern in _GUESSES.items():
        if re.fullmatch(pattern, words):
            # Microsoft writes "anonymous" where it asked for no account.
            if key == "email" and not any(_ADDRESS.search(cell) for cell in cells):
                return IGNORED
            if key == "name" and {cell.casefold() for cell in cells} <= {"", "anonymous"}:
                return IGNORED
            return key
    return IGNORED
