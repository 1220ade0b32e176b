"""Co-authors as people write them into one box."""

from __future__ import annotations

import re

from apps.core.text import one_line

_HARD = re.compile(r"[;\n]")
_COMMA = re.compile(r",(?![^(]*\))")  # one within parentheses parts nobody from anybody
_AND = re.compile(r"\s+(?:and|&)\s+(?![^(]*\))", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-–•*·]|\d{1,2}[.)])\s+")
_WITH_AFFILIATION = re.compile(r"(?P<name>[^()]+)\((?P<affiliation>.+)\)")
_NOBODY = {"", "-", "–", "n/a", "na", "none", "no", "nil", "nobody", "."}


def read_coauthors(cell: str) -> list[tuple[str, str]]:
    """Name and affiliation of each, in order: "Bo (University); Cy", one a line, or "Bo, Cy".

    With semicolons or lines a comma stands before the affiliation, otherwise between the people.
    """
    if _HARD.search(cell.strip("; \n")):
        people = [_BULLET.sub("", line) for line in _HARD.split(cell)]
        return [pair for person in people if (pair := _person(person, _COMMA))]
    people = [each for part in _COMMA.split(cell.strip("; \n")) for each in _AND.split(part)]
    return [pair for person in people if (pair := _person(person))]


def _person(words: str, comma: re.Pattern[str] | None = None) -> tuple[str, str] | None:
    words = one_line(words)
    if words.casefold() in _NOBODY:
        return None
    if match := _WITH_AFFILIATION.fullmatch(words):
        return match["name"].strip(), match["affiliation"].strip()
    name, *affiliation = comma.split(words, maxsplit=1) if comma else [words]
    return name.strip(), "".join(affiliation).strip()
