"""Two tabs at the desk: what each person changed is kept, and nothing is overwritten unseen."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.utils.html import escape

from apps.core.concurrent_edits import ConcurrentEditsAdmin
from apps.editions.admin import Tab
from apps.editions.models import Edition
from apps.programme.models import Contribution
from tests.editions.files import make_picture
from tests.factories import (
    make_award,
    make_contribution,
    make_contribution_link,
    make_contributor,
    make_deadline,
    make_edition,
    make_group,
    make_news,
    make_page,
    make_person,
    make_recipient,
    make_registration,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_sponsor,
    make_topic,
    make_user,
)
from tests.html_forms import open_form, values_of_form
from tests.people.files import phone_photo, upload
from tests.reading import html_of

pytestmark = pytest.mark.django_db

# A row of each kind, with the field that A changes and the one that B changes.
ROWS: dict[str, tuple[Callable[[], Any], str, str | None]] = {
    "editions.Edition": (make_edition, "summary", "title"),
    "editions.Deadline": (lambda: make_deadline(make_edition()), "due_on", "title"),
    "people.Person": (make_person, "bio", "name"),
    "people.PersonProfile": (
        lambda: make_person().profiles.create(edition=make_edition()),
        "bio",
        "affiliation",
    ),
    "people.Group": (lambda: make_group(make_edition()), "heading", None),
    "topics.Topic": (lambda: make_topic(make_edition()), "description", "heading"),
    "programme.Room": (lambda: make_room(make_edition()), "directions", "name"),
    "programme.Contribution": (lambda: make_contribution(make_edition()), "abstract", "title"),
    "programme.Session": (lambda: make_session(make_edition()), "description", "title"),
    "awards.Award": (lambda: make_award(make_edition()), "description", "heading"),
    "sponsors.Level": (lambda: make_sponsor(make_edition()).level, "heading", None),
    "sponsors.Sponsor": (lambda: make_sponsor(make_edition()), "description", "name"),
    "editions.Picture": (
        lambda: make_picture(make_edition(), size=(100, 100)),
        "caption",
        "credit",
    ),
    "news.NewsItem": (lambda: make_news(make_edition()), "body", "title"),
    "pages.Section": (lambda: make_section(make_edition()), "body", "heading"),
    "pages.Page": (lambda: make_page(make_edition()), "body", "title"),
    "accounts.User": (lambda: make_user("Editor"), "email", "name"),
    "registration.Registration": (
        lambda: make_registration(make_edition()),
        "affiliation",
        "name",
    ),
}
SAMPLES = {"due_on": "2031-01-02", "email": "new@example.org"}


def _path(row: models.Model) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def _topics_path(edition: Edition) -> str:
    return Tab.TOPICS.url(edition.pk)


def _stored(row: models.Model, name: str) -> str:
    return str(type(row)._base_manager.values_list(name, flat=True).get(pk=row.pk))


def test_every_form_of_the_desk_merges_concurrent_edits():
    changeable = {
        model._meta.label
        for model, each in admin.site._registry.items()
        if isinstance(each, ConcurrentEditsAdmin)
    }
    others = {
        model._meta.label
        for model, each in admin.site._registry.items()
        if type(each).has_change_permission is admin.ModelAdmin.has_change_permission
    }

    assert changeable == {*ROWS, "editions.Download"}  # which has nothing but its file
    assert others <= changeable


@pytest.mark.parametrize("label", ROWS)
def test_a_save_from_a_second_tab_keeps_what_the_first_one_saved(as_chair, label):
    make, of_a, of_b = ROWS[label]
    row = make()
    text_a, text_b = SAMPLES.get(of_a, "Words of A\r\nin two lines"), "Words of B"
    page_a, page_b = open_form(as_chair, _path(row)), open_form(as_chair, _path(row))
    page_a[of_a] = [text_a]
    if of_b:
        page_b[of_b] = [text_b]

    responses = [as_chair.post(_path(row), page) for page in (page_a, page_b)]

    assert [response.status_code for response in responses] == [302, 302]
    assert _stored(row, of_a).split() == text_a.split()
    assert of_b is None or _stored(row, of_b) == text_b


@pytest.mark.parametrize("label", ROWS)
def test_a_field_that_both_changed_comes_back_with_both_texts(as_chair, label):
    make, name, _ = ROWS[label]
    row = make()
    text_a, text_b = {
        "due_on": ("2031-01-02", "2031-03-04"),
        "email": ("a@example.org", "b@example.org"),
    }.get(name, ("<b>Words of A</b>", "Words of B"))
    page_a, page_b = open_form(as_chair, _path(row)), open_form(as_chair, _path(row))
    as_chair.post(_path(row), page_a | {name: [text_a]})

    response = as_chair.post(_path(row), page_b | {name: [text_b]})

    shown = html_of(response)
    assert response.status_code == 200
    assert "while you had the page open. It now reads" in shown
    assert {"2031-01-02": "02/01/2031"}.get(text_a, escape(text_a)) in shown
    assert _stored(row, name) == text_a
    page_b = values_of_form(response.content.decode())
    assert page_b[name] == [text_b]
    assert as_chair.post(_path(row), page_b).status_code == 302
    assert _stored(row, name) == text_b


def test_the_message_names_the_other_person_and_the_time(as_chair, as_editor):
    row = make_contribution(make_edition(), abstract="Old")
    page = open_form(as_editor, _path(row))
    as_chair.post(_path(row), open_form(as_chair, _path(row)) | {"abstract": ["New"]})

    response = as_editor.post(_path(row), page | {"abstract": ["Other"]})

    assert "This was changed by Charlie Chair at " in html_of(response)


def test_an_error_elsewhere_keeps_the_change_of_the_other_tab(as_chair):
    row = make_contribution(make_edition(), abstract="Old", title="Title")
    page = open_form(as_chair, _path(row))
    Contribution.objects.filter(pk=row.pk).update(abstract="New")

    response = as_chair.post(_path(row), page | {"more_url": ["no address"], "title": ["Mine"]})
    page = values_of_form(response.content.decode())
    as_chair.post(_path(row), page | {"more_url": [""]})

    assert page["abstract"] == ["New"]
    assert (_stored(row, "abstract"), _stored(row, "title")) == ("New", "Mine")


def test_topics_and_boxes_of_the_other_tab_are_kept(as_chair):
    edition = make_edition()
    first, second = make_topic(edition), make_topic(edition)
    row = make_contribution(edition, is_published=True)
    row.topics.add(first)
    page = open_form(as_chair, _path(row))
    row.topics.set([second])
    Contribution.objects.filter(pk=row.pk).update(is_published=False)

    as_chair.post(_path(row), page | {"title": ["Mine"]})

    assert list(row.topics.all()) == [second]
    assert _stored(row, "is_published") == "False"


def test_a_photo_that_both_tabs_changed_is_not_overwritten(as_chair):
    row = make_person()
    page = open_form(as_chair, _path(row))
    as_chair.post(_path(row), {**page, "photo": upload(phone_photo())})
    photo = _stored(row, "photo")

    untouched = as_chair.post(_path(row), page | {"name": ["Mine"]})
    both = as_chair.post(_path(row), {**page, "photo": upload(phone_photo())})

    assert untouched.status_code == 302
    assert "while you had the page open" in html_of(both)
    assert photo
    assert _stored(row, "photo") == photo


# Rows within a page


def test_rows_that_others_changed_added_or_deleted_stay_so(as_chair):
    edition = make_edition()
    kept, renamed, gone = (make_topic(edition) for _ in range(3))
    page = open_form(as_chair, _topics_path(edition))
    renamed.heading = "Words of A"
    renamed.save()
    gone.delete()
    added = make_topic(edition)

    response = as_chair.post(_topics_path(edition), page | {"topics-0-heading": ["Words of B"]})

    assert response.status_code == 302
    assert set(edition.topics.values_list("pk", "heading")) == {
        (kept.pk, "Words of B"),
        (renamed.pk, "Words of A"),
        (added.pk, added.heading),
    }


def test_a_row_that_both_changed_comes_back_with_both_texts(as_chair):
    edition = make_edition()
    topic = make_topic(edition)
    page = open_form(as_chair, _topics_path(edition))
    topic.heading = "Words of A"
    topic.save()

    response = as_chair.post(_topics_path(edition), page | {"topics-0-heading": ["Words of B"]})

    assert "It now reads: <q" in html_of(response)
    assert _stored(topic, "heading") == "Words of A"
    page = values_of_form(response.content.decode())
    assert as_chair.post(_topics_path(edition), page).status_code == 302
    assert _stored(topic, "heading") == "Words of B"


def test_a_changed_row_that_was_deleted_is_said_with_its_text(as_chair):
    edition = make_edition()
    topics = [make_topic(edition) for _ in range(3)]
    page = open_form(as_chair, _topics_path(edition))
    topics[1].delete()

    response = as_chair.post(_topics_path(edition), page | {"topics-1-heading": ["Words <of> B"]})

    assert "A topic that you changed was deleted or moved" in html_of(response)
    assert '<q dir="auto">Words &lt;of&gt; B</q>' in html_of(response)
    page = values_of_form(response.content.decode())
    assert [page[f"topics-{row}-id"] for row in (0, 1)] == [
        [str(topics[0].pk)],
        [str(topics[2].pk)],
    ]
    assert as_chair.post(_topics_path(edition), page).status_code == 302
    assert set(edition.topics.all()) == {topics[0], topics[2]}


def test_a_row_that_was_changed_is_not_deleted_unseen(as_chair):
    session = make_session(make_edition())
    slot = make_slot(session, board="A1")
    page = open_form(as_chair, _path(session)) | {"slots-0-DELETE": ["on"]}
    type(slot).objects.update(board="B2")

    response = as_chair.post(_path(session), page)

    assert "<q>B2</q>" in html_of(response)
    page = values_of_form(response.content.decode())
    assert "slots-0-DELETE" not in page
    as_chair.post(_path(session), page | {"slots-0-DELETE": ["on"]})
    assert not session.slots.exists()


@pytest.mark.parametrize("rows", ["contributors", "links", "recipients", "memberships"])
def test_a_title_is_saved_beside_rows_that_others_changed(as_chair, rows):
    edition, person = make_edition(), make_person()
    parent, row, name = {
        "contributors": lambda: _child(make_contribution(edition), make_contributor, person),
        "links": lambda: _link(edition),
        "recipients": lambda: _recipient(edition),
        "memberships": lambda: _membership(edition, person),
    }[rows]()
    page = open_form(as_chair, _path(parent))
    type(row).objects.filter(pk=row.pk).update(**{name: "Words of A"})
    title = "title" if "title" in page else "heading"

    response = as_chair.post(_path(parent), page | {title: ["Words of B"]})

    assert response.status_code == 302
    assert (_stored(row, name), _stored(parent, title)) == ("Words of A", "Words of B")


def _link(edition):
    link = make_contribution_link(make_contribution(edition))
    return link.contribution, link, "label"


def _child(contribution, make, person):
    return contribution, make(contribution, person), "affiliation"


def _recipient(edition):
    award = make_award(edition)
    return award, make_recipient(award), "authors"


def _membership(edition, person):
    group = make_group(edition, person)
    return group, group.memberships.get(), "affiliation"


# Rows that are gone, older versions, hostile pages


def test_a_page_of_a_deleted_row_gives_back_what_was_typed(as_chair):
    row = make_contribution(make_edition())
    page, path, pk = open_form(as_chair, _path(row)), _path(row), row.pk
    row.delete()

    response = as_chair.post(path, page | {"abstract": ["<b>A long text</b>"]})

    assert response.status_code == 410
    assert "&lt;b&gt;A long text&lt;/b&gt;" in html_of(response)
    assert f"/admin/programme/contribution/{pk}/history/" in html_of(response)
    assert not Contribution.objects.exists()


def test_a_page_of_a_deleted_row_names_what_its_selects_had_chosen(as_chair):
    edition = make_edition()
    small, large = (make_topic(edition, heading=f"{size} models") for size in ("Small", "Large"))
    ada, bo = make_person(name="Ada Example"), make_person(name="Bo Example")
    row = make_contribution(edition, ada, topics=[small, large], kind="poster")
    page, path = open_form(as_chair, _path(row)), _path(row)
    added = {"contributors-1-person": [str(bo.pk)], "is_remote": ["on"]}
    row.delete()

    response = as_chair.post(path, page | added)

    entered = response.context["typed"]
    assert ("Topics", "Small models") in entered
    assert ("Topics", "Large models") in entered
    assert ("Kind", "Poster") in entered
    assert ("Person", "Bo Example") in entered
    assert ("Given remotely", "ticked") in entered
    assert {label for label, _ in entered}.isdisjoint({"Id", "id", "contribution"})


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "\x00", "²"])
def test_hostile_choices_for_a_deleted_row_are_shown_as_text(as_chair, value):
    row = make_contribution(make_edition())
    page, path = open_form(as_chair, _path(row)), _path(row)
    row.delete()

    response = as_chair.post(path, page | {"topics": [value], "kind": [value]})

    assert response.status_code == 410
    assert {("Topics", value), ("Kind", value)} <= set(response.context["typed"])


def test_strangers_learn_nothing_from_the_page_of_a_deleted_row(as_reviewer):
    response = as_reviewer.post("/admin/programme/contribution/1/change/", {"title": "x"})

    assert response.status_code in {302, 403}


def test_restoring_a_version_tells_what_others_changed_meanwhile(as_chair):
    row = make_page(make_edition(), title="First")
    path = _path(row).replace("change/", f"history/{row.history.get().pk}/")
    page = open_form(as_chair, path)
    row.title = "Second"
    row.save()

    response = as_chair.post(path, page)

    assert "Press the button again to restore this one" in html_of(response)
    assert _stored(row, "title") == "Second"
    assert as_chair.post(path, values_of_form(response.content.decode())).status_code == 302
    assert _stored(row, "title") == "First"


@pytest.mark.parametrize(
    "shown", ["", "=", "title", "title=", "title=0 title=1", "\x00=\ud7ff", "=" * 5000]
)
@pytest.mark.parametrize("count", ["1", "-1", "x", "²", "9" * 30, "5"])
def test_hostile_hashes_and_counts_are_no_server_error(as_chair, shown, count):
    edition = make_edition()
    make_topic(edition)
    page = open_form(as_chair, _topics_path(edition))
    page |= {"_shown": [shown], "topics-INITIAL_FORMS": [count], "topics-0-id": ["\x00"]}

    assert as_chair.post(_topics_path(edition), page).status_code == 200
    assert Edition.objects.get().title == edition.title


def test_the_first_deadline_is_kept_though_the_other_tab_extended_it(as_chair):
    deadline = make_deadline(make_edition(), due_on=date(2030, 5, 3))
    page_a, page_b = open_form(as_chair, _path(deadline)), open_form(as_chair, _path(deadline))
    as_chair.post(_path(deadline), page_a | {"due_on": ["2030-05-10"]})

    as_chair.post(_path(deadline), page_b | {"title": ["Abstracts"]})

    assert _stored(deadline, "due_on") == "2030-05-10"
    assert _stored(deadline, "extended_from_on") == "2030-05-03"
