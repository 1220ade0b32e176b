"""The shipped editions say what the workshop's earlier page said, and nothing else."""

import pytest

from apps.core.markdown import plain_text, render
from apps.editions.models import Call, Edition
from apps.imports.folders.importing import load_missing_editions
from apps.news.models import NewsItem
from apps.people.models import Person
from apps.sponsors.models import Sponsor

EDINBURGH = "University of Edinburgh"

INTRODUCTION = [
    "The International Workshop on Efficient GenAI (2024) aims to bring together researchers and ",
    "We are pleased to announce that we have confirmed invited speakers from University of ",
    "We extend this invitation to researchers and students from all UK's organizations and ",
]
TOPICS = [
    "Efficient Model Architectures",
    "Training and Fine-tuning Methods",
    "Inference Methods",
    "Dataset Management and Retrieval-Based Methods",
    "Efficient System Software",
    "New Hardware Adoption",
    "Interdisciplinary Efficiency Perspectives",
]
GROUPS = [
    (
        "Organization Chairs",
        [
            ("Luo Mai", "https://luomai.github.io/", EDINBURGH),
            ("Edoardo Ponti", "https://ducdauge.github.io/", EDINBURGH),
        ],
    ),
    (
        "GAIL Interim Director",
        [("Mirella Lapata", "https://homepages.inf.ed.ac.uk/mlap/", EDINBURGH)],
    ),
    (
        "Organization Team Members",
        [
            ("Pasquale Minervini", "http://www.neuralnoise.com/", EDINBURGH),
            ("Antreas Antoniou", "https://antreas.io/home/", EDINBURGH),
            (
                "Shangmin Guo",
                "https://scholar.google.com/citations?user=cpOrbSoAAAAJ&hl=en",
                EDINBURGH,
            ),
            ("Yao Fu", "https://franxyao.github.io/", EDINBURGH),
            ("Yeqi Huang", "https://yeqi-huang.com", EDINBURGH),
        ],
    ),
]

# Title, address and number of authors of each paper.
AWARDS = {
    "Best Paper": [
        ("Delve into PPO: Implementation Matters for Stable RLHF", "rxEmiOEIFL", 19),
        ("Learning Interactive Real-World Simulators", "5O9JBt35zg", 6),
    ],
    "Honorable Mention": [
        (
            "Understanding Hidden Context in Preference Learning: Consequences for RLHF",
            "GO8aPQ9Odp",
            3,
        ),
        (
            "Tensor Trust: Interpretable Prompt Injection Attacks from an Online Game",
            "UWymGURI75",
            12,
        ),
        (
            "Understanding the Effects of RLHF on LLM Generalisation and Diversity",
            "Bc3S2G1PxH",
            7,
        ),
        (
            "Interactive Planning Using Large Language Models for Partially Observable Robotics "
            "Tasks",
            "apEdj9baZx",
            8,
        ),
        ("Self-RAG: Self-reflective Retrieval Augmented Generation", "jbNjgmE0OP", 5),
        (
            "FLASK: Fine-grained Language Model Evaluation based on Alignment Skill Sets",
            "5dI6ZphLYX",
            9,
        ),
    ],
}


@pytest.fixture
def loaded(db, pytestconfig) -> None:
    load_missing_editions(pytestconfig.rootpath / "content")


@pytest.fixture
def edition_2024(loaded) -> Edition:
    return Edition.objects.get(slug="2024")


def paragraphs(text: str) -> list[str]:
    return [plain_text(paragraph, 10_000) for paragraph in text.split("\n\n")]


def people_of(group) -> list[tuple[str, str, str]]:
    return [
        (row.person.name, row.person.link, row.shown_affiliation)
        for row in group.memberships.select_related("person")
    ]


def test_2024_is_the_home_page_and_invents_nothing(edition_2024):
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


def test_2024_has_every_section_a_visitor_saw(edition_2024):
    sections = edition_2024.sections.for_home()

    assert [(section.shown_heading, section.shows) for section in sections] == [
        ("", ""),
        ("Topics", "topics"),
        ("Format and Participation", ""),
        *((heading, "group") for heading, _ in GROUPS),
    ]
    introduction, topics, form = (paragraphs(section.body) for section in sections if section.body)
    assert [text[: len(first)] for text, first in zip(introduction, INTRODUCTION, strict=True)] == (
        INTRODUCTION
    )
    assert topics == ["The workshop covers the following topics:"]
    assert form == [
        "The workshop will include keynote speeches, panel discussions, invited talks, and "
        "networking sessions."
    ]


def test_2024_keeps_the_links_of_the_introduction(edition_2024):
    html = render(edition_2024.sections.get(slug="introduction").body)

    gail = "https://www.ed.ac.uk/news/2023/university-to-lead-new-era-of-generative-ai"
    assert f'<a href="{gail}" rel="noopener">Edinburgh Generative AI Lab (GAIL)</a>' in html
    assert '<a href="/2024/interest/" rel="noopener">this form</a>' in html
    assert html.count("<a ") == 2


def test_2024_calls_in_the_words_of_the_page_and_names_no_dates(edition_2024):
    call = edition_2024.call

    assert call.text == (
        "Edinburgh's PhD students are invited to send us expressions of interest to give "
        "lightning talks and present posters."
    )
    assert {call.opens_on, call.closes_on, call.edits_close_on, call.decisions_on} == {None}
    assert call.status == Call.Status.UNDATED
    assert not edition_2024.questions.exists()


