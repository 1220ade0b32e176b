"""Two large invented editions as content folders: six days of parallel talks, and a day of papers.

They are the same every time but for their dates. `make demo SIZE=large` shows them; tests and
benchmarks import them. Their words are in `demo_data/large.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from apps.editions.models import Edition
from apps.imports.folders.importing import import_edition
from apps.ops.demo import OtherEditionsExist

LARGE_DEMO_SLUGS = ("every-scale", "small-models")
TRACKS = ("Seminar Room Ash", "Seminar Room Birch", "Seminar Room Cedar")
_DAYS = 6
_WORDS = yaml.safe_load(
    (Path(__file__).parent / "demo_data" / "large.yaml").read_text(encoding="utf-8")
)
_TOPICS = [
    {"slug": slugify(heading), "heading": heading, "description": f"All about {heading.lower()}."}
    for heading in _WORDS["topics"]
]

Fields = dict[str, Any]


def build_large_demo(*, today: date | None = None) -> bool:
    """Import both editions, the conference ten weeks after `today`; return False if they exist.

    Raises OtherEditionsExist if the database holds other editions.
    """
    conference, paper_day = LARGE_DEMO_SLUGS
    if Edition.objects.filter(slug=conference).exists():
        return False
    if Edition.objects.exists():
        raise OtherEditionsExist
    day = (today or timezone.localdate()) + timedelta(weeks=10)
    monday = day - timedelta(days=day.weekday())
    with TemporaryDirectory() as name, transaction.atomic():
        folder = Path(name)
        import_edition(folder=write_conference(folder / conference, starts_on=monday))
        held_on = monday - timedelta(weeks=52)
        import_edition(folder=write_paper_day(folder / paper_day, held_on=held_on))
    return True


def write_conference(folder: Path, *, starts_on: date) -> Path:
    """Write an edition of six days with three tracks: 60 sessions, 170 talks, 164 presenters."""
    facts, people = _WORDS["conference"], people_from(0, 164)
    dates = {
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=_DAYS - 1),
        "deadlines": [
            {"title": "Early registration", "due_on": starts_on - timedelta(days=30)},
            {"title": "Slides", "due_on": starts_on - timedelta(days=3), "due_time": time(17)},
            *[
                {"group": group, "title": title, "due_on": starts_on - timedelta(days=days)}
                for group, title, days in (
                    ("Workshop papers", "Submission", 120),
                    ("Workshop papers", "Final versions", 40),
                    ("Shared task", "Submission", 100),
                )
            ],
        ],
    }
    files = {
        "edition.yaml": {"slug": folder.name, "year": starts_on.year, **facts["edition"], **dates},
        "people.yaml": people,
        "groups.yaml": [{"slug": "chairs", "heading": "Chairs", "members": list(people)[:6]}],
        "topics.yaml": _TOPICS,
        "programme.yaml": {"is_published": True, "sessions": _conference_sessions(list(people))},
        "news.yaml": facts["news"],
    }
    return write_folder(folder, files, facts["sections"])


def _conference_sessions(slugs: list[str]) -> list[Fields]:
    """Ten a day: a keynote, two rounds of three parallel ones, two breaks, and one to end with."""
    sessions: list[Fields] = []
    talks, numbers = _talks(slugs), count()
    for day, last in enumerate(_WORDS["conference"]["last_sessions"], 1):
        hall = {"day": day, "room": "Great Hall"}
        if last["kind"] == "panel":
            last = last | {"contributions": [_panel("scale-or-not", last["title"], slugs[10:14])]}
        sessions += [
            _session(
                f"keynote-{day}", "9:00", "10:00", hall, "keynote", contributions=[next(talks)]
            ),
            _session(f"coffee-{day}", "10:00", "10:30", {"day": day}, "break", title="Coffee"),
            *(_track("morning", day, track, next(numbers), talks, slugs) for track in range(3)),
            _session(f"lunch-{day}", "12:00", "13:30", {"day": day}, "lunch"),
            *(_track("afternoon", day, track, next(numbers), talks, slugs) for track in range(3)),
            {"slug": f"end-of-day-{day}", "starts_at": "15:30", **hall, **last},
        ]
    return sessions


def _session(
    slug: str, starts_at: str, ends_at: str, place: Fields, kind: str, **more: Any
) -> Fields:
    return {"slug": slug, "kind": kind, "starts_at": starts_at, "ends_at": ends_at} | place | more


def _track(
    part: str, day: int, track: int, number: int, talks: Iterator[Fields], slugs: list[str]
) -> Fields:
    """A session of 90 minutes; 20 of all 36 have five talks, the others four.

    Between the second and the third of four is a contribution that only fills time, or a pause.
    """
    hours = ("10:30", "12:00") if part == "morning" else ("13:30", "15:00")
    topic = _TOPICS[number % len(_TOPICS)]
    size, minutes = (5, 18) if number < 20 else (4, 20)
    rows = [talk | {"minutes": minutes, "topics": [topic["slug"]]} for talk in islice(talks, size)]
    if size == 4 and number % 2:
        rows.insert(2, {"slug": f"filler-{number}", "minutes": 10})
    elif size == 4:
        rows[2] |= {"starts_at": "11:20" if part == "morning" else "14:20"}
    return _session(
        f"{part}-{day}-{'abc'[track]}",
        *hours,
        {"day": day, "room": TRACKS[track]},
        "contributed",
        title=f"{topic['heading']} {number // len(_TOPICS) + 1}",
        chairs=[{"person": slugs[number * 7 % len(slugs)]}],
        contributions=rows,
        description=f"*Questions* for session {number} go to its chair." if number % 6 == 0 else "",
    )


def _talks(slugs: list[str]) -> Iterator[Fields]:
    """Talks with different titles, given by the people in turn."""
    for number in count():
        yield {
            "slug": f"talk-{number + 1}",
            "title": title_of(number, with_formula=number % 3 == 0),
            "abstract": abstract_of(number),
            "contributors": [{"person": slugs[number % len(slugs)], "role": "speaker"}],
        }


def title_of(number: int, *, with_formula: bool = False) -> str:
    """A title; different for each number up to a thousand."""
    adjective, noun, setting = (
        _WORDS[name][number % len(_WORDS[name])] for name in ("adjectives", "nouns", "settings")
    )
    formula = _formula(number) + " " if with_formula else ""
    return f"{adjective} {formula}{noun} {setting}"


def abstract_of(number: int) -> str:
    """Two paragraphs; every third has a formula."""
    sentences = _WORDS["sentences"]
    first, second, third, last = (sentences[(number + step) % len(sentences)] for step in range(4))
    if number % 3 == 0:
        second = f"The cost of step {number} falls to {_formula(number)}, the best possible."
    return f"{first} {second}\n\n{third} {last}"


def _formula(number: int) -> str:
    formula: str = _WORDS["formulas"][number // 3 % len(_WORDS["formulas"])]
    return formula


def people_from(start: int, length: int) -> dict[str, Fields]:
    """People by their slugs; each number from 0 to 379 stands for another name."""
    people = {}
    for number in range(start, start + length):
        first, last, town = (
            _WORDS[name][number % len(_WORDS[name])]
            for name in ("first_names", "last_names", "towns")
        )
        slug = slugify(f"{first} {last}")
        link, affiliation = f"https://people.example.org/{slug}", f"University of {town}"
        people[slug] = {"name": f"{first} {last}", "link": link, "affiliation": affiliation}
    return people


def write_paper_day(folder: Path, *, held_on: date) -> Path:
    """Write an edition of one day: 72 papers with four links each, 2 panels, 8 awards, 100 reviewers.

    Four of the papers are in no session.
    """
    facts, people, reviewers = _WORDS["paper_day"], people_from(200, 24), people_from(230, 100)
    edition = {"slug": folder.name, "year": held_on.year, "starts_on": held_on, **facts["edition"]}
    papers = [_paper(number, list(people)) for number in range(72)]
    groups = [
        {"slug": "organisers", "heading": "Organisers", "members": list(people)[:8]},
        {
            "slug": "reviewers",
            "heading": "Reviewers",
            "display": "names",
            "members": list(reviewers),
        },
    ]
    files = {
        "edition.yaml": edition,
        "people.yaml": people | reviewers,
        "groups.yaml": groups,
        "programme.yaml": {
            "is_published": True,
            "session_labels": facts["session_labels"],
            "contribution_labels": facts["contribution_labels"],
            "sessions": _paper_sessions(papers[:68], list(people)),
            "contributions": papers[68:],
        },
        "awards.yaml": [_award(number) for number in range(8)],
        "sponsors.yaml": facts["sponsors"],
    }
    return write_folder(folder, files, facts["sections"])


def _paper_sessions(papers: list[Fields], slugs: list[str]) -> list[Fields]:
    """Two talks, two panels, eight papers as talks, and twice all papers on boards."""
    orals = [paper | {"minutes": 10} for paper in papers[:8]]
    boards = [paper | {"board": f"P{number}"} for number, paper in enumerate(papers[8:], 9)]
    first, second = (
        {
            "slug": f"invited-{number}",
            "kind": "invited",
            "title": title_of(300 + number),
            "abstract": abstract_of(301),
            "contributors": [{"person": slugs[number], "role": "speaker"}],
        }
        for number in (1, 2)
    )
    panels = [
        _panel(f"panel-{number}-question", title, slugs[5 * number - 2 : 5 * number + 3])
        for number, title in enumerate(_WORDS["paper_day"]["panels"], 1)
    ]
    hall, foyer = {"room": "Hall 4"}, {"room": "Foyer"}
    return [
        _session("welcome", "8:50", "9:00", hall, "opening"),
        _session("first-talk", "9:00", "9:45", hall, "invited", contributions=[first]),
        _session("orals", "9:45", "11:05", hall, "contributed", contributions=orals, title="Orals"),
        _session("coffee", "11:05", "11:30", {}, "break"),
        _session("panel-1", "11:30", "12:30", hall, "panel", contributions=panels[:1]),
        _session("lunch", "12:30", "13:30", {}, "lunch"),
        _session("second-talk", "13:30", "14:15", hall, "invited", contributions=[second]),
        _session("panel-2", "14:15", "15:15", hall, "panel", contributions=panels[1:]),
        _session("posters", "15:15", "16:15", foyer, "posters", contributions=boards)
        | {
            "repeats": [
                {"contribution": paper["slug"], "kind": "poster", "board": f"P{number}"}
                for number, paper in enumerate(orals, 1)
            ]
        },
        _session("more-posters", "16:30", "17:30", foyer, "posters", title="Posters again")
        | {"repeats_session": "posters"},
    ]


def _paper(number: int, slugs: list[str]) -> Fields:
    """A paper by one of the people and two others who are only named."""
    authors: list[Fields] = [{"person": slugs[number % len(slugs)], "role": "author"}]
    authors += [
        {"name": row["name"], "affiliation": row["affiliation"], "role": "author"}
        for row in people_from(100 + number, 2).values()
    ]
    authors[-1]["is_corresponding"] = True
    address = f"https://papers.example.org/{number + 1}"
    return {
        "slug": f"paper-{number + 1}",
        "kind": "paper",
        "title": title_of(200 + number),
        "abstract": abstract_of(200 + number),
        "contributors": authors,
        **{name: f"{address}/{name}" for name in ("paper", "code")},
        "links": [
            {"kind": "reviews", "label": "Forum", "link": f"{address}/forum"},
            {"kind": "doi", "link": f"https://doi.org/10.5555/{number + 1}"},
        ],
    }


def _panel(slug: str, title: str, slugs: list[str]) -> Fields:
    """A panel; the first of the people moderates."""
    people = [
        {"person": person, "role": "panellist" if number else "moderator"}
        for number, person in enumerate(slugs)
    ]
    return {"slug": slug, "kind": "panel", "title": title, "contributors": people}


def _award(number: int) -> Fields:
    is_prize = number < 4
    town = _WORDS["towns"][number % 4]
    return {
        "slug": f"award-{number + 1}",
        "heading": f"{'Best paper' if is_prize else 'Mention'}, {town} prize",
        "kind": "award" if is_prize else "honourable_mention",
        "description": f"The jury of {number + 3} liked its *candour*.",
        "given_to": [{"slug": f"winner-{number + 1}", "contribution": f"paper-{number * 9 + 1}"}],
    }


def write_folder(folder: Path, files: Fields, sections: list[Fields]) -> Path:
    """Write YAML files, and the sections of the home page as Markdown; return the folder."""
    (folder / "sections").mkdir(parents=True)
    for name, contents in files.items():
        (folder / name).write_text(_yaml(contents), encoding="utf-8")
    for number, section in enumerate(sections, 10):
        fields = {name: value for name, value in section.items() if name != "body"}
        text = f"---\n{_yaml(fields)}---\n\n{section.get('body', '')}\n"
        path = folder / "sections" / f"{number}-{section['slug']}.md"
        path.write_text(text, encoding="utf-8")
    return folder


def _yaml(contents: Any) -> str:
    return yaml.safe_dump(_plain(contents), allow_unicode=True, sort_keys=False)


def _plain(value: Any) -> Any:
    """Copies without shared parts, which YAML would write as anchors; times as people write them."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return f"{value:%H:%M}" if isinstance(value, time) else value
