"""The language of an edition's pages."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from apps.editions.models import Edition
from tests.factories import make_current_edition, make_edition

pytestmark = pytest.mark.django_db

SKIP = {
    "en": "Skip to main content",
    "de": "Zum Inhalt springen",
    "fr": "Aller au contenu principal",
}


def language_of(client: Client, url: str) -> str:
    """The language that a page has and says it has."""
    page = client.get(url).content.decode()
    said = page.split('<html lang="', 1)[1][:2]
    assert SKIP[said] in page
    return said


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_pages_of_an_edition_are_in_its_language(client, language):
    edition = make_edition(language=language)

    assert language_of(client, edition.get_absolute_url()) == language


def test_each_edition_keeps_its_language(client):
    make_current_edition(language="fr")
    german, english = make_edition(language="de"), make_edition()

    assert language_of(client, german.get_absolute_url()) == "de"
    assert language_of(client, english.get_absolute_url()) == "en"
    assert translation.get_language() == "en-gb"


def test_links_to_editions_in_other_languages_say_so(client):
    french, german = make_current_edition(language="fr"), make_edition(language="de")

    page = client.get(german.get_absolute_url()).content.decode()

    assert f'href="{french.get_absolute_url()}" hreflang="fr"' in page
    assert 'hreflang="de"' not in page
    assert '<meta property="og:locale" content="de_DE">' in page


@pytest.mark.parametrize("url", ["/", "/privacy/", "/nowhere/", "/no/such/page"])
def test_pages_without_an_edition_are_in_the_language_of_the_current_one(client, url):
    make_current_edition(language="de")
    make_edition(language="fr")

    assert language_of(client, url) == "de"


def test_the_page_of_a_draft_tells_strangers_nothing_about_its_language(client, chair):
    make_current_edition(language="fr")
    draft = make_edition(language="de", state=Edition.State.DRAFT)

    assert language_of(client, draft.get_absolute_url()) == "fr"
    client.force_login(chair)
    assert language_of(client, draft.get_absolute_url()) == "de"


def test_the_desk_and_signing_in_stay_english(client, chair):
    edition = make_current_edition(language="de")

    assert 'lang="en-gb"' in client.get(reverse("account_login")).content.decode()
    client.force_login(chair)
    page = client.get(reverse("admin:edition-overview", args=[edition.pk])).content.decode()
    assert 'lang="en-gb"' in page
    assert "Abmelden" not in page


def test_an_unknown_language_is_refused():
    edition = make_edition()
    edition.language = "xx"

    with pytest.raises(ValidationError):
        edition.full_clean()


@pytest.mark.parametrize("page", ["", "people/", "programme/", "no-such-page/"])
def test_errors_of_an_edition_are_in_its_language_and_unknown_ones_in_that_of_the_current(
    client, page
):
    make_current_edition(language="de")
    make_edition(slug="2021", language="fr")

    assert language_of(client, f"/2021/{page}") == "fr"
    assert language_of(client, f"/1999/{page}") == "de"


def test_the_language_of_a_page_ends_with_it(client):
    edition = make_edition(language="fr")

    client.get(edition.get_absolute_url())
    assert translation.get_language() == "en-gb"
    client.get("/1999/")
    assert translation.get_language() == "en-gb"
    assert language_of(client, "/privacy/") == "en"
