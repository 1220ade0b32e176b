"""Letters that remind reviewers of what is left; drafts until a chair releases them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone

from apps.core.exceptions import NotAllowed
from apps.core.search import fold
from apps.editions.models import Edition
from apps.mail import drafts
from apps.mail.drafts import DraftStatus, ReleaseReport
from apps.mail.models import Letter
from apps.mail.texts import register_text
from apps.private_links.models import ADDRESS_CHANGED, is_same_address
from apps.review.committee import committee_progress
from apps.review.models import (
    REVIEW_REMINDER,
    REVIEW_REMINDER_PLACEHOLDERS,
    Reviewer,
    ReviewReminder,
)

# A reviewer who was reminded is not listed again for this long.
PAUSE = timedelta(days=1)

_BODY = """\
Hello {name},

Thank you for reviewing for {workshop}. You have reviewed {done} of {total} entries: {left} left.

Your queue shows them one after the other:

{private_link}

If an entry is not yours to judge, say so there. If you cannot review all of them, write to {contact}."""


def register_reminder_text() -> None:
    """Register the text of the letter; called once, when the app is ready."""
    register_text(
        REVIEW_REMINDER,
        label="Reminder to reviewers",
        when="Released to reviewers with something left to review.",
        placeholders=REVIEW_REMINDER_PLACEHOLDERS,
        samples={"done": "3", "left": "5", "total": "8"},
        subject="Reviews for {workshop}: {left} left",
        body=_BODY,
    )


def make_queue_link(reviewer_pk: int, email: str) -> str:
    """Return the address of a reviewer's queue for a letter to `email`; it needs a sign-in.

    Raises NotAllowed if the account has another address by now.
    """
    reviewer = Reviewer.objects.select_related("user").get(pk=reviewer_pk)
    if not is_same_address(reviewer.user.email, email):
        raise NotAllowed(ADDRESS_CHANGED)
    return settings.SITE_URL + reverse("review:queue", args=[reviewer.edition_id])


def reminders(edition: Edition) -> list[ReviewReminder]:
    """A letter for each reviewer with something left, with `status`; drafts no longer needed too.

    Reviewers who were reminded within PAUSE are left out.
    """
    rows = ReviewReminder.objects.filter(reviewer__edition=edition)
    open_rows = rows.filter(Q(letter=None) | Q(letter__state__in=("draft", "discarded")))
    related = ReviewReminder.read_with_lock
    pending = {row.reviewer_id: row for row in open_rows.select_related(*related).order_by("pk")}
    released = rows.exclude(pk__in=open_rows.values("pk")).order_by()
    recent = set(
        released.values("reviewer")
        .annotate(at=Max("letter__due_at"))
        .filter(at__gt=timezone.now() - PAUSE)
        .values_list("reviewer", flat=True)
    )
    due, unneeded = [], []
    for row in committee_progress(edition):
        reminder = pending.pop(row.reviewer.pk, None)
        if not row.progress.left or row.reviewer.pk in recent:
            if reminder and reminder.is_drafted:
                unneeded.append(reminder)
            continue
        reminder = reminder or ReviewReminder(reviewer=row.reviewer)
        reminder.reviewer.edition, reminder.progress = edition, row.progress
        due.append(reminder)
    unneeded += [row for row in pending.values() if row.is_drafted]
    drafts.set_statuses(edition, due)
    for reminder in unneeded:
        reminder.status = DraftStatus.UNNEEDED
    due.sort(key=lambda row: fold(row.get_recipient().name))
    return [*due, *unneeded]


def draft_reminders(*, edition: Edition) -> int:
    """Write all letters that are due, and delete drafts that no longer are; the number written."""
    with transaction.atomic():
        _lock(edition)
        rows = reminders(edition)
        unneeded = [row for row in rows if row.status == DraftStatus.UNNEEDED]
        Letter.objects.filter(pk__in=[row.letter_id for row in unneeded]).delete()
        ReviewReminder.objects.filter(pk__in=[row.pk for row in unneeded]).delete()
        return drafts.write_drafts(edition, [row for row in rows if row not in unneeded])


def release_reminders(*, edition: Edition, seen: Sequence[str]) -> ReleaseReport:
    """Queue the drafts whose `draft_key` is in `seen` and that are still true."""
    with transaction.atomic():
        _lock(edition)
        due = [row for row in reminders(edition) if row.status != DraftStatus.UNNEEDED]
        return drafts.release_drafts(edition, due, seen=seen)


def _lock(edition: Edition) -> None:
    """Let two clicks draft and release one after the other."""
    Edition.objects.select_for_update().get(pk=edition.pk)
