"""Our words for letters about a new time or room, and what their placeholders mean."""

from __future__ import annotations

from apps.mail.texts import register_text

MOVED = "programme/moved"
MOVED_SESSION = "programme/moved_session"

_OF_BOTH = {
    "name": "Their name",
    "workshop": "The workshop's name: the edition's short name, or its title",
    "dates": "When the workshop takes place, with the day of the week",
    "place": "Where it takes place",
    "contact": "The edition's contact address",
    "private_link": "The link that opens their own page; made as the letter is sent",
}


def register_texts() -> None:
    """Once, when the app is ready."""
    register_text(
        MOVED,
        label="A new time or room",
        when="Released to students and speakers whose talk or poster a later release moved.",
        placeholders=_OF_BOTH
        | {
            "title": "The title of what they give",
            "places": "When and where it is now: session, day, times, room, board",
        },
        samples={"places": "Lightning talks, Friday 3 May 2024, 14:12–14:15, Lecture hall"},
        subject="New time or room for “{title}” at {workshop}",
        body="""\
Hello {name},

The programme of {workshop} has changed, and with it the time or the room of “{title}”. It is now:

{places}

If you cannot come at that time, please tell us as soon as you can. This link opens your own page \
and is for you alone, so please do not pass this letter on:

{private_link}""",
    )
    register_text(
        MOVED_SESSION,
        label="A new time or room of a session",
        when="Released to chairs of sessions that a later release moved.",
        placeholders=_OF_BOTH
        | {
            "title": "The title of the session they chair",
            "places": "When and where it is now: day, times, room",
        },
        samples={"places": "Friday 3 May 2024, 14:00–15:00, Lecture hall"},
        subject="New time or room for the session you chair at {workshop}: “{title}”",
        body="""\
Hello {name},

The programme of {workshop} has changed, and with it the time or the room of “{title}”, which you \
chair. It is now:

{places}

If you cannot come at that time, please tell us as soon as you can. This link opens your own page \
and is for you alone, so please do not pass this letter on:

{private_link}""",
    )
