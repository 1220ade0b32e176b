"""Pages with which visitors find their way: search, own choice of talks, index of presenters."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from apps.core.text import read_numbers
from apps.editions.models import Edition
from apps.pages.presenters import list_presenters
from apps.pages.programme import describe_clocks
from apps.pages.programme_search import (
    ProgrammeSearch,
    choose,
    list_items,
    list_search_fields,
)
from apps.pages.views import edition_page, page_detail, render_page
from apps.programme.releases import published_timetable
from apps.programme.timetable import Timetable


def show_search(
    request: HttpRequest, edition: Edition, timetable: Timetable, search: ProgrammeSearch
) -> HttpResponse:
    """The parts of the published `timetable` that match `search`, by day."""
    days = list_items(timetable, edition, search.matches)
    return render_page(
        request,
        edition,
        "pages/programme/search.html",
        description=gettext("A part of the programme of %(edition)s.") % {"edition": edition.title},
        search=search,
        fields=list_search_fields(timetable, search),
        days=days,
        count=sum(len(day.items) for day in days),
        clocks=describe_clocks(timetable),
    )


@edition_page()
def my_programme(request: HttpRequest, edition: Edition) -> HttpResponse:
    """The talks whose keys the address has, as ?talks=12,7; without any it says how to choose.

    Nothing is stored: a script keeps the keys in the browser, and the address can be shared.
    """
    chosen = read_numbers(request.GET.get("talks", ""))
    timetable = published_timetable(edition)
    days = list_items(timetable, edition, choose(chosen)) if timetable and chosen else []
    shown = {item.contribution.pk for day in days for item in day.items if item.contribution}
    return render_page(
        request,
        edition,
        "pages/programme/mine.html",
        description=gettext("A choice of talks of %(edition)s.") % {"edition": edition.title},
        days=days,
        chosen=",".join(str(key) for key in chosen if key in shown),
        missing=len(chosen) - len(shown),
        clocks=describe_clocks(timetable) if timetable and days else "",
    )


@edition_page()
def presenters(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Presenters A to Z with the titles, times and rooms of what they present.

    A page with its address, from before 0.3.0, stands in its place.
    """
    if edition.pages.published().filter(slug="presenters").exists():
        return page_detail(request, edition=edition.slug, slug="presenters")
    timetable = published_timetable(edition, with_texts=False)
    letters = list_presenters(edition, timetable)
    return render_page(
        request,
        edition,
        "pages/programme/presenters.html",
        description=gettext("All presenters of %(edition)s, with titles, times and rooms.")
        % {"edition": edition.title},
        letters=letters,
        clocks=describe_clocks(timetable) if timetable and letters else "",
    )
