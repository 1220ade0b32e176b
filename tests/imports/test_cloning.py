"""Next year's draft as a copy of this year's edition."""

from datetime import date, time
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.editions.models import Call, Edition
from apps.editions.services import publish_edition
from apps.feedback.models import FeedbackSettings
from apps.imports.cloning import COPIED_MODELS, Part, clone_edition, draft_made_from, source_of
from apps.interest.models import Question
from apps.mail.models import LetterText
from apps.pages.models import SectionLink
from apps.people.models import Membership, Person, PersonProfile
from apps.privacy.models import RetentionPeriods
from apps.programme.models import ContributionLabel, SessionLabel
from apps.registration.models import RegistrationConsent, RegistrationQuestion
from apps.review.models import Criterion
from apps.sponsors.models import Sponsor
from tests.editions.files import make_download, make_picture
from tests.factories import (
    make_attendance_kind,
    make_current_edition,
    make_deadline,
    make_edition,
    make_group,
    make_page,
    make_person,
    make_registration_period,
    make_section,
    make_sponsor,
    make_topic,
)
from tests.sponsors.files import logo_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(db) -> Edition:
    """2024 with something of everything."""
    edition = make_current_edition(
        slug="2024",
        year=2024,
        title="Workshop on Small Things 2024",
        short_name="Small Things 2024",
        summary="On 3 May 2024.",
        language="de",
        hue=205,
        is_cancelled=True,
        starts_on=date(2024, 5, 3),
        ends_on=date(2024, 5, 4),
        date_note="May",
        time_zone="Australia/Sydney",
        venue="Hall 1",
        venue_address="1 Street",
        venue_map_url="https://map.example.org/",
        venue_access="By train.",
        contact_email="chairs@example.org",
        registration_url="https://register.example.org/",
        registration_closes_on=date(2024, 4, 1),
        parent_event_name="Big Conference",
        parent_event_url="https://big.example.org/",
        code_of_conduct="Be kind.",
        approves_speaker_edits=True,
        logo=logo_file(),
        logo_alt="Small Things",
        has_logo_plate=False,
    )
    make_deadline(edition)
    make_sponsor(
        edition, name="Lamp Ltd", description="Gives light.", link="https://lamp.example.org/"
    )
    ada, bo = make_person(name="Ada"), make_person(name="Bo")
    chairs = make_group(edition, bo, ada, heading="Chairs")
    Membership.objects.filter(person=ada).update(affiliation="Elsewhere")
    make_group(edition, heading="Helpers")
    make_topic(edition, heading="Atoms", description="Small.")
    make_topic(edition, heading="Quarks")
    make_section(edition, heading="Introduction", body="Welcome.", aside="Ask us.")
    make_section(edition, heading="", shows="group", group=chairs)
    make_section(edition, heading="Later", is_shown=False)
    make_page(edition, slug="travel", title="Travel", body="By train.", is_in_navigation=True)
    Call.objects.create(
        edition=edition,
        text="Send us [something small](/2024/interest/).",
        opens_on=date(2024, 1, 2),
        opens_time=time(12, 0),
        closes_on=date(2024, 3, 1),
        is_anywhere_on_earth=True,
        edits_close_on=date(2024, 3, 5),
        decisions_on=date(2024, 3, 20),
        offers_talks=False,
        talk_minutes=7,
        poster_size="A0",
        abstract_words=150,
        asks_career_stage=False,
        asks_supervisor=True,
        asks_school=True,
        asks_link=True,
        asks_pdf=True,
        has_anonymous_pdfs=True,
        notice=Call.Notice.DAILY,
        sends_receipt=False,
        reply_days=5,
    )
    Question.objects.create(edition=edition, label="How small?", help_text="In metres.")
    Question.objects.create(
        edition=edition,
        label="Which?",
        kind=Question.Kind.CHOICE,
        choices="Atoms\nQuarks",
        is_required=True,
        asked_at=Question.AskedAt.ACCEPTANCE,
    )
    LetterText.objects.create(edition=edition, kind="accepted", subject="Yes", body="Come.")
    return edition


FORM = "/admin/desk/editions/new/"


def press(client: Client, edition: Edition, **changes):
    """Send the form for a new edition that takes along from `edition`."""
    data = {
        "title": "Workshop on Small Things 2025",
        "year": "2025",
        "slug": "2025",
        "source": edition.pk,
        "parts": Part.values,
    }
    return client.post(FORM, data | changes)


