"""What an import did, told to the person who started it."""

from collections.abc import Iterator

from apps.imports.importing import Report

_PLURALS = {
    "person": "people",
    "level of sponsors": "levels of sponsors",
    "recipient of an award": "recipients of awards",
}


def sentences(report: Report) -> Iterator[str]:
    """What happened, one sentence a line; never empty."""
    yield f"{report.edition}"
    if report.is_unchanged:
        yield "  The database has all of it already; nothing was written."
    if report.created:
        yield f"  Added: {', '.join(_counted(what, n) for what, n in report.created.items())}."
    if report.replaced:
        yield f"  Replaced: {len(report.replaced)} (database → folder):"
        yield from (f"    {difference}" for difference in report.replaced)
    if report.only_in_database:
        yield "  Only in the database, left alone:"
        yield from (f"    {what}" for what in report.only_in_database)


def _counted(what: str, number: int) -> str:
    return f"{number} {what if number == 1 else _PLURALS.get(what, what + 's')}"
