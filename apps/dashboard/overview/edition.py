"""The current edition on the first screen: its parts, its call, what is missing; the other editions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.dateformat import format as date_format

from apps.accounts.models import User
from apps.contributors.models import Proposal
from apps.dashboard.overview.counts import Counts, count_expressions
from apps.dashboard.overview.dates import Date, dates_near
from apps.dashboard.overview.programme import programme_tasks
from apps.dashboard.overview.waiting import Bar, Task, bars, tasks_for
from apps.editions.models import Call, Deadline, Edition
from apps.interest.permissions import permissions_for
from apps.interest.workflow import State
from apps.pages.models import Page, Section
from apps.people.models import Membership
from apps.programme.models import Origin, Session
from apps.selection.capacity import capacity_of
from apps.topics.models import Topic


class Item(NamedTuple):
    """One line of the checklist: what, whether it is there, what a visitor sees instead, where to mend it."""

    title: str
    is_done: bool
    hint: str
    url: str


class Room(NamedTuple):
    """A way into one part of the edition."""

    title: str
    number: int
    url: str


@dataclass(frozen=True)
class CallCard:
    """The call of one edition, and how many expressions of interest stand where."""

    words: str  # "Open until 3 May 2026, 23:59 BST"
    url: str
    number: int | None  # None for those who see no expressions
    states: list[Room]


@dataclass(frozen=True)
class EditionCard:
    """One edition on the first screen."""

    edition: Edition
    rooms: list[Room]
    checklist: list[Item]
    call: CallCard
    photos: Item  # beside the list: a page is finished without them
    dates: list[Date] = field(default_factory=list)
    tasks: list[Task] | None = None  # None for those who see no expressions
    places: list[Bar] = field(default_factory=list)

    @property
    def missing(self) -> list[Item]:
        return [item for item in self.checklist if not item.is_done]

    @property
    def done_count(self) -> int:
        return len(self.checklist) - len(self.missing)


def overview_for(user: User | AnonymousUser) -> dict[str, Any]:
    """The context of the first screen; empty for those who may not see editions."""
    if not user.has_perm("editions.view_edition"):
        return {"card": None, "others": []}
    editions = list(
        Edition.objects.select_related("call").annotate(
            section_count=_count(Section.objects.all()),
            topic_count=_count(Topic.objects.all()),
            page_count=_count(Page.objects.all()),
            session_count=_count(Session.objects.all()),
            origin_count=_count(Origin.objects.all(), "contribution__edition"),
            proposal_count=_count(Proposal.objects.all(), "speaker__edition"),
            deadline_count=_count(Deadline.objects.all()),
            member_count=_count(Membership.objects.all(), "group__edition"),
            faceless_count=_count(Membership.objects.filter(person__photo=""), "group__edition"),
        )
    )
    first = next((edition for edition in editions if edition.is_current), None)
    if first is None and editions:
        first = editions[0]
    return {
        "card": _card(first, user) if first else None,
        "others": [edition for edition in editions if edition is not first],
    }


def _count(rows: QuerySet, edition: str = "edition") -> Coalesce:
    """How many of `rows` an edition has: counted apart, since joined lists would multiply."""
    counted = (
        rows.filter(**{edition: OuterRef("pk")})
        .order_by()
        .values(edition)
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(counted), 0)


def _card(edition: Edition, user: User | AnonymousUser) -> EditionCard:
    hub = reverse("admin:editions_edition_change", args=[edition.pk])
    counts: dict[str, int] = vars(edition)  # annotated by overview_for
    of_this = f"?edition__id__exact={edition.pk}"

    def room(title: str, count: str, part: str) -> Room:
        return Room(title, counts[count], f"{hub}#{part}-group")

    rooms = [
        room("Home page sections", "section_count", "sections"),
        room("People in groups", "member_count", "groups"),
        room("Topics", "topic_count", "topics"),
        room("Dates and deadlines", "deadline_count", "deadlines"),
        Room("Free pages", counts["page_count"], reverse("admin:pages_page_changelist") + of_this),
    ]
    if user.has_perm("programme.view_session"):
        programme = reverse("admin:programme_session_overview", args=[edition.pk])
        rooms.append(Room("Programme sessions", counts["session_count"], programme))
    faceless = counts["faceless_count"]
    call: Call | None = getattr(edition, "call", None)
    announced = "Visitors read “To be announced”."
    checklist = [
        Item("The date", bool(edition.starts_on), announced, f"{hub}#id_starts_on"),
        Item("The place", bool(edition.venue), announced, f"{hub}#id_venue"),
        Item(
            "A contact address",
            bool(edition.contact_email),
            "The footer names nobody to write to.",
            f"{hub}#id_contact_email",
        ),
        Item(
            "Words on the home page",
            counts["section_count"] > 0,
            "The home page is empty.",
            f"{hub}#sections-group",
        ),
        Item(
            "Topics", counts["topic_count"] > 0, "The topics page is empty.", f"{hub}#topics-group"
        ),
        Item(
            "People",
            counts["member_count"] > 0,
            "Nobody is named on the page.",
            f"{hub}#groups-group",
        ),
        Item(
            "Deadlines",
            counts["deadline_count"] > 0,
            "No date to act by is shown.",
            f"{hub}#deadlines-group",
        ),
        Item(
            "A call",
            call is not None and call.status != Call.Status.UNDATED,
            "There is no form, or no dates from when to when it is open.",
            f"{hub}#call-group",
        ),
        Item(
            "A way to register",
            bool(edition.registration_url),
            "There is no button to register.",
            f"{hub}#id_registration_url",
        ),
        Item(
            "A code of conduct",
            bool(edition.code_of_conduct),
            "The footer links to none.",
            f"{hub}#id_code_of_conduct",
        ),
    ]
    photos = Item(
        "Photos",
        faceless == 0,
        f"{faceless} of {counts['member_count']} are shown by their initials, which is fine too.",
        f"{reverse('admin:people_person_changelist')}"
        f"?memberships__group__edition__id__exact={edition.pk}",
    )
    sight = permissions_for(user)
    standing = count_expressions(edition) if sight and sight.sees_edition(edition) else None
    is_chair = user.has_perm("interest.decide_expression")
    capacity = capacity_of(edition) if is_chair else None
    waiting = tasks_for(edition, user, sight, standing, capacity) if sight and standing else []
    on_programme = programme_tasks(
        edition, user, students=counts["origin_count"], proposals=counts["proposal_count"]
    )
    return EditionCard(
        edition,
        rooms,
        checklist,
        _call_card(edition, call, standing, is_chair=is_chair),
        photos,
        dates=dates_near(edition),
        tasks=[*waiting, *on_programme] if standing else on_programme or None,
        places=bars(capacity) if capacity else [],
    )


def _call_card(
    edition: Edition, call: Call | None, counts: Counts | None, *, is_chair: bool
) -> CallCard:
    hub = reverse("admin:editions_edition_change", args=[edition.pk])
    words = _call_words(call) if call else "There is no call yet"
    if counts is None:
        return CallCard(words, f"{hub}#call-group", None, [])
    listed = f"{reverse('admin:interest_expression_changelist')}?edition__id__exact={edition.pk}"
    urls = {state: f"{listed}&state__exact={state.value}" for state in State}
    if is_chair:
        urls[State.WAITLISTED] = reverse("selection:waiting-list", args=[edition.pk])
    states = [
        Room(state.label, counts.by_state[state], urls[state])
        for state in State
        if state in counts.by_state
    ]
    return CallCard(words, listed, counts.total, states)


def _call_words(call: Call) -> str:
    words = {
        Call.Status.BEFORE: ("Opens", call.opens_at),
        Call.Status.OPEN: ("Open until", call.closes_at),
        Call.Status.CLOSED: ("Closed since", call.closes_at),
    }
    verb, moment = words.get(Call.Status(call.status), ("", None))
    if moment is None:
        return "Its dates are to be announced"
    return f"{verb} {date_format(moment, 'j F Y, H:i')} {moment.tzname()}"
