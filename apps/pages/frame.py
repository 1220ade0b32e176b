"""What every page of an edition stands in: who may see it, header, footer, and what machines read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from apps.awards.models import Award
from apps.core import clock
from apps.core.markdown import plain_text
from apps.core.questions import Question
from apps.editions.models import Edition, sees_drafts
from apps.news.models import NewsItem
from apps.pages.models import Page, Section
from apps.people.models import Membership
from apps.programme.models import Contribution, Contributor, ProgrammeRelease
from apps.topics.models import Topic


class Link(NamedTuple):
    title: str
    url: str


class ListPage(NamedTuple):
    """A page that an edition has in its header, and the sitemap knows, once `rows` has some."""

    name: str  # of its address, "pages:<name>"
    title: str
    # Of the edition that is `OuterRef("pk")`, at a moment, since news come due.
    rows: Callable[[datetime], QuerySet]

    @property
    def flag(self) -> str:
        """What an edition is told of it."""
        return f"has_{self.name}"


_OF_EDITION = OuterRef("pk")
LIST_PAGES = (
    ListPage(
        "programme",
        "Programme",
        lambda now: ProgrammeRelease.objects.filter(edition=_OF_EDITION),
    ),
    ListPage(
        "speakers",
        "Speakers",
        lambda now: Contributor.objects.filter(
            contribution__edition=_OF_EDITION,
            contribution__is_published=True,
            contribution__kind__in=[Contribution.Kind.KEYNOTE, Contribution.Kind.INVITED],
        ),
    ),
    ListPage(
        "posters",
        "Posters",
        lambda now: Contribution.objects.published().filter(
            edition=_OF_EDITION, kind=Contribution.Kind.POSTER
        ),
    ),
    ListPage("topics", "Topics", lambda now: Topic.objects.filter(edition=_OF_EDITION)),
    ListPage("people", "People", lambda now: Membership.objects.filter(group__edition=_OF_EDITION)),
    ListPage("awards", "Awards", lambda now: Award.objects.published().filter(edition=_OF_EDITION)),
    ListPage(
        "news", "News", lambda now: NewsItem.objects.published(now).filter(edition=_OF_EDITION)
    ),
)


def with_list_pages(editions: QuerySet[Edition], now: datetime) -> QuerySet[Edition]:
    """Tells each edition which of the list pages it has, in the same query."""
    to_come = NewsItem.objects.to_come(now).filter(edition=_OF_EDITION).order_by("published_at")
    return editions.annotate(
        next_news_at=to_come.values("published_at")[:1],
        **{page.flag: Exists(page.rows(now)) for page in LIST_PAGES},
    )


def list_pages_of(edition: Edition) -> list[Link]:
    """The list pages of an edition that `with_list_pages` has been told of."""
    return [
        Link(page.title, reverse(f"pages:{page.name}", args=[edition.slug]))
        for page in LIST_PAGES
        if getattr(edition, page.flag)
    ]


def _seen(editions: QuerySet[Edition], now: datetime) -> QuerySet[Edition]:
    """Each edition with its call, and told which pages it has to link to."""
    words = Section.objects.filter(edition=OuterRef("pk"), is_shown=True).exclude(body="")
    return (
        with_list_pages(editions, now)
        .select_related("call")
        .annotate(introduction=words.values("body")[:1])
    )


_EDITION: Question[Edition] = Question(
    lambda slug, now: _seen(Edition.objects.public().filter(slug=slug), now),
    slug=str,
    now=datetime,
)
_EDITION_OR_DRAFT: Question[Edition] = Question(
    lambda slug, now: _seen(Edition.objects.filter(slug=slug), now), slug=str, now=datetime
)
_CURRENT: Question[Edition] = Question(
    lambda now: _seen(Edition.objects.public().current(), now), now=datetime
)
_PUBLIC: Question[Edition] = Question(lambda: Edition.objects.public())
_PAGES: Question[Page] = Question(
    lambda edition: Page.objects.published().filter(edition=edition), edition=int
)


def find_edition(request: HttpRequest, slug: str) -> Edition:
    """The edition, told which pages it has to link to; 404 for what the user may not see."""
    ask = _EDITION_OR_DRAFT if sees_drafts(request.user) else _EDITION
    return _found(ask.first(slug=slug, now=timezone.now()))


def find_current_edition() -> Edition:
    """The edition at the site's root, likewise; 404 while there is none."""
    return _found(_CURRENT.first(now=timezone.now()))


def _found(edition: Edition | None) -> Edition:
    if edition is None:
        raise Http404("No such edition.")
    watch_news_of(edition)
    return edition


def public_editions() -> list[Edition]:
    """All that anybody may see, in their order."""
    return _PUBLIC()


def watch_news_of(edition: Edition) -> None:
    """Says that what is made will change when the next news of `edition` show themselves.

    `with_list_pages` has been told of it.
    """
    if edition.next_news_at:  # type: ignore[attr-defined]  # annotated
        clock.changes_at([edition.next_news_at])  # type: ignore[attr-defined]  # likewise


def render_page(
    request: HttpRequest,
    edition: Edition,
    template: str,
    *,
    here: str,
    description: str = "",
    is_preview: bool = False,
    **context,
) -> HttpResponse:
    """A page of an edition in its frame: header, footer, banner, and what machines read of it.

    `is_preview` says that only organisers see what is on it; of a draft edition that is so anyway.
    """
    pages = _PAGES(edition=edition.pk)
    for page in pages:
        page.edition = edition
    editions = context.pop("editions", None) or public_editions()
    introduction = getattr(edition, "introduction", None) or ""  # annotated by find_edition
    overview = edition.summary or plain_text(introduction) or edition.title
    is_preview = is_preview or edition.is_draft
    response = render(
        request,
        template,
        {
            "edition": edition,
            "editions": editions,
            "current": next((other for other in editions if other.is_current), None),
            "navigation": _navigation(edition, pages),
            "footer_pages": [page for page in pages if not page.is_in_navigation],
            "here": here,
            "is_preview": is_preview,
            "canonical_url": settings.SITE_URL + here,
            "edition_url": settings.SITE_URL + edition.get_absolute_url(),
            "card_url": settings.SITE_URL + reverse("pages:share-card", args=[edition.slug]),
            "edition_description": overview,
            "description": description or overview,
            **context,
        },
    )
    if is_preview:
        add_never_cache_headers(response)
    return response


def _navigation(edition: Edition, pages: list[Page]) -> list[Link]:
    return [
        Link("Home", edition.get_absolute_url()),
        *list_pages_of(edition),
        *(Link(page.title, page.get_absolute_url()) for page in pages if page.is_in_navigation),
    ]
