"""Pictures and downloads in Markdown: ![words](pictures/venue.jpg) and [words](files/flyer.pdf).

A text names files of its edition as they lie in a content folder; `render` is given those it names.
Pictures of other sites are links, so that no visitor's browser asks another server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

PICTURES, DOWNLOADS = "pictures", "files"
# Texts in folders of their own may name a file as seen from there: ../pictures/venue.jpg.
_PATH = re.compile(rf"(?:\.\.?/)*(({PICTURES}|{DOWNLOADS})/.+)")
_WEB_ADDRESS = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_PICTURE = re.compile(r"!\[([^\]\n]{0,500})\]\([^)\n]{0,500}\)")
# The width of a picture on a page: that of the widest column, or of a phone without its margins.
_SIZES = "(min-width: 66rem) 64rem, calc(100vw - 2rem)"
PICTURE_TAGS = {"figure", "figcaption", "small", "picture", "source", "img"}
PICTURE_ATTRIBUTES = {
    "img": {"src", "width", "height", "alt", "loading", "decoding"},
    "source": {"type", "srcset", "sizes"},
}


class LinkedFile(NamedTuple):
    """A picture or a download that a text can name by its `path`, such as pictures/venue.jpg.

    Of a picture, `sources` are pairs of a media type and a srcset, the best format first, and
    `fallback` is the address for browsers that know none of these.
    """

    path: str
    url: str
    sources: tuple[tuple[str, str], ...] = ()
    fallback: str = ""
    width: int = 0
    height: int = 0
    alt: str = ""
    caption: str = ""
    credit: str = ""


class Reference(NamedTuple):
    """A link or a picture in a text, with its line from 1."""

    line: int
    target: str
    is_picture: bool
    is_in_link: bool
    words: str  # of a picture, those in the brackets

    @property
    def path(self) -> str:
        """The file of the edition that it names, such as pictures/venue.jpg, or ""."""
        return _path_of(self.target)


def names_files(text: str, folder: str) -> bool:
    """Whether a text may name files of the folder PICTURES or DOWNLOADS; quick."""
    return f"{folder}/" in text


def find_references(tokens: Sequence[Token]) -> Iterator[Reference]:
    """The links and pictures in the tokens of a parsed text."""
    line = 1
    for token in tokens:
        if token.map:
            line = token.map[0] + 1
        open_links, breaks = 0, 0
        for child in token.children or ():
            if child.type in {"softbreak", "hardbreak"}:
                breaks += 1
            elif child.type == "link_open":
                open_links += 1
                yield Reference(line + breaks, str(child.attrGet("href")), False, False, "")
            elif child.type == "link_close":
                open_links -= 1
            elif child.type == "image":
                target = str(child.attrGet("src"))
                yield Reference(line + breaks, target, True, open_links > 0, child.content.strip())


def without_pictures(text: str) -> str:
    """The Markdown with the words in the brackets instead of each picture, for other programs."""
    return _PICTURE.sub(r"\1", text)


def add_files(parser: MarkdownIt) -> None:
    """Make `parser` show the LinkedFiles that the environment has as "files", by their paths."""
    parser.core.ruler.push("files", _resolve)
    parser.add_render_rule("image", _render_image)
    parser.add_render_rule("caption", _render_caption)


def _path_of(target: str) -> str:
    match = _PATH.fullmatch(target)
    return match[1] if match else ""


def _resolve(state: StateCore) -> None:
    """Give links to files their addresses, and a picture in a paragraph of its own a caption."""
    files: dict[str, LinkedFile] | None = state.env.get("files")
    if files is None:  # the text is only read
        return
    for index, token in enumerate(state.tokens):
        if token.type != "inline" or not token.children:
            continue
        links: list[Token] = []
        for child in token.children:
            if child.type == "link_open":
                links.append(child)
                _resolve_link(child, files)
            elif child.type == "link_close":
                if not links.pop().tag:  # its file is missing
                    child.type, child.tag, child.nesting = "text", "", 0
            elif child.type == "image":
                child.meta["file"] = files.get(_path_of(str(child.attrGet("src"))))
                child.meta["is_in_link"] = bool(links)
        opening, closing = state.tokens[index - 1], state.tokens[index + 1 : index + 2]
        picture = _lone_picture(token.children)
        if picture and opening.type == "paragraph_open" and not opening.hidden:
            opening.tag = closing[0].tag = "figure"
            token.children.append(Token("caption", "", 0, meta=picture.meta, attrs=picture.attrs))


def _resolve_link(link: Token, files: dict[str, LinkedFile]) -> None:
    path = _path_of(str(link.attrGet("href")))
    if file := files.get(path):
        link.attrSet("href", file.url)
    elif path:
        link.type, link.tag, link.nesting = "text", "", 0


def _lone_picture(children: list[Token]) -> Token | None:
    """The known picture that is the only thing in a paragraph, maybe in a link."""
    if len(children) == 3 and children[0].type == "link_open" and children[2].tag == "a":
        children = children[1:2]
    if len(children) == 1 and children[0].type == "image":
        file = children[0].meta["file"]
        return children[0] if file and file.sources else None
    return None


def _render_image(
    self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> SafeString | str:
    """A picture; the words in the brackets stand for one that is missing or on another site."""
    token = tokens[index]
    words = self.renderInlineAsText(token.children or (), options, env).strip()
    file: LinkedFile | None = token.meta.get("file")
    if env.get("is_plain"):
        return ""
    if file and file.sources:
        return _picture(file, words or file.alt)
    target = str(token.attrGet("src"))
    if _WEB_ADDRESS.match(target) and not token.meta.get("is_in_link"):
        return format_html('<a href="{}">{}</a>', target, words or target)
    return escape(words)


def _picture(file: LinkedFile, alt: str) -> SafeString:
    sources = ((kind, srcset, _SIZES) for kind, srcset in file.sources)
    return format_html(
        '<picture>{}<img src="{}" width="{}" height="{}" alt="{}" loading="lazy" decoding="async">'
        "</picture>",
        format_html_join("", '<source type="{}" srcset="{}" sizes="{}">', sources),
        *(file.fallback, file.width, file.height, alt),
    )


def _render_caption(
    self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> SafeString | str:
    """The title of the picture in the text, or its stored caption, and its credit."""
    token = tokens[index]
    file: LinkedFile = token.meta["file"]
    caption = str(token.attrGet("title") or file.caption)
    if env.get("is_plain") or not (caption or file.credit):
        return ""
    credit = format_html("<small>{}</small>", file.credit) if file.credit else ""
    return format_html("<figcaption>{} {}</figcaption>", caption, credit)
