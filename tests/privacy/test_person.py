"""Everything about an address: read and downloaded by chairs, after a check."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from apps.accounts.services import invite
from apps.contributors.models import Proposal
from apps.interest.letters import send_letter
from apps.interest.models import Answer, Note, Question
from apps.mail.models import Letter
from apps.privacy.person import collect
from apps.review.models import Assignment, Comment, InvitedReviewer, Review, Reviewer
from tests.contributors.speakers import make_speaker
from tests.factories import (
    make_contribution,
    make_edition,
    make_expression,
    make_group,
    make_person,
    make_reviewer,
    make_user,
)
from tests.mail.conftest import make_letter
from tests.ops.test_views import confirm_password

pytestmark = pytest.mark.django_db

PAGE = "/admin/privacy/person/"
ADDRESS = "zoe@example.net"
ASKED = {"email": ADDRESS, "reason": "Request by email of 3 May"}


def make_everything(address: str = ADDRESS) -> None:
    """Rows of each kind about an address, in two editions."""
    old, new = make_edition(title="Old workshop"), make_edition(title="New workshop")
    for edition, spelling in ((old, address.title()), (new, address)):
        expression = make_expression(
            edition, name="Zoë Student", email=spelling, title=f"Talk at {edition.title}"
        )
        question = Question.objects.create(edition=edition, label="Which day?")
        Answer.objects.create(expression=expression, question=question, text="The first")
        reviewer = make_user("Reviewer", name="Rena Reviewer")
        Review.objects.create(expression=expression, reviewer=reviewer, score=3, remark="Fair work")
        Comment.objects.create(expression=expression, author=reviewer, text="I agree")
        Note.objects.create(expression=expression, author=reviewer, text="Invite again")
        expression.consents.create(
            about="photo", wording="Photographs?", is_given=True, said_at=timezone.now()
        )
        send_letter(expression, "link")
    make_letter(edition=new, to_email=address, subject="About your session")
    person = make_person(name="Zoë Speaker", contact_email=address)
    make_group(old, person, heading="Chairs of old")
    make_contribution(new, person, title="A keynote", is_published=True)
    speaker = make_speaker(new, person, email=address)
    Proposal.objects.create(speaker=speaker, values={"bio": "A new biography"})
    account = make_user("Reviewer", email=address, name="Zoë Reviewer")
    make_reviewer(new, account)
    row = Reviewer.objects.get(user=account)
    row.affiliation, row.conflicts = "Example University", "Someone"
    row.save()
    other = make_expression(new, name="Other Student", email="other@example.net")
    Assignment.objects.create(expression=other, reviewer=row)
    Review.objects.create(expression=other, reviewer=account, score=1, remark="Written by Zoë")
    Comment.objects.create(expression=other, author=account, text="A comment by Zoë")
    Note.objects.create(expression=other, author=account, text="A note by Zoë")
    invite(email=address, role="Editor", by=None)
    InvitedReviewer.objects.create(edition=old, email=address)


def test_it_covers_all_editions_and_everything_that_holds_the_address():
    make_everything()

    data = collect("ZOE@example.net ")

    assert [entry["edition"] for entry in data["entries"]] == ["Old workshop", "New workshop"]
    for entry in data["entries"]:
        assert entry["answers"] == [{"question": "Which day?", "answer": "The first"}]
        assert entry["reviews"][0]["remark"] == "Fair work"
        assert entry["comments_of_reviewers"][0]["text"] == "I agree"
        assert entry["notes_of_chairs"][0]["text"] == "Invite again"
        assert entry["consents"]
        assert entry["letters"]
    assert [letter["subject"] for letter in data["other_emails"]] == ["About your session"]
    [person] = data["people"]
    assert person["groups"][0]["group__heading"] == "Chairs of old"
    assert person["contributions"][0]["contribution__title"] == "A keynote"
    [speaker] = data["access_of_speakers"]
    assert speaker["changes_that_wait"][0]["values"] == {"bio": "A new biography"}
    [account] = data["accounts"]
    assert account["reviewer_of"][0]["affiliation"] == "Example University"
    assert len(account["reviewer_of"][0]["assigned"]) == 1
    assert account["reviews_written"][0]["remark"] == "Written by Zoë"
    assert account["comments_written"][0]["text"] == "A comment by Zoë"
    assert account["notes_written"][0]["text"] == "A note by Zoë"
    assert data["invitations"][0]["role"] == "Editor"
    assert data["invited_to_review"]
    assert "Rena Reviewer" not in str(data)
    assert "Other Student" not in str(data)


def test_drafts_and_notices_to_organisers_are_left_out():
    make_letter(to_email=ADDRESS, subject="A draft", state=Letter.State.DRAFT)
    make_letter(to_email=ADDRESS, subject="A notice", kind="interest/daily_notice")

    assert "other_emails" not in collect(ADDRESS)


def test_changes_of_content_by_an_account_are_counted(as_chair, chair):
    person = make_person(name="Bo")
    version = person.history.get()
    version.history_user = chair
    version.save()

    [account] = collect(chair.email)["accounts"]

    assert [(row["of"], row["number"]) for row in account["changes_of_public_content"]] == [
        ("person", 1)
    ]


@pytest.mark.parametrize("address", ["zo_@example.net", "%", "zoe@example.ne", "x@example.net"])
def test_other_addresses_find_nothing(address):
    make_everything()

    assert set(collect(address)) == {
        "address",
        "read_at",
        "read_or_erased_by_chairs",
        "not_searched",
    }


def test_a_chair_reads_the_page_after_confirming_the_password(as_chair):
    make_everything()
    assert as_chair.get(PAGE)["Location"].startswith("/accounts/reauthenticate/")
    assert as_chair.post(PAGE, ASKED)["Location"].startswith("/accounts/reauthenticate/")
    confirm_password(as_chair)

    asked = as_chair.get(PAGE)
    page = as_chair.post(PAGE, ASKED)

    assert "Show everything" in asked.content.decode()
    html = page.content.decode()
    assert "Talk at Old workshop" in html
    assert "Written by Zoë" in html
    assert "Co-authors and supervisors in the entries of others" in html
    assert page["Cache-Control"].startswith("no-store, private")


def test_reading_and_downloading_are_logged_without_the_address(as_chair, chair):
    make_everything()
    confirm_password(as_chair)

    as_chair.post(PAGE, ASKED)
    response = as_chair.post(PAGE, ASKED | {"step": "download"})

    assert len(json.loads(response.content)["entries"]) == 2
    assert "zoe" not in response["Content-Disposition"]
    assert response["Cache-Control"].startswith("no-store, private")
    lines = LogEntry.objects.filter(user=chair).order_by("pk")
    assert [line.change_message for line in lines] == [
        "Read: Request by email of 3 May",
        "Downloaded: Request by email of 3 May",
    ]
    assert not [line for line in lines if "zoe" in f"{line.object_repr}{line.change_message}"]
    # The person may ask who read it.
    assert len(collect(ADDRESS)["read_or_erased_by_chairs"]) == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"email": ADDRESS, "reason": ""},
        {"email": ADDRESS, "reason": "x" * 201},
        {"email": "", "reason": "Asked"},
        {"email": "not an address", "reason": "Asked"},
        {"email": f"{'x' * 300}@example.net", "reason": "Asked"},
    ],
)
def test_without_a_reason_or_an_address_nothing_is_shown(as_chair, sent):
    make_everything()
    confirm_password(as_chair)

    for step in ("", "download", "erase"):
        page = as_chair.post(PAGE, sent | {"step": step})

        assert page.status_code == 422
        assert "Talk at" not in page.content.decode()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    "role", ["client", "as_stranger", "as_reviewer", "as_helpdesk", "as_editor"]
)
def test_only_chairs_may_read_or_erase(request, role):
    visitor = request.getfixturevalue(role)
    make_everything()
    if role != "client":
        confirm_password(visitor)

    answers = [visitor.get(PAGE)]
    answers += [visitor.post(PAGE, ASKED | {"step": step}) for step in ("", "download", "erase")]

    assert {answer.status_code for answer in answers} <= {302, 403}
    assert not any(b"Talk at" in answer.content for answer in answers)
    assert len(collect(ADDRESS)["entries"]) == 2


def test_hostile_text_is_shown_as_text(as_chair):
    evil = "<script>alert(1)</script>\u202e"
    expression = make_expression(
        make_edition(title=evil), name=evil, email=ADDRESS, title=evil, abstract=evil * 50
    )
    person = make_person(name=evil, contact_email=ADDRESS)
    speaker = make_speaker(expression.edition, person, email=ADDRESS)
    Proposal.objects.create(speaker=speaker, values={evil: {evil: [evil, None, {}, True]}})
    confirm_password(as_chair)

    for step in ("", "erase"):
        html = as_chair.post(PAGE, ASKED | {"reason": evil, "step": step}).content.decode()

        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


def test_an_unknown_address_is_said_so_and_cannot_be_erased(as_chair):
    confirm_password(as_chair)

    for step in ("", "erase"):
        page = as_chair.post(PAGE, ASKED | {"step": step}).content.decode()

        assert "The site stores nothing about this address." in page
        assert "Erase it now" not in page
