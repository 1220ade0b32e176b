"""The student's private link."""

from django.conf import settings
from django.urls import reverse

from apps.interest.models import Expression, StudentLink
from apps.private_links.models import link_expiry


def make_student_link(expression_pk: int) -> str:
    """Return a new private URL of an expression; earlier ones keep working."""
    expression = Expression.objects.select_related("edition").get(pk=expression_pk)
    _, token = StudentLink.mint(expression=expression, expires_at=link_expiry(expression.edition))
    path = reverse("interest:link", args=[expression.edition.slug, token])
    return f"{settings.SITE_URL}{path}"
