"""Admin of editions and of the objects that belong to one."""

import re
from datetime import date

import pytest
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from apps.editions.admin import Tab
from apps.editions.models import Edition
from apps.programme.models import Session
from tests.editions.files import make_download, make_picture
from tests.factories import (
    make_award,
    make_current_edition,
    make_deadline,
    make_edition,
    make_group,
    make_news,
    make_page,
    make_person,
    make_section,
    make_session,
    make_sponsor,
    make_topic,
)
from tests.html_forms import open_form
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def _change(edition: Edition, tab: str = "change") -> str:
    return reverse(f"admin:editions_edition_{tab}", args=[edition.pk])


def _action(edition: Edition, action: str) -> str:
    return reverse("admin:editions_edition_action", args=[edition.pk, action])


def _states() -> dict[str, tuple[str, bool]]:
    return {row.slug: (row.state, row.is_current) for row in Edition.objects.all()}


def _form(client, edition: Edition, tab: str = "change", **changes) -> dict:
    """The form data of the edition's tab with `changes`."""
    context = client.get(_change(edition, tab)).context
    data: dict = {}
    for form in [
        context["adminform"].form,
        *[
            form
            for inline in context["inline_admin_formsets"]
            for form in [inline.formset.management_form, *inline.formset.forms]
        ],
    ]:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and not isinstance(value, FieldFile):
                data[bound.html_name] = value
    return data | changes


def todos_of(client):
    return client.get("/admin/").context["todos"] or []


def test_a_draft_becomes_the_home_page_with_one_action(as_chair, client):
    make_current_edition(slug="2024")
    draft = make_edition(slug="2025", state="draft", title="Next year's")

    response = as_chair.post(_action(draft, "current"), follow=True)

    assert "is now the site&#x27;s home page" in response.content.decode()
    assert _states() == {"2024": ("published", False), "2025": ("published", True)}
    assert "Next year&#x27;s" in client.get("/").content.decode()


@pytest.mark.parametrize("address", ["ada@☃.example", "ada@xn--a.example", "ädä@example.org"])
def test_a_contact_address_that_no_letter_can_be_sent_to_is_refused(as_chair, address):
    edition = make_edition()

    response = as_chair.post(_change(edition), _form(as_chair, edition, contact_email=address))

    (message,) = response.context["adminform"].form.errors["contact_email"]
    assert message.startswith("We cannot write to this address")


def test_publishing_can_make_the_edition_the_home_page_too(as_chair):
    make_current_edition(slug="2024")
    draft = make_edition(slug="2025", state="draft")

    as_chair.post(_action(draft, "publish"), {"home": "on"})

    assert _states() == {"2024": ("published", False), "2025": ("published", True)}


def test_an_edition_replaced_by_a_newer_one_is_offered_for_archiving(as_chair, as_reviewer):
    old = make_current_edition(slug="2024", year=2024, title="<i>Old</i>")
    new = make_edition(slug="2025", year=2025, state="draft")
    link = f'<a href="/admin/editions/edition/{old.pk}/overview/">archive it</a>'

    page = as_chair.post(_action(new, "current"), follow=True).content.decode()
    labels = [[todo.label for todo in todos_of(who)] for who in (as_chair, as_reviewer)]
    as_chair.post(_action(old, "archive"))

    assert f"If 2024: &lt;i&gt;Old&lt;/i&gt; is over, {link}" in page
    assert labels == [["earlier edition not archived"], []]
    assert not todos_of(as_chair)


def test_a_refused_action_shows_the_reason(as_chair):
    current = make_current_edition(slug="2024")

    response = as_chair.post(_action(current, "unpublish"), follow=True)

    assert "Choose another home page first" in response.content.decode()
    assert _states() == {"2024": ("published", True)}


def test_actions_need_the_permission_to_change_editions(
    client, as_stranger, as_reviewer, as_editor
):
    draft = make_edition(slug="2025", state="draft")

    refusals = [each.post(_action(draft, "publish")).status_code for each in (client, as_stranger)]

    assert refusals == [302, 302]
    assert as_reviewer.post(_action(draft, "publish")).status_code == 403
    assert as_editor.get(_action(draft, "publish")).status_code == 405
    assert as_editor.post(_action(draft, "nonsense")).status_code == 302
    assert _states() == {"2025": ("draft", False)}


def test_the_form_does_not_change_the_state(as_chair):
    edition = make_edition(slug="2024")

    as_chair.post(
        _change(edition),
        _form(as_chair, edition, state="draft", is_current="on", title="New"),
    )

    edition.refresh_from_db()
    assert (edition.title, edition.slug, edition.state, edition.is_current) == (
        "New",
        "2024",
        "published",
        False,
    )


