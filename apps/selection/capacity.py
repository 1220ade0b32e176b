"""Places for lightning talks and posters: how many there are, are taken, and are pending.

A released offer takes its place until it is declined or lapses; a confirmed one takes what was
confirmed. A pending acceptance takes none yet. An offer of both takes one of each. Rehearsals take
none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.models import Case, Count, F, QuerySet, When

from apps.core.text import count_of
from apps.editions.models import Call, Edition
from apps.interest.models import Expression, Format
from apps.interest.workflow import State
from apps.selection.models import PendingDecision


@dataclass(frozen=True)
class Places:
    """Places of one kind. `places` is None if they are not limited."""

    noun: str
    places: int | None
    taken: int = 0
    pending: int = 0
    is_offered: bool = True

    @property
    def free(self) -> int | None:
        """Places left once all pending acceptances are released, at least 0; None if unlimited."""
        return None if self.places is None else max(0, self.places - self.taken - self.pending)

    @property
    def over(self) -> int:
        """How many more are taken or pending than there are places."""
        return 0 if self.places is None else max(0, self.taken + self.pending - self.places)

    @property
    def span(self) -> int:
        """Length of its bar, in places."""
        return max(1, self.places or 0, self.taken + self.pending)

    @property
    def in_words(self) -> str:
        """ "11 of 12 talks, 3 pending: 2 too many"; "1 poster" if unlimited."""
        number = self.taken if self.places is None else self.places
        text = count_of(number, self.noun)
        if self.places is not None:
            text = f"{self.taken} of {text}"
        if self.pending:
            text += f", {self.pending} pending"
        return f"{text}: {self.over} too many" if self.over else text


@dataclass(frozen=True)
class Capacity:
    """Places of one edition. Iterating gives those that are offered, taken or pending."""

    talks: Places
    posters: Places

    def __iter__(self) -> Iterator[Places]:
        for places in (self.talks, self.posters):
            if places.is_offered or places.taken or places.pending:
                yield places

    @property
    def in_words(self) -> str:
        return "; ".join(places.in_words for places in self)

    @property
    def is_over(self) -> bool:
        """Whether more is taken or pending than there are places."""
        return any(places.over for places in self)

    @property
    def is_unlimited(self) -> bool:
        """Whether the call limits neither kind."""
        return all(places.places is None for places in self)

    def with_pending(self, *, talks: int, posters: int) -> Capacity:
        """Return a copy with these numbers added to the pending acceptances; they may be negative."""
        return Capacity(
            talks=replace(self.talks, pending=self.talks.pending + talks),
            posters=replace(self.posters, pending=self.posters.pending + posters),
        )


def kinds_of(offer: str) -> tuple[Format, ...]:
    """The kinds of places that an offer (Format) takes; none if it is empty."""
    if not offer:
        return ()
    return (Format.TALK, Format.POSTER) if offer == Format.BOTH else (Format(offer),)


def capacity_of(edition: Edition) -> Capacity:
    """Count the places of an edition in two queries, in one more if its call is not loaded."""
    call: Call | None = getattr(edition, "call", None)
    released = Expression.objects.for_edition(edition).exclude_tests()
    taken = _count_kinds(
        released.filter(state__in=(State.ACCEPTED, State.CONFIRMED)).annotate(
            takes=Case(When(state=State.CONFIRMED, then=F("confirmed_format")), default=F("offer"))
        )
    )
    pending = _count_kinds(
        PendingDecision.objects.filter(
            expression__edition=edition, expression__is_test=False, verdict="accept"
        ).annotate(takes=F("offer"))
    )
    return Capacity(
        talks=Places(
            "talk",
            call.talk_places if call else None,
            taken[Format.TALK],
            pending[Format.TALK],
            call is not None and call.offers_talks,
        ),
        posters=Places(
            "poster",
            call.poster_places if call else None,
            taken[Format.POSTER],
            pending[Format.POSTER],
            call is not None and call.offers_posters,
        ),
    )


def _count_kinds(rows: QuerySet) -> Counter[Format]:
    numbers = Counter[Format]()
    offers = rows.order_by().values_list("takes").annotate(number=Count("pk"))
    for offer, number in offers:
        for kind in kinds_of(offer):
            numbers[kind] += number
    return numbers
