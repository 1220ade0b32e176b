"""Public pages in German and French, beside the same pages in English."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from apps.editions.models import Edition
from tests.factories import make_call, make_current_edition
from tests.pages.full_edition import fill_edition

pytestmark = pytest.mark.django_db

_TEXT = re.compile(r'>([^<>]+)<|(?:aria-label|data-\w+)="([^"]+)"')
# Words of the made-up edition, and those that are the same in other languages.
_SAME = re.compile(
    r"\W*|.*\d.*|Words.*|Ada Example|Bo?|a|Gold|PDF|arXiv|BST|BibTeX|Workshop|Keynotes?|Panel"
    r"|Date|Menu|[Pp]osters?|Programme|Session"
)


def texts_of(client: Client, path: str) -> set[str]:
    response = client.get(path)
    assert response.status_code == 200
    page = re.sub(r"<script type.*?</script>", "", response.content.decode())
    return {" ".join((text or label).split()) for text, label in _TEXT.findall(page)}


@pytest.mark.parametrize("language", ["de", "fr"])
@time_machine.travel(datetime(2024, 6, 20, 8, 10, tzinfo=UTC), tick=False)
def test_no_text_of_public_pages_stays_english(client, language):
    edition = make_current_edition(
        slug="2024", year=2024, starts_on=date(2024, 6, 27), ends_on=date(2024, 6, 28)
    )
    fill_edition(edition, 1)
    make_call(edition, closes_on=date(2024, 6, 25), opens_on=date(2024, 6, 1))
    session, talk = edition.sessions.all()[0], edition.contributions.filter(kind="keynote")[0]
    pages = ["", *("people", "topics", "awards", "news", "programme", "speakers", "papers")]
    pages += ["talks", "posters", "presenters", "programme/now", "programme/mine"]
    pages += [f"programme/{session.slug}", f"contributions/{talk.slug}"]
    paths = [f"/2024/{page}/" if page else "/2024/" for page in pages] + ["/2024/programme/?q=a"]
    english = {path: texts_of(client, path) for path in paths}

    Edition.objects.update(language=language)

    left = {
        text
        for path in paths
        for text in english[path] & texts_of(client, path)
        if not _SAME.fullmatch(text)
    }
    assert not left, "; ".join(sorted(left))
