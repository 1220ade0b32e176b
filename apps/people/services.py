"""Changes of several people or memberships."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from apps.core.exceptions import ChangedMeanwhile
from apps.core.search import fold
from apps.people.models import Group, Membership, Person
from apps.people.pasted_lists import MatchedPerson, PastedPerson, match_people, token_of


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


def add_pasted_people(
    *, group: Group, rows: Sequence[PastedPerson], choices: Sequence[str], token: str
) -> list[Membership]:
    """Add the people of a pasted list at the end of a group, as chosen in its preview.

    A choice is the primary key of a stored person, or that of MatchedPerson. A stored person keeps
    their facts; an affiliation that differs is noted in the group. Raises ChangedMeanwhile if the
    preview would look otherwise now.
    """
    added = []
    with transaction.atomic():
        Group.objects.select_for_update().get(pk=group.pk)
        matched = match_people(rows, group)
        if token_of(matched) != token:
            raise ChangedMeanwhile
        for match, choice in zip(matched, choices, strict=True):
            if choice != MatchedPerson.SKIP:
                added.append(_add_pasted(match, choice, group))
    return added


def _add_pasted(match: MatchedPerson, choice: str, group: Group) -> Membership:
    row = match.row
    membership = Membership(group=group, role=row.role)
    if choice == MatchedPerson.NEW:
        membership.person = Person.objects.create(
            name=row.name, affiliation=row.affiliation, link=row.link
        )
    else:
        membership.person = next(each for each in match.candidates if str(each.pk) == choice)
        shown = membership.shown_person.affiliation
        if row.affiliation and fold(row.affiliation) != fold(shown):
            membership.affiliation = row.affiliation
    membership.save()
    return membership
