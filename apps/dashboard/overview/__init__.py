"""The first screen: the current edition, what waits for whoever looks, what is missing, the others."""

from apps.dashboard.overview.edition import CallCard, EditionCard, Item, Room, overview_for
from apps.dashboard.overview.waiting import Task

__all__ = ["CallCard", "EditionCard", "Item", "Room", "Task", "overview_for"]
