"""Texts and titles as trees for templates: [tag, fact, children], or a string.

They are made of the HTML that pages show, so that paper and pages say the same. The fact is the
address of a link, the first number of a list, the text of a formula for screen readers, or None.
"""

from __future__ import annotations

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


def _children(element: Element) -> list[Node]:
    nodes: list[Node] = []
    has_text = element.tag not in _WITHOUT_TEXT or not any(
        child.tag in _BLOCKS for child in element
    )
    _add_text(nodes, element, element.text)
    for child in element:
        if child.tag != "img":
            nodes.append(_node(child))
        if has_text:
            _add_text(nodes, element, child.tail)
    return nodes


def _add_text(nodes: list[Node], element: Element, text: str | None) -> None:
    if not text or (element.tag in _WITHOUT_TEXT - {"text"} and not text.strip()):
        return
    if element.tag not in {"pre", "code"}:
        text = "".join(
            (" " * text[:1].isspace(), " ".join(text.split()), " " * text[-1:].isspace())
        )
        text = " " if not text.strip() else text
    nodes.append(text)


def _node(element: Element) -> Node:
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
    return [element.tag, fact, _children(element)]


def _formula(element: Element) -> Node:
    tag = "formula-block" if element.get("display") == "block" else "formula"
    return [tag, text_of_formula(element), [_symbol(child) for child in element]]


def _symbol(element: Element) -> Node:
    fact = "true" if element.tag == "mover" and element.get("accent") == "true" else None
    if element.tag in {"mi", "mn", "mo", "mtext"}:
        return [element.tag, fact, [element.text or ""]]
    if element.tag == "mspace":
        return [element.tag, element.get("width"), []]
    return [element.tag, fact, [_symbol(child) for child in element]]
