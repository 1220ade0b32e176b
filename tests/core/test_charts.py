"""Charts: geometry that fits, whatever the numbers."""

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string

from apps.core.charts import Chart, Mark, Series, draw_bars, draw_columns, draw_parts, draw_steps

DAY = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("most", "levels"),
    [
        (0, ["1"]),
        (1, ["1"]),
        (4, ["1", "2", "3", "4"]),
        (9, ["5", "10"]),
        (113, ["50", "100", "150"]),
    ],
)
def test_the_axis_has_round_numbers_up_to_the_largest(most, levels):
    drawn = draw_steps([Series("2027", [(DAY, most)], DAY)])

    assert [level.text for level in drawn.levels] == levels


def test_one_line_ends_where_its_numbers_end_and_the_other_goes_on_to_the_deadline():
    end = DAY + timedelta(days=9)
    ours = Series("2027", [(DAY, 2), (DAY + timedelta(days=4), 4)], DAY + timedelta(days=4))
    earlier = Series("2026", [(DAY, 4)], end)

    drawn = draw_steps([ours, earlier], deadline=Mark("Deadline", end), limit=Mark("3 places", 3))

    # Ten days on a width of 1,000, four entries on a height of 200.
    assert drawn.lines[0].path == "M0 200H0.0V100.0H400.0V0.0H500.0"
    assert drawn.lines[1].path.endswith("H1000.0")
    assert drawn.deadline == ("Deadline", "100.0%", "end")
    assert drawn.limit == ("3 places", "50.0", "start")


def test_labels_of_days_stay_inside_the_chart():
    drawn = draw_steps([Series("2027", [(DAY, 1)], DAY + timedelta(days=60))])

    assert [(tick.text, tick.anchor) for tick in drawn.ticks] == [
        ("1 Mar", "start"),
        ("21 Mar", "middle"),
        ("10 Apr", "middle"),
        ("30 Apr", "end"),
    ]


def test_a_part_is_said_in_words_too():
    drawn = draw_parts([("Posters", 10, 4), ("Talks", 5, 0)])

    assert [(bar.words, bar.width, bar.part) for bar in drawn.bars] == [
        ("4 of 10 (40%)", "100.0%", "40.0%"),
        ("0 of 5 (0%)", "50.0%", "0.0%"),
    ]


def test_no_more_columns_are_labelled_than_fit():
    drawn = draw_columns([(f"{hour}:00", hour) for hour in range(24)])

    assert len(drawn.columns) == 24
    assert len(drawn.ticks) <= 4


def test_hostile_labels_are_text_and_nothing_is_styled_inline():
    label = '"><script>alert(1)</script>'
    for drawing in (
        draw_bars([(label, 3)]),
        draw_parts([(label, 3, 1)]),
        draw_columns([(label, 1)]),
        draw_steps([Series(label, [(DAY, 1)], DAY)] * 2, deadline=Mark(label, DAY)),
    ):
        chart = Chart("c", label, label, [label], [[label]], drawing, label)
        page = render_to_string("core/charts/_chart.html", {"chart": chart, "csv_url": "/x.csv"})

        assert "<script" not in page
        assert "style=" not in page
