"""Data for the frame of an edition's pages: the edition and its list pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from apps.awards.models import Award
from apps.editions.middleware import activate_language_of
from apps.editions.models import Edition, EditionQuerySet
from apps.news.models import NewsItem, Notice
from apps.pages.models import Section
from apps.pages.programme import PAPERS, POSTERS, TALKS
from apps.people.models import Group, PersonProfile
from apps.programme.models import (
    INVITED_KINDS,
    OTHER_TALK_KINDS,
    Contribution,
    ProgrammeRelease,
    Session,
)
from apps.registration.models import RegistrationPeriod
from apps.topics.models import Topic

_Shown = TypeVar("_Shown")

_LARGEST_SHARING = 3  # members of a group that shares a row
_PORTRAITS_IN_A_ROW = 6  # on a wide screen; as in site.css


class NavigationLink(NamedTuple):
    title: str
    url: str


def _has_any(rows: QuerySet) -> Exists:
    """The condition on a query of editions that an edition has some of `rows`."""
    return Exists(rows.filter(edition=OuterRef("pk")))


def _has_news() -> Exists:
    return _has_any(NewsItem.objects.published())


class ListPage(NamedTuple):
    """A page that an edition's header and the sitemap name if it has rows to show."""

    name: str  # of its URL, "pages:<name>"
    title: str | Promise
    # A function if it depends on the time.
    has_rows: Exists | Q | Callable[[], Exists]

    @property
    def flag(self) -> str:
        """Name of the annotation that `editions_with_list_pages` sets."""
        return f"has_{self.name}"


_published = Contribution.objects.published().with_content()
LIST_PAGES = (
    ListPage("programme", gettext_lazy("Programme"), _has_any(ProgrammeRelease.objects.all())),
    ListPage(
        "speakers",
        gettext_lazy("Speakers"),
        _has_any(
            Contribution.objects.published().filter(
                kind__in=INVITED_KINDS, contributors__isnull=False
            )
        ),
    ),
    # Keynotes and invited talks alone are on the speakers' page.
    ListPage(TALKS.name, TALKS.title, _has_any(_published.filter(kind__in=OTHER_TALK_KINDS))),
    ListPage(PAPERS.name, PAPERS.title, _has_any(_published.papers())),
    ListPage(
        POSTERS.name,
        POSTERS.title,
        # Papers and demos on boards are posters too, once the programme is published.
        _has_any(
            _published.filter(
                Q(kind=Contribution.Kind.POSTER)
                | Q(
                    slots__session__kind=Session.Kind.POSTERS,
                    edition__programme_releases__isnull=False,
                )
            )
        ),
    ),
    ListPage("topics", gettext_lazy("Topics"), _has_any(Topic.objects.all())),
    ListPage(
        "people",
        gettext_lazy("People"),
        _has_any(Group.objects.filter(memberships__isnull=False))
        | _has_any(_published.filter(kind=Contribution.Kind.PANEL)),
    ),
    ListPage("awards", gettext_lazy("Awards"), _has_any(Award.objects.published())),
    ListPage("news", gettext_lazy("News"), _has_news),
)


# Built once: putting the conditions together took a fifth of the time of a page.
_WITH_LIST_PAGES = Edition.objects.annotate(
    **{page.flag: page.has_rows for page in LIST_PAGES if not callable(page.has_rows)}
)


def editions_with_list_pages() -> EditionQuerySet:
    """Editions with a flag for each of their list pages (`has_news`), in one query."""
    return _WITH_LIST_PAGES.annotate(
        has_registration=_has_any(RegistrationPeriod.objects.filter(is_public=True)),
        **{page.flag: page.has_rows() for page in LIST_PAGES if callable(page.has_rows)},
    )


def list_page_links(edition: Any) -> list[NavigationLink]:
    """Links to the list pages of an edition from `editions_with_list_pages`, and its registration.

    The registration of one that is past or cancelled has no link.
    """
    links = [
        NavigationLink(str(page.title), reverse(f"pages:{page.name}", args=[edition.slug]))
        for page in LIST_PAGES
        if getattr(edition, page.flag)
    ]
    if edition.has_registration and not (edition.is_past or edition.is_cancelled):
        links.append(
            NavigationLink(
                gettext("Registration"), reverse("registration:form", args=[edition.slug])
            )
        )
    return links


def editions_for_pages() -> EditionQuerySet:
    """Editions with the data of every page's frame: list pages, notices, call, introduction; one query."""
    texts = Section.objects.filter(edition=OuterRef("pk"), is_shown=True).exclude(body="")
    return (
        editions_with_list_pages()
        .select_related("call", "registration_period")
        .annotate(
            introduction=texts.values("body")[:1],
            has_notice=_has_any(Notice.objects.shown_at(timezone.now())),
            has_profiles=Exists(PersonProfile.objects.filter(edition=OuterRef("pk"))),
        )
    )


def find_edition(request: HttpRequest, slug: str) -> Edition:
    """Return an edition for a page in its language; raise Http404 if the user may not see it."""
    edition = editions_for_pages().visible_to(request.user).filter(slug=slug).first()
    activate_language_of(edition)
    if edition is None:
        raise Http404("No such edition.")
    return edition


def portraits_of(group: Group) -> int:
    """The number of portraits of a group, loaded with its members; 0 if it is shown otherwise."""
    return len(group.memberships.all()) if group.display == Group.Display.PORTRAITS else 0


def share_rows(shown: Iterable[_Shown], size_of: Callable[[_Shown], int]) -> list[list[_Shown]]:
    """Rows of the shown content: small neighbours share one, as far as it holds their portraits.

    `size_of` counts the portraits of one; one without any has a row of its own.
    """
    rows: list[list[_Shown]] = []
    places = 0  # left in the last row
    for one in shown:
        size = size_of(one)
        is_small = 0 < size <= _LARGEST_SHARING
        if is_small and size <= places:
            rows[-1].append(one)
            places -= size
        else:
            rows.append([one])
            places = _PORTRAITS_IN_A_ROW - size if is_small else 0
    return rows