def test_the_draft_keeps_lasting_facts_and_drops_those_of_one_year(source, chair):
    draft = clone_edition(source=source, by=chair)

    draft.refresh_from_db()
    facts = {
        field.name: getattr(draft, field.name)
        for field in Edition._meta.concrete_fields
        if not field.primary_key
    }
    assert facts == {
        "slug": "2025",
        "year": 2025,
        "title": "Workshop on Small Things 2025",
        "short_name": "Small Things 2025",
        "summary": "",
        "state": "draft",
        "is_current": False,
        "is_cancelled": False,
        "language": "de",
        "hue": 65,
        **dict.fromkeys(["starts_on", "ends_on", "registration_closes_on"]),
        **dict.fromkeys(
            [
                *("date_note", "venue", "venue_address", "venue_map_url", "venue_access"),
                *("registration_url", "parent_event_name", "parent_event_url"),
            ],
            "",
        ),
        "time_zone": "Australia/Sydney",
        "contact_email": "chairs@example.org",
        "code_of_conduct": "Be kind.",
        "approves_speaker_edits": True,
        "logo": source.logo,
        "logo_width": 160,
        "logo_height": 160,
        "logo_digest": "",
        "logo_alt": "Small Things",
        "has_logo_plate": False,
    }
    draft.full_clean()
    assert not draft.deadlines.exists()


def test_people_topics_sponsors_sections_and_pages_are_copied(source, chair):
    draft = clone_edition(source=source, by=chair)

    assert [
        (
            group.slug,
            group.heading,
            [(m.person.name, m.affiliation) for m in group.memberships.all()],
        )
        for group in draft.groups.all()
    ] == [("chairs", "Chairs", [("Bo", ""), ("Ada", "Elsewhere")]), ("helpers", "Helpers", [])]
    # Whether they support the next year, too, is asked before the page says so.
    assert [
        (sponsor.level.heading, sponsor.name, sponsor.description, sponsor.link, sponsor.is_shown)
        for sponsor in Sponsor.objects.filter(level__edition=draft)
    ] == [("Gold", "Lamp Ltd", "Gives light.", "https://lamp.example.org/", False)]
    assert list(draft.topics.values_list("slug", "heading", "description")) == [
        ("atoms", "Atoms", "Small."),
        ("quarks", "Quarks", ""),
    ]
    assert [
        (section.slug, section.body, section.aside, section.shows, section.group, section.is_shown)
        for section in draft.sections.all()
    ] == [
        ("introduction", "Welcome.", "Ask us.", "", None, True),
        ("section", "", "", "group", draft.groups.get(slug="chairs"), True),
        ("later", "", "", "", None, False),
    ]
    assert list(
        draft.pages.values_list("slug", "title", "body", "is_published", "is_in_navigation")
    ) == [("travel", "Travel", "By train.", True, True)]
    assert Person.objects.count() == 2


def test_the_call_and_its_questions_are_copied_without_dates(source, chair):
    draft = clone_edition(source=source, by=chair)

    own = {"id", "edition"}
    facts = {
        field.name: (getattr(source.call, field.name), getattr(draft.call, field.name))
        for field in Call._meta.concrete_fields
        if field.name not in own
    }
    assert {name: pair for name, pair in facts.items() if pair[0] != pair[1]} == {
        "text": (
            "Send us [something small](/2024/interest/).",
            "Send us [something small](/2025/interest/).",
        ),
        "opens_on": (date(2024, 1, 2), None),
        "closes_on": (date(2024, 3, 1), None),
        "edits_close_on": (date(2024, 3, 5), None),
        "decisions_on": (date(2024, 3, 20), None),
    }
    columns = ("label", "help_text", "kind", "choices", "is_required", "asked_at", "ordering")
    assert list(draft.questions.values_list(*columns)) == list(
        source.questions.values_list(*columns)
    )
    assert draft.questions.count() == 2


def test_links_to_its_own_pages_lead_to_the_new_edition(source, chair):
    words = "See [the form](/2024/interest/), [last year](/2023/) and /2024/ as a word."
    source.sections.filter(slug="introduction").update(body=words, aside=words)
    source.pages.update(body=words)

    draft = clone_edition(source=source, by=chair)

    moved = "See [the form](/2025/interest/), [last year](/2023/) and /2024/ as a word."
    introduction = draft.sections.get(slug="introduction")
    assert (introduction.body, introduction.aside) == (moved, moved)
    assert draft.pages.get().body == moved


