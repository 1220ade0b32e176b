"""Template tags of public pages: schema.org data, clock times, names of contributors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from django import template
from django.conf import settings
from django.core.cache import caches
from django.template import Context
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from apps.core.frozen import is_freezing
from apps.core.inline_markup import plain_title
from apps.core.markdown import plain_text
from apps.core.page_cache import MAXIMUM_AGE, read_public_version
from apps.editions.models import Edition
from apps.editions.templatetags.editions import day as show_day
from apps.pages.lines import SessionLine
from apps.pages.navigation import list_navigation
from apps.pages.programme import Placement
from apps.pages.selectors import editions_with_list_pages
from apps.people.models import Membership, ShownPerson
from apps.programme.calendars import subscribe_url
from apps.programme.citations import citation_fields, doi_of, is_article
from apps.programme.local_times import Span
from apps.programme.models import PAPER_LINKS, Contribution, Contributor
from apps.programme.timetable import ProgrammeDay

register = template.Library()
register.simple_tag(subscribe_url)

# Characters that could end a script element or begin a comment in it (HTML, 4.12.1.3).
_ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}
# Affiliations are shown beside up to so many names in a line.
_MOST_WITH_AFFILIATION = 2


@register.simple_tag
def og_locale() -> str:
    """The language of the page as the Open Graph protocol names it."""
    return {"de": "de_DE", "fr": "fr_FR"}.get(translation.get_language() or "", "en_GB")


@register.inclusion_tag("pages/_main_navigation.html")
def edition_navigation(edition: Edition) -> dict[str, object]:
    """Links of the header for pages of lower apps, such as the call; a phone has them behind a button.

    Kept as long as public pages are: the form is made for each visitor, and all who open it when the
    call begins would wait three times as long.
    """
    key = f"navigation:{edition.pk}:{read_public_version()}"
    navigation = None if is_freezing() else caches["process"].get(key)
    if navigation is None:
        counted = editions_with_list_pages().get(pk=edition.pk)
        navigation = list_navigation(counted, edition.pages.published(), here="")
        if not is_freezing():
            caches["process"].set(key, navigation, MAXIMUM_AGE)
    return {"navigation": navigation, "is_behind_button": True}


@register.simple_tag
def event_json_ld(
    edition: Edition,
    *,
    url: str,
    description: str,
    image: str,
    lines: Iterable[SessionLine] = (),
    members: Iterable[Membership] = (),
) -> SafeString:
    """The edition as a schema.org Event; dated sessions among `lines` are its parts.

    Each person among `members` is a contributor, once.

    A data block is never run as a script, so the content security policy allows it.
    """
    status = "EventCancelled" if edition.is_cancelled else "EventScheduled"
    event: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": edition.title,
        "description": description,
        "url": url,
        "image": image,
        "eventStatus": f"https://schema.org/{status}",
    }
    event |= _dates_and_place(edition)
    if edition.parent_event_name:
        link = {"url": edition.parent_event_url} if edition.parent_event_url else {}
        event["superEvent"] = {"@type": "Event", "name": edition.parent_event_name} | link
    if parts := [part for line in lines if (part := _sub_event(line))]:
        event["subEvent"] = parts
    people: dict[int, Membership] = {}
    for one in members:
        people.setdefault(one.person_id, one)
    if people:
        event["contributor"] = [
            _person_data(one.shown_person, one.person.name, one.shown_affiliation)
            for one in people.values()
        ]
    return _json_ld(event)


def _dates_and_place(edition: Edition) -> dict[str, object]:
    facts: dict[str, object] = {}
    if edition.starts_on:
        facts["startDate"] = edition.starts_on.isoformat()
        facts["endDate"] = (edition.last_day or edition.starts_on).isoformat()
    if edition.venue:
        address = {"address": edition.venue_address} if edition.venue_address else {}
        facts["location"] = {"@type": "Place", "name": edition.venue} | address
    return facts


@register.simple_tag
def series_json_ld(editions: Iterable[Edition], *, name: str, url: str) -> SafeString:
    """All editions as the Events of a schema.org EventSeries."""
    events = [
        {
            "@type": "Event",
            "name": edition.title,
            "url": settings.SITE_URL + edition.get_absolute_url(),
            **_dates_and_place(edition),
        }
        for edition in editions
    ]
    series = {"@type": "EventSeries", "name": name, "url": url, "subEvent": events}
    return _json_ld({"@context": "https://schema.org", **series})


@register.simple_tag
def profile_json_ld(shown: ShownPerson, *, url: str) -> SafeString:
    """The page of a person's years as a schema.org ProfilePage."""
    person = _person_data(shown, shown.name, shown.affiliation)
    page = {"@type": "ProfilePage", "url": url, "mainEntity": person}
    return _json_ld({"@context": "https://schema.org", **page})


