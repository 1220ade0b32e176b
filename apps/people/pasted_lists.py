"""Lists of people as pasted text: one per line, or CSV with headings; matched with stored people."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch

from apps.core.forms import LineField, LinesField, LinkField, NameField
from apps.core.search import fold
from apps.core.text import check_text
from apps.core.tokens import version_token
from apps.people.models import Group, Membership, Person
from apps.people.models.persons import PersonQuerySet

ANOTHER_PERSON = "Another person with this name"
MOST_PEOPLE = 500
_MOST_CHARACTERS = 200_000
_MOST_ERRORS = 10
_SEPARATORS = ",;\t"
_BULLET = re.compile(r"\s*(?:[-*•–]|\d{1,3}[.)])\s+")
_ADDRESS = re.compile(r"[^\s@/]+@[^\s@/]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+|[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.IGNORECASE)
_WITH_BRACKETS = re.compile(r"(?P<name>[^()]+?)\s*\((?P<affiliation>.+)\)")
# Headings, folded, by the field they fill.
_HEADINGS = {
    "name": ("name", "full name", "person", "member"),
    "first": ("first name", "firstname", "given name", "forename"),
    "last": ("last name", "lastname", "family name", "surname"),
    "affiliation": (
        *("affiliation", "affiliations", "institution", "organization", "organisation"),
        *("university", "company"),
    ),
    "link": ("link", "url", "website", "web site", "web page", "webpage", "homepage", "home page"),
    "role": ("role",),
}
_FIELD_OF = {heading: name for name, headings in _HEADINGS.items() for heading in headings}
_CLEAN: dict[str, forms.Field] = {
    "name": NameField(missing="the name is missing", too_long="the name is too long"),
    "affiliation": LinesField(required=False, max_length=1000),
    "link": LinkField(),
    "role": LineField(max_length=100, too_long="the role is longer than 100 characters"),
}


@dataclass(frozen=True)
class PastedPerson:
    """One row of the list, cleaned."""

    line: int
    name: str
    affiliation: str = ""
    link: str = ""
    role: str = ""


@dataclass(frozen=True)
class PastedList:
    """The rows, and what was left out."""

    rows: list[PastedPerson]
    unused_headings: list[str] = field(default_factory=list)
    address_count: int = 0


@dataclass(frozen=True)
class MatchedPerson:
    """A row with the stored people of its name."""

    row: PastedPerson
    candidates: list[Person]
    members: set[int]  # primary keys of candidates in the group
    earlier_line: int  # of a row with the same name; 0 without one

    NEW = "new"
    SKIP = "skip"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Who it may be: the value and label of each option."""
        stored = [(str(person.pk), self._describe(person)) for person in self.candidates]
        new = f"{ANOTHER_PERSON}: add as new" if stored else "New person"
        return [*stored, (self.NEW, new), (self.SKIP, "Leave out")]

    @property
    def likely_choice(self) -> str:
        """The option to select at first; "" if the user has to decide."""
        if self.members or self.earlier_line:
            return self.SKIP
        if not self.candidates:
            return self.NEW
        alike = [person for person in self.candidates if self._is_alike(person)]
        return str(alike[0].pk) if len(alike) == len(self.candidates) == 1 else ""

    @property
    def note(self) -> str:
        """Why the user should look at the row; "" for a new person."""
        if self.members:
            return "Already in this group."
        if self.earlier_line:
            return f"The same name is in line {self.earlier_line}."
        if len(self.candidates) > 1:
            return "Several people have this name. Choose one."
        if self.candidates and not self.likely_choice:
            return "A person with this name has another affiliation. Choose."
        return "Known already." if self.candidates else ""

    def _is_alike(self, person: Person) -> bool:
        pasted, stored = fold(self.row.affiliation), fold(person.affiliation)
        return not pasted or not stored or pasted in stored or stored in pasted

    def _describe(self, person: Person) -> str:
        return describe(person) + ", in this group" * (person.pk in self.members)


def describe(person: Person) -> str:
    """Name, affiliation and editions of a person, to tell namesakes apart."""
    slugs = {row.group.edition.slug for row in person.memberships.all()}
    facts = [person.affiliation.partition("\n")[0], ", ".join(sorted(slugs))]
    in_brackets = "; ".join(fact for fact in facts if fact)
    return f"{person.name} ({in_brackets})" if in_brackets else person.name


