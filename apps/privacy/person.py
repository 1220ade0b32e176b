"""Everything that the site stores about one email address, over all editions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db.models import Count, Max, Min, Model, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format

from apps.accounts.models import Invitation, User
from apps.contributors.models import Speaker
from apps.interest.models import Expression, Note
from apps.interest.student.display import everything_about
from apps.mail.models import Letter
from apps.people.models import FACTS, Person, PersonProfile
from apps.private_links.models import LinkRequest
from apps.registration.display import everything_about as describe_registration
from apps.registration.models import Registration
from apps.review.models import Comment, InvitedReviewer, Review, Reviewer

# The columns that hold addresses of persons. The contact address of an edition belongs to none.
_COLUMNS: dict[type[Model], str] = {
    Expression: "email",
    Registration: "email",
    Letter: "to_email",
    LinkRequest: "email",
    Speaker: "email",
    Person: "contact_email",
    PersonProfile: "contact_email",
    User: "email",
    Invitation: "email",
    InvitedReviewer: "email",
}
NOT_SEARCHED = (
    "Co-authors and supervisors in the entries of others: these have names and no addresses.",
    "Contributors and winners of awards who are on a page by name only.",
    "Words in texts: abstracts, remarks, notes, emails to others, pages, news, and uploaded files.",
    "Emails that were drafted and not sent, and notices to the organisers.",
    "Feedback on talks, which has neither names nor addresses.",
    "Names in the history of public content and in the admin's log.",
    "Spreadsheets that wait for their import (deleted after a day), the logs of the server, which "
    "name accounts by their number, and backups.",
)


# The parts of `collect` about every address, also one that is not stored.
ALWAYS_SAID = {"address", "read_at", "read_or_erased_by_chairs", "not_searched"}


def normalise(address: str) -> str:
    """The form in which addresses are compared: two that differ in case only are the same."""
    return address.strip().casefold()


def address_digest(address: str) -> str:
    """A keyed hash of an address, which tells nothing to those who do not have SECRET_KEY."""
    return salted_hmac("apps.privacy.address", normalise(address), algorithm="sha256").hexdigest()


def stored_addresses() -> dict[str, set[str]]:
    """All stored addresses of persons: the spellings of each by its normalised form."""
    spellings = defaultdict(set)
    for model, column in _COLUMNS.items():
        rows = model._default_manager.order_by().values_list(column, flat=True).distinct()
        for address in rows.iterator():
            spellings[normalise(address)].add(address)
    spellings.pop("", None)  # cleared addresses
    return spellings


class RowsOf:
    """The rows that hold an address, in any of its spellings."""

    def __init__(self, spellings: Iterable[str]) -> None:
        self.spellings = sorted(spellings)
        entries = Expression.objects.filter(email__in=self.spellings)
        self.entries = entries.with_everything().order_by("submitted_at", "pk")
        self.letters: QuerySet[Letter] = self._of(Letter)
        registrations: QuerySet[Registration] = self._of(Registration)
        self.registrations = registrations.select_related("edition", "kind", "needs")
        self.speakers = self._of(Speaker).select_related("edition", "person")
        self.accounts: QuerySet[User] = self._of(User)
        self.reviewers = Reviewer.objects.filter(user__in=self.accounts)
        self.invitations: QuerySet[Invitation] = self._of(Invitation)
        self.people: QuerySet[Person] = Person.objects.filter(
            Q(contact_email__in=self.spellings) | Q(profiles__contact_email__in=self.spellings)
        ).distinct()

    @classmethod
    def of(cls, address: str) -> RowsOf:
        return cls(stored_addresses().get(normalise(address), ()))

    def _of(self, model: type[Model]) -> QuerySet[Any]:
        return model._default_manager.filter(**{f"{_COLUMNS[model]}__in": self.spellings})

    def __iter__(self) -> Iterator[QuerySet[Any]]:
        """Yield the rows of each table."""
        return (self._of(model) for model in _COLUMNS)


def collect(address: str) -> dict[str, Any]:
    """Everything that is stored about an address, ready for JSON, without empty parts.

    Reviewers and authors of notes are not named. What is not searched is said in the data.
    """
    rows = RowsOf.of(address)
    other_letters = rows.letters.exclude(expression_link__expression__in=rows.entries)
    other_letters = other_letters.exclude(
        registration_link__registration__in=rows.registrations.values("pk")
    )
    # As `everything_about` chooses them; tests are letters to others that a chair sent to themselves.
    other_letters = other_letters.exclude(
        Q(state__in=(Letter.State.DRAFT, Letter.State.DISCARDED))
        | Q(kind__endswith="notice")
        | Q(kind=Letter.TEST_KIND)
    )
    data = {
        "address": address,
        "read_at": timezone.now(),
        "entries": [_entry(expression) for expression in rows.entries],
        "registrations": [describe_registration(each) for each in rows.registrations],
        "other_emails": list(
            other_letters.order_by("created_at", "pk").values(
                "to_email", "to_name", "subject", "body_text", "state", "created_at", "sent_at"
            )
        ),
        "people": [_person(person) for person in rows.people],
        "access_of_speakers": [_speaker(speaker) for speaker in rows.speakers],
        "accounts": [_account(user) for user in rows.accounts],
        "invitations": list(
            rows.invitations.values(
                "email", "name", "role", "created_at", "accepted_at", "revoked_at"
            )
        ),
        "invited_to_review": list(
            InvitedReviewer.objects.filter(email__in=rows.spellings).values("edition__title")
        ),
        "requests_for_a_new_link": list(
            LinkRequest.objects.filter(email__in=rows.spellings).values("edition__title")
        ),
    }
    found = {name: value for name, value in data.items() if value}
    looks = LogEntry.objects.filter(object_repr=log_name(address)).order_by("action_time", "pk")
    return found | {
        "read_or_erased_by_chairs": list(looks.values("action_time", "change_message")),
        "not_searched": NOT_SEARCHED,
    }


def log_name(address: str) -> str:
    """How the admin's log names an address, which it does not keep."""
    return f"Address {address_digest(address)[:16]}"


