"""Who speaks at an edition, and their private links: sent, ended, and their addresses forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from apps.contributors.models import Speaker, SpeakerLink, SpeakerRules
from apps.editions.models import Edition
from apps.mail.drafts import LetterRecipient
from apps.mail.models import Letter
from apps.mail.services import queue_text_letter
from apps.mail.texts import edition_values, register_text, text_of
from apps.people.models import Person
from apps.private_links.models import link_expiry
from apps.private_links.views import PrivateLinkViews
from apps.programme.change_emails import Addressee
from apps.programme.models import Contribution, Contributor, SessionChair

LINK_TEXT = "contributors/speaker_link"
_LINKS = "contributors"
_MAX_LETTERS = 5  # one address may be given for several speakers
_KEPT_AFTER_THE_EVENT = timedelta(days=60)  # as long as links work


def register_speakers_letter() -> None:
    """Once, when the app is ready: our words for the letter that brings a speaker's link."""
    register_text(
        LINK_TEXT,
        label="A speaker's link",
        when="Goes to a speaker when their link is sent, from the programme's page.",
        # The names that letters to students know, too, so that one preview serves both.
        placeholders={
            "name": "The speaker's name",
            "title": "What they give, title by title",
            "workshop": "The workshop's name: the edition's short name, or its title",
            "dates": "When the workshop takes place, with the day of the week",
            "place": "Where it takes place",
            "contact": "The edition's contact address",
            "private_link": "The link that opens the speaker's own page; made as the letter is sent",
        },
        subject="Your page as a speaker at {workshop}",
        body="""\
Hello {name},

Thank you for taking part in {workshop} ({dates}). You are on the programme with: {title}.

This link opens a page of your own, without an account. There you write your biography, choose a \
portrait, correct title and abstract, and hand in your slides as a PDF:

{private_link}

It is for you alone, so please do not pass this letter on. It works until sixty days after the \
workshop, as often as you like.""",
    )


def people_of(edition: Edition) -> QuerySet[Person]:
    """Everybody who is named on its programme as a person: who contributes, and who chairs."""
    named = Q(contributor_credits__contribution__edition=edition) | Q(
        sessionchair_credits__session__edition=edition
    )
    return Person.objects.filter(
        pk__in=Person.objects.filter(named).order_by().values("pk")
    ).order_by("name", "pk")


def given_by(person: Person, edition: Edition) -> QuerySet[Contribution]:
    """What they have a part in, as anybody or not yet."""
    theirs = Contributor.objects.filter(person=person).values("contribution")
    return Contribution.objects.for_edition(edition).filter(pk__in=theirs)


def edited_by(person: Person, edition: Edition) -> QuerySet[Contribution]:
    """Likewise, without panels they only sit on: those are described by who leads them."""
    theirs = Contributor.objects.filter(person=person).exclude(role=Contributor.Role.PANELLIST)
    return given_by(person, edition).filter(pk__in=theirs.values("contribution"))


def waits_for_nod(edition: Edition) -> bool:
    """Whether organisers look first at what speakers say."""
    return SpeakerRules.objects.filter(edition=edition, waits_for_nod=True).exists()


def choose_rule(*, edition: Edition, waits_for_nod: bool) -> None:
    """From now on; what waits already goes on waiting."""
    SpeakerRules.objects.update_or_create(
        edition=edition, defaults={"waits_for_nod": waits_for_nod}
    )


def send_link(*, edition: Edition, person: Person, email: str) -> Letter:
    """Queues a letter with a new link to `email`, which is kept; earlier links keep working."""
    with transaction.atomic():
        speaker, _ = Speaker.objects.update_or_create(
            edition=edition,
            person=person,
            defaults={"email": email, "asked_at": timezone.now()},
        )
        return _write_letter(speaker)


def resend_link(*, speaker: Speaker) -> Letter:
    """The same to the address there is; for a speaker who asks for it."""
    return send_link(edition=speaker.edition, person=speaker.person, email=speaker.email)


