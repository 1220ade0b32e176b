"""Markup of other programs in Markdown, which pages would show as text or leave out.

Content folders and the admin tell the author of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.db import models
from markdown_it.token import Token

from apps.core.markdown import parse_for_checks
from apps.core.mathematics import formula_html

# Elements of HTML; other words in angle brackets, such as vector<int>, are text.
_ELEMENTS = (
    "a|abbr|address|article|aside|audio|b|big|blockquote|body|br|button|caption|center|cite|code|"
    "col|colgroup|dd|del|details|dfn|div|dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|"
    "head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|link|main|mark|meta|nav|noscript|"
    "object|ol|option|p|picture|pre|q|s|samp|script|section|select|small|source|span|strike|strong|"
    "style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|"
    "video|wbr"
)
_HTML = re.compile(rf"<(?P<end>/?)(?P<name>{_ELEMENTS})(?=[\s/>]|$)", re.IGNORECASE)
_INSTEAD = {
    "a": "Write [text](address).",
    "img": "Write ![description](pictures/name.jpg).",
    **dict.fromkeys(("iframe", "video", "embed", "object"), "Write a link to it."),
    "table": "Write lines of cells between | signs.",
}
_ATTRIBUTES = re.compile(r"\{:[^{}]*\}|\{[#.][A-Za-z][^{}]*\}")
_LATEX = re.compile(r"\\[A-Za-z]+\*?(?=[{\[])")
_MISSING_FOOTNOTE = re.compile(r"\[\^([^\]\s]{1,100})\]")
_MISSING_ADDRESS = re.compile(r"\[[^\[\]]+\]\[[^\[\]]*\]")
_SHORTCODE = re.compile(r"(?<![\w:]):[a-z][a-z_]+:(?![\w:])")
_FRONT_MATTER = re.compile(r"---\n(?:[\w-]+:.*\n)+---\s*(?:\n|$)")
_TABLE_WITHOUT_HEAD = re.compile(r"^\|.*\|[ ]*\n\|.*\|", re.MULTILINE)
_KNOWN_SCHEME = re.compile(r"(?:https?|mailto):|(?![\w+.-]+:)", re.IGNORECASE)


class Problem(NamedTuple):
    """Something in a text that its page does not show as the author means it.

    `line` is that in the text, from 1. `is_error` unless the author may mean it.
    """

    line: int
    message: str
    is_error: bool = True


def find_problems(text: str) -> list[Problem]:
    """The markup in a Markdown `text` that is shown as text or left out."""
    text = text.replace("\r\n", "\n")
    if match := _FRONT_MATTER.match(text):
        message = "fields between two lines of --- are not read here; this is a text only"
        return [Problem(1, message), *_shifted(find_problems(text[match.end() :]), match[0])]
    tokens, footnotes = parse_for_checks(text)
    if tokens is None:
        message = "this text is too complex and is shown without its markup; make it shorter"
        return [Problem(1, message)]
    problems = [*_in_tokens(tokens), *_unused_footnotes(text, footnotes)]
    return sorted(set(problems))


def check_markup(row: models.Model, text: str) -> Iterator[tuple[int, str]]:
    """The lines and messages of the problems in a text of a row, for the admin."""
    for problem in find_problems(text):
        yield problem.line, problem.message


def _shifted(problems: list[Problem], before: str) -> Iterator[Problem]:
    for problem in problems:
        yield problem._replace(line=problem.line + before.count("\n"))


def _unused_footnotes(text: str, footnotes: dict[str, int]) -> Iterator[Problem]:
    for label, number in footnotes.items():
        if number < 0:
            begin = text.find(f"[^{label}]:")
            message = f"footnote: nothing in the text refers to [^{label}], so it is left out"
            yield Problem(text.count("\n", 0, max(begin, 0)) + 1, message)


def _in_tokens(tokens: list[Token]) -> Iterator[Problem]:
    line, opened = 1, set[str]()
    for token in tokens:
        if token.map:
            line = token.map[0] + 1
        if token.type == "formula_block":
            yield from _in_formula(token, line)
        if token.type != "inline":
            continue
        if match := _TABLE_WITHOUT_HEAD.search(token.content):
            message = "this is no table: its second line should be |---|---|, below the headings"
            yield Problem(line + token.content.count("\n", 0, match.start()), message)
        breaks, before = 0, ""
        for child in token.children or ():
            at = line + breaks
            if child.type == "text_special" and child.content == child.markup:
                before = child.content  # “\c” of “\cite”: the backslash changes nothing
                continue
            if child.type in {"softbreak", "hardbreak"}:
                breaks += 1
            elif child.type == "text":
                yield from _in_text(before + child.content, at, opened)
            elif child.type == "formula":
                yield from _in_formula(child, at)
                breaks += child.content.count("\n")
            elif child.type == "link_open":
                yield from _in_address(str(child.attrGet("href")), at)
            before = ""


def _in_formula(token: Token, line: int) -> Iterator[Problem]:
    if formula_html(token.content, is_block=token.block) is None:
        message = f"the formula {_clipped(token.markup)} cannot be read and is shown as written"
        yield Problem(line, message, is_error=False)


def _in_address(address: str, line: int) -> Iterator[Problem]:
    if "%7B" in address.upper():  # {{ site.baseurl }}
        yield Problem(line, _command(address.replace("%7B", "{").replace("%7D", "}")))
    elif not _KNOWN_SCHEME.match(address):
        message = f"the address “{_clipped(address)}” begins with none of https:, http: and mailto:"
        yield Problem(line, message)


def _in_text(text: str, line: int, opened: set[str]) -> Iterator[Problem]:
    """The problems of a piece of text in which nothing is markup."""
    if "{{" in text or "{%" in text:
        begin = min(text.find(sign) for sign in ("{{", "{%") if sign in text)
        yield Problem(line, _command(text[begin:]))
        return
    for tag in _HTML.finditer(text):
        name = tag["name"].lower()
        if tag["end"] and name in opened:
            continue
        opened.add(name)
        hint = _INSTEAD.get(name, "Write it in Markdown, or leave it out.")
        yield Problem(line, f"HTML is shown as text: {tag[0]}>. {hint}")
    if "<!" in text:
        yield Problem(line, "a comment of HTML is shown to visitors as text; remove it")
    for attributes in _ATTRIBUTES.findall(text):
        yield Problem(line, f"the attribute {_clipped(attributes)} is shown as text; remove it")
    if "](" in text:
        message = (
            "this link cannot be read: an address has no spaces and begins with https:, / or #"
        )
        yield Problem(line, message)
    for label in _MISSING_FOOTNOTE.findall(text):
        yield Problem(line, f"there is no line “[^{label}]: …” with the footnote [^{label}]")
    if text.lstrip().startswith((":::", "!!!", "[TOC]", "[toc]")) or "[[" in text:
        yield Problem(line, f"“{_clipped(text)}” is shown as text; it is markup of another program")
    elif match := _MISSING_ADDRESS.search(text):
        message = f"“{_clipped(match[0])}” is shown as text, unless a line gives its address"
        yield Problem(line, message, is_error=False)
    if "[!" in text or "^[" in text:
        message = f"“{_clipped(text)}” is shown as text; footnotes are written [^1]"
        yield Problem(line, message, is_error=False)
    for pattern in (_LATEX, _SHORTCODE):
        if match := pattern.search(text):
            message = f"“{_clipped(match[0])}” is shown as text"
            yield Problem(line, message, is_error=False)


def _command(text: str) -> str:
    return f"“{_clipped(text)}” is shown as text; it is a command of another program"


def _clipped(text: str, length: int = 40) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
