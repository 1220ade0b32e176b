"""Reviewers of an edition: invited by pasted addresses, their progress, and reminders."""

import html
import re

import pytest

from apps.accounts.models import Invitation, User
from apps.accounts.services import (
    accept_invitation,
    invite,
    send_invitation_again,
    withdraw_invitation,
)
from apps.mail.models import Letter
from apps.mail.services import make_link
from apps.review.assignment import assign_to
from apps.review.committee import (
    MOST_ADDRESSES,
    committee_progress,
    invite_reviewers,
    read_addresses,
    waiting_invitations,
)
from apps.review.models import InvitedReviewer, Reviewer, ReviewReminder
from apps.review.reminders import draft_reminders, release_reminders, reminders
from apps.review.services import progress, save_review
from tests.factories import (
    make_edition,
    make_expression,
    make_reviewer,
    make_user,
)
from tests.reading import messages_of

pytestmark = pytest.mark.django_db


def _reviewer_addresses(edition) -> set[str]:
    return set(edition.reviewers.values_list("user__email", flat=True))


def _accept(commit, edition, by, email: str) -> User:
    """Invite an address and accept the invitation by its link."""
    with commit():
        (invitee,) = invite_reviewers(edition=edition, emails=[email], by=by)
    token = invitee.link.rstrip("/").rpartition("/")[2]
    return accept_invitation(token=token, name="Nora New", password="correct horse battery")


# Pasted addresses


@pytest.mark.parametrize(
    ("text", "emails"),
    [
        ("ada@example.org", ["ada@example.org"]),
        ("Ada Example <Ada@Example.org>\nbo@example.org", ["ada@example.org", "bo@example.org"]),
        ("a@example.org, b@example.org; c@example.org", [f"{x}@example.org" for x in "abc"]),
        ("Ada, ada@example.org, Example Institute\n\n", ["ada@example.org"]),
        ("ada@example.org\nADA@example.org", ["ada@example.org"]),
        ("Write to ada@example.org.", ["ada@example.org"]),
    ],
)
def test_addresses_are_found_in_lists_of_people(text, emails):
    found = read_addresses(text)

    assert (found.emails, found.faults) == (emails, [])


def test_names_before_addresses_in_angle_brackets_are_kept():
    text = (
        'Greta Lind <greta@example.org>, "O\'Neil, Bo" <bo@example.org>; Dear cy@example.org\n'
        "<di@example.org>"
    )

    found = read_addresses(text)

    assert found.emails == [f"{name}@example.org" for name in ("greta", "bo", "cy", "di")]
    assert found.names == {"greta@example.org": "Greta Lind", "bo@example.org": "O'Neil, Bo"}


def test_the_name_of_an_invited_reviewer_is_kept_until_the_account_is_created(
    as_chair, client, edition, chair, commit
):
    address = f"/admin/review/invite/{edition.pk}/"
    check = as_chair.post(address, {"addresses": "Greta <b>Lind <greta@example.org>"})
    sent_back = re.search(r'<textarea name="addresses"[^>]*>([^<]*)<', check.content.decode())
    assert sent_back
    with commit():
        as_chair.post(address, {"addresses": html.unescape(sent_back[1]), "invite": "1"})
        # Invited once more by the address alone.
        (again,) = invite_reviewers(edition=edition, emails=["greta@example.org"], by=chair)

    form = client.get(again.link).content.decode()
    progress_page = as_chair.get(f"/admin/review/progress/{edition.pk}/").content.decode()

    assert 'value="Greta &lt;b&gt;Lind"' in form
    assert "Greta &lt;b&gt;Lind, greta@example.org" in progress_page


@pytest.mark.parametrize("text", ["Ada Example", "ada@", "ada@nowhere", "a@b@c", "ada@xn--.org"])
def test_lines_without_an_address_are_named(text):
    found = read_addresses(f"bo@example.org\n{text}")

    assert found.emails == ["bo@example.org"]
    assert text in found.faults[0]


def test_too_many_addresses_are_refused(as_chair, edition):
    text = "\n".join(f"r{number}@example.org" for number in range(MOST_ADDRESSES + 2))

    page = as_chair.post(f"/admin/review/invite/{edition.pk}/", {"addresses": text, "invite": "1"})

    assert "Remove 2 of them" in page.content.decode()
    assert not Invitation.objects.exists()


