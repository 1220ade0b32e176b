"""Accepted submissions: confirmed expressions of interest become contributions, one each.

Submissions that cannot become one are reported with the reason and do not hold up the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core.markdown import from_plain
from apps.editions.models import Edition
from apps.interest.models import Consent, Expression, Format
from apps.interest.workflow import State
from apps.programme.models import Contribution, Contributor, Origin
from apps.topics.models import Topic

LINK_FIELDS = ("arxiv_url", "code_url", "more_url")
_LINK_FIELD_BY_HOST = {
    "arxiv.org": "arxiv_url",
    "github.com": "code_url",
    "gitlab.com": "code_url",
    "codeberg.org": "code_url",
}


class SubmissionField(TextChoices):
    """The fields that are compared and copied one by one, in the order of the screens."""

    STATE = "state", _("Attendance")
    CONSENT = "consent", _("Consent to publish")
    FORMAT = "format", _("Format")
    TITLE = "title", _("Title")
    NAME = "name", _("Name")
    UNIVERSITY = "university", _("Affiliation")
    COAUTHORS = "coauthors", _("Co-authors")
    ABSTRACT = "abstract", _("Abstract")
    TOPICS = "topics", _("Topics")
    LINK = "link", _("Link")


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


class AddedSubmissions(NamedTuple):
    """The result of `add_submissions`; a refusal is a sentence."""

    contributions: list[Contribution]
    refusals: list[str]


def add_submissions(
    *, edition: Edition, expressions: Iterable[int], is_published: bool
) -> AddedSubmissions:
    """Make a contribution of each of `expressions` (keys) that is confirmed and not added yet.

    Each is added completely or not at all, and independently of the others. Without consent to
    publish, its contribution holds title and name only.
    """
    result = AddedSubmissions([], [])
    keys = set(expressions)
    with transaction.atomic():
        edition = Edition.objects.select_for_update().get(pk=edition.pk)
        rows = accepted_submissions(edition).filter(pk__in=keys)
        rows = rows.prefetch_related("topics", "coauthors", "consents")
        for row in rows.select_for_update(of=("self",)):
            try:
                with transaction.atomic():
                    result.contributions.append(_add_submission(edition, row, is_published))
            except ValidationError as fault:
                messages = " ".join(dict.fromkeys(fault.messages))
                result.refusals.append(
                    f"“{row.title}” by {row.name} cannot be accepted: {messages}"
                )
        others = Expression.objects.for_edition(edition).exclude(state=State.CONFIRMED)
        result.refusals.extend(
            f"“{row.title}” by {row.name} is no longer confirmed: "
            f"{row.get_state_display().lower()}."
            for row in others.filter(pk__in=keys, origin=None).order_by("submitted_at", "pk")
        )
    return result


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
