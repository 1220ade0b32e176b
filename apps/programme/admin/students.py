"""What students offered comes on the programme, and what they correct afterwards is looked at.

For chairs alone: what is not on the programme yet is what students told us in private.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.editions.models import Edition
from apps.interest.admin.chairs import the_chair
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.programme import corrections
from apps.programme.bringing_in import (
    bring_in,
    hidden_ones,
    publish_brought_in,
    waiting_to_come,
)
from apps.programme.models import Origin, Session
from apps.programme.students import Field, said_by

_AGAIN = "Nothing was changed: it is not as you saw it any more. Here is how it stands now."


def urls() -> list[URLPattern]:
    """Below the programme of an edition."""
    steps: list[tuple[str, Any, str]] = [
        ("students/", require_http_methods(["GET", "HEAD", "POST"])(bring_in_view), "bring_in"),
        ("students/publish/", require_POST(publish_view), "publish_brought_in"),
        ("corrections/", require_safe(corrections_view), "corrections"),
        ("corrections/step/", require_POST(correction_step_view), "correction_step"),
    ]
    return [
        path(
            f"programme/<int:pk>/{route}",
            admin.site.admin_view(view),
            name=f"programme_session_{name}",
        )
        for route, view, name in steps
    ]


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
    the_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        return _brought_in(request, edition)
    rows = list(waiting_to_come(edition).prefetch_related("topics", "coauthors", "consents"))
    ones = Expression.objects.for_edition(edition).counted()
    context = {
        "edition": edition,
        "rows": [(row, said_by(row)[Field.CONSENT]) for row in rows],
        "press": f"Bring in {in_words(rows)}",
        "hidden": list(hidden_ones(edition)),
        "number_in": Origin.objects.for_edition(edition).count(),
        "number_open": ones.filter(state=State.ACCEPTED).count(),
    }
    return page_of(request, "students", "Bring in confirmed talks and posters", context)


def _brought_in(request: HttpRequest, edition: Edition) -> HttpResponseBase:
    brought = bring_in(
        edition=edition,
        expressions=numbers(request.POST.getlist("expression")),
        is_published="publish" in request.POST,
    )
    if count := len(brought.contributions):
        shown = "Anybody can read them" if "publish" in request.POST else "Not public yet"
        words = f"{count} {'is' if count == 1 else 'are'} on the programme now. {shown}."
        messages.success(request, f"{words} Give them places in lightning rounds and on boards.")
    if brought.left_out:
        words = "not brought in: there already, or no longer confirmed"
        messages.warning(request, f"{brought.left_out} {words}.")
    if brought.contributions:
        return redirect("admin:programme_session_overview", edition.pk)
    return redirect("admin:programme_session_bring_in", edition.pk)


def publish_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Shows those that were brought in, and named on the page, to anybody."""
    the_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    count = publish_brought_in(
        edition=edition, contributions=numbers(request.POST.getlist("contribution"))
    )
    messages.success(request, f"Public now: {count}. Times and rooms follow with the programme.")
    return redirect("admin:programme_session_bring_in", pk)


def corrections_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Field by field what the programme says and what the student says now; withdrawn ones first."""
    the_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    context = {"edition": edition, "corrections": corrections.corrections_of(edition)}
    return page_of(request, "corrections", "Corrections by students", context)


def correction_step_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Takes over or leaves what was seen, or takes off what was withdrawn."""
    the_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    origin = (numbers([request.POST.get("origin", "")]) or [0])[0]
    seen = {
        name: stamp
        for name, _, stamp in (sent.partition(":") for sent in request.POST.getlist("difference"))
        if name in Field.values
    }
    if not Origin.objects.for_edition(edition).filter(pk=origin).exists():
        messages.error(request, _AGAIN)
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
                messages.error(request, _AGAIN)
    except corrections.ChangedMeanwhile:
        messages.error(request, _AGAIN)
    except corrections.NotPossible as refusal:
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


def numbers(sent: list[str]) -> list[int]:
    """The keys among what a form sent."""
    return [int(key) for key in sent if key.isascii() and key.isdecimal() and len(key) < 18]


def page_of(
    request: HttpRequest, template: str, title: str, context: dict[str, Any]
) -> TemplateResponse:
    """A page below the programme of an edition."""
    shared = {**admin.site.each_context(request), "opts": Session._meta, "title": title}
    return TemplateResponse(request, f"admin/programme/{template}.html", shared | context)
