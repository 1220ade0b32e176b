"""How a contribution is cited: BibTeX entries, and the citation_* fields of its page.

The fields are those that Google Scholar reads (its "Inclusion Guidelines for Webmasters"), which
reference managers read too. Only facts that the page shows are in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings

from apps.core.inline_markup import plain_title
from apps.core.mathematics import FORMULA, formula_text
from apps.programme.calendars import clean_line, contribution_url
from apps.programme.models import PAPER_LINKS, Contribution, LinkKind

BIBTEX_TYPE = "text/x-bibtex; charset=utf-8"
_ARTICLE_KINDS = {
    Contribution.Kind.CONTRIBUTED,
    Contribution.Kind.LIGHTNING,
    Contribution.Kind.POSTER,
    Contribution.Kind.PAPER,
    Contribution.Kind.DEMO,
}
_DOI_HOSTS = {"doi.org", "dx.doi.org", "www.doi.org"}
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ARXIV = re.compile(r"(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/([\w.-]+(?:/\d+)?)")
_ARXIV_ENDING = re.compile(r"(v\d+)?(\.pdf)?$")
# BibTeX counts braces even after a backslash, so each has a command of its own.
_LATEX = {
    **{ord(sign): f"\\{sign}" for sign in "#$%&_"},
    **{
        ord(sign): f"{{\\{command}}}"
        for sign, command in {
            "\\": "textbackslash",
            "{": "textbraceleft",
            "}": "textbraceright",
            "~": "textasciitilde",
            "^": "textasciicircum",
            "<": "textless",
            ">": "textgreater",
            "|": "textbar",
        }.items()
    },
}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# In an address they would end the field, the line or the macro \url.
_NOT_IN_URL = {ord(sign): f"%{ord(sign):02X}" for sign in '{}\\ "<>^`|'}
# BibTeX separates names at "and", and takes a comma for one between family and given names.
_AMBIGUOUS_NAME = re.compile(r",|(?:^|\s)(?:and|others)(?:\s|$)", re.IGNORECASE)


# Commands that are no part of a formula: they would read files or change the document.
_UNSAFE_COMMAND = re.compile(
    r"\\(?:input|include|open|close|read|write|immediate|special|def|edef|gdef|xdef|let|catcode"
    r"|csname|expandafter|newcommand|renewcommand|usepackage|loop|verb|begin\{document|end\{document)"
)


def is_citable(contribution: Contribution) -> bool:
    """Whether it has a title and authors, so that an entry can be written."""
    return bool(contribution.title and contribution.authors)


def is_article(contribution: Contribution) -> bool:
    """Whether it presents a work of its authors, in contrast to a keynote or a panel."""
    return contribution.kind in _ARTICLE_KINDS or _has_paper(contribution)


def _has_paper(contribution: Contribution) -> bool:
    is_paper = contribution.kind == Contribution.Kind.PAPER
    return is_paper or any(link.kind in PAPER_LINKS for link in contribution.shown_links)


def doi_of(contribution: Contribution) -> str:
    """The DOI that one of its links names, or ""."""
    for link in contribution.shown_links:
        parts = urlsplit(link.url)
        if parts.hostname in _DOI_HOSTS and (match := _DOI.fullmatch(parts.path.lstrip("/"))):
            return match[0]
    return ""


def arxiv_id_of(contribution: Contribution) -> str:
    """The number on arXiv that one of its links names, without a version, or ""."""
    for link in contribution.shown_links:
        if link.kind not in PAPER_LINKS:
            continue
        parts = urlsplit(link.url)
        if match := _ARXIV.match(f"{parts.hostname}{parts.path}"):
            return _ARXIV_ENDING.sub("", match[1])
    return ""


def citation_fields(contribution: Contribution) -> Iterator[tuple[str, str]]:
    """Names and values of the citation_* fields; none if it is no citable article."""
    if not (is_citable(contribution) and is_article(contribution)):
        return
    edition = contribution.edition
    yield "citation_title", plain_title(contribution.title)
    for credit in contribution.authors:
        yield "citation_author", credit.shown_name
        for line in filter(None, credit.shown_affiliation.splitlines()):
            yield "citation_author_institution", line
    on = edition.starts_on
    yield "citation_publication_date", f"{on:%Y/%m/%d}" if on else str(edition.year)
    yield "citation_conference_title", edition.title_with_year
    yield "citation_abstract_html_url", contribution_url(contribution)
    if pdf_url := _pdf_url(contribution):
        yield "citation_pdf_url", pdf_url
    if doi := doi_of(contribution):
        yield "citation_doi", doi
    if arxiv_id := arxiv_id_of(contribution):
        yield "citation_arxiv_id", arxiv_id


def _pdf_url(contribution: Contribution) -> str:
    """Where the paper is as a PDF, here or elsewhere, or ""."""
    for link in contribution.shown_links:
        if link.kind in PAPER_LINKS and link.file_type == "PDF":
            return str(settings.SITE_URL + link.url)
        is_pdf = link.kind == LinkKind.PDF or urlsplit(link.url).path.endswith(".pdf")
        if link.kind in PAPER_LINKS and is_pdf:
            return link.url
    return ""


def write_bibtex(contributions: Iterable[Contribution]) -> bytes:
    """A file with an entry for each citable one of `contributions`.

    They come with contributors and links.
    """
    entries = [_entry(row) for row in contributions if is_citable(row)]
    return "\n".join(entries).encode()


def _entry(contribution: Contribution) -> str:
    edition = contribution.edition
    has_paper = _has_paper(contribution)
    # The address of its page is unique and never changes. No slug has a slash.
    key = f"{edition.slug}/{contribution.slug}"
    event = _latex(edition.title_with_year)
    on = edition.starts_on
    fields = {
        "title": f"{{{{{_title(contribution.title)}}}}}",  # braces twice: capitals stay
        "author": _braced(
            " and ".join(_author(credit.shown_name) for credit in contribution.authors)
        ),
        "booktitle": _braced(event if has_paper else ""),
        "howpublished": _braced(
            "" if has_paper else ", ".join(filter(None, [_latex(contribution.kind_label), event]))
        ),
        "year": _braced(str(on.year if on else edition.year)),
        "month": _MONTHS[on.month - 1] if on else "",  # a macro of BibTeX
        "doi": _braced(_plain_url(doi_of(contribution))),
        "eprint": _braced(arxiv_id := arxiv_id_of(contribution)),
        "eprinttype": _braced("arxiv" if arxiv_id else ""),
        "url": _braced(_plain_url(contribution_url(contribution))),
    }
    lines = [f"  {name} = {value}," for name, value in fields.items() if value]
    kind = "inproceedings" if has_paper else "misc"
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _braced(value: str) -> str:
    return f"{{{value}}}" if value else ""


def _title(text: str) -> str:
    """A title in LaTeX, with its formulas as they were written."""
    pieces, end = [], 0
    for match in FORMULA.finditer(text):
        formula = clean_line(match[match.lastgroup or 0])
        if _is_safe(formula):
            pieces += [_marked_up(text[end : match.start()]), f"${formula}$"]
            end = match.end()
    pieces.append(_marked_up(text[end:]))
    return "".join(pieces).strip()


def _is_safe(formula: str) -> bool:
    depth = 0
    for sign in formula:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    is_formula = bool(formula_text(formula)) and not _UNSAFE_COMMAND.search(formula)
    return depth == 0 and is_formula


def _marked_up(text: str) -> str:
    """Text beside a formula, with the spaces at its ends, without its markup."""
    before, after = (" " if part != part.strip() else "" for part in (text[:1], text[-1:]))
    words = plain_title(text)
    return f"{before}{_latex(words)}{after}" if words else before or after


def _author(name: str) -> str:
    text = _latex(name)
    return f"{{{text}}}" if _AMBIGUOUS_NAME.search(name) else text


def _latex(text: str) -> str:
    return clean_line(text).translate(_LATEX)


def _plain_url(text: str) -> str:
    return text.translate(_NOT_IN_URL)