def test_an_invalid_date_is_answered_with_the_expected_format(as_chair):
    edition = make_edition(slug="2024")
    make_deadline(edition)
    wrong = {"deadlines-0-due_on": "May", "deadlines-0-due_time": "5"}
    day = {"starts_on": "12 Decembre"}

    details = as_chair.post(_change(edition), _form(as_chair, edition, **day)).context
    dates = _form(as_chair, edition, "dates", **wrong)
    context = as_chair.post(_change(edition, "dates"), dates).context

    assert details["adminform"].form.errors == {"starts_on": ["Write the day like 31/12/2026."]}
    rows = [
        errors for inline in context["inline_admin_formsets"] for errors in inline.formset.errors
    ]
    assert [errors for errors in rows if errors] == [
        {"due_on": ["Write the day like 31/12/2026."], "due_time": ["Write the time like 23:59."]}
    ]


def test_without_scripts_objects_are_added_on_pages_of_their_own(as_editor):
    edition = make_edition()
    links = []

    for tab in ("home", "dates", "people", "topics", "more", "programme"):
        html = as_editor.get(_change(edition, tab)).content.decode()
        without_scripts = html.partition("<noscript>")[2].partition("</n")[0]
        links += re.findall(r'<a href="([^"]*)">', without_scripts)

    assert set(links) == {
        f"/admin/{part}/add/?edition={edition.pk}"
        for part in (
            *("pages/section", "editions/deadline", "people/group", "topics/topic"),
            *("sponsors/level", "awards/award", "programme/room"),
        )
    }
    assert {as_editor.get(link).status_code for link in links} == {200}


def test_extending_a_deadline_shows_the_old_date_struck_through(as_chair, client):
    edition = make_current_edition(slug="2024")
    make_section(edition, shows="deadlines", heading="Dates")
    make_deadline(edition, due_on="2030-05-03")

    response = as_chair.post(
        _change(edition, "dates"),
        _form(as_chair, edition, "dates", **{"deadlines-0-due_on": "2030-05-10"}),
    )

    assert response.status_code == 302
    page = client.get("/").content.decode()
    # At the top of the page, and in the list of dates.
    assert page.count('<s><time datetime="2030-05-03">Friday 3 May 2030</time></s>') == 2
    assert "Friday 10 May 2030" in page


def test_sections_are_shown_in_the_order_of_the_form(as_chair, client):
    edition = make_current_edition(slug="2024")
    first = make_section(edition, heading="Alpha", body="Words.")
    second = make_section(edition, heading="Omega", body="Words.")
    forms = {"sections-0-ordering": "20", "sections-1-ordering": "10"}

    as_chair.post(_change(edition, "home"), _form(as_chair, edition, "home", **forms))

    page = client.get("/").content.decode()
    assert page.index(second.heading) < page.index(first.heading)


def test_a_section_shows_a_group_of_its_own_edition_only(as_chair):
    edition, other = make_edition(), make_edition()
    section, foreign = make_section(edition), make_group(other)
    without_group = {"sections-0-shows": "group"}

    responses = [
        as_chair.post(_change(edition, "home"), _form(as_chair, edition, "home", **changes))
        for changes in (without_group, without_group | {"sections-0-group": foreign.pk})
    ]

    assert "Choose a group only for a section that shows a group" in responses[0].content.decode()
    assert responses[1].status_code == 200
    section.refresh_from_db()
    assert section.group is None


def _count_queries(client, path: str) -> int:
    client.get(path)  # fills the cache of content types
    return count_queries(lambda: client.get(path))


def test_admin_pages_need_as_many_queries_for_three_rows_as_for_one(as_chair):
    edition = make_current_edition()
    limits = {
        **{_change(edition, tab): 13 for tab in Tab},
        reverse("admin:edition-overview", args=[edition.pk]): 24,
        **{
            f"/admin/{model}/": 8
            for model in ("editions/edition", "editions/deadline", "topics/topic")
        },
        **{f"/admin/{model}/": 8 for model in ("pages/section", "pages/page")},
    }

    def add_rows() -> None:
        make_group(make_edition(), make_person())
        make_topic(edition)
        make_section(edition, shows="group", group=make_group(edition), heading="")
        make_page(edition)
        make_deadline(edition)
        make_sponsor(edition)
        make_news(edition)
        make_award(edition)
        make_picture(edition, f"{edition.pictures.count()}.jpg", size=(100, 100))
        make_download(edition, f"{edition.downloads.count()}.pdf")

    add_rows()
    one_row = {path: _count_queries(as_chair, path) for path in limits}
    add_rows()
    add_rows()
    three_rows = {path: _count_queries(as_chair, path) for path in limits}

    assert one_row == three_rows
    assert {path for path, limit in limits.items() if one_row[path] > limit} == set()


