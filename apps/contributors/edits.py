"""Edits that organisers compare with the programme, then accept or reject; those of speakers.

A speaker's edit is published at once, or waits as a `Proposal` that is accepted as a whole. Those
of students are in `student_edits.py`. Nothing is accepted or rejected but what was seen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import Any, Self

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from apps.contributors.models import Proposal, Speaker
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.images import digest
from apps.core.rate_limit import Limit, count
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.interest.student.display import FieldChange
from apps.mail.services import queue_letter
from apps.people.models import Person, PersonProfile, ShownPerson
from apps.programme.models import Contribution

PERSON_FIELDS = ("bio", "link", "photo_focus")
CONTRIBUTION_FIELDS = (
    *("title", "abstract", "slides_url", "video_url", "paper_url"),
    *("arxiv_url", "code_url", "poster_url"),
)
_MAX_NOTICES = 2  # per ten minutes and contribution or person


class Edit(ABC):
    """A proposed edit of `target`, in parts; `tokens` has the version token of each part by name."""

    target: Any
    tokens: Mapping[str, str]

    @classmethod
    @abstractmethod
    def lock(cls, pk: int) -> Self:
        """Return the edit with both sides locked; raise ChangedMeanwhile if it is gone."""

    @classmethod
    def decide(
        cls, step: Callable[[Self, Collection[str]], None], pk: int, *, seen: Mapping[str, str]
    ) -> str:
        """Call the method `step` with the parts whose tokens were `seen`; return the target's name.

        Such methods are `accept` and `reject`. Raises ChangedMeanwhile or NotAllowed.
        """
        if not seen:
            raise NotAllowed("Choose what to accept.")
        with transaction.atomic():
            edit = cls.lock(pk)
            if not seen.items() <= edit.tokens.items():
                raise ChangedMeanwhile
            step(edit, seen)
        return str(edit.target)


class SpeakerEdit(Edit):
    """A speaker's edit of a contribution or, without a contribution, of the person.

    `values` are those that their form shows: the stored ones, replaced by those of the proposal.
    The edit has one part, "proposal".
    """

    def __init__(
        self, speaker: Speaker, contribution: Contribution | None = None, *, lock: bool = False
    ) -> None:
        """With `lock`, the target is locked until the transaction ends."""
        self.speaker, self.contribution = speaker, contribution
        model: Any = Contribution if contribution else Person
        rows = model.objects.select_for_update(of=("self",)) if lock else model.objects
        self.target = rows.get(pk=contribution.pk if contribution else speaker.person_id)
        shown = self.target
        if not contribution:
            profile = self.target.profiles.filter(edition=speaker.edition_id).first()
            shown = ShownPerson(self.target, profile)
        keys = {"speaker": speaker, "contribution": contribution}
        self.proposal = Proposal.objects.filter(**keys).first() or Proposal(**keys)
        fields = CONTRIBUTION_FIELDS if contribution else PERSON_FIELDS
        self.stored = {name: str(getattr(shown, name)) for name in fields}
        self.values = self.stored | self.proposal.values
        self.file_field = "slides" if contribution else "photo"
        self.stored_file = getattr(shown, self.file_field)
        self.file = self.proposal.file or self.stored_file
        if self.proposal.removes_file:
            self.file = None
        file_name = self.file.name if self.file else ""
        self.token = version_token(self.values, file_name, self.proposal.pk)
        self.tokens = {"proposal": self.token}

    @classmethod
    def lock(cls, pk: int) -> Self:
        proposals = Proposal.objects.select_related("speaker", "contribution")
        proposal = proposals.filter(pk=pk).first()
        if proposal is None:
            raise ChangedMeanwhile
        return cls(proposal.speaker, proposal.contribution, lock=True)

    @property
    def shown(self) -> str:
        """What a form carries of the values it shows: "<token> title=03… abstract=7f…"."""
        hashes = [f"{name}={version_token(value)}" for name, value in self.values.items()]
        return " ".join([self.token, *hashes])

    def compare_with_shown(
        self, values: Mapping[str, str], shown: str
    ) -> tuple[set[str], dict[str, str]]:
        """The fields that the sender of `values` changed, and what others changed meanwhile."""
        hashes = dict(pair.split("=", 1) for pair in shown.split()[1:] if "=" in pair)
        own = {
            name
            for name, value in values.items()
            if value != self.values[name] and hashes.get(name) != version_token(value)
        }
        others = {
            name: value
            for name, value in self.values.items()
            if name in hashes and hashes[name] != version_token(value)
        }
        return own, others

    @property
    def changes(self) -> list[FieldChange]:
        """The fields of the proposal that differ from what is public, without the file."""
        return self._compare(self.stored, self.values)

    def differences(self, values: Mapping[str, str]) -> list[FieldChange]:
        """The fields of `values` that differ from what the speaker's form shows now."""
        return self._compare(self.values, values)

    @property
    def file_url(self) -> str:
        """URL of the current or proposed file, for the speaker only; "" without one."""
        if self.file and self.contribution:
            return self.proposal.file_address
        return self.file.url if self.file else ""

    def label(self, name: str) -> str:
        """The name of a field for people."""
        return str(self.target._meta.get_field(name).verbose_name).capitalize()

    def accept(self, names: Collection[str] = ()) -> None:
        """Write the proposal and delete it: into the contribution, or what pages show of the person."""
        file = self.proposal.file.file if self.proposal.file else None
        first, *fallbacks = self._rows()
        for row in (first, *fallbacks):
            changes: dict[str, Any] = {
                name: value
                for name, value in self.proposal.values.items()
                # The focal point of a photo that stays is that of the row with the photo.
                if row is first
                or not value
                or (name == "photo_focus" and not (file or first.photo))
            }
            if self.proposal.removes_file or (file and row is first):
                changes[self.file_field] = file and File(file, name=file.name)
                if self.file_field == "photo":
                    # An import compares it to see whether the photo was replaced here.
                    changes["photo_digest"] = digest(file) if file else ""
            if changes:
                for name, value in changes.items():
                    setattr(row, name, value)
                row._change_reason = "Written by the speaker"  # for django-simple-history
                row.save()
        if self.proposal.file:
            self.proposal.file.close()
        self.reject()

    def reject(self, names: Collection[str] = ()) -> None:
        """Delete the proposal."""
        if self.proposal.pk:
            self.proposal.delete()

    def _rows(self) -> list[Any]:
        """The row to write, and those that pages fall back on, in which only what is removed changes.

        The edits of a person who is named in other editions too go into their profile of this one.
        """
        if self.contribution:
            return [self.target]
        edition = self.speaker.edition
        others = Edition.objects.exclude(pk=edition.pk)
        profile = self.target.profiles.filter(edition=edition).first()
        if profile is None:
            if not Person.objects.named_in(others).filter(pk=self.target.pk).exists():
                return [self.target]
            profile = PersonProfile(person=self.target, edition=edition)
        return [profile, self.target]

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
        proposal, waits = edit.proposal, speaker.edition.approves_speaker_edits
        proposal.values = {
            name: value for name, value in values.items() if value != edit.stored[name]
        }
        if file is not None:
            proposal.file = file or ""
            proposal.removes_file = file is False and bool(edit.stored_file)
        if not waits:
            edit.accept()
        elif proposal.values or proposal.file or proposal.removes_file:
            proposal.save()
        else:  # everything is as it is public
            edit.reject()
        _notify_of(speaker, contribution and edit.target, changed=changed, waits=waits)
    return changed


