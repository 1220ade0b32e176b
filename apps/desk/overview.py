"""What the first screen says: the current edition, what is missing in it, the other editions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q
from django.urls import reverse

from apps.accounts.models import User
from apps.editions.models import Edition


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
class EditionCard:
    """One edition on the first screen."""

    edition: Edition
    rooms: list[Room]
    checklist: list[Item]

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
    # Subqueries of counts, so that the number of queries does not grow with the editions.
    editions = list(
        Edition.objects.annotate(
            section_count=Count("sections", distinct=True),
            topic_count=Count("topics", distinct=True),
            group_count=Count("groups", distinct=True),
            page_count=Count("pages", distinct=True),
            deadline_count=Count("deadlines", distinct=True),
            member_count=Count("groups__memberships", distinct=True),
            faceless_count=Count(
                "groups__memberships",
                filter=Q(groups__memberships__person__photo=""),
                distinct=True,
            ),
            # A query that counts forgets the model's own order.
        ).order_by(*(Edition._meta.ordering or ()))
    )
    first = next((edition for edition in editions if edition.is_current), None)
    if first is None and editions:
        first = editions[0]
    return {
        "card": _card(first) if first else None,
        "others": [edition for edition in editions if edition is not first],
    }


def _card(edition: Edition) -> EditionCard:
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
    faceless = counts["faceless_count"]
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
            "Photos",
            counts["member_count"] > 0 and faceless == 0,
            f"{faceless} of {counts['member_count']} places are shown by initials, which is fine.",
            reverse("admin:people_person_changelist")
            + f"?memberships__group__edition__id__exact={edition.pk}",
        ),
        Item(
            "Deadlines",
            counts["deadline_count"] > 0,
            "No date to act by is shown.",
            f"{hub}#deadlines-group",
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
    return EditionCard(edition, rooms, checklist)
