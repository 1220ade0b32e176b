"""Where people read on, with the site's name."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from apps.editions.models import Edition
from apps.programme.feeds.identity import host


def session_address(edition: Edition, slug: str) -> str:
    """The page of a published session."""
    return settings.SITE_URL + reverse("pages:session", args=[edition.slug, slug])


def contribution_address(edition: Edition, slug: str) -> str:
    """The page of a published contribution."""
    return settings.SITE_URL + reverse("pages:contribution", args=[edition.slug, slug])


def slides_address(edition: Edition, slug: str) -> str:
    """The file of a published contribution's slides."""
    return settings.SITE_URL + reverse("pages:slides", args=[edition.slug, slug])


def edition_address(edition: Edition) -> str:
    """Its home page."""
    return settings.SITE_URL + edition.get_absolute_url()


def subscribe_address(edition: Edition) -> str:
    """The calendar to subscribe to, by the scheme that calendars open by themselves."""
    return f"webcal://{host()}" + reverse("programme:calendar", args=[edition.slug])
