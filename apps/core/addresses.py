"""Public addresses, which every page and feed says by the dozen."""

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=8192)
def address(name: str, *words: str) -> str:
    """Of the view called `name` with `words` in its route. Kept, since it never changes."""
    return reverse(name, args=words)
