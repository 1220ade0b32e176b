"""Texts and titles as trees for templates: [tag, fact, children], or a string.

They are made of the HTML that pages show, so that paper and pages say the same. The fact is the
address of a link, the first number of a list, the text of a formula for screen readers, or None.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, TreeBuilder  # nosec  (reads no XML)

from django.conf import settings

from apps.core import markdown
from apps.core.inline_markup import render_title
from apps.core.mathematics import text_of_formula

_VOID = {"br", "wbr", "hr", "img"}
_SCHEMES = ("http://", "https://", "mailto:")
_BLOCKS = {
    *("p", "hr", "pre", "blockquote", "ul", "ol", "dl", "table", "div"),
    *("h2", "h3", "h4", "h5", "h6"),
}
# Elements between whose children spaces and line ends mean nothing.
_WITHOUT_TEXT = {"text", "ul", "ol", "dl", "table", "thead", "tbody", "tr", "blockquote", "div"}
_SPACES = re.compile(r"\s+")
_DEEPEST = 16  # of elements in each other; typst has a limit. Deeper ones become their text.

Node = str | list[Any]


def text_nodes(text: str) -> list[Node]:
    """The blocks of a Markdown `text`, without pictures."""
    return _nodes(markdown.render(text))


def title_nodes(title: str) -> list[Node]:
    """The pieces of a title."""
    return _nodes(render_title(title))


def _nodes(html: str) -> list[Node]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return _children(reader.finish())


class _Reader(HTMLParser):
    """Reads the HTML that our renderers write, whose elements are all closed."""

    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder()
        self.builder.start("text", {})

    def finish(self) -> Element:
        self.builder.end("text")
        return self.builder.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in _VOID:
            self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        self.builder.data(data)


def _children(element: Element, depth: int = 0) -> list[Node]:
    nodes: list[Node] = []
    has_text = element.tag not in _WITHOUT_TEXT or not any(
        child.tag in _BLOCKS for child in element
    )
    _add_text(nodes, element, element.text)
    for child in element:
        if child.tag != "img" and child.get("role") != "doc-backlink":
            nodes.append(_node(child, depth + 1))
        if has_text:
            _add_text(nodes, element, child.tail)
    return nodes


def _add_text(nodes: list[Node], element: Element, text: str | None) -> None:
    if not text or (element.tag in _WITHOUT_TEXT - {"text"} and not text.strip()):
        return
    nodes.append(text if element.tag in {"pre", "code"} else _SPACES.sub(" ", text))


def _node(element: Element, depth: int) -> Node:
    if depth > _DEEPEST:
        return " ".join("".join(element.itertext()).split())
    if element.tag == "math":
        return _formula(element)
    fact: str | int | None = None
    if element.tag == "a":
        address = urljoin(settings.SITE_URL + "/", element.get("href", ""))
        is_link = address.startswith(_SCHEMES) and not element.get("href", "#").startswith("#")
        fact = address if is_link else None
    elif element.tag == "ol":
        start = element.get("start", "1")
        fact = int(start) if start.isdecimal() else 1
    return [element.tag, fact, _children(element, depth)]


def _formula(element: Element) -> Node:
    text = text_of_formula(element)
    if _depth(element) > _DEEPEST:
        return text
    tag = "formula-block" if element.get("display") == "block" else "formula"
    return [tag, text, _symbols(element)]


def _depth(element: Element) -> int:
    return 1 + max(map(_depth, element), default=0)


def _symbol(element: Element) -> Node:
    if element.tag in {"mi", "mn", "mo", "mtext"}:
        return [element.tag, None, [element.text or ""]]
    return [element.tag, None, _symbols(element)]


def _symbols(row: Element) -> list[Node]:
    """The children of a row; a table with a sign on each side is a row, so that these grow with it."""
    nodes = [_symbol(child) for child in row]
    for index in range(len(row) - 2, 0, -1):
        if row[index].tag == "mtable" and row[index - 1].tag == row[index + 1].tag == "mo":
            nodes[index - 1 : index + 2] = [["mrow", None, nodes[index - 1 : index + 2]]]
    return nodes
