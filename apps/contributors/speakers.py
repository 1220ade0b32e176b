"""The speakers of an edition and their private links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.contributors.models import Speaker, SpeakerLink
from apps.core.exceptions import NotAllowed
from apps.core.search import Fold
from apps.editions.models import Edition
from apps.mail.drafts import LetterRecipient
from apps.mail.models import Letter
from apps.mail.services import discard_letters_with_link, queue_letter, queue_text_letter
from apps.mail.texts import EDITION_PLACEHOLDERS, edition_values, read_text, register_text, text_of
from apps.people.models import Person
from apps.private_links.models import (
    ADDRESS_CHANGED,
    VALID_AFTER_EVENT,
    is_same_address,
    link_expiry,
)
from apps.private_links.views import PrivateLinkViews
from apps.programme.models import (
    Contribution,
    ContributionLetter,
    Contributor,
    Session,
    SessionChair,
)

LINK_TEXT = "contributors/speaker_link"
LINK_MAKER = "contributors"
_MAX_LETTERS = 5  # one address may be given for several speakers


def register_link_text() -> None:
    """Register the default text of the letter with a speaker's link."""
    register_text(
        LINK_TEXT,
        label="A speaker's link",
        when="Sent to a speaker when you send their link from the programme's page.",
        # Named as in letters to students, so that one preview serves both.
        placeholders={
            "name": "The speaker's name",
            "title": "The titles of their contributions",
            **EDITION_PLACEHOLDERS,
            "private_link": "The link to the speaker's own page; created when the email is sent",
        },
        **read_text(Path(__file__).parent / "letter_texts", "speaker_link"),
    )


def presenters_of(edition: Edition) -> QuerySet[Person]:
    """Return the people named on the programme, as contributors or as session chairs."""
    named = Q(contributor_credits__contribution__edition=edition) | Q(
        sessionchair_credits__session__edition=edition
    )
    pks = Person.objects.filter(named).order_by().values("pk")
    return Person.objects.filter(pk__in=pks).order_by(Fold("name"), "pk")


def contributions_of(person: Person, edition: Edition) -> QuerySet[Contribution]:
    """Return all contributions that name the person, published or not."""
    credits = Contributor.objects.filter(person=person)
    return Contribution.objects.for_edition(edition).filter(pk__in=credits.values("contribution"))


def send_link(*, edition: Edition, person: Person, email: str) -> Letter:
    """Queue a letter with a new link to `email`, which is stored.

    Earlier links keep working, unless they went to another address: then they are revoked.
    """
    with transaction.atomic():
        earlier = Speaker.objects.filter(edition=edition, person=person).first()
        if earlier and not is_same_address(earlier.email, email):
            revoke_speaker_links(speaker=earlier)
        speaker, _ = Speaker.objects.update_or_create(
            edition=edition,
            person=person,
            defaults={"email": email, "link_sent_at": timezone.now()},
        )
        text = text_of(edition, LINK_TEXT)
        return queue_text_letter(
            edition=edition,
            kind=LINK_TEXT,
            subject=text.subject,
            body=text.body,
            values=_link_values(edition, person),
            to_email=email,
            to_name=person.name,
            link_maker=LINK_MAKER,
            link_subject=speaker.pk,
        )


def _link_values(edition: Edition, person: Person) -> dict[str, str]:
    """Values of the placeholders, in the language of the edition."""
    with translation.override(edition.language_code):
        titles = [
            gettext("“%(title)s”") % {"title": contribution}
            for contribution in contributions_of(person, edition)
        ]
        return {
            "name": person.name,
            "title": ", ".join(titles) or gettext("a session that you chair"),
            **edition_values(edition),
        }