def test_links_in_every_text_lead_to_the_new_edition(chair):
    words = "See [the rules](/2024/rules/)."
    source = make_edition(slug="2024", year=2024, code_of_conduct=words)
    make_topic(source, description=words)

    draft = clone_edition(source=source, by=chair)

    moved = "See [the rules](/2025/rules/)."
    assert (draft.code_of_conduct, draft.topics.get().description) == (moved, moved)


def test_the_source_does_not_change(source, chair):
    def state():
        of_edition = (source.groups, source.topics, source.sections, source.pages, source.questions)
        editions = Edition.objects.filter(pk=source.pk)
        calls = Call.objects.filter(edition=source)
        return [
            list(rows.order_by("pk").values())
            for rows in (editions, calls, source.deadlines, *of_edition)
        ]

    before = state()

    clone_edition(source=source, by=chair)

    assert state() == before


def test_history_names_the_author_and_the_source(source, chair):
    draft = clone_edition(source=source, by=chair)

    rows: list[Any] = [draft, *draft.groups.all(), *draft.topics.all(), *draft.sections.all()]
    rows += [*draft.pages.all(), *Membership.objects.filter(group__edition=draft)]
    assert {
        (first.history_type, first.history_change_reason, first.history_user)
        for row in rows
        for first in row.history.all()
    } == {("+", "New edition from 2024", chair)}


def test_more_rows_cost_no_more_queries(source, chair):
    def queries_of_a_clone():
        with CaptureQueriesContext(connection) as queries:
            draft = clone_edition(source=source, by=chair)
        draft.delete()
        return len(queries)

    few = queries_of_a_clone()
    for _ in range(3):
        make_group(source, make_person(), make_person())
        make_topic(source)
        make_section(source)
        make_page(source)
        make_sponsor(source)
    many = queries_of_a_clone()

    assert few == many <= 50


def test_a_year_that_is_taken_gets_a_number(source, chair):
    make_edition(slug="2025", year=2025)
    make_edition(slug="2025-2", year=2025)

    draft = clone_edition(source=source, by=chair)

    assert (draft.slug, draft.year) == ("2025-3", 2025)


def test_a_second_copy_returns_the_same_draft(source, chair):
    first = clone_edition(source=source, by=chair)
    first.title = "Rewritten"
    first.save()

    second = clone_edition(source=source, by=chair)

    assert second == first
    assert Edition.objects.count() == 2


def test_after_publishing_or_deleting_the_draft_another_is_made(source, chair):
    first = clone_edition(source=source, by=chair)
    publish_edition(edition=first)

    second = clone_edition(source=source, by=chair)
    slug = second.slug
    second.delete()
    third = clone_edition(source=source, by=chair)

    assert (first.slug, slug, third.slug) == ("2025", "2025-2", "2025-2")


def test_a_draft_of_another_edition_is_not_returned(source, chair):
    other = make_edition(slug="2024-b", year=2024)
    clone_edition(source=other, by=chair)

    assert draft_made_from(source) is None


def test_hues_of_following_years_stay_apart(chair):
    edition, hues = make_edition(slug="2024", year=2024, hue=205), []
    for _ in range(18):
        edition = clone_edition(source=edition, by=chair)
        hues.append(edition.hue)

    assert len(set(hues)) == 18
    assert all(hue % 5 == 0 for hue in hues)


def test_a_part_that_is_not_taken_along_stays_behind(source, chair):
    counted = {
        Part.PEOPLE: lambda edition: edition.groups.count(),
        Part.TOPICS: lambda edition: edition.topics.count(),
        Part.SECTIONS: lambda edition: edition.sections.count(),
        Part.PAGES: lambda edition: edition.pages.count(),
        Part.SPONSORS: lambda edition: edition.sponsor_levels.count(),
        Part.EMAILS: lambda edition: edition.letter_texts.count(),
        Part.CALL: lambda edition: (
            edition.questions.count() + Call.objects.filter(edition=edition).count()
        ),
        Part.REGISTRATION: lambda edition: edition.attendance_kinds.count(),
    }
    make_attendance_kind(source)
    # A section that shows a group of people needs the people.
    full = {part: count(source) for part, count in counted.items()}
    for number, left in enumerate(Part):
        parts = set(Part) - {left}
        draft = clone_edition(
            source=source, by=chair, year=2030, slug=f"2030-{number}", parts=parts
        )
        expected = full | {left: 0}
        if left == Part.PEOPLE:
            expected[Part.SECTIONS] -= 1

        assert {part: count(draft) for part, count in counted.items()} == expected, left


