"""Letters to students about decisions and offers: our words, their values, and how they are queued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from apps.interest.models import Expression, ExpressionLetter, Format
from apps.interest.workflow import Action
from apps.mail.drafts import LetterRecipient
from apps.mail.models import Letter
from apps.mail.services import text_letter
from apps.mail.texts import edition_values, format_day, register_text, text_of

REMINDER = "interest/reminder"
# Kind of letter by verdict and offer.
DECISION_KINDS: dict[tuple[str, str], str] = {
    (Action.ACCEPT, Format.TALK): "interest/offer_talk",
    (Action.ACCEPT, Format.POSTER): "interest/offer_poster",
    (Action.ACCEPT, Format.BOTH): "interest/offer_both",
    (Action.WAITLIST, ""): "interest/waitlisted",
    (Action.DECLINE, ""): "interest/declined",
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

# In drafts on record: the reply-by date is set by the release.
_NO_DAY_YET = "[reply-by date]"

_REPLY = """\
Please tell us by {reply_by} whether you will come. This link opens your own page, where you \
confirm the offer or decline it. It is for you alone, so please do not pass this letter on:

{private_link}

If we do not hear from you by then, your place may go to somebody else.

The workshop takes place: {dates}. Place: {place}."""


def register_texts() -> None:
    """Register our words of the letters; called once, when the app is ready."""
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
            DECISION_KINDS[Action.ACCEPT, offer],
            label=f"Offer of {what}",
            when=f"Released acceptances as {what}.",
            placeholders=OF_AN_OFFER,
            subject=f"We offer you {what} at {{workshop}} – {{reference}}",
            body="Hello {name},\n\n"
            "Good news: the organisers have read your expression of interest {reference}, "
            f"“{{title}}”, and invite you to {invited_to} at {{workshop}}.\n\n{more}{_REPLY}",
        )
    register_text(
        DECISION_KINDS[Action.WAITLIST, ""],
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
        DECISION_KINDS[Action.DECLINE, ""],
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
    """Return the values of the placeholders in a letter about `expression`.

    Those of an offer are there if there is one, with a note in place of an unknown reply-by date.
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


def recipient_of(expression: Expression) -> LetterRecipient:
    """The student, with the private link to their own page."""
    return LetterRecipient(expression.name, expression.email, "interest", expression.pk)


def letter_subject(expression: Expression, subject: str) -> str:
    """The subject, marked if the expression is a rehearsal."""
    return f"Rehearsal: {subject}" if expression.is_test else subject


def build_text_letter(
    expression: Expression,
    *,
    kind: str,
    subject: str,
    body: str,
    offer: str = "",
    reply_by_on: date | None = None,
) -> Letter:
    """Return a letter with placeholders filled in for one expression, unsaved."""
    to = recipient_of(expression)
    return text_letter(
        edition=expression.edition,
        kind=kind,
        subject=letter_subject(expression, subject),
        body=body,
        values=values_of(expression, offer=offer, reply_by_on=reply_by_on),
        to_email=to.email,
        to_name=to.name,
        link_maker=to.link_maker,
        link_subject=to.link_subject,
    )


def queue_offer_letter(
    expression: Expression, kind: str, *, subject: str = "", body: str = ""
) -> Letter:
    """Queue a letter about the offer as it stands now, in the edition's words for `kind`.

    `subject` and `body` give this one letter its own text, with placeholders.
    """
    text = text_of(expression.edition, kind)
    letter = build_text_letter(
        expression,
        kind=kind,
        subject=subject or text.subject,
        body=body or text.body,
        offer=expression.offer,
        reply_by_on=expression.reply_by_on,
    )
    letter.save()
    ExpressionLetter.objects.create(expression=expression, letter=letter)
    return letter
