"""Letters whose words organisers may choose: text with placeholders such as {name}.

A placeholder is a known name in braces, small letters and underscores alone. It is replaced by
its value in one pass: values are looked at by nobody again, so a title that says {name} stays as
it is. Nothing is ever run. There is no way to write a lone brace: in a letter it is a slip, and
`check` says so. `fill` leaves what it does not know as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from django.utils.dateformat import format as format_date
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from apps.core.text import one_line
from apps.editions.models import Edition
from apps.mail.models import Letter, LetterText

# Not a value but the place where the worker puts the link as it sends (Letter.PRIVATE_LINK).
LINK = "private_link"
SUBJECT_LENGTH = 300

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# Whatever is in braces, and braces that have no partner.
_BRACES = re.compile(r"\{[^{}]*\}|[{}]")
_ADDRESS = re.compile(r"https://[^\s<>\"'{}]+")
_ENDS_A_SENTENCE = ".,;:!?)]”’»"


@dataclass(frozen=True)
class TextKind:
    """One kind of letter with a text of its own: when it is written, what may stand in it."""

    kind: str
    label: str
    when: str
    placeholders: Mapping[str, str]
    subject: str
    body: str
    samples: Mapping[str, str]

    def with_samples(self, text: str) -> str:
        """`text` with what stands for those placeholders that no expression of interest knows."""
        for name, words in self.samples.items():
            text = text.replace(f"{{{name}}}", words)
        return text


_kinds: dict[str, TextKind] = {}


def register_text(
    kind: str,
    *,
    label: str,
    when: str,
    placeholders: Mapping[str, str],
    subject: str,
    body: str,
    samples: Mapping[str, str] | None = None,
) -> None:
    """For the apps above: a kind of letter with our words, which an edition may replace.

    `placeholders` says of each name what it is; `samples` what stands for some of them where the text
    is previewed. Raises ValueError if our own words do not pass
    `check`, so that a slip in them stops the start and no letter.
    """
    wrong = check_subject(subject, placeholders) + check(body, placeholders)
    if wrong:
        raise ValueError(f"The text of {kind}: {' '.join(wrong)}")
    _kinds[kind] = TextKind(kind, label, when, placeholders, subject, body.strip(), samples or {})


def text_kinds() -> list[TextKind]:
    """All kinds, in the order in which they were registered."""
    return list(_kinds.values())


def kind_of(kind: str) -> TextKind:
    """Raises KeyError if no app has registered `kind`."""
    return _kinds[kind]


def text_of(edition: Edition, kind: str) -> LetterText:
    """The words of this edition; ours, in a row that is not saved, where it has none."""
    return texts_of(edition, [kind])[kind]


def texts_of(edition: Edition, kinds: list[str] | None = None) -> dict[str, LetterText]:
    """Of each of `kinds` (all, if none are named) what `text_of` returns, by one query."""
    wanted = list(_kinds) if kinds is None else kinds
    own = {text.kind: text for text in LetterText.objects.filter(edition=edition, kind__in=wanted)}
    return {kind: own.get(kind) or _ours(edition, kind_of(kind)) for kind in wanted}


def _ours(edition: Edition, kind: TextKind) -> LetterText:
    return LetterText(edition=edition, kind=kind.kind, subject=kind.subject, body=kind.body)


def edition_values(edition: Edition) -> dict[str, str]:
    """Values of the placeholders that every letter of an edition knows."""
    return {
        "workshop": edition.name,
        "dates": format_dates(edition),
        "place": edition.venue or "to be announced",
        "contact": edition.contact_email or "the organisers",
    }


def format_day(day: date) -> str:
    """Return "Friday 3 May 2024"."""
    return format_date(day, "l j F Y")


def format_dates(edition: Edition) -> str:
    """Return "Thursday 12 December 2024 to Friday 13 December 2024", or what is known so far."""
    if edition.starts_on is None:
        return edition.date_note or "to be announced"
    days = [edition.starts_on]
    if edition.ends_on and edition.ends_on != edition.starts_on:
        days.append(edition.ends_on)
    return " to ".join(format_day(day) for day in days)


def check(text: str, placeholders: Mapping[str, str]) -> list[str]:
    """What is wrong with the placeholders of `text`, a sentence each; nothing if all are known."""
    wrong = [
        _fault(found, placeholders)
        for found in _BRACES.findall(text)
        if found[1:-1] not in placeholders
    ]
    return list(dict.fromkeys(wrong))


def check_subject(text: str, placeholders: Mapping[str, str]) -> list[str]:
    """Likewise for a subject, in which no link can stand."""
    wrong = check(text, placeholders)
    if f"{{{LINK}}}" in text:
        wrong.append(f"{{{LINK}}} cannot stand in the subject: put it into the letter.")
    return wrong


def _fault(found: str, placeholders: Mapping[str, str]) -> str:
    if len(found) == 1:
        return f"A “{found}” stands alone. Braces are for placeholders, such as {{name}}."
    shown = found if len(found) <= 40 else f"{found[:38]}…}}"
    meant = "_".join(found[1:-1].casefold().split())
    if near := get_close_matches(meant, placeholders, n=1):
        return f"“{shown}” is not a placeholder. Did you mean {{{near[0]}}}?"
    return f"“{shown}” is not a placeholder. Use one of the list, or take it out."


def carries_link(text: str) -> bool:
    """Whether the private link stands in `text`."""
    return f"{{{LINK}}}" in text


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its values, each on one line; the link's place is Letter.PRIVATE_LINK."""
    return _write(_lines(text), values, words=_plain, value=str, link=Letter.PRIVATE_LINK)


