"""Changes of several people or memberships."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from apps.people.models import Group, Membership, Person


def add_to_groups(*, person: Person, groups: Iterable[Group]) -> list[Group]:
    """Add a person at the end of each group they are not in yet; return those groups."""
    added = []
    with transaction.atomic():
        for group in Group.objects.filter(
            pk__in=[group.pk for group in groups]
        ).select_for_update():
            _, is_new = Membership.objects.get_or_create(group=group, person=person)
            if is_new:
                added.append(group)
    return added
