"""Markdown in templates."""

from django import template
from django.utils.safestring import SafeString

from apps.core.markdown import render

register = template.Library()


@register.simple_tag
def markdown(text: str, heading_level: int = 3) -> SafeString:
    """Safe HTML of a Markdown text whose first heading becomes `heading_level`."""
    return render(text, int(heading_level))
