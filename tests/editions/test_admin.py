import re

import pytest
from django.urls import reverse

from apps.editions.models import Edition
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
    make_sponsor,
    make_topic,
)

pytestmark = pytest.mark.django_db


def _change(edition: Edition) -> str:
    return reverse("admin:editions_edition_change", args=[edition.pk])


def _step(edition: Edition, step: str) -> str:
    return reverse("admin:editions_edition_action", args=[edition.pk, step])


def _states() -> dict[str, tuple[str, bool]]:
    return {row.slug: (row.state, row.is_current) for row in Edition.objects.all()}


def _form(client, edition: Edition, **changes) -> dict:
    """What the browser would send back of the edition's page, with `changes`."""
    context = client.get(_change(edition)).context
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
            if value is not None and value is not False:
                data[bound.html_name] = value
    return data | changes


def test_a_draft_is_put_at_the_root_with_one_press(as_chair, client):
    make_current_edition(slug="2024")
    draft = make_edition(slug="2025", state="draft", title="Next year's")

    response = as_chair.post(_step(draft, "current"), follow=True)

    assert "is the site&#x27;s home page now" in response.content.decode()
    assert _states() == {"2024": ("published", False), "2025": ("published", True)}
    assert "Next year&#x27;s" in client.get("/").content.decode()


def test_a_second_press_changes_nothing(as_chair):
    draft = make_edition(slug="2025", state="draft")

    as_chair.post(_step(draft, "publish"))
    as_chair.post(_step(draft, "publish"))

    assert _states() == {"2025": ("published", False)}
    assert draft.history.count() == 2


def test_what_cannot_be_done_is_said(as_chair):
    current = make_current_edition(slug="2024")

    response = as_chair.post(_step(current, "unpublish"), follow=True)

    assert "Make another one that first" in response.content.decode()
    assert _states() == {"2024": ("published", True)}


def test_steps_are_for_those_who_may_change_editions(client, as_stranger, as_reviewer, as_editor):
    draft = make_edition(slug="2025", state="draft")

    refusals = [who.post(_step(draft, "publish")).status_code for who in (client, as_stranger)]

    assert refusals == [302, 302]
    assert as_reviewer.post(_step(draft, "publish")).status_code == 403
    assert as_editor.get(_step(draft, "publish")).status_code == 405
    assert as_editor.post(_step(draft, "nonsense")).status_code == 302
    assert _states() == {"2025": ("draft", False)}


def test_state_and_address_cannot_be_typed(as_chair):
    edition = make_edition(slug="2024")

    as_chair.post(
        _change(edition),
        _form(as_chair, edition, slug="elsewhere", state="draft", is_current="on", title="New"),
    )

    edition.refresh_from_db()
    assert (edition.title, edition.slug, edition.state, edition.is_current) == (
        "New",
        "2024",
        "published",
        False,
    )


def test_a_day_that_cannot_be_read_is_answered_with_how_to_write_it(as_chair):
    edition = make_edition(slug="2024")
    make_deadline(edition)
    wrong = {"starts_on": "12 Decembre", "deadlines-0-due_on": "May", "deadlines-0-due_time": "5"}

    context = as_chair.post(_change(edition), _form(as_chair, edition, **wrong)).context

    assert context["adminform"].form.errors == {"starts_on": ["Write the day like 31/12/2026."]}
    rows = [
        errors for inline in context["inline_admin_formsets"] for errors in inline.formset.errors
    ]
    assert [errors for errors in rows if errors] == [
        {"due_on": ["Write the day like 31/12/2026."], "due_time": ["Write the time like 23:59."]}
    ]


def test_without_scripts_rows_are_added_on_pages_of_their_own(as_editor):
    edition = make_edition()
    html = as_editor.get(_change(edition)).content.decode()

    links = re.findall(r'<a href="([^"]*)">', html.partition("<noscript>")[2].partition("</n")[0])

    assert links == [
        f"/admin/{part}/add/?edition={edition.pk}"
        for part in (
            *("pages/section", "editions/deadline", "people/group", "topics/topic"),
            *("sponsors/level", "awards/award"),
        )
    ]
    assert {as_editor.get(link).status_code for link in links} == {200}


