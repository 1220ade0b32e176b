"""The two pages every site owes its visitors, with a proper first text."""

from pathlib import Path

_TEXTS = Path(__file__).parent / "texts"
SITE_PAGES = {"privacy": "Privacy", "accessibility": "Accessibility"}


def make_site_pages(using: str, **kwargs) -> None:
    """Makes the pages that are missing; what organisers wrote is left alone.

    Connected to post_migrate: every footer links to these pages, so they are there from
    the first start and come back if someone deletes one.
    """
    from apps.pages.models import Page

    for slug, title in SITE_PAGES.items():
        if not Page.objects.using(using).filter(edition=None, slug=slug).exists():
            body = (_TEXTS / f"{slug}.md").read_text(encoding="utf-8")
            Page(edition=None, slug=slug, title=title, body=body, is_published=True).save(
                using=using
            )
