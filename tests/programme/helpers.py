"""Short forms of what tests of the programme do often."""


def edit(row, **fields) -> None:
    """Set `fields` of a row and save it."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def messages_of(response) -> list[str]:
    """The messages on the page after a POST that was followed."""
    return [str(message) for message in response.context["messages"]]
