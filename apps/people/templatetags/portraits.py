from django import template

from apps.people.models import Person
from apps.people.photos import shown_squares

register = template.Library()


@register.inclusion_tag("people/_portrait.html")
def portrait(person: Person, lazy: object = True) -> dict:
    """`person`'s square photo in three formats and two densities, or the tile of initials.

    `lazy` for whatever is not on the first screen: the photo is then fetched when
    somebody scrolls near it.
    """
    return {"person": person, "squares": shown_squares(person), "lazy": lazy}
