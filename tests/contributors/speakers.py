"""Speakers, their browsers, and the forms and files they send."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.contributors.edits import SpeakerEdit
from apps.contributors.models import Speaker, SpeakerLink
from apps.editions.models import Edition
from apps.people.models import Person
from apps.private_links.models import link_expiry
from apps.programme.models import Contribution

CHANGED = "Nothing was changed, because someone else changed it meanwhile. This page shows the current state."
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def admin_path(edition: Edition, page: str) -> str:
    return f"/admin/programme/session/programme/{edition.pk}/{page}/"


def make_speaker(edition: Edition, person: Person, **fields) -> Speaker:
    return Speaker.objects.create(
        edition=edition, person=person, **{"email": "ada@example.org"} | fields
    )


def make_speaker_token(speaker: Speaker, **fields) -> str:
    """The token of a valid link, or of one with `fields`."""
    expires_at = fields.pop("expires_at", link_expiry(speaker.edition))
    link, token = SpeakerLink.mint(speaker=speaker, expires_at=expires_at)
    SpeakerLink.objects.filter(pk=link.pk).update(**{"revoked_at": None} | fields)
    return token


def speaker_link_path(speaker: Speaker, token: str) -> str:
    return f"/{speaker.edition.slug}/speaker/link/{token}/"


def browser_of(speaker: Speaker) -> Client:
    """A browser that was signed in by the speaker's private link."""
    client = Client()
    response = client.post(speaker_link_path(speaker, make_speaker_token(speaker)))
    assert response.status_code == 302
    return client


def require_approval(edition: Edition, is_required: bool = True) -> None:
    """Let edits by speakers wait for an organiser."""
    edition.approves_speaker_edits = is_required
    edition.save()


def profile_form(speaker: Speaker, **changes) -> dict:
    """Data of the profile form with `changes`."""
    edit = SpeakerEdit(speaker)
    return {
        "seen": edit.shown,
        "bio": edit.values["bio"],
        "link": edit.values["link"],
        "photo_focus_across": 50,
        "photo_focus_down": 50,
    } | changes


def contribution_form(speaker: Speaker, contribution: Contribution, **changes) -> dict:
    """Data of a contribution's form with `changes`."""
    edit = SpeakerEdit(speaker, contribution)
    return {"seen": edit.shown, **edit.values} | changes


def send_profile(browser: Client, speaker: Speaker, **changes):
    """The response to the profile form with `changes`."""
    path = f"{speaker.get_absolute_url()}about-you/"
    return browser.post(path, profile_form(speaker, **changes))


def send_contribution(browser: Client, speaker: Speaker, contribution: Contribution, **changes):
    """The response to a contribution's form with `changes`."""
    path = f"{speaker.get_absolute_url()}give/{contribution.slug}/"
    return browser.post(path, contribution_form(speaker, contribution, **changes))


def slides(content: bytes = PDF, name: str = "slides.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def read(file) -> bytes:
    """The content of a stored file."""
    with file.open() as stored:
        return stored.read()
