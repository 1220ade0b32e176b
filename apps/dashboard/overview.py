"""The overview: the year of the current edition, its to-do items and dates, and other editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format

from apps.accounts.models import User
from apps.contributors.models import Proposal
from apps.dashboard.site import is_reviewer
from apps.dashboard.todo import (
    SOON,
    archive_todos,
    backup_todos,
    expression_todos,
    letters_to_release,
    programme_todos,
    text_todos,
)
from apps.dashboard.year import StepState, YearFacts, year_steps
from apps.editions.admin import EditionAdmin, Tab
from apps.editions.models import Call, Deadline, Edition
from apps.imports.cloning import first_versions_of_copies, source_of
from apps.imports.texts_to_check import texts_to_check
from apps.interest.models import Expression
from apps.interest.permissions import permissions_for
from apps.interest.workflow import UNDECIDED, State
from apps.mail.models import Letter
from apps.ops.freezing.editions import pages_written
from apps.pages.models import Section
from apps.people.models import Group, Membership, PersonProfile
from apps.programme.models import Origin, ProgrammeRelease, Session
from apps.review.models import Reviewer
from apps.selection.capacity import capacity_of
from apps.topics.models import Topic

_CALL_CLOSES = "The call closes"
_NOT_RELEASED = (Letter.State.DRAFT, Letter.State.DISCARDED)


class StateCount(NamedTuple):
    """Number of expressions in a state, with the list of them."""

    state: State
    number: int
    pending: int  # with a decision that is not released
    url: str

    @property
    def title(self) -> str:
        return str(self.state.label)


class UpcomingDate(NamedTuple):
    """Day of an edition, with its clock time if it has one, and how far off it is."""

    day: date
    time: str
    label: str
    distance: str
    url: str


def overview_for(request: HttpRequest, pk: int | None = None) -> dict[str, Any]:
    """The context of an edition's overview: of the current one without `pk`.

    Empty for users who may not see editions, and if there is none.
    """
    user = request.user
    if not user.has_perm("editions.view_edition"):
        return {}
    editions = list(
        Edition.objects.select_related("call", "registration_period").annotate(
            section_count=_count(Section.objects.all()),
            topic_count=_count(Topic.objects.all()),
            reviewer_count=_count(Reviewer.objects.all()),
            session_count=_count(Session.objects.all()),
            student_count=_count(Origin.objects.all(), "contribution__edition"),
            proposal_count=_count(Proposal.objects.all(), "speaker__edition"),
            deadline_count=_count(Deadline.objects.all()),
            is_changed=Exists(Edition.history.filter(id=OuterRef("pk")).exclude(history_user=None)),
            is_copy=Exists(first_versions_of_copies().filter(id=OuterRef("pk"))),
            first_group=Subquery(
                Group.objects.filter(edition=OuterRef("pk"))
                .order_by("ordering", "pk")
                .values("pk")[:1]
            ),
            released_letter_count=_count(_programme_letters().exclude(state__in=_NOT_RELEASED)),
            discarded_letter_count=_count(
                _programme_letters().filter(state=Letter.State.DISCARDED)
            ),
            member_count=_count(Membership.objects.all(), "group__edition"),
            faceless_count=_count(_without_photo(), "group__edition"),
            release_number=_of_latest_release("number"),
            released_first_day=_of_latest_release("first_day"),
        )
    )
    chosen = [each for each in editions if each.pk == pk or (pk is None and each.is_current)]
    first = next(iter(chosen), editions[0] if editions and pk is None else None)
    if first is None:
        return {}
    page = cast(EditionAdmin, admin.site.get_model_admin(Edition))
    return {
        # At first the edition of the folder content/ is shown, which may be that of others.
        "is_as_imported": pk is None and not first.is_changed,
        "others": [edition for edition in editions if edition is not first],
        "tabs": page.tab_links(request, first) if user.has_perm("editions.change_edition") else [],
        "warnings": page.warnings_of(request, first),
        **_edition_context(first, user, editions),
    }


def _of_latest_release(column: str) -> Subquery:
    """A column of the latest release of an edition's programme; None without one."""
    releases = ProgrammeRelease.objects.filter(edition=OuterRef("pk")).order_by("-number")
    return Subquery(releases.values(column)[:1])


def _programme_letters() -> QuerySet[Letter]:
    """Letters about places in the programme."""
    return Letter.objects.exclude(contribution_link=None)


def _without_photo() -> QuerySet[Membership]:
    """Members of groups whose portraits are initials."""
    profiles = PersonProfile.objects.exclude(photo="")
    own = profiles.filter(person=OuterRef("person"), edition=OuterRef("group__edition"))
    portraits = Membership.objects.exclude(group__display=Group.Display.NAMES)
    return portraits.filter(~Exists(own), person__photo="")


def _count(rows: QuerySet, edition_field: str = "edition") -> Coalesce:
    """Number of `rows` per edition, in a subquery because joins would multiply the counts."""
    counts = (
        rows.filter(**{edition_field: OuterRef("pk")})
        .order_by()
        .values(edition_field)
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(counts), 0)