def agree_to_years(*, speaker: Speaker, agrees: bool) -> None:
    """Make the page of all years of a speaker public at once, or remove it; notify the organisers."""
    with transaction.atomic():
        person: Any = Person.objects.select_for_update(of=("self",)).get(pk=speaker.person_id)
        if person.shows_years != agrees:
            person.shows_years = agrees
            person._change_reason = "Written by the speaker"  # for django-simple-history
            person.save()
            label = person._meta.get_field("shows_years").verbose_name
            _notify_of(speaker, None, changed=[str(label).capitalize()], waits=False)


def _notify_of(
    speaker: Speaker, contribution: Contribution | None, *, changed: list[str], waits: bool
) -> None:
    page = "admin:programme_session_speaker"
    with translation.override(settings.LANGUAGE_CODE):  # organisers read English
        notify_organisers(
            edition=speaker.edition,
            author=speaker.person.name,
            contribution=contribution,
            changed=changed,
            waits=waits,
            path=reverse(page, args=[speaker.edition_id, speaker.person_id]),
        )


def notify_organisers(
    *,
    edition: Edition,
    author: str,
    contribution: Contribution | None = None,
    changed: list[str],
    waits: bool = False,
    path: str,
) -> None:
    """Queue a notice that `author` changed parts of `contribution`, or without one of themselves.

    `path` leads to more in the admin. Several edits in a row are reported once or twice.
    """
    subject = contribution.pk if contribution else author
    limit = Limit(f"edit-notice:{edition.pk}:{subject}", _MAX_NOTICES)
    if edition.contact_email and count([limit]):
        queue_letter(
            kind="contributors/edit_notice",
            template="contributors/letters/edit_notice",
            to_email=edition.contact_email,
            edition=edition,
            is_to_organisers=True,
            context={
                "author": author,
                "about": contribution and str(contribution),
                "changed": changed,
                "waits": waits,
                "path": path,
            },
        )
