"""Charts of the selection: reviews over time, and what was accepted by format and topic."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from apps.core.charts import Chart, Hint, Mark, Series, draw_parts, draw_steps, in_percent
from apps.core.text import count_of
from apps.dashboard.figures.entries import (
    COUNTS,
    MOST_BARS,
    NOT_COUNTED,
    TWO_TOPICS,
    Growth,
    count_rows,
)
from apps.editions.models import Edition
from apps.interest.workflow import UNDECIDED
from apps.privacy.figures import Figures, Row
from apps.review.committee import committee_progress


def selection_charts(edition: Edition, figures: Figures) -> list[Chart]:
    """The charts of a page, whatever their numbers are."""
    topics = sorted(figures.tables["By topic"], key=lambda row: -row["applied"])
    return [
        _reviews(edition, figures),
        _acceptance(edition, figures, "topic", topics),
        _acceptance(edition, figures, "format", figures.tables.get("By format", [])),
    ]


def _reviews(edition: Edition, figures: Figures) -> Chart:
    """Reviews written, against those that reviewers are asked for."""
    growth = Growth.of(figures.series.get("reviews", []))
    left = sum(row.progress.left for row in committee_progress(edition))
    total = growth.total + left
    if not growth.days and figures.is_stored:
        return Chart("reviews", "Reviews over time", "", [], [], hints=[NOT_COUNTED])
    if not growth.days:
        url = reverse("review:invite", args=[edition.pk])
        hint = Hint("No reviews are written yet.", "Invite reviewers", url)
        if left:
            text = f"None of {count_of(total, 'review')} is written yet."
            hint = Hint(
                text, "Progress of the review", reverse("review:progress", args=[edition.pk])
            )
        return Chart("reviews", "Reviews over time", "", [], [], hints=[hint])
    until = edition.today if left else growth.days[-1][0]
    share = in_percent(growth.total, total)
    return Chart(
        "reviews",
        "Reviews over time",
        f"{growth.total} of {count_of(total, 'review')} written ({share}).",
        ["Day", "Reviews written"],
        [[f"{day:%Y-%m-%d}", number] for day, number in growth.days],
        draw_steps(
            [Series("Reviews written", growth.days, max(until, growth.days[-1][0]))],
            limit=Mark(f"{total} asked for", total),
        ),
    )


def _acceptance(edition: Edition, figures: Figures, noun: str, rows: Sequence[Row]) -> Chart:
    """How many entries of each group were accepted."""
    slug, heading = f"accepted-by-{noun}", f"Accepted by {noun}"
    total = figures.total
    if figures.is_stored and not rows:
        return Chart(slug, heading, "", [], [], hints=[NOT_COUNTED])
    if not total["accepted"]:
        url = reverse("selection:board", args=[edition.pk])
        text = "No decisions are released yet. The chart shows which entries were accepted."
        return Chart(slug, heading, "", [], [], hints=[Hint(text, "Decisions", url)])
    waiting = {str(state.label) for state in UNDECIDED}
    undecided = sum(row["applied"] for row in figures.tables["By state"] if row["label"] in waiting)
    share = in_percent(total["accepted"], total["applied"])
    sentence = f"{total['accepted']} of {count_of(total['applied'], 'entry', 'entries')} accepted ({share})"
    if undecided:
        sentence += f"; {undecided} not decided"
    return Chart(
        slug,
        heading,
        f"{sentence}.",
        [noun.capitalize(), *COUNTS, "Accepted in percent"],
        [
            [*cells, in_percent(row["accepted"], row["applied"])]
            for row, cells in zip(rows, count_rows(rows), strict=True)
        ],
        draw_parts([(row["label"], row["applied"], row["accepted"]) for row in rows[:MOST_BARS]]),
        _note(noun, rows),
    )


def _note(noun: str, rows: Sequence[Row]) -> str:
    notes = [TWO_TOPICS] * (noun == "topic")
    if len(rows) > MOST_BARS:
        notes.append(f"These are the {MOST_BARS} with the most entries; the table has all.")
    return " ".join(notes)
