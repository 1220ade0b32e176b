"""Where people read on, with the site's name."""

from __future__ import annotations

from django.conf import settings

from apps.core.addresses import address
from apps.editions.models import Edition
from apps.programme.feeds.identity import host


def session_address(edition: Edition, slug: str) -> str:
    """The page of a published session."""
    return settings.SITE_URL + address("pages:session", edition.slug, slug)


def contribution_address(edition: Edition, slug: str) -> str:
    """The page of a published contribution."""
    return settings.SITE_URL + address("pages:contribution", edition.slug, slug)


def slides_address(edition: Edition, slug: str) -> str:
    """The file of a published contribution's slides."""
    return settings.SITE_URL + address("pages:slides", edition.slug, slug)


def edition_address(edition: Edition) -> str:
    """Its home page."""
    return settings.SITE_URL + edition.get_absolute_url()


def subscribe_address(edition: Edition) -> str:
    """The calendar to subscribe to, by the scheme that calendars open by themselves."""
    return f"webcal://{host()}" + address("programme:calendar", edition.slug)
