"""Topics as pages show them, each made once for what it says."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.topics.models import Topic

register = template.Library()


@register.simple_tag
def topic_item(topic: Topic, heading_level: int | str) -> SafeString:
    """A list's item: the heading, at `heading_level`, and what is said of the topic."""
    return _item(topic.slug, topic.heading, topic.description, int(heading_level))


@lru_cache(maxsize=512)
def _item(slug: str, heading: str, description: str, heading_level: int) -> SafeString:
    topic = Topic(slug=slug, heading=heading, description=description)
    return render_to_string(
        "topics/_topic.html", {"topic": topic, "heading_level": str(heading_level)}
    )
