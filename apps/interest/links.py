"""The student's private link."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from apps.editions.models import Edition
from apps.interest.models import Expression, StudentLink

# After the event there is still a talk to thank for and slides to hand in.
_AFTER_THE_EVENT = timedelta(days=60)
_WHILE_UNDATED = timedelta(days=400)


def expires_at(edition: Edition) -> datetime:
    """When links to this edition's expressions end: sixty days after it, or in thirteen months."""
    if edition.last_day is None:
        return timezone.now() + _WHILE_UNDATED
    last = datetime.combine(edition.last_day, datetime.max.time(), tzinfo=edition.zone)
    return max(last + _AFTER_THE_EVENT, timezone.now() + _AFTER_THE_EVENT)


def make_student_link(expression_pk: int) -> str:
    """A fresh private address of an expression; earlier ones keep working."""
    expression = Expression.objects.select_related("edition").get(pk=expression_pk)
    _, token = StudentLink.mint(expression=expression, expires_at=expires_at(expression.edition))
    path = reverse("interest:link", args=[expression.edition.slug, token])
    return f"{settings.SITE_URL}{path}"
