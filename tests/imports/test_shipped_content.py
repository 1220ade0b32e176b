"""The shipped editions have the content of the workshop's earlier pages, and nothing else."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
import yaml
from django.utils import timezone

from apps.core.markdown import plain_text, render
from apps.editions.models import Call, Edition
from apps.imports.folders.importing import load_missing_editions
from apps.news.models import NewsItem
from apps.people.models import Person
from apps.programme.conflicts import find_conflicts
from apps.programme.timetable import draft_timetable
from apps.sponsors.models import Sponsor
from tests.imports.conftest import DATA
from tests.interest.calls import filled, open_page

SHIPPED = yaml.safe_load((DATA / "shipped.yaml").read_text("utf-8"))


@pytest.fixture
def loaded(db, pytestconfig) -> None:
    load_missing_editions(pytestconfig.rootpath / "content")


@pytest.fixture
def edition_2024(loaded) -> Edition:
    return Edition.objects.get(slug="2024")


@pytest.fixture
def edition_2023(loaded) -> Edition:
    return Edition.objects.get(slug="2023")


def lists(rows: Any) -> list[list[Any]]:
    return [list(row) for row in rows]


def paragraphs(text: str) -> list[str]:
    return [plain_text(paragraph, 10_000) for paragraph in text.split("\n\n")]


def groups_of(edition: Edition) -> list[Any]:
    return [
        [
            group.heading,
            [
                [row.person.name, row.person.link, row.shown_affiliation]
                for row in group.memberships.select_related("person")
            ],
        ]
        for group in edition.groups.all()
    ]


def test_2024_is_the_home_page_with_an_open_call_and_invents_nothing(edition_2024):
    facts = ("title", "year", "state", "is_current", "is_cancelled", "hue", "time_zone")
    unknown = (
        *("starts_on", "ends_on", "date_note", "venue", "contact_email", "registration_url"),
        *("parent_event_name", "code_of_conduct", "summary"),
    )

    assert [getattr(edition_2024, name) for name in facts] == [
        *("International Workshop on Efficient Generative AI", 2024, "published", True, False),
        *(205, "Europe/London"),
    ]
    assert not any(getattr(edition_2024, name) for name in unknown)
    assert not edition_2024.deadlines.exists()
    call = edition_2024.call
    assert call.text == (
        "Edinburgh's PhD students are invited to send us expressions of interest to give "
        "lightning talks and present posters."
    )
    assert {call.opens_on, call.closes_on, call.edits_close_on, call.decisions_on} == {None}
    assert call.status == Call.Status.OPEN
    assert not edition_2024.questions.exists()


def test_this_form_on_the_home_page_of_2024_takes_an_expression_of_interest(edition_2024, client):
    html = client.get("/").content.decode()
    (form,) = {*re.findall(r'<a href="([^"]+)"[^>]*>this form</a>', html)}
    with time_machine.travel(timezone.now(), tick=False) as clock:
        data = filled(edition_2024, career_stage="phd", token=open_page(client, form))
        clock.shift(timedelta(minutes=3))
        response = client.post(form, data)

    assert "Open until further notice" in html
    assert response.status_code == 302
    assert client.get(response["Location"]).status_code == 200
    assert edition_2024.expressions.get().title == data["title"]


def test_2024_has_every_section_and_link_of_the_earlier_page(edition_2024):
    sections = edition_2024.sections.for_home()

    assert [(section.shown_heading, section.shows) for section in sections] == [
        ("", ""),
        ("Topics", "topics"),
        ("Format and Participation", ""),
        *((heading, "group") for heading, _ in SHIPPED["2024"]["groups"]),
    ]
    assert [paragraphs(section.body) for section in sections if section.body] == [
        SHIPPED["2024"]["introduction"],
        ["The workshop covers the following topics:"],
        [
            "The workshop will include keynote speeches, panel discussions, invited talks, and "
            "networking sessions."
        ],
    ]
    html = render(edition_2024.sections.get(slug="introduction").body)
    gail = "https://www.ed.ac.uk/news/2023/university-to-lead-new-era-of-generative-ai"
    assert f'<a href="{gail}" rel="noopener">Edinburgh Generative AI Lab (GAIL)</a>' in html
    assert '<a href="/2024/interest/" rel="noopener">this form</a>' in html
    assert html.count("<a ") == 2


def test_2024_has_its_topics_and_people(edition_2024):
    topics = edition_2024.topics.all()

    assert lists(topics.values_list("heading", "description")) == SHIPPED["2024"]["topics"]
    assert groups_of(edition_2024) == SHIPPED["2024"]["groups"]


def test_2023_is_a_past_edition_that_invents_nothing(edition_2023):
    facts = ("title", "year", "state", "is_current", "hue", "time_zone")

    assert [getattr(edition_2023, name) for name in facts] == [
        # NeurIPS 2023 met in New Orleans.
        *("Workshop at NeurIPS 2023", 2023, "archived", False, 330, "America/Chicago"),
    ]
    assert (edition_2023.starts_on, edition_2023.date_note, edition_2023.venue) == (None, "", "")
    assert edition_2023.contact_email == ""
    assert (edition_2023.parent_event_name, edition_2023.parent_event_url) == (
        *("NeurIPS 2023", "https://neurips.cc/virtual/2023/workshop/66498"),
    )


def test_2023_has_its_people_sponsors_awards_and_announcements(edition_2023):
    speakers = Person.objects.filter(memberships=None).order_by("name")
    sponsors = Sponsor.objects.filter(level__edition=edition_2023, is_shown=True)

    assert groups_of(edition_2023) == SHIPPED["2023"]["groups"]
    assert lists(speakers.values_list("name", "link", "affiliation")) == SHIPPED["2023"]["speakers"]
    assert lists(sponsors.values_list("name", "link")) == SHIPPED["2023"]["sponsors"]
    awards = edition_2023.awards.published().with_public_recipients()
    assert [
        [
            award.heading,
            [
                [paper.shown_title, paper.url.rpartition("=")[2], ", ".join(paper.names)]
                for paper in award.public_recipients
            ],
        ]
        for award in awards
    ] == SHIPPED["2023"]["awards"]
    assert [award.kind for award in awards] == ["award", "honourable_mention"]
    news = list(NewsItem.objects.filter(edition=edition_2023).published())
    assert {(item.title, item.published_at) for item in news} == {("", None)}
    assert [plain_text(item.body) for item in news] == SHIPPED["2023"]["news"]
    assert "(https://neurips.cc/virtual/2023/workshop/66498)" in news[0].body
    assert "(/2023/speakers/)" in news[1].body


def test_2023_has_its_programme_with_times(edition_2023):
    timetable = draft_timetable(edition_2023)
    slots = [
        [
            f"{slot.starts_at:%H:%M}–{slot.ends_at:%H:%M}",
            slot.contribution.kind,
            slot.contribution.title,
            [str(one) for one in slot.contribution.contributors.all()],
        ]
        for slot in timetable.slots()
        if slot.contribution
    ]

    assert slots == SHIPPED["2023"]["programme"]
    panels = [session.title for session in timetable.sessions() if session.kind == "panel"]
    assert panels == ["Panel 1", "Panel 2"]
    assert find_conflicts(timetable, edition=edition_2023) == []


def test_2023_is_shown_in_full_and_leads_to_the_current_edition(loaded, client):
    page = client.get("/2023/").content.decode()
    programme = client.get("/2023/programme/").content.decode()

    assert 'href="/2024/">Go to Efficient GenAI 2024</a>' in page
    for text in (
        *("Recordings", "Talk slides", "Thank you for joining us", "Paper Awards", "Best Paper"),
        *("Delve into PPO", "Haoran Huang", "Honorable Mention", "Self-RAG", "Steering Committee"),
        *("Hannaneh Hajishirzi", "Sponsors", "SambaNova Systems", "Programme", "Speakers"),
        *("Sara Hooker", "Panel 2"),
    ):
        assert text in page, text
    assert "To be announced" not in page, "of a past year nothing will be announced"
    assert "Open and Collaborative Strategies for Large Language Model Adaptation" in programme
    assert "Colin Raffel" in programme
