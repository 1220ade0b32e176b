"""Change notices at the top of pages."""

from __future__ import annotations

from django import template

from apps.editions.models import Edition
from apps.news.models import Notice

register = template.Library()


@register.inclusion_tag("news/_change_notices.html")
def change_notices(edition: Edition) -> dict[str, object]:
    """The notices that the edition shows now.

    Without a query for public pages, whose edition says whether it has any.
    """
    has_any = getattr(edition, "has_notice", True)
    return {"notices": Notice.objects.current(edition) if has_any else []}
