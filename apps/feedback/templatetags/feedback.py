"""Whether the page of a contribution links to the page of feedback."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from apps.core.frozen import is_freezing
from apps.editions.models import Edition
from apps.feedback.models import FeedbackSettings
from apps.feedback.services import is_open
from apps.programme.timetable import ScheduledSession

register = template.Library()


@register.simple_tag
def feedback_is_open(edition: Edition, sessions: Sequence[ScheduledSession]) -> bool:
    """Whether the page of a contribution in these sessions asks for feedback now."""
    if not sessions or edition.is_draft or edition.is_cancelled or is_freezing():
        return False
    settings = FeedbackSettings.of(edition)
    return settings.is_on and is_open(settings, sessions)
