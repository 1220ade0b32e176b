"""Markdown of organisers as safe HTML."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import Any

import nh3
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

from apps.core import inline_markup, markdown_files, mathematics
from apps.core.inline_markup import add_formula_blocks, add_inline_markup, as_plain_text
from apps.core.markdown_files import LinkedFile, Reference, add_files, find_references
from apps.core.mathematics import FORMULA

# The length of a long paper.
fits_a_page = MaxLengthValidator(50_000)

# Parsing stops here, which takes a tenth of a second: a page of 50,000 characters with a thousand
# links, list items or table cells needs half of it.
MAX_STEPS = 10_000
_TAGS = {  # pictures only where files are given: other ones would be fetched from another server
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "a"),
    *("ul", "ol", "li", "dl", "dt", "dd", "h2", "h3", "h4", "h5", "h6"),
    *("div", "table", "thead", "tbody", "tr", "th", "td"),
    *inline_markup.TAGS,
}
_ATTRIBUTES = {
    "a": {"href", "title", "id", "aria-label"},
    "ol": {"start", "aria-label"},
    "div": {"aria-label"},
    "li": {"id"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
    **mathematics.MATHML_ATTRIBUTES,
}
_ATTRIBUTE_VALUES = {
    "a": {"role": {"doc-noteref", "doc-backlink"}},
    "ol": {"class": {"footnotes"}},
    "div": {"class": {"table-box"}, "role": {"group"}, "tabindex": {"0"}},
}
# Elements that scroll sideways on a phone must be reachable by keyboard (WCAG 2.1.1).
_ADDED = {"pre": {"tabindex": "0"}, "th": {"scope": "col"}}
_SCHEMES = {"http", "https", "mailto"}
# Characters of a plain text that would be read as markup, but not those of "p < 0.05",
# "snake_case", "R&D" and "~5".
_MARKUP = re.compile(
    r"[\\`*\[$]|(?<![^\W_])_+|_+(?![^\W_])|<(?=[a-z/!?])|&(?=#?\w+;)|~(?=~)|(?<=~)~", re.IGNORECASE
)
_AT_LINE_START = re.compile(r"^(\d*)(?=[-+=#>:|.)~])")


class _TooComplex(Exception):
    """Parsing took more than MAX_STEPS steps."""


def _count_step(state: Any, *args: object) -> bool:
    """A parser rule that matches nothing, called for each line at each level and each inline token.

    Some inputs of 50,000 characters take quadratic time otherwise, such as nested quotes.
    """
    state.env["steps"] = state.env.get("steps", 0) + 1
    if state.env["steps"] > MAX_STEPS or len(state.tokens) > 2 * MAX_STEPS:
        raise _TooComplex
    return False


_FOOTNOTE_REFERENCE = re.compile(r"\[\^[^\]\s]{1,100}\]")


def _footnote_reference(state: StateInline, silent: bool) -> bool:
    """The rule of the plugin, which alone would read to the end of the text at every “[^”."""
    match = _FOOTNOTE_REFERENCE.match(state.src, state.pos, state.posMax)
    return bool(match) and footnote_ref(state, silent)


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    chains = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("table", "count_step", _count_step, {"alt": chains})
    parser.inline.ruler.before("text", "count_step", _count_step)
    add_inline_markup(parser)
    add_formula_blocks(parser)
    deflist_plugin(parser)
    footnote_plugin(parser, inline=False)
    parser.inline.ruler.at("footnote_ref", _footnote_reference)
    add_files(parser)
    return parser


_parser = _make_parser()
# Keeps characters that a backslash makes plain apart from other text.
_checking_parser = _make_parser().disable("text_join")
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*</p>\n?")


def _render_paragraph_break(self: object, *args: object) -> str:
    """For a <p> within a paragraph."""
    return "</p>\n<p>"


def _render_footnote_reference(
    self: object, tokens: Sequence[Token], index: int, options: object, env: Any
) -> str:
    if env.get("is_plain"):
        return ""
    number, repetition = tokens[index].meta["id"] + 1, tokens[index].meta["subId"]
    name = f"{env['prefix']}-{number}"
    label = gettext("Footnote %(number)d") % {"number": number}
    return (
        f'<sup><a href="#{name}" id="{_reference_id(name, repetition)}" role="doc-noteref" '
        f'aria-label="{escape(label)}">{number}</a></sup>'
    )


def _render_way_back(
    self: object, tokens: Sequence[Token], index: int, options: object, env: Any
) -> str:
    number, repetition = tokens[index].meta["id"] + 1, tokens[index].meta["subId"]
    target = _reference_id(f"{env['prefix']}-{number}", repetition)
    label = gettext("Back to the text of footnote %(number)d") % {"number": number}
    if repetition:
        label += gettext(", place %(number)d") % {"number": repetition + 1}
    return f' <a href="#{target}" role="doc-backlink" aria-label="{escape(label)}">\u21a9\ufe0e</a>'


def _open(tag: str, name: str, label: str) -> str:
    return f'<{tag} class="{name}" aria-label="{escape(label)}"'


def _reference_id(name: str, repetition: int) -> str:
    return f"{name}-in-text{f'-{repetition + 1}' if repetition else ''}"


_RULES: dict[str, Callable[..., str]] = {
    "paragraph_break": _render_paragraph_break,
    "footnote_ref": _render_footnote_reference,
    "footnote_block_open": lambda *args: _open("ol", "footnotes", gettext("Footnotes")) + ">\n",
    "footnote_block_close": lambda *args: "</ol>\n",
    "footnote_open": lambda self, tokens, index, options, env: (
        f'<li id="{env["prefix"]}-{tokens[index].meta["id"] + 1}">'
    ),
    "footnote_anchor": _render_way_back,
    "table_open": lambda *args: (
        _open("div", "table-box", gettext("Table")) + ' role="group" tabindex="0"><table>\n'
    ),
    "table_close": lambda *args: "</table></div>\n",
}
for _name, _rule in _RULES.items():
    _parser.add_render_rule(_name, _rule)


def render(
    text: str,
    heading_level: int = 3,
    files: tuple[LinkedFile, ...] = (),
    *,
    place: str = "",
    has_anchors: bool = False,
) -> SafeString:
    """Safe HTML of a Markdown `text`; of a text that is too complex, its lines without markup.

    The first heading becomes `heading_level` (2 to 6), and those below it follow without a gap, so
    that the text fits the outline of its page. Formulas are MathML. `files` are the pictures and
    downloads that the text can name. Footnotes have ids made of the text, so that several texts
    fit on a page; `place` tells two equal texts on it apart. With `has_anchors` headings can be
    linked to; the text must be the only one of its page.
    """
    language = get_language() or ""  # of the labels that screen readers read
    return _render(text, heading_level, files, place, has_anchors, language)


@lru_cache(maxsize=512)
def _render(
    text: str,
    heading_level: int,
    files: tuple[LinkedFile, ...],
    place: str,
    has_anchors: bool,
    language: str,
) -> SafeString:
    env: dict[str, Any] = {
        "files": {file.path: file for file in files},
        "prefix": _footnote_prefix(text, place),
        "has_anchors": has_anchors,
    }
    html = nh3.clean(
        _to_html(text, heading_level, env),
        tags=_TAGS | markdown_files.PICTURE_TAGS if files else _TAGS,
        attributes=_ATTRIBUTES | markdown_files.PICTURE_ATTRIBUTES if files else _ATTRIBUTES,
        tag_attribute_values=_ATTRIBUTE_VALUES,
        set_tag_attribute_values=_ADDED,
        url_schemes=_SCHEMES,
        link_rel="noopener",
    )
    return mark_safe(_EMPTY_PARAGRAPH.sub("", html))  # noqa: S308  (nh3 has cleaned it)  # nosec


def _footnote_prefix(text: str, place: str) -> str:
    digest = hashlib.blake2b(f"{place}\n{text}".encode(), digest_size=4)
    return f"note-{digest.hexdigest()}"


def references(text: str) -> list[Reference]:
    """The links and pictures in a Markdown `text`; none of a text that is too complex."""
    try:
        return list(find_references(_parser.parse(text, {})))
    except _TooComplex:
        return []


def parse_for_checks(text: str) -> tuple[list[Token] | None, dict[str, int]]:
    """The tokens of a Markdown `text`, None if it is too complex, and the numbers of its footnotes.

    Pieces of text in the tokens have no markup. The number of an unused footnote is −1.
    """
    env: dict[str, Any] = {}
    try:
        tokens = _checking_parser.parse(text, env)
    except _TooComplex:
        return None, {}
    labels = env.get("footnotes", {}).get("refs", {})
    return tokens, {label[1:]: number for label, number in labels.items()}


def find_anchors(text: str) -> set[str]:
    """The ids of the headings in a Markdown `text`, without “#”."""
    tokens, _ = parse_for_checks(text)
    return {anchor for _, anchor in _anchors(tokens or [])}


def markdown_columns(model: type[models.Model]) -> Iterator[str]:
    """The names of the columns that hold Markdown: those that fit a page."""
    for column in model._meta.concrete_fields:
        if fits_a_page in column.validators:
            yield column.name


def _to_html(text: str, heading_level: int, env: dict[str, Any]) -> str:
    try:
        tokens = _parser.parse(text, env)
        _shift_headings(tokens, heading_level)
        if env.get("is_plain"):
            tokens = list(takewhile(lambda token: token.type != "footnote_block_open", tokens))
        if env.get("has_anchors"):
            for token, anchor in _anchors(tokens):
                token.attrSet("id", anchor)
        return _parser.renderer.render(tokens, _parser.options, env)
    except _TooComplex:
        return linebreaks(text, autoescape=True)


def _shift_headings(tokens: list[Token], heading_level: int) -> None:
    """Put each heading one level below its parent, however many levels the author skipped."""
    open_levels: list[str] = []
    for token in tokens:
        if token.type == "heading_open":
            while open_levels and open_levels[-1] >= token.tag:
                open_levels.pop()
            open_levels.append(token.tag)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, heading_level + len(open_levels) - 1)}"


