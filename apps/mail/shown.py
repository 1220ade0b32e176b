"""A letter shown on the desk: to be read, with nothing in it to follow or to fetch."""

import nh3
from django.utils.safestring import SafeString, mark_safe

# Enough to read a letter by; no address to follow, no picture, no style.
_SHOWN = {*("p", "br", "h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd", "strong", "em", "a")}
# Gone with all they hold; the title is the page's, not the letter's.
_DROPPED = {"script", "style", "title"}


def shown_page(html: str) -> SafeString:
    """The HTML of a letter, safe to stand in a page of the desk whatever it is."""
    page = nh3.clean(html, tags=_SHOWN, attributes={}, clean_content_tags=_DROPPED)
    return mark_safe(page)  # noqa: S308  (nh3 has cleaned it)  # nosec
