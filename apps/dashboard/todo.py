"""To-do items of the overview: for each role what it can act on, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format

from apps.accounts.models import User
from apps.contributors.student_edits import student_edits
from apps.core.text import count_of
from apps.editions.admin import Tab
from apps.editions.models import Call, Edition
from apps.interest.models import Expression
from apps.interest.permissions import ExpressionPermissions
from apps.interest.workflow import UNDECIDED, State
from apps.mail.drafts import DraftStatus
from apps.mail.models import DUE_LASTS, Letter
from apps.ops.backup import is_overdue, stored_backups
from apps.programme.letters import programme_letters
from apps.programme.models import ContributionLetter
from apps.review.services import progress
from apps.selection.capacity import Capacity
from apps.selection.offers import Opening, openings

SOON = timedelta(days=14)
_MOST_UNREACHABLE = 8


@dataclass(frozen=True)
class TodoItem:
    """A to-do item: count, label, link, hint, and the text of a button if one step does it."""

    count: int
    label: str
    url: str
    hint: str = ""
    button: str = ""
    is_urgent: bool = False


def expression_todos(
    edition: Edition,
    user: User | AnonymousUser,
    permissions: ExpressionPermissions,
    capacity: Capacity | None,
) -> list[TodoItem]:
    """Items about expressions and their letters; `capacity` is given for chairs only."""
    items: list[TodoItem] = []
    if capacity is not None:
        if user.has_perm("mail.view_letter"):
            items += _letter_todos()
        items += _chair_todos(edition, capacity)
    elif permissions.helps:
        items += _unreachable_authors(edition)
    elif isinstance(user, User):
        reviewed = progress(user, edition)[edition.pk]
        items.append(
            TodoItem(
                reviewed.total - reviewed.done,
                "to review",
                reverse("review:queue", args=[edition.pk]),
                f"{reviewed.done} of {reviewed.total} reviewed.",
            )
        )
    return [item for item in items if item.count]


def programme_todos(
    edition: Edition,
    user: User | AnonymousUser,
    *,
    letters: Sequence[ContributionLetter],
    students: int,
    proposals: int,
) -> list[TodoItem]:
    """The `letters` to release and edits by students (`students` on the programme) for chairs, edits
    by speakers for editors too."""
    items = [_programme_letters_todo(edition, letters)]
    if students and user.has_perm("interest.decide_expression"):
        count = len(student_edits(edition))
        items.append(
            TodoItem(
                count,
                f"{_plural(count, 'correction')} by students to check",
                reverse("admin:programme_session_corrections", args=[edition.pk]),
                "Accept or reject them. The programme changes only when you accept.",
            )
        )
    if user.has_perm("programme.change_contribution"):
        items.append(
            TodoItem(
                proposals,
                f"{_plural(proposals, 'change')} by speakers to approve",
                reverse("admin:programme_session_speakers", args=[edition.pk]),
                "Not public until approved.",
            )
        )
    return [item for item in items if item.count]


def backup_todos(user: User | AnonymousUser) -> list[TodoItem]:
    """A warning when the last backup is too old; without one, the age of the account counts."""
    if not isinstance(user, User) or not user.has_perm("accounts.make_backup"):
        return []
    last = next(iter(stored_backups()), None)
    if not is_overdue(last, since=user.joined_at):
        return []
    days = (timezone.now() - (last.made_at if last else user.joined_at)).days
    label = "days since the last backup" if last else "days without a backup"
    hint = "Make one now, and keep a copy on another machine."
    return [TodoItem(days, label, reverse("ops:backups"), hint, is_urgent=True)]


def letters_to_release(edition: Edition) -> list[ContributionLetter]:
    """Letters about the programme that presenters have not been sent."""
    return [row for row in programme_letters(edition) if row.status != DraftStatus.UNNEEDED]


def _programme_letters_todo(edition: Edition, letters: Sequence[ContributionLetter]) -> TodoItem:
    undrafted = sum(row.status == DraftStatus.UNDRAFTED for row in letters)
    hint = "Students and speakers do not know time and place yet."
    if undrafted:
        hint = f"{hint} {count_of(undrafted, 'email')} not drafted yet."
    return TodoItem(
        len(letters),
        f"{_plural(len(letters), 'email')} about the programme to release",
        reverse("admin:programme_session_letters", args=[edition.pk]),
        hint,
    )


def archive_todos(replaced: list[Edition], user: User | AnonymousUser) -> list[TodoItem]:
    """An item for the `replaced` editions, for users who may archive them."""
    if not replaced or not user.has_perm("editions.change_edition"):
        return []
    label = _plural(len(replaced), "earlier edition")
    return [
        TodoItem(
            len(replaced),
            f"{label} not archived",
            reverse("admin:edition-overview", args=[replaced[0].pk]),
            f"If {replaced[0].name} is over, archive it. Its pages then say so.",
        )
    ]


def text_todos(edition: Edition, source: Edition | None, count: int) -> list[TodoItem]:
    """An item for texts that name facts of the edition that `edition` was made from."""
    if source is None or not count:
        return []
    hint = (
        f"{_plural(count, 'It names', 'They name')} the year, a day or the place of {source.name}."
    )
    url = reverse("imports:texts", args=[edition.pk])
    return [TodoItem(count, f"{_plural(count, 'text')} to check", url, hint)]


def _letter_todos() -> list[TodoItem]:
    now, state = timezone.now(), Letter.State
    counts = Letter.objects.filter(
        state__in=(state.FAILED, state.UNCONFIRMED, state.QUEUED)
    ).aggregate(
        failed=Count("pk", filter=Q(state=state.FAILED)),
        unconfirmed=Count("pk", filter=Q(state=state.UNCONFIRMED)),
        overdue=Count("pk", filter=Q(state=state.QUEUED, due_at__lte=now - DUE_LASTS)),
        queued=Count("pk", filter=Q(state=state.QUEUED, due_at__gt=now - DUE_LASTS)),
    )
    texts = {
        "failed": ("failed", "Fix the problem shown, then send again."),
        "unconfirmed": ("in doubt", "Delivery not confirmed: ask the recipient before you resend."),
        "overdue": (
            "too old to be sent",
            "Due for more than a week: send them now, or discard them.",
        ),
    }
    if not settings.HAS_MAIL:
        verb = _plural(counts["queued"], "waits", "wait")
        texts["queued"] = (
            f"{verb} for a mail server",
            "The person who runs the server sets SMTP_URL and MAIL_FROM.",
        )
    return [
        TodoItem(
            counts[name],
            f"{_plural(counts[name], 'email')} {label}",
            f"{reverse('admin:mail_letter_changelist')}?standing={name}",
            hint,
            is_urgent=name != "queued",
        )
        for name, (label, hint) in texts.items()
    ]


def _chair_todos(edition: Edition, capacity: Capacity) -> list[TodoItem]:
    numbers = _count_entries(edition)
    offers, replies, tests = numbers["overdue"], numbers["due_soon"], numbers["tests"]
    unchecked, unreleased = numbers["unchecked"], numbers["unreleased"]
    call: Call | None = getattr(edition, "call", None)
    is_open = call is not None and call.status == Call.Status.OPEN
    is_forgotten = is_open and edition.has_begun and bool(call and call.is_open_ended)
    to_decide = ["More may come until the call closes."] if is_open else []
    to_decide += [f"{numbers['late']} came late."] if numbers["late"] else []
    reminded = f" Reminded {call.remind_days} days before." if call and call.sends_reminders else ""
    list_url = reverse("admin:interest_expression_changelist")
    return [
        TodoItem(
            offers,
            f"{_plural(offers, 'offer')} without reply since {_day(numbers['overdue_since'])}",
            reverse("selection:lapse", args=[edition.pk]),
            _plural(
                offers,
                "Let it lapse to free its place.",
                "Let them lapse to free their places.",
            ),
            is_urgent=True,
        ),
        TodoItem(
            unchecked,
            f"{_plural(unchecked, 'address', 'addresses')} to confirm",
            reverse("admin:interest_expression_address", args=[numbers["first_unchecked"] or 0]),
            "Corrected by the helpdesk. Until then no private link is sent.",
            is_urgent=True,
        ),
        TodoItem(
            int(is_forgotten),
            "call still open",
            Tab.CALL.url(edition.pk),
            "The workshop has begun, and the home page still invites entries. Enter a closing day.",
            is_urgent=True,
        ),
        *[_opening_todo(opening) for opening in openings(edition, capacity)],
        TodoItem(
            unreleased,
            f"{_plural(unreleased, 'decision')} made, not released",
            reverse("selection:release", args=[edition.pk]),
            f"Not yet announced to the applicants.{_held_back(unreleased, numbers['held'])}",
        ),
        TodoItem(
            numbers["undecided"],
            "to decide",
            reverse("selection:board", args=[edition.pk]),
            " ".join(to_decide),
        ),
        TodoItem(
            replies,
            f"{_plural(replies, 'reply', 'replies')} due soon",
            f"{list_url}?edition__id__exact={edition.pk}&state__exact=accepted",
            f"The first by {_day(numbers['due_from'])}.{reminded}",
        ),
        TodoItem(
            tests,
            f"{_plural(tests, 'test entry', 'test entries')} left",
            reverse("admin:interest_expression_rehearsals", args=[edition.pk]),
            "Sent by organisers, not counted. Delete them when you have finished.",
        ),
    ]


def _count_entries(edition: Edition) -> dict[str, Any]:
    """Numbers, first days and keys for the items of chairs; one query."""
    today = edition.today
    real = Q(is_test=False)
    undecided = real & Q(pending_decision=None, state__in=UNDECIDED)
    accepted = real & Q(state=State.ACCEPTED)
    overdue = accepted & Q(reply_by_on__lt=today)
    due_soon = accepted & Q(reply_by_on__range=(today, today + SOON))
    return Expression.objects.for_edition(edition).aggregate(
        overdue=Count("pk", filter=overdue),
        overdue_since=Min("reply_by_on", filter=overdue),
        unreleased=Count("pending_decision", filter=real),
        held=Count("pending_decision", filter=real & Q(pending_decision__is_held=True)),
        undecided=Count("pk", filter=undecided),
        late=Count("pk", filter=undecided & Q(is_late=True)),
        due_soon=Count("pk", filter=due_soon),
        due_from=Min("reply_by_on", filter=due_soon),
        tests=Count("pk", filter=~real),
        unchecked=Count("pk", filter=Q(has_unchecked_address=True)),
        first_unchecked=Min("pk", filter=Q(has_unchecked_address=True)),
    )


def _held_back(unreleased: int, held: int) -> str:
    if held == unreleased:
        return f" {_plural(unreleased, 'It is', 'All are')} held back."
    return f" {held} of them held back." if held else ""


def _opening_todo(opening: Opening) -> TodoItem:
    mean = getattr(opening.next, "mean_score", None)
    score = f" (mean {mean:.1f})" if mean is not None else ""
    return TodoItem(
        opening.number,
        opening.label,
        reverse("selection:waiting-list", args=[opening.next.edition_id]),
        f"Next is {opening.next.display_reference}, {opening.next.plain_title}{score}.",
        button=_plural(opening.number, "Offer it", "Offer one"),
    )


def _unreachable_authors(edition: Edition) -> list[TodoItem]:
    """Authors whose letters failed at their current address, without the reason of the failure."""
    failed = Q(
        letter_links__letter__state=Letter.State.FAILED, letter_links__letter__to_email=F("email")
    )
    unreachable = Expression.objects.for_edition(edition).exclude_tests().active().filter(failed)
    return [
        TodoItem(
            1,
            f"{expression.display_reference}, {expression.name}: an email did not arrive",
            reverse("admin:interest_expression_change", args=[expression.pk]),
            "Find the right address and correct it.",
            is_urgent=True,
        )
        for expression in unreachable.order_by("pk").distinct()[:_MOST_UNREACHABLE]
    ]


def _plural(count: int, one: str, many: str = "") -> str:
    return one if count == 1 else many or f"{one}s"


def _day(day: date | None) -> str:
    return date_format(day, "j F") if day else ""
