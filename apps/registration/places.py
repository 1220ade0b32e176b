"""Places of an edition: who takes one, how many are left, and who gets the next free one.

The functions that decide are called with the registration period locked (`lock_period`), so that
two people at once never get the same place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext, ngettext

from apps.editions.models import Edition
from apps.registration.models import AttendanceKind, Registration, RegistrationPeriod


def lock_period(edition: Edition) -> RegistrationPeriod:
    """The registration of an edition, locked until the transaction ends.

    Organisers may register people before they have set one up: then one without dates is created.
    """
    RegistrationPeriod.objects.get_or_create(edition=edition)
    periods = RegistrationPeriod.objects.select_for_update(of=("self",)).select_related("edition")
    return periods.get(edition=edition)


@dataclass
class Places:
    """The places that are taken of a period, by kind, and of each extra."""

    period: RegistrationPeriod
    kinds: dict[int, AttendanceKind]
    taken: Counter[int | None]  # by the key of the kind; None for those without one
    extras_taken: Counter[int]
    waiting: int

    @classmethod
    def of(cls, period: RegistrationPeriod) -> Places:
        """Count them; three queries."""
        edition = period.edition
        kinds = {kind.pk: kind for kind in edition.attendance_kinds.all()}
        taken: Counter[int | None] = Counter()
        waiting = 0
        current = Registration.objects.for_edition(edition).current().order_by()
        for status, kind, number in current.values_list("status", "kind").annotate(Count("pk")):
            if status == Registration.Status.WAITING:
                waiting += number
            else:
                taken[kind] += number
        # People who wait keep the extras that they chose, for the time when they get a place.
        chosen = Registration.extras.through._default_manager.filter(registration__in=current)
        extras = chosen.order_by().values_list("attendancekind").annotate(Count("pk"))
        return cls(period, kinds, taken, Counter(dict(extras)), waiting)

    @property
    def all_taken(self) -> int:
        """People who take one of the places; not those of a kind that needs none."""
        return sum(number for kind, number in self.taken.items() if self._takes_place(kind))

    @property
    def left(self) -> int | None:
        """Places left in all; None without a limit."""
        capacity = self.period.capacity
        return None if capacity is None else max(0, capacity - self.all_taken)

    def left_of(self, kind: AttendanceKind | None) -> int | None:
        """Places left for one kind, or for people without one; None without a limit."""
        limits = []
        if self._takes_place(kind.pk if kind else None) and self.left is not None:
            limits.append(self.left)
        if kind and kind.capacity is not None:
            counts = self.extras_taken if kind.is_extra else self.taken
            limits.append(max(0, kind.capacity - counts[kind.pk]))
        return min(limits, default=None)

    def has_place(self, kind: AttendanceKind | None) -> bool:
        return self.left_of(kind) != 0

    def in_words(self) -> str:
        """ "12 places left"; "" without a limit."""
        left = self.left
        if left is None:
            return ""
        if left:
            return ngettext("%d place left", "%d places left", left) % left
        kinds = [kind for kind in self.kinds.values() if not kind.is_extra and self.has_place(kind)]
        if kinds:  # such as online
            names = ", ".join(kind.name for kind in kinds)
            return gettext("All places are taken, except: %(kinds)s.") % {"kinds": names}
        if self.period.has_waiting_list:
            return gettext("All places are taken. You can join the waiting list.")
        return gettext("All places are taken.")

    def note_of(self, kind: AttendanceKind) -> str:
        """What the form says of the places of one kind; "" if they are those of the edition."""
        left = self.left_of(kind)
        if left is None or (kind.capacity is None and left):
            return ""
        if left:
            return ngettext("%d place left", "%d places left", left) % left
        if self.period.has_waiting_list and not kind.is_extra:
            return gettext("waiting list")
        return gettext("no place left")

    def give(self, kind: AttendanceKind | None) -> None:
        """Count one more with a place."""
        self.taken[kind.pk if kind else None] += 1

    def next_in_line(self, waiting: Iterable[Registration]) -> Registration | None:
        """The first of those who wait for whose kind there is a place."""
        return next((one for one in waiting if self.has_place(self._kind_of(one))), None)

    def _kind_of(self, registration: Registration) -> AttendanceKind | None:
        return self.kinds.get(registration.kind_id) if registration.kind_id else None

    def _takes_place(self, kind: int | None) -> bool:
        if kind is None or kind not in self.kinds:
            return True
        return self.kinds[kind].takes_place and not self.kinds[kind].is_extra
