"""Publishing the programme on the desk: what would change, the press, and what was published when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import strip_tags
from django.views.decorators.http import require_safe

from apps.accounts.models import User
from apps.core.decorators import require_GET_POST
from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.programme.admin.parts import below_programme, page_of
from apps.programme.conflicts import Conflict, find_conflicts
from apps.programme.models import Contribution, ProgrammeRelease
from apps.programme.release_changes import (
    Change,
    changes_in_release,
    changes_to_draft,
    contribution_titles,
)
from apps.programme.releases import DraftVersion, NothingNew, latest_release, publish_programme
from apps.programme.timetable import Timetable, draft_timetable

_RELEASES = 10  # on one page: each is compared with the one before it
LAST_WEEK = timedelta(days=7)


def urls() -> list[URLPattern]:
    """Below the list of sessions."""
    return below_programme(
        ("<int:pk>/publish/", require_GET_POST(publish_view), "publish"),
        ("<int:pk>/releases/", require_safe(releases_view), "releases"),
    )


class PublishForm(forms.Form):
    """What goes with a press."""

    note = forms.CharField(
        label="Note for the organisers",
        max_length=300,
        required=False,
        help_text="Why, in a few words. Stands in the list of releases; nobody else reads it.",
    )
    shows = forms.BooleanField(label="", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=10_000_000)

    def clean_seen(self) -> DraftVersion:
        """What was looked at; anything else is refused."""
        try:
            return DraftVersion.parse(self.cleaned_data["seen"])
        except ValueError as fault:
            raise forms.ValidationError("Look at the changes once more.") from fault


@dataclass(frozen=True)
class Outlook:
    """How the draft stands to what is published."""

    release: ProgrammeRelease | None
    changes: list[Change]
    stops: list[Conflict]
    seen: DraftVersion
    is_last_week: bool

    @property
    def is_new(self) -> bool:
        """Whether there is anything to publish."""
        return bool(self.changes) or (self.release is None and bool(self.seen.sessions))

    @property
    def next_number(self) -> int:
        """What the next release would be."""
        return self.seen.after + 1

    @property
    def may_be_quick(self) -> bool:
        """Whether one press publishes from the overview: a change in the week before and during."""
        return self.is_last_week and self.release is not None and self.is_new and not self.stops


def outlook_of(edition: Edition, draft: Timetable, warnings: list[Conflict]) -> Outlook:
    """How `draft` stands, whose texts are attached; one query, two if something was published."""
    release = latest_release(edition)
    titles = contribution_titles(edition) if release else {}
    return Outlook(
        release=release,
        changes=changes_to_draft(release, draft, edition, titles),
        stops=[warned for warned in warnings if warned.prevents_publishing],
        seen=DraftVersion.of(draft, edition, release),
        is_last_week=_is_last_week(edition),
    )


def _is_last_week(edition: Edition) -> bool:
    if edition.starts_on is None or edition.is_past:
        return False
    return timezone.now().astimezone(edition.zone).date() >= edition.starts_on - LAST_WEEK


def may_publish(request: HttpRequest) -> bool:
    """Chairs and editors: what is public is the editors' work, too."""
    return request.user.has_perm("programme.add_programmerelease")


def publish_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What would change and what warns against it; then the press."""
    by = request.user
    if not isinstance(by, User) or not may_publish(request):
        raise PermissionDenied
    edition = get_object_or_404(Edition, pk=pk)
    form = PublishForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        if form.is_valid():
            return _publish(request, edition, by, form.cleaned_data)
        faults = [str(words) for words in form.errors.values()]
        messages.error(request, " ".join(strip_tags(words) for words in faults))
        return redirect("admin:programme_session_publish", pk)
    draft = draft_timetable(edition)
    warnings = find_conflicts(draft, edition=edition)
    outlook = outlook_of(edition, draft, warnings)
    hidden = _hidden_in(draft)
    form.initial["seen"] = str(outlook.seen)
    return page_of(
        request,
        "publish",
        edition,
        title=f"Publish release {outlook.next_number}",
        outlook=outlook,
        warnings=[warned for warned in warnings if not warned.prevents_publishing],
        sessions=sum(1 for _ in draft.sessions()),
        places=sum(1 for _ in draft.slots()),
        days=len(draft.days),
        hidden=hidden,
        form=form,
    )


def _publish(
    request: HttpRequest, edition: Edition, by: User, answers: dict[str, Any]
) -> HttpResponseBase:
    try:
        release = publish_programme(
            edition=edition,
            by=by,
            note=answers["note"],
            seen=answers["seen"],
            shows=answers["shows"],
        )
    except NothingNew as nothing:
        messages.info(request, str(nothing))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:programme_session_publish", edition.pk)
    else:
        messages.success(request, f"Release {release.number} of the programme is published.")
    return redirect("admin:programme_session_overview", edition.pk)


def _hidden_in(draft: Timetable) -> list[Contribution]:
    """What has a place and is not published, each once."""
    found = {
        slot.contribution.pk: slot.contribution
        for slot in draft.slots()
        if slot.contribution and not slot.contribution.is_published
    }
    return list(found.values())


def releases_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who published what and when, the latest first."""
    if not request.user.has_perm("programme.view_programmerelease"):
        raise PermissionDenied
    edition = get_object_or_404(Edition, pk=pk)
    releases = ProgrammeRelease.objects.for_edition(edition).select_related("published_by")
    page = Paginator(releases, _RELEASES).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    # The one before the last of this page, to compare that with.
    before = [*shown, *releases[page.end_index() : page.end_index() + 1]][1:] if shown else []
    titles = contribution_titles(edition)
    rows = [
        {"release": release, "changes": changes_in_release(release, former, titles)}
        for release, former in zip(shown, [*before, None], strict=False)
    ]
    return page_of(
        request,
        "releases",
        edition,
        title="Releases of the programme",
        rows=rows,
        page=page,
        may_publish=may_publish(request),
    )
