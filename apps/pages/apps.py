from django.apps import AppConfig
from django.db.models.signals import post_migrate

from apps.core.page_cache import register_public_models


class PagesConfig(AppConfig):
    name = "apps.pages"

    def ready(self) -> None:
        post_migrate.connect(_make_site_pages, sender=self, dispatch_uid="site_pages")
        from apps.editions.texts import register_addresses
        from apps.pages.models import SectionLink

        register_public_models(self)
        register_addresses(SectionLink, "url", "section__edition")


def _make_site_pages(using: str, **kwargs) -> None:
    """Make missing pages of the whole site with their first text: every footer links to them.

    First texts of earlier versions that were never edited are replaced.
    """
    from apps.pages.models import Page
    from apps.pages.site_pages import SITE_PAGES, first_text, is_earlier_text

    pages = Page.objects.using(using).filter(edition=None)
    for slug, title in SITE_PAGES.items():
        page = pages.filter(slug=slug).first()
        if page is None:
            page = Page(edition=None, slug=slug, title=title, is_published=True)
        elif not is_earlier_text(slug, page.body):
            continue
        page.body = first_text(slug)
        page.save(using=using)
