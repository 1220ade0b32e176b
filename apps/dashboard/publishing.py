"""The page before an edition is published, archived or hidden: what will change for visitors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import reverse

from apps.awards.models import Award
from apps.core.text import count_of
from apps.editions.models import Edition
from apps.news.models import NewsItem
from apps.pages.models import Page, Section
from apps.pages.selectors import list_page_links, with_list_pages
from apps.programme.models import Contribution, ProgrammeRelease, Session
from apps.sponsors.models import Sponsor


class PublicPage(NamedTuple):
    """A page of an edition that visitors can open while the edition is public."""

    title: str
    url: str


class EditionChange(NamedTuple):
    """What an action does to an edition, in sentences, and the pages that it concerns."""

    title: str
    button: str
    sentences: list[str]
    pages: list[PublicPage]
    hidden: list[str]  # what visitors do not see afterwards
    home_choice: str = ""  # label of the box that makes it the site's home page, too
    is_home_chosen: bool = False


def describe_change(edition: Edition, action: str) -> EditionChange | None:
    """What `action` would change; None if it does not apply to the edition as it is."""
    state = edition.state
    home_page = Edition.objects.current().exclude(pk=edition.pk).first()
    address = f"/{edition.slug}/"
    is_new = action in {"publish", "current"} and state == Edition.State.DRAFT
    hidden = list(_hidden_parts(edition)) if is_new else []
    pages = _public_pages(edition)
    if action == "publish" and state != Edition.State.PUBLISHED:
        if state == Edition.State.ARCHIVED:
            return EditionChange(
                f"Take {edition.name} out of the archive",
                "Take out of the archive",
                ["Its pages no longer say that the edition is past, unless its last day is over."],
                [],
                [],
            )
        sentences = [f"Everyone can read the edition at {address}.", *_gaps(edition)]
        replaced = f", in place of {home_page.name}" if home_page else ""
        return EditionChange(
            f"Publish {edition.name}",
            "Publish",
            sentences,
            pages,
            hidden,
            f"Also make it the site's home page{replaced}",
            home_page is None,
        )
    if action == "current" and not edition.is_current:
        sentences = ["The site's home page shows this edition."]
        if home_page:
            sentences.append(
                f"It takes the place of {home_page.name}, which stays at /{home_page.slug}/."
            )
        if is_new:
            sentences += [f"Everyone can read the edition at {address}.", *_gaps(edition)]
        return EditionChange(
            f"Make {edition.name} the site's home page",
            "Make it the home page",
            sentences,
            pages if is_new else [],
            hidden,
        )
    if action == "archive" and state == Edition.State.PUBLISHED:
        return EditionChange(
            f"Archive {edition.name}", "Archive", list(_archiving(edition)), [], []
        )
    if action == "unpublish" and state != Edition.State.DRAFT and not edition.is_current:
        sentences = [
            "Everyone but signed-in organisers gets “not found” at the addresses below.",
            "Private pages of applicants and speakers do not open either.",
        ]
        return EditionChange(
            f"Turn {edition.name} into a draft", "Back to draft", sentences, pages, []
        )
    return None


def _gaps(edition: Edition) -> Iterator[str]:
    fields = {"starts_on": "date", "venue": "place"}
    gaps = [name for field, name in fields.items() if not getattr(edition, field)]
    if gaps:
        yield f"Visitors read “To be announced” for the {' and the '.join(gaps)}."


def _archiving(edition: Edition) -> Iterator[str]:
    day = edition.last_day
    if day is None or day >= edition.today:
        yield "Attention: its last day is not over yet."
    yield f"Its pages stay readable at /{edition.slug}/ and say that the edition is past."
    if not edition.is_current:
        yield "They link to the current edition."
    yield "A call that is open until further notice closes, and the button to register disappears."
    yield "Emails about its programme are no longer drafted."
    yield "You can take it out of the archive again."


def _public_pages(edition: Edition) -> list[PublicPage]:
    listed: Any = with_list_pages(Edition.objects.filter(pk=edition.pk)).get()
    pages = [PublicPage("Home page", edition.get_absolute_url())]
    pages += [PublicPage(link.title, link.url) for link in list_page_links(listed)]
    if hasattr(edition, "call"):
        url = reverse("interest:call", args=[edition.slug])
        pages.append(PublicPage(f"Call: {edition.call.status_in_words}", url))
    if edition.code_of_conduct:
        url = reverse("pages:code-of-conduct", args=[edition.slug])
        pages.append(PublicPage("Code of conduct", url))
    own = Page.objects.filter(edition=edition).published().select_related("edition")
    return pages + [PublicPage(str(page), page.get_absolute_url()) for page in own]


def _hidden_parts(edition: Edition) -> Iterator[str]:
    """Content that visitors do not see although the edition is public."""
    parts = (
        (Section.objects.filter(edition=edition, is_shown=False), "section of the home page"),
        (Page.objects.filter(edition=edition, is_published=False), "page"),
        (NewsItem.objects.filter(edition=edition, is_published=False), "news item"),
        (Award.objects.filter(edition=edition, is_published=False), "award"),
        (Sponsor.objects.filter(level__edition=edition, is_shown=False), "sponsor"),
        (Contribution.objects.filter(edition=edition, is_published=False), "contribution"),
    )
    for rows, name in parts:
        if count := rows.count():
            yield f"{count_of(count, name)} not marked as published or shown."
    sessions = Session.objects.filter(edition=edition).count()
    if sessions and not ProgrammeRelease.objects.filter(edition=edition).exists():
        yield f"The programme, {count_of(sessions, 'session')}: publish it on its own page."
    yield "Entries, reviews, decisions and emails."