def _entry(expression: Expression) -> dict[str, Any]:
    return everything_about(expression) | {
        "reviews": list(expression.reviews.values("score", "remark", "has_conflict", "changed_at")),
        "comments_of_reviewers": list(expression.comments.values("text", "written_at")),
        "notes_of_chairs": list(expression.notes.values("text", "written_at")),
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        **{fact: getattr(person, fact) for fact in FACTS},
        "has_photo": bool(person.photo),
        "in_editions": [
            {
                "edition": str(profile.edition),
                **{fact: getattr(profile, fact) for fact in FACTS},
                "has_photo": bool(profile.photo),
            }
            for profile in person.profiles.select_related("edition")
        ],
        "groups": list(
            person.memberships.values("group__edition__title", "group__heading", "role")
        ),
        "contributions": list(
            person.contributor_credits.values(
                "contribution__edition__title", "contribution__title", "role"
            )
        ),
        "chairs_sessions": list(
            person.sessionchair_credits.values("session__edition__title", "session__title")
        ),
    }


def _speaker(speaker: Speaker) -> dict[str, Any]:
    return {
        "edition": str(speaker.edition),
        "person": speaker.person.name,
        "link_sent_at": speaker.link_sent_at,
        "links": list(speaker.links.values("created_at", "expires_at", "revoked_at")),
        "changes_that_wait": list(
            speaker.proposals.values("contribution__title", "values", "proposed_at")
        ),
    }


def _account(user: User) -> dict[str, Any]:
    return {
        "number": user.pk,
        "email": user.email,
        "name": user.name,
        "joined_at": user.joined_at,
        "last_sign_in": user.last_login,
        "is_active": user.is_active,
        "roles": list(user.groups.values_list("name", flat=True)),
        "addresses": list(EmailAddress.objects.filter(user=user).values_list("email", flat=True)),
        "second_factors": list(
            Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")
        ),
        "reviewer_of": [
            {
                "edition": str(reviewer.edition),
                "affiliation": reviewer.affiliation,
                "conflicts": reviewer.conflicts,
                "topics": [str(topic) for topic in reviewer.topics.all()],
                "assigned": list(
                    reviewer.assignments.values_list("expression__reference", flat=True)
                ),
            }
            for reviewer in user.reviewing.select_related("edition")
        ],
        "reviews_written": list(
            user.reviews.values(
                "expression__reference", "score", "remark", "has_conflict", "changed_at"
            )
        ),
        "comments_written": list(
            user.review_comments.values("expression__reference", "text", "written_at")
        ),
        "notes_written": list(
            user.expression_notes.values("expression__reference", "text", "written_at")
        ),
        "actions_in_the_log": list(
            user.logentry_set.order_by("action_time", "pk").values(
                "action_time", "object_repr", "change_message"
            )
        ),
        "changes_of_public_content": list(_history(user)),
        "other_records": _other_records(user),
    }


def _history(user: User) -> Iterator[dict[str, Any]]:
    """How many versions the user made of each kind of public content."""
    for model in apps.get_models():
        if hasattr(model, "history_user"):
            versions = model._default_manager.filter(history_user=user).aggregate(
                number=Count("pk"), first_at=Min("history_date"), last_at=Max("history_date")
            )
            if versions["number"]:
                yield {"of": str(model._meta.verbose_name).removeprefix("historical "), **versions}


def _other_records(user: User) -> dict[str, int]:
    """Numbers of the rows that name the user in any other table."""
    listed = {LogEntry, Review, Comment, Note, Reviewer, EmailAddress, Authenticator}
    numbers = {}
    for relation in User._meta.related_objects:
        model, name = relation.field.model, relation.field.name
        if model not in listed and not hasattr(model, "history_user"):
            number = model._default_manager.filter(**{name: user}).count()
            numbers[f"{model._meta.verbose_name_plural}, {name}"] = number
    return {name: number for name, number in numbers.items() if number}


class Node(NamedTuple):
    """A value as the page shows it: a text, or a list of further ones."""

    label: str
    text: str
    nodes: list[Node]


def as_nodes(value: Any, label: str = "") -> Node:
    """Values of JSON for people: labels in words, local times, without what is empty."""
    label = label.replace("__", ", ").replace("_", " ").capitalize()
    if isinstance(value, dict):
        return Node(label, "", [as_nodes(v, str(k)) for k, v in value.items() if not _is_empty(v)])
    if isinstance(value, list | tuple):
        return Node(label, "", [as_nodes(each) for each in value if not _is_empty(each)])
    if isinstance(value, bool):
        value = "Yes" if value else "No"
    elif isinstance(value, datetime):
        value = date_format(timezone.localtime(value), "j F Y, H:i")
    elif isinstance(value, date):
        value = date_format(value, "j F Y")
    return Node(label, str(value), [])


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {}, ())
