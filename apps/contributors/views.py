"""Pages behind private links: a speaker's own page, and the programme on a student's page.

Day, time, room and board are those of the latest release; the draft is never shown.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from apps.contributors.accepted_submissions import SubmissionField
from apps.contributors.edits import SpeakerEdit, agree_to_years, submit_edit
from apps.contributors.forms import (
    SpeakerContributionForm,
    SpeakerProfileForm,
    StudentSlidesForm,
)
from apps.contributors.models import Speaker
from apps.contributors.speakers import (
    contributions_of,
    render_speaker_panels,
    speaker_link_views,
)
from apps.contributors.student_edits import StudentEdit, save_slides
from apps.core.decorators import gives_back, require_GET_POST, takes_files
from apps.core.exceptions import ChangedMeanwhile
from apps.core.files import file_response
from apps.core.search import Fold
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.student.views import own_expression
from apps.interest.workflow import State
from apps.programme.letters import published_places, sends_letters
from apps.programme.models import Contribution, Contributor, Origin

# Submissions in other states were never added to the programme, or went back into review.
_ON_PROGRAMME = {State.CONFIRMED, State.WITHDRAWN, State.CANCELLED}


def _places_by_contribution(edition: Edition) -> dict[int, str]:
    """Days, times, rooms and boards in the latest release, by the keys of contributions."""
    return {key: place.text for (key, _), place in published_places(edition).items() if key}


@require_safe
@speaker_link_views.owner_required
def speaker_page(request: HttpRequest, speaker: Speaker) -> HttpResponse:
    """A speaker's profile, their contributions, and which edits wait for approval."""
    edition = speaker.edition
    credits = Contributor.objects.filter(person=speaker.person, contribution__edition=edition)
    credits = credits.select_related("contribution").order_by(
        Fold("contribution__title"), "contribution"
    )
    places = _places_by_contribution(edition)
    waiting = set(speaker.proposals.values_list("contribution", flat=True))
    rows = [
        {
            "credit": credit,
            "contribution": credit.contribution,
            "place": places.get(credit.contribution_id, ""),
            "is_editable": credit.role != Contributor.Role.PANELLIST,
            "waits": credit.contribution_id in waiting,
        }
        for credit in credits
    ]
    return _render_speaker_page(
        request,
        speaker,
        "page",
        rows=rows,
        waits=None in waiting,
        panels=render_speaker_panels(speaker, request),
    )


@takes_files
@gives_back("bio", "link")
@require_GET_POST
@speaker_link_views.owner_required
def speaker_profile(request: HttpRequest, speaker: Speaker) -> HttpResponse:
    """Edit biography and portrait."""
    return _edit(request, speaker, SpeakerProfileForm, "profile", None)


@require_POST
@speaker_link_views.owner_required
def speaker_years(request: HttpRequest, speaker: Speaker) -> HttpResponse:
    """Agree to a public page of all their years, or withdraw that; never waits for approval."""
    agrees = request.POST.get("agrees") == "yes"
    agree_to_years(speaker=speaker, agrees=agrees)
    if agrees:
        message = gettext("The page of your years is public now.")
    else:
        message = gettext("The page of your years is removed.")
    messages.success(request, message)
    return redirect(speaker)


@takes_files
@gives_back("title", "abstract", "*_url")
@require_GET_POST
@speaker_link_views.owner_required
def speaker_contribution(request: HttpRequest, speaker: Speaker, slug: str) -> HttpResponse:
    """Edit title, abstract, slides and links of a contribution."""
    credits = Contributor.objects.filter(person=speaker.person)
    editable = credits.exclude(role=Contributor.Role.PANELLIST).values("contribution")
    contribution = get_object_or_404(
        Contribution, pk__in=editable, edition=speaker.edition, slug=slug
    )
    return _edit(request, speaker, SpeakerContributionForm, "contribution", contribution)


@require_safe
@speaker_link_views.owner_required
def speaker_slides(request: HttpRequest, speaker: Speaker, slug: str) -> HttpResponseBase:
    """Download the proposed slides of a contribution, or else the current ones."""
    contribution = get_object_or_404(contributions_of(speaker.person, speaker.edition), slug=slug)
    slides = SpeakerEdit(speaker, contribution).file
    return file_response(request, slides, filename=f"{slug}.pdf")


@require_safe
@speaker_link_views.owner_required
def speaker_portrait(request: HttpRequest, speaker: Speaker) -> HttpResponseBase:
    """Show the proposed portrait."""
    proposal = get_object_or_404(speaker.proposals, contribution=None)
    return file_response(request, proposal.file, content_type="image/jpeg")


