"""What speakers say of themselves and of what they give: live at once, or once organisers nod."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.files.base import ContentFile, File
from django.db import transaction

from apps.contributors.models import Proposal, Speaker, file_address
from apps.contributors.speakers import waits_for_nod
from apps.core.images import digest
from apps.mail.services import queue_letter
from apps.people.models import Person
from apps.programme.models import Contribution

OF_A_PERSON = ("bio", "link", "photo_focus")
OF_A_CONTRIBUTION = (
    *("title", "abstract", "slides_url", "video_url", "paper_url"),
    *("arxiv_url", "code_url", "poster_url"),
)


class ChangedMeanwhile(Exception):
    """What is stored is not what was looked at any more."""


class Difference(NamedTuple):
    """One field, as it is stored now and as somebody would have it."""

    label: str
    stored: str
    wanted: str


@dataclass(frozen=True)
class Standing:
    """What a speaker finds on the form: what is stored, and over it what they proposed."""

    row: Any  # a Person or a Contribution
    proposal: Proposal | None
    words: dict[str, str]
    file: Any  # a stored file, or nothing
    speaker: Speaker

    @property
    def file_url(self) -> str:
        """Where the speaker, and of what waits nobody else, fetches the file; nothing without one."""
        if not self.file:
            return ""
        if isinstance(self.row, Contribution):
            return file_address(self.speaker, self.row)
        return str(self.file.url)

    @property
    def stamp(self) -> str:
        """Another one whenever anything of it is another."""
        said = [self.words, self.file.name if self.file else "", bool(self.proposal)]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]


def standing_of(
    speaker: Speaker, contribution: Contribution | None = None, *, lock: bool = False
) -> Standing:
    """As it is now; with `lock`, until the transaction ends."""
    model: Any = Person if contribution is None else Contribution
    key = speaker.person_id if contribution is None else contribution.pk
    rows = model.objects.select_for_update(of=("self",)) if lock else model.objects
    row = rows.get(pk=key)
    proposal = Proposal.objects.filter(speaker=speaker, contribution=contribution).first()
    words = {name: str(getattr(row, name)) for name in _names(row)}
    file = getattr(row, _file_of(row))
    if proposal:
        words |= proposal.words
        file = None if proposal.removes_file else proposal.file or file
    return Standing(row, proposal, words, file, speaker)


def say(
    *,
    speaker: Speaker,
    contribution: Contribution | None = None,
    words: dict[str, str],
    file: File | bool | None = None,
    seen: str,
) -> list[str]:
    """What the speaker says from now on, of `contribution` or, without one, of themselves.

    `words` has a value for each field; `file` is a checked photo or slides, False to remove what
    there is, None to leave it. It is public at once, or waits if the edition asks for that;
    organisers are told either way. Returns the names of the fields that changed; raises
    ChangedMeanwhile if `seen` is not the stamp of what is stored.
    """
    with transaction.atomic():
        now = standing_of(speaker, contribution, lock=True)
        changed = [_label(now.row, name) for name, word in words.items() if word != now.words[name]]
        if file or (file is False and now.file):
            changed.append(_label(now.row, _file_of(now.row)))
        if not changed:
            return []
        if now.stamp != seen:
            raise ChangedMeanwhile
        waits = waits_for_nod(speaker.edition)
        if waits:
            _propose(now, speaker, contribution, words, file)
        else:
            if file is None and now.proposal:
                file = _file_in(now.proposal)
            _write(now.row, words, file)
            if now.proposal:
                now.proposal.delete()
        _tell_organisers(speaker, now.row, changed, waits)
    return changed


def take(*, proposal: int, seen: str) -> str:
    """Makes what a speaker proposed public; returns whose or what it is. Raises ChangedMeanwhile
    if `seen` is not what it is now, or it is gone."""
    # Read and worked on before the transaction: the stamp tells if it is another one by then.
    looked_at = _looked_at(proposal, seen)
    try:
        file = _file_in(_proposal(looked_at))
    except FileNotFoundError:
        _looked_at(proposal, seen)  # says so if somebody else took it just now
        raise
    with transaction.atomic():
        now = _looked_at(proposal, seen, lock=True)
        _write(now.row, now.words, file)
        _proposal(now).delete()
    return str(now.row)


def leave(*, proposal: int, seen: str) -> str:
    """Leaves things as they are and forgets what was proposed; otherwise as `take`."""
    with transaction.atomic():
        now = _looked_at(proposal, seen, lock=True)
        _proposal(now).delete()
    return str(now.row)


def differences(row: Any, words: dict[str, str]) -> list[Difference]:
    """Where `words` are others than those of `row`."""
    return [
        Difference(_label(row, name), str(getattr(row, name)), word)
        for name, word in words.items()
        if word != str(getattr(row, name))
    ]


def shown_differences(standing: Standing, words: dict[str, str]) -> list[Difference]:
    """Where `words` are others than those on the speaker's own page now."""
    return [
        Difference(_label(standing.row, name), standing.words[name], word)
        for name, word in words.items()
        if word != standing.words[name]
    ]


