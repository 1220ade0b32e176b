"""The pages with the charts of an edition, and their numbers as CSV. They name no persons."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404

from apps.core.admin import render_desk_page
from apps.core.charts import Chart
from apps.core.decorators import private_page
from apps.dashboard.figures.attendance import attendance_charts
from apps.dashboard.figures.entries import entry_charts
from apps.dashboard.figures.selection import selection_charts
from apps.editions.models import Edition
from apps.interest.exports import csv_lines, defuse
from apps.interest.permissions import require_chair
from apps.privacy.figures import Figures, figures_of


class FiguresPage(NamedTuple):
    label: str
    charts: Callable[[Edition, Figures], list[Chart]]


_PAGES = {
    "entries": FiguresPage("Entries", entry_charts),
    "selection": FiguresPage("Reviews and decisions", selection_charts),
    "attendance": FiguresPage("Registrations and attendance", attendance_charts),
}


@private_page
def figures_view(request: HttpRequest, pk: int, page: str) -> HttpResponseBase:
    """One page of charts."""
    edition, figures, charts = _load(request, pk, page)
    context = {
        "title": f"Figures: {edition}",
        "edition": edition,
        "figures": figures,
        "charts": charts,
        "page": page,
        "pages": [(name, each.label) for name, each in _PAGES.items()],
    }
    return render_desk_page(request, "dashboard/figures.html", context)


@private_page
def csv_view(request: HttpRequest, pk: int, page: str, slug: str) -> HttpResponseBase:
    """The table of one chart. Unlike exports of persons it is not logged, so a link is enough."""
    edition, _, charts = _load(request, pk, page)
    chart = next((chart for chart in charts if chart.slug == slug and chart.rows), None)
    if chart is None:
        raise Http404
    rows = [[defuse(str(cell)) for cell in row] for row in (chart.columns, *chart.rows)]
    name = f"{edition.slug}-{slug}.csv"
    return HttpResponse(
        "".join(csv_lines(rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _load(request: HttpRequest, pk: int, page: str) -> tuple[Edition, Figures, list[Chart]]:
    require_chair(request)
    if page not in _PAGES:
        raise Http404
    edition = get_object_or_404(Edition.objects.select_related("call"), pk=pk)
    figures = figures_of(edition)
    return edition, figures, _PAGES[page].charts(edition, figures)
