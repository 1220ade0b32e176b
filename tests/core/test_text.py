"""User input is checked before it is normalised, and in linear time."""

import time

import pytest
from django.core.exceptions import ValidationError

from apps.core.text import (
    check_text,
    count_words,
    has_long_mark_run,
    normalize,
    one_line,
    several_lines,
)

MARKS = ["\u0301\u0316", "\u0301\u0f73", "\u0301\uff9e", "\u0344\u0316", "\u0301\u200b\u0316"]


@pytest.mark.parametrize("marks", MARKS)
@pytest.mark.parametrize("clean", [one_line, several_lines, lambda text: normalize(text, "NFKD")])
def test_a_megabyte_of_combining_marks_is_cleaned_quickly(marks, clean):
    text = "a" + marks * (500_000 // len(marks))
    start = time.process_time()

    clean(text)

    assert time.process_time() - start < 1


@pytest.mark.parametrize("marks", MARKS)
def test_more_than_30_marks_in_a_row_are_refused(marks):
    with pytest.raises(ValidationError, match="more than 30 accents"):
        check_text("a" + marks * 30, 200)


@pytest.mark.parametrize("text", ["a" + "\u0301" * 30, "e\u0301" * 1000, "क्ष" * 1000, "plain"])
def test_text_that_people_write_is_normalised(text):
    assert not has_long_mark_run(text)
    assert normalize(text).startswith(("á", "é", "क", "plain"))


def test_a_long_text_is_refused_for_its_length():
    with pytest.raises(ValidationError, match="This text has 1000000 characters"):
        check_text("a\u0301" * 500_000, 200)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Ada\0 Example", "Ada Example"),
        ("Ada\r\nBcc: x@example.org", "Ada Bcc: x@example.org"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("  many\t spaces\u00a0here ", "many spaces here"),
        ("e\u0301", "é"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("macDonald VAN DER berg", "macDonald VAN DER berg"),
        ("\u200d", ""),
    ],
)
def test_a_line_keeps_visible_text_and_drops_invisible_characters(text, cleaned):
    assert one_line(text) == cleaned


def test_line_breaks_of_a_text_are_kept():
    assert (
        several_lines("\r\n One\x00\ttwo \r\n\r\nthree\u2028four\n\n") == " One two\n\nthree\nfour"
    )


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("one", 1), (" one  two\nthree ", 3), ("state-of-the-art – yes", 3), ("a\u00a0b", 2)],
)
def test_words_are_separated_by_spaces(text, count):
    assert count_words(text) == count
