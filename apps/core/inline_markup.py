"""Formulas and simple HTML tags in Markdown, and titles with such markup.

A title may have formulas ($x^2$), emphasis (*x*, **x**), `code`, entities (&amp;) and the tags
<i>, <em>, <b>, <strong>, <sub> and <sup>. Everything else in it is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from apps.core import mathematics
from apps.core.mathematics import FORMULA, formula_html, formula_text, subscript, superscript

# Formulas in one text are read up to this sum of lengths, which takes 0.3 s at worst; the others
# stay text. An abstract has a hundredth of it.
MAX_FORMULAS = 20_000
_COST_OF_FORMULA = 10  # characters
_MAX_LINES = 50  # of one formula
_TAG_NAMES = {"i": "em", "b": "strong"} | {name: name for name in ("em", "strong", "sub", "sup")}
_TAG = re.compile(rf"<({'|'.join(_TAG_NAMES)})>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br\s*/?|/?p)>", re.IGNORECASE)
_END_TAGS = {name: re.compile(f"</{name}>", re.IGNORECASE) for name in _TAG_NAMES}
_LONGEST_ELEMENT = 1_000
_ELEMENT = re.compile(
    rf"<({'|'.join(_TAG_NAMES)})>(.{{0,{_LONGEST_ELEMENT}}}?)</\1>", re.IGNORECASE | re.DOTALL
)
_EMPTY_LINES = re.compile(r"\n{3,}")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,6}|[a-z]{2,30}\d{0,2});", re.IGNORECASE)
TAGS = {"em", "strong", "code", "sub", "sup", "wbr", *mathematics.MATHML_TAGS}
_SCRIPT = re.compile(r"<(su[bp])>([^<]*)</su[bp]>")
_HAS_MARKUP = re.compile(r"[\\$*_`<&]")


def add_inline_markup(parser: MarkdownIt) -> None:
    """Make `parser` read formulas and simple tags.

    It writes formulas as plain text if the environment has a true "is_plain".
    """
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("entity", "simple_tag", _simple_tag)
    parser.add_render_rule("formula", _render_formula)
    parser.add_render_rule("formula_block", _render_formula_block)


def add_formula_blocks(parser: MarkdownIt) -> None:
    """Make `parser` read formulas on lines of their own, whatever these lines begin with."""
    chains = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "formula_block", _formula_block, {"alt": chains})


def _formula(state: StateInline, silent: bool) -> bool:
    match = FORMULA.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        _set_formula(state.push("formula", "math", 0), match)
    state.pos = match.end()
    return True


def _formula_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    begin = state.bMarks[start_line] + state.tShift[start_line]
    if not state.src.startswith(("$$", r"\["), begin) or state.is_code_block(start_line):
        return False
    # A line break (a backslash) before it joins it to the text.
    if silent and state.src[state.eMarks[start_line - 1] - 1] == "\\":
        return False
    last = start_line
    while last < min(end_line, start_line + _MAX_LINES) and not state.isEmpty(last):
        last += 1
    text = state.getLines(start_line, last, state.blkIndent, False).lstrip()
    match = FORMULA.match(text)
    if not match or text[match.end() :].partition("\n")[0].strip():
        return False
    if not silent:
        token = state.push("formula_block", "math", 0)
        _set_formula(token, match)
        state.line = start_line + match[0].count("\n") + 1
        token.map = [start_line, state.line]
    return True


def _set_formula(token: Token, match: re.Match[str]) -> None:
    token.content = match[match.lastgroup or 0]
    token.markup = match[0]
    token.block = match.lastgroup in {"block", "bracket"}


def _render_formula(
    self: object, tokens: Sequence[Token], index: int, options: object, env: Any
) -> str:
    token = tokens[index]
    env["formulas"] = env.get("formulas", 0) + len(token.content) + _COST_OF_FORMULA
    html = None
    if env["formulas"] <= MAX_FORMULAS:
        if not env.get("is_plain"):
            html = formula_html(token.content, is_block=token.block)
        elif text := formula_text(token.content):
            html = escape(text)
    return escape(token.markup) if html is None else html


def _render_formula_block(
    self: object, tokens: Sequence[Token], index: int, options: object, env: Any
) -> str:
    return f"\n<p>{_render_formula(self, tokens, index, options, env)}</p>\n"


def _simple_tag(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    if match := _BREAK.match(state.src, state.pos, state.posMax):
        if not silent:
            is_line = match[0][1] in "bB"
            state.push("hardbreak" if is_line else "paragraph_break", "", 0)
        state.pos = match.end()
        return True
    match = _TAG.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    name, end = match[1].lower(), state.posMax
    end_tag = _END_TAGS[name].search(
        state.src, match.end(), min(end, match.end() + _LONGEST_ELEMENT)
    )
    if not end_tag:
        return False
    if not silent:
        tag = _TAG_NAMES[name]
        state.push(f"{tag}_open", tag, 1)
        state.pos, state.posMax = match.end(), end_tag.start()
        state.md.inline.tokenize(state)
        state.push(f"{tag}_close", tag, -1)
    state.pos, state.posMax = end_tag.end(), end
    return True


def as_plain_text(html: str) -> str:
    """The text of safe HTML, with "₂" for <sub>2</sub>."""
    html = _SCRIPT.sub(_plain_script, html)
    return unescape(nh3.clean(html, tags=set()))


def _plain_script(match: re.Match[str]) -> str:
    write = subscript if match[1] == "sub" else superscript
    return escape(write(unescape(match[2])))


def from_simple_html(text: str) -> str:
    """The plain text of a `text` with simple tags and entities, as other programs export it."""
    text = _BREAK.sub(lambda match: "\n" if match[0][1] in "bB" else "\n\n", text)
    text = _EMPTY_LINES.sub("\n\n", text)
    text = _ELEMENT.sub(_plain_element, text)
    return _ENTITY.sub(lambda match: unescape(match[0]), text)


def _plain_element(match: re.Match[str]) -> str:
    write = {"sub": subscript, "sup": superscript}.get(match[1].lower())
    return write(match[2]) if write else _ELEMENT.sub(_plain_element, match[2])


def _render_space(self: object, *args: object) -> str:
    return " "


_title_parser = MarkdownIt("zero").enable(["emphasis", "escape", "entity", "backticks"])
add_inline_markup(_title_parser)
for _name in ("softbreak", "hardbreak", "paragraph_break"):
    _title_parser.add_render_rule(_name, _render_space)


@lru_cache(maxsize=2048)
def render_title(text: str) -> SafeString:
    """Safe HTML of a title, for use in a line of text, a heading or a link."""
    if not _HAS_MARKUP.search(text):
        return escape(text)
    html = nh3.clean(
        _title_parser.renderInline(text), tags=TAGS, attributes=mathematics.MATHML_ATTRIBUTES
    )
    return mark_safe(html.strip())  # noqa: S308  (nh3 has cleaned it)  # nosec


@lru_cache(maxsize=2048)
def plain_title(text: str) -> str:
    """A title as plain text, such as "The x² norm" of "The $x^2$ norm"."""
    if not _HAS_MARKUP.search(text):
        return text
    return " ".join(as_plain_text(_title_parser.renderInline(text, {"is_plain": True})).split())