def read_list(text: str) -> PastedList:
    """Read the people of `text`; raises ValidationError with the line of each problem."""
    check_text(text, _MOST_CHARACTERS)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((line for line in lines if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    headings = [_FIELD_OF.get(fold(cell.strip()), "") for cell in _cells(first, separator)]
    if {"name", "last"} & set(headings):
        table, unused = _rows_of_table(text, separator, headings)
    else:
        table, unused = list(_rows_of_lines(lines)), []
    if not table:
        raise ValidationError("There is no name in this list.", code="empty")
    if len(table) > MOST_PEOPLE:
        raise ValidationError(
            f"This list has {len(table)} people. Paste at most {MOST_PEOPLE} at a time.",
            code="too_many",
        )
    addresses = sum("address" in cells for _, cells in table)
    return PastedList(_cleaned(table), unused, addresses)


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return line.split(separator)


_Table = list[tuple[int, dict[str, str]]]  # line and cells by field


def _rows_of_table(text: str, separator: str, headings: list[str]) -> tuple[_Table, list[str]]:
    """The rows below headings, and the headings that are not used."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    table: _Table = []
    names: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            if names is None:
                names = [cell.strip() for cell in cells] if any(cells) else None
            elif any(cell.strip() for cell in cells):
                row: dict[str, str] = {}
                for name, cell in zip(headings, cells, strict=False):
                    if name and cell.strip():
                        row.setdefault(name, cell.strip())
                full = " ".join(row.pop(part) for part in ("first", "last") if part in row)
                table.append((line, {"name": full} | row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValidationError(f"Line {line}: this is not CSV ({error}).", code="csv") from None
    used = zip(names or [], headings, strict=False)
    return table, [name for name, column in used if name and not column]


def _rows_of_lines(lines: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """ "Name, Affiliation, link": an affiliation may have commas, and a link ends the line."""
    for number, line in enumerate(lines, start=1):
        text = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
        if not text.strip():
            continue
        separator = next((sign for sign in text if sign in _SEPARATORS), ",")
        cells = [cell.strip() for cell in _cells(text, separator) if cell.strip()]
        row: dict[str, str] = {}
        kept = []
        for cell in cells:
            if _ADDRESS.fullmatch(cell.strip("<>")):
                row["address"] = cell
            else:
                kept.append(cell)
        if len(kept) > 1 and (
            _LINK.fullmatch(kept[-1]) or (len(kept) > 2 and _DOMAIN.fullmatch(kept[-1]))
        ):
            row["link"] = kept.pop()
        match = _WITH_BRACKETS.fullmatch(kept[0]) if len(kept) == 1 else None
        if match:
            yield number, row | match.groupdict()
        else:
            glue = f"{separator} " if separator == "," else "\n"
            yield number, row | {"name": "".join(kept[:1]), "affiliation": glue.join(kept[1:])}


def _cleaned(table: _Table) -> list[PastedPerson]:
    rows: list[PastedPerson] = []
    errors: list[str] = []
    for line, cells in table:
        values: dict[str, str] = {}
        for name, column in _CLEAN.items():
            try:
                values[name] = column.clean(cells.get(name, ""))
            except ValidationError as error:
                message = error.messages[0]
                errors.append(f"Line {line}: {message[:1].lower()}{message[1:]}".rstrip(".") + ".")
        rows.append(PastedPerson(line=line, **{"name": "", **values}))
    if errors:
        more = len(errors) - _MOST_ERRORS
        shown = errors[:_MOST_ERRORS] + ([f"And {more} more lines."] if more > 0 else [])
        raise ValidationError([ValidationError(message, code="row") for message in shown])
    return rows


def people_named(names: Iterable[str]) -> PersonQuerySet:
    """The stored people with one of these names, and their groups."""
    memberships = Membership.objects.select_related("group__edition")
    return Person.objects.named(names).prefetch_related(Prefetch("memberships", memberships))


def match_people(rows: Sequence[PastedPerson], group: Group) -> list[MatchedPerson]:
    """Find the stored people of the same names; three queries."""
    by_name: dict[str, list[Person]] = {}
    members: set[int] = set()
    for person in people_named({row.name for row in rows}):
        by_name.setdefault(fold(person.name), []).append(person)
        if any(row.group_id == group.pk for row in person.memberships.all()):
            members.add(person.pk)
    matched: list[MatchedPerson] = []
    lines: dict[str, int] = {}
    for row in rows:
        key = fold(row.name)
        candidates = by_name.get(key, [])
        in_group = members & {person.pk for person in candidates}
        matched.append(MatchedPerson(row, candidates, in_group, lines.get(key, 0)))
        lines.setdefault(key, row.line)
    return matched


def token_of(matched: Sequence[MatchedPerson]) -> str:
    """Token of what the preview shows, so that a save notices changes by others."""
    return version_token(
        [
            [row.row.line, [[key, label] for key, label in row.choices], sorted(row.members)]
            for row in matched
        ]
    )
