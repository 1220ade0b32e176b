"""Charts of an edition's entries: over time, by topic, affiliation and career stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from django.utils.dateformat import format as date_format

from apps.core.charts import Chart, Hint, Mark, Series, draw_bars, draw_steps
from apps.core.text import count_of
from apps.editions.admin import Tab
from apps.editions.models import Call, Edition
from apps.privacy.figures import CountAt, Figures, Row, entries_by_day

MOST_BARS = 15
_FARTHEST = timedelta(days=400)  # of a deadline from the first entry
TWO_TOPICS = "An entry with two topics counts for both."
NOT_COUNTED = Hint("This was not counted before personal data was erased.")
COUNTS = ("Applied", "Accepted", "Confirmed")


class Growth(NamedTuple):
    """The days that have new rows, each with the number of all rows at its end."""

    days: list[tuple[date, int]]

    @classmethod
    def of(cls, counts: Sequence[CountAt], *, shift: timedelta = timedelta()) -> Growth:
        """The sums of numbers by day, with all days moved by `shift`."""
        days = [date.fromisoformat(count["at"]) + shift for count in counts]
        return cls(list(zip(days, accumulate(count["number"] for count in counts), strict=True)))

    def at(self, day: date) -> int:
        """The number at the end of a day."""
        return max((number for each, number in self.days if each <= day), default=0)

    @property
    def total(self) -> int:
        return self.days[-1][1] if self.days else 0


def entry_charts(edition: Edition, figures: Figures) -> list[Chart]:
    """The charts of a page, whatever their numbers are."""
    hints, total = _hints(edition, figures), figures.total["applied"]
    topics = sorted(figures.tables["By topic"], key=lambda row: -row["applied"])
    affiliations = figures.tables.get("By affiliation", [])
    return [
        _over_time(edition, figures, hints),
        group_chart(
            "topics",
            "Entries by topic",
            topics,
            sentence=_largest(topics, "topic", total),
            note=TWO_TOPICS,
            hints=hints,
        ),
        group_chart(
            "affiliations",
            "Entries by affiliation",
            affiliations,
            sentence=_largest(affiliations, "affiliation", total),
            note="As people wrote them; the same name in capitals or without accents counts once.",
            hints=hints,
        ),
        _career_stages(edition, figures, hints),
    ]


def group_chart(
    slug: str,
    heading: str,
    rows: Sequence[Row],
    *,
    sentence: str,
    note: str = "",
    hints: Sequence[Hint] = (),
) -> Chart:
    """Bars of the largest groups and of all others together; the table has each of them."""
    return Chart(
        slug,
        heading,
        sentence,
        [heading.removeprefix("Entries by ").capitalize(), *COUNTS],
        count_rows(rows),
        draw_bars([(row["label"], row["applied"]) for row in rows], most=MOST_BARS),
        note,
        hints,
    )


def count_rows(rows: Sequence[Row]) -> list[list[str | int]]:
    return [[row["label"], row["applied"], row["accepted"], row["confirmed"]] for row in rows]


def _largest(rows: Sequence[Row], noun: str, total: int) -> str:
    """ "39 entries, 7 topics. Most: Example Topic (9)."."""
    if not rows:
        return ""
    most = max(rows, key=lambda row: row["applied"])
    entries = count_of(total, "entry", "entries")
    return f"{entries}, {count_of(len(rows), noun)}. Most: {most['label']} ({most['applied']})."


def _over_time(edition: Edition, figures: Figures, hints: Sequence[Hint]) -> Chart:
    """How the number of entries grew, beside the earlier edition at the same time."""
    slug, heading = "over-time", "Entries over time"
    growth = Growth.of(figures.series.get("entries", []))
    if not growth.days:
        return Chart(slug, heading, "", [], [], hints=hints)
    last = growth.days[-1][0]
    closes_on = _closes_on(edition) or last
    until = min(edition.today, max(closes_on, last))
    series = [Series(str(edition.year), growth.days, until)]
    year, before = _earlier_growth(edition)
    if before.days:
        label = f"{year}, at the same time before its deadline"
        series.append(Series(label, before.days, max(closes_on, before.days[-1][0])))
    days = sorted({day for day, _ in (*growth.days, *before.days)})
    deadline = Mark(f"Deadline {date_format(closes_on, 'j M')}", closes_on)
    is_marked = _closes_on(edition) is not None and closes_on - days[0] < _FARTHEST
    rows: list[list[str | int]] = [
        [f"{day:%Y-%m-%d}", growth.at(day), *[before.at(day)] * bool(before.days)] for day in days
    ]
    return Chart(
        slug,
        heading,
        _growth_sentence(edition, growth, before, year),
        ["Day", *(str(each) for each in (edition.year, year)[: len(series)])],
        rows,
        draw_steps(series, deadline=deadline if is_marked else None),
    )


def _closes_on(edition: Edition) -> date | None:
    call: Call | None = getattr(edition, "call", None)
    return call.closes_on if call else None


def _earlier_growth(edition: Edition) -> tuple[int, Growth]:
    """The year of the edition before, and the growth of its entries as if both had one deadline."""
    closes_on = _closes_on(edition)
    with_deadline = Edition.objects.filter(year__lt=edition.year, call__closes_on__isnull=False)
    earlier = with_deadline.select_related("call").order_by("-year").first()
    if earlier is None or closes_on is None:
        return 0, Growth([])
    shift = closes_on - (_closes_on(earlier) or closes_on)
    return earlier.year, Growth.of(entries_by_day(earlier), shift=shift)


def _growth_sentence(edition: Edition, growth: Growth, before: Growth, year: int) -> str:
    call: Call | None = getattr(edition, "call", None)
    is_open = call is not None and call.status in {Call.Status.OPEN, Call.Status.BEFORE}
    entries = count_of(growth.total, "entry", "entries")
    if not before.days:
        return f"{entries} so far." if is_open else f"{entries}."
    if is_open:
        return f"{entries} so far; {year} had {before.at(edition.today)} at the same time."
    return f"{entries}; {year} had {before.total}."


def _career_stages(edition: Edition, figures: Figures, hints: Sequence[Hint]) -> Chart:
    rows = sorted(figures.tables["By career stage"], key=lambda row: -row["applied"])
    if rows and all(row["label"] == "Not asked" for row in rows):
        text = "The form did not ask for the career stage."
        hint = Hint(text, "Fields of the form", Tab.CALL.url(edition.pk))
        return Chart("career-stages", "Entries by career stage", "", [], [], hints=[hint])
    return group_chart(
        "career-stages",
        "Entries by career stage",
        rows,
        sentence=_largest(rows, "career stage", figures.total["applied"]),
        hints=hints,
    )


def _hints(edition: Edition, figures: Figures) -> list[Hint]:
    """What to do while there are no entries."""
    if figures.is_stored and figures.total["applied"]:
        return [NOT_COUNTED]
    call: Call | None = getattr(edition, "call", None)
    url = Tab.CALL.url(edition.pk)
    if call is None:
        return [Hint("There are no entries, and no call for them.", "Add a call", url)]
    text = f"There are no entries. The call: {call.status_in_words.lower()}."
    return [Hint(text, "The call", url)]
