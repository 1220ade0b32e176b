"""What a page with a form says when something is missing."""

from django import forms, template

from apps.core.forms import error_links

register = template.Library()


@register.simple_tag
def error_prefix(*candidates: object) -> str:
    """ "Error: " for the beginning of the page's title if any of these forms has errors."""
    return "Error: " if _links(candidates) else ""


@register.inclusion_tag("bootstrap5/error_summary.html")
def error_summary(*candidates: object) -> dict:
    """The list "There is a problem" of all these forms together, or nothing.

    What is no form is passed over, so that a frame may ask before it knows its page.
    """
    return {"links": _links(candidates)}


def _links(candidates: tuple[object, ...]) -> list:
    found = [form for form in candidates if isinstance(form, forms.BaseForm)]
    return [link for form in found for link in error_links(form)]
