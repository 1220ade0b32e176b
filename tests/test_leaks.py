"""No public page or file contains unpublished content."""

from datetime import date, time, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone

from apps.contributors.models import Proposal
from apps.core.files import private_storage
from apps.interest.workflow import State
from apps.programme.models import Session
from apps.registration.models import AttendeeNeeds
from tests.contributors.speakers import make_speaker
from tests.editions.files import make_picture
from tests.factories import (
    make_award,
    make_call,
    make_chair,
    make_contribution,
    make_contribution_link,
    make_contributor,
    make_deadline,
    make_edition,
    make_expression,
    make_group,
    make_news,
    make_page,
    make_person,
    make_recipient,
    make_registration,
    make_registration_period,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_sponsor,
    make_topic,
)
from tests.test_access import ADDRESSES

pytestmark = pytest.mark.django_db
MAY = date(2030, 5, 3)

SECRET = "Xylophone"  # on no page by itself


@pytest.fixture
def site_with_secrets():
    """Public content, and a secret in every unpublished object and field."""
    current = make_edition(slug="2024", is_current=True, code_of_conduct="Be kind.", starts_on=MAY)
    make_edition(slug="2023", state="archived")
    draft = make_edition(slug="2025", state="draft", title=f"{SECRET} title", starts_on=MAY)
    for edition in (current, draft):
        make_page(edition, slug="shown", title="Shown" if edition is current else SECRET)
    for field in ("short_name", "summary", "venue", "venue_address", "date_note", "contact_email"):
        setattr(draft, field, f"{SECRET}@example.org")
    draft.code_of_conduct = SECRET
    draft.registration_url = f"https://example.org/{SECRET}"
    draft.save()
    make_group(draft, make_person(name=f"{SECRET} Person", affiliation=SECRET), heading=SECRET)
    # A person of both editions, whose facts of the draft are not public yet.
    both = make_person(name="Bo Example", slug="agreed", shows_years=True)
    both.profiles.create(
        edition=draft, affiliation=SECRET, bio=SECRET, link=f"https://example.org/{SECRET}"
    )
    for edition in (current, draft):
        make_group(edition, both, heading="Both" if edition is current else SECRET)
    make_topic(draft, heading=SECRET, description=SECRET)
    make_section(draft, heading=SECRET, body=SECRET, aside=SECRET)
    make_deadline(draft, title=SECRET)
    draft.downloads.create(
        name="any.pdf", file=ContentFile(f"%PDF-1.7 {SECRET}".encode(), name="any.pdf")
    )
    make_picture(draft, "venue.jpg", alt=SECRET, caption=SECRET, credit=SECRET)
    make_picture(current, "unused.jpg", alt=SECRET, caption=SECRET, credit=SECRET)
    make_page(current, slug="pictures", body="![](pictures/venue.jpg) ![](../pictures/venue.jpg)")
    make_page(current, slug="hidden", title=SECRET, body=SECRET, is_published=False)
    make_section(current, heading=SECRET, body=SECRET, aside=SECRET, is_shown=False)
    make_section(current, shows="past_editions", heading="Past")
    make_section(current, shows="sponsors", heading="Sponsors")
    make_section(current, shows="awards", heading="Awards")
    make_recipient(make_award(draft, heading=SECRET, description=SECRET), title=SECRET)
    make_recipient(make_award(current, heading=SECRET, is_published=False), title=SECRET)
    make_recipient(
        make_award(current, heading="Best talk"),
        contribution=make_contribution(current, SECRET, title=SECRET, is_published=False),
    )
    make_section(current, shows="news", heading="News")
    make_news(current, title="Shown")
    make_news(draft, title=SECRET, body=SECRET)
    make_news(current, title=SECRET, body=SECRET, is_published=False)
    to_come = timezone.now() + timedelta(minutes=1)
    make_news(current, title=SECRET, body=SECRET, published_at=to_come)
    for edition, is_shown in ((current, False), (draft, True)):
        make_sponsor(
            edition,
            name=SECRET,
            description=SECRET,
            logo_alt=SECRET,
            link=f"https://example.org/{SECRET}",
            is_shown=is_shown,
        )
    make_sponsor(current, name="Seen Ltd")
    _hide_in_the_programme(current, draft)
    # Private data of students, in every state, and an unpublished call.
    make_call(current)
    make_call(draft, text=SECRET, poster_size=SECRET)
    _hide_in_the_registration(current, draft)
    for number, state in enumerate(State.values):
        expression = make_expression(
            current,
            state=state,
            reference="R7K2QD" if state == "confirmed" else f"22222{number}",
            coauthors=[(f"{SECRET} Author", SECRET)],
            **dict.fromkeys(("name", "university", "title", "abstract", "supervisor"), SECRET),
            email=f"{SECRET}{number}@example.org",
        )
        for field in ("access_needs", "technical_needs", "diet"):
            setattr(expression, field, SECRET)
        expression.save()
    # A person who is in no group, and those with a page of their years that has nothing to show.
    make_person(name=f"{SECRET} Alone")
    in_draft = make_person(name=f"{SECRET} New", slug="agreed-in-draft", shows_years=True)
    make_group(draft, in_draft, heading=SECRET)
    make_chair(make_session(current, title=SECRET), in_draft)
    make_person(name=SECRET, slug="not-agreed")
    for award in (
        make_award(draft, heading=SECRET),
        make_award(current, heading=SECRET, is_published=False),
    ):
        make_recipient(award, person=both)
    make_contributor(current.contributions.get(slug="hidden"), both)


