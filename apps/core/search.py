"""Search and order whatever the case and the accents, alike in Python, SQLite and PostgreSQL.

`fold` is the one rule. In queries it is the database function `Fold`: SQLite gets the Python function
when a connection opens, PostgreSQL has the same in its own functions, without an extension. Nothing
folded is stored, so no column can be stale and erased words are gone. The lookup `icontains`, which
the admin uses for its searches and autocompletes, compares folded texts; `order_by(Fold("name"))`
sorts Öztürk between Oz and Ozzy.
"""

from __future__ import annotations

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func, TextField
from django.db.models.lookups import Contains

from apps.core.text import normalize

# Accents of Latin, Greek and Cyrillic letters, points of Hebrew and vowel signs of Arabic.
_MARKS = "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]+"
# Letters that Unicode does not take apart, in lower case.
_LETTERS, _PLAIN_LETTERS = "łøđðħŧıς", "loddhtiσ"
_PAIRS = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
_PLAIN = dict(zip(_LETTERS, _PLAIN_LETTERS, strict=True)) | _PAIRS
_CHANGED = re.compile(f"{_MARKS}|[{''.join(_PLAIN)}]")


def fold(text: str) -> str:
    """`text` in lower case without accents: "oztürk" and "ÖZTÜRK" are both "ozturk"."""
    if text.isascii():
        return text.lower()
    text = normalize(text, "NFKD").lower()
    return _CHANGED.sub(lambda match: _PLAIN.get(match[0], ""), text)


def has_words(text: str, words: str) -> bool:
    """Whether `text` has all `words`, in any order, whatever the case and the accents."""
    folded = fold(text)
    return all(word in folded for word in fold(words).split())


def _fold_value(value: object) -> str | None:
    return None if value is None else fold(str(value))


def _postgresql(text: str) -> str:
    """SQL of `fold`, with `text` four times. ASCII takes a tenth of the time of other texts."""
    sql = f"regexp_replace(lower(normalize({text}, NFKD)), '{_MARKS}', '', 'g')"
    sql = f"translate({sql}, '{_LETTERS}', '{_PLAIN_LETTERS}')"
    for letter, pair in _PAIRS.items():
        sql = f"replace({sql}, '{letter}', '{pair}')"
    is_ascii = f"octet_length({text}) = char_length({text})"
    # Sorted by code points, as Python and SQLite do.
    return f'(CASE WHEN {is_ascii} THEN lower({text}) ELSE {sql} END COLLATE "C")'


class Fold(Func):
    """A text in lower case without accents, as `fold` returns it."""

    function = "FOLD"
    arity = 1

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list]:
        text, params = compiler.compile(self.source_expressions[0])
        return _postgresql(f"({text})::text"), [*params] * 4


class FoldedContains(Contains):
    """`icontains` that ignores accents too: `contains` of folded texts."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        is_expression = hasattr(rhs, "resolve_expression")
        super().__init__(Fold(lhs), Fold(rhs) if is_expression else fold(str(rhs)))


def register_lookups() -> None:
    """Make `icontains` ignore accents in every text column."""
    CharField.register_lookup(FoldedContains, "icontains")
    TextField.register_lookup(FoldedContains, "icontains")


def add_function(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Give a new SQLite connection the function FOLD; receiver of `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("FOLD", 1, _fold_value, deterministic=True)