def test_moving_a_deadline_later_on_the_page_strikes_the_old_date_through(as_chair, client):
    edition = make_current_edition(slug="2024")
    make_section(edition, shows="deadlines", heading="Dates")
    make_deadline(edition, due_on="2030-05-03")

    response = as_chair.post(
        _change(edition), _form(as_chair, edition, **{"deadlines-0-due_on": "2030-05-10"})
    )

    assert response.status_code == 302
    page = client.get("/").content.decode()
    # At the top as the next thing to do, and among all dates.
    assert page.count('<s><time datetime="2030-05-03">Friday 3 May 2030</time></s>') == 2
    assert "Friday 10 May 2030" in page


def test_sections_are_put_in_order_on_the_page(as_chair, client):
    edition = make_current_edition(slug="2024")
    first = make_section(edition, heading="Alpha", body="Words.")
    second = make_section(edition, heading="Omega", body="Words.")
    forms = {f"sections-{number}-ordering": place for number, place in enumerate(["20", "10"])}

    as_chair.post(_change(edition), _form(as_chair, edition, **forms))

    page = client.get("/").content.decode()
    assert page.index(second.heading) < page.index(first.heading)


def test_a_section_cannot_show_the_group_of_another_edition(as_chair):
    edition, other = make_edition(), make_edition()
    section = make_section(edition)
    foreign = make_group(other)

    response = as_chair.post(
        _change(edition),
        _form(as_chair, edition, **{"sections-0-shows": "group", "sections-0-group": foreign.pk}),
    )

    assert response.status_code == 200
    section.refresh_from_db()
    assert section.group is None


def test_a_section_shows_a_group_just_when_it_says_so(as_chair):
    edition = make_edition()
    make_section(edition)

    response = as_chair.post(
        _change(edition), _form(as_chair, edition, **{"sections-0-shows": "group"})
    )

    assert "Choose a group just when the section shows a group" in response.content.decode()


def test_an_earlier_version_can_be_brought_back(as_chair):
    edition = make_edition(title="As it was")
    edition.title = "A slip"
    edition.save()
    first = edition.history.last()
    path = reverse("admin:editions_edition_simple_history", args=[edition.pk, first.pk])

    listed = as_chair.get(reverse("admin:editions_edition_history", args=[edition.pk]))
    data = {
        bound.html_name: bound.value()
        for bound in as_chair.get(path).context["adminform"].form
        if bound.value() not in (None, False)
    }
    as_chair.post(path, data)

    edition.refresh_from_db()
    assert edition.title == "As it was"
    assert path in listed.content.decode()
    assert "style=" not in listed.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_lists_on_the_desk_ask_the_same_number_of_questions(
    as_chair, django_assert_num_queries, count
):
    edition = make_current_edition()
    for _ in range(count):
        make_group(make_edition(), make_person())
        make_topic(edition)
        make_section(edition, shows="group", group=make_group(edition), heading="")
        make_page(edition)
        make_deadline(edition)
    counts = {
        "editions/edition": 5,
        "editions/deadline": 6,
        "topics/topic": 6,
        "pages/section": 6,
        "pages/page": 6,
    }

    for name, expected in counts.items():
        with django_assert_num_queries(expected):
            assert as_chair.get(f"/admin/{name}/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_editions_page_asks_the_same_number_of_questions(
    as_chair, django_assert_num_queries, count
):
    edition = make_current_edition()
    for _ in range(count):
        make_topic(edition)
        make_section(edition, shows="group", group=make_group(edition), heading="")
        make_page(edition)
        make_deadline(edition)
        make_sponsor(edition)
        make_news(edition)
        make_award(edition)

    as_chair.get(_change(edition))  # content types are looked up once in a process's life

    with django_assert_num_queries(20):
        as_chair.get(_change(edition))
