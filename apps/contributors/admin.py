"""Admin pages below the programme: speakers and their edits, submissions and students' edits.

Submissions that are not on the programme yet are private, so only chairs see their pages.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.views.decorators.http import require_POST, require_safe

from apps.contributors import speakers
from apps.contributors.accepted_submissions import (
    SubmissionField,
    accepted_submissions,
    add_submissions,
    take_snapshot,
)
from apps.contributors.edits import Edit, SpeakerEdit
from apps.contributors.models import Proposal, Speaker
from apps.contributors.student_edits import StudentEdit, student_edits
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.files import file_response
from apps.core.search import Fold
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.mail.models import Letter
from apps.private_links.views import EmailForm
from apps.programme.admin.base import (
    AGAIN,
    below_programme,
    primary_keys,
    register_programme_pages,
    render_programme_page,
)
from apps.programme.models import Contributor, Origin

editor_required = permission_required("programme.change_contribution", raise_exception=True)
chair_required = permission_required("interest.decide_expression", raise_exception=True)
_page = partial(render_programme_page, app="contributors")
# Button → method of the edit, message.
_DECISIONS = {
    "take": ("accept", "Accepted: “{}” is updated."),
    "leave": ("reject", "Rejected: “{}” is unchanged."),
    "off": ("remove", "“{}” was removed from the programme."),
}


def urls() -> list[URLPattern]:
    """URLs below the programme of an edition."""
    speaker = "<int:pk>/speakers/<int:person_pk>/"
    return below_programme(
        ("<int:pk>/students/", submissions_view, "bring_in"),
        ("<int:pk>/corrections/", student_edits_view, "corrections"),
        ("<int:pk>/corrections/step/", student_edit_action, "correction_step"),
        ("<int:pk>/speakers/", speakers_view, "speakers"),
        (speaker, speaker_view, "speaker"),
        (f"{speaker}<int:proposal_pk>/", proposal_file_view, "speaker_file"),
        (f"{speaker}end-links/", revoke_links_view, "speaker_end_links"),
        (f"{speaker}step/", speaker_edit_action, "speaker_step"),
    )


def overview_context(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    """Context for the programme's overview page: what waits for a chair."""
    if not request.user.has_perm("interest.decide_expression"):
        return {}
    return {
        "may_bring_in": True,
        "to_bring_in": accepted_submissions(edition).count(),
        "corrections": len(student_edits(edition)),
    }


register_programme_pages(urls=urls, overview_context=overview_context)


# Speakers


@require_safe
@editor_required
def speakers_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the people named on the programme, with the state of their links and edits."""
    edition = get_object_or_404(Edition, pk=pk)
    people = speakers.presenters_of(edition).prefetch_related(
        *speakers.credits_in(edition),
        Prefetch("speakers", Speaker.objects.filter(edition=edition).prefetch_related("proposals")),
    )
    names = Contributor.objects.filter(contribution__edition=edition, person=None)
    names_only = names.filter(contribution__origin=None).order_by(Fold("name"))
    return _page(
        request,
        "speakers",
        edition,
        title="Speakers",
        people=people,
        names_only=names_only.values_list("name", flat=True).distinct(),
        is_chair=request.user.has_perm("interest.decide_expression"),
    )


@gives_back("email")
@require_GET_POST
@editor_required
def speaker_view(request: HttpRequest, pk: int, person_pk: int) -> HttpResponseBase:
    """Show a speaker's edits that wait; chairs also see the links, and send a new one."""
    edition = get_object_or_404(Edition, pk=pk)
    person = get_object_or_404(speakers.presenters_of(edition), pk=person_pk)
    speaker = Speaker.objects.filter(edition=edition, person=person).first()
    is_chair = request.user.has_perm("interest.decide_expression")
    is_sent = request.method == "POST"
    if is_sent and not is_chair:
        raise PermissionDenied
    initial = {"email": speaker.email if speaker else ""}
    form = EmailForm(request.POST if is_sent else None, initial=initial)
    if form.is_valid():
        email = form.cleaned_data["email"]
        speakers.send_link(edition=edition, person=person, email=email)
        messages.success(request, f"An email with a new link to {email} will be sent shortly.")
        return redirect("admin:programme_session_speaker", pk, person_pk)
    proposals = speaker.proposals.select_related("contribution") if speaker else ()
    return _page(
        request,
        "speaker",
        edition,
        title=f"Speaker {person.name}",
        person=person,
        speaker=speaker,
        contributions=speakers.contributions_of(person, edition),
        edits=[SpeakerEdit(speaker, row.contribution) for row in proposals if speaker],
        form=form,
        links=speaker.links.order_by("-pk") if speaker and is_chair else (),
        letter=_latest_letter(speaker) if speaker and is_chair else None,
        is_chair=is_chair,
    )


