"""What is written in a cell as one of the answers our form knows."""

from __future__ import annotations

import re
from collections import ChainMap, Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from apps.core.text import one_line
from apps.imports.sheets.meanings import stable_name
from apps.imports.sheets.memory import Key, recall, remember, said_as
from apps.imports.sheets.row_form import RowForm
from apps.interest.models import Expression, Format, Question

LEFT_OUT = ""
# More different answers than this are no answers to choose from.
MOST_UNKNOWN = 100
_FORMATS = {
    Format.TALK.value: ("talk", "lightning talk", "lightning talk only", "a lightning talk"),
    Format.POSTER.value: ("poster", "poster only", "a poster"),
    Format.BOTH.value: ("both", "either", "talk and poster", "lightning talk or poster"),
}
_YES_NO = {"yes": ("yes", "true", "y"), "no": ("no", "false", "n")}
_HARD = re.compile(r"[;\n]")


class Unknown(NamedTuple):
    """Words nobody has said yet what they stand for: as they are compared, as they were first
    written, and how often."""

    key: str
    words: str
    times: int


@dataclass(frozen=True)
class Vocabulary:
    """The answers a column may give: `choices` as name and label, `known` by how they are said.

    `is_several` tells that a cell may name several of them; `is_pieced`, that what is unknown of
    a cell is asked piece by piece and not as the whole it is.
    """

    key: str
    choices: list[tuple[str, str]]
    known: dict[str, str]
    is_several: bool = False
    is_pieced: bool = False

    def read(self, cell: str, said: dict[str, str]) -> tuple[list[str], list[str]]:
        """The names of the answers in `cell`, and the words in it that are none.

        `said` is what a person said of such words, by `said_as`.
        """
        known = ChainMap(said, self.known)
        cell = cell.strip("; \n")
        whole = said_as(cell)
        if not whole:
            return [], []
        if whole in known:
            return _named([known[whole]]), []
        if not self.is_several:
            return [], [one_line(cell)]
        found, unknown = _pieces(cell, known)
        if unknown and not self.is_pieced and not _HARD.search(cell):
            return [], [one_line(cell)]
        return _named(found), unknown


def vocabularies(form: RowForm) -> dict[str, Vocabulary]:
    """One for each meaning that takes not just any words, by its key."""
    formats = [(one.value, str(one.label)) for one in Format]
    spoken = {words: name for name, said in _FORMATS.items() for words in said}
    spoken |= {said_as(label): name for name, label in formats}
    own = [
        Vocabulary("formats", formats, spoken, is_several=True),
        _of_choices("preference", Expression.Preference.choices),
        _of_choices("career_stage", Expression.CareerStage.choices),
    ]
    if form.topics:
        topics = [(topic.heading, topic.heading) for topic in form.topics.values()]
        known = {said_as(heading): heading for heading, _ in topics}
        own.append(Vocabulary("topics", topics, known, is_several=True, is_pieced=True))
    for name, question in form.questions.items():
        if question.kind == Question.Kind.CHOICE:
            own.append(_of_choices(name, [(words, words) for words in question.choice_list]))
        if question.kind == Question.Kind.YES_NO:
            known = {words: value for value, said in _YES_NO.items() for words in said}
            own.append(Vocabulary(name, [("yes", "Yes"), ("no", "No")], known))
    return {vocabulary.key: vocabulary for vocabulary in own}


def recalled_answers(
    unknown: Mapping[str, Iterable[Unknown]], form: RowForm, vocabulary: Mapping[str, Vocabulary]
) -> dict[str, dict[str, str]]:
    """What was said of unknown words in earlier sheets, as far as this edition still offers it."""
    keys = [(key, one.key) for key, found in unknown.items() for one in found]
    stored = recall([_memory_key(key, words, form) for key, words in keys])
    said: dict[str, dict[str, str]] = {key: {} for key in unknown}
    for (key, words), name in zip(keys, stored, strict=True):
        offered = {said_as(choice): choice for choice, _ in vocabulary[key].choices}
        if name == LEFT_OUT:
            said[key][words] = LEFT_OUT
        elif name is not None and said_as(name) in offered:
            said[key][words] = offered[said_as(name)]
    return said


def remember_answers(said: Mapping[str, Mapping[str, str]], form: RowForm) -> None:
    """Keeps what was said, for the next sheet that says the same."""
    remember(
        {
            _memory_key(key, words, form): name
            for key, answers in said.items()
            for words, name in answers.items()
        }
    )


def count_unknown(words: Iterable[str]) -> list[Unknown]:
    """Each of `words` once with how often it comes, the most frequent first."""
    counts = Counter[str]()
    written: dict[str, str] = {}
    for one in words:
        counts[said_as(one)] += 1
        written.setdefault(said_as(one), one)
    return [Unknown(key, written[key], times) for key, times in counts.most_common()]


def _of_choices(key: str, choices: Iterable[tuple[str, str]]) -> Vocabulary:
    pairs = [(str(name), str(label)) for name, label in choices]
    known = {said_as(label): name for name, label in pairs}
    return Vocabulary(key, pairs, {said_as(name): name for name, _ in pairs} | known)


def _memory_key(key: str, words: str, form: RowForm) -> Key:
    return ("answer", stable_name(key, form), words)


def _pieces(cell: str, known: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What is known and what is not in a cell that names several things.

    Microsoft ends each with a semicolon, Google puts ", " between them, although what is named
    may have commas of its own: so the longest run of pieces that is known is taken.
    """
    found, unknown = [], []
    for part in _HARD.split(cell):
        pieces = [piece for piece in part.split(",") if piece.strip()]
        start = 0
        while start < len(pieces):
            for end in range(len(pieces), start, -1):
                words = said_as(",".join(pieces[start:end]))
                if words in known:
                    found.append(known[words])
                    start = end
                    break
            else:
                unknown.append(one_line(pieces[start]))
                start += 1
    return found, [words for words in unknown if words]


def _named(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in found if name != LEFT_OUT))