def _looked_at(key: int, seen: str, *, lock: bool = False) -> Standing:
    proposal = Proposal.objects.select_related("speaker", "contribution").filter(pk=key).first()
    if proposal is None:
        raise ChangedMeanwhile
    now = standing_of(proposal.speaker, proposal.contribution, lock=lock)
    if now.proposal is None or now.stamp != seen:
        raise ChangedMeanwhile
    return now


def _proposal(standing: Standing) -> Proposal:
    if standing.proposal is None:
        raise ChangedMeanwhile
    return standing.proposal


def _names(row: Person | Contribution) -> tuple[str, ...]:
    return OF_A_PERSON if isinstance(row, Person) else OF_A_CONTRIBUTION


def _file_of(row: Person | Contribution) -> str:
    return "photo" if isinstance(row, Person) else "slides"


def _label(row: Person | Contribution, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]  # columns


def _propose(
    now: Standing,
    speaker: Speaker,
    contribution: Contribution | None,
    words: dict[str, str],
    file: File | bool | None,
) -> None:
    proposal = now.proposal or Proposal(speaker=speaker, contribution=contribution)
    proposal.words = {
        name: word for name, word in words.items() if word != str(getattr(now.row, name))
    }
    if file:
        proposal.file, proposal.removes_file = file, False
    elif file is False:
        proposal.file = ""
        proposal.removes_file = bool(getattr(now.row, _file_of(now.row)))
    if not proposal.is_empty:
        proposal.save()
    elif proposal.pk:
        proposal.delete()


def _file_in(proposal: Proposal) -> File | bool | None:
    """What a proposal says of the file, as `say` is told it; a copy, since its own goes with it."""
    if proposal.file:
        with proposal.file.open() as stored:
            return ContentFile(stored.read(), name=stored.name)
    return False if proposal.removes_file else None


def _write(row: Any, words: dict[str, str], file: File | bool | None) -> None:
    for name, word in words.items():
        setattr(row, name, word)
    if file is not None:
        setattr(row, _file_of(row), file or "")
        if isinstance(row, Person):
            # So that a folder read in again knows that its photo is another one.
            row.photo_digest = digest(file) if isinstance(file, File) else ""
    row._change_reason = "Said by the speaker"
    row.save()


def _tell_organisers(speaker: Speaker, row: Any, changed: list[str], waits: bool) -> None:
    edition = speaker.edition
    if not edition.contact_email:
        return
    queue_letter(
        kind="contributors/speaker_notice",
        template="contributors/letters/speaker_notice",
        to_email=edition.contact_email,
        edition=edition,
        context={
            "speaker": speaker,
            "about": None if isinstance(row, Person) else row,
            "changed": changed,
            "waits": waits,
        },
    )
