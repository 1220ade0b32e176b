"""What waits for whoever looks: for each role what it can do something about, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format

from apps.accounts.models import User
from apps.dashboard.overview.counts import Counts
from apps.editions.models import Call, Edition
from apps.interest.models import Expression
from apps.interest.permissions import ExpressionPermissions
from apps.mail.models import CLAIM_LASTS, DUE_LASTS, Letter
from apps.review.services import progress
from apps.selection.capacity import Capacity, Places
from apps.selection.waiting_list import Opening, openings

_MOST_UNREACHABLE = 8


@dataclass(frozen=True)
class Task:
    """Something that waits: how many, what in words, a word on it, and the way to where it is done."""

    number: int
    words: str
    url: str
    note: str = ""
    press: str = ""  # what a button says, where one step does it
    is_urgent: bool = False


class Bar(NamedTuple):
    """Places as a bar: its words, and how many hundredths are taken and pending."""

    words: str
    taken: int
    pending: int
    is_counted: bool


def tasks_for(
    edition: Edition,
    user: User | AnonymousUser,
    sight: ExpressionPermissions,
    counts: Counts,
    capacity: Capacity | None,
) -> list[Task]:
    """The most urgent first."""
    tasks: list[Task] = []
    if capacity is not None:
        tasks += _letters(user)
        tasks += _offers(edition, counts)
        tasks += [_opening(opening) for opening in openings(edition, capacity)]
        tasks += _decisions(edition, counts)
        tasks += _quiet(edition, counts)
    elif sight.helps:
        tasks += _unreachable(edition)
    elif isinstance(user, User):
        tasks += _to_review(edition, user)
    return tasks


def bars(capacity: Capacity) -> list[Bar]:
    """Talks and posters, as far as the call offers them."""
    return [_bar(places) for places in capacity]


def _bar(places: Places) -> Bar:
    if not places.places:
        return Bar(places.in_words, 0, 0, False)
    taken = min(100, round(100 * places.taken / places.places))
    pending = min(100 - taken, round(100 * places.pending / places.places))
    return Bar(places.in_words, taken, pending, True)


def _letters(user: User | AnonymousUser) -> list[Task]:
    if not user.has_perm("mail.view_letter"):
        return []
    now = timezone.now()
    state = Letter.State
    found = Letter.objects.filter(state__in=(state.FAILED, state.SENDING, state.QUEUED)).aggregate(
        failed=Count("pk", filter=Q(state=state.FAILED)),
        doubtful=Count("pk", filter=Q(state=state.SENDING, claimed_at__lt=now - CLAIM_LASTS)),
        overdue=Count("pk", filter=Q(state=state.QUEUED, due_at__lte=now - DUE_LASTS)),
        waiting=Count("pk", filter=Q(state=state.QUEUED, due_at__gt=now - DUE_LASTS)),
    )
    listed = f"{reverse('admin:mail_letter_changelist')}?standing="
    tasks = [
        Task(
            found["failed"],
            f"{_noun(found['failed'], 'letter')} failed",
            f"{listed}failed",
            "Mend what the reason says, then send again.",
            is_urgent=True,
        ),
        Task(
            found["doubtful"],
            f"{_noun(found['doubtful'], 'letter')} in doubt",
            f"{listed}in_doubt",
            "Sent or not, nobody knows: ask the person.",
            is_urgent=True,
        ),
        Task(
            found["overdue"],
            f"{_noun(found['overdue'], 'letter')} too old to go out",
            f"{listed}overdue",
            "Due for more than a week: send them now, or discard them.",
            is_urgent=True,
        ),
    ]
    if not settings.HAS_MAIL:
        tasks.append(
            Task(
                found["waiting"],
                f"{_noun(found['waiting'], 'letter')} {_verb(found['waiting'], 'waits', 'wait')} "
                "for a mail server",
                f"{listed}queued",
                "The host sets SMTP_URL and MAIL_FROM.",
            )
        )
    return [task for task in tasks if task.number]


def _offers(edition: Edition, counts: Counts) -> list[Task]:
    if not counts.without_reply or counts.without_reply_since is None:
        return []
    number = counts.without_reply
    return [
        Task(
            number,
            f"{_noun(number, 'offer')} without reply since {_day(counts.without_reply_since)}",
            reverse("selection:lapse", args=[edition.pk]),
            "Let them lapse, and their places are free."
            if number > 1
            else "Let it lapse, and its place is free.",
            is_urgent=True,
        )
    ]


def _opening(opening: Opening) -> Task:
    mean = vars(opening.next).get("mean_score")
    score = f" (mean {mean:.1f})" if mean is not None else ""
    return Task(
        opening.number,
        f"{opening.kind.label.lower()}{'s are' if opening.number > 1 else ' is'} free",
        f"{reverse('selection:offer', args=[opening.next.pk])}?offer={opening.kind.value}",
        f"Next is {opening.next.display_reference}, {opening.next.title}{score}.",
        press="Offer it" if opening.number == 1 else "Offer one",
    )


def _decisions(edition: Edition, counts: Counts) -> list[Task]:
    tasks = []
    if number := counts.pending + counts.held:
        held = f" {counts.held} of them held back." if counts.held else ""
        if counts.held == number:
            held = f" {'It is' if number == 1 else 'All are'} held back."
        tasks.append(
            Task(
                number,
                f"{_noun(number, 'decision')} made, not released",
                reverse("selection:release", args=[edition.pk]),
                f"Nobody is told of {'it' if number == 1 else 'them'} yet.{held}",
            )
        )
    if number := counts.undecided:
        late = f" {counts.late} came late." if counts.late else ""
        call: Call | None = getattr(edition, "call", None)
        is_open = call is not None and call.status == Call.Status.OPEN
        note = "More may come until the call closes." if is_open else ""
        tasks.append(
            Task(
                number,
                "to decide",
                reverse("selection:board", args=[edition.pk]),
                f"{note}{late}".strip(),
            )
        )
    return tasks


def _quiet(edition: Edition, counts: Counts) -> list[Task]:
    listed = f"{reverse('admin:interest_expression_changelist')}?edition__id__exact={edition.pk}"
    tasks = []
    if counts.replies_due and counts.replies_due_from is not None:
        number = counts.replies_due
        call: Call | None = getattr(edition, "call", None)
        reminded = (
            f" Reminded {call.remind_days} days before." if call and call.sends_reminders else ""
        )
        tasks.append(
            Task(
                number,
                f"{_verb(number, 'reply', 'replies')} due soon",
                f"{listed}&state__exact=accepted",
                f"The first by {_day(counts.replies_due_from)}.{reminded}",
            )
        )
    if counts.rehearsals:
        tasks.append(
            Task(
                counts.rehearsals,
                f"{_noun(counts.rehearsals, 'rehearsal')} left",
                reverse("admin:interest_expression_rehearsals", args=[edition.pk]),
                "Sent by staff, counted nowhere. Remove them when you are done.",
            )
        )
    return tasks


def _to_review(edition: Edition, reviewer: User) -> list[Task]:
    far = progress(reviewer, edition)[edition.pk]
    if far.is_done:
        return []
    queue = reverse("review:queue", args=[edition.pk])
    return [Task(far.total - far.done, "to review", queue, f"{far.done} of {far.total} reviewed.")]


def _unreachable(edition: Edition) -> list[Task]:
    """Whose letters failed at the address that still stands there; not what these letters say."""
    failed = Q(
        letter_links__letter__state=Letter.State.FAILED, letter_links__letter__to_email=F("email")
    )
    found = Expression.objects.for_edition(edition).exclude_tests().active().filter(failed)
    named = found.order_by("pk").distinct().only("pk", "reference", "name")
    return [
        Task(
            1,
            f"{expression.display_reference}, {expression.name}: a letter did not arrive",
            reverse("admin:interest_expression_change", args=[expression.pk]),
            "Find the right address and correct it.",
            is_urgent=True,
        )
        for expression in named[:_MOST_UNREACHABLE]
    ]


def _noun(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"


def _verb(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def _day(day: date) -> str:
    return date_format(day, "j F")
