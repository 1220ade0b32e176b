"""Markdown, titles and the error messages of forms in templates."""

from typing import Any

from django import forms, template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.core.forms import ErrorLink, error_links
from apps.core.inline_markup import plain_title, render_title
from apps.core.markdown import from_plain, render

register = template.Library()
register.filter("title_html", render_title)
register.filter("plain_title", plain_title)


@register.simple_tag
def markdown(
    text: str,
    heading_level: int = 3,
    edition: Any = None,
    *,
    place: str = "",
    has_anchors: bool = False,
) -> SafeString:
    """Safe HTML of a Markdown text whose first heading becomes `heading_level`; see `render`.

    Texts of an `edition` can show its pictures and link to its downloads.
    """
    files = edition.files_in(text) if edition else ()
    return render(text, int(heading_level), files, place=place, has_anchors=has_anchors)


@register.filter
def plain_html(text: str) -> SafeString:
    """A plain text of a form as HTML: its paragraphs, lines and formulas."""
    return render(from_plain(text))


@register.simple_tag
def error_prefix(*candidates: object) -> str:
    """ "Error: " for the page's title if any of these forms has errors."""
    return gettext("Error:") + " " if _links(candidates) else ""


@register.inclusion_tag("bootstrap5/error_summary.html")
def error_summary(*candidates: object) -> dict:
    """The list "There is a problem" for all these forms; candidates that are no forms are ignored."""
    return {"links": _links(candidates)}


def _links(candidates: tuple[object, ...]) -> list[ErrorLink]:
    bound = [form for form in candidates if isinstance(form, forms.BaseForm)]
    return [link for form in bound for link in error_links(form)]
