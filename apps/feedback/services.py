"""Feedback is given, changed, removed, approved and hidden."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from apps.core.exceptions import ChangedMeanwhile
from apps.editions.models import Edition
from apps.feedback.models import Feedback, FeedbackSettings, browser_digest
from apps.programme.models import Contribution
from apps.programme.releases import published_timetable
from apps.programme.timetable import ScheduledSession


def asks_for_feedback(edition: Edition) -> bool:
    """Whether visitors of the edition may be asked at all."""
    return not edition.is_draft and not edition.is_cancelled and FeedbackSettings.of(edition).is_on


def is_open(settings: FeedbackSettings, sessions: Sequence[ScheduledSession]) -> bool:
    """Whether feedback on a contribution in these sessions is open now."""
    now = timezone.now()
    openings = [opening for session in sessions if (opening := settings.opening(session))]
    return any(opens_at <= now < closes_at for opens_at, closes_at in openings)


def sessions_of(contribution: Contribution) -> list[ScheduledSession]:
    """The published sessions that a contribution is in."""
    timetable = published_timetable(contribution.edition, with_texts=False)
    sessions = timetable.sessions() if timetable else ()
    return [
        session
        for session in sessions
        if any(slot.contribution_id == contribution.pk for slot in session.slots)
    ]


def find_own(contribution: Contribution, cookie: str | None) -> Feedback | None:
    """The feedback that the browser with this cookie gave."""
    if not cookie:
        return None
    return contribution.feedback.filter(browser=browser_digest(cookie, contribution)).first()


def rate(*, contribution: Contribution, cookie: str, rating: int) -> Feedback:
    """Store the rating of a browser, in place of its earlier one."""
    feedback, _ = Feedback.objects.update_or_create(
        contribution=contribution,
        browser=browser_digest(cookie, contribution),
        defaults={"rating": rating},
    )
    return feedback


def write_sentence(*, feedback: Feedback, sentence: str) -> None:
    """Add a sentence to a rating, or change or remove it; a changed one waits for approval again."""
    if sentence != feedback.sentence:
        Feedback.objects.filter(pk=feedback.pk).update(
            sentence=sentence, state=Feedback.State.WAITING
        )


def moderate(*, feedback: Feedback, state: str, token: str) -> None:
    """Approve or hide a sentence. Raises ChangedMeanwhile if it is not the one that was read."""
    with transaction.atomic():
        stored = Feedback.objects.select_for_update().filter(pk=feedback.pk).first()
        if stored is None or stored.version_token != token:
            raise ChangedMeanwhile
        stored.state = state
        stored.save()
