"""Two large invented editions as content folders: six days of parallel talks, and a day of papers.

They are the same every time but for their dates. `make demo SIZE=large` shows them; tests and
benchmarks import them.
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
_HALL = "Great Hall"
_DAYS = 6
_MINUTES = 90  # a parallel session: five talks of 18 minutes, or four of 20

_FIRST_NAMES = (
    *("Ainhoa", "Bartosz", "Chiamaka", "Dorottya", "Émile", "Fionnuala", "Giedrė", "Håkon"),
    *("Isadora", "Jiří", "Katarína", "Lúcio", "Małgorzata", "Nayeli", "Özlem", "Petra"),
    *("Quentin", "Rūta", "Søren", "Thandiwe"),
)
_LAST_NAMES = (
    *("Aldermoor", "Brækstad", "Čapková", "Duskfield", "Eßwein", "Fernhollow", "Garðarson"),
    *("Hartwhistle", "Ívarsdóttir", "Juniperson", "Kørvald", "Larkmeadow", "Mistleroy"),
    *("Nightingill", "Østerhaug", "Pebbleworth", "Quillfeather", "Rosenquill", "Šedivec"),
)
_PLACES = ("Strathmoor", "Westerwick", "Ærholm", "Lindenau", "Oakhaven", "Sainte-Brume", "Tarnów")
_ADJECTIVES = (
    *("Sparse", "Robust", "Scalable", "Adaptive", "Private", "Randomised", "Parallel"),
    *("Certified", "Low-rank", "Online", "Distributed", "Interpretable", "Streaming"),
)
_NOUNS = (
    *("estimators", "kernels", "schedulers", "embeddings", "solvers", "transports", "sketches"),
    *("samplers", "decoders", "surrogates", "meshes"),
)
_SETTINGS = (
    *("for noisy graphs", "under drift", "with few labels", "on small devices", "at the edge"),
    *("without gradients", "from partial views"),
)
# In every third title and in its abstract; what a formula means is beside the point.
FORMULAS = (
    *(r"$O(n \log n)$", r"$\ell_1$", r"\(k\)", r"$\mathbb{R}^d$", r"$\frac{1}{\varepsilon^2}$"),
    *(r"$x_{t+1} = x_t - \eta \nabla f(x_t)$", r"$\sum_{i=1}^{n} \lambda_i \le 1$"),
)
_SENTENCES = (
    "We study a setting that practice has and theory leaves out.",
    "Our method needs one pass over the data & no tuning.",
    "Earlier bounds were loose by a factor that grows with the depth.",
    "Experiments on four public data sets agree with the analysis.",
    "All code is available, and each figure can be made again in an hour.",
    "We close with two open problems.",
)


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
    people = _people(164, seed=0)
    talks = _talks(people)
    edition = {
        "slug": folder.name,
        "year": starts_on.year,
        "title": "Conference on Learning at Every Scale",
        "short_name": "Every Scale",
        "summary": "Six days of talks in three tracks, in Strathmoor.",
        "state": "published",
        "is_current": True,
        "hue": 255,
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=_DAYS - 1),
        "time_zone": "Europe/London",
        "venue": "Lantern Hall, University of Strathmoor",
        "venue_address": "12 Weavers' Row\nStrathmoor",
        "contact_email": "chairs@scale.example",
        "deadlines": [
            {"title": "Early registration", "due_on": starts_on - timedelta(days=30)},
            {"title": "Slides", "due_on": starts_on - timedelta(days=3), "due_time": time(17)},
        ],
    }
    chairs = list(people)[:6]
    files = {
        "edition.yaml": edition,
        "people.yaml": people,
        "groups.yaml": [{"slug": "chairs", "heading": "Chairs", "members": chairs}],
        "topics.yaml": _TOPICS,
        "programme.yaml": {"is_published": True, "sessions": _sessions(talks, list(people))},
        "news.yaml": [
            {
                "slug": "programme",
                "title": "The programme is out",
                "body": "Six days, **170** talks.",
            }
        ],
        **_section("introduction", body=_INTRODUCTION),
        **_section("programme", "Programme", shows="programme"),
        **_section("keynotes", "Keynotes", shows="speakers"),
        **_section("dates", "Dates", shows="deadlines"),
        **_section("place", "Place", shows="venue"),
    }
    return _write(folder, files)


_INTRODUCTION = "Talks about learning on anything from a wristwatch to a *data centre*."
_TOPICS = [
    {"slug": slugify(heading), "heading": heading, "description": f"All about {heading.lower()}."}
    for heading in ("Theory", "Systems", "Hardware", "Language", "Vision", "Graphs", "Privacy")
]


def _sessions(talks: Iterator[dict[str, Any]], slugs: list[str]) -> list[dict[str, Any]]:
    """Ten a day: a keynote, two rounds of three parallel ones, two breaks, and one to end with."""
    sessions = []
    numbers = count()
    for day in range(1, _DAYS + 1):
        keynote = next(talks) | {"kind": "keynote"}
        plenary = {"day": day, "room": _HALL}
        sessions += [
            _session(
                f"keynote-{day}", "keynote", "9:00", "10:00", plenary, contributions=[keynote]
            ),
            _session(f"coffee-{day}", "break", "10:00", "10:30", {"day": day}, title="Coffee"),
            *_round("morning", "10:30", "12:00", day, numbers, talks, slugs),
            _session(f"lunch-{day}", "lunch", "12:00", "13:30", {"day": day}),
            *_round("afternoon", "13:30", "15:00", day, numbers, talks, slugs),
            _session(f"end-of-day-{day}", day=plenary, **_EVENINGS[day - 1]),
        ]
    people = [{"person": slug, "role": "panellist"} for slug in slugs[10:14]]
    people[0]["role"] = "moderator"
    panel = next(session for session in sessions if session["kind"] == "panel")
    panel["contributions"] = [
        {
            "slug": "scale-or-not",
            "kind": "panel",
            "title": "To scale or not",
            "contributors": people,
        }
    ]
    return sessions


_EVENINGS: list[dict[str, Any]] = [
    *[
        {"kind": kind, "starts_at": "15:30", "ends_at": ends_at, "title": title}
        for kind, ends_at, title in (
            ("social", "17:00", "Welcome reception"),
            ("panel", "16:30", "What is scale for?"),
            ("other", "16:30", "Open discussion"),
            ("social", "18:00", "Walk to the lighthouse"),
            ("social", "21:30", "Dinner"),
            ("other", "16:00", "Farewell"),
        )
    ],
]


def _session(
    slug: str, kind: str, starts_at: str, ends_at: str, day: dict[str, Any], **more: Any
) -> dict[str, Any]:
    hours = {"kind": kind, "starts_at": starts_at, "ends_at": ends_at}
    return {"slug": slug, **hours, **day, **more}


def _round(
    part: str,
    starts_at: str,
    ends_at: str,
    day: int,
    numbers: Iterator[int],
    talks: Iterator[dict[str, Any]],
    slugs: list[str],
) -> list[dict[str, Any]]:
    """Parallel sessions, one for each track; 20 of all 36 have five talks, the others four."""
    sessions = []
    for track, room in enumerate(TRACKS):
        number = next(numbers)
        size = 5 if number < 20 else 4
        topic = _TOPICS[number % len(_TOPICS)]
        session = _session(
            f"{part}-{day}-{'abc'[track]}",
            "contributed",
            starts_at,
            ends_at,
            {"day": day, "room": room},
            title=f"{topic['heading']} {number // len(_TOPICS) + 1}",
            chairs=[{"person": slugs[(number * 7) % len(slugs)]}],
            contributions=[
                talk | {"minutes": 18 if size == 5 else 20, "topics": [topic["slug"]]}
                for talk in islice(talks, size)
            ],
        )
        if number % 6 == 0:
            session["description"] = (
                f"Each talk of this session ends with *three minutes* on {number}."
            )
        sessions.append(session)
    return sessions


def _talks(people: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Talks with different titles, the presenters in turn; a third of the titles with a formula."""
    slugs = list(people)
    for number in count():
        presenter = slugs[number % len(slugs)]
        yield {
            "slug": f"talk-{number + 1}",
            "kind": "contributed",
            "title": _title(number, with_formula=number % 3 == 0),
            "abstract": abstract_of(number),
            "contributors": [{"person": presenter, "role": "speaker"}],
        }


