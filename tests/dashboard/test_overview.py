"""The first screen: the current edition, its year and its call; the sidebar; the admin site."""

import re
from datetime import date, time

import pytest
from django.test import Client
from django.urls import reverse

from apps.contributors.accepted_submissions import add_submissions
from apps.dashboard.overview import StateCount
from apps.editions.admin import Tab
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.interest.workflow import State
from apps.mail.drafts import discard_draft
from apps.mail.models import Letter
from apps.programme.letters import publish_with_letters
from apps.programme.models import Contribution, ContributionLetter
from apps.selection.decisions import decide
from tests.factories import (
    make_call,
    make_current_edition,
    make_deadline,
    make_edition,
    make_expression,
    make_group,
    make_page,
    make_person,
    make_release,
    make_reviewer,
    make_section,
    make_session,
    make_slot,
    make_topic,
    make_user,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def _steps(client, path: str = "/admin/") -> dict[str, str]:
    """The titles of the steps with their states."""
    return {step.title: step.state.value for step in client.get(path).context["steps"]}


def _fill(edition):
    make_group(edition, make_person())
    make_section(edition)
    make_topic(edition)
    make_deadline(edition)
    make_page(edition)


def test_the_current_edition_comes_first_with_its_year(as_chair):
    make_edition(year=2025, state="draft", title="Next year")
    _fill(make_current_edition(year=2024, title="This year"))

    response = as_chair.get("/admin/")

    assert response.context["edition"].title == "This year"
    assert [edition.title for edition in response.context["others"]] == ["Next year"]
    assert _steps(as_chair) == {
        "Name the workshop": "done",
        "Set date and place": "next",
        "Add contact and code of conduct": "ready",
        "Write the home page": "done",
        "Add people": "done",
        "Add topics": "done",
        "Announce dates and deadlines": "done",
        "Publish the website": "done",
        "Open the call": "ready",
        "Invite reviewers": "ready",
        "Decide on the entries": "later",
        "Release the decisions": "later",
        "Wait for confirmations": "later",
        "Build the programme": "ready",
        "Publish the programme": "later",
        "Tell the presenters": "later",
        "Open the registration": "ready",
        "Hold the workshop": "later",
        "Thank the presenters": "later",
        "Archive this edition": "later",
        "Start the next edition": "done",
    }


def test_dates_that_changed_since_a_release_make_its_step_ready_again(as_chair):
    edition = make_current_edition(starts_on=date(2124, 6, 10))
    make_session(edition)
    make_release(edition)
    assert _steps(as_chair)["Publish the programme"] == "done"

    Edition.objects.filter(pk=edition.pk).update(starts_on=date(2124, 11, 30))

    assert _steps(as_chair)["Publish the programme"] in {"ready", "next"}
    page = as_chair.get("/admin/").content.decode()
    assert "the public programme shows 10 June 2124 as its first day. Publish it again." in page


def test_the_call_is_shown_with_its_expressions_by_state(
    as_chair, as_reviewer, reviewer, as_helpdesk, as_editor
):
    edition = make_current_edition(time_zone="Europe/London")
    make_reviewer(edition, reviewer)
    make_call(edition, closes_on="2199-06-01", closes_time="17:00")
    make_expression(edition)
    make_expression(edition)
    make_expression(edition, state="declined")
    make_expression(edition, is_test=True)
    make_expression(make_edition())

    response = as_chair.get("/admin/")

    listed = f"/admin/interest/expression/?edition__id__exact={edition.pk}"
    assert response.context["call_status"] == "Open until 1 June 2199, 17:00 BST"
    assert ">3 entries<" in response.content.decode()
    states = [
        StateCount(State.SUBMITTED, 2, 0, f"{listed}&state__exact=submitted"),
        StateCount(State.DECLINED, 1, 0, f"{listed}&state__exact=declined"),
    ]
    assert _steps(as_chair)["Open the call"] == "done"
    assert _steps(as_chair)["Decide on the entries"] == "ready"
    for client in (as_chair, as_reviewer, as_helpdesk):
        assert client.get("/admin/").context["states"] == states
    assert "/admin/interest/" not in as_editor.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("dates", "status"),
    [
        ({"opens_on": "2199-01-02"}, "Opens 2 January 2199, 09:00 UTC"),
        (
            {"closes_on": "2001-02-03", "is_anywhere_on_earth": True},
            "Closed since 3 February 2001, 23:59 AoE",
        ),
        ({"closes_on": None}, "Dates to be announced"),
        ({"closes_on": None, "is_open_ended": True}, "Open until further notice"),
    ],
)
def test_the_status_of_the_call_is_shown(as_editor, dates, status):
    edition = make_current_edition(time_zone="UTC")
    make_call(edition, **{"closes_on": "2199-03-01"} | dates)

    assert as_editor.get("/admin/").context["call_status"] == status


