"""Links in Markdown to pages of this site that do not exist, for content folders and the admin."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import models
from django.urls import Resolver404, ResolverMatch, resolve

from apps.awards.models import Award
from apps.core.markdown import find_anchors, references
from apps.core.markdown_checks import Problem
from apps.core.text import did_you_mean
from apps.editions.models import Edition, taken_addresses
from apps.news.models import NewsItem
from apps.pages.models import Page, Section
from apps.people.models import Group
from apps.programme.models import Contribution, Session
from apps.topics.models import Topic

_CODE_OF_CONDUCT = "code-of-conduct"
# Pages of one row: the argument of their address that is its slug.
_PAGES: dict[str, tuple[str, type[models.Model]]] = {
    "pages:page-detail": ("slug", Page),
    "pages:news-item": ("slug", NewsItem),
    "pages:session": ("session", Session),
    "programme:session-calendar": ("session", Session),
    **dict.fromkeys(
        (
            *("pages:contribution", "pages:slides", "pages:attachment"),
            *("programme:contribution-calendar", "programme:contribution-bibtex"),
        ),
        ("contribution", Contribution),
    ),
}
# Pages of several rows: the ids of these.
_ANCHORS: dict[str, tuple[type[models.Model], str]] = {
    "pages:edition-home": (Section, "{}"),
    "pages:people": (Group, "{}"),
    "pages:awards": (Award, "{}"),
    "pages:topics": (Topic, "{}-topic"),
}
LINKED_MODELS = {model for _, model in _PAGES.values()} | {model for model, _ in _ANCHORS.values()}
_LISTS = (
    "programme",
    "speakers",
    "people",
    "topics",
    "awards",
    "news",
    "papers",
    "talks",
    "posters",
)
_FILE_ENDINGS = {".md", ".html", ".htm", ".php", ".pdf", ".zip", ".jpg", ".jpeg", ".png", ".svg"}


@dataclass
class Addresses:
    """What links to pages of an edition can lead to.

    `slugs` are those of each of LINKED_MODELS, without a model whose slugs are not known. `texts`
    are the Markdown of pages with anchors, by the last word of their address. `others` are the
    other editions that were looked up, None for those that do not exist.
    """

    edition: str
    slugs: dict[type[models.Model], set[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    others: dict[str, Addresses | None] = field(default_factory=dict)

    @classmethod
    def of(cls, edition: Edition) -> Addresses:
        slugs: dict[type[models.Model], set[str]] = {}
        for model in LINKED_MODELS:
            rows: Any = model._default_manager.filter(edition=edition)
            slugs[model] = set(rows.values_list("slug", flat=True))
        texts = dict(Page.objects.filter(edition=edition).values_list("slug", "body"))
        return cls(edition.slug, slugs, texts | {_CODE_OF_CONDUCT: edition.code_of_conduct})

    def path(self, slug: str) -> str:
        return f"/{self.edition}/{slug}/" if slug else f"/{self.edition}/"


def find_dead_links(
    text: str, addresses: Addresses | None, *, is_on_home: bool = False, has_anchors: bool = False
) -> Iterator[Problem]:
    """The links in a Markdown `text` that lead nowhere.

    `addresses` are those of the edition it belongs to, None for a text of all editions.
    """
    anchors = find_anchors(text) if has_anchors else set()
    if is_on_home and addresses:
        anchors |= addresses.slugs.get(Section, set())
    for reference in references(text):
        is_file = reference.is_picture or reference.path
        problem = None if is_file else find_problem(reference.target, addresses, anchors)
        if problem:
            message = f"{unquote(reference.target)}: {problem.message}"
            yield Problem(reference.line, message, problem.is_error)


def find_problem(
    link: str,
    addresses: Addresses | None,
    anchors: Collection[str] = (),
) -> Problem | None:
    """Why a link leads nowhere; None if it leads somewhere. `anchors` are the ids of its own page."""
    try:
        url = urlsplit(link.removeprefix(settings.SITE_URL) or "/")
    except ValueError:
        return Problem(1, "this is no address")
    if url.scheme or url.netloc:
        return None
    if not url.path:
        fragment = unquote(url.fragment)
        return _missing_anchor(fragment, {*anchors, "", "top", "main"})
    if not url.path.startswith("/"):
        return Problem(1, _relative_link(url.path, addresses))
    path = unquote(url.path)
    try:
        match = resolve(path if path.endswith("/") or "." in path else f"{path}/")
    except Resolver404:
        is_own = addresses is not None and path.startswith(addresses.path(""))
        return Problem(1, "this site has no such page", is_own)
    slug = match.kwargs.get("edition")
    if slug is None:
        return None
    if not addresses or slug != addresses.edition:
        return _in_another_edition(slug, match, url.fragment, addresses)
    return _in_edition(match, unquote(url.fragment), addresses)


def _relative_link(path: str, addresses: Addresses | None) -> str:
    first = path.split("/")[0]
    if "@" in path:
        return "write mailto: before an email address"
    if "." in first.strip(".") and PurePosixPath(path).suffix not in _FILE_ENDINGS:
        return "write https:// before the address of another site"
    if not addresses:
        return "an address of this site begins with /"
    return f"an address of this site begins with /. {_nearest(PurePosixPath(path).stem, addresses)}"


def _nearest(word: str, addresses: Addresses) -> str:
    known = [*sorted(addresses.slugs.get(Page, ())), *_LISTS]
    return did_you_mean(addresses.path(word), [addresses.path(slug) for slug in known], most=0)


def _in_another_edition(
    slug: str, match: ResolverMatch, fragment: str, addresses: Addresses | None
) -> Problem | None:
    others = addresses.others if addresses else {}
    if slug not in others:
        edition = Edition.objects.filter(slug=slug).first()
        others[slug] = Addresses.of(edition) if edition else None
    if other := others[slug]:
        problem = _in_edition(match, unquote(fragment), other)
        return problem and problem._replace(is_error=False)
    if taken_addresses(slug=slug):
        return None
    if addresses and not slug[:4].isdecimal():
        message = f"pages of this edition begin with /{addresses.edition}/"
        return Problem(1, f"{message}. {_nearest(slug, addresses)}")
    return Problem(1, f"there is no edition with the address {slug}", is_error=False)


def _in_edition(match: ResolverMatch, fragment: str, addresses: Addresses) -> Problem | None:
    if match.view_name == "pages:code-of-conduct" and not addresses.texts.get(_CODE_OF_CONDUCT):
        return Problem(1, "the edition has no code of conduct")
    name, model = _PAGES.get(match.view_name, ("", None))
    if model and (slugs := addresses.slugs.get(model)) is not None:
        slug = match.kwargs[name]
        if slug not in slugs:
            hint = (
                _nearest(slug, addresses)
                if model is Page
                else did_you_mean(slug, sorted(slugs), most=12)
            )
            return Problem(1, f"there is no {model._meta.verbose_name} “{slug}”. {hint}")
    anchors = _anchors_of(match, addresses) if fragment else None
    return None if anchors is None else _missing_anchor(fragment, anchors)


def _anchors_of(match: ResolverMatch, addresses: Addresses) -> set[str] | None:
    """The ids of a page; None if they are not known."""
    if match.view_name in _ANCHORS:
        model, pattern = _ANCHORS[match.view_name]
        slugs = addresses.slugs.get(model)
        return slugs and {pattern.format(slug) for slug in slugs}
    page = {"pages:code-of-conduct": _CODE_OF_CONDUCT}.get(
        match.view_name, match.kwargs.get("slug")
    )
    if (
        match.view_name in {"pages:page-detail", "pages:code-of-conduct"}
        and page in addresses.texts
    ):
        return find_anchors(addresses.texts[page])
    return None


def _missing_anchor(fragment: str, anchors: set[str]) -> Problem | None:
    if fragment.removesuffix("-heading") in anchors or fragment in anchors:
        return None
    known = sorted(f"#{anchor}" for anchor in anchors - {"", "top", "main"})
    hint = did_you_mean(f"#{fragment}", known, most=12)
    return Problem(1, f"the page has no heading #{fragment}. {hint}")


def check_links(row: models.Model, text: str) -> Iterator[tuple[int, str]]:
    """The lines and messages of the dead links in a text of a saved row, for the admin."""
    edition: Edition | None = row if isinstance(row, Edition) else getattr(row, "edition", None)
    is_code = isinstance(row, Edition) and text == row.code_of_conduct
    for problem in find_dead_links(
        text,
        Addresses.of(edition) if edition else None,
        is_on_home=isinstance(row, Section),
        has_anchors=is_code or is_alone(type(row)),
    ):
        yield problem.line, problem.message


def is_alone(model: type[models.Model], column: str = "") -> bool:
    """Whether texts of a column have a page to themselves, so that their headings have ids."""
    return model in {Page, NewsItem} or column == "code_of_conduct"
