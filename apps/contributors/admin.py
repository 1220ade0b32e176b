"""Admin pages below the programme: speakers and their edits, submissions and students' edits.

Submissions that are not on the programme yet are private, so only chairs see their pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.contributors import speakers
from apps.contributors.accepted_submissions import (
    Refusal,
    SubmissionField,
    accepted_submissions,
    add_submissions,
    publish_contributions,
    take_snapshot,
    unpublished_contributions,
)
from apps.contributors.edits import SpeakerEdit, StudentEdit, remove_withdrawn, student_edits
from apps.contributors.models import Proposal, Speaker
from apps.core.decorators import require_GET_POST
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.files import file_response
from apps.editions.models import Edition
from apps.interest.admin.forms import AddressForm
from apps.interest.models import Expression
from apps.interest.permissions import require_chair, workflow_actor
from apps.interest.workflow import Actor, State
from apps.programme.admin.parts import (
    AGAIN,
    below_programme,
    numbers,
    page_of,
    register_programme_pages,
)
from apps.programme.models import Contributor, Origin, SessionChair

_MAX_NAMES = 10  # in one message


def urls() -> list[URLPattern]:
    """URLs below the programme of an edition."""
    speaker = "<int:pk>/speakers/<int:person>/"
    return below_programme(
        ("<int:pk>/students/", require_GET_POST(submissions_view), "bring_in"),
        ("<int:pk>/students/publish/", require_POST(publish_view), "publish_brought_in"),
        ("<int:pk>/corrections/", require_safe(student_edits_view), "corrections"),
        ("<int:pk>/corrections/step/", require_POST(student_edit_action), "correction_step"),
        ("<int:pk>/speakers/", require_safe(speakers_view), "speakers"),
        ("<int:pk>/speakers/rule/", require_POST(rule_view), "speakers_rule"),
        (speaker, require_GET_POST(speaker_view), "speaker"),
        (f"{speaker}<int:proposal>/", require_safe(file_view), "speaker_file"),
        (f"{speaker}end-links/", require_POST(revoke_links_view), "speaker_end_links"),
        (f"{speaker}step/", require_POST(speaker_edit_action), "speaker_step"),
    )


def overview_context(request: HttpRequest, edition: Edition) -> dict[str, Any]:
    """Context for the programme's overview page: what waits for a chair."""
    if not request.user.has_perm("interest.decide_expression"):
        return {}
    waiting = list(accepted_submissions(edition).only("confirmed_format"))
    return {
        "to_bring_in": describe_submissions(waiting) if waiting else "confirmed talks and posters",
        "corrections": len(student_edits(edition)),
    }


register_programme_pages(urls=urls, overview_context=overview_context)