def test_every_step_leads_to_a_page_and_a_field_that_are_there(as_chair, as_editor):
    edition = make_current_edition()
    make_call(edition)
    for client in (as_chair, as_editor):
        for step in client.get("/admin/").context["steps"]:
            address, _, anchor = step.url.partition("#")
            response = client.get(address, follow=True)

            assert response.status_code == 200, step.title
            assert not anchor or f'id="{anchor}"' in response.content.decode(), step.title


def test_the_next_step_follows_the_data(as_chair):
    edition = make_current_edition(
        starts_on="2199-05-03", venue="Hall", contact_email="a@example.org", code_of_conduct="Kind."
    )
    _fill(edition)
    call = make_call(edition, closes_on="2001-02-03")

    def next_step() -> str:
        return next((title for title, state in _steps(as_chair).items() if state == "next"), "")

    found = [next_step()]
    expression = make_expression(edition)
    found.append(next_step())
    decision = decide(expression=expression, verdict="decline", by=make_user("Chair"))
    found.append(next_step())
    decision.delete()
    Expression.objects.filter(pk=expression.pk).update(state="withdrawn")
    make_session(edition)
    found.append(next_step())
    Edition.objects.filter(pk=edition.pk).update(starts_on="2001-05-03")
    found.append(next_step())
    Edition.objects.filter(pk=edition.pk).update(state="archived")
    found.append(next_step())

    assert call.pk
    assert found == [
        "Build the programme",
        "Decide on the entries",
        "Release the decisions",
        "Publish the programme",
        "Archive this edition",
        "Start the next edition",
    ]


def test_the_steps_are_those_that_the_role_can_do(as_editor, as_reviewer, as_helpdesk):
    make_current_edition()

    assert "Decide on the entries" not in _steps(as_editor)
    assert "Tell the presenters" not in _steps(as_editor)
    assert "Publish the website" in _steps(as_editor)
    assert _steps(as_reviewer) == _steps(as_helpdesk) == {}


def test_decided_entries_of_an_open_call_say_that_more_may_come(as_chair):
    edition = make_current_edition(code_of_conduct="")
    make_call(edition)
    make_expression(edition, state=State.DECLINED)

    steps = {step.title: step for step in as_chair.get("/admin/").context["steps"]}

    for title in ("Decide on the entries", "Release the decisions"):
        assert "More may come until the call closes." in steps[title].sentence


def test_another_edition_has_its_own_year(as_chair):
    make_current_edition(year=2024)
    draft = make_edition(year=2025, state="draft")

    steps = _steps(as_chair, f"/admin/editions/edition/{draft.pk}/overview/")

    assert steps["Publish the website"] == "ready"
    assert steps["Start the next edition"] == "later"


