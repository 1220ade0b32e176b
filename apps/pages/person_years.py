"""What people did over the years, for the pages of those who agreed to one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from django.db.models import Q, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext

from apps.awards.models import Recipient
from apps.editions.models import Edition
from apps.people.models import Membership, Person
from apps.programme.models import Contribution, Contributor, ProgrammeRelease, SessionChair
from apps.programme.timetable import timetable_of_release


class Appearance(NamedTuple):
    """A talk, session, group or award of an edition that names a person."""

    person: int  # key
    edition: Edition
    title: str
    url: str
    notes: Iterable[str]


def list_appearances(people: Iterable[Person]) -> list[Appearance]:
    """All that public pages of public editions say of `people`, the latest edition first.

    At most eight queries.
    """
    keys = {person.pk for person in people}
    editions = {edition.pk: edition for edition in Edition.objects.public()}
    prefetch_related_objects(list(editions.values()), "contribution_labels")
    appearances = [
        appearance
        for find in (_find_talks, _find_chairs, _find_groups, _find_awards)
        for appearance in find(keys, editions)
    ]
    ranks = {key: rank for rank, key in enumerate(editions)}
    return sorted(appearances, key=lambda appearance: ranks[appearance.edition.pk])


def _find_talks(keys: Collection[int], editions: Mapping[int, Edition]) -> Iterator[Appearance]:
    shown = Contribution.objects.published().filter(edition__in=editions)
    credits = Contributor.objects.filter(person__in=keys, contribution__in=shown)
    for credit in credits.select_related("contribution").order_by("contribution__title", "pk"):
        row, edition = credit.contribution, editions[credit.contribution.edition_id]
        row.edition = edition
        is_plain = row.kind == row.Kind.POSTER and credit.role == credit.Role.SPEAKER
        notes = [row.kind_label, "" if is_plain else credit.get_role_display()]
        title, url = row.shown_title, row.get_absolute_url()
        yield Appearance(credit.person_id or 0, edition, title, url, list(filter(None, notes)))


def _find_chairs(keys: Collection[int], editions: Mapping[int, Edition]) -> Iterator[Appearance]:
    """Sessions of the latest releases; others are drafts."""
    chairs = SessionChair.objects.filter(person__in=keys, session__edition__in=editions)
    rows = list(chairs.values_list("person", "session", "session__edition").order_by("pk"))
    releases = ProgrammeRelease.objects.latest_of({edition for _, _, edition in rows})
    entries = {
        entry.pk: entry
        for release in releases
        for entry in timetable_of_release(release).sessions()
    }
    for person, session, key in rows:
        if entry := entries.get(session):
            url = reverse("pages:session", args=[editions[key].slug, entry.slug])
            yield Appearance(person, editions[key], entry.title, url, [gettext("Session chair")])


def _find_groups(keys: Collection[int], editions: Mapping[int, Edition]) -> Iterator[Appearance]:
    members = Membership.objects.filter(person__in=keys, group__edition__in=editions)
    for one in members.select_related("group").order_by("group__ordering", "group", "pk"):
        group = one.group
        group.edition = editions[group.edition_id]
        notes = [one.role] if one.role else []
        url = group.get_absolute_url()
        yield Appearance(one.person_id, group.edition, group.heading, url, notes)


def _find_awards(keys: Collection[int], editions: Mapping[int, Edition]) -> Iterator[Appearance]:
    recipients = Recipient.objects.public().filter(
        Q(person__in=keys) | Q(contribution__contributors__person__in=keys),
        award__is_published=True,
        award__edition__in=editions,
    )
    recipients = recipients.select_related("award", "contribution").distinct()
    for recipient in recipients.prefetch_related("contribution__contributors"):
        award, row = recipient.award, recipient.contribution
        award.edition = editions[award.edition_id]
        notes = [gettext("Award")]
        if row:
            row.edition = award.edition
            notes.append(str(row))
        authors = row.authors if row else []
        named = {recipient.person_id, *(author.person_id for author in authors)}
        for person in (key for key in keys if key in named):
            url = award.get_absolute_url()
            yield Appearance(person, award.edition, award.heading, url, notes)
