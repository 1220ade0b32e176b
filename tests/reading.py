"""What a person reads on a page or in a letter."""

from __future__ import annotations

import html
import re
from typing import Any


def messages_of(response: Any) -> list[str]:
    """The messages on the page after a POST that was followed."""
    return [str(message) for message in response.context["messages"]]


def html_of(response: Any) -> str:
    """The HTML of a response, on one line."""
    return " ".join(response.content.decode().split())


def words_of(page: str) -> str:
    """The visible text of HTML, on one line; a link stands in the word it is a part of."""
    page = re.sub(r"<head>.*?</head>|</?a\b[^>]*>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
