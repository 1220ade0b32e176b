"""Conflicts of interest between reviewers and the authors of expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from apps.core.search import fold
from apps.interest.models import Expression
from apps.review.models import Review, Reviewer

_WORD = re.compile(r"\w+")
_SHORTEST = 3  # letters of an affiliation that is looked for within another


@dataclass(frozen=True)
class _Author:
    """Names, affiliations and address of the authors of one expression, normalised."""

    email: str
    supervisor: str
    names: frozenset[str]
    affiliations: tuple[str, ...]
    school: str


def find_conflicts_of_interest(
    reviewers: Iterable[Reviewer], expressions: Iterable[Expression]
) -> dict[tuple[int, int], str]:
    """Reasons against a review, by the keys of expression and reviewer.

    `reviewers` have their `user`, `expressions` their `coauthors` loaded. Affiliations are the same
    if one contains the other as whole words, so that “ETH Zürich” is found in “ETH Zurich, D-INFK”.
    """
    expressions = list(expressions)
    declared = set(
        Review.objects.filter(expression__in=expressions, has_conflict=True).values_list(
            "expression", "reviewer"
        )
    )
    authors = {expression.pk: _author_of(expression) for expression in expressions}
    found = {}
    for reviewer in reviewers:
        name, affiliation = _name(str(reviewer.user)), _words(reviewer.affiliation)
        lines = [line for line in reviewer.conflicts.splitlines() if line.strip()]
        barred_names = {_name(line) for line in lines}
        barred_places = [_words(line) for line in lines]
        for pk, author in authors.items():
            if (pk, reviewer.user_id) in declared:
                reason = "declared in a review"
            elif author.email == reviewer.user.email.casefold() or name in author.names:
                reason = "author or co-author"
            elif author.supervisor and name == author.supervisor:
                reason = "supervisor"
            elif any(_is_same(affiliation, place) for place in author.affiliations):
                reason = "same affiliation"
            elif barred_names & author.names or author.supervisor in barred_names:
                reason = "declared person"
            elif any(
                _is_same(barred, place)
                for barred in barred_places
                for place in (*author.affiliations, author.school)
            ):
                reason = "declared affiliation"
            else:
                continue
            found[pk, reviewer.pk] = reason
    return found


def _author_of(expression: Expression) -> _Author:
    coauthors = list(expression.coauthors.all())
    affiliations = {expression.university, *(coauthor.affiliation for coauthor in coauthors)}
    return _Author(
        email=expression.email.casefold(),
        supervisor=_name(expression.supervisor),
        names=frozenset(_name(name) for name in (expression.name, *(c.name for c in coauthors))),
        affiliations=tuple(_words(text) for text in affiliations),
        school=_words(expression.school),
    )


def _words(text: str) -> str:
    return " ".join(_WORD.findall(fold(text)))


def _name(text: str) -> str:
    """The words of a name in one order: “Doe, Jane” is “Jane Doe”."""
    return " ".join(sorted(_WORD.findall(fold(text))))


def _is_same(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _SHORTEST:
        return False
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "
