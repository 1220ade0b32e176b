"""Texts of letters with placeholders such as {name}, which each edition may replace by its own.

A placeholder is a known name in braces: small letters and underscores. All are replaced in one
pass; values are not searched again, so a title that says {name} stays as it is, and nothing is
ever run. `fill` leaves unknown braces as they are; `check` finds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypedDict

from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from apps.core.text import one_line
from apps.core.tokens import version_token
from apps.editions.dates import format_day
from apps.editions.models import Edition
from apps.mail.models import Letter, LetterText

# Has no value: the worker puts the link in place of Letter.PRIVATE_LINK.
LINK = "private_link"
SUBJECT_LENGTH = 300

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_BRACES = re.compile(r"\{[^{}]*\}|[{}]")
_ADDRESS = re.compile(r"https://[^\s<>\"'{}]+")
_ENDS_A_SENTENCE = ".,;:!?)]”’»"


@dataclass(frozen=True)
class TextKind:
    """A kind of letter with a text to choose. `placeholders` maps names to their descriptions."""

    kind: str
    label: str
    when: str
    placeholders: Mapping[str, str]
    subject: str
    body: str
    # Values for the preview of placeholders that no expression of interest has.
    samples: Mapping[str, str]
    # Subject and body by language, for editions in another one than English.
    translations: Mapping[str, tuple[str, str]]

    def default_for(self, edition: Edition) -> tuple[str, str]:
        """Subject and body in the language of the edition, or in English."""
        return self.translations.get(edition.language, (self.subject, self.body))

    def with_samples(self, text: str) -> str:
        """The text with its sample values filled in."""
        for name, sample in self.samples.items():
            text = text.replace(f"{{{name}}}", sample)
        return text


_kinds: dict[str, TextKind] = {}


class DefaultText(TypedDict):
    """The text of `register_text` in each language."""

    subject: str
    body: str
    translations: Mapping[str, tuple[str, str]]


def read_text(folder: Path, name: str) -> DefaultText:
    """The text in name.txt, de/name.txt and fr/name.txt; the first line of each is the subject."""

    def read(path: Path) -> tuple[str, str]:
        subject, _, body = path.read_text(encoding="utf-8").partition("\n")
        return subject, body.strip()

    subject, body = read(folder / f"{name}.txt")
    translations = {language: read(folder / language / f"{name}.txt") for language in ("de", "fr")}
    return {"subject": subject, "body": body, "translations": translations}


def register_text(
    kind: str,
    *,
    label: str,
    when: str,
    placeholders: Mapping[str, str],
    subject: str,
    body: str,
    samples: Mapping[str, str] | None = None,
    translations: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Register a kind of letter with its default text; see TextKind.

    Raises ValueError if the text does not pass `check`.
    """
    texts = [(subject, body), *(translations or {}).values()]
    faults = [fault for text in texts for fault in check_subject(text[0], placeholders)]
    faults += [fault for text in texts for fault in check(text[1], placeholders)]
    if faults:
        raise ValueError(f"The text of {kind}: {' '.join(faults)}")
    _kinds[kind] = TextKind(
        kind, label, when, placeholders, subject, body.strip(), samples or {}, translations or {}
    )


_labels: dict[str, str] = {}


def register_labels(labels: Mapping[str, str]) -> None:
    """Name kinds of letters whose text nobody changes, for the lists of the desk."""
    _labels.update(labels)


def kind_in_words(kind: str) -> str:
    """The label of a kind; without one "Offer talk" for interest/offer_talk."""
    if kind in _kinds:
        return _kinds[kind].label
    return _labels.get(kind) or kind.rpartition("/")[2].replace("_", " ").capitalize()


def text_kinds() -> list[TextKind]:
    """All kinds, in the order of registration."""
    return list(_kinds.values())


def kind_of(kind: str) -> TextKind:
    """Raises KeyError if `kind` is not registered."""
    return _kinds[kind]


def text_language(edition: Edition, kind: str) -> str:
    """Language of letters of a kind: that of the edition, or English if it has no such text."""
    known = _kinds.get(kind)
    is_translated = known is None or edition.language in known.translations
    return edition.language_code if is_translated else settings.LANGUAGE_CODE


def text_of(edition: Edition, kind: str) -> LetterText:
    """The edition's own text, or the default text as an unsaved row."""
    return texts_of(edition)[kind]


def text_token(text: LetterText) -> str:
    """Token of a text, so that a save notices changes by others."""
    return version_token(text.subject, text.body)


def texts_of(edition: Edition) -> dict[str, LetterText]:
    """`text_of` each kind, in one query."""
    texts = {
        kind.kind: LetterText(edition=edition, kind=kind.kind, subject=subject, body=body)
        for kind in _kinds.values()
        for subject, body in [kind.default_for(edition)]
    }
    return texts | {text.kind: text for text in LetterText.objects.filter(edition=edition)}


