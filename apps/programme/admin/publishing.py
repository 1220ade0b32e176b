"""Pages to publish the programme, and to release letters about places in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from apps.accounts.models import User
from apps.core.admin import say_notices
from apps.core.decorators import gives_back, require_GET_POST
from apps.core.exceptions import NotAllowed
from apps.core.forms import sent_data
from apps.core.text import count_of
from apps.editions.models import Edition
from apps.mail.drafts import ReleaseReport
from apps.mail.views import DraftPages
from apps.programme import letters
from apps.programme.admin.base import below_programme, render_programme_page
from apps.programme.conflicts import Conflict, find_conflicts
from apps.programme.models import ContributionLetter, ProgrammeRelease
from apps.programme.releases import (
    NothingNew,
    ReleaseChange,
    changes_since,
    contribution_titles,
    draft_version,
    hidden_contributions,
    latest_release,
)
from apps.programme.timetable import Timetable, draft_timetable, timetable_of_release

_RELEASES_PER_PAGE = 10
_LAST_WEEK = timedelta(days=7)


def publishing_urls() -> list[URLPattern]:
    """URLs below the list of sessions."""
    return [
        *below_programme(
            ("<int:pk>/publish/", require_GET_POST(publish_view), "publish"),
            ("<int:pk>/releases/", require_safe(releases_view), "releases"),
        ),
        *ProgrammeLetterPages().urls("programme/<int:pk>/letters/"),
    ]


class PublishForm(forms.Form):
    """A note, whether to publish contributions, and the `draft_version` that was seen."""

    note = forms.CharField(
        label="Note for the organisers",
        max_length=300,
        required=False,
        help_text="The reason, in a few words. Shown in the list of releases, to organisers only.",
    )
    shows = forms.BooleanField(label="", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=100)


@dataclass(frozen=True)
class ReleasePreview:
    """The draft compared with the latest release."""

    release: ProgrammeRelease | None
    changes: list[ReleaseChange]
    stops: list[Conflict]
    seen: str  # draft_version
    is_new: bool  # there is something to publish
    is_last_week: bool

    @property
    def may_be_quick(self) -> bool:
        """Whether the overview offers to publish at once: from a week before the edition."""
        return self.is_last_week and self.release is not None and self.is_new and not self.stops


def preview_release(
    edition: Edition, draft: Timetable, conflicts: list[Conflict]
) -> ReleasePreview:
    """Compare `draft` with the latest release; at most two queries."""
    release = latest_release(edition)
    titles = contribution_titles(edition) if release else {}
    changes = list(changes_since(release, draft, titles))
    starts_on = edition.starts_on
    return ReleasePreview(
        release=release,
        changes=changes,
        stops=[conflict for conflict in conflicts if conflict.prevents_publishing],
        seen=draft_version(draft, edition, release),
        is_new=bool(changes if release else draft.days),
        is_last_week=bool(
            starts_on and not edition.is_past and edition.today >= starts_on - _LAST_WEEK
        ),
    )


def may_publish(request: HttpRequest) -> bool:
    """Whether the user may publish releases: chairs and editors."""
    return request.user.has_perm("programme.add_programmerelease")


@gives_back("note")
def publish_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show changes and conflicts, then publish."""
    user = request.user
    if not isinstance(user, User) or not may_publish(request):
        raise PermissionDenied
    edition = get_object_or_404(Edition, pk=pk)
    form = PublishForm(sent_data(request))
    if form.is_bound:
        return _publish(request, edition, user, form)
    draft = draft_timetable(edition)
    conflicts = find_conflicts(draft, edition=edition)
    preview = preview_release(edition, draft, conflicts)
    form.initial["seen"] = preview.seen
    hidden = hidden_contributions(draft)
    return render_programme_page(
        request,
        "publish",
        edition,
        title=f"Publish release {preview.release.number + 1 if preview.release else 1}",
        preview=preview,
        conflicts=[conflict for conflict in conflicts if not conflict.prevents_publishing],
        sessions=sum(1 for _ in draft.sessions()),
        places=sum(1 for _ in draft.slots()),
        days=len(draft.days),
        hidden=hidden,
        hidden_names=sum(len(row.contributors.all()) for row in hidden),
        sends_letters=letters.sends_letters(edition),
        drafted_letters=ContributionLetter.objects.for_edition(edition).drafts().count(),
        form=form,
    )


def _publish(
    request: HttpRequest, edition: Edition, user: User, form: PublishForm
) -> HttpResponseBase:
    if not form.is_valid():
        errors = (strip_tags(str(error)) for error in form.errors.values())
        messages.error(request, " ".join(errors))
        return redirect("admin:programme_session_publish", edition.pk)
    try:
        release, drafted = letters.publish_with_letters(
            edition=edition, by=user, **form.cleaned_data
        )
    except NothingNew as nothing:
        messages.info(request, str(nothing))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:programme_session_publish", edition.pk)
    else:
        messages.success(request, f"Release {release.number} of the programme is published.")
        say_notices(request, edition)
        if drafted:
            messages.info(request, _letters_wait(request, edition, drafted))
    return redirect("admin:programme_session_overview", edition.pk)


def _letters_wait(request: HttpRequest, edition: Edition, count: int) -> SafeString:
    """The next step with the drafts, for users who may read them or not."""
    drafted = f"{count_of(count, 'email')} {'was' if count == 1 else 'were'} drafted"
    if not request.user.has_perm(ProgrammeLetterPages.permission):
        return format_html("{}. Nothing is sent until a chair releases it.", drafted)
    url = reverse(ProgrammeLetterPages.url_name, args=[edition.pk])
    text = '{}. Nothing is sent yet: <a href="{}">read and release the emails</a>.'
    return format_html(text, drafted, url)


def releases_view(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All releases with their changes, the latest first."""
    if not request.user.has_perm("programme.view_programmerelease"):
        raise PermissionDenied
    edition = get_object_or_404(Edition, pk=pk)
    releases = ProgrammeRelease.objects.for_edition(edition).select_related("published_by")
    page = Paginator(releases, _RELEASES_PER_PAGE).get_page(request.GET.get("page"))
    on_page = list(page.object_list)
    # Each release is compared with the one before it, the last with one of the next page.
    next_page = releases[page.end_index() : page.end_index() + 1] if on_page else []
    earlier = [*on_page, *next_page][1:]
    titles = contribution_titles(edition)
    rows = [
        {
            "release": release,
            "changes": list(changes_since(before, timetable_of_release(release), titles)),
        }
        for release, before in zip(on_page, [*earlier, None], strict=False)
    ]
    return render_programme_page(
        request, "releases", edition, title="Releases of the programme", rows=rows, page=page
    )


class ProgrammeLetterPages(DraftPages):
    title = "Emails about the programme"
    url_name = "admin:programme_session_letters"
    list_template = "admin/programme/letters.html"
    about_template = "admin/programme/_letter_about.html"

    def get_drafts(self, edition: Edition) -> list[ContributionLetter]:
        return letters.programme_letters(edition)

    def get_context(self, edition: Edition, drafts: Sequence[Any]) -> dict[str, Any]:
        return {"sends_letters": letters.sends_letters(edition)}

    def draft(self, edition: Edition) -> int:
        return letters.draft_letters(edition=edition)

    def release(self, edition: Edition, *, seen: Sequence[str], by: User) -> ReleaseReport:
        return letters.release_letters(edition=edition, seen=seen)
