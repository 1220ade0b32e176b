"""All public editions of the workshop: their figures, and one search in their programmes and awards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from apps.awards.models import Award
from apps.core.inline_markup import plain_title
from apps.core.search import fold, has_words
from apps.editions.models import Edition
from apps.pages.programme import PAPERS, POSTERS, TALKS
from apps.pages.programme_search import ProgrammeSearch, list_items, searched_texts
from apps.people.models import Membership
from apps.programme.models import (
    Contribution,
    Contributor,
    ProgrammeRelease,
    Session,
    SessionChair,
)
from apps.programme.timetable import Timetable, timetable_of_release


class Figure(NamedTuple):
    """ "12 talks", with the address of their list; "" for people, who are on several pages."""

    words: str
    url: str


class ListedEdition(NamedTuple):
    """An edition with the numbers of what its pages show."""

    edition: Edition
    figures: list[Figure]


def list_editions(editions: Sequence[Edition]) -> list[ListedEdition]:
    """The editions with their figures, without those that are 0; seven queries."""
    rows = Contribution.objects.published().with_content().filter(edition__in=editions)
    talks = Counter(rows.talks().values_list("edition", flat=True))
    papers = Counter(rows.papers().values_list("edition", flat=True))
    on_boards = {
        slot["contribution_id"]
        for release in ProgrammeRelease.objects.latest_of(editions)
        for session in release.plan
        if session["kind"] == Session.Kind.POSTERS
        for slot in session["slots"]
    }
    posters = Counter(
        edition
        for edition, key, kind in rows.values_list("edition", "pk", "kind")
        if kind == Contribution.Kind.POSTER or key in on_boards
    )
    awards = Counter(
        Award.objects.published().filter(edition__in=editions).values_list("edition", flat=True)
    )
    people = Counter(edition for edition, _ in _names(editions))
    return [
        ListedEdition(
            edition,
            [
                Figure(words, reverse(f"pages:{page}", args=[edition.slug]) if page else "")
                for page, number, words in (
                    (TALKS.name, talks[edition.pk], TALKS.count_words(talks[edition.pk])),
                    (POSTERS.name, posters[edition.pk], POSTERS.count_words(posters[edition.pk])),
                    (PAPERS.name, papers[edition.pk], PAPERS.count_words(papers[edition.pk])),
                    ("", people[edition.pk], _count_people(people[edition.pk])),
                    ("awards", awards[edition.pk], _count_awards(awards[edition.pk])),
                )
                if number
            ],
        )
        for edition in editions
    ]


def _names(editions: Sequence[Edition]) -> set[tuple[int, int | str]]:
    """Everybody in a group or named by a published contribution, once in each edition."""
    members = Membership.objects.filter(group__edition__in=editions)
    credits = Contributor.objects.filter(
        contribution__edition__in=editions, contribution__is_published=True
    )
    names = credits.values_list("contribution__edition", "person", "name")
    return {
        *members.values_list("group__edition", "person"),
        *((edition, person or fold(name)) for edition, person, name in names),
    }


def _count_people(number: int) -> str:
    return ngettext("%(number)d person", "%(number)d people", number) % {"number": number}


def _count_awards(number: int) -> str:
    return ngettext("%(number)d award", "%(number)d awards", number) % {"number": number}


class Match(NamedTuple):
    """A talk, poster, session or award that was searched for."""

    edition: Edition
    title: str
    url: str
    kind_label: str
    contribution: Contribution | None = None
    names: str = ""


def search_editions(editions: Sequence[Edition], words: str) -> list[Match]:
    """What has all `words` in the published programmes and awards of `editions`, by edition.

    The programme is searched as on its own page, with contributions that are in no session. Twelve
    queries.
    """
    prefetch_related_objects(editions, "profiles", "contribution_labels")
    by_key = {edition.pk: edition for edition in editions}
    topics_and_names = Contribution.objects.with_contributors().prefetch_related("topics")
    rows = topics_and_names.published().with_content().filter(edition__in=editions)
    contributions: dict[int, dict[int, Contribution]] = {key: {} for key in by_key}
    for row in rows.in_listed_order():
        row.edition = by_key[row.edition_id]
        contributions[row.edition_id][row.pk] = row
    timetables = _timetables(editions, contributions)
    awards: dict[int, list[Award]] = {key: [] for key in by_key}
    published = Award.objects.published().filter(edition__in=editions)
    for award in published.with_public_recipients():
        award.edition = by_key[award.edition_id]
        awards[award.edition_id].append(award)
    return [
        match
        for edition in editions
        for match in [
            *_search_programme(
                edition, timetables.get(edition.pk), contributions[edition.pk], words
            ),
            *_search_awards(edition, awards[edition.pk], words),
        ]
    ]


def _timetables(
    editions: Sequence[Edition], contributions: dict[int, dict[int, Contribution]]
) -> dict[int, Timetable]:
    """The published timetables with today's texts, as `published_timetable` gives one."""
    chairs = Prefetch("chairs", SessionChair.objects.select_related("person"))
    sessions = Session.objects.filter(edition__in=editions).prefetch_related(chairs)
    texts = {session.pk: session for session in sessions}
    timetables = {}
    for release in ProgrammeRelease.objects.latest_of(editions):
        timetable = timetables[release.edition_id] = timetable_of_release(release)
        for entry in timetable.sessions():
            if session := texts.get(entry.pk):
                entry.description, entry.chairs = session.description, list(session.chairs.all())
            for slot in entry.slots:
                slot.contribution = contributions[release.edition_id].get(slot.contribution_id)
    return timetables


def _search_programme(
    edition: Edition,
    timetable: Timetable | None,
    contributions: dict[int, Contribution],
    words: str,
) -> Iterator[Match]:
    """Contributions and sessions by time, each once, then those without a place."""
    placed = {slot.contribution_id for slot in timetable.slots()} if timetable else set()
    found = list_items(timetable, edition, ProgrammeSearch(words).matches) if timetable else []
    items = {item.url: item for day in found for item in day.items}
    for item in items.values():
        label = item.kind_label
        yield Match(edition, item.title, item.url, label, item.contribution)
    for key, row in contributions.items():
        if key not in placed and has_words(" ".join(searched_texts(row)), words):
            yield Match(edition, row.shown_title, row.get_absolute_url(), row.kind_label, row)


def _search_awards(edition: Edition, awards: Iterable[Award], words: str) -> Iterator[Match]:
    for award in awards:
        texts = [award.heading, plain_title(award.heading), award.description]
        titles = []
        for recipient in award.public_recipients:
            recipient.award = award
            if recipient.contribution:
                recipient.contribution.edition = edition
            titles.append(plain_title(recipient.shown_title))
            texts += [recipient.shown_title, titles[-1], *recipient.names]
        if has_words(" ".join(texts), words):
            label = gettext("Award")
            url = award.get_absolute_url()
            yield Match(edition, award.heading, url, label, names="; ".join(titles))
