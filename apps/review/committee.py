"""The reviewers of an edition: who may become one, invitations by address, and their progress."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, TextChoices

from apps.accounts.models import Invitation, Role, User
from apps.accounts.services import InvitationRefused, check_invitable, invite
from apps.core.forms import MailboxField
from apps.core.search import Fold
from apps.core.text import one_line
from apps.editions.models import Edition
from apps.review.assignment import assignable
from apps.review.models import Assignment, InvitedReviewer, Progress, Review, Reviewer

MOST_ADDRESSES = 50  # in one list: each gets an email at once
_ADDRESS = re.compile(r"[^\s<>,;\"()]+@[^\s<>,;\"()]+")
_MAX_NAME = 200  # characters
_MAX_SHOWN = 60  # characters of a line that has no address


class InvitationEffect(TextChoices):
    """What an invitation does with one address."""

    INVITE = "invite", "Gets an invitation by email, and is a reviewer once it is accepted"
    ADD = "add", "Has an account, and becomes a reviewer immediately, without an email"
    HERE = "here", "Is a reviewer already"
    WAITING = "waiting", "Was invited, and gets a new link; the earlier one ends"
    REFUSED = "refused", "Cannot be invited"


@dataclass
class Invitee:
    """One address of a pasted list."""

    email: str
    effect: InvitationEffect
    name: str = ""
    reason: str = ""
    link: str = ""  # of the invitation

    @property
    def mailbox(self) -> str:
        """ "Ada Example <ada@example.org>", or the address alone."""
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass
class AddressList:
    """The addresses of a pasted text, and the lines without one."""

    emails: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # by address, of those with a name
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ReviewerProgress:
    """What one reviewer was asked for and has done."""

    reviewer: Reviewer
    assigned: int
    progress: Progress
    last_review_at: datetime | None


def possible_reviewers() -> QuerySet[User]:
    """Active staff with the role of a reviewer, and chairs."""
    backend = ModelBackend()
    users: QuerySet[User] = backend.with_perm("interest.review_expression") | backend.with_perm(
        "interest.decide_expression"
    )
    return users.filter(is_staff=True).distinct().order_by(Fold("name"), "email")


def read_addresses(text: str) -> AddressList:
    """Find the addresses of a list: one or more on a line, with or without names."""
    result, mailbox = AddressList(), MailboxField()
    for line in text.splitlines():
        found, end = list(_ADDRESS.finditer(line)), 0
        if not found and line.strip():
            result.faults.append(f"No address in “{line.strip()[:_MAX_SHOWN]}”.")
        for match in found:
            address, before = match[0], line[end : match.start()]
            end = match.end()
            try:
                email = mailbox.clean(address.strip(".")).lower()
            except ValidationError as error:
                result.faults.append(f"{address[:_MAX_SHOWN]}: {' '.join(error.messages)}")
                continue
            result.emails.append(email)
            if name := _name_before(before):
                result.names.setdefault(email, name)
    result.emails = list(dict.fromkeys(result.emails))
    if len(result.emails) > MOST_ADDRESSES:
        more = len(result.emails) - MOST_ADDRESSES
        result.faults.append(
            f"{MOST_ADDRESSES} addresses can be invited at once. Remove {more} of them."
        )
    return result


def _name_before(text: str) -> str:
    """The name in front of an address in angle brackets: “Greta Lind” of “, "Greta Lind" <”."""
    if not text.rstrip().endswith("<"):
        return ""
    return one_line(text).strip(" <>\"',;")[:_MAX_NAME]


def plan_invitations(
    edition: Edition, emails: Iterable[str], *, by: User, names: Mapping[str, str] | None = None
) -> list[Invitee]:
    """What `invite_reviewers` would do with each address; `names` are those of some addresses."""
    emails = list(emails)
    present = set(
        Reviewer.objects.filter(edition=edition, user__email__in=emails).values_list(
            "user__email", flat=True
        )
    )
    ready = set(possible_reviewers().filter(email__in=emails).values_list("email", flat=True))
    waiting = set(
        InvitedReviewer.objects.filter(edition=edition, email__in=emails).values_list(
            "email", flat=True
        )
    )
    plan = []
    for email in emails:
        invitee = Invitee(
            email,
            InvitationEffect.WAITING if email in waiting else InvitationEffect.INVITE,
            name=(names or {}).get(email, ""),
        )
        if email in present:
            invitee.effect = InvitationEffect.HERE
        elif email in ready:
            invitee.effect = InvitationEffect.ADD
        else:
            try:
                check_invitable(email=email, role=Role.REVIEWER, by=by)
            except InvitationRefused as refusal:
                invitee.effect, invitee.reason = InvitationEffect.REFUSED, str(refusal)
        plan.append(invitee)
    return plan


def invite_reviewers(
    *, edition: Edition, emails: Iterable[str], by: User, names: Mapping[str, str] | None = None
) -> list[Invitee]:
    """Make the owners of addresses reviewers: at once with an account, else by an invitation.

    Each email is sent after its commit. If it fails, its invitee has the `reason`, and a chair passes
    the `link` on.
    """
    plan = plan_invitations(edition, emails, by=by, names=names)
    for invitee in plan:
        if invitee.effect == InvitationEffect.ADD:
            user = User.objects.get(email=invitee.email)
            Reviewer.objects.get_or_create(edition=edition, user=user)
        elif invitee.effect in {InvitationEffect.INVITE, InvitationEffect.WAITING}:
            with transaction.atomic():
                InvitedReviewer.objects.get_or_create(edition=edition, email=invitee.email)
                invitation, link = invite(
                    email=invitee.email, role=Role.REVIEWER, by=by, name=invitee.name
                )
            invitee.link, invitee.reason = link, invitation.mail_fault
    return plan


def invited_editions(email: str) -> list[str]:
    """The titles of the editions for which an address was invited to review."""
    rows = InvitedReviewer.objects.filter(email=email).select_related("edition")
    return [row.edition.title_with_year for row in rows.order_by("edition__year")]


def add_invited_reviewer(sender: type[User], user: User, **signal: object) -> None:
    """Receiver of `invitation_accepted`: the reviewer of the editions that asked for the address."""
    invited = InvitedReviewer.objects.filter(email=user.email)
    if possible_reviewers().filter(pk=user.pk).exists():
        for row in invited:
            Reviewer.objects.get_or_create(edition_id=row.edition_id, user=user)
        invited.delete()


def waiting_invitations(edition: Edition) -> list[tuple[InvitedReviewer, str, str]]:
    """Invited addresses of an edition with the status of their latest invitation, and its name."""
    rows = list(InvitedReviewer.objects.filter(edition=edition))
    latest: dict[str, Invitation] = {}
    invitations = Invitation.objects.filter(email__in=[row.email for row in rows])
    for invitation in invitations.order_by("created_at"):
        latest[invitation.email] = invitation
    return [
        (row, latest[row.email].status, latest[row.email].name)
        if row.email in latest
        else (row, "withdrawn", "")
        for row in rows
    ]


def committee_progress(edition: Edition) -> list[ReviewerProgress]:
    """The progress of each active reviewer, in five queries; as `services.progress` counts it."""
    rows = Reviewer.objects.filter(edition=edition, user__is_active=True).select_related("user")
    reviewers = list(rows.order_by(Fold("user__name"), "user__email"))
    waiting = set(assignable(edition).values_list("pk", flat=True))
    assigned: dict[int, set[int]] = defaultdict(set)
    pairs = Assignment.objects.filter(reviewer__edition=edition, expression__is_test=False)
    for reviewer_pk, expression_pk in pairs.values_list("reviewer", "expression"):
        assigned[reviewer_pk].add(expression_pk)
    reviewed: dict[int, set[int]] = defaultdict(set)
    last: dict[int, datetime] = {}
    reviews = Review.objects.filter(expression__edition=edition, expression__is_test=False)
    facts = reviews.order_by("changed_at").values_list("reviewer", "expression", "changed_at")
    for user_pk, expression_pk, changed_at in facts:
        reviewed[user_pk].add(expression_pk)
        last[user_pk] = changed_at
    result, is_any_assigned = [], bool(assigned)
    for reviewer in reviewers:
        done = reviewed[reviewer.user_id]
        left = (waiting & assigned[reviewer.pk] if is_any_assigned else waiting) - done
        result.append(
            ReviewerProgress(
                reviewer,
                len(assigned[reviewer.pk]),
                Progress(len(done), len(done) + len(left)),
                last.get(reviewer.user_id),
            )
        )
    return result
