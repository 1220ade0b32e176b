"""Which field of our form each column fills: remembered by its heading, or guessed from it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from apps.imports.models import SheetMemory
from apps.imports.sheets.reading import EMAIL_ADDRESS, Table
from apps.imports.sheets.row_form import JOINS, RowForm, normalized

IGNORED = ""
_MAX_HEADING = 500  # characters that are looked at
_PART_OF_A_NAME = re.compile(r"\b(first|last|given|middle|family|sur)[- ]?name", re.IGNORECASE)
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
_SUBJECT = "column"  # of SheetMemory


def guess_columns(table: Table, form: RowForm) -> list[str]:
    """Return the name of a field, or IGNORED, for each column."""
    names = {form.label(name): name for name in reversed(form.fields)} | {IGNORED: IGNORED}
    remembered = SheetMemory.objects.recall(_SUBJECT, _headings(table))
    guesses: list[str] = []
    for column, heading in enumerate(_headings(table)):
        guess = names.get(remembered.get(heading, ""), IGNORED)
        if remembered.get(heading) not in names:
            guess = _guess(table, column, form)
        is_free = guess in form.fields and (guess not in guesses or guess in JOINS)
        guesses.append(guess if is_free else IGNORED)
    # First and last names are joined only if there is no column for the whole name.
    parts = [column for column, guess in enumerate(guesses) if guess == "name"]
    whole = [column for column in parts if not _PART_OF_A_NAME.search(table.headings[column])]
    for column in parts:
        if whole and column != whole[0]:
            guesses[column] = IGNORED
    return guesses


def remember_columns(table: Table, columns: Sequence[str], form: RowForm) -> None:
    """Store the fields of the columns for the next spreadsheet with one of these headings."""
    labels = [form.label(name) if name else IGNORED for name in columns]
    SheetMemory.objects.remember(_SUBJECT, dict(zip(_headings(table), labels, strict=True)))


def _headings(table: Table) -> list[str]:
    """The headings as they are remembered: equal ones are told apart by their order."""
    headings = [normalized(heading) for heading in table.headings]
    return [f"{text}\n{headings[:number].count(text)}" for number, text in enumerate(headings)]


def _guess(table: Table, column: int, form: RowForm) -> str:
    words = normalized(table.headings[column][:_MAX_HEADING])
    for name, question in form.questions.items():
        if normalized(question.label) == words:
            return name
    name = next((key for key, pattern in _GUESSES.items() if re.fullmatch(pattern, words)), IGNORED)
    # Microsoft Forms writes "anonymous" if it asked for no account.
    cells = {row.cells[column].casefold() for row in table.rows}
    if name == "email" and not any(map(EMAIL_ADDRESS.fullmatch, cells)):
        return IGNORED
    if name == "name" and cells <= {"", "anonymous"}:
        return IGNORED
    return name
