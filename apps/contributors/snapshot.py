"""What a student says of what they offered, as far as the public may read it.

Everything here is plain text as they typed it; `written_as` is the one place where it becomes what
a contribution holds.
"""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices

from apps.core.markdown import from_plain
from apps.interest.models import Consent, Expression
from apps.interest.workflow import State


class Field(TextChoices):
    """What is compared and taken over, each by itself; in the order in which it is read."""

    STANDING = "standing", "Whether they come"
    CONSENT = "consent", "Consent to publish"
    FORMAT = "format", "Format"
    TITLE = "title", "Title"
    NAME = "name", "Name"
    UNIVERSITY = "university", "Affiliation"
    COAUTHORS = "coauthors", "Co-authors"
    ABSTRACT = "abstract", "Abstract"
    TOPICS = "topics", "Topics"
    LINK = "link", "Link"


# What stays private where nobody consented: title and name alone are public then.
WITH_CONSENT = (Field.UNIVERSITY, Field.COAUTHORS, Field.ABSTRACT, Field.TOPICS, Field.LINK)
Said = dict[str, Any]


def said_by(expression: Expression) -> Said:
    """What may be published, by Field, ready for JSON; without consent no more than title and name.

    Reads co-authors, topics and consents as they may have been loaded beforehand.
    """
    consents = {consent.about: consent.is_given for consent in expression.consents.all()}
    # Whoever was confirmed by a chair was not asked yet, which is no consent.
    may_publish = consents.get(Consent.About.ABSTRACT, False)
    said: Said = {
        Field.STANDING: expression.state,
        Field.CONSENT: may_publish,
        Field.FORMAT: expression.confirmed_format,
        Field.TITLE: expression.title,
        Field.NAME: expression.name,
        Field.UNIVERSITY: "",
        Field.COAUTHORS: [],
        Field.ABSTRACT: "",
        Field.TOPICS: [],
        Field.LINK: "",
    }
    if may_publish:
        said |= {
            Field.UNIVERSITY: expression.university,
            Field.COAUTHORS: [[one.name, one.affiliation] for one in expression.coauthors.all()],
            Field.ABSTRACT: expression.abstract,
            Field.TOPICS: sorted(topic.pk for topic in expression.topics.all()),
            Field.LINK: expression.link,
        }
    return {str(name): value for name, value in said.items()}


def is_coming(said: Said) -> bool:
    """Whether what was offered is confirmed, and stands."""
    return bool(said[Field.STANDING] == State.CONFIRMED)


def abstract_of(said: Said) -> str:
    """Markdown that shows a student's words and nothing else: no link, no heading, no emphasis."""
    return from_plain(said[Field.ABSTRACT])