@transaction.atomic
def make_speaker_link(speaker_pk: int, email: str) -> str:
    """Return a new private URL of a speaker's page for a letter to `email`; earlier ones work on.

    Raises NotAllowed if `email` is not the speaker's address any more.
    """
    speakers = Speaker.objects.select_related("edition").select_for_update(of=("self",))
    speaker = speakers.get(pk=speaker_pk)
    if not is_same_address(speaker.email, email):
        raise NotAllowed(ADDRESS_CHANGED)
    _, token = SpeakerLink.mint(speaker=speaker, expires_at=link_expiry(speaker.edition))
    path = reverse("contributors:speaker-link", args=[speaker.edition.slug, token])
    return f"{settings.SITE_URL}{path}"


def revoke_speaker_links(*, speaker: Speaker) -> int:
    """Revoke all links of a speaker, discard queued letters with new ones, delete the address.

    Returns how many links were open.
    """
    with transaction.atomic():
        Speaker.objects.filter(pk=speaker.pk).update(email="")
        discard_letters_with_link(link_maker=LINK_MAKER, link_subject=speaker.pk)
        return speaker.links.revoke()


def delete_addresses() -> int:
    """Delete the email addresses of speakers whose links have expired; return how many."""
    last_day = Coalesce("edition__ends_on", "edition__starts_on")
    # A day later, so that it is over in every time zone.
    ended_before = timezone.now().date() - VALID_AFTER_EVENT - timedelta(days=1)
    speakers = Speaker.objects.alias(last_day=last_day).exclude(email="")
    return speakers.filter(last_day__lt=ended_before).update(email="")


def credits_in(edition: Edition) -> tuple[Prefetch, Prefetch]:
    """Prefetch what people give and chair in an edition; two queries."""
    credits = Contributor.objects.filter(contribution__edition=edition)
    chairs = SessionChair.objects.filter(session__edition=edition)
    return (
        Prefetch("contributor_credits", credits.select_related("contribution")),
        Prefetch("sessionchair_credits", chairs.select_related("session")),
    )


def speaker_letters(edition: Edition) -> list[ContributionLetter]:
    """Return a letter to each contributor and session chair who was sent a link."""
    people = Person.objects.prefetch_related(*credits_in(edition))
    speakers = Speaker.objects.filter(edition=edition).exclude(email="")
    letters = []
    for speaker in speakers.prefetch_related(Prefetch("person", people)):
        person = speaker.person
        recipient = LetterRecipient(person.name, speaker.email, LINK_MAKER, speaker.pk)
        parts: list[Contribution | Session] = [
            *(credit.contribution for credit in person.contributor_credits.all()),
            *(chair.session for chair in person.sessionchair_credits.all()),
        ]
        letters += [ContributionLetter.to(recipient, about, person=person) for about in parts]
    return letters


def send_speaker_links(edition: Edition, email: str) -> int:
    """Queue a letter to each speaker with an address that asked; return how many."""
    known = Speaker.objects.filter(edition=edition, email__iexact=email)
    speakers = known.select_related("person")[:_MAX_LETTERS]
    for speaker in speakers:
        queue_letter(
            kind="contributors/new_link",
            template="contributors/letters/new_link",
            context={},
            edition=edition,
            to_email=speaker.email,
            to_name=speaker.person.name,
            link_maker=LINK_MAKER,
            link_subject=speaker.pk,
        )
    return len(speakers)


# Sections of other apps on a speaker's page, as on a student's.
_panels: list[Callable[[Speaker, HttpRequest], SafeString]] = []


def register_speaker_panel(panel: Callable[[Speaker, HttpRequest], SafeString]) -> None:
    """Register a function that returns the safe HTML of a `<section>`, or "" for none."""
    if panel not in _panels:
        _panels.append(panel)


def render_speaker_panels(speaker: Speaker, request: HttpRequest) -> list[SafeString]:
    """The panels of the page, in the order of registration."""
    return [html for panel in _panels if (html := panel(speaker, request))]


speaker_link_views = PrivateLinkViews(
    link_model=SpeakerLink,
    owner_field="speaker",
    lookup_field="pk",
    get_owners=lambda: Speaker.objects.select_related("edition", "person"),
    base_template="contributors/speaker/base.html",
    template_folder="contributors/speaker",
    url_prefix="contributors:speaker-",
    signed_out_message=_("You are signed out. The link in our emails still works."),
)
