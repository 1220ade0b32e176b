"""What a chair wants to see of the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import TextChoices


class Sort(TextChoices):
    MEAN = "mean", "Best reviewed first"
    OLDEST = "oldest", "Oldest first"
    NEWEST = "newest", "Newest first"


class Pending(TextChoices):
    YES = "yes", "Pending only"
    NO = "no", "Not pending"


@dataclass(frozen=True)
class Asked:
    """What a chair wants to see of the board: filters, order, one column or all, pages."""

    topic: int | None = None
    formats: str = ""
    pending: str = ""
    sort: str = Sort.MEAN
    column: str = ""
    pages: Mapping[str, int] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """As the address says it, with a ? in front; empty where nothing is asked."""
        said = {
            "topic": self.topic,
            "format": self.formats,
            "pending": self.pending,
            "sort": "" if self.sort == Sort.MEAN else self.sort,
            "column": self.column,
            **{f"page-{name}": page for name, page in self.pages.items() if page > 1},
        }
        words = urlencode({name: value for name, value in said.items() if value})
        return f"?{words}" if words else ""

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter leaves something out."""
        return bool(self.topic or self.formats or self.pending)

    @property
    def is_sorted(self) -> bool:
        """Whether another order was asked for than ours."""
        return self.sort != Sort.MEAN

    def page_of(self, column: str) -> int:
        return self.pages.get(column, 1)