# Placeholders that every letter of an edition knows, with their descriptions.
EDITION_PLACEHOLDERS = {
    "workshop": "The workshop's name: the edition's short name, or its title",
    "dates": "When the workshop takes place, with the day of the week",
    "place": "Where it takes place",
    "contact": "The edition's contact address",
}


def edition_values(edition: Edition) -> dict[str, str]:
    """Values of EDITION_PLACEHOLDERS."""
    return {
        "workshop": edition.name,
        "dates": format_dates(edition),
        "place": edition.venue or gettext("to be announced"),
        "contact": edition.contact_email or gettext("the organisers"),
    }


def format_dates(edition: Edition) -> str:
    """Return "Thursday 12 December 2024 to Friday 13 December 2024", or what is known so far."""
    if edition.starts_on is None:
        return edition.date_note or gettext("to be announced")
    days = [edition.starts_on]
    if edition.ends_on and edition.ends_on != edition.starts_on:
        days.append(edition.ends_on)
    dates = [format_day(day) for day in days]
    if len(dates) == 1:
        return dates[0]
    return gettext("%(first)s to %(last)s") % {"first": dates[0], "last": dates[1]}


def check(text: str, placeholders: Mapping[str, str]) -> list[str]:
    """One sentence for each brace in `text` that is no placeholder."""
    faults = [
        _describe_fault(braces, placeholders)
        for braces in _BRACES.findall(text)
        if braces[1:-1] not in placeholders
    ]
    return list(dict.fromkeys(faults))


def check_subject(text: str, placeholders: Mapping[str, str]) -> list[str]:
    """Like `check`; a subject cannot hold the private link either."""
    faults = check(text, placeholders)
    if carries_link(text):
        faults.append(f"{{{LINK}}} cannot be used in the subject. Use it in the email.")
    return faults


def _describe_fault(braces: str, placeholders: Mapping[str, str]) -> str:
    if len(braces) == 1:
        return f"A “{braces}” has no partner. Braces are for placeholders, such as {{name}}."
    shown = braces if len(braces) <= 40 else f"{braces[:38]}…}}"
    name = "_".join(braces[1:-1].casefold().split())
    if near := get_close_matches(name, placeholders, n=1):
        return f"“{shown}” is not a placeholder. Did you mean {{{near[0]}}}?"
    return f"“{shown}” is not a placeholder. Use one of the list, or take it out."


def carries_link(text: str) -> bool:
    """Whether `text` has the private link."""
    return f"{{{LINK}}}" in text


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values, each on one line, and Letter.PRIVATE_LINK for the link."""
    return _replace(_tidy(text), values, literal=_plain, value=str, link=Letter.PRIVATE_LINK)


def fill_subject(text: str, values: Mapping[str, str]) -> str:
    """Like `fill`, on one line without control characters, at most SUBJECT_LENGTH characters."""
    subject = one_line(fill(text, values))
    return subject if len(subject) <= SUBJECT_LENGTH else f"{subject[: SUBJECT_LENGTH - 1]}…"


def as_html(text: str, values: Mapping[str, str]) -> SafeString:
    """The filled text as paragraphs of HTML, in which https addresses of `text` are links.

    Values are escaped and never become links, nor does an address that a value is a part of.
    """
    place = escape(Letter.PRIVATE_LINK)
    link = f'<a href="{place}">{place}</a>'
    paragraphs = [
        _replace(part, values, literal=_linked, value=escape, link=link).replace("\n", "<br>\n")
        for part in re.split(r"\n\s*\n", _tidy(text))
    ]
    page = "\n".join(f'<p dir="auto">{part}</p>' for part in paragraphs if part)
    return mark_safe(page)  # noqa: S308  (each piece was escaped above)  # nosec


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def _replace(
    text: str,
    values: Mapping[str, str],
    *,
    literal: Callable[[str, bool], str],
    value: Callable[[str], str],
    link: str,
) -> str:
    """One pass: `literal` formats text between placeholders; its second argument says whether one follows."""
    pieces: list[str] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        name = match[1]
        if name != LINK and name not in values:
            continue
        pieces.append(literal(text[end : match.start()], True))
        # A value on one line that does not ask for the private link itself.
        pieces.append(link if name == LINK else value(without_link(one_line(values[name]))))
        end = match.end()
    return "".join([*pieces, literal(text[end:], False)])


def without_link(value: str) -> str:
    """The text in which a typed Letter.PRIVATE_LINK is words like any other."""
    return value.replace(Letter.PRIVATE_LINK, "(private link)")


def _plain(text: str, _is_followed: bool) -> str:
    return text


def _linked(text: str, is_followed: bool) -> str:
    """`text` escaped, with its addresses as links; not the last one if a value continues it."""
    pieces: list[str] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        if is_followed and match.end() == len(text):
            continue
        address = match[0].rstrip(_ENDS_A_SENTENCE)
        shown = escape(address)
        pieces += [escape(text[end : match.start()]), f'<a href="{shown}">{shown}</a>']
        end = match.start() + len(address)
    return "".join([*pieces, escape(text[end:])])
