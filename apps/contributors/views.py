"""A speaker's own page, behind the private link, and what they change there."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apps.contributors.forms import AboutYouForm, WhatYouGiveForm
from apps.contributors.models import Proposal, Speaker
from apps.contributors.speaker_edits import (
    ChangedMeanwhile,
    say,
    shown_differences,
    standing_of,
)
from apps.contributors.speakers import edited_by, given_by, speaker_link_views, waits_for_nod
from apps.core.decorators import require_GET_POST
from apps.core.files import file_response
from apps.core.rate_limit import WINDOW, Limit, count
from apps.programme.models import Contribution, Contributor
from apps.programme.releases import published_timetable

# Each writes a letter to the organisers.
_MOST_CHANGES = 20


@require_safe
@speaker_link_views.owner_required
def mine(request: HttpRequest, speaker: Speaker) -> HttpResponse:
    """What is said of them, what they give and when, and what waits."""
    edition, person = speaker.edition, speaker.person
    given = list(given_by(person, edition))
    edited = set(edited_by(person, edition).values_list("pk", flat=True))
    waiting = set(Proposal.objects.filter(speaker=speaker).values_list("contribution", flat=True))
    roles = {
        credit.contribution_id: credit.get_role_display()
        for credit in Contributor.objects.filter(person=person, contribution__in=given)
    }
    places = _places(speaker, {one.pk for one in given})
    context: dict[str, Any] = {
        "given": [
            {
                "row": one,
                "role": roles.get(one.pk, ""),
                "places": places.get(one.pk, []),
                "is_edited": one.pk in edited,
                "waits": one.pk in waiting,
            }
            for one in given
        ],
        "waits": None in waiting,
    }
    return _page(request, speaker, "mine", **context)


def _places(speaker: Speaker, wanted: set[int]) -> dict[int, list[Any]]:
    """When and where each of `wanted` is, as it is published."""
    timetable = published_timetable(speaker.edition)
    found: dict[int, list[Any]] = {}
    for entry in timetable.sessions() if timetable else ():
        for slot in entry.slots:
            if slot.contribution_id in wanted:
                found.setdefault(slot.contribution_id, []).append((entry, slot))
    return found


@require_GET_POST
@speaker_link_views.owner_required
def about_you(request: HttpRequest, speaker: Speaker) -> HttpResponse:
    """Biography and portrait."""
    return _changed(request, speaker, AboutYouForm, "about_you", None)


@require_GET_POST
@speaker_link_views.owner_required
def what_you_give(request: HttpRequest, speaker: Speaker, slug: str) -> HttpResponse:
    """Title, abstract, slides and links of one contribution of theirs."""
    contribution = edited_by(speaker.person, speaker.edition).filter(slug=slug).first()
    if contribution is None:
        raise Http404
    return _changed(request, speaker, WhatYouGiveForm, "what_you_give", contribution)


@require_safe
@speaker_link_views.owner_required
def their_slides(request: HttpRequest, speaker: Speaker, slug: str) -> HttpResponseBase:
    """The slides of something they give: the ones that wait, or those that are there."""
    contribution = given_by(speaker.person, speaker.edition).filter(slug=slug).first()
    if contribution is None:
        raise Http404
    standing = standing_of(speaker, contribution)
    if not standing.file:
        raise Http404
    return file_response(request, standing.file, filename=f"{slug}.pdf")


@require_safe
@speaker_link_views.owner_required
def portrait(request: HttpRequest, speaker: Speaker) -> HttpResponseBase:
    """The portrait that waits for a look."""
    waiting = Proposal.objects.filter(speaker=speaker, contribution=None).exclude(file="").first()
    if waiting is None:
        raise Http404
    return file_response(request, waiting.file, content_type="image/jpeg")


def _changed(
    request: HttpRequest,
    speaker: Speaker,
    make_form: Any,
    template: str,
    contribution: Contribution | None,
) -> HttpResponse:
    """The form, or what it did. What changed since it was opened is told, never overwritten."""
    standing = standing_of(speaker, contribution)
    stamp, differing, is_late, status = standing.stamp, [], False, HTTPStatus.OK
    is_sent = request.method == "POST"
    form = make_form(
        request.POST if is_sent else None, request.FILES if is_sent else None, standing=standing
    )
    waits = waits_for_nod(speaker.edition)
    if is_sent:
        stamp = request.POST.get("seen", "")
        if not form.is_valid():
            pass  # the form says why
        elif not count([Limit(f"speaker-changes:{speaker.pk}", _MOST_CHANGES)]):
            words = "That was changed very often. Wait ten minutes, then save once more."
            form.add_error(None, words)
            status = HTTPStatus.TOO_MANY_REQUESTS
        else:
            words, file = form.words(), form.file()
            try:
                changed = say(
                    speaker=speaker, contribution=contribution, words=words, file=file, seen=stamp
                )
            except ChangedMeanwhile:
                # Sent once more from here, it is meant.
                standing = standing_of(speaker, contribution)
                stamp, status, is_late = standing.stamp, HTTPStatus.CONFLICT, True
                differing = shown_differences(standing, words)
            else:
                messages.success(request, _done(changed, waits))
                return redirect(speaker)
    response = _page(
        request,
        speaker,
        template,
        status=status,
        form=form,
        seen=stamp,
        is_late=is_late,
        had_file=is_late and bool(request.FILES),
        differences=differing,
        contribution=contribution,
        standing=standing,
        waits_for_nod=waits,
    )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response["Retry-After"] = str(WINDOW)
    return response


def _done(changed: list[str], waits: bool) -> str:
    if not changed:
        return "Nothing was different, so nothing was changed."
    if waits:
        return "Your changes are kept. Visitors see them once the organisers have looked at them."
    return "Your changes are saved, and on the pages now."


def _page(
    request: HttpRequest,
    speaker: Speaker,
    template: str,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    **context: Any,
) -> HttpResponse:
    shared = {"edition": speaker.edition, "speaker": speaker, "person": speaker.person}
    return render(request, f"contributors/speaker/{template}.html", shared | context, status=status)