def test_pasted_people_are_invited_or_added_in_two_presses(as_chair, edition, commit):
    make_user("Reviewer", email="ready@example.org", name="Rae Ready")
    make_user("Editor", email="editor2@example.org")
    make_user("Reviewer", email="off@example.org", is_active=False)
    here = make_reviewer(edition, email="here@example.org")
    text = (
        "New <new@example.org>\nready@example.org\neditor2@example.org\noff@example.org\n"
        + here.email
    )
    address = f"/admin/review/invite/{edition.pk}/"

    check = as_chair.post(address, {"addresses": text})
    nothing_yet = Invitation.objects.count()
    sent_back = re.search(r'<textarea name="addresses"[^>]*>([^<]*)<', check.content.decode())
    assert sent_back
    with commit():
        done = as_chair.post(address, {"addresses": html.unescape(sent_back[1]), "invite": "1"})

    assert nothing_yet == 0
    assert [(row.email, row.effect.value) for row in check.context["plan"]] == [
        ("new@example.org", "invite"),
        ("ready@example.org", "add"),
        ("editor2@example.org", "invite"),
        ("off@example.org", "refused"),
        ("here@example.org", "here"),
    ]
    assert done["Location"] == f"/admin/review/progress/{edition.pk}/"
    assert _reviewer_addresses(edition) == {"ready@example.org", "here@example.org"}
    invited = Invitation.objects.values_list("email", "role").order_by("email")
    assert list(invited) == [("editor2@example.org", "Reviewer"), ("new@example.org", "Reviewer")]


def test_an_accepted_invitation_makes_a_reviewer_of_the_edition(edition, chair, commit):
    other = make_edition(year=2031)

    user = _accept(commit, edition, chair, "new@example.org")

    assert _reviewer_addresses(edition) == {"new@example.org"}
    assert user.groups.get().name == "Reviewer"
    assert not other.reviewers.exists()
    assert not InvitedReviewer.objects.exists()


def test_the_invitation_names_the_workshop_and_the_editions(
    edition, chair, commit, mailoutbox, settings
):
    settings.SITE_NAME = "Workshops of Examples"
    other = make_edition(year=2031, title="Workshop on Examples")
    emails = ["new@example.org"]
    with commit():
        invite_reviewers(edition=edition, emails=emails, by=chair)
    with commit():
        invite_reviewers(edition=other, emails=emails, by=chair)
    with commit():
        send_invitation_again(invitation=Invitation.objects.open().get(), by=chair)
        invite(email="editor@example.org", role="Editor", by=chair)

    first, second, again, editor = mailoutbox
    assert first.subject == f"You are invited to review for {edition.title_with_year}"
    both = f"{edition.title_with_year}, Workshop on Examples, 2031"
    for mail in (second, again):
        assert f"to review the entries of {both} (Workshops of Examples)." in mail.body
    assert "to help organise Workshops of Examples as Editor." in editor.body


def test_a_person_invited_to_two_editions_reviews_both(edition, chair, commit):
    other = make_edition(year=2031)
    invite_reviewers(edition=other, emails=["new@example.org"], by=chair)

    _accept(commit, edition, chair, "new@example.org")

    assert _reviewer_addresses(edition) == _reviewer_addresses(other) == {"new@example.org"}


def test_a_second_press_sends_a_new_link_and_adds_nobody_twice(edition, chair):
    emails = ["new@example.org"]
    invite_reviewers(edition=edition, emails=emails, by=chair)

    (again,) = invite_reviewers(edition=edition, emails=emails, by=chair)

    assert again.effect == "waiting"
    assert InvitedReviewer.objects.count() == 1
    assert Invitation.objects.open().count() == 1


def test_the_progress_page_names_invitations_and_removes_them(as_chair, edition, chair):
    invite_reviewers(edition=edition, emails=["a@example.org", "b@example.org"], by=chair)
    withdraw_invitation(invitation=Invitation.objects.get(email="b@example.org"))
    page = as_chair.get(f"/admin/review/progress/{edition.pk}/").content.decode()
    row = InvitedReviewer.objects.get(email="a@example.org")

    as_chair.post(f"/admin/review/progress/{edition.pk}/uninvite/", {"invited": row.pk})
    as_chair.post(f"/admin/review/progress/{edition.pk}/uninvite/", {"invited": "x"})

    assert "a@example.org" in page
    assert [(row.email, status) for row, status, _ in waiting_invitations(edition)] == [
        ("b@example.org", "withdrawn")
    ]


def test_only_chairs_invite_and_see_progress(as_reviewer, reviewer, as_editor, edition):
    make_reviewer(edition, reviewer)
    for client in (as_reviewer, as_editor):
        for page in ("invite", "progress", "reminders"):
            address = f"/admin/review/{page}/{edition.pk}/"
            assert client.get(address).status_code == 403, address
        data = {"addresses": "new@example.org", "invite": "1"}
        assert client.post(f"/admin/review/invite/{edition.pk}/", data).status_code == 403
    assert not Invitation.objects.exists()


