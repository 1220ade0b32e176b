"""Large invented editions: visitors find each fact of the folder, and nothing that it does not say."""

from datetime import date
from pathlib import Path

import pytest

from apps.imports.folders.importing import import_edition
from apps.ops.large_demo import write_conference, write_paper_day
from apps.people.models import Person
from apps.programme.models import Contribution, Session
from tests.imports.crawl import Crawl, Facts
from tests.imports.made_up_editions import YEARS, write_years

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def faults_of(folder: Path) -> list[str]:
    """What is lost or untrue on the pages of an imported folder."""
    import_edition(folder=folder)
    return Facts(folder, Crawl(folder.name)).faults()


def test_visitors_find_all_of_a_conference_of_six_days_and_three_tracks(tmp_path):
    folder = write_conference(tmp_path / "2031", starts_on=date(2031, 7, 14))

    assert faults_of(folder) == []
    # Without those that only fill time in a session.
    talks = Contribution.objects.exclude(kind="panel").exclude(title="")
    assert (Session.objects.count(), talks.count()) == (60, 170)
    presenters = Person.objects.filter(contributor_credits__contribution__in=talks).distinct()
    assert presenters.count() == 164


def test_visitors_find_all_of_a_day_with_72_papers(tmp_path):
    folder = write_paper_day(tmp_path / "2031", held_on=date(2031, 6, 3))

    assert faults_of(folder) == []
    assert Contribution.objects.filter(kind="paper").count() == 72


def test_each_year_keeps_the_links_and_affiliations_of_its_people(tmp_path):
    folders = write_years(tmp_path)
    for folder in folders:
        import_edition(folder=folder)

    for folder, year in zip(folders, YEARS, strict=True):
        crawl = Crawl(folder.name)
        assert Facts(folder, crawl).faults() == []
        others = [f"people.example.org/{other}/" for other in YEARS if other != year]
        assert not [path for path, html in crawl.pages.items() if any(o in html for o in others)]
