"""What a person said of one spreadsheet."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from apps.imports.sheets.moments import Order


@dataclass(frozen=True)
class Choices:
    """`columns` holds the key of a meaning for each; `answers`, by such keys, what words stand for.

    `zone` and `order` say how moments are read, `formats` what all rows ask for where no column
    tells, `takes_duplicates` whether they are imported, too.
    """

    columns: list[str]
    zone: str
    order: str = ""
    formats: str = ""
    takes_duplicates: bool = False
    answers: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def date_order(self) -> Order:
        return Order(self.order) if self.order else Order.DAY

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def columns_of(self, key: str) -> list[int]:
        """The columns that stand for `key`, in order."""
        return [column for column, meaning in enumerate(self.columns) if meaning == key]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
