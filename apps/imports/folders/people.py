"""People of a content folder who are stored already: their facts in one edition, and namesakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from apps.core.search import fold
from apps.editions.models import Edition
from apps.imports.folders.report import Difference, difference
from apps.imports.folders.rows import Rows
from apps.imports.folders.schema import PersonEntry, ProfileEntry
from apps.imports.folders.yaml_text import Fault
from apps.people.models import Person, PersonProfile

_OF_ALL_EDITIONS = {"name", "shows_years"}  # facts that no profile has


def separate_editions(
    rows: Rows,
    *,
    edition: Edition,
    differs: Callable[[Any, str, Any], bool],
    replaces: Callable[[list[Difference]], bool],
) -> Iterator[Fault]:
    """Move facts of people that other editions show differently into `rows` of PersonProfile.

    So an import never changes the pages of another edition. A fact that this edition has shown
    otherwise is first passed to `replaces`. Yields a fault for each person who may be taken for
    another one.
    """
    entries: dict[str, Any] = {slug: entry for (slug,), entry in rows[Person].items()}
    profiles = Prefetch("profiles", PersonProfile.objects.filter(edition=edition))
    people = Person.objects.filter(slug__in=entries).prefetch_related(profiles)
    stored = {person.slug: person for person in people}
    elsewhere = _slugs(people.named_in(Edition.objects.exclude(pk=edition.pk)))
    shown_here = _slugs(people.named_in(Edition.objects.filter(pk=edition.pk)))
    yield from _namesakes({slug: entries[slug] for slug in entries.keys() - stored.keys()}, entries)
    for slug, person in stored.items():
        entry, profile = entries[slug], next(iter(person.profiles.all()), None)
        if slug in elsewhere and (reason := _is_another(person, entry)):
            yield entry.fault(reason, "name")
            continue
        moved = []
        for column, value in entry.row_values(edition).items():
            if column in _OF_ALL_EDITIONS:
                continue
            # The focal point goes with its photo.
            fact = "photo" if column == "photo_focus" else column
            if profile and getattr(profile, fact):
                moved.append(column)
            elif slug in elsewhere and differs(person, column, value):
                old = "another photo" if column == "photo" else getattr(person, column)
                is_shown_here = slug in shown_here and getattr(person, fact)
                if not is_shown_here or replaces([difference((slug,), entry, column, old, value)]):
                    moved.append(column)
        if moved:
            fields = {entry.field_name(column) for column in moved}
            values = {name: entry[name] for name in fields}
            rows[PersonProfile][(slug,)] = ProfileEntry(entry.place, {"person": slug, **values})
        if moved or slug in elsewhere:
            rows[Person][(slug,)] = entry.without(entry.written - _OF_ALL_EDITIONS)


def _slugs(people: QuerySet[Person]) -> set[str]:
    return set(people.values_list("slug", flat=True))


def _is_another(person: Person, entry: PersonEntry) -> str:
    """The fault of a stored person of another name; "" if it is the same person."""
    if entry["same_person"] or fold(person.name) == fold(entry["name"]):
        return ""
    return (
        f"“{person.slug}” is {person.name} in another edition. If {entry['name']} is another person, "
        "give them another slug; if it is the same person, write “same_person: yes”"
    )


def _namesakes(new: dict[str, Any], entries: dict[str, Any]) -> Iterator[Fault]:
    """Faults of new people who have the name of a stored person whom the folder does not name."""
    if not new:
        return
    people = Person.objects.exclude(slug__in=entries).values_list("name", "slug")
    stored = {fold(name): slug for name, slug in people}
    for entry in new.values():
        slug = stored.get(fold(entry["name"]))
        if slug and entry["same_person"] is not False:
            yield entry.fault(
                f"{entry['name']} is stored as “{slug}” already. If it is the same person, use that "
                "slug; if it is another person, write “same_person: no”",
                "name",
            )