def test_publish_is_the_main_button_of_a_draft(as_chair):
    draft = make_edition(year=2025, state="draft")
    overview = f"/admin/editions/edition/{draft.pk}/overview/"

    page = as_chair.get(overview).content.decode()

    links = {"publish": "button", "current": "button is-quiet"}
    for action, style in links.items():
        url = reverse("admin:edition-confirm", args=[draft.pk, action])
        assert re.search(rf'class="{style}"\s+href="{url}"', page), action
    new_edition = f"{reverse('imports:new-edition')}?source={draft.pk}"
    assert new_edition not in page
    Edition.objects.update(state="published")
    assert new_edition in as_chair.get(overview).content.decode()


def test_released_decisions_of_an_open_call_are_not_called_not_yet(as_chair):
    edition = make_current_edition()
    make_call(edition, closes_on=None, is_open_ended=True)
    make_expression(edition, state=State.CONFIRMED)

    step = _step(as_chair, "Release the decisions")

    assert step.sentence == "1 decision announced. More may come until the call closes."
    assert (step.state, step.is_optional, step.link) == ("ready", True, "View")


def _step(client, title: str, path: str = "/admin/"):
    return next(step for step in client.get(path).context["steps"] if step.title == title)


def test_the_presenters_are_told_only_if_an_email_was_released(as_chair, chair):
    edition = make_current_edition(slug="2124", year=2124, starts_on="2124-05-03")
    student = make_expression(edition, state=State.CONFIRMED)
    make_call(edition, closes_on="2001-02-03")
    edition.refresh_from_db()
    add_submissions(edition=edition, expressions=[student.pk], is_published=True)
    session = make_session(edition, starts_at=time(14))
    make_slot(session, Contribution.objects.get(), minutes=10)
    publish_with_letters(edition=edition, by=chair)
    draft = ContributionLetter.objects.get()

    before = _step(as_chair, "Tell the presenters")
    discard_draft(draft=draft, token=draft.version_token)
    after = _step(as_chair, "Tell the presenters")
    Letter.objects.update(state="queued")
    released = _step(as_chair, "Tell the presenters")

    assert (before.state, after.state, released.state) == ("ready", "skipped", "done")
    assert before.sentence == "1 email about time and place not sent."
    assert after.sentence == "No email was sent: 1 email discarded."
    assert released.sentence == "1 email about time and place released."


def test_an_archived_edition_is_held_only_after_its_last_day(as_chair):
    early = make_edition(year=2199, starts_on="2199-05-03", state="archived")
    over = make_edition(year=2001, starts_on="2001-05-03", state="archived")
    undated = make_edition(state="archived")
    cancelled = make_edition(starts_on="2199-05-03", is_cancelled=True)

    steps = [
        _step(as_chair, "Hold the workshop", f"/admin/editions/edition/{each.pk}/overview/")
        for each in (early, over, undated, cancelled)
    ]

    assert [step.state for step in steps] == ["later", "done", "done", "skipped"]
    assert steps[0].sentence.endswith("although the edition is archived.")


def test_a_step_that_is_not_ready_has_no_button(as_chair):
    make_call(make_current_edition())

    response = as_chair.get("/admin/")

    later = [step for step in response.context["steps"] if step.state == "later"]
    page = response.content.decode()
    assert "Wait for confirmations" in [step.title for step in later]
    assert "View the offers" not in page
    for step in later:
        assert f'<span class="visually-hidden">: {step.title}</span>' not in page


def test_archiving_is_a_button_only_after_the_last_day(as_chair):
    pages = [
        as_chair.get(f"/admin/editions/edition/{edition.pk}/overview/").content.decode()
        for edition in (make_edition(starts_on="2199-05-03"), make_edition(starts_on="2001-05-03"))
    ]

    assert ["Archive as a past edition" in page for page in pages] == [False, True]
    assert ["Archive before its last day" in page for page in pages] == [True, False]