@register.simple_tag
def contribution_json_ld(
    edition: Edition, contribution: Contribution, places: Sequence[Placement], *, url: str
) -> SafeString:
    """A contribution with a place as a schema.org Event of the edition that features its work.

    Without a place it is the work alone.
    """
    work = _work(contribution)
    if not places:
        return _json_ld({"@context": "https://schema.org", **work, "url": url})
    event: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": plain_title(contribution.shown_title),
        "url": url,
        "workFeatured": work,
        "superEvent": {
            "@type": "Event",
            "name": edition.title,
            "url": settings.SITE_URL + edition.get_absolute_url(),
        },
    }
    if presenters := [_person(one) for one in contribution.presenters]:
        event["performer"] = presenters
    if edition.is_cancelled:
        event["eventStatus"] = "https://schema.org/EventCancelled"
    return _json_ld(event | _time_and_room(places[0].span, places[0].entry.room_name))


def _work(contribution: Contribution) -> dict[str, object]:
    """The work of a contribution: a ScholarlyArticle, unless it is a keynote, panel or the like."""
    is_named_article = contribution.title and is_article(contribution)
    work: dict[str, object] = {
        "@type": "ScholarlyArticle" if is_named_article else "CreativeWork",
        "name": plain_title(contribution.shown_title),
    }
    if is_named_article:
        work["headline"] = work["name"]
    if authors := [_person(one) for one in contribution.authors]:
        work["author"] = authors
    if contribution.abstract:
        work["abstract"] = plain_text(contribution.abstract)
    if topics := [str(topic) for topic in contribution.topics.all()]:
        work["keywords"] = topics
    if doi := doi_of(contribution):
        work["identifier"] = {"@type": "PropertyValue", "propertyID": "DOI", "value": doi}
    links = [link for link in contribution.shown_links if link.kind in PAPER_LINKS]
    if addresses := [link.url for link in links if not link.file_type]:
        work["sameAs"] = addresses
    return work


@register.inclusion_tag("pages/programme/_citation_fields.html")
def citation_meta(contribution: Contribution) -> dict[str, object]:
    """The citation_* fields of a contribution's page."""
    return {"fields": list(citation_fields(contribution))}


def _person(credit: Contributor) -> dict[str, object]:
    return _person_data(credit.shown_person, credit.shown_name, credit.shown_affiliation)


def _person_data(shown: ShownPerson, name: str, affiliation: str) -> dict[str, object]:
    """A schema.org Person; `affiliation` has one per line."""
    person: dict[str, object] = {"@type": "Person", "name": name}
    if names := [line for line in affiliation.splitlines() if line]:
        person["affiliation"] = [{"@type": "Organization", "name": name} for name in names]
    if shown.link:
        person["url"] = shown.link
    if shown.links:
        person["sameAs"] = [link.url for link in shown.named_links]
    return person


def _json_ld(data: dict[str, object]) -> SafeString:
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    safe_text = mark_safe(text)  # noqa: S308  (escaped above)  # nosec
    return format_html('<script type="application/ld+json">{}</script>', safe_text)


def _sub_event(line: SessionLine) -> dict[str, object] | None:
    entry = line.entry
    if entry.starts is None or entry.is_pause:
        return None
    event: dict[str, object] = {"@type": "Event", "name": plain_title(line.heading)}
    return event | _time_and_room(entry.span, entry.room_name)


def _time_and_room(span: Span, room_name: str) -> dict[str, object]:
    facts: dict[str, object] = {}
    if span.starts:
        facts["startDate"] = span.starts.isoformat()
    if span.ends:
        facts["endDate"] = span.ends.isoformat()
    if room_name:
        facts["location"] = {"@type": "Place", "name": room_name}
    return facts


