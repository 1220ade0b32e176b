"""Draft letters: write, edit, hold back, discard, release.

A model whose rows are the subject of one letter each inherits from `LetterDraft`. The row keeps
the text with its placeholders; the letter on record (state DRAFT) keeps it filled in, and is
filled in again as it is released.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from django.db import models, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.exceptions import ChangedMeanwhile, NotAllowed
from apps.core.tokens import version_token
from apps.editions.models import Edition
from apps.mail.models import Letter, LetterText
from apps.mail.services import as_test, text_letter
from apps.mail.texts import text_of, texts_of

TEXT_CHANGED = (
    "This email was changed while you had the page open. What you entered is still in the form. "
    "Save again to keep yours."
)
DRAFT_GONE = "This draft no longer exists: it was released, discarded or taken back."


class DraftStatus(models.TextChoices):
    """Whether the letter of a draft may be released as it is."""

    UNDRAFTED = "undrafted", "No email yet"
    CHANGED = "changed", "Changed since it was drafted"
    REWORDED = "reworded", "Drafted with an earlier text"
    READY = "ready", "Ready"
    UNNEEDED = "unneeded", "No longer needed"


class LetterRecipient(NamedTuple):
    """Name and address of the reader, and what the private link in the letter opens."""

    name: str
    email: str
    link_maker: str = ""
    link_subject: int | None = None


class LetterDraft(models.Model):
    """Abstract base class of the subject of one draft letter.

    A subclass whose rows make no sense without their letter overrides `letter` with
    `on_delete=models.CASCADE` and `null=False`.
    """

    letter = models.OneToOneField(
        Letter, null=True, blank=True, on_delete=models.SET_NULL, related_name="%(class)s"
    )
    draft_subject = models.CharField(max_length=300, blank=True)
    draft_body = models.TextField(blank=True)
    is_edited = models.BooleanField("edited by hand", default=False)
    is_held = models.BooleanField("held back", default=False)
    # version_token of `get_facts` when the letter was written.
    drafted_from = models.CharField(max_length=20, blank=True, editable=False)

    # Set by `set_statuses`.
    status: DraftStatus

    class Meta:
        abstract = True

    # To be implemented by each subclass

    def get_edition(self) -> Edition:
        """Edition whose texts and contact address are used."""
        raise NotImplementedError

    def get_letter_kind(self) -> str:
        """Kind of letter text (`apps.mail.texts`)."""
        raise NotImplementedError

    def get_recipient(self) -> LetterRecipient:
        """Reader of the letter, as on record now."""
        raise NotImplementedError

    def get_values(self) -> Mapping[str, str]:
        """Values of the placeholders, as they are now."""
        raise NotImplementedError

    def get_facts(self) -> Sequence[Any]:
        """Plain values (see `version_token`) that make the letter outdated once they change."""
        raise NotImplementedError

    # May be overridden

    read_with_lock: tuple[str, ...] = ("letter",)  # relations that `lock` loads

    def get_calendar(self) -> str:
        """Calendar file to attach; "" for none."""
        return ""

    def lock(self) -> Self | None:
        """Return the current row under its lock, in a transaction; None if it was deleted."""
        rows = type(self)._default_manager.select_for_update(of=("self",))
        row: Self | None = rows.select_related(*self.read_with_lock).filter(pk=self.pk).first()
        return row

    def link_letter(self) -> None:
        """Called with `letter` set to a new letter on record, to link it to other objects."""

    # Shared by all drafts

    @property
    def is_drafted(self) -> bool:
        """Whether there is a letter that was neither released nor discarded."""
        # By the key: a subclass whose letter is not null has no `letter` before it is written.
        letter = self.letter if self.letter_id else None
        return letter is not None and letter.state == Letter.State.DRAFT

    @property
    def is_ready(self) -> bool:
        """Whether a release now would include it; needs `status`."""
        return self.status == DraftStatus.READY and not self.is_held

    @property
    def version_token(self) -> str:
        """Token of the draft as a person reads it."""
        return version_token(self.letter_id, self.draft_subject, self.draft_body, self.drafted_from)

    @property
    def draft_key(self) -> str:
        """Key and token in one word, for forms that carry a list of drafts."""
        return f"{self.pk}-{self.version_token}"

    def get_status(self, text: LetterText | None = None) -> DraftStatus:
        """Status of the letter; `text` is that of its kind and edition, if the caller has it."""
        if not self.is_drafted:
            return DraftStatus.UNDRAFTED
        if self.drafted_from != version_token(*self.get_facts()):
            return DraftStatus.CHANGED
        if not self.is_edited:
            text = text or text_of(self.get_edition(), self.get_letter_kind())
            if (self.draft_subject, self.draft_body) != (text.subject, text.body):
                return DraftStatus.REWORDED
        return DraftStatus.READY

    def build_letter(self, *, subject: str | None = None, body: str | None = None) -> Letter:
        """Return the letter as it would go out now, unsaved; for previews with another text."""
        recipient = self.get_recipient()
        return text_letter(
            edition=self.get_edition(),
            kind=self.get_letter_kind(),
            subject=self.draft_subject if subject is None else subject,
            body=self.draft_body if body is None else body,
            values=self.get_values(),
            to_email=recipient.email,
            to_name=recipient.name,
            link_maker=recipient.link_maker,
            link_subject=recipient.link_subject,
            calendar=self.get_calendar(),
            state=Letter.State.DRAFT,
        )

    def queue_test(self, *, subject: str, body: str, to: User) -> None:
        """Queue the letter with this text to a chair; the draft stays as it is."""
        with transaction.atomic():
            test = copy(self)
            test.letter = as_test(self.build_letter(subject=subject, body=body), to=to)
            test.letter.save()
            test.link_letter()

    def write_letter(self) -> None:
        """Write the letter in place of the draft there was, and save the row."""
        is_new = not self.is_drafted
        letter = self.save_letter(self.build_letter())
        self.letter = letter
        self.drafted_from = version_token(*self.get_facts())
        self.save()
        if is_new:
            self.link_letter()

    def save_letter(self, letter: Letter) -> Letter:
        """Save a built letter under the key of the present draft, if there is one."""
        if self.is_drafted and (draft := self.letter):
            letter.pk, letter.created_at = draft.pk, draft.created_at
        letter.save()
        return letter


@dataclass
class ReleaseReport:
    """Outcome of `release_drafts`."""

    released_kinds: Counter[str] = field(default_factory=Counter)  # of letters
    held: int = 0
    # Released, discarded or deleted since the page was read.
    gone: int = 0
    # One sentence for each draft that was changed since, or that cannot be released.
    refused: list[str] = field(default_factory=list)

    @property
    def released(self) -> int:
        """Number of letters that were queued."""
        return self.released_kinds.total()


def set_statuses(edition: Edition, drafts: Iterable[LetterDraft]) -> None:
    """Set the `status` of each of an edition's drafts, with one query."""
    texts = texts_of(edition)
    for draft in drafts:
        draft.status = draft.get_status(texts[draft.get_letter_kind()])


