"""A new edition as a copy of an earlier one."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from simple_history.utils import bulk_create_with_history

from apps.accounts.models import User
from apps.editions.models import Call, Download, Edition, Picture, taken_addresses
from apps.interest.models import Question
from apps.pages.models import Page, Section, SectionLink
from apps.people.models import Group, Membership, PersonProfile
from apps.programme.models import ContributionLabel, SessionLabel
from apps.review.models import Criterion
from apps.sponsors.models import Level, Sponsor
from apps.topics.models import Topic

# The golden angle, in the field's steps of 5: neighbouring years look different, and no colour comes
# back for 18 years.
_HUE_STEP = 360 - 140
# Facts of an edition that last. All others are of one year alone.
_COPIED = (
    *("language", "time_zone", "contact_email", "approves_speaker_edits", "code_of_conduct"),
    *("logo", "logo_width", "logo_height", "logo_digest", "logo_alt", "has_logo_plate"),
)


class Part(models.TextChoices):
    """Content of an edition that a copy of it may have."""

    PEOPLE = "people", "People, in their groups"
    TOPICS = "topics", "Topics"
    SECTIONS = "sections", "Sections of the home page"
    PAGES = "pages", "Pages"
    SPONSORS = "sponsors", "Sponsors, hidden until you show them"
    CALL = "call", "Call with its questions, without its dates"


def draft_made_from(source: Edition, *, slug: str = "") -> Edition | None:
    """Return the draft that was copied from `source`, while it is a draft; only that at `slug`."""
    created = Edition.history.filter(history_type="+", history_change_reason=_reason(source))
    drafts = Edition.objects.filter(state=Edition.State.DRAFT, pk__in=created.values("id"))
    return (drafts.filter(slug=slug) if slug else drafts).order_by("pk").last()


@transaction.atomic
def clone_edition(
    *,
    source: Edition,
    by: User | None,
    title: str = "",
    year: int | None = None,
    slug: str = "",
    parts: Collection[str] = frozenset(Part),
) -> Edition:
    """Return a draft with `parts` of `source`, of the year after it unless other facts are given.

    It has the lasting facts, pictures, files and names of kinds of that one, whatever the parts.
    Sponsors are hidden until an organiser shows them. Dates, deadlines, place, rooms, programme,
    registration, the parent event and a cancellation are not copied. Links to the edition's own
    pages lead to the new one's. While a draft made from `source`, at `slug` if given, is a draft,
    that one is returned.
    """
    # All editions are locked, so that two requests at once neither make two drafts of one edition
    # nor give one address to two drafts.
    source = Edition.objects.select_for_update().order_by("pk").in_bulk()[source.pk]
    if draft := draft_made_from(source, slug=slug):
        return draft
    edition = next_edition(source)
    edition.title, edition.year = title or edition.title, year or edition.year
    edition.slug = slug or edition.slug

    def create(rows: Sequence[models.Model]) -> None:
        if rows:
            bulk_create_with_history(
                rows, type(rows[0]), default_user=by, default_change_reason=_reason(source)
            )

    def copy(rows: Iterable[models.Model], **changes: Any) -> dict[Any, Any]:
        """Make copies of `rows`, by the keys of the old ones; a change may be a function of a row."""
        copies = {row.pk: _copy(row, changes) for row in rows}
        create(list(copies.values()))
        return copies

    def moved(markdown: str) -> str:
        return markdown.replace(f"](/{source.slug}/", f"](/{edition.slug}/")

    def moved_body(row: Any) -> str:
        return moved(row.body)

    def moved_url(row: Any) -> str:
        start = f"/{source.slug}/"
        return (
            row.url.replace(start, f"/{edition.slug}/", 1) if row.url.startswith(start) else row.url
        )

    create([edition])
    copy(Picture.objects.filter(edition=source), edition=edition)
    copy(Download.objects.filter(edition=source), edition=edition)
    copy(SessionLabel.objects.filter(edition=source), edition=edition)
    copy(ContributionLabel.objects.filter(edition=source), edition=edition)
    groups: dict[Any, Any] = {}
    if Part.PEOPLE in parts:
        groups = copy(Group.objects.filter(edition=source), edition=edition)
        members = Membership.objects.filter(group__edition=source)
        copy(members, group=lambda row: groups[row.group_id])
        copy(PersonProfile.objects.filter(edition=source), edition=edition)
    if Part.TOPICS in parts:
        copy(Topic.objects.filter(edition=source), edition=edition)
    if Part.SPONSORS in parts:
        levels = copy(Level.objects.filter(edition=source), edition=edition)
        sponsors = Sponsor.objects.filter(level__edition=source)
        copy(sponsors, level=lambda row: levels[row.level_id], is_shown=False)
    if Part.PAGES in parts:
        copy(Page.objects.filter(edition=source), edition=edition, body=moved_body)
    if Part.SECTIONS in parts:
        rows = Section.objects.filter(edition=source)
        if Part.PEOPLE not in parts:
            rows = rows.exclude(shows=Section.Shows.GROUP)
        sections = copy(
            rows,
            edition=edition,
            group=lambda row: groups.get(row.group_id),
            body=moved_body,
            aside=lambda row: moved(row.aside),
        )
        links = SectionLink.objects.filter(section__in=sections)
        copy(links, section=lambda row: sections[row.section_id], url=moved_url)
    if Part.CALL in parts:
        dates = dict.fromkeys(("opens_on", "closes_on", "edits_close_on", "decisions_on"))
        calls = Call.objects.filter(edition=source)
        copy(calls, edition=edition, is_open_ended=False, text=lambda row: moved(row.text), **dates)
        # Questions have no history.
        questions = Question.objects.filter(edition=source)
        Question.objects.bulk_create(_copy(row, {"edition": edition}) for row in questions)
        criteria = Criterion.objects.filter(edition=source)
        Criterion.objects.bulk_create(_copy(row, {"edition": edition}) for row in criteria)
    return edition


def _reason(source: Edition) -> str:
    return f"New edition from {source.slug}"


def _copy(row: Any, changes: Mapping[str, Any]) -> Any:
    """An unsaved row with the values of `row`, but for its key and `changes`."""
    values = {
        column.attname: getattr(row, column.attname)
        for column in row._meta.concrete_fields
        if not column.primary_key and column.name not in changes
    }
    changed = {name: new(row) if callable(new) else new for name, new in changes.items()}
    return type(row)(**values, **changed)


def next_edition(source: Edition) -> Edition:
    """An unsaved edition of the year after `source` with its lasting facts."""
    year = source.year + 1
    return Edition(
        slug=free_slug(year),
        year=year,
        title=re.sub(rf"\b{source.year}\b", str(year), source.title),
        short_name=re.sub(rf"\b{source.year}\b", str(year), source.short_name),
        hue=(source.hue + _HUE_STEP) % 360,
        **{name: getattr(source, name) for name in _COPIED},
    )


def free_slug(year: int) -> str:
    """The year as an address, with a number if it is taken."""
    taken = taken_addresses(slug__startswith=str(year))
    slug, number = str(year), 2
    while slug in taken:
        slug, number = f"{year}-{number}", number + 1
    return slug
