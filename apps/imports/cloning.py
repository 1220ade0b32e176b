"""Next year's edition, made out of an earlier one.

Apart from what reads folders, whose format a server would load with it and never ask for.
"""

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models, transaction
from simple_history.utils import bulk_create_with_history

from apps.accounts.models import User
from apps.editions.models import Call, Edition
from apps.interest.models import Question
from apps.pages.models import Page, Section
from apps.people.models import Group, Membership
from apps.sponsors.models import Level, Sponsor
from apps.topics.models import Topic

# The golden angle, in the field's steps of 5: neighbouring years look different, and no
# colour comes back for 18 years.
_HUE_STEP = 360 - 140
_M = TypeVar("_M", bound=models.Model)


def draft_made_from(source: Edition) -> Edition | None:
    """The draft that a copy of `source` became, while it is a draft."""
    made = Edition.history.filter(history_type="+", history_change_reason=_reason(source))
    drafts = Edition.objects.filter(state=Edition.State.DRAFT, pk__in=made.values("id"))
    return drafts.order_by("pk").last()


@transaction.atomic
def clone_edition(*, source: Edition, by: User | None) -> Edition:
    """A draft of the year after `source` with its people, topics, sponsors, sections, pages and call.

    Sponsors are hidden until somebody ticks them. What belongs to one year alone stays behind:
    dates and deadlines, those of the call too, place with its rooms, programme, registration, the
    parent event, a cancellation. The year moves on in title and short name, links to the edition's
    own pages lead to the new one's, and the colour changes. While the draft made from `source` is
    still a draft it is given back instead: a year has one workshop, and a second copy would only
    divide the work.
    """
    # All locked, so that of two presses at once the second finds the draft of the first, and
    # of two copies of different editions the second finds the address of the first taken.
    source = Edition.objects.select_for_update().order_by("pk").in_bulk()[source.pk]
    if draft := draft_made_from(source):
        return draft
    return _Clone(source, by).edition


class _Clone:
    """One copying of an edition; rows are made a batch at a time, not one by one."""

    def __init__(self, source: Edition, by: User | None) -> None:
        self.by, self.reason = by, _reason(source)
        self.edition = self._copied([source], Edition, **_facts_of_next_year(source))[0]
        groups = dict(self._copy_of_edition(Group, source))
        memberships = Membership.objects.filter(group__edition=source)
        self._create(
            Membership,
            [_twin(row, group=groups[row.group_id]) for row in memberships],
        )
        self._copy_of_edition(Topic, source)
        levels = dict(self._copy_of_edition(Level, source))
        # Who supported one year is asked again before the next one says so.
        sponsors = Sponsor.objects.filter(level__edition=source)
        self._create(
            Sponsor, [_twin(row, level=levels[row.level_id], is_shown=False) for row in sponsors]
        )
        moved = self._with_links_moved
        self._create(
            Page,
            [
                _twin(row, edition=self.edition, body=moved(row.body, source))
                for row in Page.objects.filter(edition=source)
            ],
        )
        self._create(
            Section,
            [
                _twin(
                    row,
                    edition=self.edition,
                    group=groups.get(row.group_id),
                    body=moved(row.body, source),
                )
                for row in Section.objects.filter(edition=source)
            ],
        )
        undated = dict.fromkeys(("opens_on", "closes_on", "edits_close_on", "decisions_on"))
        self._create(
            Call,
            [
                _twin(row, edition=self.edition, text=moved(row.text, source), **undated)
                for row in Call.objects.filter(edition=source)
            ],
        )
        # Questions keep no history; what was answered to them stays with the source.
        Question.objects.bulk_create(
            _twin(row, edition=self.edition) for row in Question.objects.filter(edition=source)
        )

    def _with_links_moved(self, markdown: str, source: Edition) -> str:
        return markdown.replace(f"](/{source.slug}/", f"](/{self.edition.slug}/")

    def _copied(self, rows: list[_M], model: type[_M], **changes: Any) -> list[_M]:
        return self._create(model, [_twin(row, **changes) for row in rows])

    def _copy_of_edition(self, model: type[_M], source: Edition) -> Iterable[tuple[Any, _M]]:
        """Pairs of an old row's key and its copy."""
        rows = list(model._default_manager.filter(edition=source))
        copies = self._copied(rows, model, edition=self.edition)
        return zip((row.pk for row in rows), copies, strict=True)

    def _create(self, model: type[_M], rows: list[_M]) -> list[_M]:
        if not rows:
            return []
        created: list[_M] = bulk_create_with_history(
            rows, model, default_user=self.by, default_change_reason=self.reason
        )
        return created


def _reason(source: Edition) -> str:
    return f"New edition from {source.slug}"


def _twin(row: _M, **changes: Any) -> _M:
    """An unsaved row that says what `row` says, but for its key and `changes`."""
    same = {
        column.attname: getattr(row, column.attname)
        for column in row._meta.concrete_fields
        if not column.primary_key and column.name not in changes
    }
    return type(row)(**same, **changes)


def _facts_of_next_year(source: Edition) -> dict[str, Any]:
    year, unwritten = source.year + 1, Edition()
    fresh = {
        name: getattr(unwritten, name)
        for name in (
            *("summary", "state", "is_current", "is_cancelled"),
            *("starts_on", "ends_on", "date_note"),
            *("venue", "venue_address", "venue_map_url", "venue_access"),
            *("registration_url", "registration_closes_on"),
            *("parent_event_name", "parent_event_url"),
        )
    }
    return fresh | {
        "slug": _free_slug(year),
        "year": year,
        "title": _moved_on(source.title, source.year),
        "short_name": _moved_on(source.short_name, source.year),
        "hue": (source.hue + _HUE_STEP) % 360,
    }


def _moved_on(text: str, year: int) -> str:
    return re.sub(rf"\b{year}\b", str(year + 1), text)


def _free_slug(year: int) -> str:
    taken = set(Edition.objects.filter(slug__startswith=str(year)).values_list("slug", flat=True))
    slug, number = str(year), 2
    while slug in taken:
        slug, number = f"{year}-{number}", number + 1
    return slug