def fill_subject(text: str, values: Mapping[str, str]) -> str:
    """Likewise, on one line without control signs, cut to what a subject holds."""
    subject = one_line(fill(text, values))
    return subject if len(subject) <= SUBJECT_LENGTH else f"{subject[: SUBJECT_LENGTH - 1]}…"


def as_html(text: str, values: Mapping[str, str]) -> SafeString:
    """The same as a page: paragraphs, ends of lines, links.

    The organisers' own https addresses in `text` become links. Values never do, whatever they look
    like, nor what they are a part of; they are escaped. The private link is a link, as everywhere.
    """
    place = escape(Letter.PRIVATE_LINK)
    link = f'<a href="{place}">{place}</a>'
    paragraphs = [
        _write(part, values, words=_linked, value=escape, link=link).replace("\n", "<br>\n")
        for part in re.split(r"\n\s*\n", _lines(text))
    ]
    page = "\n".join(f'<p dir="auto">{part}</p>' for part in paragraphs if part)
    return mark_safe(page)  # noqa: S308  (each piece was escaped above)  # nosec


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def _write(
    text: str,
    values: Mapping[str, str],
    *,
    words: Callable[[str, bool], str],
    value: Callable[[str], str],
    link: str,
) -> str:
    """One pass over `text`: `words` writes what stands between the placeholders, `value` what they
    stand for. `words` is told whether a placeholder follows."""
    pieces: list[str] = []
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        name = found[1]
        if name != LINK and name not in values:
            continue
        pieces.append(words(text[end : found.start()], True))
        pieces.append(link if name == LINK else value(_harmless(values[name])))
        end = found.end()
    return "".join([*pieces, words(text[end:], False)])


def _plain(words: str, _is_followed: bool) -> str:
    return words


def _linked(words: str, is_followed: bool) -> str:
    """`words` escaped, with the addresses in them as links."""
    pieces: list[str] = []
    end = 0
    for found in _ADDRESS.finditer(words):
        address = found[0].rstrip(_ENDS_A_SENTENCE)
        if is_followed and found.end() == len(words):
            continue  # a value would be a part of it
        pieces += [escape(words[end : found.start()]), _link_to(address)]
        end = found.start() + len(address)
    return "".join([*pieces, escape(words[end:])])


def _link_to(address: str) -> str:
    return f'<a href="{escape(address)}">{escape(address)}</a>'


def _harmless(value: str) -> str:
    """A value on one line; it does not ask for the private link, which the worker would put there."""
    return one_line(value).replace(Letter.PRIVATE_LINK, "(private link)")
