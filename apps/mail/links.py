"""Who makes the private links that letters carry.

A letter's app registers a maker under a name; the worker calls it with the key of what the link
leads to, at the moment of sending, and puts the address it gets in place of the placeholder.
"""

from collections.abc import Callable

_makers: dict[str, Callable[[int], str]] = {}


def register_link_maker(name: str, maker: Callable[[int], str]) -> None:
    """`maker` takes the key of what the link leads to and returns the whole address."""
    _makers[name] = maker


def make_link(name: str, subject: int) -> str:
    """A fresh private address; raises KeyError if no app has registered `name`."""
    return _makers[name](subject)
