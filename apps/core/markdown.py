"""Markdown as organisers write it, HTML as visitors may safely get it."""

import re
from functools import lru_cache
from html import unescape

import nh3
from django.core.validators import MaxLengthValidator
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

# A long paper has as many; more is a slip of the clipboard, and costs every first view.
fits_a_page = MaxLengthValidator(50_000)

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
# No pictures: they would be fetched from someone else's server.
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a"),
    *("ul", "ol", "li", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
# What may be wider than a phone scrolls sideways, so the keyboard must reach it (WCAG 2.1.1).
_ADDED = {"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}, "th": {"scope": "col"}}
_SCHEMES = {"http", "https", "mailto"}
# What would be read as markup, so that the rest of a plain text stays as readable as it was:
# "p < 0.05", "snake_case", "R&D" and "~5" are no markup, "<b>", "_so_", "&amp;" and "~~" are.
_MARKUP = re.compile(
    r"[\\`*\[]|(?<![^\W_])_+|_+(?![^\W_])|<(?=[a-z/!?])|&(?=#?\w+;)|~(?=~)|(?<=~)~", re.IGNORECASE
)
_AT_LINE_START = re.compile(r"^(\d*)(?=[-+=#>:|.)~])")


@lru_cache(maxsize=512)
def render(text: str, heading_level: int = 3) -> SafeString:
    """HTML of a Markdown `text`, safe whatever the text is.

    The first heading becomes `heading_level` (2 to 6), and those below it follow without
    a gap, so that the text fits the outline of the page it stands in.
    """
    tokens = _parser.parse(text)
    _shift_headings(tokens, heading_level)
    html = _parser.renderer.render(tokens, _parser.options, {})
    return mark_safe(  # noqa: S308  (nh3 has cleaned it)  # nosec
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            set_tag_attribute_values=_ADDED,
            url_schemes=_SCHEMES,
            link_rel="noopener",
        )
    )


def _shift_headings(tokens: list[Token], heading_level: int) -> None:
    """Each heading stands one level below the one it belongs to, however many were skipped."""
    open_levels: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            while open_levels and open_levels[-1] >= token.tag:
                open_levels.pop()
            open_levels.append(token.tag)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, heading_level + len(open_levels) - 1)}"


@lru_cache(maxsize=512)
def plain_text(text: str, length: int = 300) -> str:
    """The words of a Markdown `text` in one line, cut after a word to at most `length` characters."""
    html = _parser.render(text)
    line = " ".join(unescape(nh3.clean(html, tags=set())).split())
    if len(line) <= length:
        return line
    return line[: length - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def from_plain(text: str) -> str:
    """Markdown that shows a plain `text` as it is: its paragraphs, its lines, and no markup.

    For what others than organisers wrote: whatever it holds, no link, heading or list comes of it.
    """
    paragraphs: list[list[str]] = [[]]
    for line in text.splitlines():
        if words := " ".join(line.split()):
            paragraphs[-1].append(_escaped(words))
        elif paragraphs[-1]:
            paragraphs.append([])
    # A backslash at its end breaks a line (CommonMark 6.7).
    return "\n\n".join("\\\n".join(lines) for lines in paragraphs if lines)


def _escaped(line: str) -> str:
    line = _MARKUP.sub(lambda found: "".join(f"\\{sign}" for sign in found[0]), line)
    return _AT_LINE_START.sub(r"\1\\", line, count=1)
