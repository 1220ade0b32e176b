"""The student's private link: who may open the pages of an expression, and new links."""

from __future__ import annotations

from apps.editions.models import Edition
from apps.interest.models import Expression, StudentLink
from apps.interest.services import resend_link
from apps.private_links.views import PrivateLinkViews

_MAX_LETTERS = 10


def _send_links(edition: Edition, email: str) -> None:
    expressions = Expression.objects.for_edition(edition).active().filter(email__iexact=email)
    for expression in expressions.select_related("edition")[:_MAX_LETTERS]:
        resend_link(expression=expression)


student_link_views = PrivateLinkViews(
    link_model=StudentLink,
    owner_field="expression",
    lookup_field="reference",
    get_owners=Expression.objects.with_everything,
    base_template="interest/student_base.html",
    template_folder="interest",
    url_prefix="interest:",
    send_links=_send_links,
    kept_fields=("title", "abstract"),
    signed_out_message="This browser is signed out. The link in our letters still works.",
)
own_expression = student_link_views.owner_required
