"""Short forms of common steps of the programme's tests."""

from tests.queries import count_queries


def edit(row, **fields) -> None:
    """Set `fields` of a row and save it."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def assert_constant_queries(action, add, *, at_most: int) -> None:
    """`action` makes as many queries after `add` was called once as after three times."""
    add()
    action()  # fills caches of content types
    once = count_queries(action)
    add()
    add()
    assert count_queries(action) == once
    assert once <= at_most
