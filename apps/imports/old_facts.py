"""Where a text names the year, days, place or address of the edition that another was made from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import groupby

from django.utils import translation
from django.utils.dateformat import format as format_date

from apps.core.search import fold
from apps.editions.models import Edition

# Pieces of a sentence; those that name something old are marked.
Sentence = list[tuple[str, bool]]

# Ends of sentences, paragraphs and list items, but neither “3.” of “3. Mai” nor “Sept.” of “Sept. 3”.
_SENTENCE_END = re.compile(
    r"\n\s*\n|\n(?=\s*(?:[-*+#>|]|\d+[.)]\s))|(?<=[.!?])(?<!\b\d\.)(?<!\b\d\d\.)\s+(?![\s\d])"
)
_MOST_DAYS = 31  # of a workshop
_LONG = 320  # characters of a sentence, which is then cut

_DAY = r"\d{1,2}(?:\.|st|nd|rd|th|ter|er)?"
_BETWEEN = r"\s*(?:[–—,&/-]|to|and|until|bis|und|et|au)\s*"
_DAYS = rf"(?<![\w.,:/-])(?P<days>{_DAY}(?:{_BETWEEN}{_DAY}){{0,3}})(?!\d)"
_YEAR = r"(?:\.?,?\s+(?P<year>\d{4})(?!\d))?"
_NUMBERS = re.compile(
    r"(?<![\w./-])(?P<first>\d{1,2})(?P<sign>[./-])(?P<second>\d{1,2})(?P=sign)"
    r"(?P<year>\d{4}|\d\d)?(?![\w/-])"
)


class OldFacts:
    """Facts of `source` that `edition`, which was made from it, does not share."""

    def __init__(self, source: Edition, edition: Edition) -> None:
        old, new = _days(source), _days(edition)
        self._dates = {(day.year, day.month, day.day) for day in old - new}
        new_days = {(day.month, day.day) for day in new}
        self._days = {(day.month, day.day) for day in old} - new_days
        new_years = {edition.year, *(day.year for day in new)}
        self._years = {source.year, *(day.year for day in old)} - new_years
        words = [
            rf"(?<!\d)(?:{year}(?:-\d\d-\d\d)?|['’]{year % 100:02})(?!\d)" for year in self._years
        ]
        words.append(rf"/{re.escape(source.slug)}(?![\w-])")
        words += [rf"(?<!\w){re.escape(name)}(?!\w)" for name in _places(source, edition)]
        self._words = re.compile("|".join(words))

    def find(self, text: str) -> Iterator[Sentence]:
        """Yield the sentences of a text that name one of them."""
        for part in _SENTENCE_END.split(text):
            sentence = " ".join(part.split())
            marked = {place for start, end in self._spans(sentence) for place in range(start, end)}
            if marked:
                first = min(marked)
                start = max(0, first - _LONG // 2) if len(sentence) > _LONG else 0
                end = min(len(sentence), start + _LONG)
                places = groupby(range(start, end), key=marked.__contains__)
                pieces = [("".join(sentence[at] for at in run), is_old) for is_old, run in places]
                yield [("…", False)] * (start > 0) + pieces + [("…", False)] * (end < len(sentence))

    def _spans(self, sentence: str) -> Iterator[tuple[int, int]]:
        yield from (match.span() for match in self._words.finditer(sentence))
        for pattern in _dates_in_words():
            for match in pattern.finditer(sentence):
                days = [int(number) for number in re.findall(r"\d+", match["days"])]
                month = _months()[fold(match["month"])]
                if any(
                    self._is_old(day, month, match["year"])
                    for day in range(min(days), max(days) + 1)
                ):
                    yield match.span()
        for match in _NUMBERS.finditer(sentence):
            day, month, year = int(match["first"]), int(match["second"]), match["year"]
            if self._is_old(day, month, year) and (year or match["sign"] == "."):
                yield match.span()
            elif year and match["sign"] == "/" and self._is_old(month, day, year):
                yield match.span()  # month first, as in America

    def _is_old(self, day: int, month: int, year: str | None) -> bool:
        if not year:
            return (month, day) in self._days
        number = int(year) if len(year) == 4 else 2000 + int(year)
        return number in self._years or (number, month, day) in self._dates


def _days(edition: Edition) -> set[date]:
    """The days of an edition, of its call and its deadlines."""
    call = getattr(edition, "call", None)
    days = {edition.registration_closes_on}
    if call:
        days |= {call.opens_on, call.closes_on, call.edits_close_on, call.decisions_on}
    for deadline in edition.deadlines.all():
        days |= {deadline.due_on, deadline.extended_from_on}
    if edition.starts_on:
        count = min(edition.day_count or 1, _MOST_DAYS)
        days |= {edition.starts_on + timedelta(days=number) for number in range(count)}
    return {day for day in days if day}


def _places(source: Edition, edition: Edition) -> set[str]:
    """Names that only the place of `source` has: its parts, and those of its address with a number."""
    parts = [source.venue, source.parent_event_name, source.registration_url]
    parts += source.venue.split(",")
    parts += [part for part in re.split(r"[,\n]", source.venue_address) if re.search(r"\d", part)]
    kept = " ".join([edition.venue, edition.venue_address, edition.parent_event_name])
    names = {" ".join(part.split()) for part in parts}
    return {name for name in names if len(name) > 3 and name not in kept}


@cache
def _months() -> dict[str, int]:
    """Names and short names of months in the languages of editions, with and without accents."""
    months = {"janv": 1, "févr": 2, "fevr": 2, "mrz": 3}
    for language in Edition.Language.values:
        with translation.override(language):
            for number in range(1, 13):
                for letter in "FMNE":
                    name = str(format_date(date(2000, number, 1), letter)).strip(".").lower()
                    months |= {name: number, fold(name): number}
    return months


@cache
def _dates_in_words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of “3–4 May 2026” and “May 3, 2026”; “may” in small letters is another word."""
    names = "|".join(sorted(set(_months()) - {"may"}, key=len, reverse=True))
    month = rf"(?P<month>May|MAY|(?i:{names}))(?!\w)"
    return (
        re.compile(rf"{_DAYS}\s*(?:of\s+)?{month}{_YEAR}"),
        re.compile(rf"(?<!\w){month}\.?\s+(?:the\s+)?{_DAYS}(?<!\.){_YEAR}"),
    )
