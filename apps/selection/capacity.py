"""How many places for lightning talks and posters there are, are taken, and are meant for somebody.

An offer that was released takes its place until it is declined or lapses; one confirmed takes what
was confirmed. A pending acceptance means a place for somebody and takes none yet. An offer of both
counts once for talks and once for posters. Rehearsals count nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db.models import Case, Count, F, QuerySet, Value, When

from apps.editions.models import Call, Edition
from apps.interest.models import Expression, Format
from apps.interest.workflow import State
from apps.selection.models import PendingDecision


@dataclass(frozen=True)
class Places:
    """The places of one kind. `places` is None where nobody counts."""

    noun: str
    places: int | None
    taken: int = 0
    pending: int = 0

    @property
    def free(self) -> int | None:
        """What is left once every pending acceptance is released, never below 0; None if unlimited."""
        return None if self.places is None else max(0, self.places - self.taken - self.pending)

    @property
    def over(self) -> int:
        """How many more are taken or pending than there are places."""
        return 0 if self.places is None else max(0, self.taken + self.pending - self.places)

    @property
    def span(self) -> int:
        """How long a bar of it is, in places."""
        return max(1, self.places or 0, self.taken + self.pending)

    @property
    def has_room(self) -> bool:
        """Whether one more fits."""
        return self.free is None or self.free > 0

    @property
    def in_words(self) -> str:
        """ "11 of 12 talks, 3 pending: 2 too many", "1 poster" where nobody counts."""
        if self.places is None:
            words = f"{self.taken} {self._plural(self.taken)}"
        else:
            words = f"{self.taken} of {self.places} {self._plural(self.places)}"
        if self.pending:
            words += f", {self.pending} pending"
        return f"{words}: {self.over} too many" if self.over else words

    def _plural(self, number: int) -> str:
        return self.noun if number == 1 else f"{self.noun}s"


@dataclass(frozen=True)
class Capacity:
    """The places of one edition: `for place in capacity` gives those that are offered or taken."""

    talks: Places
    posters: Places
    offers_talks: bool = True
    offers_posters: bool = True

    def __iter__(self) -> Iterator[Places]:
        for places, is_offered in (
            (self.talks, self.offers_talks),
            (self.posters, self.offers_posters),
        ):
            if is_offered or places.taken or places.pending:
                yield places

    @property
    def in_words(self) -> str:
        """All of it in a line."""
        return "; ".join(places.in_words for places in self)

    @property
    def is_over(self) -> bool:
        """Whether more is taken or pending than there are places for."""
        return any(places.over for places in self)

    @property
    def is_uncounted(self) -> bool:
        """Whether nobody said how many places there are."""
        return all(places.places is None for places in self)

    def has_room_for(self, offer: str) -> bool:
        """Whether one more such offer fits (Format)."""
        return all(self._of(kind).has_room for kind in kinds_of(offer))

    def with_pending(self, *, talks: int, posters: int) -> Capacity:
        """As it would be with so many more acceptances pending; fewer if negative."""
        return replace(
            self,
            talks=replace(self.talks, pending=self.talks.pending + talks),
            posters=replace(self.posters, pending=self.posters.pending + posters),
        )

    def _of(self, kind: Format) -> Places:
        return self.talks if kind == Format.TALK else self.posters


def kinds_of(offer: str) -> tuple[Format, ...]:
    """What an offer (Format) takes a place of; nothing if there is no offer."""
    if not offer:
        return ()
    return (Format.TALK, Format.POSTER) if offer == Format.BOTH else (Format(offer),)


def capacity_of(edition: Edition) -> Capacity:
    """Counts the places of `edition` in one query, however many expressions there are; in one more
    where its call is not loaded."""
    call: Call | None = getattr(edition, "call", None)
    released = (
        Expression.objects.for_edition(edition)
        .exclude_tests()
        .filter(state__in=(State.ACCEPTED, State.CONFIRMED))
        .annotate(
            takes=Case(When(state=State.CONFIRMED, then=F("confirmed_format")), default=F("offer"))
        )
    )
    accepting = PendingDecision.objects.filter(
        expression__edition=edition,
        expression__is_test=False,
        verdict=PendingDecision.Verdict.ACCEPT,
    ).annotate(takes=F("offer"))
    taken, pending = Counter[Format](), Counter[Format]()
    rows = _counted(released, is_pending=False).union(
        _counted(accepting, is_pending=True), all=True
    )
    for offer, number, is_pending in rows:
        for kind in kinds_of(offer):
            (pending if is_pending else taken)[kind] += number
    talk, poster = Format.TALK, Format.POSTER
    return Capacity(
        talks=Places("talk", call.talk_places if call else None, taken[talk], pending[talk]),
        posters=Places(
            "poster", call.poster_places if call else None, taken[poster], pending[poster]
        ),
        offers_talks=call.offers_talks if call else True,
        offers_posters=call.offers_posters if call else True,
    )


def _counted(rows: QuerySet, *, is_pending: bool) -> QuerySet:
    """How many take what, and whether that is pending."""
    counted = rows.order_by().values("takes").annotate(number=Count("pk"))
    return counted.values_list("takes", "number", Value(is_pending))
