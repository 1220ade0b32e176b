"""Invented editions that differ from year to year; the two large ones are in apps/ops/large_demo.py."""

from datetime import date
from pathlib import Path

from apps.ops.large_demo import abstract_of, people_from, title_of, write_folder

YEARS = (2028, 2029, 2030, 2031)
_PEOPLE = 20


def write_years(parent: Path) -> list[Path]:
    """Write four editions of the same twenty people, whose facts change every year."""
    return [_write_year(parent / str(year), year) for year in YEARS]


def _write_year(folder: Path, year: int) -> Path:
    # The towns of people move on by one each year.
    moved = list(people_from(year, _PEOPLE).values())
    people = {
        slug: {
            "name": person["name"],
            "link": f"https://people.example.org/{year}/{slug}",
            "affiliation": [moved[number]["affiliation"], f"Group {number} of {year}"],
            "bio": f"In {year} {person['name']} worked on *{title_of(number)}*.",
        }
        for number, (slug, person) in enumerate(people_from(0, _PEOPLE).items())
    }
    slugs = list(people)
    sessions = [
        {
            "slug": f"talk-of-{slug}",
            "kind": "keynote",
            "starts_at": f"{9 + number}:00",
            "ends_at": f"{9 + number}:50",
            "room": f"Room {year}",
            "contributions": [
                {
                    "slug": f"talk-{number}",
                    "kind": "keynote",
                    "title": title_of(year - YEARS[0] + 4 * number),
                    "abstract": abstract_of(4 * number + 1),
                    "contributors": [{"person": slug, "role": "speaker"}],
                }
            ],
        }
        for number, slug in enumerate(slugs[:8])
    ]
    files = {
        "edition.yaml": {
            "slug": folder.name,
            "year": year,
            "title": f"Recurring Workshop {year}",
            "state": "published",
            "is_current": year == YEARS[-1],
            "starts_on": date(year, 7, 3),
            "time_zone": "Europe/London",
            "venue": f"House {year}, Strathmoor",
        },
        "people.yaml": people,
        "groups.yaml": [
            {"slug": "chairs", "heading": "Chairs", "display": "biographies", "members": slugs[:4]},
            {"slug": "steering", "heading": "Steering committee", "members": slugs[4:]},
        ],
        "programme.yaml": {
            "is_published": True,
            "session_labels": [{"kind": "keynote", "label": "Plenary talk"}],
            "contribution_labels": [
                {"kind": "keynote", "label": "Plenary talk", "plural": "Plenary talks"}
            ],
            "sessions": sessions,
        },
    }
    sections = [
        {"slug": "introduction", "body": f"The same people, again in {year}."},
        {"slug": "speakers", "heading": "Speakers", "shows": "speakers"},
        {"slug": "chairs", "heading": "Chairs", "shows": "group", "group": "chairs"},
    ]
    return write_folder(folder, files, sections)
