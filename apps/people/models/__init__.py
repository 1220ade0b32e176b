"""People, their facts in an edition, and their groups."""

from apps.people.models.groups import Group, Membership
from apps.people.models.persons import (
    FACTS,
    Person,
    PersonProfile,
    ShownPerson,
    register_naming,
)

__all__ = [
    "FACTS",
    "Group",
    "Membership",
    "Person",
    "PersonProfile",
    "ShownPerson",
    "register_naming",
]