def _anchors(tokens: list[Token]) -> Iterator[tuple[Token, str]]:
    """The headings and their ids: the words in small letters, such as “getting-there”."""
    numbers = Counter(["main"])  # an id of every page
    for token, content in pairwise(tokens):
        if token.type == "heading_open":
            words = "".join(child.content or " " for child in content.children or ())
            anchor = slugify(words, allow_unicode=True) or "heading"
            numbers[anchor] += 1
            yield token, anchor if numbers[anchor] == 1 else f"{anchor}-{numbers[anchor]}"


@lru_cache(maxsize=512)
def plain_text(text: str, length: int = 300) -> str:
    """Text of a Markdown `text` in one line, cut after a word to at most `length` characters.

    It has no footnotes.
    """
    line = " ".join(as_plain_text(_to_html(text, 3, {"is_plain": True})).split())
    if len(line) <= length:
        return line
    return line[: length - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def from_plain(text: str) -> str:
    """Markdown that shows a plain `text` as it is: its paragraphs and lines, without markup.

    For text of people who are not organisers: no link, heading or list comes of it. Only its
    formulas become mathematics.
    """
    paragraphs: list[list[str]] = [[]]
    for line in text.splitlines():
        if content := " ".join(line.split()):
            paragraphs[-1].append(content)
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join(_escape("\n".join(lines)) for lines in paragraphs if lines)


def _escape(paragraph: str) -> str:
    pieces, end = [], 0
    for formula in FORMULA.finditer(paragraph):
        pieces += [_escape_text(paragraph[end : formula.start()]), formula[0].replace("\n", " ")]
        end = formula.end()
    pieces.append(_escape_text(paragraph[end:]))
    lines = "".join(pieces).split("\n")
    # A backslash at the end breaks a line (CommonMark 6.7).
    return "\\\n".join(_AT_LINE_START.sub(r"\1\\", line, count=1) for line in lines)


def _escape_text(text: str) -> str:
    return _MARKUP.sub(lambda match: "".join(f"\\{sign}" for sign in match[0]), text)