@register.simple_tag
def day_name(day: ProgrammeDay) -> SafeString | str:
    """ "Friday 3 May", or "Day 1" while the edition has no dates."""
    if day.held_on:
        return show_day(day.held_on, with_year=False)
    return gettext("Day %(number)s") % {"number": day.number}


@register.simple_tag
def clock(span: Span) -> SafeString | str:
    """ "14:12", the start of a span, or "" if it is unknown."""
    return _time_element(span.begin, is_dated=span.is_dated) if span.begin else ""


@register.simple_tag
def about(span: Span) -> SafeString | str:
    """ "about 14:12", for a start that is not exact."""
    return format_html(gettext("about {time}"), time=clock(span))


@register.simple_tag(takes_context=True)
def hours(context: Context, span: Span, minutes: int | None = None) -> SafeString | str:
    """ "09:30 – 10:30"; without a start the duration, if that is known or was in the past."""
    if span.begin is None:
        is_past = context["edition"].is_past
        return in_words(minutes or 0) if minutes or is_past else gettext("Time to be announced")
    start = _time_element(span.begin, is_dated=span.is_dated)
    if span.finish is None:
        return start
    end = _time_element(span.finish, is_dated=span.is_dated, css_class="until")
    line = "{} – {}"
    if span.is_over_midnight:
        line += ' <span class="time-note">{}</span>'
        return format_html(line, start, end, gettext("the next day"))
    return format_html(line, start, end)


def _time_element(time: datetime, *, is_dated: bool, css_class: str = "") -> SafeString:
    machine = time.isoformat(timespec="minutes") if is_dated else f"{time:%H:%M}"
    attribute = format_html(' class="{}"', css_class) if css_class else ""
    return format_html('<time{} datetime="{}">{}</time>', attribute, machine, f"{time:%H:%M}")


@register.filter
def zone_name(time: datetime) -> str:
    """ "BST"; "+10" where the zone has no name on that day."""
    return time.tzname() or ""


@register.filter
def in_words(minutes: int) -> str:
    """ "45 minutes", "1 hour", "2 hours 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours})
    if rest:
        parts.append(ngettext("%(number)d minute", "%(number)d minutes", rest) % {"number": rest})
    return " ".join(parts)


@register.filter
def isolated(text: str) -> SafeString | str:
    """`text`, in a bdi element if it may hold letters that run from right to left.

    Those begin at U+0590. A large programme has hundreds of names, and each element takes time on a phone.
    """
    return text if max(text, default="") < "\u0590" else format_html("<bdi>{}</bdi>", text)


@register.simple_tag
def who(contribution: Contribution) -> SafeString:
    """A line each for authors, moderators and panellists; affiliations where names are few."""
    contributors = contribution.contributors.all()
    lines = [("", [one for one in contributors if not one.panel_role])]
    named = [one for one in contributors if one.role == Contributor.Role.MODERATOR]
    lines.append((ngettext("Moderator:", "Moderators:", len(named)) + " ", named))
    named = [one for one in contributors if one.role == Contributor.Role.PANELLIST]
    lines.append((ngettext("Panellist:", "Panellists:", len(named)) + " ", named))
    return format_html_join(
        "",
        '<p class="who">{}{}</p>',
        ((label, _join_names(named)) for label, named in lines if named),
    )


def _join_names(contributors: Sequence[Contributor]) -> SafeString:
    has_affiliations = len(contributors) <= _MOST_WITH_AFFILIATION
    names = [
        (isolated(one.shown_name), _affiliation(one) if has_affiliations else "")
        for one in contributors
    ]
    separator = "; " if any(affiliation for _, affiliation in names) else ", "
    return format_html_join(separator, "{}{}", names)


@register.filter
def with_biography(memberships: Iterable[Membership]) -> list[ShownPerson]:
    """The members of a group who have a biography."""
    people = (membership.shown_person for membership in memberships)
    return [person for person in people if person.bio]


def _affiliation(contributor: Contributor) -> SafeString | str:
    text = ", ".join(contributor.shown_affiliation.splitlines()).replace("),", ")")
    return format_html('<span class="of">, {}</span>', isolated(text)) if text else ""
