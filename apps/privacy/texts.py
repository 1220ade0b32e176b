"""Storage periods as the privacy page names them."""

from __future__ import annotations

from django.db.models import Q
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from apps.core.markdown import from_plain
from apps.editions.models import Edition
from apps.privacy.models import RetentionPeriods


def describe_periods() -> str:
    """Markdown lists of the periods: one for all public editions that have the same.

    Those with neither a call nor a registration store nothing of this.
    """
    asks = Q(call__isnull=False) | Q(registration_period__is_public=True)
    editions = Edition.objects.public().filter(asks)
    names: dict[tuple, list[str]] = {}
    for edition in editions.select_related("retention_periods"):
        periods = getattr(edition, "retention_periods", None) or RetentionPeriods()
        names.setdefault(tuple(periods), []).append(from_plain(edition.name))
    if not names:
        return _list(tuple(RetentionPeriods()))
    if len(names) == 1:
        return _list(*names)
    return "\n\n".join(
        f"{get_text_list(editions, gettext('and'))}:\n\n{_list(periods)}"
        for periods, editions in names.items()
    )


def _list(periods: tuple) -> str:
    return "\n".join(f"- {period.data_class.label}: {_in_words(period.days)}" for period in periods)


def _in_words(days: int | None) -> str:
    if days is None:
        return gettext("until you or the organisers erase them")
    return ngettext("%(days)d day after the workshop", "%(days)d days after the workshop", days) % {
        "days": days
    }
