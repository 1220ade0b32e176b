"""Differences between stored and submitted values, for people to compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db import models

from apps.interest.forms import ExpressionForm
from apps.interest.models import Expression


@dataclass(frozen=True)
class FieldChange:
    """One field as text: its current and its proposed value.

    `name`, `token` and `may_reject` are given where the change is accepted or rejected.
    """

    label: str
    current: str
    proposed: str
    name: str = ""
    token: str = ""  # version token of the proposed value
    may_reject: bool = True


def form_changes(stored: Expression, form: ExpressionForm) -> list[FieldChange]:
    """Return the answers of a valid `form` that differ from those stored."""
    changes = [
        FieldChange(_label(name), _text(name, getattr(stored, name)), _text(name, value))
        for name, value in form.service_fields().items()
        if name != "email"
    ]
    changes.append(
        FieldChange("Topics", _headings(stored.topics.all()), _headings(form.chosen_topics())),
    )
    coauthors = [(author.name, author.affiliation) for author in stored.coauthors.all()]
    changes.append(
        FieldChange("Co-authors", list_people(coauthors), list_people(form.coauthor_pairs()))
    )
    answers = {answer.question_id: answer.words for answer in stored.answers.all()}
    changes += [
        FieldChange(
            question.words, question.say(answers.get(question.pk, "")), question.say(answer)
        )
        for question, answer in form.answers().items()
    ]
    return [change for change in changes if change.current != change.proposed]


def list_people(names: Iterable[Iterable[str]]) -> str:
    """Return "Ada (Oxford), Bo" for pairs of name and affiliation."""
    return ", ".join(f"{name} ({where})" if where else name for name, where in names)


def _label(name: str) -> str:
    return str(_column(name).verbose_name).capitalize()


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(dict(_column(name).flatchoices).get(value, value))


def _column(name: str) -> models.Field:
    return cast(models.Field, Expression._meta.get_field(name))


def _headings(topics: Iterable) -> str:
    return ", ".join(sorted(topic.heading for topic in topics))
