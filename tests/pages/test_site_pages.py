"""Privacy and accessibility: first texts in three languages until organisers write their own."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db.models.signals import post_migrate
from django.urls import reverse

from apps.pages import site_pages
from apps.pages.models import Page
from apps.pages.site_pages import SITE_PAGES, first_text
from tests.factories import make_current_edition

pytestmark = pytest.mark.django_db

_TEXTS = Path(site_pages.__file__).parent / "texts"
_HEADINGS = {
    ("privacy", "en"): ("Privacy", "Your rights"),
    ("privacy", "de"): ("Datenschutz", "Ihre Rechte"),
    ("privacy", "fr"): ("Protection des données", "Vos droits"),
    ("accessibility", "en"): ("Accessibility", "How it is built"),
    ("accessibility", "de"): ("Barrierefreiheit", "Wie sie gebaut ist"),
    ("accessibility", "fr"): ("Accessibilité", "Comment il est conçu"),
}


def _migrate() -> None:
    config = apps.get_app_config("pages")
    post_migrate.send(sender=config, app_config=config, using="default")


@pytest.mark.parametrize(("slug", "language"), _HEADINGS)
def test_a_first_text_is_shown_in_the_language_of_the_current_edition(client, slug, language):
    make_current_edition(language=language)
    title, heading = _HEADINGS[slug, language]

    page = client.get(f"/{slug}/").content.decode()

    assert f'<h1 dir="auto">{title}</h1>' in page
    assert f"{heading}</h2>" in page


@pytest.mark.parametrize("slug", SITE_PAGES)
def test_the_text_of_organisers_is_shown_in_every_language(client, slug):
    make_current_edition(language="de")
    page = Page.objects.get(slug=slug)
    page.title, page.body = "Our rules", page.body + "\nOur own words."
    page.save()

    shown = client.get(f"/{slug}/").content.decode()

    assert "Our rules</h1>" in shown
    assert "Our own words." in shown


def test_a_form_saved_without_changes_keeps_the_translation(client, chair):
    make_current_edition(language="fr")
    page = Page.objects.get(slug="privacy")
    url = reverse("admin:pages_page_change", args=[page.pk])
    client.force_login(chair)

    form = client.get(url)
    client.post(url, {"title": page.title, "body": page.body.replace("\n", "\r\n")})

    page.refresh_from_db()
    assert "a German or French site shows its translation" in form.content.decode()
    assert "\r\n" in page.body
    assert "Vos droits</h2>" in client.get("/privacy/").content.decode()


def test_the_form_of_an_edited_text_does_not_promise_a_translation(client, chair):
    page = Page.objects.get(slug="privacy")
    page.body = "Our own words."
    page.save()
    client.force_login(chair)

    form = client.get(reverse("admin:pages_page_change", args=[page.pk]))

    assert "shows its translation" not in form.content.decode()


@pytest.mark.parametrize("slug", SITE_PAGES)
@pytest.mark.parametrize("language", ["de", "fr"])
def test_translations_have_the_parts_of_the_english_text(slug, language):
    def parts(text: str) -> list[tuple[bool, bool, int]]:
        return [
            (block.startswith("## "), block.startswith("**"), block.count("\n- "))
            for block in text.strip().split("\n\n")
        ]

    assert parts(first_text(slug, language)) == parts(first_text(slug))
    assert (_TEXTS / f"{slug}.{language}.md").exists()


@pytest.mark.parametrize("is_edited", [False, True])
def test_an_upgrade_replaces_a_first_text_unless_it_was_edited(monkeypatch, is_edited):
    earlier = "The first text of an earlier version."
    digest = site_pages.hashlib.sha256(earlier.encode()).hexdigest()
    monkeypatch.setitem(site_pages._EARLIER, "privacy", {digest})
    body = earlier + (" Our own words." if is_edited else "\r\n")
    Page.objects.filter(slug="privacy").update(body=body)

    _migrate()

    assert (Page.objects.get(slug="privacy").body == first_text("privacy")) is not is_edited