# The form


def test_the_form_suggests_next_year_with_everything(source, as_chair, time_machine):
    time_machine.move_to("2024-07-01T12:00:00Z")
    make_edition(slug="2023", year=2023)

    initial = as_chair.get(FORM).context["form"].initial

    assert initial == {
        "title": "Workshop on Small Things 2025",
        "year": 2025,
        "slug": "2025",
        "source": source,
        "parts": Part.values,
    }


def test_the_linked_edition_is_the_one_to_copy(source, as_chair):
    other = make_edition(slug="2019", year=2019)

    initial = as_chair.get(f"{FORM}?source={other.pk}").context["form"].initial

    assert initial["source"] == other
    assert as_chair.get(f"{FORM}?source=x").status_code == 200


def test_the_form_suggests_no_year_that_is_over(as_chair):
    old = make_edition(slug="2019", year=2019, title="Workshop 2019")
    year = timezone.localdate().year

    initial = as_chair.get(f"{FORM}?source={old.pk}").context["form"].initial

    assert (initial["year"], initial["slug"]) == (year, str(year))
    assert initial["title"] == f"Workshop {year}"


def test_a_chair_gets_the_draft_with_the_chosen_facts_and_parts(source, as_chair):
    response = press(
        as_chair, source, title="Tiny Things", year="2026", slug="tiny", parts=["topics"]
    )

    draft = Edition.objects.get(slug="tiny")
    assert response.url == reverse("admin:edition-overview", args=[draft.pk])
    assert (draft.title, draft.year, draft.state) == ("Tiny Things", 2026, "draft")
    assert draft.contact_email == "chairs@example.org"
    assert (draft.topics.count(), draft.groups.count(), draft.pages.count()) == (2, 0, 0)


def test_the_form_sent_twice_makes_one_draft(source, as_chair):
    first, second = press(as_chair, source), press(as_chair, source)

    assert second.url == first.url
    messages = [str(message) for message in second.wsgi_request._messages]
    assert "was made before" in messages[-1]
    assert Edition.objects.count() == 2


def test_an_address_that_is_taken_or_not_allowed_comes_back_with_what_was_entered(source, as_chair):
    for slug in ("2024", "admin", "a b", ""):
        response = press(as_chair, source, slug=slug, title="Kept")

        assert response.status_code == 422, slug
        assert list(response.context["form"].errors) == ["slug"]
        assert 'value="Kept"' in response.content.decode()
    assert Edition.objects.count() == 1


def test_hostile_values_are_form_errors(source, as_chair):
    for changes in (
        {"source": "x"},
        {"source": "9" * 30},
        {"parts": ["nothing"]},
        {"year": "-1"},
        {"title": ""},
        {"slug": "2031\0"},
    ):
        assert press(as_chair, source, **changes).status_code == 422, changes
    assert Edition.objects.count() == 1


def test_the_first_edition_is_made_empty(as_chair):
    page = as_chair.get(FORM)
    response = as_chair.post(FORM, {"title": "First", "year": "2030", "slug": "2030"})

    edition = Edition.objects.get()
    assert "source" not in page.context["form"].fields
    assert response.url == reverse("admin:edition-overview", args=[edition.pk])
    assert (edition.title, edition.state, edition.is_current) == ("First", "draft", False)


def test_the_list_of_editions_leads_to_the_form(source, as_chair):
    assert as_chair.get("/admin/editions/edition/add/").url == FORM


@pytest.mark.parametrize(
    ("who", "status", "editions"),
    [
        ("as_editor", 302, 2),
        ("as_reviewer", 403, 1),
        ("as_helpdesk", 403, 1),
        ("as_stranger", 302, 1),
        ("client", 302, 1),
    ],
)
def test_only_chairs_and_editors_make_editions(who, status, editions, source, request):
    response = press(request.getfixturevalue(who), source)

    assert (response.status_code, Edition.objects.count()) == (status, editions)


