"""Dates in words, in the order of the active language."""

from datetime import date

from django.utils.dateformat import format as format_date
from django.utils.translation import pgettext


def format_day(on: date, *, with_year: bool = True) -> str:
    """ "Friday 3 May 2024", or without the year."""
    if on.day == 1:  # "1er mai" in French
        pattern = pgettext("first day of a month, for Django's date filter", "l j F Y")
    else:
        pattern = pgettext("date, for Django's date filter", "l j F Y")
    return format_date(on, pattern if with_year else pattern.removesuffix(" Y"))


def format_short_day(on: date) -> str:
    """ "Fri 3 May"."""
    return format_date(on, pgettext("short date, for Django's date filter", "D j F"))


def format_day_of_month(on: date) -> str:
    """ "3 May"."""
    return format_date(on, pgettext("day and month, for Django's date filter", "j F"))