# Progress


def test_progress_is_that_of_the_queue(edition):
    ada, bo = make_reviewer(edition, name="Ada"), make_reviewer(edition, name="Bo")
    one, two, _ = (make_expression(edition) for _ in range(3))
    make_expression(edition, is_test=True)
    save_review(expression=one, reviewer=ada, score=3)

    before = {row.reviewer.user: row.progress for row in committee_progress(edition)}
    assert before == {user: progress(user, edition)[edition.pk] for user in (ada, bo)}
    assign_to(reviewer=Reviewer.objects.get(user=ada), expressions=[one, two])
    after = {row.reviewer.user: row.progress for row in committee_progress(edition)}

    assert after == {user: progress(user, edition)[edition.pk] for user in (ada, bo)}
    assert [tuple(after[user]) for user in (ada, bo)] == [(1, 2), (0, 0)]


# Reminders


def _ready(edition) -> list[str]:
    return [row.draft_key for row in reminders(edition) if row.is_ready]


def test_a_reminder_says_how_much_is_left_and_leads_to_the_queue(edition, settings):
    ada, bo = make_reviewer(edition, name="Ada"), make_reviewer(edition, name="Bo")
    one, two = make_expression(edition), make_expression(edition)
    save_review(expression=one, reviewer=ada, score=3)
    for expression in (one, two):
        save_review(expression=expression, reviewer=bo, score=3)

    drafted = draft_reminders(edition=edition)
    letters_before = Letter.objects.filter(state="queued", kind="review/reminder").count()
    report = release_reminders(edition=edition, seen=_ready(edition))

    letter = Letter.objects.get(kind="review/reminder")
    assert (drafted, letters_before, report.released) == (1, 0, 1)
    assert (letter.to_email, letter.state) == (ada.email, "queued")
    assert "1 of 2" in letter.body_text
    assert make_link(letter) == f"{settings.SITE_URL}/admin/review/queue/{edition.pk}/"


def test_a_reminded_reviewer_is_not_listed_again_on_that_day(edition):
    make_reviewer(edition)
    make_expression(edition)
    draft_reminders(edition=edition)
    release_reminders(edition=edition, seen=_ready(edition))
    at_once = reminders(edition)
    Letter.objects.update(due_at="2020-01-01T00:00:00Z")

    later = reminders(edition)

    assert at_once == []
    assert [row.status for row in later] == ["undrafted"]
    assert draft_reminders(edition=edition) == 1
    assert ReviewReminder.objects.count() == 2


def test_a_review_since_the_draft_is_not_overlooked(edition):
    ada = make_reviewer(edition)
    one, two = make_expression(edition), make_expression(edition)
    draft_reminders(edition=edition)
    seen = _ready(edition)
    save_review(expression=one, reviewer=ada, score=3)

    outdated = release_reminders(edition=edition, seen=seen)
    draft_reminders(edition=edition)
    save_review(expression=two, reviewer=ada, score=3)
    unneeded = [row.status for row in reminders(edition)]
    draft_reminders(edition=edition)

    assert (outdated.released, len(outdated.refused)) == (0, 1)
    assert unneeded == ["unneeded"]
    assert not Letter.objects.filter(kind="review/reminder").exists()


def test_chairs_draft_read_and_release_reminders(as_chair, edition):
    ada = make_reviewer(edition, name="Ada")
    make_expression(edition)
    address = f"/admin/review/reminders/{edition.pk}/"

    as_chair.post(f"{address}draft/")
    (draft,) = reminders(edition)
    read = as_chair.get(f"{address}{draft.pk}/")
    page = as_chair.get(f"{address}now/")
    done = as_chair.post(f"{address}now/", {"seen": page.context["seen"]}, follow=True)

    assert "0 of 1" in read.content.decode()
    assert messages_of(done)[0].startswith("1 reminder released.")
    assert Letter.objects.get(kind="review/reminder").to_email == ada.email


def test_the_text_of_the_reminder_can_be_changed(as_chair, edition):
    page = as_chair.get(f"/admin/selection/texts/{edition.pk}/review/reminder/")

    assert page.status_code == 200
    assert "{left}" in page.content.decode()


def test_a_reminder_goes_with_its_reviewer(edition):
    ada = make_reviewer(edition)
    make_expression(edition)
    draft_reminders(edition=edition)

    ada.reviewing.all().delete()

    assert not ReviewReminder.objects.exists()
