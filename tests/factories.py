"""The smallest valid rows. What a test depends on, it states."""

from itertools import count

from django.contrib.auth.models import Group as Role

from apps.accounts.models import User
from apps.editions.models import Deadline, Edition
from apps.pages.models import Page, Section
from apps.people.models import Group, Membership, Person
from apps.topics.models import Topic

_numbers = count(1)


def make_user(role: str = "", **fields) -> User:
    """An organiser in the shipped group `role`; with none, an account that may not enter the desk."""
    number = next(_numbers)
    fields.setdefault("email", f"user{number}@example.org")
    fields.setdefault("is_staff", bool(role))
    user = User.objects.create_user(password="correct horse battery", **fields)
    if role:
        user.groups.add(Role.objects.get(name=role))
    return user


def make_edition(**fields) -> Edition:
    """A published edition with nothing but a title; not the current one."""
    number = next(_numbers)
    defaults = {
        "slug": f"edition-{number}",
        "year": 2000 + number % 100,
        "title": f"Workshop {number}",
    }
    return Edition.objects.create(**defaults | {"state": Edition.State.PUBLISHED} | fields)


def make_current_edition(**fields) -> Edition:
    """The edition at the site's root."""
    return make_edition(**{"is_current": True} | fields)


def make_person(**fields) -> Person:
    return Person.objects.create(**{"name": f"Ada Example {next(_numbers)}"} | fields)


def make_group(edition: Edition, *members: Person, **fields) -> Group:
    """A group of `edition` with `members` in this order."""
    group = Group.objects.create(edition=edition, **{"heading": f"Group {next(_numbers)}"} | fields)
    for person in members:
        Membership.objects.create(group=group, person=person)
    return group


def make_topic(edition: Edition, **fields) -> Topic:
    return Topic.objects.create(edition=edition, **{"heading": f"Topic {next(_numbers)}"} | fields)


def make_section(edition: Edition, **fields) -> Section:
    return Section.objects.create(
        edition=edition, **{"heading": f"Section {next(_numbers)}"} | fields
    )


def make_page(edition: Edition | None, **fields) -> Page:
    number = next(_numbers)
    defaults = {"title": f"Page {number}", "slug": f"page-{number}", "body": "Words."}
    return Page.objects.create(edition=edition, **defaults | {"is_published": True} | fields)


def make_deadline(edition: Edition, **fields) -> Deadline:
    return Deadline.objects.create(
        edition=edition, **{"title": f"Deadline {next(_numbers)}", "due_on": "2030-05-03"} | fields
    )
