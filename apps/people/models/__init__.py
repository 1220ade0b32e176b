"""People, their facts in an edition, and their groups."""

from apps.people.models.groups import Group, Membership
from apps.people.models.persons import (
    FACTS,
    Person,
    PersonProfile,
    ShownPerson,
    register_naming,
)
from apps.people.models.uploads import UploadedPhoto

__all__ = [
    "FACTS",
    "Group",
    "Membership",
    "Person",
    "PersonProfile",
    "ShownPerson",
    "UploadedPhoto",
    "register_naming",
]
