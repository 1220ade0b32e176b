"""The steps of an edition's year in order, with their state computed from the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import TextChoices
from django.urls import reverse
from django.utils.dateformat import format as date_format

from apps.accounts.models import User
from apps.core.text import count_of
from apps.editions.admin import Tab
from apps.editions.models import Call, Edition
from apps.interest.workflow import DECIDED, UNDECIDED, State
from apps.registration.models import RegistrationPeriod


class Phase(TextChoices):
    """Headings of the steps."""

    WEBSITE = "website", "Website"
    SELECTION = "selection", "Call and selection"
    PROGRAMME = "programme", "Programme"
    WORKSHOP = "workshop", "Workshop and afterwards"


class StepState(TextChoices):
    DONE = "done", "Done"
    NEXT = "next", "Next"
    READY = "ready", "Ready"
    SKIPPED = "skipped", "Skipped"
    LATER = "later", "Not yet"


class StepLink(NamedTuple):
    """A quick way to a page of a step, beside its button."""

    label: str
    url: str


@dataclass(frozen=True)
class Step:
    """One step of the year: what to do, how far it is, and the page where it is done.

    A step that is not ready has no button: its page would have nothing to do.
    """

    phase: Phase
    title: str
    sentence: str
    url: str
    button: str
    state: StepState
    # A step that may be left out, or that others have to act on: never the next one.
    is_optional: bool = False
    done_button: str = "Change"
    links: tuple[StepLink, ...] = ()

    @property
    def has_button(self) -> bool:
        return self.state != StepState.LATER

    @property
    def link(self) -> str:
        """The words of its button as it is now."""
        is_over = self.state in {StepState.DONE, StepState.SKIPPED}
        return self.done_button if is_over else self.button


@dataclass(frozen=True)
class YearFacts:
    """What the steps depend on beside the edition, its call, and the counts in `overview_for`."""

    expressions: Mapping[str, int]  # numbers by state, without test submissions
    pending: int  # decisions made, not released
    undecided: int  # without a pending decision
    letters: int  # about the programme, not released
    released_letters: int  # about the programme
    discarded_letters: int  # about the programme
    is_thanked: bool  # whether a letter to many was written after the last day
    home_page: Edition | None  # the edition that visitors see at /
    following: Edition | None  # the edition of a later year
    source: Edition | None = None  # the edition that this one was made from
    texts_to_check: int = 0  # that name its year, days or place


def year_steps(edition: Any, user: User | AnonymousUser, facts: YearFacts) -> list[Step]:
    """The steps that `user` may do; `edition` has the counts that `overview_for` annotates."""
    if not user.has_perm("editions.change_edition"):
        return []
    steps = _website_steps(edition, facts, changes_people=user.has_perm("people.change_person"))
    is_chair = user.has_perm("interest.decide_expression")
    steps += _selection_steps(edition, facts, is_chair=is_chair)
    steps += _programme_steps(edition, facts, releases_letters=user.has_perm("mail.change_letter"))
    steps += _workshop_steps(
        edition, facts, is_chair=is_chair, makes_editions=user.has_perm("editions.add_edition")
    )
    if edition.is_past:
        # The preparations of a past edition no longer need to be done.
        steps = [
            replace(step, is_optional=step.is_optional or step.phase != Phase.WORKSHOP)
            for step in steps
        ]
    return _with_next(steps)


def _with_next(steps: list[Step]) -> list[Step]:
    """The steps, the first of those that are ready and not optional marked as the next."""
    for index, step in enumerate(steps):
        if step.state == StepState.READY and not step.is_optional:
            steps[index] = replace(step, state=StepState.NEXT)
            break
    return steps


def _state(*, is_done: object, is_possible: object = True) -> StepState:
    if is_done:
        return StepState.DONE
    return StepState.READY if is_possible else StepState.LATER


def _counting_step(
    phase: Phase,
    title: str,
    number: int,
    noun: str,
    *,
    without: str,
    url: str,
    button: str,
    **options: Any,
) -> Step:
    """A step that is done as soon as there is one of something; `without` is its sentence before."""
    sentence = f"{count_of(number, noun)}." if number else without
    return Step(phase, title, sentence, url, button, _state(is_done=number), **options)


def _missing(edition: Edition, fields: Mapping[str, str]) -> tuple[list[str], str]:
    """Names of the empty fields, and the address of the first of them, or of all details."""
    empty = [name for name in fields if not getattr(edition, name)]
    anchor = f"#id_{empty[0]}" if empty else ""
    return [fields[name] for name in empty], f"{Tab.DETAILS.url(edition.pk)}{anchor}"


def _website_steps(edition: Any, facts: YearFacts, *, changes_people: bool) -> list[Step]:
    phase, pk = Phase.WEBSITE, edition.pk
    return [
        Step(
            phase,
            "Name the workshop",
            f"{edition.title}, at /{edition.slug}/.",
            f"{Tab.DETAILS.url(pk)}#id_title",
            "Edit details",
            StepState.DONE,
        ),
        _date_step(edition),
        _contact_step(edition),
        _counting_step(
            phase,
            "Write the home page",
            edition.section_count,
            "section",
            without="The home page has no text yet.",
            url=Tab.HOME.url(pk),
            button="Write it",
        ),
        _people_step(edition, changes_people=changes_people),
        _counting_step(
            phase,
            "Add topics",
            edition.topic_count,
            "topic",
            without="Applicants choose from them, and the topics page lists them.",
            url=Tab.TOPICS.url(pk),
            button="Add topics",
        ),
        _counting_step(
            phase,
            "Announce dates and deadlines",
            edition.deadline_count,
            "date",
            without="Optional: dates that the home page lists, such as a deadline for papers.",
            url=Tab.DATES.url(pk),
            button="Add dates",
            is_optional=True,
        ),
        *_text_steps(edition, facts),
        _publishing_step(edition, facts),
    ]


def _date_step(edition: Any) -> Step:
    missing, url = _missing(edition, {"starts_on": "date", "venue": "place"})
    if missing:
        sentence = f"Missing: {' and '.join(missing)}. Visitors read “To be announced”."
    else:
        sentence = f"{_days(edition)}, {edition.venue}. {edition.year_difference}".strip()
    title = "Set date and place"
    return Step(Phase.WEBSITE, title, sentence, url, title, _state(is_done=not missing))


def _days(edition: Any) -> str:
    """The first day, and the last one if it is another."""
    first = date_format(edition.starts_on, "j F Y")
    if edition.last_day == edition.starts_on:
        return first
    return f"{first} to {date_format(edition.last_day, 'j F Y')}"


def _contact_step(edition: Edition) -> Step:
    fields = {"contact_email": "contact address", "code_of_conduct": "code of conduct"}
    missing, url = _missing(edition, fields)
    return Step(
        Phase.WEBSITE,
        "Add contact and code of conduct",
        f"Missing: {' and '.join(missing)}. Shown in the footer of every page."
        if missing
        else f"{edition.contact_email}, and a code of conduct.",
        url,
        f"Add {missing[0]}" if len(missing) == 1 else "Add both",
        _state(is_done=not missing),
    )


def _people_step(edition: Any, *, changes_people: bool) -> Step:
    sentence = "Organisers, committees and speakers, in groups."
    if edition.member_count:
        sentence = f"{count_of(edition.member_count, 'person', 'people')} in groups."
        if edition.faceless_count:
            sentence += f" {edition.faceless_count} without a photo: the pages show initials."
    return Step(
        Phase.WEBSITE,
        "Add people",
        sentence,
        Tab.PEOPLE.url(edition.pk),
        "Add people",
        _state(is_done=edition.member_count),
        links=_people_links(edition) if changes_people else (),
    )


def _text_steps(edition: Edition, facts: YearFacts) -> list[Step]:
    """The step of an edition that was made from another one."""
    if facts.source is None:
        return []
    named = f"the year, a day or the place of {facts.source.name}"
    count = facts.texts_to_check
    return [
        Step(
            Phase.WEBSITE,
            "Check the copied texts",
            f"{count_of(count, 'text')} {'names' if count == 1 else 'name'} {named}."
            if count
            else f"No other text names {named}.",
            reverse("imports:texts", args=[edition.pk]),
            "Check them",
            _state(is_done=not count),
            done_button="View",
        )
    ]


def _people_links(edition: Any) -> tuple[StepLink, ...]:
    """Paste a list into the first group, if there is one, and upload photos."""
    photos = StepLink("Upload photos", reverse("admin:people_person_photos", args=[edition.pk]))
    if edition.first_group is None:
        return (photos,)
    url = reverse("admin:people_group_paste", args=[edition.first_group])
    return (StepLink("Paste a list", url), photos)


def _publishing_step(edition: Edition, facts: YearFacts) -> Step:
    action, button = "publish", "Publish"
    if edition.is_draft:
        sentence = "Only organisers see this edition."
    elif edition.is_current:
        sentence = f"Public at /{edition.slug}/ and on the site's home page."
    else:
        shown = f"shows {facts.home_page.year}" if facts.home_page else "shows no edition"
        sentence = f"Public at /{edition.slug}/. The site's home page {shown}."
        action, button = "current", "Make it the home page"
    if edition.is_current or edition.is_past:
        url, button = edition.get_absolute_url(), "View site"
    else:
        url = reverse("admin:edition-confirm", args=[edition.pk, action])
    state = _state(is_done=not edition.is_draft)
    return Step(
        *(Phase.WEBSITE, "Publish the website", sentence, url, button, state), done_button=button
    )


def _selection_steps(edition: Any, facts: YearFacts, *, is_chair: bool) -> list[Step]:
    call: Call | None = getattr(edition, "call", None)
    status = call.status if call else Call.Status.UNDATED
    steps = [_call_step(edition, call, status)]
    if is_chair:
        is_open = status in {Call.Status.OPEN, Call.Status.BEFORE}
        steps += [
            _reviewer_step(edition, facts),
            *_decision_steps(edition, facts, is_open=is_open),
            _confirmation_step(edition, facts),
        ]
    return steps


def _call_step(edition: Edition, call: Call | None, status: Call.Status) -> Step:
    is_dated = status != Call.Status.UNDATED
    sentence = "Set the days on which the form opens and closes."
    if call and is_dated:
        sentence = f"{call.status_in_words}."
        if edition.is_draft:
            sentence += " Visitors see the form when the website is published."
    title, url = "Open the call", Tab.CALL.url(edition.pk)
    return Step(Phase.SELECTION, title, sentence, url, title, _state(is_done=is_dated))


def _reviewer_step(edition: Any, facts: YearFacts) -> Step:
    links: tuple[StepLink, ...] = ()
    if edition.reviewer_count and facts.expressions:
        links = (
            StepLink("Assign reviewers", reverse("review:assign", args=[edition.pk])),
            StepLink("Remind reviewers", reverse("review:reminders", args=[edition.pk])),
        )
    return _counting_step(
        Phase.SELECTION,
        "Invite reviewers",
        edition.reviewer_count,
        "reviewer",
        without="Optional: the chairs can decide without reviews.",
        url=reverse("review:invite", args=[edition.pk]),
        button="Invite reviewers",
        is_optional=True,
        links=links,
    )


def _decision_steps(edition: Edition, facts: YearFacts, *, is_open: bool) -> list[Step]:
    """Decide and release; while the call `is_open`, neither is done."""
    numbers = facts.expressions
    total = sum(numbers.values())
    decided = sum(numbers.get(state, 0) for state in DECIDED)
    undecided = sum(numbers.get(state, 0) for state in UNDECIDED)
    more_to_come = " More may come until the call closes." if is_open else ""
    if not total:
        decisions = "No entry yet."
    elif facts.undecided:
        decisions = f"{facts.undecided} of {total} to decide.{more_to_come}"
    else:
        decisions = f"All {total} decided." if total > 1 else "The only entry is decided."
        decisions += more_to_come
    if facts.pending:
        releases = f"{count_of(facts.pending, 'decision')} not yet announced to the applicants."
    elif decided:
        releases = f"{count_of(decided, 'decision')} announced.{more_to_come}"
    else:
        releases = "Applicants learn nothing before you release the decisions."
    is_released = decided and not facts.pending and not undecided and not is_open
    return [
        Step(
            Phase.SELECTION,
            "Decide on the entries",
            decisions,
            reverse("selection:board", args=[edition.pk]),
            "Decide",
            _state(is_done=total and not facts.undecided and not is_open, is_possible=total),
            is_optional=is_open,
            done_button="View",
        ),
        Step(
            Phase.SELECTION,
            "Release the decisions",
            releases,
            reverse("selection:release", args=[edition.pk]),
            "Release" if facts.pending else "View",
            _state(is_done=is_released, is_possible=facts.pending or (decided and is_open)),
            is_optional=not facts.pending,
            done_button="View",
        ),
    ]


def _confirmation_step(edition: Edition, facts: YearFacts) -> Step:
    offers = facts.expressions.get(State.ACCEPTED, 0)
    confirmed = facts.expressions.get(State.CONFIRMED, 0)
    sentence = "Accepted applicants confirm that they come."
    if offers:
        sentence = f"{count_of(offers, 'offer')} not answered, {confirmed} confirmed."
    elif confirmed:
        sentence = f"{confirmed} confirmed."
    state = State.ACCEPTED if offers else State.CONFIRMED
    entries = reverse("admin:interest_expression_changelist")
    return Step(
        Phase.SELECTION,
        "Wait for confirmations",
        sentence,
        f"{entries}?edition__id__exact={edition.pk}&state__exact={state}",
        "View the offers",
        _state(is_done=confirmed and not offers, is_possible=offers),
        is_optional=True,
        done_button="View",
    )


def _programme_steps(edition: Any, facts: YearFacts, *, releases_letters: bool) -> list[Step]:
    phase = Phase.PROGRAMME
    steps = [
        _counting_step(
            phase,
            "Build the programme",
            edition.session_count,
            "session",
            without="Add rooms and sessions, then place talks and posters.",
            url=reverse("admin:programme_session_overview", args=[edition.pk]),
            button="Build it",
        ),
        _programme_publishing_step(edition),
    ]
    if releases_letters:
        steps.append(_telling_step(edition, facts))
    return steps


def _programme_publishing_step(edition: Any) -> Step:
    """The step of a release; ready again when the first day changed since the latest one."""
    is_moved = bool(edition.release_number) and edition.released_first_day != edition.starts_on
    sentence = "Visitors see no times and rooms before."
    if is_moved:
        day = edition.released_first_day
        shown = f"{date_format(day, 'j F Y')} as its first day" if day else "no dates"
        sentence = f"The dates have changed: the public programme shows {shown}. Publish it again."
    elif edition.release_number:
        sentence = f"Published, release {edition.release_number}."
    return Step(
        Phase.PROGRAMME,
        "Publish the programme",
        sentence,
        reverse("admin:programme_session_publish", args=[edition.pk]),
        "Publish programme",
        _state(is_done=edition.release_number and not is_moved, is_possible=edition.session_count),
        done_button="View",
    )


def _telling_step(edition: Any, facts: YearFacts) -> Step:
    """The step of the emails about time and place; done only if some were released."""
    sent, discarded = facts.released_letters, facts.discarded_letters
    if not edition.release_number:
        state, sentence = StepState.LATER, "Emails with time, place and calendar entry."
    elif facts.letters:
        state = StepState.READY
        sentence = f"{count_of(facts.letters, 'email')} about time and place not sent."
    elif sent:
        state = StepState.DONE
        sentence = f"{count_of(sent, 'email')} about time and place released."
    else:
        state, sentence = StepState.SKIPPED, "No email was sent: none is due."
    if discarded and edition.release_number:
        discards = f"{count_of(discarded, 'email')} discarded"
        skipped = f"No email was sent: {discards}."
        sentence = skipped if state == StepState.SKIPPED else f"{sentence[:-1]}, {discards}."
    return Step(
        Phase.PROGRAMME,
        "Tell the presenters",
        sentence,
        reverse("admin:programme_session_letters", args=[edition.pk]),
        "Send emails",
        state,
        done_button="View",
    )


def _workshop_steps(
    edition: Any, facts: YearFacts, *, is_chair: bool, makes_editions: bool
) -> list[Step]:
    is_over = edition.last_day is not None and edition.last_day < edition.today
    print_url = reverse("admin:programme_session_print", args=[edition.pk])
    notice_url, check_in_url = (
        reverse(name, args=[edition.pk]) for name in ("news:notices", "check-in:page")
    )
    holding = Step(
        Phase.WORKSHOP,
        "Hold the workshop",
        _countdown(edition, is_over=is_over),
        edition.get_absolute_url(),
        "View site",
        _holding_state(edition, is_over=is_over),
        is_optional=True,
        done_button="View site",
        links=(
            StepLink("Print badges and more", print_url),
            *([StepLink("Check-in", check_in_url)] if is_chair else []),
            StepLink("Change notice", notice_url),
        ),
    )
    return [
        _registration_step(edition, is_chair=is_chair),
        holding,
        *([_thanking_step(edition, facts)] if is_chair else []),
        _archiving_step(edition, is_over=is_over),
        *([_following_step(edition, facts)] if makes_editions else []),
    ]


def _registration_step(edition: Edition, *, is_chair: bool) -> Step:
    """Optional: many workshops register people somewhere else, or not at all."""
    period: RegistrationPeriod | None = getattr(edition, "registration_period", None)
    is_done = period is not None and period.is_public and period.status != Call.Status.UNDATED
    sentence = "Optional: let people register here, with places, waiting list and tickets."
    if period and is_done:
        words = {Call.Status.BEFORE: "Opens", Call.Status.OPEN: "Open until"}
        moment = period.opens_at if period.status == Call.Status.BEFORE else period.closes_at
        verb = words.get(period.status, "Closed since")
        sentence = (
            f"{verb} {date_format(moment, 'j F Y, H:i')} {moment.tzname()}." if moment else ""
        )
    elif edition.registration_url:
        sentence = "The site links to a registration at another address."
        is_done = True
    people = (
        f"{reverse('admin:registration_registration_changelist')}?edition__id__exact={edition.pk}"
    )
    return Step(
        Phase.WORKSHOP,
        "Open the registration",
        sentence,
        Tab.REGISTRATION.url(edition.pk),
        "Set it up",
        _state(is_done=is_done),
        is_optional=True,
        links=(StepLink("Who is registered", people),) if is_chair and period else (),
    )


def _thanking_step(edition: Edition, facts: YearFacts) -> Step:
    confirmed = facts.expressions.get(State.CONFIRMED, 0)
    recipients = f"the {confirmed} who" if confirmed else "all who"
    return Step(
        Phase.WORKSHOP,
        "Thank the presenters",
        f"Optional: one email to {recipients} confirmed.",
        f"{reverse('selection:write')}?edition__id__exact={edition.pk}"
        f"&state__exact={State.CONFIRMED}",
        "Write to them",
        _state(is_done=facts.is_thanked, is_possible=edition.is_past and confirmed),
        is_optional=True,
        done_button="Write again",
    )


def _archiving_step(edition: Edition, *, is_over: bool) -> Step:
    is_archived = edition.state == Edition.State.ARCHIVED
    url = reverse("admin:edition-confirm", args=[edition.pk, "archive"])
    return Step(
        Phase.WORKSHOP,
        "Archive this edition",
        "Its pages stay readable and link to the current edition.",
        edition.get_absolute_url() if is_archived else url,
        "Archive",
        _state(is_done=is_archived, is_possible=is_over and not edition.is_draft),
        done_button="View site",
    )


def _holding_state(edition: Edition, *, is_over: bool) -> StepState:
    """Done after the last day, not by archiving; a cancelled edition is skipped."""
    if edition.is_cancelled:
        return StepState.SKIPPED
    # Without a date, archiving says that it is over.
    is_done = is_over or (edition.is_past and edition.last_day is None)
    has_begun = edition.starts_on is not None and edition.starts_on <= edition.today
    return _state(is_done=is_done, is_possible=has_begun)


def _following_step(edition: Edition, facts: YearFacts) -> Step:
    """The step to the edition of the next year: its form, or its overview if there is one."""
    following = facts.following
    if following:
        url = reverse("admin:edition-overview", args=[following.pk])
        sentence, button = f"{following.name}.", "Open it"
    else:
        url = f"{reverse('imports:new-edition')}?source={edition.pk}"
        sentence = "Takes along people, topics, pages and the call, as you choose."
        button = "New edition"
    return Step(
        Phase.WORKSHOP,
        "Start the next edition",
        sentence,
        url,
        button,
        _state(is_done=following, is_possible=not edition.is_draft),
        is_optional=not edition.is_past,
        done_button=button,
    )


def _countdown(edition: Edition, *, is_over: bool) -> str:
    if edition.is_cancelled:
        return "Cancelled."
    if edition.starts_on is None:
        return "The date is not set."
    if is_over:
        return "It is over."
    days = (edition.starts_on - edition.today).days
    is_archived = edition.state == Edition.State.ARCHIVED
    early = ", although the edition is archived" if is_archived else ""
    if days <= 0:
        return f"It is on now{early}."
    return f"It begins {'tomorrow' if days == 1 else f'in {days} days'}{early}."
