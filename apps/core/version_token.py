"""Optimistic locking: a form carries a hash of what it showed, and a save compares it."""

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


def version_token(*values: Any) -> str:
    """Return 20 hexadecimal digits that differ as soon as one of `values` differs.

    `values` are plain data: None, booleans, numbers, strings, dates, lists, tuples and dicts with
    string keys. A caller puts in everything that its form shows or overwrites.
    """
    content = json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:20]
