"""Links and menus in the header of an edition's pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from unicodedata import east_asian_width

from django.utils.translation import gettext

from apps.core.inline_markup import plain_title
from apps.editions.models import Edition
from apps.pages.models import Page
from apps.pages.selectors import NavigationLink, list_page_links

# Estimates in CSS pixels for a screen of 1440: the line that the header has for links, the mean
# width of a letter, the gap between links, and the arrow of a menu.
_LINE, _LETTER, _GAP, _ARROW = 1000, 7.2, 24, 12
# As many links stand in the header of a phone; more are behind a button there.
_LINKS_ON_A_PHONE = 5


class NavigationMenu(NamedTuple):
    """Links behind a word of the header."""

    title: str
    links: list[NavigationLink]
    is_here: bool  # whether it has the link to the page that is shown


Navigation = list[NavigationLink | NavigationMenu]


def list_navigation(edition: Edition, pages: Iterable[Page], *, here: str) -> Navigation:
    """The links that fit on a line, and menus: those of the organisers, and “More” for the rest.

    `pages` are the published ones, `here` is the path of the shown page. The last list pages go
    into “More” first, then the last pages of the organisers.
    """
    own_pages = {page.get_absolute_url(): page for page in pages}
    home: Navigation = [NavigationLink(gettext("Home"), edition.get_absolute_url())]
    # A page of the organisers with the address of a list stands in its place.
    lists: Navigation = [link for link in list_page_links(edition) if link.url not in own_pages]
    own = _group(own_pages, here)
    more: list[NavigationLink] = []
    more_title = gettext("More")
    while (lists or own) and _width([*home, *lists, *own, *_menu(more_title, more, here)]) > _LINE:
        last = (lists or own).pop()
        more[:0] = last.links if isinstance(last, NavigationMenu) else [last]
    return [*home, *lists, *own, *_menu(more_title, more, here)]


def needs_button(navigation: Navigation) -> bool:
    """Whether a phone shows the links behind a button."""
    has_menus = any(isinstance(item, NavigationMenu) for item in navigation)
    return has_menus or len(navigation) > _LINKS_ON_A_PHONE


def _group(pages: dict[str, Page], here: str) -> Navigation:
    """Links to pages, those of one menu at the place of the first."""
    items: dict[str, list[NavigationLink]] = {}
    for url, page in pages.items():
        if page.is_in_navigation:
            link = NavigationLink(plain_title(page.title), url)
            items.setdefault(page.menu or url, []).append(link)
    grouped: Navigation = []
    for name, links in items.items():
        grouped += links if name == links[0].url else _menu(plain_title(name), links, here)
    return grouped


def _menu(title: str, links: list[NavigationLink], here: str) -> list[NavigationMenu]:
    """A menu of the links; none without links."""
    return [NavigationMenu(title, links, any(link.url == here for link in links))] if links else []


def _width(items: Navigation) -> float:
    letters = sum(2 if east_asian_width(one) in "WF" else 1 for item in items for one in item.title)
    menus = sum(isinstance(item, NavigationMenu) for item in items)
    return letters * _LETTER + menus * _ARROW + (len(items) - 1) * _GAP