def write_drafts(edition: Edition, drafts: Iterable[LetterDraft]) -> int:
    """Write the letter of each draft that is not ready, and return how many were written.

    Text edited by hand is kept and filled in with the values of now. Call it in a transaction
    that holds the locks of the rows; unsaved rows are saved.
    """
    texts = texts_of(edition)
    count = 0
    for draft in drafts:
        text = texts[draft.get_letter_kind()]
        status = draft.get_status(text)
        if status == DraftStatus.READY:
            continue
        if not draft.is_edited or status == DraftStatus.UNDRAFTED:
            draft.draft_subject, draft.draft_body = text.subject, text.body
            draft.is_edited = False
        draft.write_letter()
        count += 1
    return count


def edit_draft(*, draft: LetterDraft, token: str, subject: str, body: str) -> None:
    """Give one draft its own text, if it is as it was when `token` was read.

    Raises NotAllowed if there is no draft any more, ChangedMeanwhile if it was changed.
    """
    with transaction.atomic():
        current = draft.lock()
        if current is None or not current.is_drafted:
            raise NotAllowed(DRAFT_GONE)
        if current.version_token != token:
            raise ChangedMeanwhile(TEXT_CHANGED)
        text = text_of(current.get_edition(), current.get_letter_kind())
        current.draft_subject, current.draft_body = subject, body
        current.is_edited = (subject, body) != (text.subject, text.body)
        current.write_letter()


def hold(*, draft: LetterDraft, is_held: bool) -> None:
    """Keep a draft out of the next releases, or end that. Raises NotAllowed if the row is gone."""
    if not type(draft)._default_manager.filter(pk=draft.pk).update(is_held=is_held):
        raise NotAllowed(DRAFT_GONE)


def discard_draft(*, draft: LetterDraft, token: str) -> None:
    """Discard the letter of a draft, if it is as it was when `token` was read; the row stays.

    Raises NotAllowed if there is no draft any more, ChangedMeanwhile if it was changed.
    """
    with transaction.atomic():
        current = draft.lock()
        if current and current.is_drafted and current.version_token != token:
            raise ChangedMeanwhile
        letters = Letter.objects.filter(pk=current.letter_id or 0) if current else None
        if letters is None or not letters.filter(state=Letter.State.DRAFT).update(
            state=Letter.State.DISCARDED
        ):
            raise NotAllowed(DRAFT_GONE)


def release_drafts(
    edition: Edition,
    drafts: Iterable[LetterDraft],
    *,
    seen: Sequence[str],
    before: Callable[[Any], None] | None = None,
) -> ReleaseReport:
    """Release those of `drafts` whose `draft_key` is in `seen`, each in its own transaction.

    `before` is called in that transaction with the locked row, ahead of its letter: what the letter
    tells of happens there. It may raise NotAllowed, which leaves this draft as it was.
    """
    report, texts = ReleaseReport(), texts_of(edition)
    by_key = {str(draft.pk): draft for draft in drafts}
    for draft_key in dict.fromkeys(seen):
        key, _, token = draft_key.partition("-")
        try:
            with transaction.atomic():
                current = by_key[key].lock() if key in by_key else None
                if current is None:
                    report.gone += 1
                elif current.is_held:
                    report.held += 1
                elif refusal := _refusal(current, token, texts):
                    report.refused.append(f"{current}: {refusal}.")
                else:
                    _release(current, before)
                    report.released_kinds[current.get_letter_kind()] += 1
        except NotAllowed as refusal_of_before:
            report.refused.append(str(refusal_of_before))
    return report


def _refusal(draft: LetterDraft, token: str, texts: Mapping[str, LetterText]) -> str:
    status = draft.get_status(texts[draft.get_letter_kind()])
    if status != DraftStatus.READY:
        return f"{status.label.lower()}: draft it again"
    return "" if draft.version_token == token else "the draft has changed since you opened the page"


def _release(draft: LetterDraft, before: Callable[[Any], None] | None) -> None:
    if before:
        before(draft)
    letter = draft.build_letter()
    letter.state, letter.due_at = Letter.State.QUEUED, timezone.now()
    draft.save_letter(letter)
