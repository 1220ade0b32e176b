"""Parts of an edition that visitors do not see, for the report of an import."""

from collections.abc import Iterator

from django.db.models import Model, QuerySet

from apps.core.text import count_of
from apps.editions.models import Edition
from apps.programme.releases import changes_since, contribution_titles, latest_release
from apps.programme.timetable import draft_timetable
from apps.sponsors.models import Sponsor

_MOST_NAMES = 5


def hidden_things(edition: Edition) -> Iterator[str]:
    """Yield a sentence for each kind of thing that is in the database and that visitors do not see."""
    if edition.is_draft:
        yield "the edition: it is a draft (publish it in the admin, or import it with --publish)"
    yield from _unpublished_programme(edition)
    tables: tuple[tuple[QuerySet, QuerySet], ...] = (
        (edition.contributions.all(), edition.contributions.filter(is_published=True)),
        (edition.sections.all(), edition.sections.filter(is_shown=True)),
        (edition.pages.all(), edition.pages.published()),
        (edition.news.all(), edition.news.published()),
        (edition.awards.all(), edition.awards.published()),
        (
            Sponsor.objects.filter(level__edition=edition),
            Sponsor.objects.filter(level__edition=edition, is_shown=True),
        ),
    )
    for rows, shown in tables:
        if hidden := list(rows.exclude(pk__in=shown.order_by().values("pk"))):
            yield _named(hidden)


def _unpublished_programme(edition: Edition) -> Iterator[str]:
    release = latest_release(edition)
    if release is None and edition.sessions.exists():
        yield (
            "days, times and rooms of the programme (publish it in the admin, or import it with "
            "--publish)"
        )
    elif release:
        changes = list(
            changes_since(release, draft_timetable(edition), contribution_titles(edition))
        )
        if changes:
            number = count_of(len(changes), "change")
            yield f"{number} of the programme since release {release.number}"


def _named(rows: list[Model]) -> str:
    names = rows[0]._meta.verbose_name if len(rows) == 1 else rows[0]._meta.verbose_name_plural
    slugs = [str(getattr(row, "slug", row)) for row in rows[:_MOST_NAMES]]
    more = f" and {len(rows) - _MOST_NAMES} more" if len(rows) > _MOST_NAMES else ""
    return f"{len(rows)} {names}: {', '.join(slugs)}{more}"