def test_a_chair_without_a_second_factor_is_asked_for_it_first(source, as_chair, settings):
    settings.SECOND_FACTOR = "chairs"

    response = press(as_chair, source)

    assert response.url.startswith(reverse("mfa_index"))
    assert Edition.objects.count() == 1


# All models of an edition

# Models whose rows are of one year alone, and why.
LEFT_BEHIND = {
    "editions.FormerAddress": "an address of the earlier edition",
    "editions.Deadline": "a date",
    "mail.Mailing": "was sent",
    "mail.Letter": "was sent",
    "private_links.LinkRequest": "a request of that year",
    "people.UploadedPhoto": "waits for one upload to end",
    "interest.Expression": "an entry of that year",
    "interest.AccessLink": "a late entry to that call",
    "interest.DailyNotice": "when a notice was sent",
    "review.Reviewer": "reviewers are asked each year, and with them go their conflicts",
    "review.InvitedReviewer": "an invitation of that year",
    "programme.Contribution": "the programme of that year",
    "programme.Room": "belongs to the place",
    "programme.Session": "the programme of that year",
    "programme.ProgrammeRelease": "the programme of that year",
    "contributors.Speaker": "an invitation of that year",
    "registration.Registration": "a registration of that year",
    "awards.Award": "was given in that year",
    "news.NewsItem": "news of that year",
    "news.Notice": "a message of those days",
    "imports.Sheet": "entries of that year",
    "imports.ConfirmedText": "a new edition asks about other facts",
    "privacy.RetentionRun": "what was erased",
    "privacy.EditionFigures": "the figures of that year",
    # Rows of rows that are copied.
    "registration.RegistrationAnswer": "part of a registration",
    "registration.GivenConsent": "part of a registration",
    "interest.Answer": "part of an entry",
    "review.CriterionScore": "part of a review",
}


def test_every_model_of_an_edition_is_copied_or_left_behind_for_a_reason():
    parents = {Edition, *COPIED_MODELS}
    of_editions = {
        model
        for model in apps.get_models()
        if not hasattr(model, "instance_type")  # histories
        and any(field.related_model in parents for field in model._meta.concrete_fields)
    }

    labels = {model._meta.label for model in of_editions - set(COPIED_MODELS)}

    assert labels == set(LEFT_BEHIND)
    assert not {model._meta.label for model in COPIED_MODELS} & set(LEFT_BEHIND)


def test_models_that_are_copied_have_rows_in_the_new_edition(source, chair):
    SectionLink.objects.create(section=source.sections.first(), label="More", url="/2024/travel/")
    PersonProfile.objects.create(edition=source, person=make_person(), affiliation="Elsewhere")
    Criterion.objects.create(edition=source, label="Novelty")
    make_picture(source)
    make_download(source)
    SessionLabel.objects.create(edition=source, kind="talks", label="Speeches")
    ContributionLabel.objects.create(edition=source, kind="talk", label="Speech")
    FeedbackSettings.objects.create(edition=source, is_on=True)
    RetentionPeriods.objects.create(edition=source, needs_days=7, reviews_days=None)
    make_registration_period(source)
    make_attendance_kind(source)
    RegistrationQuestion.objects.create(edition=source, label="Size of your T-shirt?")
    RegistrationConsent.objects.create(edition=source, text="I may be photographed.")

    draft = clone_edition(source=source, by=chair)

    for model, lookup in COPIED_MODELS.items():
        counts = [
            model._default_manager.filter(**{lookup: each}).count() for each in (source, draft)
        ]
        assert counts[0] == counts[1] > 0, model
    text = draft.letter_texts.get()
    assert (text.kind, text.subject, text.body) == ("accepted", "Yes", "Come.")
    assert draft.registration_period.status == Call.Status.UNDATED
    assert not draft.registration_period.is_public
    periods = draft.retention_periods
    assert (periods.needs_days, periods.letters_days, periods.reviews_days) == (7, 180, None)


# The edition that another one was made from


def test_the_source_is_known_after_both_got_another_address(source, chair):
    draft = clone_edition(source=source, by=chair)
    for edition, slug in ((source, "old"), (draft, "2024")):
        edition.slug = slug
        edition.save()

    assert source_of(draft) == source
    assert source_of(source) is None


def test_an_edition_has_no_source_after_that_was_deleted(source, chair):
    draft = clone_edition(source=source, by=chair)
    source.delete()

    assert source_of(draft) is None