def test_sessions_after_the_last_day_are_named_on_the_editions_page(as_chair):
    edition = make_edition(starts_on=date(2030, 5, 8), ends_on=date(2030, 5, 10))
    make_session(edition, title="Opening")
    for day, title in ((2, "Talks"), (3, "<b>Posters")):
        make_session(edition, title=title, day=day)
    make_session(make_edition(), day=9)
    before = as_chair.get(_change(edition)).content.decode()
    page = open_form(as_chair, _change(edition)) | {"ends_on": ["2030-05-08"]}

    saved = as_chair.post(_change(edition), page, follow=True)
    after = as_chair.get(_change(edition)).content.decode()

    warning = (
        "2 sessions are after the edition’s last day: "
        f'<a href="{_change_of_session("Talks")}">Talks</a> (day 2), '
        f'<a href="{_change_of_session("<b>Posters")}">&lt;b&gt;Posters</a> (day 3). '
        "Move them, or change the dates; until then the programme cannot be published."
    )
    assert "the edition’s last day" not in before
    assert warning in saved.content.decode()
    assert warning in after


def _change_of_session(title: str) -> str:
    return reverse("admin:programme_session_change", args=[Session.objects.get(title=title).pk])


def test_without_dates_no_session_is_outside_them(as_chair):
    edition = make_edition()
    make_session(edition, day=9)

    assert "the edition’s last day" not in as_chair.get(_change(edition)).content.decode()


# Objects of one edition

MODELS = [
    *("editions/deadline", "people/group", "topics/topic", "pages/section", "pages/page"),
    *("sponsors/level", "news/newsitem", "awards/award"),
]


def _initial(client, path: str) -> str:
    response = client.get(path)
    return str(response.context["adminform"].form["edition"].value() or "")


@pytest.mark.parametrize("model", MODELS)
def test_a_new_object_belongs_to_the_filtered_or_the_current_edition(as_editor, model):
    other, current = make_edition(), make_current_edition()
    add = f"/admin/{model}/add/"

    assert _initial(as_editor, add) == str(current.pk)
    assert _initial(as_editor, f"{add}?edition={other.pk}") == str(other.pk)
    filtered = f"{add}?_changelist_filters=edition__id__exact%3D"
    assert _initial(as_editor, filtered + str(other.pk)) == str(other.pk)
    for nonsense in ("nonsense", "-1", "9" * 40):
        assert _initial(as_editor, filtered + nonsense) == str(current.pk)


def test_without_a_current_edition_the_field_is_empty(as_editor):
    make_edition()

    assert _initial(as_editor, "/admin/topics/topic/add/") == ""


def test_saving_an_object_returns_to_its_section_of_the_editions_page(as_editor):
    edition = make_edition()
    topic, page, section = make_topic(edition), make_page(edition), make_section(edition)
    links = {"links-TOTAL_FORMS": 0, "links-INITIAL_FORMS": 0}
    deadline = {"edition": edition.pk, "title": "New", "due_on": "2030-05-03", "due_time": "23:59"}
    saved = {
        f"topics/topic/{topic.pk}/change": (
            "topics/",
            {"heading": "New", "description": ""},
        ),
        f"pages/page/{page.pk}/change": ("more/#pages-group", {"title": "New", "body": "Words"}),
        f"pages/section/{section.pk}/change": (
            "home/",
            {"heading": "New", "is_shown": "on", **links},
        ),
        "editions/deadline/add": ("dates/", deadline),
    }

    for path, (place, data) in saved.items():
        response = as_editor.post(f"/admin/{path}/", data)

        assert response["Location"] == f"/admin/editions/edition/{edition.pk}/{place}"


def test_saving_an_object_of_a_filtered_list_returns_to_the_list(as_editor):
    topic = make_topic(make_edition())

    response = as_editor.post(
        f"/admin/topics/topic/{topic.pk}/change/?_changelist_filters=q%3DModels",
        {"heading": "New", "description": ""},
    )

    assert response["Location"] == "/admin/topics/topic/?q=Models"


def test_lists_are_sorted_by_edition(as_editor):
    for edition in (make_edition(year=2024), make_edition(year=2025)):
        for name in ("First", "Second"):
            make_topic(edition, heading=name)
            make_group(edition, heading=name)
            make_deadline(edition, title=name)

    for model in ("topics/topic", "people/group", "editions/deadline"):
        rows = as_editor.get(f"/admin/{model}/").context["cl"].result_list

        assert [(row.edition.year, str(row)) for row in rows] == [
            (2025, "First"),
            (2025, "Second"),
            (2024, "First"),
            (2024, "Second"),
        ]
