"""People as pages show them, each made once for what is said of them.

A page that is made anew after an edit has nearly all of its people as they were, so what shows
them is kept by what it shows: nothing that changed can be shown from here.
"""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.core.images import SQUARES
from apps.people.models import Membership, Person
from apps.people.photos import shown_squares

register = template.Library()


@register.simple_tag
def portrait(person: Person, lazy: object = True) -> SafeString:
    """`person`'s square photo in three formats and two densities, or the tile of initials.

    `lazy` for whatever is not on the first screen: the photo is then fetched when
    somebody scrolls near it.
    """
    return _tile(person.name, _addresses(person), bool(lazy))


@register.simple_tag
def person_card(membership: Membership, lazy: object = True) -> SafeString:
    """A list's item: the portrait, the name with its link, and what stands under it that year."""
    person = membership.person
    said = (person.name, person.link, membership.shown_affiliation)
    return _card(*said, _addresses(person), bool(lazy))


def _addresses(person: Person) -> tuple[str, ...]:
    """Of the squares, in the order of SQUARES; none: the initials are shown."""
    return tuple((shown_squares(person) or {}).values())


@lru_cache(maxsize=4096)
def _tile(name: str, addresses: tuple[str, ...], lazy: bool) -> SafeString:
    squares = dict(zip(SQUARES, addresses, strict=False))
    return render_to_string(
        "people/_portrait.html", {"person": Person(name=name), "squares": squares, "lazy": lazy}
    )


@lru_cache(maxsize=4096)
def _card(
    name: str, link: str, affiliation: str, addresses: tuple[str, ...], lazy: bool
) -> SafeString:
    return render_to_string(
        "people/_person_card.html",
        {
            "person": Person(name=name, link=link),
            "affiliation": affiliation,
            "portrait": _tile(name, addresses, lazy),
        },
    )