def _require_editor(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.has_perm("programme.change_contribution"):
        raise PermissionDenied
    return user


def _first_number(text: str) -> int:
    return (numbers([text]) or [0])[0]


# Speakers


def speakers_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the people named on the programme, with the state of their links and edits."""
    user = _require_editor(request)
    edition = get_object_or_404(Edition, pk=pk)
    credits = Contributor.objects.filter(contribution__edition=edition)
    people = speakers.people_of(edition).prefetch_related(
        Prefetch("contributor_credits", credits.select_related("contribution")),
        Prefetch(
            "sessionchair_credits",
            SessionChair.objects.filter(session__edition=edition).select_related("session"),
        ),
        Prefetch("speakers", Speaker.objects.for_edition(edition).prefetch_related("proposals")),
    )
    names_only = credits.filter(person=None, contribution__origin=None).order_by("name")
    context = {
        "people": people,
        "names_only": names_only.values_list("name", flat=True).distinct(),
        "requires_approval": speakers.requires_approval(edition),
        "is_chair": workflow_actor(user) is Actor.CHAIR,
    }
    return page_of(request, "speakers", edition, title="Speakers", app="contributors", **context)


def rule_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Set whether edits by speakers need approval."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    requires_approval = request.POST.get("waits") == "yes"
    speakers.set_approval_rule(edition=edition, requires_approval=requires_approval)
    messages.success(
        request,
        "From now on what speakers change waits until one of you has looked at it."
        if requires_approval
        else "From now on what speakers change is public at once. What waits already goes on waiting.",
    )
    return redirect("admin:programme_session_speakers", pk)


def speaker_view(request: HttpRequest, pk: int, person: int) -> HttpResponseBase:
    """Show a speaker's edits that wait; chairs also see the links, and send a new one."""
    user = _require_editor(request)
    edition = get_object_or_404(Edition, pk=pk)
    found = get_object_or_404(speakers.people_of(edition), pk=person)
    speaker = Speaker.objects.for_edition(edition).filter(person=found).first()
    is_chair = workflow_actor(user) is Actor.CHAIR
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
    proposals = speaker.proposals.select_related("contribution") if speaker else ()
    context = {
        "person": found,
        "speaker": speaker,
        "contributions": speakers.contributions_of(found, edition),
        "edits": [SpeakerEdit(speaker, proposal.target) for proposal in proposals if speaker],
        "form": form,
        "links": speaker.links.order_by("-pk") if speaker and is_chair else (),
        "is_chair": is_chair,
    }
    return page_of(request, "speaker", edition, title="Speaker", app="contributors", **context)


def file_view(request: HttpRequest, pk: int, person: int, proposal: int) -> HttpResponseBase:
    """Show the slides or the portrait of a proposal."""
    _require_editor(request)
    proposals = Proposal.objects.filter(speaker__edition=pk, speaker__person=person)
    found = get_object_or_404(proposals.select_related("contribution"), pk=proposal)
    if found.contribution is None:
        return file_response(request, found.file, content_type="image/jpeg")
    return file_response(request, found.file, filename=f"{found.contribution.slug}.pdf")


def revoke_links_view(request: HttpRequest, pk: int, person: int) -> HttpResponseBase:
    """Revoke all links of a speaker."""
    require_chair(request)
    speaker = get_object_or_404(Speaker, edition=pk, person=person)
    count = speakers.revoke_speaker_links(speaker=speaker)
    messages.success(request, f"Links that no longer work: {count}. The address is forgotten, too.")
    return redirect("admin:programme_session_speaker", pk, person)


def speaker_edit_action(request: HttpRequest, pk: int, person: int) -> HttpResponseBase:
    """Accept or reject a speaker's edit as it was shown."""
    _require_editor(request)
    proposals = Proposal.objects.filter(speaker__edition=pk, speaker__person=person)
    proposal = _first_number(request.POST.get("proposal", ""))
    actions = {
        "take": (SpeakerEdit.accept, "Taken over: “{}” says now what its speaker says."),
        "leave": (SpeakerEdit.reject, "Left: “{}” stays as it is."),
    }
    seen = {"proposal": request.POST.get("seen", "")}
    _run_action(request, actions, proposal, seen, proposals.filter(pk=proposal).exists())
    return redirect("admin:programme_session_speaker", pk, person)


def _run_action(
    request: HttpRequest,
    actions: dict[str, tuple[Callable[..., str], str]],
    key: int,
    seen: dict[str, str],
    is_found: bool,
) -> None:
    """Run the action that the button names on the edit `key`, and leave a message."""
    try:
        action, message = actions.get(request.POST.get("do", ""), (None, ""))
        if action is None or not is_found:
            raise ChangedMeanwhile
        messages.success(request, message.format(action(key, seen=seen)))
    except ChangedMeanwhile:
        messages.error(request, AGAIN)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))


# Submissions