def _hide_in_the_registration(current, draft):
    """What people said, and an unpublished registration."""
    make_registration_period(current, capacity=10)
    make_registration_period(draft, introduction=SECRET, payment_note=SECRET)
    guest = make_registration(
        current,
        code="R7K2QD",
        **dict.fromkeys(("name", "affiliation", "pronunciation", "badge_note"), SECRET),
        email=f"{SECRET}@example.org",
    )
    AttendeeNeeds.objects.create(registration=guest, diet=SECRET, access=SECRET)


def _hide_in_the_programme(current, draft):
    """A release without secrets, and secrets in unpublished contributions, in the later draft, in
    slides, and in a draft edition."""
    for shows in ("programme", "speakers", "posters"):
        make_section(current, shows=shows)
    slides = private_storage().save("slides/any.pdf", ContentFile(f"%PDF-1.7 {SECRET}".encode()))
    zipped = private_storage().save("attachments/any.zip", ContentFile(f"PK {SECRET}".encode()))
    secret = {"title": SECRET, "abstract": SECRET, "video_url": f"https://example.org/{SECRET}"}
    shown = make_contribution(current, "Ada Example", title="Shown", kind="keynote")
    ada = make_person(name="Ada Speaker")
    make_contributor(shown, ada)
    # Proposals of a speaker that wait for approval.
    speaker = make_speaker(current, ada, email=f"{SECRET}@example.org")
    Proposal.objects.create(speaker=speaker, values={"bio": SECRET}, file=slides)
    Proposal.objects.create(
        speaker=speaker, contribution=shown, values={"abstract": SECRET}, file=slides
    )
    room = make_room(current)
    session = make_session(current, title="Released", room=room)
    make_slot(session, shown, minutes=20)
    for number, kind in enumerate(("keynote", "invited", "poster", "panel", "paper")):
        hidden = make_contribution(
            current,
            f"{SECRET} Speaker",
            make_person(name=f"{SECRET} Hidden {number}", bio=SECRET),
            kind=kind,
            is_published=False,
            slides=slides,
            slug=f"{SECRET}-{number}" if number else "hidden",
            **secret,
        )
        make_contribution_link(hidden, label=SECRET, url=f"https://example.org/{SECRET}")
        if not number:
            make_contribution_link(hidden, label=SECRET, kind="data", file=zipped, pk=72)
        make_slot(session, hidden, minutes=5)
        # Alone in an untitled session, which would show its title.
        make_slot(
            make_session(current, kind="keynote", title="", starts_at=time(12 + number)), hidden
        )
    posters = make_session(current, kind="posters", starts_at=time(17))
    make_slot(posters, make_contribution(current, kind="poster"), board="P1")
    make_release(current)
    # Changes after the release.
    Session.objects.filter(pk=session.pk).update(title=SECRET, starts_at=time(23, 47))
    posters.slots.update(board=SECRET)
    make_session(
        current, title=SECRET, description=SECRET, room=make_room(current, name=f"{SECRET} 2")
    )
    room.name = SECRET
    room.save()
    late = make_session(current, title="Drafted", description=SECRET)
    make_slot(late, shown, kind="demo", board=SECRET)
    make_contribution(current, title="Other")
    make_slot(make_session(draft, title="Released", description=SECRET), minutes=5)
    paper = make_contribution(draft, f"{SECRET} Speaker", kind="keynote", slides=slides, **secret)
    make_contribution_link(paper, label=SECRET, kind="paper")
    make_contribution(draft, kind="paper", **secret)
    make_release(draft)


@pytest.mark.usefixtures("site_with_secrets")
def test_public_pages_contain_no_secret(client, as_stranger):
    for path in (path for examples in ADDRESSES.values() for path in examples):
        for each in (client, as_stranger):
            response = each.get(path, follow=True)

            page = b"".join(response).decode("utf-8", "replace")
            assert SECRET not in page, path
            assert "23:47" not in page, path


@pytest.mark.usefixtures("site_with_secrets")
def test_a_static_copy_contains_no_secret(tmp_path):
    call_command("freeze", str(tmp_path / "copy"))

    files = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    assert len(files) > 40
    for path in files:
        assert SECRET.encode() not in path.read_bytes(), path
        assert SECRET not in path.name


@pytest.mark.usefixtures("site_with_secrets")
def test_chairs_see_the_secrets(as_chair):
    assert SECRET in as_chair.get("/2025/").content.decode()
    assert SECRET in as_chair.get("/2025/people/").content.decode()
    assert SECRET in as_chair.get("/2024/hidden/").content.decode()
    for path in (
        *("contributions/hidden/", "contributions/hidden/slides.pdf", "programme/draft/"),
        "contributions/hidden/files/72/",
    ):
        assert SECRET in b"".join(as_chair.get(f"/2024/{path}")).decode(), path
    assert SECRET in as_chair.get("/2025/speakers/").content.decode()