def _write_letter(speaker: Speaker) -> Letter:
    edition, person = speaker.edition, speaker.person
    text = text_of(edition, LINK_TEXT)
    titles = [f"“{one}”" for one in given_by(person, edition)]
    return queue_text_letter(
        edition=edition,
        kind=LINK_TEXT,
        subject=text.subject,
        body=text.body,
        values={
            "name": person.name,
            "title": ", ".join(titles) or "a session that you chair",
            **edition_values(edition),
        },
        to_email=speaker.email,
        to_name=person.name,
        link_maker=_LINKS,
        link_subject=speaker.pk,
    )


def make_speaker_link(speaker_pk: int) -> str:
    """A fresh private address of a speaker's page; earlier ones keep working."""
    speaker = Speaker.objects.select_related("edition").get(pk=speaker_pk)
    _, token = SpeakerLink.mint(speaker=speaker, expires_at=link_expiry(speaker.edition))
    path = reverse("contributors:speaker-link", args=[speaker.edition.slug, token])
    return f"{settings.SITE_URL}{path}"


def end_links(*, speaker: Speaker) -> int:
    """Ends all links of a speaker, and forgets the address, so that none is sent there again.

    Letters on their way are not sent either. Returns how many links worked until now.
    """
    with transaction.atomic():
        Speaker.objects.filter(pk=speaker.pk).update(email="")
        waiting = Letter.objects.filter(
            link_maker=_LINKS, link_subject=speaker.pk, state=Letter.State.QUEUED
        )
        waiting.update(state=Letter.State.DISCARDED)
        return speaker.links.revoke()


def forget_addresses() -> int:
    """Once links have ended, addresses serve nobody: they go. Returns how many went."""
    done = [
        edition.pk
        for edition in Edition.objects.filter(speakers__email__gt="").distinct()
        if edition.last_day
        and datetime.combine(edition.last_day, datetime.max.time(), tzinfo=edition.zone)
        + _KEPT_AFTER_THE_EVENT
        < timezone.now()
    ]
    return Speaker.objects.filter(edition__in=done).exclude(email="").update(email="")


def addressees_of_speakers(edition: Edition) -> list[Addressee]:
    """Return the contributors and session chairs who were sent a link, for letters to them."""
    speakers = {
        speaker.person_id: speaker
        for speaker in Speaker.objects.for_edition(edition)
        .exclude(email="")
        .select_related("person")
    }
    credits = Contributor.objects.filter(contribution__edition=edition, person__in=list(speakers))
    chairs = SessionChair.objects.filter(session__edition=edition, person__in=list(speakers))
    parts = [
        (credit.person_id, credit.contribution)
        for credit in credits.select_related("contribution").order_by(
            "contribution", "ordering", "pk"
        )
    ]
    parts += [
        (chair.person_id, chair.session)
        for chair in chairs.select_related("session").order_by("session", "ordering", "pk")
    ]
    return [
        Addressee(
            about=about,
            recipient=LetterRecipient(
                speakers[person].person.name, speakers[person].email, _LINKS, speakers[person].pk
            ),
            person=speakers[person].person,
        )
        for person, about in parts
    ]


def _send_links(edition: Edition, email: str) -> None:
    speakers = Speaker.objects.for_edition(edition).filter(email__iexact=email)
    for speaker in speakers.select_related("edition", "person")[:_MAX_LETTERS]:
        resend_link(speaker=speaker)


speaker_link_views = PrivateLinkViews(
    link_model=SpeakerLink,
    owner_field="speaker",
    lookup_field="pk",
    get_owners=lambda: Speaker.objects.select_related("edition", "person"),
    base_template="contributors/speaker/base.html",
    template_folder="contributors/speaker",
    new_link_url="contributors:speaker-new-link",
    new_link_sent_url="contributors:speaker-new-link-sent",
    rate_limit_key="speaker-link",
    send_links=_send_links,
    kept_fields=("bio", "title", "abstract"),
    signed_out_message="This browser is signed out. The link in our letter keeps working.",
)