def _latest_letter(speaker: Speaker) -> Letter | None:
    """The latest letter to the address of a speaker; it leads to all of them."""
    return Letter.objects.to_address(speaker.email).last() if speaker.email else None


@require_safe
@editor_required
def proposal_file_view(
    request: HttpRequest, pk: int, person_pk: int, proposal_pk: int
) -> HttpResponseBase:
    """Show the slides or the portrait of a proposal."""
    proposals = Proposal.objects.filter(speaker__edition=pk, speaker__person=person_pk)
    proposal = get_object_or_404(proposals.select_related("contribution"), pk=proposal_pk)
    if proposal.contribution is None:
        return file_response(request, proposal.file, content_type="image/jpeg")
    return file_response(request, proposal.file, filename=f"{proposal.contribution.slug}.pdf")


@require_POST
@chair_required
def revoke_links_view(request: HttpRequest, pk: int, person_pk: int) -> HttpResponseBase:
    """Revoke all links of a speaker."""
    speaker = get_object_or_404(Speaker, edition=pk, person=person_pk)
    count = speakers.revoke_speaker_links(speaker=speaker)
    messages.success(request, f"Links that no longer work: {count}. The address was deleted, too.")
    return redirect("admin:programme_session_speaker", pk, person_pk)


@require_POST
@editor_required
def speaker_edit_action(request: HttpRequest, pk: int, person_pk: int) -> HttpResponseBase:
    """Accept or reject a speaker's edit as it was shown."""
    proposals = Proposal.objects.filter(speaker__edition=pk, speaker__person=person_pk)
    _decide(request, SpeakerEdit, proposals)
    return redirect("admin:programme_session_speaker", pk, person_pk)


def _decide(request: HttpRequest, edit: type[Edit], rows: QuerySet) -> None:
    """Do what the button says with the edit of one of `rows` as it was shown; leave a message."""
    row = rows.filter(pk__in=primary_keys([request.POST.get("edit", "")])).first()
    step_name, message = _DECISIONS.get(request.POST.get("do", ""), ("", ""))
    step = getattr(edit, step_name, None)
    parts = [sent.partition(":") for sent in request.POST.getlist("part")]
    try:
        if row is None or step is None:
            raise ChangedMeanwhile
        target = edit.decide(step, row.pk, seen={name: token for name, _, token in parts})
        messages.success(request, message.format(target))
    except ChangedMeanwhile:
        messages.error(request, AGAIN)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))


# Submissions


@require_GET_POST
@chair_required
def submissions_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the submissions to add to the programme; POST adds the selected ones."""
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        return _add_selected(request, edition)
    rows = accepted_submissions(edition).prefetch_related("topics", "coauthors", "consents")
    expressions = Expression.objects.for_edition(edition).exclude_tests()
    added = Origin.objects.for_edition(edition)
    return _page(
        request,
        "students",
        edition,
        title="Add confirmed talks and posters",
        rows=[(row, take_snapshot(row)[SubmissionField.CONSENT]) for row in rows],
        number_unpublished=added.filter(contribution__is_published=False).count(),
        number_added=added.count(),
        number_open=expressions.filter(state=State.ACCEPTED).count(),
    )


def _add_selected(request: HttpRequest, edition: Edition) -> HttpResponseBase:
    selected = primary_keys(request.POST.getlist("expression"))
    if not selected:
        messages.warning(request, "Tick at least one entry. Nothing was added.")
        return redirect("admin:programme_session_bring_in", edition.pk)
    is_published = "publish" in request.POST
    result = add_submissions(edition=edition, expressions=selected, is_published=is_published)
    if count := len(result.contributions):
        verb = "is" if count == 1 else "are"
        visibility = "They are public" if is_published else "Not public yet"
        messages.success(
            request,
            f"{count} {verb} on the programme now. {visibility}. Give them places in lightning "
            "rounds and on boards.",
        )
    elif not result.refusals:
        messages.warning(request, "Everything is already on the programme.")
    for sentence in result.refusals:
        messages.warning(request, f"Not added: {sentence}")
    page = "overview" if result.contributions else "bring_in"
    return redirect(f"admin:programme_session_{page}", edition.pk)


@require_safe
@chair_required
def student_edits_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Compare the programme with the submissions, field by field; withdrawals first."""
    edition = get_object_or_404(Edition, pk=pk)
    edits = student_edits(edition)
    return _page(request, "corrections", edition, title="Corrections by students", edits=edits)


@require_POST
@chair_required
def student_edit_action(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Accept or reject changes as they were shown, or remove a withdrawn contribution."""
    _decide(request, StudentEdit, Origin.objects.filter(contribution__edition=pk))
    return redirect("admin:programme_session_corrections", pk)
