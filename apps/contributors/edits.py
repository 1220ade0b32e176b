"""Edits by students and speakers: compared with the programme, then accepted or rejected.

A student's edit is the difference between the submission and the values accepted last; it is
accepted field by field. A speaker's edit is published at once, or waits as a `Proposal` that is
accepted as a whole. Nothing is accepted or rejected but what the organiser has seen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Self

from django.core.files.base import ContentFile, File
from django.db import transaction

from apps.contributors.accepted_submissions import (
    CONSENT_FIELDS,
    LINK_FIELDS,
    Snapshot,
    SubmissionField,
    abstract_as_markdown,
    is_confirmed,
    kind_of_format,
    link_values,
    make_contributors,
    take_snapshot,
)
from apps.contributors.models import Proposal, Speaker
from apps.contributors.speakers import requires_approval
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.images import digest
from apps.core.version_token import version_token
from apps.editions.models import Edition
from apps.interest.models import Expression, Format
from apps.interest.student.changes import FieldChange, list_people
from apps.interest.workflow import State
from apps.mail.services import queue_letter
from apps.people.models import Person
from apps.programme.models import Contribution, Contributor, Origin
from apps.topics.models import Topic

PERSON_FIELDS = ("bio", "link", "photo_focus")
CONTRIBUTION_FIELDS = (
    *("title", "abstract", "slides_url", "video_url", "paper_url"),
    *("arxiv_url", "code_url", "poster_url"),
)


class Edit(ABC):
    """A proposed edit of `target`. `tokens` has the version token of each part, by its name."""

    target: Any

    @classmethod
    @abstractmethod
    def lock(cls, pk: int) -> Self:
        """Load the edit with both sides locked; ChangedMeanwhile if it no longer exists."""

    @property
    @abstractmethod
    def tokens(self) -> Mapping[str, str]: ...

    @abstractmethod
    def write(self, names: Iterable[str]) -> None:
        """Write the parts `names` into the target; NotAllowed if that is not possible."""

    @abstractmethod
    def dismiss(self, names: Iterable[str]) -> None:
        """Forget the parts `names`; NotAllowed if that is not possible."""

    @classmethod
    def lock_seen(cls, pk: int, seen: Mapping[str, str]) -> Self:
        """`lock`, and raise ChangedMeanwhile unless all tokens in `seen` are still true."""
        if not seen:
            raise NotAllowed("Choose what to take over.")
        edit = cls.lock(pk)
        if not seen.items() <= edit.tokens.items():
            raise ChangedMeanwhile
        return edit

    @classmethod
    def accept(cls, pk: int, *, seen: Mapping[str, str]) -> str:
        """Write the parts whose tokens were `seen`; return the name of the target.

        Raises ChangedMeanwhile or NotAllowed.
        """
        with transaction.atomic():
            edit = cls.lock_seen(pk, seen)
            edit.write(seen)
        return str(edit.target)

    @classmethod
    def reject(cls, pk: int, *, seen: Mapping[str, str]) -> str:
        """Keep the target as it is; otherwise like `accept`."""
        with transaction.atomic():
            edit = cls.lock_seen(pk, seen)
            edit.dismiss(seen)
        return str(edit.target)


class StudentEdit(Edit):
    """What a student changed since their submission was added, or last accepted or rejected."""

    def __init__(self, origin: Origin) -> None:
        """`origin` is loaded `with_both_sides`."""
        self.origin, self.expression, self.target = origin, origin.expression, origin.contribution
        self.snapshot = take_snapshot(origin.expression)

    @classmethod
    def lock(cls, pk: int) -> Self:
        # The expression first, in the order in which the student's own changes and the erasure
        # lock both rows.
        locked = Expression.objects.select_for_update(of=("self",)).filter(origin=pk).first()
        if locked is None or not Origin.objects.select_for_update().filter(pk=pk).exists():
            raise ChangedMeanwhile
        return cls(Origin.objects.with_both_sides().get(pk=pk))

    @cached_property
    def tokens(self) -> dict[str, str]:
        """By SubmissionField."""
        accepted, rejected = self.origin.accepted_values, self.origin.rejected_values
        if not is_confirmed(self.snapshot):
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
        changes = [
            FieldChange(
                name=name,
                label=SubmissionField(name).label,
                current=self._current_text(SubmissionField(name)),
                proposed=self._proposed_text(SubmissionField(name)),
                token=token,
                may_reject=name != SubmissionField.CONSENT or self.snapshot[name],
            )
            for name, token in self.tokens.items()
        ]
        return [
            change
            for change in changes
            if change.current != change.proposed or change.name in _URGENT_FIELDS
        ]

    @property
    def is_withdrawn(self) -> bool:
        """Whether the submission is no longer confirmed."""
        return SubmissionField.STATE in self.tokens

    @property
    def is_urgent(self) -> bool:
        """Whether the contribution may stay on the programme at all is in question."""
        return not _URGENT_FIELDS.isdisjoint(self.tokens)

    def write(self, names: Iterable[str]) -> None:
        if SubmissionField.STATE in names and not is_confirmed(self.snapshot):
            raise NotAllowed("Take it off the programme, or leave it.")
        for name in names:
            self._write_field(SubmissionField(name))
        self.target.save()
        self.origin.save()

    def dismiss(self, names: Iterable[str]) -> None:
        if SubmissionField.CONSENT in names and not self.snapshot[SubmissionField.CONSENT]:
            raise NotAllowed("A consent that was taken back cannot be left: take it over.")
        for name in names:
            self.origin.rejected_values[name] = self.snapshot[name]
        self.origin.save()

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
        elif first.person and field is SubmissionField.NAME:
            raise NotAllowed(
                f"“{first.person}” stands there as one of the people: change the name on their own "
                "page."
            )
        elif field is SubmissionField.NAME:
            first.name = self.snapshot[field]
        else:
            first.affiliation = self.snapshot[field]
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

    def _proposed_text(self, field: SubmissionField) -> str:
        value = self.snapshot[field]
        match field:
            case SubmissionField.STATE:
                return State(value).label
            case SubmissionField.CONSENT:
                return _consent_text(value)
            case SubmissionField.FORMAT:
                return Format(value).label if value else ""
            case SubmissionField.COAUTHORS:
                return list_people(value)
            case SubmissionField.TOPICS:
                return _headings(self.expression.topics.all()) if value else ""
            case SubmissionField.ABSTRACT:
                return abstract_as_markdown(self.snapshot)
            case _:
                return str(value)

    def _current_text(self, field: SubmissionField) -> str:
        """What the programme says now, which an organiser may have edited."""
        student, *coauthors = list(self.target.contributors.all()) or [Contributor()]
        match field:
            case SubmissionField.STATE:
                return "On the programme"
            case SubmissionField.CONSENT:
                return _consent_text(self.origin.accepted_values[field])
            case SubmissionField.FORMAT:
                return Format(self.origin.format).label
            case SubmissionField.NAME:
                return student.shown_name
            case SubmissionField.UNIVERSITY:
                return student.shown_affiliation
            case SubmissionField.COAUTHORS:
                return list_people([(row.shown_name, row.shown_affiliation) for row in coauthors])
            case SubmissionField.TOPICS:
                return _headings(self.target.topics.all())
            case SubmissionField.LINK:
                return next(filter(None, (getattr(self.target, name) for name in LINK_FIELDS)), "")
            case _:
                return str(getattr(self.target, field.value))


_URGENT_FIELDS = {SubmissionField.STATE, SubmissionField.CONSENT}


def _headings(topics: Iterable[Topic]) -> str:
    return ", ".join(topic.heading for topic in topics)


def _consent_text(is_given: bool) -> str:
    return "Given" if is_given else "Not given: title and name only"


def student_edits(edition: Edition) -> list[StudentEdit]:
    """Return the edits that wait for a decision, withdrawals first; seven queries in all."""
    edits = map(StudentEdit, Origin.objects.for_edition(edition).with_both_sides())
    waiting = [edit for edit in edits if edit.changes]
    return sorted(waiting, key=lambda edit: (not edit.is_withdrawn, not edit.is_urgent))


def remove_withdrawn(origin: int, *, seen: Mapping[str, str]) -> str:
    """Delete the contribution of a submission that is no longer confirmed; return its title.

    Raises ChangedMeanwhile or NotAllowed.
    """
    with transaction.atomic():
        edit = StudentEdit.lock_seen(origin, seen)
        if is_confirmed(edit.snapshot):
            raise NotAllowed("It is confirmed.")
        title: str = edit.target.shown_title
        edit.target.delete()
    return title


class SpeakerEdit(Edit):
    """A speaker's edit of a contribution or of their own data: stored values under the proposal."""

    def __init__(self, speaker: Speaker, target: Contribution | Person) -> None:
        self.speaker, self.target = speaker, target
        is_person = isinstance(target, Person)
        self.contribution = None if isinstance(target, Person) else target
        self.fields = PERSON_FIELDS if is_person else CONTRIBUTION_FIELDS
        self.file_field = "photo" if is_person else "slides"
        proposal = Proposal.objects.filter(speaker=speaker, contribution=self.contribution).first()
        self.proposal = proposal or Proposal(speaker=speaker, contribution=self.contribution)
        self.stored = {name: str(getattr(target, name)) for name in self.fields}
        self.stored_file = getattr(target, self.file_field)
        self.values = self.stored | self.proposal.values
        self.file = self.proposal.file or self.stored_file
        if self.proposal.removes_file:
            self.file = None

    @classmethod
    def load(
        cls, speaker: Speaker, contribution: Contribution | None, *, lock: bool = False
    ) -> Self:
        """Load the current state; with `lock`, lock the target until the transaction ends."""
        model: Any = Contribution if contribution else Person
        rows = model.objects.select_for_update(of=("self",)) if lock else model.objects
        return cls(speaker, rows.get(pk=contribution.pk if contribution else speaker.person_id))

    @classmethod
    def lock(cls, pk: int) -> Self:
        proposals = Proposal.objects.select_related("speaker", "contribution")
        proposal = proposals.filter(pk=pk).first()
        if proposal is None:
            raise ChangedMeanwhile
        edit = cls.load(proposal.speaker, proposal.contribution, lock=True)
        if edit.proposal.pk != pk:
            raise ChangedMeanwhile
        return edit

    @property
    def token(self) -> str:
        """Version token of everything that the speaker's form shows."""
        file_name = self.file.name if self.file else ""
        return version_token(self.values, file_name, self.proposal.pk is not None)

    @property
    def tokens(self) -> dict[str, str]:
        return {"proposal": self.token}

    @property
    def changes(self) -> list[FieldChange]:
        """The fields of the proposal that differ from what is public, without the file."""
        return self._compare(self.stored, self.values)

    @property
    def file_url(self) -> str:
        """URL of the current or proposed file, for the speaker only; "" without one."""
        if not self.file:
            return ""
        if self.contribution:
            return self.speaker.file_url(self.contribution)
        return str(self.file.url)

    def differences(self, values: Mapping[str, str]) -> list[FieldChange]:
        """The fields of `values` that differ from what the speaker's form shows now."""
        return self._compare(self.values, values)

    def label(self, name: str) -> str:
        """The name of a field for people."""
        return str(self.target._meta.get_field(name).verbose_name).capitalize()

    def propose(self, values: Mapping[str, str], file: File | bool | None) -> None:
        """Store the edit for approval; delete the proposal if it changes nothing any more."""
        proposal = self.proposal
        proposal.values = {
            name: value for name, value in values.items() if value != self.stored[name]
        }
        if file:
            proposal.file, proposal.removes_file = file, False
        elif file is False:
            proposal.file, proposal.removes_file = "", bool(self.stored_file)
        if not proposal.is_empty:
            proposal.save()
        elif proposal.pk:
            proposal.delete()

    def publish(self, values: Mapping[str, str], file: File | bool | None) -> None:
        """Write the edit, together with what was proposed before, and delete the proposal."""
        if file is None:
            file = self._proposed_file()
        for name, value in values.items():
            setattr(self.target, name, value)
        if file is not None:
            setattr(self.target, self.file_field, file or "")
            if isinstance(self.target, Person):
                # An import compares it to see whether the photo was replaced here.
                self.target.photo_digest = digest(file) if isinstance(file, File) else ""
        self.target._change_reason = "Said by the speaker"
        self.target.save()
        if self.proposal.pk:
            self.proposal.delete()

    def write(self, names: Iterable[str]) -> None:
        self.publish(self.values, None)

    def dismiss(self, names: Iterable[str]) -> None:
        self.proposal.delete()

    def _proposed_file(self) -> File | bool | None:
        """As `propose` takes it; a copy, because the file is deleted with the proposal."""
        if self.proposal.file:
            with self.proposal.file.open() as stored:
                return ContentFile(stored.read(), name=stored.name)
        return False if self.proposal.removes_file else None

    def _compare(
        self, current: Mapping[str, str], proposed: Mapping[str, str]
    ) -> list[FieldChange]:
        return [
            FieldChange(self.label(name), current[name], value, name=name)
            for name, value in proposed.items()
            if value != current[name]
        ]


def submit_edit(
    *,
    speaker: Speaker,
    contribution: Contribution | None = None,
    values: Mapping[str, str],
    file: File | bool | None = None,
    seen: str,
) -> list[str]:
    """Publish or propose a speaker's edit and notify the organisers; return the labels of its fields.

    `values` has all fields; `file` is a checked photo or PDF, False to remove the current one, None
    to keep it. Raises ChangedMeanwhile if `seen` is not the current token.
    """
    with transaction.atomic():
        edit = SpeakerEdit.load(speaker, contribution, lock=True)
        changed = [change.label for change in edit.differences(values)]
        if file or (file is False and edit.file):
            changed.append(edit.label(edit.file_field))
        if not changed:
            return []
        if edit.token != seen:
            raise ChangedMeanwhile
        edition, waits = speaker.edition, requires_approval(speaker.edition)
        if waits:
            edit.propose(values, file)
        else:
            edit.publish(values, file)
        if edition.contact_email:
            queue_letter(
                kind="contributors/speaker_notice",
                template="contributors/letters/speaker_notice",
                to_email=edition.contact_email,
                edition=edition,
                context={
                    "speaker": speaker,
                    "about": edit.contribution,
                    "changed": changed,
                    "waits": waits,
                },
            )
    return changed