def _edition_context(
    edition: Any, user: User | AnonymousUser, editions: Sequence[Edition]
) -> dict[str, Any]:
    """Context of `edition`, which has the counts that overview_for annotates; all `editions`.

    `todos` and `expression_count` are None for users who see no expressions.
    """
    permissions = permissions_for(user)
    if permissions and not permissions.sees(edition.pk):
        permissions = None
    capacity = capacity_of(edition) if user.has_perm("interest.decide_expression") else None
    letters = letters_to_release(edition) if user.has_perm("mail.change_letter") else []
    todos = programme_todos(
        edition,
        user,
        letters=letters,
        students=edition.student_count,
        proposals=edition.proposal_count,
    )
    todos += archive_todos([each for each in editions if each.is_replaced_by(edition)], user)
    todos += backup_todos(user)
    is_checked = edition.is_copy and not edition.is_past
    source = source_of(edition) if is_checked and user.has_perm("editions.change_edition") else None
    texts = texts_to_check(edition, source, user) if source else []
    unchecked = sum(not text.is_confirmed for text in texts)
    todos += text_todos(edition, source, unchecked)
    states: list[StateCount] = []
    pending = 0
    if permissions:
        todos = [*expression_todos(edition, user, permissions, capacity), *todos]
        states, pending = _state_counts(edition, is_chair=capacity is not None)
    call: Call | None = getattr(edition, "call", None)
    facts = _year_facts(edition, states, pending=pending, letters=len(letters), editions=editions)
    facts = replace(facts, source=source, texts_to_check=unchecked)
    steps = year_steps(edition, user, facts)
    return {
        "edition": edition,
        "pages_frozen": pages_written(edition.slug),
        "call_url": Tab.CALL.url(edition.pk),
        "call_status": call.status_in_words if call else "There is no call yet",
        "expression_count": sum(facts.expressions.values()) if permissions else None,
        "states": states,
        "is_reviewer": is_reviewer(user),
        "reviews_this": permissions is not None,
        "todos": todos if permissions else todos or None,
        "dates": _upcoming_dates(edition),
        "places": list(capacity or ()),
        "steps": steps,
        "done_count": sum(step.state == StepState.DONE for step in steps),
    }


def _year_facts(
    edition: Any,
    states: Sequence[StateCount],
    *,
    pending: int,
    letters: int,
    editions: Sequence[Edition],
) -> YearFacts:
    later = [each for each in editions if each.year > edition.year]
    return YearFacts(
        expressions={str(state.state): state.number for state in states},
        pending=pending,
        undecided=sum(state.number - state.pending for state in states if state.state in UNDECIDED),
        letters=letters,
        released_letters=edition.released_letter_count,
        discarded_letters=edition.discarded_letter_count,
        is_thanked=edition.is_past and _is_thanked(edition),
        home_page=next((each for each in editions if each.is_current), None),
        following=min(later, key=lambda each: each.year, default=None),
    )


def _is_thanked(edition: Edition) -> bool:
    """Whether a letter to many was written after the last day, and not discarded."""
    letters = Letter.objects.filter(mailing__edition=edition).exclude(state__in=_NOT_RELEASED)
    return edition.last_day is not None and (
        letters.filter(mailing__made_at__date__gt=edition.last_day).exists()
    )


def _state_counts(edition: Edition, *, is_chair: bool) -> tuple[list[StateCount], int]:
    """Numbers of expressions by state, without test submissions, and of unreleased decisions."""
    list_url = reverse("admin:interest_expression_changelist")
    urls = {
        state: f"{list_url}?edition__id__exact={edition.pk}&state__exact={state.value}"
        for state in State
    }
    if is_chair:
        urls[State.WAITLISTED] = reverse("selection:waiting-list", args=[edition.pk])
    expressions = Expression.objects.for_edition(edition).exclude_tests().order_by()
    rows = expressions.values_list("state").annotate(Count("pk"), Count("pending_decision"))
    counts = {state: (number, pending) for state, number, pending in rows}
    states = [StateCount(state, *counts[state], urls[state]) for state in State if state in counts]
    return states, sum(state.pending for state in states)


def _upcoming_dates(edition: Edition) -> list[UpcomingDate]:
    """Deadlines, dates of the call and the first day within two weeks, in the edition's zone."""
    now = timezone.now()
    today = edition.today
    dates: list[tuple[date, datetime | None, str, Tab]] = []
    call: Call | None = getattr(edition, "call", None)
    if call is not None:
        ends = ((call.opens_at, "The call opens"), (call.closes_at, _CALL_CLOSES))
        for moment, label in ends:
            if moment is not None and moment > now:
                dates.append((moment.date(), moment, label, Tab.CALL))
        if call.decisions_on:
            dates.append((call.decisions_on, None, "Decisions are promised", Tab.CALL))
    for deadline in Deadline.objects.filter(edition=edition, due_on__range=(today, today + SOON)):
        deadline.edition = edition
        if not deadline.is_over:
            moment = deadline.due_at if deadline.due_time else None
            dates.append((deadline.due_on, moment, str(deadline), Tab.DATES))
            if call is not None and call.closes_with(deadline):
                dates = [date for date in dates if date[2] != _CALL_CLOSES]
    if edition.starts_on:
        dates.append((edition.starts_on, None, "The workshop begins", Tab.DETAILS))
    return [
        UpcomingDate(
            day,
            f"{date_format(moment, 'H:i')} {moment.tzname()}" if moment else "",
            label,
            {0: "today", 1: "tomorrow"}.get((day - today).days, f"in {(day - today).days} days"),
            tab.url(edition.pk),
        )
        for day, moment, label, tab in sorted(dates, key=lambda entry: entry[0])
        if today <= day <= today + SOON
    ]
