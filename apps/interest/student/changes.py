"""What differs between what is stored and what was typed: shown when somebody was faster."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from django.db import models

from apps.interest.forms import ExpressionForm
from apps.interest.models import Expression


class Difference(NamedTuple):
    """One answer, as it is stored now and as it was typed here."""

    label: str
    stored: str
    typed: str


def differences(stored: Expression, form: ExpressionForm) -> list[Difference]:
    """Every answer of a valid `form` that is not what `stored` says, in the words people read."""
    found = [
        (_label(name), _words(name, getattr(stored, name)), _words(name, value))
        for name, value in form.service_fields().items()
        if name != "email"
    ]
    found.append(
        ("Topics", _headings(stored.topics.all()), _headings(form.chosen_topics())),
    )
    pairs = [(author.name, author.affiliation) for author in stored.coauthors.all()]
    found.append(("Co-authors", _people(pairs), _people(form.coauthor_pairs())))
    answers = {answer.question_id: answer.words for answer in stored.answers.all()}
    found += [
        (question.words, question.say(answers.get(question.pk, "")), question.say(words))
        for question, words in form.answers().items()
    ]
    return [Difference(*one) for one in found if one[1] != one[2]]


def _label(name: str) -> str:
    return str(_column(name).verbose_name).capitalize()


def _words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(dict(_column(name).flatchoices).get(value, value))


def _column(name: str) -> models.Field:
    return cast(models.Field, Expression._meta.get_field(name))


def _headings(topics: Iterable) -> str:
    return ", ".join(sorted(topic.heading for topic in topics))


def _people(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name} ({where})" if where else name for name, where in pairs)
