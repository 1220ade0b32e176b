"""Public pages and admin lists make as many queries for one row as for many."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from apps.editions.models import Edition
from tests.factories import (
    make_current_edition,
    make_edition,
    make_group,
    make_person,
    make_section,
)
from tests.pages.full_edition import fill_edition
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def _full_edition(year: int, rows: int) -> Edition:
    edition = make_edition(
        slug=str(year), year=year, starts_on=date(2024, 6, 27), venue="Forum, Edinburgh"
    )
    fill_edition(edition, rows)
    return edition


@pytest.mark.parametrize(
    ("page", "most_queries"),
    [
        ("", 48),  # 13 of them only if it has a section “in numbers”
        ("people/", 8),
        ("topics/", 4),
        ("awards/", 7),
        ("news/", 4),
        ("news.atom", 6),
        ("programme/", 12),
        ("programme/now/", 11),
        ("programme/screen/", 12),
        ("programme/{session.slug}/", 11),
        ("contributions/{contribution.slug}/", 10),
        ("speakers/", 8),
        ("papers/", 11),
        ("talks/", 11),
        ("posters/", 11),
        ("../sitemap.xml", 7),
    ],
)
@time_machine.travel(datetime(2024, 6, 27, 8, 10, tzinfo=UTC), tick=False)  # during a session
def test_public_pages(client, page, most_queries):
    def count_for(year: int, rows: int) -> int:
        edition = _full_edition(year, rows)
        path = page.format(
            session=edition.sessions.all()[0], contribution=edition.contributions.all()[0]
        )
        path = f"/{year}/{path}" if not path.startswith("..") else path[2:]
        return count_queries(lambda: client.get(path))

    assert count_for(2023, 1) == count_for(2024, 3) <= most_queries


def test_a_home_page_with_a_thousand_people(client):
    edition = make_current_edition()
    group = make_group(edition, make_person())
    make_section(edition, shows="group", group=group)
    before = count_queries(lambda: client.get("/"))
    for _ in range(999):
        group.memberships.create(person=make_person())

    assert count_queries(lambda: client.get("/")) == before
    assert client.get("/").content.count(b'class="person"') == 1000


@pytest.mark.parametrize(
    "page",
    [
        "awards/award/",
        "awards/award/{award.pk}/change/",
        "news/newsitem/",
        "pages/page/",
        "pages/section/{section.pk}/change/",
        "people/group/{group.pk}/change/",
        "people/person/",
        "sponsors/sponsor/",
        "topics/topic/",
    ],
)
def test_admin_pages(as_editor, page):
    def count_for(year: int, rows: int) -> int:
        edition = _full_edition(year, rows)
        path = "/admin/" + page.format(
            award=edition.awards.all()[0],
            section=edition.sections.all()[0],
            group=edition.groups.all()[0],
        )
        as_editor.get(path)  # fills the cache of content types
        return count_queries(lambda: as_editor.get(path))

    assert count_for(2023, 1) == count_for(2024, 3) <= 12