def _title(number: int, *, with_formula: bool = False) -> str:
    """A title; different for each number up to a thousand."""
    adjective = _ADJECTIVES[number % len(_ADJECTIVES)]
    noun = _NOUNS[number % len(_NOUNS)]
    setting = _SETTINGS[number % len(_SETTINGS)]
    if with_formula:
        noun = f"{FORMULAS[number // 3 % len(FORMULAS)]} {noun}"
    return f"{adjective} {noun} {setting}"


def abstract_of(number: int) -> str:
    """Two paragraphs; with formulas where the title has one."""
    sentences = [_SENTENCES[(number + step) % len(_SENTENCES)] for step in range(4)]
    if number % 3 == 0:
        formula = FORMULAS[number // 3 % len(FORMULAS)]
        sentences[1] = f"The cost of step {number} falls to {formula}, which is the best possible."
    return "{} {}\n\n{} {}".format(*sentences)


def _people(number: int, *, seed: int) -> dict[str, Any]:
    """People with different names by their slugs; `seed` is the first of a list of 380."""
    people = {}
    for index in range(seed, seed + number):
        first = _FIRST_NAMES[index % len(_FIRST_NAMES)]
        last = _LAST_NAMES[index % len(_LAST_NAMES)]
        slug = slugify(f"{first} {last}")
        people[slug] = {
            "name": f"{first} {last}",
            "link": f"https://people.example.org/{slug}",
            "affiliation": f"University of {_PLACES[index % len(_PLACES)]}",
        }
    return people


def write_paper_day(folder: Path, *, held_on: date) -> Path:
    """Write an edition of one day: 72 papers with four links each, 2 panels, 8 awards, 100 reviewers."""
    people = _people(24, seed=200)
    reviewers = _people(100, seed=230)
    papers = [_paper(number, list(people)) for number in range(72)]
    edition = {
        "slug": folder.name,
        "year": held_on.year,
        "title": "Workshop on Papers about Small Models",
        "short_name": "Small Models",
        "state": "published",
        "hue": 25,
        "starts_on": held_on,
        "time_zone": "Europe/Berlin",
        "venue": "Hall 4, Lindenau",
    }
    programme = {"is_published": True, "sessions": _paper_sessions(papers, list(people))}
    files = {
        "edition.yaml": edition,
        "people.yaml": people | reviewers,
        "groups.yaml": [
            {"slug": "organisers", "heading": "Organisers", "members": list(people)[:8]},
            {"slug": "reviewers", "heading": "Reviewers", "members": list(reviewers)},
        ],
        "programme.yaml": programme,
        "awards.yaml": [_award(number) for number in range(8)],
        "sponsors.yaml": _SPONSORS,
        **_section("introduction", body="A day about small models."),
        **_section("programme", "Programme", shows="programme"),
        **_section("awards", "Awards", shows="awards"),
        **_section("posters", "Papers", shows="posters"),
        **_section("sponsors", "Sponsors", shows="sponsors"),
    }
    return _write(folder, files)


def _paper(number: int, slugs: list[str]) -> dict[str, Any]:
    """A paper by one of the people and two others who are only named."""
    others = _people(2, seed=100 + number)
    authors: list[dict[str, Any]] = [{"person": slugs[number % len(slugs)], "role": "author"}]
    authors += [
        {"name": row["name"], "affiliation": row["affiliation"], "role": "author"}
        for row in others.values()
    ]
    authors[-1]["is_corresponding"] = True
    address = f"https://papers.example.org/{number + 1}"
    links = {name: f"{address}/{name}" for name in ("paper", "arxiv", "code", "video")}
    return {
        "slug": f"paper-{number + 1}",
        "kind": "paper",
        "title": _title(200 + number),
        "abstract": abstract_of(200 + number),
        "contributors": authors,
        **links,
    }


def _paper_sessions(papers: list[dict[str, Any]], slugs: list[str]) -> list[dict[str, Any]]:
    """Two talks, two panels, eight papers as talks and all papers on boards."""
    talks = [
        {
            "slug": f"invited-{number}",
            "kind": "invited",
            "title": _title(300 + number),
            "abstract": abstract_of(301),
            "contributors": [{"person": slugs[number], "role": "speaker"}],
        }
        for number in (1, 2)
    ]
    boards = [paper | {"board": f"P{number}"} for number, paper in enumerate(papers[8:], 9)]
    orals = [paper | {"minutes": 10} for paper in papers[:8]]
    day = {"day": 1, "room": "Hall 4"}
    return [
        _session("welcome", "opening", "8:50", "9:00", day),
        _session("first-talk", "invited", "9:00", "9:45", day, contributions=talks[:1]),
        _session("orals", "contributed", "9:45", "11:05", day, title="Orals", contributions=orals),
        _session("coffee", "break", "11:05", "11:30", {}),
        _panel(1, "11:30", "12:30", day, slugs[3:8]),
        _session("lunch", "lunch", "12:30", "13:30", {}),
        _session("second-talk", "invited", "13:30", "14:15", day, contributions=talks[1:]),
        _panel(2, "14:15", "15:15", day, slugs[8:13]),
        _session(
            slug="posters",
            kind="posters",
            starts_at="15:15",
            ends_at="17:15",
            day={"day": 1, "room": "Foyer"},
            contributions=boards,
            repeats=[paper["slug"] for paper in orals],
        ),
    ]


def _panel(
    number: int, starts_at: str, ends_at: str, day: dict[str, Any], slugs: list[str]
) -> dict[str, Any]:
    roles = ["moderator", *["panellist"] * (len(slugs) - 1)]
    panel = {
        "slug": f"panel-{number}-question",
        "kind": "panel",
        "title": ("Do small models need small data?", "Who pays for evaluation?")[number - 1],
        "contributors": [
            {"person": slug, "role": role} for slug, role in zip(slugs, roles, strict=True)
        ],
    }
    title = f"Panel {number}"
    return _session(
        f"panel-{number}", "panel", starts_at, ends_at, day, title=title, contributions=[panel]
    )


def _award(number: int) -> dict[str, Any]:
    is_first = number < 4
    return {
        "slug": f"award-{number + 1}",
        "heading": f"{'Best paper' if is_first else 'Mention'}, {_PLACES[number % 4]} prize",
        "kind": "award" if is_first else "honourable_mention",
        "description": f"The jury of {number + 3} liked its *candour*.",
        "given_to": [{"slug": f"winner-{number + 1}", "contribution": f"paper-{number * 9 + 1}"}],
    }


_SPONSORS = {
    "levels": [
        {
            "slug": "gold",
            "heading": "Gold",
            "sponsors": [
                {
                    "slug": slugify(name),
                    "name": name,
                    "link": f"https://{slugify(name)}.example/",
                }
                for name in ("Peat and Partners", "Weft Works")
            ],
        }
    ]
}


def _section(slug: str, heading: str = "", **fields: str) -> dict[str, Any]:
    """The file of a section of the home page."""
    return {f"sections/{slug}.md": {"slug": slug, "heading": heading, **fields}}


def _write(folder: Path, files: dict[str, Any]) -> Path:
    """Write YAML files and, numbered in their order, Markdown files; return the folder."""
    for number, (name, contents) in enumerate(files.items(), 10):
        path = folder / name.replace("sections/", f"sections/{number}-")
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".md"):
            fields = {key: value for key, value in contents.items() if key != "body"}
            text = f"---\n{_yaml(fields)}---\n\n{contents.get('body', '')}\n"
        else:
            text = _yaml(contents)
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
