"""Deleting at the desk: what is in use stays, and things are called by their names."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import models

from apps.accounts.models import User
from apps.core.deletion import GuardedDeletionAdmin, is_use
from apps.editions.admin import EditionAdmin
from apps.interest.models import Expression
from apps.programme.models import Contribution, Origin
from apps.topics.models import Topic
from tests.accounts.helpers import signed_in
from tests.factories import (
    make_award,
    make_contribution,
    make_edition,
    make_expression,
    make_group,
    make_person,
    make_recipient,
    make_room,
    make_section,
    make_session,
    make_sponsor,
    make_topic,
    make_user,
)
from tests.html_forms import open_form
from tests.reading import html_of

pytestmark = pytest.mark.django_db

# What an admin deletes with a row: its parts. All other relations to it are uses.
PARTS = {
    "account.EmailAddress.user",
    "account.EmailConfirmation.email_address",
    "accounts.User_groups.user",
    "accounts.User_user_permissions.user",
    "awards.Award.edition",
    "awards.Recipient.award",
    "contributors.Proposal.contribution",
    "contributors.Proposal.speaker",
    "contributors.Speaker.edition",
    "contributors.Speaker.person",
    "contributors.SpeakerLink.speaker",
    "editions.Call.edition",
    "editions.Deadline.edition",
    "editions.Download.edition",
    "editions.FormerAddress.edition",
    "editions.Picture.edition",
    "feedback.Feedback.contribution",
    "feedback.FeedbackSettings.edition",
    "imports.ConfirmedText.edition",
    "imports.Sheet.edition",
    "imports.SheetEntry.sheet",
    "interest.AccessLink.edition",
    "interest.DailyNotice.edition",
    "interest.ExpressionLetter.letter",
    "interest.Question.edition",
    "mail.Letter.edition",
    "mail.LetterText.edition",
    "mail.Mailing.edition",
    "mfa.Authenticator.user",
    "news.NewsItem.edition",
    "news.Notice.edition",
    "pages.Page.edition",
    "pages.Section.edition",
    "pages.SectionLink.section",
    "people.Group.edition",
    "people.Membership.group",
    "people.PersonProfile.edition",
    "people.PersonProfile.person",
    "people.UploadedPhoto.edition",
    "privacy.EditionFigures.edition",
    "privacy.RetentionPeriods.edition",
    "privacy.RetentionRun.edition",
    "private_links.LinkRequest.edition",
    "programme.Contribution.edition",
    "programme.ContributionLabel.edition",
    "programme.ContributionLetter.contribution",
    "programme.ContributionLetter.letter",
    "programme.ContributionLetter.person",
    "programme.ContributionLetter.session",
    "programme.ContributionLink.contribution",
    "programme.Contribution_topics.contribution",
    "programme.Contributor.contribution",
    "programme.Origin.contribution",
    "programme.ProgrammeRelease.edition",
    "programme.Room.edition",
    "programme.Session.edition",
    "programme.SessionChair.session",
    "programme.SessionLabel.edition",
    "programme.Slot.contribution",
    "programme.Slot.session",
    "registration.AttendanceKind.edition",
    "registration.RegistrationConsent.edition",
    "registration.RegistrationLetter.letter",
    "registration.RegistrationPeriod.edition",
    "registration.RegistrationQuestion.edition",
    "review.Assignment.reviewer",
    "review.Criterion.edition",
    "review.InvitedReviewer.edition",
    "review.ReviewReminder.reviewer",
    "review.Reviewer.edition",
    "review.Reviewer.user",
    "review.Reviewer_topics.reviewer",
    "sponsors.Level.edition",
    "sponsors.Sponsor.level",
    "topics.Topic.edition",
}


def _path(row: models.Model, page: str = "delete") -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/{page}/"


def _relations(model: type[models.Model]) -> list[Any]:
    return [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel | models.ManyToManyRel)
    ]


def test_every_relation_that_a_deletion_reaches_is_a_use_or_a_known_part():
    admins = {
        model: each
        for model, each in admin.site._registry.items()
        if isinstance(each, GuardedDeletionAdmin)
    }
    reached: set[str] = set()
    queue: list[type[models.Model]] = list(admins)
    done = set(queue)
    while queue:
        model = queue.pop()
        used_by = admins[model].used_by if model in admins else ()
        for relation in _relations(model):
            is_cascade = getattr(relation, "on_delete", None) is models.CASCADE
            between = relation.related_model._meta.auto_created
            if not is_cascade or is_use(relation, used_by):
                continue
            if between and any(
                is_use(each, ()) and getattr(each, "through", None) is relation.related_model
                for each in _relations(model)
            ):
                continue  # a choice of this row, counted as many to many
            reached.add(f"{relation.related_model._meta.label}.{relation.field.name}")
            if relation.related_model not in done:
                done.add(relation.related_model)
                queue.append(relation.related_model)

    # A use on its own page may be a part of the edition, through its level.
    assert reached | {"sponsors.Sponsor.level"} == PARTS


def test_every_admin_that_deletes_refuses_what_is_in_use(rf):
    request = rf.get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)

    assert [
        model._meta.label
        for model, each in admin.site._registry.items()
        if each.has_delete_permission(request) and not isinstance(each, GuardedDeletionAdmin)
    ] == ["accounts.Invitation"]  # nothing refers to it


def _topic() -> models.Model:
    edition = make_edition()
    topic = make_topic(edition, heading="Vision")
    for _ in range(2):
        make_expression(edition).topics.add(topic)
    make_contribution(edition).topics.add(topic)
    return topic


def _group() -> models.Model:
    edition = make_edition()
    group = make_group(edition)
    make_section(edition, heading="", shows="group", group=group)
    return group


def _person() -> models.Model:
    person = make_person(name="Ada")
    make_group(make_edition(), person)
    return person


def _room() -> models.Model:
    edition = make_edition()
    room = make_room(edition)
    make_session(edition, room=room)
    return room


def _contribution() -> models.Model:
    contribution = make_contribution(make_edition())
    make_recipient(make_award(contribution.edition), contribution=contribution)
    return contribution


IN_USE = {
    "topic": (_topic, "2 entries and 1 contribution.", "Merge it into another"),
    "group": (_group, "1 section.", "Choose another group there"),
    "person": (_person, "1 membership.", "Remove the person from these first"),
    "room": (_room, "1 session.", "Choose another room"),
    "level": (lambda: make_sponsor(make_edition()).level, "1 sponsor.", "Choose another level"),
    "contribution": (_contribution, "1 recipient.", "untick “published” to hide it"),
    "edition": (make_edition, "is public", "Back to draft"),
    "draft with entries": (
        lambda: make_expression(make_edition(state="draft")).edition,
        "1 entry.",
        "to hide the edition",
    ),
}


@pytest.mark.parametrize("case", IN_USE)
def test_deleting_what_is_in_use_is_refused_with_number_and_way(as_chair, case):
    make, number, way = IN_USE[case]
    row = make()
    listed = {
        "action": "delete_selected",
        "_selected_action": row.pk,
        "post": "yes",
    }

    page = as_chair.get(_path(row))
    pressed = as_chair.post(_path(row), {"post": "yes"})
    selected = as_chair.post(_path(row).rsplit("/", 3)[0] + "/", listed)

    for response in (page, pressed, selected):
        assert response.status_code == 200
        assert number in html_of(response)
        assert way in html_of(response)
        assert " object (" not in html_of(response)
    assert type(row)._base_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("case", ["topic", "group", "room", "level"])
def test_a_row_in_use_is_not_deleted_on_the_page_of_its_edition(as_chair, case):
    make, number, way = IN_USE[case]
    row: Any = make()
    prefix = {"topic": "topics", "group": "groups", "room": "rooms", "level": "sponsor_levels"}[
        case
    ]
    path = EditionAdmin.tab_of(type(row)).url(row.edition.pk)
    page = open_form(as_chair, path) | {f"{prefix}-0-DELETE": ["on"]}

    response = as_chair.post(path, page)

    assert "Not deleted." in html_of(response)
    assert number in html_of(response)
    assert way in html_of(response)
    assert type(row)._base_manager.filter(pk=row.pk).exists()


def test_an_account_with_a_history_is_switched_off_instead():
    owner, user = make_user("Chair", is_superuser=True), make_user("Chair", name="Charlie")
    from_owner, from_user = signed_in(owner), signed_in(user)
    topic = make_topic(make_edition())
    from_user.post(_path(topic, "change"), {"heading": "New", "description": ""})

    response = from_owner.post(_path(user), {"post": "yes"})

    assert "“Charlie” is used by" in html_of(response)
    assert "Untick “active”" in html_of(response)
    assert User.objects.filter(pk=user.pk).exists()


def test_the_confirm_page_names_things_by_their_names(as_chair):
    edition = make_edition()
    contribution = make_contribution(edition, "Ada", title="Talk", is_published=False)
    contribution.topics.add(make_topic(edition, heading="Vision"))
    expression = make_expression(edition, title="Sent in private")
    Origin.objects.create(
        contribution=contribution, expression=expression, format="talk", accepted_values={}
    )

    page = as_chair.get(_path(contribution))
    as_chair.post(_path(contribution), {"post": "yes"})

    assert "Ada" in html_of(page)
    assert "Link to an expression of interest: Talk" in html_of(page)
    assert "Sent in private" not in html_of(page)
    assert " object (" not in html_of(page)
    assert "relationship" not in html_of(page)
    assert not Contribution.objects.exists()
    assert Topic.objects.exists()
    assert Expression.objects.exists()


def test_what_nothing_uses_is_deleted(as_chair):
    topic = make_topic(make_edition())

    as_chair.post(_path(topic), {"post": "yes"})

    assert not Topic.objects.exists()


# Merging


def _merge(client, *topics, **data):
    keys = [topic.pk for topic in topics]
    return client.post(
        "/admin/topics/topic/", {"action": "merge", "_selected_action": keys} | data, follow=True
    )


def test_merging_topics_gives_every_entry_the_topic_that_stays(as_chair):
    edition = make_edition()
    kept, other = make_topic(edition, heading="Vision"), make_topic(edition, heading="<u>CV</u>")
    both, one, none = (make_expression(edition) for _ in range(3))
    both.topics.set([kept, other])
    one.topics.set([other])
    talk = make_contribution(edition)
    talk.topics.set([other])

    page = _merge(as_chair, kept, other)
    done = _merge(as_chair, kept, other, into=kept.pk)

    assert "&lt;u&gt;CV&lt;/u&gt;" in html_of(page)
    assert "Entries and contributions changed: 3." in html_of(done)
    assert [list(row.topics.all()) for row in (both, one, none, talk)] == [
        [kept],
        [kept],
        [],
        [kept],
    ]
    assert list(Topic.objects.all()) == [kept]


def test_topics_are_merged_within_one_edition_into_a_selected_one(as_chair, as_reviewer):
    topics = [make_topic(make_edition()) for _ in range(2)]
    twin = make_topic(topics[0].edition)
    make_expression(topics[0].edition).topics.set([topics[0]])

    assert "two or more topics of one edition" in html_of(_merge(as_chair, *topics))
    assert "two or more topics of one edition" in html_of(_merge(as_chair, twin))
    assert "Topic to keep" in html_of(_merge(as_chair, topics[0], twin, into=topics[1].pk))
    _merge(as_reviewer, topics[0], twin, into=twin.pk)
    assert Topic.objects.count() == 3
    assert Expression.objects.get().topics.get() == topics[0]
