"""Speakers' links, sent and ended by chairs; and what speakers would change, taken over or left."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.contributors import admin_students as students
from apps.contributors import speaker_edits as saying
from apps.contributors import speakers
from apps.contributors.models import Proposal, Speaker
from apps.core.decorators import require_GET_POST
from apps.core.files import file_response
from apps.editions.models import Edition
from apps.interest.admin.forms import AddressForm
from apps.interest.permissions import require_chair, workflow_actor
from apps.interest.workflow import Actor
from apps.people.models import Person
from apps.programme.admin.parts import (
    AGAIN,
    below_programme,
    numbers,
    page_of,
    register_programme_pages,
)
from apps.programme.models import Contributor, SessionChair


def urls() -> list[URLPattern]:
    """Below the programme of an edition."""
    one = "<int:pk>/speakers/<int:person>/"
    return below_programme(
        ("<int:pk>/speakers/", require_safe(speakers_view), "speakers"),
        ("<int:pk>/speakers/rule/", require_POST(rule_view), "speakers_rule"),
        (one, require_GET_POST(speaker_view), "speaker"),
        (f"{one}<int:proposal>/", require_safe(file_view), "speaker_file"),
        (f"{one}end-links/", require_POST(end_links_view), "speaker_end_links"),
        (f"{one}step/", require_POST(step_view), "speaker_step"),
    )


def _an_editor(request: HttpRequest) -> User:
    """Who writes public content: what a speaker proposes is nothing else."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("programme.change_contribution"):
        raise PermissionDenied
    return user


def _is_chair(user: User) -> bool:
    return workflow_actor(user) is Actor.CHAIR


def speakers_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everybody who is named on the programme as a person, and how their link stands."""
    user = _an_editor(request)
    edition = get_object_or_404(Edition, pk=pk)
    of_edition = {"contribution__edition": edition}
    people = speakers.people_of(edition).prefetch_related(
        Prefetch(
            "contributor_credits",
            Contributor.objects.filter(**of_edition).select_related("contribution"),
        ),
        Prefetch(
            "sessionchair_credits",
            SessionChair.objects.filter(session__edition=edition).select_related("session"),
        ),
        Prefetch("speakers", Speaker.objects.for_edition(edition).prefetch_related("proposals")),
    )
    bare = Contributor.objects.filter(
        person=None, contribution__edition=edition, contribution__origin=None
    )
    context = {
        "people": people,
        "bare": bare.order_by("name").values_list("name", flat=True).distinct(),
        "waits_for_nod": speakers.waits_for_nod(edition),
        "is_chair": _is_chair(user),
    }
    return page_of(request, "speakers", edition, title="Speakers", app="contributors", **context)


def rule_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Whether organisers look first, from now on."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    waits = request.POST.get("waits") == "yes"
    speakers.choose_rule(edition=edition, waits_for_nod=waits)
    words = (
        "From now on what speakers change waits until one of you has looked at it."
        if waits
        else "From now on what speakers change is public at once. What waits already goes on waiting."
    )
    messages.success(request, words)
    return redirect("admin:programme_session_speakers", pk)


def speaker_view(request: HttpRequest, pk: int, person: int) -> HttpResponseBase:
    """One speaker: what waits, and for chairs the address and the link."""
    user = _an_editor(request)
    edition = get_object_or_404(Edition, pk=pk)
    found = _person(edition, person)
    speaker = Speaker.objects.for_edition(edition).filter(person=found).first()
    is_chair = _is_chair(user)
    form = None
    if request.method == "POST" or is_chair:
        require_chair(request)
        sent = request.POST if request.method == "POST" else None
        form = AddressForm(sent, initial={"email": speaker.email if speaker else ""})
        if form.is_bound and form.is_valid():
            email = form.cleaned_data["email"]
            speakers.send_link(edition=edition, person=found, email=email)
            messages.success(request, f"A letter with a new link to {email} is on its way.")
            return redirect("admin:programme_session_speaker", pk, person)
    waiting = speaker.proposals.select_related("contribution") if speaker else ()
    context = {
        "person": found,
        "speaker": speaker,
        "given": speakers.given_by(found, edition),
        "waiting": [_looked_at(speaker, proposal) for proposal in waiting if speaker],
        "form": form,
        "links": speaker.links.order_by("-pk") if speaker and is_chair else (),
        "is_chair": is_chair,
    }
    return page_of(request, "speaker", edition, title="Speaker", app="contributors", **context)


def _looked_at(speaker: Speaker, proposal: Proposal) -> dict[str, Any]:
    """One proposal beside what is public."""
    standing = saying.standing_of(speaker, proposal.contribution)
    return {
        "proposal": proposal,
        "row": standing.row,
        "stamp": standing.stamp,
        "differences": saying.differences(standing.row, standing.words),
        "stored_file": getattr(standing.row, "slides" if proposal.contribution_id else "photo"),
    }


def file_view(request: HttpRequest, pk: int, person: int, proposal: int) -> HttpResponseBase:
    """The slides or the portrait that wait for a look."""
    _an_editor(request)
    theirs = Proposal.objects.filter(speaker__edition=pk, speaker__person=person)
    found = get_object_or_404(theirs.select_related("contribution"), pk=proposal)
    if found.contribution is None:
        return file_response(request, found.file, content_type="image/jpeg")
    return file_response(request, found.file, filename=f"{found.contribution.slug}.pdf")


def end_links_view(request: HttpRequest, pk: int, person: int) -> HttpResponseBase:
    """Ends all links of one speaker."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    speaker = get_object_or_404(Speaker.objects.for_edition(edition), person=person)
    count = speakers.end_links(speaker=speaker)
    messages.success(request, f"Links that no longer work: {count}. The address is forgotten, too.")
    return redirect("admin:programme_session_speaker", pk, person)


def step_view(request: HttpRequest, pk: int, person: int) -> HttpResponseBase:
    """Takes over or leaves what was seen."""
    _an_editor(request)
    edition = get_object_or_404(Edition, pk=pk)
    key = (numbers([request.POST.get("proposal", "")]) or [0])[0]
    theirs = Proposal.objects.filter(speaker__edition=edition, speaker__person=person, pk=key)
    seen, step = request.POST.get("seen", ""), request.POST.get("do")
    try:
        if step not in {"take", "leave"} or not theirs.exists():
            raise saying.ChangedMeanwhile
        if step == "take":
            about = saying.take(proposal=key, seen=seen)
            messages.success(request, f"Taken over: “{about}” says now what its speaker says.")
        else:
            about = saying.leave(proposal=key, seen=seen)
            messages.success(request, f"Left: “{about}” stays as it is.")
    except saying.ChangedMeanwhile:
        messages.error(request, AGAIN)
    return redirect("admin:programme_session_speaker", pk, person)


def _person(edition: Edition, key: int) -> Person:
    return get_object_or_404(speakers.people_of(edition), pk=key)


register_programme_pages(urls=urls, overview_context=students.what_waits)
register_programme_pages(urls=students.urls, overview_context=lambda request, edition: {})
