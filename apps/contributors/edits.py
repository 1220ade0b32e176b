"""Edits by students and speakers: compared with the programme, then accepted or rejected.

A student's edit is the difference between the submission and the values accepted last; it is
accepted field by field. A speaker's edit is published at once, or waits as a `Proposal` that is
accepted as a whole. Nothing is accepted or rejected but what the organiser has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any, Self

from django.core.files.base import File
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
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.student.display import FieldChange, list_people
from apps.mail.services import queue_letter
from apps.people.models import Person
from apps.programme.models import Contribution, Contributor, Origin
from apps.topics.models import Topic

PERSON_FIELDS = ("bio", "link", "photo_focus")
CONTRIBUTION_FIELDS = (
    *("title", "abstract", "slides_url", "video_url", "paper_url"),
    *("arxiv_url", "code_url", "poster_url"),
)


class Edit:
    """A proposed edit of `target`, in parts; `tokens` has the version token of each part by name.

    A subclass defines `lock`, which loads the edit with both sides locked or raises
    ChangedMeanwhile, and `write` and `dismiss`, which take part names and may raise NotAllowed.
    """

    target: Any
    tokens: Mapping[str, str]
    lock: Callable[[int], Self]
    write: Callable[[Collection[str]], None]
    dismiss: Callable[[Collection[str]], None]

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
        current, proposed = self._current_texts(), self._proposed_texts()
        return [
            FieldChange(
                name=name,
                label=SubmissionField(name).label,
                current=current[name],
                proposed=proposed[name],
                token=token,
                may_reject=name != SubmissionField.CONSENT or self.snapshot[name],
            )
            for name, token in self.tokens.items()
            if current[name] != proposed[name] or name in _URGENT_FIELDS
        ]

    @property
    def is_withdrawn(self) -> bool:
        """Whether the submission is no longer confirmed."""
        return SubmissionField.STATE in self.tokens

    @property
    def is_urgent(self) -> bool:
        """Whether the contribution may stay on the programme at all is in question."""
        return not _URGENT_FIELDS.isdisjoint(self.tokens)

    def write(self, names: Collection[str]) -> None:
        if SubmissionField.STATE in names and not is_confirmed(self.snapshot):
            raise NotAllowed("Take it off the programme, or leave it.")
        for name in names:
            self._write_field(SubmissionField(name))
        self.target.save()
        self.origin.save()

    def dismiss(self, names: Collection[str]) -> None:
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

    def _proposed_texts(self) -> dict[str, str]:
        snapshot = self.snapshot
        topics = self.expression.topics.all() if snapshot[SubmissionField.TOPICS] else ()
        return snapshot | {
            SubmissionField.STATE: self.expression.get_state_display(),
            SubmissionField.CONSENT: _consent_text(snapshot),
            SubmissionField.FORMAT: self.expression.get_confirmed_format_display(),
            SubmissionField.COAUTHORS: list_people(snapshot[SubmissionField.COAUTHORS]),
            SubmissionField.ABSTRACT: abstract_as_markdown(snapshot),
            SubmissionField.TOPICS: ", ".join(topic.heading for topic in topics),
        }

    def _current_texts(self) -> dict[str, str]:
        """What the programme says now, which organisers may have edited."""
        student, *coauthors = list(self.target.contributors.all()) or [Contributor()]
        names = [(row.shown_name, row.shown_affiliation) for row in coauthors]
        links = filter(None, (getattr(self.target, name) for name in LINK_FIELDS))
        return {
            SubmissionField.STATE: "On the programme",
            SubmissionField.CONSENT: _consent_text(self.origin.accepted_values),
            SubmissionField.FORMAT: self.origin.get_format_display(),
            SubmissionField.TITLE: self.target.title,
            SubmissionField.NAME: student.shown_name,
            SubmissionField.UNIVERSITY: student.shown_affiliation,
            SubmissionField.COAUTHORS: list_people(names),
            SubmissionField.ABSTRACT: self.target.abstract,
            SubmissionField.TOPICS: ", ".join(topic.heading for topic in self.target.topics.all()),
            SubmissionField.LINK: next(links, ""),
        }


_URGENT_FIELDS = {SubmissionField.STATE, SubmissionField.CONSENT}


def _consent_text(snapshot: Snapshot) -> str:
    is_given = snapshot[SubmissionField.CONSENT]
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
    """A speaker's edit of a contribution, or without one of the person: what their form shows.

    That is the proposal over the stored values. It has one part, "proposal".
    """

    def __init__(
        self, speaker: Speaker, contribution: Contribution | None = None, *, lock: bool = False
    ) -> None:
        """With `lock`, the target is locked until the transaction ends."""
        self.speaker, self.contribution = speaker, contribution
        model: Any = Contribution if contribution else Person
        rows = model.objects.select_for_update(of=("self",)) if lock else model.objects
        self.target = rows.get(pk=contribution.pk if contribution else speaker.person_id)
        proposal = Proposal.objects.filter(speaker=speaker, contribution=contribution).first()
        self.proposal = proposal or Proposal(speaker=speaker, contribution=contribution)
        fields = CONTRIBUTION_FIELDS if contribution else PERSON_FIELDS
        self.stored = {name: str(getattr(self.target, name)) for name in fields}
        self.values = self.stored | self.proposal.values
        self.file_field = "slides" if contribution else "photo"
        self.stored_file = getattr(self.target, self.file_field)
        self.file = self.proposal.file or self.stored_file
        if self.proposal.removes_file:
            self.file = None
        file_name = self.file.name if self.file else ""
        self.token = version_token(self.values, file_name, bool(proposal))
        self.tokens = {"proposal": self.token}

    @classmethod
    def lock(cls, pk: int) -> Self:
        proposals = Proposal.objects.select_related("speaker", "contribution")
        if proposal := proposals.filter(pk=pk).first():
            edit = cls(proposal.speaker, proposal.contribution, lock=True)
            if edit.proposal.pk == pk:
                return edit
        raise ChangedMeanwhile

    @property
    def changes(self) -> list[FieldChange]:
        """The fields of the proposal that differ from what is public, without the file."""
        return self._compare(self.stored, self.values)

    @property
    def file_url(self) -> str:
        """URL of the current or proposed file, for the speaker only; "" without one."""
        if self.file and self.contribution:
            return self.speaker.file_url(self.contribution)
        return self.file.url if self.file else ""

    def differences(self, values: Mapping[str, str]) -> list[FieldChange]:
        """The fields of `values` that differ from what the speaker's form shows now."""
        return self._compare(self.values, values)

    def label(self, name: str) -> str:
        """The name of a field for people."""
        return str(self.target._meta.get_field(name).verbose_name).capitalize()

    def update_proposal(self, values: Mapping[str, str], file: File | bool | None) -> None:
        """Put a new edit into the proposal, which is not saved yet."""
        changed = {name: value for name, value in values.items() if value != self.stored[name]}
        self.proposal.values = changed
        if file:
            self.proposal.file, self.proposal.removes_file = file, False
        elif file is False:
            self.proposal.file, self.proposal.removes_file = "", bool(self.stored_file)

    def save_proposal(self) -> None:
        """Let the edit wait for approval, or delete the proposal if nothing is left of it."""
        if self.proposal.values or self.proposal.file or self.proposal.removes_file:
            self.proposal.save()
        else:
            self._delete_proposal()

    def write(self, names: Collection[str] = ()) -> None:
        for name, value in self.proposal.values.items():
            setattr(self.target, name, value)
        if self.proposal.file or self.proposal.removes_file:
            file = self.proposal.file.file if self.proposal.file else None
            setattr(self.target, self.file_field, file and File(file, name=file.name))
            if isinstance(self.target, Person):
                # An import compares it to see whether the photo was replaced here.
                self.target.photo_digest = digest(file) if file else ""
        self.target._change_reason = "Said by the speaker"  # for django-simple-history
        self.target.save()
        if self.proposal.file:
            self.proposal.file.close()
        self._delete_proposal()

    def dismiss(self, names: Collection[str]) -> None:
        self._delete_proposal()

    def _delete_proposal(self) -> None:
        if self.proposal.pk:
            self.proposal.delete()

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
        edit = SpeakerEdit(speaker, contribution, lock=True)
        changed = [change.label for change in edit.differences(values)]
        if file or (file is False and edit.file):
            changed.append(edit.label(edit.file_field))
        if not changed:
            return []
        if edit.token != seen:
            raise ChangedMeanwhile
        edition, waits = speaker.edition, requires_approval(speaker.edition)
        edit.update_proposal(values, file)
        if waits:
            edit.save_proposal()
        else:
            edit.write()
        if edition.contact_email:
            queue_letter(
                kind="contributors/speaker_notice",
                template="contributors/letters/speaker_notice",
                to_email=edition.contact_email,
                edition=edition,
                context={
                    "speaker": speaker,
                    "about": edit.target if contribution else None,
                    "changed": changed,
                    "waits": waits,
                },
            )
    return changed