def test_steps_of_people_and_review_have_quick_ways(as_chair, as_reviewer, reviewer):
    edition = make_current_edition()

    def ways(title: str) -> list[str]:
        return [link.label for link in _step(as_chair, title).links]

    assert (ways("Add people"), ways("Invite reviewers")) == (["Upload photos"], [])
    make_group(edition, make_person())
    make_reviewer(edition, reviewer)
    make_expression(edition)
    assert ways("Add people") == ["Paste a list", "Upload photos"]
    assert ways("Invite reviewers") == ["Assign reviewers", "Remind reviewers"]
    for title in ("Add people", "Invite reviewers"):
        for link in _step(as_chair, title).links:
            assert as_chair.get(link.url).status_code == 200, link.label


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"year": 2031, "slug": "2031"}, ""),
        ({"year": 2030, "slug": "summer-2031"}, "but the year of the edition is 2030."),
        ({"year": 2031, "slug": "2030"}, "but its address is /2030/."),
        (
            {"year": 2030, "slug": "2030"},
            "but the year of the edition is 2030 and its address is /2030/.",
        ),
        ({"year": 2031, "slug": "spring-20312"}, ""),
        ({"year": 2032, "slug": "2032", "ends_on": "2032-01-02"}, ""),
    ],
)
def test_a_year_or_address_that_differs_from_the_first_day_is_named(as_chair, fields, words):
    edition = make_current_edition(starts_on="2031-12-30", venue="Hall", **fields)

    sentence = _step(as_chair, "Set date and place").sentence
    pages = [
        as_chair.get(url).content.decode()
        for url in ("/admin/", Tab.DATES.url(edition.pk), Tab.DETAILS.url(edition.pk))
    ]

    days = "30 December 2031" + (" to 2 January 2032" if "ends_on" in fields else "")
    assert sentence == f"{days}, Hall. {words and 'The first day is in 2031, '}{words}".strip()
    assert ["If that is not meant, correct" in page for page in pages] == [bool(words)] * 3


def test_a_reviewer_sees_what_to_do_and_no_tabs_of_the_edition(as_reviewer, reviewer):
    edition = make_current_edition()
    queue = f"/admin/review/queue/{edition.pk}/"
    before = as_reviewer.get("/admin/").content.decode()
    make_reviewer(edition, reviewer)
    after = as_reviewer.get("/admin/")

    assert "You are not among the reviewers of this edition." in before
    assert f'href="{queue}"' not in before
    for address in (queue, f"{queue}mine/"):
        assert f'href="{address}"' in after.content.decode()
    assert after.context["tabs"] == []


def test_only_editors_are_offered_to_edit(as_editor, as_reviewer):
    make_current_edition()
    pages = [client.get("/admin/").content.decode() for client in (as_editor, as_reviewer)]

    assert ["/admin/desk/editions/new/" in page for page in pages] == [True, False]


def test_the_steps_count_what_is_there(as_chair):
    edition = make_current_edition()
    make_session(edition)
    for _ in range(3):
        _fill(edition)

    page = as_chair.get("/admin/").content.decode()

    assert "3 people in groups. 3 without a photo" in page
    for part in ("3 sections.", "3 topics.", "3 dates.", "1 session."):
        assert part in page


def test_the_sidebar_has_the_lists_of_the_role(as_chair, as_editor, as_reviewer, as_stranger):
    make_current_edition()

    def labels(client) -> list[str]:
        return [link.label for link in client.get("/admin/").context["sidebar"]]

    assert labels(as_chair) == [
        *("Overview", "Editions", "People", "Topics", "Entries", "Emails", "Programme"),
        *(
            "Pages",
            "News",
            "Sponsors",
            "Awards",
            "Accounts",
            "Check-in",
            "Personal data",
            "Backups",
            "All records",
        ),
    ]
    assert "Emails" not in labels(as_editor)
    assert labels(as_reviewer) == ["Overview", "Review", "Entries", "All records"]
    for link in as_chair.get("/admin/").context["sidebar"]:
        assert as_chair.get(link.url, follow=True).status_code == 200, link.label


def test_all_records_lists_every_model_of_the_role(as_chair, as_reviewer):
    address = "/admin/all-records/"
    pages = [client.get(address).content.decode() for client in (as_chair, as_reviewer)]

    assert ["/admin/mail/mailing/" in page for page in pages] == [True, False]
    assert all("/admin/topics/topic/" in page for page in pages)


