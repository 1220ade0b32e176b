"""Search and order whatever the case and the accents, in the admin and in queries."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from apps.accounts.models import Invitation, User
from apps.awards.models import Award
from apps.core.admin import ListMixin
from apps.core.search import Fold, fold
from apps.editions.models import Deadline, Download, Edition, Picture
from apps.interest.models import AccessLink, Expression
from apps.mail.models import Letter
from apps.news.models import NewsItem
from apps.pages.models import Page, Section
from apps.people.models import Group, Person, PersonProfile
from apps.programme.models import Contribution, Room, Session
from apps.registration.models import Registration
from apps.sponsors.models import Level, Sponsor
from apps.topics.models import Topic
from tests.editions.files import make_download, make_picture
from tests.factories import (
    make_award,
    make_chair,
    make_contribution,
    make_contributor,
    make_current_edition,
    make_deadline,
    make_expression,
    make_group,
    make_link,
    make_news,
    make_page,
    make_person,
    make_registration,
    make_room,
    make_section,
    make_session,
    make_sponsor,
    make_topic,
    make_user,
)
from tests.mail.conftest import make_letter

pytestmark = pytest.mark.django_db

SPELLINGS = ["ozturk", "ÖZTÜRK", "Öztürk", "O\u0308ztu\u0308rk", "oztürk"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Öztürk", "ozturk"),
        ("ŁUKASZ Żółw", "lukasz zolw"),
        ("Straße, STRASSE und STRAẞE", "strasse, strasse und strasse"),
        ("Søren Æbelø, Þór Œuvre", "soren aebelo, thor oeuvre"),
        ("İstanbul ISPARTA ılık", "istanbul isparta ilik"),
        ("ΟΔΥΣΣΕΎΣ Οδυσσεύς", "οδυσσευσ οδυσσευσ"),
        ("Пётр ЁЛКИН", "петр елкин"),
        ("ﬁne １２", "fine 12"),
        ("김철수 山田", "김철수 山田"),
        ("", ""),
    ],
)
def test_python_and_the_database_fold_alike(text, folded):
    person = make_person(name=text)

    stored = Person.objects.annotate(folded=Fold("name")).get(pk=person.pk).folded

    assert fold(text) == stored
    assert fold(stored) == fold(folded) == stored
    assert Person.objects.filter(name__icontains=text.upper()).exists()


def test_many_marks_and_wildcards_are_searched_as_they_are():
    person = make_person(name="a" + "\u0301" * 60)

    assert Person.objects.filter(name__icontains="A" + "\u0300" * 60).get() == person
    assert not Person.objects.filter(name__icontains="a%").exists()
    assert not Person.objects.filter(affiliation__icontains="'\\_").exists()


def _rows(name: str) -> dict[type[Model], Model]:
    """For each list with a search, a row that `name` finds."""
    edition = make_current_edition(slug="2030", venue=name)
    letter = make_letter(to_name=name)
    expression = make_expression(edition, name=name)
    link, _ = make_link(expression)
    talk = make_contribution(edition, name)
    session = make_session(edition)
    make_chair(session, make_person(name=name))
    return {
        Edition: edition,
        Deadline: make_deadline(edition, title=name),
        Picture: make_picture(edition, caption=name),
        # The name of a file has letters a to z only.
        Download: make_download(edition, f"{fold(name).replace(' ', '-')}.pdf"),
        Level: make_sponsor(edition, Level.objects.create(edition=edition, heading=name)).level,
        Sponsor: make_sponsor(edition, name=name),
        Topic: make_topic(edition, heading=name),
        Letter: letter,
        Expression: expression,
        AccessLink: AccessLink.objects.create(
            edition=edition, for_whom=name, token_hash="a" * 64, expires_at=link.expires_at
        ),
        NewsItem: make_news(edition, title=name),
        Room: make_room(edition, name=name),
        Contribution: talk,
        Session: session,
        Award: make_award(edition, heading=name),
        User: make_user("Editor", name=name),
        Section: make_section(edition, heading=name),
        Page: make_page(edition, title=name),
        Person: make_person(name=name),
        PersonProfile: make_person(name=name).profiles.create(edition=edition),
        Group: make_group(edition, heading=name),
        Registration: make_registration(edition, name=name),
    }


def test_every_list_of_the_admin_finds_names_in_any_spelling(as_chair, chair):
    User.objects.filter(pk=chair.pk).update(is_superuser=True)
    rows = _rows("Deniz Öztürk")
    with_search = {
        model
        for model in admin.site._registry
        if admin.site.get_model_admin(model).search_fields
        # An address, and the subject of a letter to many.
        and model is not Invitation
        and model._meta.label != "mail.Mailing"
    }

    assert {*with_search, Expression} == rows.keys()
    for model, row in rows.items():
        meta = model._meta
        assert isinstance(admin.site.get_model_admin(model), ListMixin), meta.label
        path = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        for words in SPELLINGS[:2]:
            page = as_chair.get(path, {"q": words})
            assert row in page.context["cl"].result_list, (meta.label, words)
        assert row not in as_chair.get(path, {"q": "oz_turk"}).context["cl"].result_list


def test_autocompletes_find_names_in_any_spelling_in_alphabetical_order(as_chair):
    talk = make_contribution(make_current_edition())
    for name in ("Zoe Öztürk", "ömer Öztürk", "Paul Ozturk", "Nobody Else"):
        make_contributor(talk, make_person(name=name))
    fields = {"app_label": "programme", "model_name": "contributor", "field_name": "person"}

    for words in SPELLINGS:
        found = as_chair.get("/admin/autocomplete/", fields | {"term": words}).json()["results"]
        names = [result["text"] for result in found]
        assert names == ["ömer Öztürk", "Paul Ozturk", "Zoe Öztürk"]


def test_lists_are_sorted_by_alphabet(as_chair):
    names = ["Ozan", "Öztürk", "özay", "Zed", "adam", "Łukasz", "Mia", "Bo", "Émile", "Ernst"]
    in_order = ["adam", "Bo", "Émile", "Ernst", "Łukasz", "Mia", "Ozan", "özay", "Öztürk", "Zed"]
    edition = make_current_edition()
    for name in names:
        make_person(name=name)
        make_expression(edition, name=name)

    people = as_chair.get("/admin/people/person/").context["cl"].result_list
    expressions = as_chair.get("/admin/interest/expression/", {"o": "2"}).context["cl"]
    backwards = as_chair.get("/admin/interest/expression/", {"o": "-2"}).context["cl"]

    assert [person.name for person in people] == in_order
    assert [person.name for person in Person.objects.all()] == in_order
    assert [row.name for row in expressions.result_list] == in_order
    assert [row.name for row in backwards.result_list] == in_order[::-1]


def test_posters_without_a_board_are_listed_by_alphabet(client):
    edition = make_current_edition(slug="2030")
    for title in ("Zebras", "Ähren", "apples", "Bees"):
        make_contribution(edition, title=title, kind="poster")

    page = client.get("/2030/posters/").content.decode()

    assert sorted(("Ähren", "apples", "Bees", "Zebras"), key=page.index) == [
        *("Ähren", "apples", "Bees", "Zebras")
    ]


def test_a_long_search_uses_its_first_ten_words_and_says_so(as_chair):
    ada = make_person(name="a b c d e f g h i j")
    path = reverse("admin:people_person_changelist")

    long = as_chair.get(path, {"q": " ".join("abcdefghijklmno")})
    short = as_chair.get(path, {"q": "  a  b c d e f g h i j "})

    assert list(long.context["cl"].result_list) == [ada]
    assert [str(message) for message in long.context["messages"]] == [
        "The search used only the beginning of the text, “a b c d e f g h i j”. It takes 10 words and 200 "
        "characters."
    ]
    assert list(short.context["cl"].result_list) == [ada]
    assert list(short.context["messages"]) == []
