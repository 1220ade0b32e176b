"""A new edition as a copy of an earlier one."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from simple_history.utils import bulk_create_with_history

from apps.accounts.models import User
from apps.core.markdown import markdown_columns
from apps.editions.models import Call, Download, Edition, Picture, taken_addresses
from apps.feedback.models import FeedbackSettings
from apps.interest.models import Question
from apps.mail.models import LetterText
from apps.pages.models import Page, Section, SectionLink
from apps.people.models import Group, Membership, PersonProfile
from apps.programme.models import ContributionLabel, SessionLabel
from apps.registration.models import (
    AttendanceKind,
    RegistrationConsent,
    RegistrationPeriod,
    RegistrationQuestion,
)
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
_REASON = "New edition from "


class Part(models.TextChoices):
    """Content of an edition that a copy of it may have."""

    PEOPLE = "people", "People, in their groups"
    TOPICS = "topics", "Topics"
    SECTIONS = "sections", "Sections of the home page"
    PAGES = "pages", "Pages"
    SPONSORS = "sponsors", "Sponsors, hidden until you show them"
    CALL = "call", "Call with its questions and review criteria, without its dates"
    REGISTRATION = "registration", "Registration with its kinds and questions, without its dates"
    EMAILS = "emails", "Email texts that you changed"


# Models with rows that a new edition may have copies of, and the lookup of their edition.
COPIED_MODELS: dict[type[models.Model], str] = {
    **dict.fromkeys((Call, Question, Criterion, LetterText, Topic, Page, Section), "edition"),
    **dict.fromkeys((Group, PersonProfile, Level), "edition"),
    **dict.fromkeys((RegistrationPeriod, AttendanceKind), "edition"),
    **dict.fromkeys((RegistrationQuestion, RegistrationConsent), "edition"),
    Membership: "group__edition",
    Sponsor: "level__edition",
    SectionLink: "section__edition",
}
_ALWAYS_COPIED: list[type[models.Model]] = []


def copy_with_editions(*copied: type[models.Model]) -> None:
    """Register models with a foreign key `edition`, of which a new edition always has copies."""
    _ALWAYS_COPIED.extend(copied)
    COPIED_MODELS.update(dict.fromkeys(copied, "edition"))


copy_with_editions(Picture, Download, SessionLabel, ContributionLabel, FeedbackSettings)


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

    It has the lasting facts and the rows of `copy_with_editions` of that one, whatever the parts.
    Sponsors are hidden until an organiser shows them; the criteria of reviews belong to the call.
    Dates, deadlines, place, rooms, programme, the parent event and a cancellation are
    not copied. Links in texts to the edition's own pages lead to the new one's. While a draft made
    from `source`, at `slug` if given, is a draft, that one is returned.
    """
    # All editions are locked, so that two requests at once neither make two drafts of one edition
    # nor give one address to two drafts.
    source = Edition.objects.select_for_update().order_by("pk").in_bulk()[source.pk]
    if draft := draft_made_from(source, slug=slug):
        return draft
    edition = next_edition(source)
    edition.title, edition.year = title or edition.title, year or edition.year
    edition.slug = slug or edition.slug
    copier = _Copier(source, edition, by)
    edition.code_of_conduct = copier.move_links(edition.code_of_conduct)
    copier.create([edition])
    for model in _ALWAYS_COPIED:
        copier.copy(model._default_manager.filter(edition=source))
    groups: dict[Any, Any] = {}
    if Part.PEOPLE in parts:
        groups = copier.copy(Group.objects.filter(edition=source))
        members = Membership.objects.filter(group__edition=source)
        copier.copy(members, group=lambda row: groups[row.group_id])
        copier.copy(PersonProfile.objects.filter(edition=source))
    if Part.TOPICS in parts:
        copier.copy(Topic.objects.filter(edition=source))
    if Part.SPONSORS in parts:
        levels = copier.copy(Level.objects.filter(edition=source))
        sponsors = Sponsor.objects.filter(level__edition=source)
        copier.copy(sponsors, level=lambda row: levels[row.level_id], is_shown=False)
    if Part.PAGES in parts:
        copier.copy(Page.objects.filter(edition=source))
    if Part.SECTIONS in parts:
        _copy_sections(copier, groups)
    if Part.CALL in parts:
        dates = dict.fromkeys(("opens_on", "closes_on", "edits_close_on", "decisions_on"))
        copier.copy(Call.objects.filter(edition=source), is_open_ended=False, **dates)
        copier.copy(Question.objects.filter(edition=source))
        copier.copy(Criterion.objects.filter(edition=source))
    if Part.REGISTRATION in parts:
        dates = dict.fromkeys(("opens_on", "closes_on"))
        copier.copy(RegistrationPeriod.objects.filter(edition=source), is_public=False, **dates)
        for model in (AttendanceKind, RegistrationQuestion, RegistrationConsent):
            copier.copy(model._default_manager.filter(edition=source))
    if Part.EMAILS in parts:
        copier.copy(LetterText.objects.filter(edition=source))
    return edition


