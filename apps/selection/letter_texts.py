"""Our words for the letters whose text an edition may choose, and what their placeholders mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from apps.interest.models import Expression, ExpressionLetter, Format
from apps.mail.models import Letter
from apps.mail.services import queue_text_letter
from apps.mail.texts import edition_values, format_day, register_text, text_of
from apps.selection.models import PendingDecision

REMINDER = "interest/reminder"
_Verdict = PendingDecision.Verdict
# Which kind of letter tells of which verdict and offer.
DECISION_KINDS: dict[tuple[str, str], str] = {
    (_Verdict.ACCEPT, Format.TALK): "interest/offer_talk",
    (_Verdict.ACCEPT, Format.POSTER): "interest/offer_poster",
    (_Verdict.ACCEPT, Format.BOTH): "interest/offer_both",
    (_Verdict.WAITLIST, ""): "interest/waitlisted",
    (_Verdict.DECLINE, ""): "interest/declined",
}

OF_EVERY_LETTER = {
    "name": "The student's name",
    "title": "The title of what they sent",
    "reference": "Their reference, such as R7K-2QD",
    "formats": "What they asked for: “lightning talk”, “poster”, or “lightning talk or poster”",
    "workshop": "The workshop's name: the edition's short name, or its title",
    "dates": "When the workshop takes place, with the day of the week",
    "place": "Where it takes place",
    "contact": "The edition's contact address",
    "private_link": "The link that opens the student's own page; made as the letter is sent",
}
OF_AN_OFFER = {
    **OF_EVERY_LETTER,
    "offer": "What is offered: “lightning talk”, “poster” or “lightning talk and poster”",
    "reply_by": "The day until which they may reply, such as “Friday 3 May 2024”",
}

# Stands in a draft on record for the day that is only known as it is released.
_NO_DAY_YET = "[reply-by date]"

_REPLY = """\
Please tell us by {reply_by} whether you will come. This link opens your own page, where you \
confirm the offer or decline it. It is for you alone, so please do not pass this letter on:

{private_link}

If we do not hear from you by then, your place may go to somebody else.

The workshop takes place: {dates}. Place: {place}."""


def register_texts() -> None:
    """Once, when the app is ready."""
    offers = {
        Format.TALK: ("a lightning talk", "give a lightning talk", ""),
        Format.POSTER: ("a poster", "show a poster", ""),
        Format.BOTH: (
            "a lightning talk and a poster",
            "give a lightning talk and to show a poster",
            "You may take up both, or either of them.\n\n",
        ),
    }
    for offer, (what, invited_to, more) in offers.items():
        register_text(
            DECISION_KINDS[_Verdict.ACCEPT, offer],
            label=f"Offer of {what}",
            when=f"Released acceptances as {what}.",
            placeholders=OF_AN_OFFER,
            subject=f"We offer you {what} at {{workshop}} – {{reference}}",
            body="Hello {name},\n\n"
            "Good news: the organisers have read your expression of interest {reference}, "
            f"“{{title}}”, and invite you to {invited_to} at {{workshop}}.\n\n{more}{_REPLY}",
        )
    register_text(
        DECISION_KINDS[_Verdict.WAITLIST, ""],
        label="On the waiting list",
        when="Released decisions to put somebody on the waiting list.",
        placeholders=OF_EVERY_LETTER,
        subject="You are on the waiting list of {workshop} – {reference}",
        body="""\
Hello {name},

Thank you for your expression of interest {reference}, “{title}”. There are more good proposals \
than places at {workshop}, and all places are offered for now. We have put yours on the waiting list.

If a place becomes free we will write to you at once. There is nothing to do until then. If you \
can no longer come, please withdraw on your own page. This link opens it and is for you alone, so \
please do not pass this letter on:

{private_link}""",
    )
    register_text(
        DECISION_KINDS[_Verdict.DECLINE, ""],
        label="Not this time",
        when="Released decisions to decline.",
        placeholders=OF_EVERY_LETTER,
        subject="Our decision about your proposal for {workshop} – {reference}",
        body="""\
Hello {name},

Thank you for your expression of interest {reference}, “{title}”, and for the work you put into \
it. We are sorry: we cannot offer you a place in the programme of {workshop} this time. We had to \
choose among more proposals than there are places.

You are welcome to come and listen, and to send us something another year.""",
    )
    register_text(
        REMINDER,
        label="Reminder",
        when="Goes by itself to those who have not replied to an offer, once, before the reply is due.",
        placeholders=OF_AN_OFFER,
        subject="Please reply by {reply_by}: our offer for {reference} – {workshop}",
        body="""\
Hello {name},

We have offered you a place at {workshop} for {reference}, “{title}”: {offer}. We have not heard \
from you yet.

Please tell us by {reply_by} whether you will come. If you cannot, decline the offer on the same \
page, so that somebody on the waiting list may have your place. This link opens your own page. It \
is for you alone, so please do not pass this letter on:

{private_link}""",
    )


def values_of(
    expression: Expression, *, offer: str = "", reply_by_on: date | None = None
) -> Mapping[str, str]:
    """What the placeholders stand for in a letter about `expression`; an offer's where one is made,
    with a note in the place of the day while that is not known yet.

    Reads the expression and its edition, nothing else. Never access needs, diet or answers.
    """
    values = {
        "name": expression.name,
        "title": expression.title,
        "reference": expression.display_reference,
        "formats": expression.formats.lower(),
        **edition_values(expression.edition),
    }
    if offer:
        values["offer"] = Format(offer).label.lower()
        values["reply_by"] = format_day(reply_by_on) if reply_by_on else _NO_DAY_YET
    return values


def send_text(expression: Expression, kind: str, *, subject: str = "", body: str = "") -> Letter:
    """Queues the letter whose words the edition may choose (letter_texts), as the offer stands now.

    With `subject` and `body` this one letter has words of its own, placeholders and all.
    """
    text = text_of(expression.edition, kind)
    letter = queue_text_letter(
        edition=expression.edition,
        kind=kind,
        subject=subject or text.subject,
        body=body or text.body,
        values=values_of(expression, offer=expression.offer, reply_by_on=expression.reply_by_on),
        to_email=expression.email,
        to_name=expression.name,
        link_maker="interest",
        link_subject=expression.pk,
    )
    ExpressionLetter.objects.create(expression=expression, letter=letter)
    return letter
