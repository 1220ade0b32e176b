"""Edits by students: what they changed since their submission was added to the programme.

An edit is the difference between the submission and the values accepted last. It is accepted or
rejected field by field. Slides are published at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Self

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from apps.contributors.accepted_submissions import (
    CONSENT_FIELDS,
    LINK_FIELDS,
    Snapshot,
    SubmissionField,
    abstract_as_markdown,
    kind_of_format,
    link_values,
    make_contributors,
    take_snapshot,
)
from apps.contributors.edits import Edit, notify_organisers
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.student.display import FieldChange, list_people
from apps.interest.workflow import State
from apps.programme.models import Contribution, Contributor, Origin
from apps.topics.models import Topic

_URGENT_FIELDS = {SubmissionField.STATE, SubmissionField.CONSENT}


class StudentEdit(Edit):
    """Changes by a student since their submission was added, or last accepted or rejected."""

    def __init__(self, origin: Origin) -> None:
        """`origin` is loaded `with_both_sides`."""
        self.origin, self.expression, self.target = origin, origin.expression, origin.contribution
        self.is_withdrawn = self.expression.state != State.CONFIRMED
        self.snapshot = take_snapshot(self.expression)
        self.tokens = self._tokens_of_changes()

    @classmethod
    def lock(cls, pk: int) -> Self:
        # The expression first, in the order in which the student's own changes and the erasure
        # lock both rows.
        locked = Expression.objects.select_for_update(of=("self",)).filter(origin=pk).first()
        if locked is None or not Origin.objects.select_for_update().filter(pk=pk).exists():
            raise ChangedMeanwhile
        return cls(Origin.objects.with_both_sides().get(pk=pk))

    def _tokens_of_changes(self) -> dict[str, str]:
        accepted, rejected = self.origin.accepted_values, self.origin.rejected_values
        if self.is_withdrawn:
            fields = [SubmissionField.STATE]
        elif self.snapshot[SubmissionField.CONSENT] != accepted[SubmissionField.CONSENT]:
            # The consent decides on the fields that depend on it, so these are not compared.
            fields = [field for field in SubmissionField if field not in CONSENT_FIELDS]
        else:
            fields = list(SubmissionField)
        return {
            field.value: version_token(self.snapshot[field])
            for field in fields
            if self.snapshot[field] not in (accepted[field], rejected.get(field, accepted[field]))
        }

    @cached_property
    def changes(self) -> list[FieldChange]:
        """The fields that differ from the contribution as it is now."""
        texts = self._texts()
        return [
            FieldChange(
                name=name,
                label=str(SubmissionField(name).label),
                current=texts[name][0],
                proposed=texts[name][1],
                token=token,
                may_reject=name != SubmissionField.CONSENT or self.snapshot[name],
            )
            for name, token in self.tokens.items()
            if texts[name][0] != texts[name][1] or name in _URGENT_FIELDS
        ]

    @property
    def is_urgent(self) -> bool:
        """Whether the contribution may stay on the programme at all is in question."""
        return not _URGENT_FIELDS.isdisjoint(self.tokens)

    def accept(self, names: Collection[str]) -> None:
        """Write the fields into the contribution. Raises NotAllowed."""
        if self.is_withdrawn:
            raise NotAllowed("Remove it from the programme, or keep it.")
        for name in names:
            self._write_field(SubmissionField(name))
        self.target.save()
        self.origin.save()

    def reject(self, names: Collection[str]) -> None:
        """Keep the contribution as it is until the fields change again. Raises NotAllowed."""
        if SubmissionField.CONSENT in names and not self.snapshot[SubmissionField.CONSENT]:
            raise NotAllowed("A withdrawn consent cannot be rejected: accept the change.")
        for name in names:
            self.origin.rejected_values[name] = self.snapshot[name]
        self.origin.save()

    def remove(self, names: Collection[str]) -> None:
        """Delete the contribution of a submission that is no longer confirmed."""
        if not self.is_withdrawn:
            raise NotAllowed("It is confirmed.")
        self.target.delete()

    def _write_field(self, field: SubmissionField) -> None:
        contribution, value = self.target, self.snapshot[field]
        match field:
            case SubmissionField.CONSENT:
                for dependent in CONSENT_FIELDS:
                    self._write_field(dependent)
            case SubmissionField.FORMAT:
                self.origin.format = value
                if contribution.kind in {Contribution.Kind.LIGHTNING, Contribution.Kind.POSTER}:
                    contribution.kind = kind_of_format(value)
            case SubmissionField.TITLE:
                contribution.title = value
            case SubmissionField.ABSTRACT:
                contribution.abstract = abstract_as_markdown(self.snapshot)
            case SubmissionField.TOPICS:
                contribution.topics.set(Topic.objects.filter(pk__in=value))
            case SubmissionField.LINK:
                before, now = link_values(self.origin.accepted_values), link_values(self.snapshot)
                for name in LINK_FIELDS:
                    # A link that an organiser entered stays.
                    if getattr(contribution, name) == before[name] and before[name] != now[name]:
                        setattr(contribution, name, now[name])
            case SubmissionField.NAME | SubmissionField.UNIVERSITY:
                self._write_student(field)
            case SubmissionField.COAUTHORS:
                self._write_coauthors()
        self.origin.accepted_values[field.value] = value
        self.origin.rejected_values.pop(field.value, None)

    def _write_student(self, field: SubmissionField) -> None:
        first = self.target.contributors.order_by("ordering", "pk").first()
        if first is None:
            first = next(make_contributors(self.target, self.snapshot))
        elif field is SubmissionField.UNIVERSITY:
            first.affiliation = self.snapshot[field]
        elif first.person:
            raise NotAllowed(
                f"“{first.person}” is in the list of people: change the name on that person's page."
            )
        else:
            first.name = self.snapshot[field]
        first.save()

    def _write_coauthors(self) -> None:
        """In the student's order; marks set by organisers stay, and so do names added by them."""
        student, *others = [*self.target.contributors.order_by("ordering", "pk")] or [None]
        snapshots: tuple[Snapshot, ...] = (self.origin.accepted_values, self.snapshot)
        names = {name for one in snapshots for name, _ in one[SubmissionField.COAUTHORS]}
        by_name = {row.name: row for row in reversed(others) if row.name in names}
        wanted = []
        for new_row in [*make_contributors(self.target, self.snapshot)][1:]:
            row = by_name.pop(new_row.name, new_row)
            row.affiliation = new_row.affiliation
            wanted.append(row)
        for row in by_name.values():
            row.delete()
        added = [row for row in others if row.name not in names]
        for place, row in enumerate(filter(None, [student, *wanted, *added]), start=1):
            row.ordering = 10 * place
            row.save()

    def _texts(self) -> dict[str, tuple[str, str]]:
        """Each field on the programme now, which organisers may have edited, and as submitted."""
        new, expression, contribution = self.snapshot, self.expression, self.target
        student, *coauthors = list(contribution.contributors.all()) or [Contributor()]
        names = [(row.shown_name, row.shown_affiliation) for row in coauthors]
        links = filter(None, (getattr(contribution, name) for name in LINK_FIELDS))
        topics = expression.topics.all() if new[SubmissionField.TOPICS] else ()
        return {
            SubmissionField.STATE: ("On the programme", expression.get_state_display()),
            SubmissionField.CONSENT: (_consent(self.origin.accepted_values), _consent(new)),
            SubmissionField.FORMAT: (
                self.origin.get_format_display(),
                expression.get_confirmed_format_display(),
            ),
            SubmissionField.TITLE: (contribution.title, expression.title),
            SubmissionField.NAME: (student.shown_name, expression.name),
            SubmissionField.UNIVERSITY: (
                student.shown_affiliation,
                new[SubmissionField.UNIVERSITY],
            ),
            SubmissionField.COAUTHORS: (
                list_people(names),
                list_people(new[SubmissionField.COAUTHORS]),
            ),
            SubmissionField.ABSTRACT: (contribution.abstract, abstract_as_markdown(new)),
            SubmissionField.TOPICS: (_headings(contribution.topics.all()), _headings(topics)),
            SubmissionField.LINK: (next(links, ""), new[SubmissionField.LINK]),
        }


def _consent(snapshot: Snapshot) -> str:
    is_given = snapshot[SubmissionField.CONSENT]
    return "Given" if is_given else "No consent: title and name only"


def _headings(topics: Iterable[Topic]) -> str:
    return ", ".join(str(topic) for topic in topics)


def student_edits(edition: Edition) -> list[StudentEdit]:
    """Return the edits that wait for a decision, withdrawals first; seven queries in all."""
    edits = map(StudentEdit, Origin.objects.for_edition(edition).with_both_sides())
    waiting = [edit for edit in edits if edit.changes]
    return sorted(waiting, key=lambda edit: (not edit.is_withdrawn, not edit.is_urgent))


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
        with translation.override(settings.LANGUAGE_CODE):  # organisers read English
            notify_organisers(
                edition=contribution.edition,
                author=f"The student of {expression.display_reference}",
                contribution=contribution,
                changed=[contribution.file_label + ("" if slides else " (removed)")],
                path=reverse("admin:programme_contribution_change", args=[contribution.pk]),
            )