def test_the_programme_of_the_current_edition_opens_from_everywhere(as_chair):
    assert as_chair.get("/admin/current-programme/").url == "/admin/"
    edition = make_current_edition(year=2024)
    make_edition(year=2025, state="draft")

    response = as_chair.get("/admin/current-programme/")

    assert response.url == f"/admin/programme/session/programme/{edition.pk}/"


def test_the_first_screen_explains_how_to_begin_without_an_edition(as_chair, as_reviewer):
    assert "/admin/desk/editions/new/" in as_chair.get("/admin/").content.decode()
    assert "A chair has to make the first one" in as_reviewer.get("/admin/").content.decode()


def test_an_edition_that_no_one_has_changed_says_how_to_begin_ones_own(
    as_chair, as_reviewer, as_editor
):
    edition = make_current_edition()
    words = "press “New edition” to begin your own"
    own_page = f"/admin/editions/edition/{edition.pk}/overview/"

    assert words in as_chair.get("/admin/").content.decode()
    assert words not in as_reviewer.get("/admin/").content.decode()
    assert words not in as_chair.get(own_page).content.decode()
    as_editor.post(f"/admin/editions/edition/{edition.pk}/archive/now/")
    assert words not in as_chair.get("/admin/").content.decode()


def test_people_without_a_role_are_told_whom_to_ask():
    make_edition()
    client = Client()
    client.force_login(make_user(is_staff=True))

    html = client.get("/admin/").content.decode()

    assert "You have no role yet" in html
    assert "Ask a chair to give you one." in html
    assert "There is no edition yet" not in html
    assert "All records" not in html


def test_the_first_screen_costs_the_same_with_one_edition_and_with_three(as_chair):
    _fill(make_current_edition())
    _fill(make_edition(state="draft"))
    with_one = count_queries(lambda: as_chair.get("/admin/"))

    _fill(make_edition(state="draft"))
    _fill(make_edition(state="draft"))

    assert count_queries(lambda: as_chair.get("/admin/")) == with_one <= 13


def test_hostile_titles_are_escaped_in_the_admin(as_chair):
    hostile = "<script>alert(1)</script>"
    edition = make_current_edition(title=hostile)
    topic = make_topic(edition, heading=hostile)
    group = make_group(edition, make_person(name=hostile), heading=hostile)
    section = make_section(edition, heading=hostile, body=hostile)
    pages = [
        "/admin/",
        *(tab.url(edition.pk) for tab in Tab),
        f"/admin/editions/edition/{edition.pk}/overview/",
        f"/admin/editions/edition/{edition.pk}/history/",
        "/admin/editions/edition/",
        f"/admin/topics/topic/{topic.pk}/change/",
        "/admin/topics/topic/",
        f"/admin/people/group/{group.pk}/change/",
        "/admin/people/person/",
        f"/admin/pages/section/{section.pk}/change/",
        f"/admin/pages/section/{section.pk}/delete/",
        "/admin/pages/section/",
    ]

    for path in pages:
        page = as_chair.get(path).content.decode()

        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path


def test_the_markdown_preview_equals_the_public_page(as_editor, as_stranger, client):
    path, text = "/admin/markdown-preview/", {"text": "**b** <script>alert(1)</script>"}

    assert as_editor.post(path, text).content.decode() == (
        "<p><strong>b</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    )
    assert as_editor.get(path).status_code == 405
    assert as_stranger.post(path, text).status_code == 302
    assert client.post(path, text).status_code == 302


def test_the_admin_has_the_colour_of_the_current_edition(as_reviewer):
    assert as_reviewer.get("/admin/hue.css").content == b""

    make_current_edition(hue=330)

    response = as_reviewer.get("/admin/hue.css")
    assert response.content == b":root { --hue: 330; }\n"
    assert response["Content-Type"] == "text/css"
