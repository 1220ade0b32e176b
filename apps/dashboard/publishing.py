"""The page before an edition is published, archived or hidden: what will change for visitors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Model, Q
from django.urls import reverse
from django.utils.dateformat import format as date_format

from apps.awards.models import Award
from apps.core.text import count_of
from apps.editions.admin import Tab
from apps.editions.models import Call, Edition
from apps.interest.models import Expression
from apps.interest.workflow import UNDECIDED, State
from apps.mail.models import Letter
from apps.news.models import NewsItem
from apps.ops.freezing.editions import frozen_at
from apps.pages.models import Page, Section
from apps.pages.selectors import editions_with_list_pages, list_page_links
from apps.programme.models import Contribution, Contributor, ProgrammeRelease, Session
from apps.sponsors.models import Sponsor

CHAIRS_ACTIONS = ("freeze", "thaw")


class PublicPage(NamedTuple):
    """A page of an edition that visitors can open while the edition is public."""

    title: str
    url: str


class ToCheck(NamedTuple):
    """Something to check first, with the page where it is done."""

    text: str
    url: str = ""


class EditionChange(NamedTuple):
    """What an action does to an edition, in sentences, and the pages that it concerns."""

    title: str
    button: str
    sentences: list[str]
    pages: Sequence[PublicPage] = ()
    warnings: Sequence[ToCheck] = ()  # what is hidden or not finished
    home_choice: str = ""  # label of the box that makes it the site's home page, too
    is_home_chosen: bool = False
    offers_freezing: bool = False  # whether a box freezes the pages, too


def describe_change(
    edition: Edition, action: str, *, is_chair: bool = False
) -> EditionChange | None:
    """What `action` would change; None if it does not apply to the edition as it is."""
    state = edition.state
    if action == "publish" and state == Edition.State.DRAFT:
        return _publishing(edition)
    if action == "publish" and state == Edition.State.ARCHIVED:
        return EditionChange(
            f"Take {edition.name} out of the archive",
            "Take out of the archive",
            [
                "Its pages no longer say that the edition is past, unless its last day is over.",
                *_thawing(edition),
            ],
        )
    if action == "current" and not edition.is_current:
        return _making_current(edition)
    if action == "archive" and state == Edition.State.PUBLISHED:
        return EditionChange(
            f"Archive {edition.name}",
            "Archive",
            list(_archiving(edition)),
            warnings=list(_unfinished(edition, is_chair=is_chair)),
            offers_freezing=is_chair,
        )
    if action in CHAIRS_ACTIONS and is_chair and state == Edition.State.ARCHIVED:
        if action == "freeze":
            return _freezing(edition)
        if edition.is_frozen:
            sentences = [*_thawing(edition), "You can freeze them again at any time."]
            return EditionChange(f"Thaw the pages of {edition.name}", "Thaw", sentences)
    if action == "unpublish" and state != Edition.State.DRAFT and not edition.is_current:
        sentences = [
            "Everyone but signed-in organisers gets “not found” at the addresses below.",
            "Private pages of applicants and speakers do not open either.",
            *(["Its frozen pages are deleted."] if edition.is_frozen else []),
        ]
        return EditionChange(
            f"Turn {edition.name} into a draft", "Back to draft", sentences, _public_pages(edition)
        )
    return None


def _publishing(edition: Edition) -> EditionChange:
    home_page = Edition.objects.current().first()
    replaced = f", in place of {home_page.name}" if home_page else ""
    return EditionChange(
        f"Publish {edition.name}",
        "Publish",
        list(_opening(edition)),
        _public_pages(edition),
        list(_hidden_parts(edition)),
        f"Also make it the site's home page{replaced}",
        home_page is None,
    )


def _making_current(edition: Edition) -> EditionChange:
    sentences = ["The site's home page shows this edition."]
    if home_page := Edition.objects.current().first():
        sentences.append(
            f"It takes the place of {home_page.name}, which stays at /{home_page.slug}/."
        )
    sentences += _thawing(edition)
    change = EditionChange(
        f"Make {edition.name} the site's home page", "Make it the home page", sentences
    )
    if not edition.is_draft:
        return change
    return change._replace(
        sentences=[*sentences, *_opening(edition)],
        pages=_public_pages(edition),
        warnings=list(_hidden_parts(edition)),
    )


def _freezing(edition: Edition) -> EditionChange:
    frozen = frozen_at(edition.slug)
    again = " again" if frozen else ""
    return EditionChange(
        f"Freeze the pages of {edition.name}{again}",
        f"Freeze{again}" if frozen else "Freeze the pages",
        list(_frozen_pages(edition, frozen)),
        warnings=list(_hidden_parts(edition)),
    )


def _frozen_pages(edition: Edition, frozen: datetime | None) -> Iterator[str]:
    """What visitors see of a frozen edition."""
    if frozen:
        yield f"The pages frozen on {_moment(edition, frozen)} are replaced by those of today."
    yield f"Visitors read its pages at /{edition.slug}/ as they are now, whatever changes later."
    yield (
        "Changes at the desk, and changes that speakers and students make on their pages, are "
        "stored, but visitors do not see them."
    )
    yield "Search fields are left out. Private pages of applicants and speakers still work."
    yield "The list of all editions, and its search, still show what is stored."
    if edition.is_current:
        yield (
            "It is the site's home page. When another edition takes its place, freeze this one "
            "again: its pages then say that it is past."
        )
    yield "You can thaw its pages at any time: visitors then see what is stored."
    yield "Freezing can take a minute. Wait until the next page appears."


def _thawing(edition: Edition) -> Iterator[str]:
    if frozen := frozen_at(edition.slug):
        yield (
            "Visitors see its pages as they are stored now, with all changes since "
            f"{_moment(edition, frozen)}. The frozen pages are deleted."
        )


def _moment(edition: Edition, moment: datetime) -> str:
    return date_format(moment.astimezone(edition.zone), "j F Y, H:i")


def _opening(edition: Edition) -> Iterator[str]:
    """What a draft that becomes public shows, and what stays private."""
    yield f"Everyone can read the edition at /{edition.slug}/."
    yield "Entries, reviews, decisions and emails stay private."
    yield from _gaps(edition)


def _gaps(edition: Edition) -> Iterator[str]:
    fields = {"starts_on": "date", "venue": "place"}
    gaps = [name for field, name in fields.items() if not getattr(edition, field)]
    if gaps:
        yield f"Visitors read “To be announced” for the {' and the '.join(gaps)}."


def _archiving(edition: Edition) -> Iterator[str]:
    yield f"Its pages stay readable at /{edition.slug}/."
    if edition.is_current:
        yield "They say that it is past once another edition is the site's home page."
    else:
        yield "They say that the edition is past, and link to the current one."
    yield "The form takes no more entries, and the button to register disappears."
    yield "Emails about its programme are no longer drafted."
    yield "You can take it out of the archive again."


def _public_pages(edition: Edition) -> list[PublicPage]:
    listed: Any = editions_with_list_pages().get(pk=edition.pk)
    pages = [PublicPage("Home page", edition.get_absolute_url())]
    pages += [PublicPage(link.title, link.url) for link in list_page_links(listed)]
    if hasattr(edition, "call"):
        url = reverse("interest:call", args=[edition.slug])
        pages.append(PublicPage(f"Call: {edition.call.status_in_words}", url))
    if edition.code_of_conduct:
        url = reverse("pages:code-of-conduct", args=[edition.slug])
        pages.append(PublicPage("Code of conduct", url))
    own = Page.objects.filter(edition=edition).published().select_related("edition")
    return pages + [PublicPage(str(page), page.get_absolute_url()) for page in own]


def _hidden_parts(edition: Edition) -> Iterator[ToCheck]:
    """Content that visitors do not see although the edition is public, with the list of it."""
    contributions = Contribution.objects.filter(edition=edition, is_published=False)
    names = Contributor.objects.filter(contribution__in=contributions).count()
    people = "name of 1 person" if names == 1 else f"names of {names} people"
    of_people = f", nor the {people}" if names else ""
    parts = (
        (Section.objects.filter(edition=edition, is_shown=False), "home page section", ""),
        (Page.objects.filter(edition=edition, is_published=False), "page", ""),
        (NewsItem.objects.filter(edition=edition, is_published=False), "news item", ""),
        (Award.objects.filter(edition=edition, is_published=False), "award", ""),
        (Sponsor.objects.filter(level__edition=edition, is_shown=False), "sponsor", ""),
        (contributions, "contribution", of_people),
    )
    for rows, name, more in parts:
        if count := rows.count():
            text = "is hidden: visitors do not see it"
            if count > 1:
                text = "are hidden: visitors do not see them"
            url = _hidden_list(rows.model, edition)
            yield ToCheck(f"{count_of(count, name)} {text}{more}.", url)
    sessions = Session.objects.filter(edition=edition).count()
    if sessions and not ProgrammeRelease.objects.filter(edition=edition).exists():
        text = (
            f"The programme, {count_of(sessions, 'session')}, is not published: no times and rooms."
        )
        yield ToCheck(text, reverse("admin:programme_session_publish", args=[edition.pk]))


def _hidden_list(model: type[Model], edition: Edition) -> str:
    """Address of the list of the hidden rows of a model."""
    by_edition = "level__edition" if model is Sponsor else "edition"
    flag = "is_shown" if model in {Section, Sponsor} else "is_published"
    label = model._meta.label_lower.replace(".", "_")
    url = reverse(f"admin:{label}_changelist")
    return f"{url}?{by_edition}__id__exact={edition.pk}&{flag}__exact=0"


def _unfinished(edition: Edition, *, is_chair: bool) -> Iterator[ToCheck]:
    """What is not finished in an edition that is to be archived; numbers for chairs only."""
    day = edition.last_day
    if day is None or day >= edition.today:
        yield ToCheck("Its last day is not over yet.", Tab.DETAILS.url(edition.pk))
    call: Call | None = getattr(edition, "call", None)
    if call and call.status in {Call.Status.OPEN, Call.Status.BEFORE}:
        text = f"The call. {call.status_in_words}; archiving closes it."
        yield ToCheck(text, Tab.CALL.url(edition.pk))
    expressions = Expression.objects.for_edition(edition).exclude_tests().order_by()
    numbers = expressions.aggregate(
        undecided=Count("pk", filter=Q(state__in=UNDECIDED, pending_decision=None)),
        pending=Count("pending_decision"),
        offers=Count("pk", filter=Q(state=State.ACCEPTED)),
    )
    states = ("draft", "queued", "failed", "unconfirmed")
    letters = Letter.objects.filter(edition=edition).order_by()
    numbers |= letters.aggregate(**{state: Count("pk", filter=Q(state=state)) for state in states})
    if not is_chair:
        if any(numbers.values()):
            yield ToCheck("Entries, offers or emails are not finished. Ask a chair first.")
        return
    board = reverse("selection:board", args=[edition.pk])
    release = reverse("selection:release", args=[edition.pk])
    entries = reverse("admin:interest_expression_changelist")
    accepted = f"{entries}?edition__id__exact={edition.pk}&state__exact={State.ACCEPTED}"
    emails = f"{reverse('admin:mail_letter_changelist')}?edition__id__exact={edition.pk}&standing="
    waiting = (
        ("undecided", "entry is", "entries are", "not decided", board),
        ("pending", "decision is", "decisions are", "not released", release),
        ("offers", "offer is", "offers are", "not answered", accepted),
        ("draft", "email is", "emails are", "drafted, not released", f"{emails}draft"),
        ("queued", "email is", "emails are", "waiting to be sent", f"{emails}queued"),
        ("failed", "email has", "emails have", "failed", f"{emails}failed"),
        ("unconfirmed", "email is", "emails are", "in doubt", f"{emails}unconfirmed"),
    )
    for name, one, many, state, url in waiting:
        if count := numbers[name]:
            yield ToCheck(f"{count} {one if count == 1 else many} {state}.", url)
