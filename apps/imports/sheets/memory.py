"""What people said of headings and answers in earlier spreadsheets, for all editions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from apps.core.text import one_line
from apps.imports.models import SheetMemory

Key = tuple[str, ...]
_LONGEST = SheetMemory._meta.get_field("stands_for").max_length or 0


def said_as(text: str) -> str:
    """`text` as it is compared: in one line, whatever its case and spaces."""
    return one_line(text).casefold()


def recall(keys: Sequence[Key]) -> list[str | None]:
    """What each of `keys` was last said to stand for; None where nobody said anything."""
    hashes = [_hash(key) for key in keys]
    known = dict(SheetMemory.objects.filter(key__in=set(hashes)).values_list("key", "stands_for"))
    return [known.get(each) for each in hashes]


def remember(said: Mapping[Key, str]) -> None:
    """Keeps what each key stands for from now on."""
    rows = [
        SheetMemory(key=_hash(key), stands_for=stands_for[:_LONGEST])
        for key, stands_for in said.items()
    ]
    SheetMemory.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["key"], update_fields=["stands_for"]
    )


def _hash(key: Key) -> str:
    return hashlib.sha256("\n".join(key).encode()).hexdigest()