def _edit(
    request: HttpRequest,
    speaker: Speaker,
    form_class: type[SpeakerProfileForm | SpeakerContributionForm],
    template: str,
    contribution: Contribution | None,
) -> HttpResponse:
    """Show the form or save it. What only others changed meanwhile stays as they left it; if both
    changed a field, both versions are shown (409).
    """
    edit = SpeakerEdit(speaker, contribution)
    form = form_class(request.POST or None, request.FILES or None, edit=edit)
    shown = request.POST.get("seen", "") if request.POST else edit.shown
    waits = speaker.edition.approves_speaker_edits
    differences, is_late = [], False
    if form.is_valid():
        values, file, seen = form.field_values(), form.new_file(), shown.partition(" ")[0]
        own, others = edit.compare_with_shown(values, shown)
        if others and file is None and not own & set(others):
            values, seen = values | others, edit.token
        try:
            changed = submit_edit(
                speaker=speaker,
                contribution=contribution,
                values=values,
                file=file,
                seen=seen,
            )
        except ChangedMeanwhile:
            # Sent again, the form overwrites the other version of what the speaker changed.
            edit, is_late = SpeakerEdit(speaker, contribution), True
            own, others = edit.compare_with_shown(values, shown)
            kept = {name: value for name, value in others.items() if name not in own}
            form.show_stored(kept)
            shown, differences = (
                edit.shown,
                [
                    replace(change, label=str(form.fields[change.name].label))
                    for change in edit.differences(values | kept)
                ],
            )
        else:
            if not changed:
                message = gettext("You changed nothing, so nothing was saved.")
            elif waits:
                message = gettext(
                    "Your changes are saved. Visitors see them once the organisers have accepted "
                    "them."
                )
            else:
                message = gettext("Your changes are saved, and on the pages now.")
            messages.success(request, message)
            return redirect(speaker)
    response = _render_speaker_page(
        request,
        speaker,
        template,
        form=form,
        seen=shown,
        is_late=is_late,
        had_file=is_late and bool(request.FILES),
        differences=differences,
        contribution=contribution,
        waits_for_approval=waits,
    )
    response.status_code = HTTPStatus.CONFLICT if is_late else HTTPStatus.OK
    return response


def _render_speaker_page(
    request: HttpRequest, speaker: Speaker, template: str, **context: Any
) -> HttpResponse:
    person = speaker.person.shown_in(speaker.edition)
    context |= {"edition": speaker.edition, "speaker": speaker, "person": person}
    return render(request, f"contributors/speaker/{template}.html", context)


def student_panel(expression: Expression, request: HttpRequest) -> SafeString:
    """Render the programme section of a student's page.

    "" if the submission is not on it and no letter about its place will follow.
    """
    edition, is_confirmed = expression.edition, expression.state == State.CONFIRMED
    origin = Origin.objects.with_both_sides().filter(expression=expression).first()
    context = {
        "expression": expression,
        "edition": edition,
        "is_confirmed": is_confirmed,
        "letter_follows": is_confirmed and sends_letters(edition),
    }
    if origin is None or expression.state not in _ON_PROGRAMME:
        if not context["letter_follows"]:
            return SafeString("")
        return render_to_string("contributors/student_panel.html", context, request)
    contribution = origin.contribution
    contribution.edition = edition
    context |= {
        "contribution": contribution,
        "is_poster": contribution.kind == Contribution.Kind.POSTER,
        "place": _places_by_contribution(edition).get(contribution.pk, ""),
        "pending_changes": [
            change.label
            for change in StudentEdit(origin).changes
            if change.name != SubmissionField.STATE
        ],
    }
    return render_to_string("contributors/student_panel.html", context, request)


def student_data(expression: Expression) -> dict[str, Any] | None:
    """Return the programme's data on a submission for the student's data export, or None."""
    origin = Origin.objects.with_both_sides().filter(expression=expression).first()
    if origin is None:
        return None
    contribution = origin.contribution
    return {
        "title": contribution.title,
        "abstract": contribution.abstract,
        "contributors": [
            {
                "name": credit.shown_name,
                "affiliation": credit.shown_affiliation,
                "role": credit.role,
            }
            for credit in contribution.contributors.all()
        ],
        "topics": [str(topic) for topic in contribution.topics.all()],
        "is_published": contribution.is_published,
        "slides": contribution.slides.name or "",
        "format": origin.format,
        "brought_in_at": origin.added_at,
        "taken_over": origin.accepted_values,
        "left_as_it_was": origin.rejected_values,
    }


@takes_files
@require_GET_POST
@own_expression
def student_slides(request: HttpRequest, expression: Expression) -> HttpResponse:
    """Upload, replace or remove slides."""
    rows = Contribution.objects.filter(origin__expression=expression)
    contribution = rows.first() if expression.state == State.CONFIRMED else None
    if contribution is None:
        messages.warning(
            request, gettext("You cannot upload a PDF: your entry is not in the programme.")
        )
        return redirect(expression)
    is_removal = "remove" in request.POST
    form = StudentSlidesForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if not is_removal and not form.is_valid():
        context = {
            "form": form,
            "expression": expression,
            "edition": expression.edition,
            "contribution": contribution,
        }
        return render(request, "contributors/student_slides.html", context)
    save_slides(expression=expression, slides=None if is_removal else form.cleaned_data["slides"])
    message = gettext("The PDF was removed.") if is_removal else gettext("The PDF was uploaded.")
    messages.success(request, message)
    return redirect(expression)


@require_safe
@own_expression
def student_slides_file(request: HttpRequest, expression: Expression) -> HttpResponseBase:
    """Download the student's current slides."""
    contribution = get_object_or_404(
        Contribution,
        origin__expression=expression,
        origin__expression__state__in=_ON_PROGRAMME,
    )
    return file_response(request, contribution.slides, filename=f"{contribution.slug}.pdf")