def submissions_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the submissions to add to the programme; POST adds the selected ones."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    if request.method == "POST":
        return _add_selected(request, edition)
    rows = accepted_submissions(edition).prefetch_related("topics", "coauthors", "consents")
    expressions = Expression.objects.for_edition(edition).exclude_tests()
    context = {
        "rows": [(row, take_snapshot(row)[SubmissionField.CONSENT]) for row in rows],
        "waiting": describe_submissions(list(rows)),
        "unpublished": list(unpublished_contributions(edition)),
        "number_added": Origin.objects.for_edition(edition).count(),
        "number_open": expressions.filter(state=State.ACCEPTED).count(),
    }
    title = "Bring in confirmed talks and posters"
    return page_of(request, "students", edition, title=title, app="contributors", **context)


def _add_selected(request: HttpRequest, edition: Edition) -> HttpResponseBase:
    selected = numbers(request.POST.getlist("expression"))
    if not selected:
        messages.warning(request, "Nothing was ticked, and nothing brought in.")
        return redirect("admin:programme_session_bring_in", edition.pk)
    is_published = "publish" in request.POST
    result = add_submissions(edition=edition, expressions=selected, is_published=is_published)
    if count := len(result.contributions):
        verb = "is" if count == 1 else "are"
        visibility = "Anybody can read them" if is_published else "Not public yet"
        messages.success(
            request,
            f"{count} {verb} on the programme now. {visibility}. Give them places in lightning "
            "rounds and on boards.",
        )
    for sentence in _refusal_sentences(result.refusals):
        messages.warning(request, sentence)
    if result.missing:
        messages.warning(
            request,
            f"Not brought in: {result.missing} more, erased meanwhile, or of another edition.",
        )
    page = "overview" if result.contributions else "bring_in"
    return redirect(f"admin:programme_session_{page}", edition.pk)


def _refusal_sentences(refusals: list[Refusal]) -> Iterator[str]:
    """Yield a sentence for each reason, with the names it applies to."""
    names_by_reason = defaultdict(list)
    for refusal in refusals:
        names_by_reason[refusal.reason].append(str(refusal))
    for reason, names in names_by_reason.items():
        more = f" and {len(names) - _MAX_NAMES} more" if names[_MAX_NAMES:] else ""
        listed = f"{', '.join(names[:_MAX_NAMES])}{more}{': each' if names[1:] else ''}"
        yield f"Not brought in: {listed} {reason}".removesuffix(".") + "."


def publish_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Publish the contributions by students that were listed on the page."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    count = publish_contributions(
        edition=edition, contributions=numbers(request.POST.getlist("contribution"))
    )
    messages.success(request, f"Public now: {count}. Times and rooms follow with the programme.")
    return redirect("admin:programme_session_bring_in", pk)


def student_edits_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Compare the programme with the submissions, field by field; withdrawals first."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    title, edits = "Corrections by students", student_edits(edition)
    return page_of(request, "corrections", edition, title=title, app="contributors", edits=edits)


def student_edit_action(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Accept or reject changes as they were shown, or remove a withdrawn contribution."""
    require_chair(request)
    edition = get_object_or_404(Edition, pk=pk)
    origin = _first_number(request.POST.get("origin", ""))
    changes = [sent.partition(":") for sent in request.POST.getlist("difference")]
    seen = {name: token for name, _, token in changes if name in SubmissionField.values}
    actions = {
        "take": (StudentEdit.accept, "Taken over: “{}” says now what its student says."),
        "leave": (StudentEdit.reject, "Left: “{}” stays as it is."),
        "off": (remove_withdrawn, "“{}” is off the programme."),
    }
    is_found = Origin.objects.for_edition(edition).filter(pk=origin).exists()
    _run_action(request, actions, origin, seen, is_found)
    return redirect("admin:programme_session_corrections", pk)


def describe_submissions(rows: list[Expression]) -> str:
    """ "14 confirmed talks and posters", "1 confirmed poster"."""
    is_single = len(rows) == 1
    nouns = {
        frozenset({"talk"}): "talk" if is_single else "talks",
        frozenset({"poster"}): "poster" if is_single else "posters",
    }
    formats = frozenset(row.confirmed_format for row in rows)
    return f"{len(rows)} confirmed {nouns.get(formats, 'talks and posters')}"
