"""Accepted submissions: confirmed expressions of interest become contributions, one each.

Submissions that cannot become one are reported with the reason and do not hold up the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet, TextChoices

from apps.core.markdown import from_plain
from apps.core.rate_limit import Limit, count
from apps.editions.models import Edition
from apps.interest.models import Consent, Expression, Format
from apps.interest.workflow import State
from apps.mail.services import queue_letter
from apps.programme.models import Contribution, Contributor, Origin
from apps.topics.models import Topic

LINK_FIELDS = ("arxiv_url", "code_url", "more_url")
_LINK_FIELD_BY_HOST = {
    "arxiv.org": "arxiv_url",
    "github.com": "code_url",
    "gitlab.com": "code_url",
    "codeberg.org": "code_url",
}
# Per ten minutes and contribution: several versions in a row are reported once or twice.
_MAX_SLIDES_NOTICES = 2


class SubmissionField(TextChoices):
    """The fields that are compared and copied one by one, in the order of the screens."""

    STATE = "state", "Whether they come"
    CONSENT = "consent", "Consent to publish"
    FORMAT = "format", "Format"
    TITLE = "title", "Title"
    NAME = "name", "Name"
    UNIVERSITY = "university", "Affiliation"
    COAUTHORS = "coauthors", "Co-authors"
    ABSTRACT = "abstract", "Abstract"
    TOPICS = "topics", "Topics"
    LINK = "link", "Link"


# Private without consent: only title and name are public then.
CONSENT_FIELDS = (
    SubmissionField.UNIVERSITY,
    SubmissionField.COAUTHORS,
    SubmissionField.ABSTRACT,
    SubmissionField.TOPICS,
    SubmissionField.LINK,
)
Snapshot = dict[str, Any]  # plain JSON values by SubmissionField


def take_snapshot(expression: Expression) -> Snapshot:
    """Return what may be published of a submission, as the student typed it.

    Uses coauthors, topics and consents if they are prefetched.
    """
    consents = {consent.about: consent.is_given for consent in expression.consents.all()}
    # Students whom a chair confirmed were not asked yet, so they did not consent.
    may_publish = consents.get(Consent.About.ABSTRACT, False)
    snapshot: Snapshot = {
        SubmissionField.STATE: expression.state,
        SubmissionField.CONSENT: may_publish,
        SubmissionField.FORMAT: expression.confirmed_format,
        SubmissionField.TITLE: expression.title,
        SubmissionField.NAME: expression.name,
        SubmissionField.UNIVERSITY: expression.university if may_publish else "",
        SubmissionField.COAUTHORS: [
            [author.name, author.affiliation]
            for author in expression.coauthors.all()
            if may_publish
        ],
        SubmissionField.ABSTRACT: expression.abstract if may_publish else "",
        SubmissionField.TOPICS: sorted(
            topic.pk for topic in expression.topics.all() if may_publish
        ),
        SubmissionField.LINK: expression.link if may_publish else "",
    }
    return {str(name): value for name, value in snapshot.items()}


def is_confirmed(snapshot: Snapshot) -> bool:
    """Whether the submission is confirmed."""
    return bool(snapshot[SubmissionField.STATE] == State.CONFIRMED)


def abstract_as_markdown(snapshot: Snapshot) -> str:
    """Return Markdown that shows the plain text of the abstract, without any formatting."""
    return from_plain(snapshot[SubmissionField.ABSTRACT])


def kind_of_format(format_: str) -> str:
    """Return the kind of a contribution; one of both formats is a talk with a slot as a poster."""
    is_poster = format_ == Format.POSTER
    return Contribution.Kind.POSTER if is_poster else Contribution.Kind.LIGHTNING


def link_values(snapshot: Snapshot) -> dict[str, str]:
    """Return the values of LINK_FIELDS: the link in the field of its host, the others empty."""
    links = dict.fromkeys(LINK_FIELDS, "")
    if link := snapshot[SubmissionField.LINK]:
        host = (urlsplit(link).hostname or "").removeprefix("www.")
        links[_LINK_FIELD_BY_HOST.get(host, "more_url")] = link
    return links


def make_contributors(contribution: Contribution, snapshot: Snapshot) -> Iterator[Contributor]:
    """Yield unsaved rows in order: the student, then the co-authors."""
    student = (snapshot[SubmissionField.NAME], snapshot[SubmissionField.UNIVERSITY])
    names = [student, *snapshot[SubmissionField.COAUTHORS]]
    for number, (name, affiliation) in enumerate(names, start=1):
        yield Contributor(
            contribution=contribution,
            name=name,
            affiliation=affiliation,
            role=Contributor.Role.SPEAKER if number == 1 else Contributor.Role.AUTHOR,
            ordering=10 * number,
        )


def accepted_submissions(edition: Edition) -> QuerySet[Expression]:
    """Return the confirmed expressions that are not on the programme yet, oldest first."""
    confirmed = (
        Expression.objects.for_edition(edition).exclude_tests().filter(state=State.CONFIRMED)
    )
    return confirmed.filter(origin=None).order_by("submitted_at", "pk")


@dataclass(frozen=True)
class RefusedSubmission:
    """A submission that was not added, and the reason as the end of a sentence."""

    title: str
    name: str
    reason: str

    def __str__(self) -> str:
        return f"“{self.title}” by {self.name}"


@dataclass
class AddedSubmissions:
    """The result of `add_submissions`; `missing` counts keys that do not exist in the edition."""

    contributions: list[Contribution] = field(default_factory=list)
    refusals: list[RefusedSubmission] = field(default_factory=list)
    missing: int = 0


def add_submissions(
    *, edition: Edition, expressions: Iterable[int], is_published: bool
) -> AddedSubmissions:
    """Make a contribution of each of `expressions` (keys) that is confirmed and not added yet.

    Each is added completely or not at all, and independently of the others. Without consent to
    publish, its contribution holds title and name only.
    """
    wanted = set(expressions)
    result = AddedSubmissions()
    with transaction.atomic():
        edition = Edition.objects.select_for_update().get(pk=edition.pk)
        locked = accepted_submissions(edition).select_for_update(of=("self",))
        rows = list(
            locked.filter(pk__in=wanted).prefetch_related("topics", "coauthors", "consents")
        )
        for row in rows:
            try:
                with transaction.atomic():
                    result.contributions.append(_add_submission(edition, row, is_published))
            except ValidationError as fault:
                messages = " ".join(dict.fromkeys(fault.messages))
                result.refusals.append(
                    RefusedSubmission(row.title, row.name, f"cannot be taken over: {messages}")
                )
        other_keys = wanted - {row.pk for row in rows}
        others = Expression.objects.for_edition(edition).filter(pk__in=other_keys)
        result.refusals += [
            RefusedSubmission(row.title, row.name, _reason_to_refuse(row))
            for row in others.select_related("origin").order_by("submitted_at", "pk")
        ]
        result.missing = len(wanted) - len(result.contributions) - len(result.refusals)
    return result


def _reason_to_refuse(expression: Expression) -> str:
    if hasattr(expression, "origin"):
        return "is on the programme already"
    if expression.is_test:
        return "is a rehearsal"
    return f"is not confirmed any more: {expression.get_state_display().lower()}"


def _add_submission(edition: Edition, expression: Expression, is_published: bool) -> Contribution:
    """Raise ValidationError if a contribution cannot hold it; part of it may be saved then."""
    snapshot = take_snapshot(expression)
    contribution = Contribution(
        edition=edition,
        kind=kind_of_format(expression.confirmed_format),
        title=snapshot[SubmissionField.TITLE],
        abstract=abstract_as_markdown(snapshot),
        is_published=is_published,
        **link_values(snapshot),
    )
    contribution.full_clean(exclude=["edition", "slug"])  # `save` sets the slug
    contribution.save()
    for row in make_contributors(contribution, snapshot):
        row.full_clean(exclude=["contribution"])
        row.save()
    contribution.topics.set(Topic.objects.filter(pk__in=snapshot[SubmissionField.TOPICS]))
    Origin.objects.create(
        contribution=contribution,
        expression=expression,
        format=expression.confirmed_format,
        accepted_values=snapshot,
    )
    return contribution


def unpublished_contributions(edition: Edition) -> QuerySet[Contribution]:
    """Return the contributions by students that are not public yet."""
    contributions = Contribution.objects.for_edition(edition).filter(is_published=False)
    return contributions.exclude(origin=None).order_by("title", "pk")


def publish_contributions(*, edition: Edition, contributions: Iterable[int]) -> int:
    """Publish those of `contributions` (keys) that came from students; return how many."""
    with transaction.atomic():
        rows = unpublished_contributions(edition).select_for_update(of=("self",))
        chosen = list(rows.filter(pk__in=contributions))
        for row in chosen:
            row.is_published = True
            row.save()  # each with its history
    return len(chosen)


def save_slides(*, expression: Expression, slides: File | None) -> None:
    """Replace the slides by checked `slides`, or remove them; the organisers are notified.

    The previous file is deleted. Raises Contribution.DoesNotExist if it is not on the programme.
    """
    with transaction.atomic():
        rows = Contribution.objects.select_for_update(of=("self",)).select_related("edition")
        contribution = rows.get(origin__expression=expression)
        if not slides and not contribution.slides:
            return
        contribution.slides = slides or ""
        contribution.save(update_fields=["slides"])
        edition = contribution.edition
        limit = Limit(f"slides-notice:{contribution.pk}", _MAX_SLIDES_NOTICES)
        if edition.contact_email and count([limit]):
            queue_letter(
                kind="contributors/slides_notice",
                template="contributors/letters/slides_notice",
                to_email=edition.contact_email,
                edition=edition,
                context={
                    "reference": expression.display_reference,
                    "title": contribution.shown_title,
                    "has_slides": bool(contribution.slides),
                },
            )
