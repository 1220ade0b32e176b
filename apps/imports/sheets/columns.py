"""Which field of our form each column fills: remembered by its heading, or guessed from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from apps.imports.models import SheetMemory
from apps.imports.sheets.languages import is_heading, mentions
from apps.imports.sheets.reading import EMAIL_ADDRESS, Table
from apps.imports.sheets.row_form import JOINS, RowForm, normalized

IGNORED = ""
_MAX_HEADING = 500  # characters that are looked at
_PART_OF_A_NAME = re.compile(r"\b(first|last|given|middle|family|sur)[- ]?name", re.IGNORECASE)
# Addresses and names of other people than the student.
_OTHERS = r"(?!.*\b(supervisors?|adviso?rs?|co-?authors?|referees?)\b)"
# The order matters: "Supervisor's name" is no name, and "Name of your university" neither.
_GUESSES = {
    IGNORED: r"(points|feedback) [-–] .*|grade .*|status|reference|edition|state|column ?\d*",
    "email": _OTHERS + r".*\be-?mail\b.*",
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
# In other languages; "E-Mail des Betreuers" is no address of the student.
_OTHER_PEOPLE = ("coauthors", "supervisor")
_OTHER_LANGUAGES = (
    *("email", "abstract", "title", "topics", "university"),
    *("given_name", "family_name", "name"),
)
_SUBJECT = "column"  # of SheetMemory


def account_columns(table: Table) -> dict[str, int]:
    """Return the columns of the account's address and name, which follow that of the time.

    In a form without a sign-in they are empty, or "anonymous".
    """
    for column, (before, heading) in enumerate(pairwise(table.headings), start=1):
        if is_heading("submitted_at", before) and is_heading("account_email", heading):
            rest = table.headings[column + 1 :]
            has_name = bool(rest) and is_heading("account_name", rest[0])
            return {"email": column} | ({"name": column + 1} if has_name else {})
    return {}


def guess_columns(table: Table, form: RowForm) -> list[str]:
    """Return the name of a field, or IGNORED, for each column: as chosen earlier, or a guess."""
    names = {form.label(name): name for name in reversed(form.fields)} | {IGNORED: IGNORED}
    remembered = SheetMemory.objects.recall(_SUBJECT, _headings(table))
    chosen = [
        names.get(remembered[heading]) if heading in remembered else None
        for heading in _headings(table)
    ]
    return _guesses(table, form, chosen)


def remember_columns(table: Table, columns: Sequence[str], form: RowForm) -> None:
    """Store the fields of the columns for the next spreadsheet with one of these headings.

    A field that is only guessed is not stored, so that it is guessed again from other cells.
    """
    guesses = _guesses(table, form, [None] * len(columns))
    headings = _headings(table)
    SheetMemory.objects.forget(_SUBJECT, headings)
    SheetMemory.objects.remember(
        _SUBJECT,
        {
            heading: form.label(name) if name else IGNORED
            for heading, name, guess in zip(headings, columns, guesses, strict=True)
            if name != guess
        },
    )


def _guesses(table: Table, form: RowForm, chosen: Sequence[str | None]) -> list[str]:
    """The fields of the columns: those `chosen`, and guesses for the others."""
    account = account_columns(table)
    guesses: list[str] = []
    taken = set()
    for column, name in enumerate(chosen):
        guess = _guess(table, column, form) if name is None else name
        is_account = account.get(guess) == column
        if guess not in form.fields or not (guess not in taken or guess in JOINS or is_account):
            guess = IGNORED
        guesses.append(guess)
        if not is_account:
            taken.add(guess)
    # First and last names are joined only if there is no column for the whole name.
    names = [column for column, guess in enumerate(guesses) if guess == "name"]
    names = [column for column in names if chosen[column] is None and account.get("name") != column]
    whole = [column for column in names if not _is_part_of_name(table.headings[column])]
    # "Nom" beside "Prénom", or "Nombre" beside "Apellidos", is a part of the name too.
    if len(names) == 2 and len(whole) == 1 and is_heading("account_name", table.headings[whole[0]]):
        whole = []
    for column in names:
        if whole and column != whole[0]:
            guesses[column] = IGNORED
    return guesses


def _is_part_of_name(heading: str) -> bool:
    heading = heading[:_MAX_HEADING]
    is_part = _PART_OF_A_NAME.search(heading) or mentions("given_name", heading)
    return bool(is_part or mentions("family_name", heading))


def _headings(table: Table) -> list[str]:
    """The headings as they are remembered: equal ones are told apart by their order."""
    headings = [normalized(heading) for heading in table.headings]
    return [f"{text}\n{headings[:number].count(text)}" for number, text in enumerate(headings)]


def _guess(table: Table, column: int, form: RowForm) -> str:
    words = normalized(table.headings[column][:_MAX_HEADING])
    for name, question in form.questions.items():
        if normalized(question.label) == words:
            return name
    accounts = {number: field for field, number in account_columns(table).items()}
    name = accounts.get(column) or _field_of(words)
    # Microsoft Forms writes "anonymous" if it asked for no account.
    cells = {row.cells[column].casefold() for row in table.rows}
    if name == "email" and not any(map(EMAIL_ADDRESS.fullmatch, cells)):
        return IGNORED
    if name == "name" and cells <= {"", "anonymous"}:
        return IGNORED
    return name


def _field_of(heading: str) -> str:
    """The field that a heading of Microsoft, of Google or of a question suggests."""
    if is_heading("ignored", heading):
        return IGNORED
    if is_heading("submitted_at", heading):
        return "submitted_at"
    for name in _OTHER_PEOPLE:
        if mentions(name, heading):
            return name
    for name, pattern in _GUESSES.items():
        if re.fullmatch(pattern, heading):
            return name
    name = next((kind for kind in _OTHER_LANGUAGES if mentions(kind, heading)), IGNORED)
    return "name" if name in {"given_name", "family_name"} else name