def test_2024_has_its_seven_topics(edition_2024):
    topics = edition_2024.topics.all()

    assert [topic.heading for topic in topics] == TOPICS
    assert topics[0].description.startswith("Exploring innovations in language and multi-modal")


def test_2024_has_its_people(edition_2024):
    groups = edition_2024.groups.all()

    assert [(group.heading, people_of(group)) for group in groups] == GROUPS


def test_2023_is_a_past_edition_that_invents_nothing(loaded):
    edition = Edition.objects.get(slug="2023")

    assert (edition.title, edition.year, edition.state, edition.is_current, edition.hue) == (
        *("Workshop at NeurIPS 2023", 2023, "archived", False, 330),
    )
    assert (edition.starts_on, edition.date_note, edition.venue, edition.contact_email) == (
        *(None, "", "", ""),
    )
    assert edition.time_zone == "America/Chicago", "NeurIPS 2023 met in New Orleans"
    assert (edition.parent_event_name, edition.parent_event_url) == (
        "NeurIPS 2023",
        "https://neurips.cc/virtual/2023/workshop/66498",
    )


def test_2023_has_its_steering_committee(loaded):
    group = Edition.objects.get(slug="2023").groups.get()

    ai2 = "Allen Institute for AI"
    assert (group.heading, people_of(group)) == (
        "Steering Committee",
        [
            (
                "Hannaneh Hajishirzi",
                "https://homes.cs.washington.edu/~hannaneh/",
                f"University of Washington\n{ai2}",
            ),
            (
                "Xiang Ren",
                "https://shanzhenren.github.io/",
                f"University of Southern California\n{ai2}",
            ),
            ("Robin Jia", "https://robinjia.github.io/", "University of Southern California"),
        ],
    )


def test_2023_has_its_speakers_and_panellists(loaded):
    people = Person.objects.filter(memberships=None).order_by("name")

    assert list(people.values_list("name", "link", "affiliation")) == [
        ("Albert Webson", "https://representation.ai/", "Google DeepMind\nUniversity of Tokyo"),
        ("Alex Tamkin", "https://www.alextamkin.com/", "Anthropic"),
        ("Colin Raffel", "https://colinraffel.com/", "University of Toronto\nVector Institute"),
        ("Fei Xia", "https://fxia22.github.io/", "Google DeepMind"),
        ("Hao Zhang", "https://cseweb.ucsd.edu/~haozhang/", "UC San Diego\nlmsys.org"),
        ("Hyung Won Chung", "https://hwchung27.github.io/", "OpenAI"),
        ("Nazneen Rajani", "https://www.nazneenrajani.com/", "(Formerly)\nHugging Face"),
        ("Prithviraj (Raj) Ammanabrolu", "https://prithvirajva.com/", "UC San Diego\nMosaicML"),
        ("Sara Hooker", "https://www.sarahooker.me/", "Cohere for AI"),
        ("Tatsunori Hashimoto", "https://thashim.github.io/", "Stanford University"),
    ]


def test_2023_has_its_awards(loaded):
    at = "https://openreview.net/forum?id="
    awards = Edition.objects.get(slug="2023").awards.published().with_public_recipients()
    found = {
        award.heading: [
            (paper.shown_title, paper.url.removeprefix(at), len(paper.names))
            for paper in award.public_recipients
        ]
        for award in awards
    }

    assert found == AWARDS
    assert [award.kind for award in awards] == ["award", "honourable_mention"]


def test_2023_has_its_sponsors(loaded):
    sponsors = Sponsor.objects.filter(level__edition__slug="2023", is_shown=True)

    assert list(sponsors.values_list("name", "link")) == [
        ("Ubiquant", "https://www.ubiquant.com/website/home"),
        ("SambaNova Systems", "https://sambanova.ai/"),
        ("Apple", "https://www.apple.com/"),
    ]


def test_2023_has_its_announcements(loaded):
    news = list(NewsItem.objects.filter(edition__slug="2023").published())

    assert [(one.title, one.published_at, plain_text(one.body)) for one in news] == [
        (
            "",
            None,
            "Recordings are available on the NeurIPS website (NeurIPS registration required). They "
            "will be made public after one month (Jan 2024).",
        ),
        ("", None, "Talk slides are posted on the speakers page."),
        ("", None, "Thank you for joining us at NeurIPS 2023! Hope to see you next time!"),
    ]
    assert "(https://neurips.cc/virtual/2023/workshop/66498)" in news[0].body
    assert "(/2023/speakers/)" in news[1].body


def test_2023_shows_in_full_and_leads_to_the_current_edition(loaded, client):
    page = client.get("/2023/").content.decode()

    assert 'href="/2024/">Go to Efficient GenAI 2024</a>' in page
    for words in (
        *("Recordings", "Talk slides", "Thank you for joining us", "Paper Awards", "Best Paper"),
        *("Delve into PPO", "Haoran Huang", "Honorable Mention", "Self-RAG", "Steering Committee"),
        *("Hannaneh Hajishirzi", "Sponsors", "SambaNova Systems", "Programme", "Speakers"),
        *("Sara Hooker", "Panel 2"),
    ):
        assert words in page, words
    assert "To be announced" not in page, "what is not known of a past year will not be announced"
    programme = client.get("/2023/programme/").content.decode()
    assert "Open and Collaborative Strategies for Large Language Model Adaptation" in programme
    assert "Colin Raffel" in programme
