"""What students offered comes on the programme, and what they correct afterwards is looked at.

For chairs alone: what is not on the programme yet is what students told us in private.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.views.decorators.http import require_POST, require_safe

from apps.contributors import student_edits as corrections
from apps.contributors.accepted_submissions import (
    LeftOut,
    bring_in,
    hidden_ones,
    publish_brought_in,
    waiting_to_come,
)
from apps.contributors.snapshot import Field, said_by
from apps.core.decorators import require_GET_POST
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.permissions import require_chair
from apps.interest.workflow import State
from apps.programme.admin.parts import AGAIN, below_programme, numbers, page_of
from apps.programme.models import Origin

_NAMED = 10  # of those that stay out for one reason


def urls() -> list[URLPattern]:
    """Below the programme of an edition."""
    return below_programme(
        ("<int:pk>/students/", require_GET_POST(bring_in_view), "bring_in"),
        ("<int:pk>/students/publish/", require_POST(publish_view), "publish_brought_in"),
        ("<int:pk>/corrections/", require_safe(corrections_view), "corrections"),
        ("<int:pk>/corrections/step/", require_POST(correction_step_view), "correction_step"),
    )


def what_waits(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    """For the programme's page: what a chair may bring in and look at; nothing for others."""
    if not request.user.has_perm("interest.decide_expression"):
        return {}
    coming = list(waiting_to_come(edition).only("confirmed_format"))
    return {
        "to_bring_in": in_words(coming) if coming else "confirmed talks and posters",
        "corrections": len(corrections.corrections_of(edition)),
    }


def bring_in_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who is confirmed and not on the programme yet, by name; the press brings in those, once each."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        return _brought_in(request, edition)
    rows = list(waiting_to_come(edition).prefetch_related("topics", "coauthors", "consents"))
    ones = Expression.objects.for_edition(edition).exclude_tests()
    context = {
        "rows": [(row, said_by(row)[Field.CONSENT]) for row in rows],
        "waiting": in_words(rows),
        "hidden": list(hidden_ones(edition)),
        "number_in": Origin.objects.for_edition(edition).count(),
        "number_open": ones.filter(state=State.ACCEPTED).count(),
    }
    title = "Bring in confirmed talks and posters"
    return page_of(request, "students", edition, title=title, app="contributors", **context)


def _brought_in(request: HttpRequest, edition: Edition) -> HttpResponseBase:
    ticked = numbers(request.POST.getlist("expression"))
    if not ticked:
        messages.warning(request, "Nothing was ticked, and nothing brought in.")
        return redirect("admin:programme_session_bring_in", edition.pk)
    is_published = "publish" in request.POST
    brought = bring_in(edition=edition, expressions=ticked, is_published=is_published)
    if count := len(brought.contributions):
        shown = "Anybody can read them" if is_published else "Not public yet"
        words = f"{count} {'is' if count == 1 else 'are'} on the programme now. {shown}."
        messages.success(request, f"{words} Give them places in lightning rounds and on boards.")
    for words in _why_left_out(brought.left_out):
        messages.warning(request, words)
    if brought.unknown:
        words = "erased meanwhile, or of another edition"
        messages.warning(request, f"Not brought in: {brought.unknown} more, {words}.")
    if brought.contributions:
        return redirect("admin:programme_session_overview", edition.pk)
    return redirect("admin:programme_session_bring_in", edition.pk)


def _why_left_out(ones: list[LeftOut]) -> Iterator[str]:
    """A sentence for each reason, with the names of those it holds for."""
    alike: dict[str, list[str]] = {}
    for one in ones:
        alike.setdefault(one.reason, []).append(str(one))
    for reason, names in alike.items():
        more = f" and {len(names) - _NAMED} more" if names[_NAMED:] else ""
        who = f"{', '.join(names[:_NAMED])}{more}{': each' if names[1:] else ''}"
        yield f"Not brought in: {who} {reason}".removesuffix(".") + "."


def publish_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Shows those that were brought in, and named on the page, to anybody."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    count = publish_brought_in(
        edition=edition, contributions=numbers(request.POST.getlist("contribution"))
    )
    messages.success(request, f"Public now: {count}. Times and rooms follow with the programme.")
    return redirect("admin:programme_session_bring_in", pk)


def corrections_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Field by field what the programme says and what the student says now; withdrawn ones first."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    return page_of(
        request,
        "corrections",
        edition,
        app="contributors",
        title="Corrections by students",
        corrections=corrections.corrections_of(edition),
    )


def correction_step_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Takes over or leaves what was seen, or takes off what was withdrawn."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    origin = (numbers([request.POST.get("origin", "")]) or [0])[0]
    seen = {
        name: stamp
        for name, _, stamp in (sent.partition(":") for sent in request.POST.getlist("difference"))
        if name in Field.values
    }
    if not Origin.objects.for_edition(edition).filter(pk=origin).exists():
        messages.error(request, AGAIN)
        return redirect("admin:programme_session_corrections", pk)
    try:
        match request.POST.get("do"):
            case "take":
                row = corrections.take_over(origin=origin, seen=seen)
                messages.success(request, f"Taken over: “{row}” says now what its student says.")
            case "leave":
                row = corrections.leave(origin=origin, seen=seen)
                messages.success(request, f"Left: “{row}” stays as it is.")
            case "off":
                title = corrections.take_off(origin=origin, seen=seen)
                messages.success(request, f"“{title}” is off the programme.")
            case _:
                messages.error(request, AGAIN)
    except corrections.ChangedMeanwhile:
        messages.error(request, AGAIN)
    except corrections.NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:programme_session_corrections", pk)


def in_words(rows: list[Expression]) -> str:
    """ "14 confirmed talks and posters", "1 confirmed poster"."""
    formats = {row.confirmed_format for row in rows}
    one = len(rows) == 1
    nouns = {
        frozenset({"talk"}): "talk" if one else "talks",
        frozenset({"poster"}): "poster" if one else "posters",
    }
    return f"{len(rows)} confirmed {nouns.get(frozenset(formats), 'talks and posters')}"