def first_versions_of_copies() -> models.QuerySet[Any]:
    """The first versions, in the history, of editions that were made from another one."""
    return Edition.history.filter(history_type="+", history_change_reason__startswith=_REASON)


def source_of(edition: Edition) -> Edition | None:
    """The edition that `edition` was made from, if it was, at whatever address it is now."""
    made = first_versions_of_copies().filter(id=edition.pk).first()
    if made is None:
        return None
    sources = Edition.history.filter(
        slug=made.history_change_reason.removeprefix(_REASON), history_date__lte=made.history_date
    )
    return Edition.objects.filter(pk__in=sources.exclude(id=edition.pk).values("id")[:1]).first()


class _Copier:
    """Copies rows of `source` into the new `edition`, with their history."""

    def __init__(self, source: Edition, edition: Edition, by: User | None) -> None:
        self.source, self.edition, self.by = source, edition, by

    def create(self, rows: Sequence[models.Model]) -> None:
        """Save new rows of one model."""
        if not rows:
            return
        model = type(rows[0])
        if not hasattr(model, "history"):  # such as questions
            model._default_manager.bulk_create(rows)
            return
        bulk_create_with_history(
            rows, model, default_user=self.by, default_change_reason=_reason(self.source)
        )

    def copy(self, rows: Iterable[models.Model], **changes: Any) -> dict[Any, Any]:
        """Make copies of `rows`, by the keys of the old ones; a change may be a function of a row."""
        copies = {row.pk: self._copy_of(row, changes) for row in rows}
        self.create(list(copies.values()))
        return copies

    def _copy_of(self, row: Any, changes: Mapping[str, Any]) -> Any:
        """An unsaved row with the values of `row`, but for its key, edition, links and `changes`."""
        columns = {column.name: column.attname for column in row._meta.concrete_fields}
        if "edition" in columns:
            changes = {"edition": self.edition, **changes}
        values = {
            attname: getattr(row, attname)
            for name, attname in columns.items()
            if name not in changes and name != row._meta.pk.name
        }
        for name in markdown_columns(type(row)):
            values[name] = self.move_links(values[name])
        changed = {name: new(row) if callable(new) else new for name, new in changes.items()}
        return type(row)(**values, **changed)

    def move_links(self, markdown: str) -> str:
        """Let links to pages of the source lead to those of the new edition."""
        return markdown.replace(f"](/{self.source.slug}/", f"](/{self.edition.slug}/")

    def move_url(self, url: str) -> str:
        """Likewise for the address of a link."""
        start = f"/{self.source.slug}/"
        return url.replace(start, f"/{self.edition.slug}/", 1) if url.startswith(start) else url


def _copy_sections(copier: _Copier, groups: Mapping[Any, Any]) -> None:
    """Copy the sections of the home page, those of groups only with their copies in `groups`."""
    rows = Section.objects.filter(edition=copier.source)
    if not groups:
        rows = rows.exclude(shows=Section.Shows.GROUP)
    sections = copier.copy(rows, group=lambda row: groups.get(row.group_id))
    copier.copy(
        SectionLink.objects.filter(section__in=sections),
        section=lambda row: sections[row.section_id],
        url=lambda row: copier.move_url(row.url),
    )


def _reason(source: Edition) -> str:
    return f"{_REASON}{source.slug}"


def next_edition(source: Edition, *, year: int | None = None) -> Edition:
    """An unsaved edition of `year`, or the year after `source`, with its lasting facts."""
    year = year or source.year + 1
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
