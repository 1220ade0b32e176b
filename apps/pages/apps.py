from pathlib import Path

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from apps.core.page_cache import register_public_models

_TEXTS = Path(__file__).parent / "texts"


class PagesConfig(AppConfig):
    name = "apps.pages"

    def ready(self) -> None:
        post_migrate.connect(_make_site_pages, sender=self, dispatch_uid="site_pages")
        from apps.editions.texts import register_addresses
        from apps.pages.models import SectionLink

        register_public_models(self)
        register_addresses(SectionLink, "url", "section__edition")


def _make_site_pages(using: str, **kwargs) -> None:
    """Make missing pages of the whole site with their first text: every footer links to them."""
    from apps.pages.models import SITE_PAGES, Page

    for slug, title in SITE_PAGES.items():
        body = (_TEXTS / f"{slug}.md").read_text(encoding="utf-8")
        if not Page.objects.using(using).filter(edition=None, slug=slug).exists():
            page = Page(edition=None, slug=slug, title=title, body=body, is_published=True)
            page.save(using=using)
