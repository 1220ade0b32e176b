"""The organisers' screens for expressions of interest: who sees what, and what the buttons do."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from apps.interest.models import (
    Consent,
    Event,
    Expression,
    Question,
    StudentLink,
)
from apps.interest.services import resend_link
from apps.mail.models import Letter
from apps.selection.decisions import decide
from apps.selection.models import PendingDecision
from tests.factories import (
    make_call,
    make_current_edition,
    make_edition,
    make_expression,
    make_question,
    make_reviewer,
    make_topic,
    make_user,
    put_in_state,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"
ADDRESS = "ada.secret@example.net"
NEEDS = ["a ramp please", "two microphones", "no nuts at all"]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def edition():
    edition = make_current_edition(slug="2024", year=2024, contact_email="desk@example.org")
    make_call(edition)
    return edition


@pytest.fixture
def ada(edition):
    """Confirmed, with everything private that could leak."""
    topic = make_topic(edition, heading="Graphs")
    early = make_question(edition, words="Which year?")
    late = make_question(edition, words="Which bed?", asked_at=Question.AskedAt.ACCEPTANCE)
    expression = make_expression(
        edition,
        name="Ada Example",
        email=ADDRESS,
        university="University of Examples",
        title="Graphs by hand",
        abstract="An abstract in words.",
        wants_poster=True,
        topics=[topic],
        coauthors=[("Bo Helper", "Institute of Help")],
        answers={early: "the second", late: "by the window"},
    )
    put_in_state(expression, "confirmed")
    expression.access_needs, expression.technical_needs, expression.diet = NEEDS
    expression.save()
    Consent.objects.create(
        expression=expression,
        about="photo",
        wording="I may be photographed.",
        is_given=True,
        said_at=expression.submitted_at,
    )
    Event.objects.create(expression=expression, what="Noted", reason=f"Wrote from {ADDRESS}")
    return expression


def _one(expression: Expression, step: str = "change/") -> str:
    return f"{LIST}{expression.pk}/{step}"


def _names(response) -> list[str]:
    return [expression.name for expression in response.context["cl"].result_list]


# The list


def test_the_list_shows_what_an_organiser_looks_for(as_chair, ada):
    page = as_chair.get(LIST).content.decode()

    for words in ("Confirmed", ada.display_reference, "Ada Example", "Graphs by hand", "Graphs"):
        assert words in page
    assert "Lightning talk or poster" in page
    assert "University of Examples" in page


def test_the_list_costs_the_same_queries_with_one_and_with_three(as_chair, edition):
    def cost_of_one_more() -> int:
        make_expression(edition, topics=[make_topic(edition)], is_test=True)
        return count_queries(lambda: as_chair.get(LIST))

    costs = [cost_of_one_more() for _ in range(3)]

    assert costs[0] == costs[2] <= 15


def test_the_page_of_one_costs_the_same_queries_whatever_belongs_to_it(as_chair, edition):
    def cost_with(count: int) -> int:
        expression = make_expression(
            edition,
            topics=[make_topic(edition) for _ in range(count)],
            coauthors=[("Bo", "")] * count,
            answers={make_question(edition): "yes" for _ in range(count)},
        )
        for _ in range(count):
            resend_link(expression=expression)
        as_chair.get(_one(expression))  # Django keeps the content types from here on
        return count_queries(lambda: as_chair.get(_one(expression)))

    assert cost_with(1) == cost_with(3) <= 16


def test_the_long_texts_are_not_loaded_for_the_list(as_reviewer, reviewer, ada):
    make_reviewer(ada.edition, reviewer)

    expression = as_reviewer.get(LIST).context["cl"].result_list[0]

    hidden = {"abstract", "access_needs", "technical_needs", "diet"}
    assert expression.get_deferred_fields() == {*hidden, "email"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ada ex", ["Ada Example"]),
        ("by hand", ["Ada Example"]),
        ("R7K2QD", ["Ada Example"]),
        ("r7k-2qd", ["Ada Example"]),
        ("low-res", ["Bo Example"]),
        (ADDRESS, ["Ada Example"]),
        ("nobody", []),
    ],
)
def test_an_expression_is_found_by_name_title_reference_and_address(
    as_chair, edition, ada, query, found
):
    Expression.objects.filter(pk=ada.pk).update(reference="R7K2QD")
    make_expression(edition, name="Bo Example", title="In low-res")

    assert _names(as_chair.get(LIST, {"q": query})) == found


def test_filters_narrow_the_list_and_count(as_chair, edition, ada):
    other = make_edition()
    make_expression(edition, name="Bo", is_late=True)
    make_expression(edition, name="Cy", wants_talk=False, wants_poster=True, is_test=True)
    make_expression(other, name="Di", topics=[make_topic(other)])
    graphs = ada.topics.get()

    def names(**filters) -> list[str]:
        return sorted(_names(as_chair.get(LIST, filters)))

    assert names() == ["Ada Example", "Bo", "Cy"]
    assert names(edition__id__exact="all") == ["Ada Example", "Bo", "Cy", "Di"]
    assert names(edition__id__exact=other.pk) == ["Di"]
    assert names(state__exact="confirmed") == ["Ada Example"]
    assert names(format="both") == ["Ada Example"]
    assert names(format="talk") == ["Bo"]
    assert names(format="poster") == ["Cy"]
    assert names(topic=graphs.pk) == ["Ada Example"]
    assert names(topic=graphs.pk, edition__id__exact=other.pk) == []
    assert names(topic="x") == []
    assert names(topic=graphs.pk, edition__id__exact="9" * 30) == []
    assert names(is_late__exact=1) == ["Bo"]
    assert names(is_test__exact=1) == ["Cy"]


def test_nothing_is_deleted_added_or_edited_in_bulk(as_chair, ada):
    page = as_chair.get(LIST).content.decode()

    assert "delete_selected" not in page
    assert 'name="_selected_action"' not in page
    as_chair.post(LIST, {"action": "delete_selected", "_selected_action": ada.pk, "post": "yes"})
    assert as_chair.get(f"{LIST}add/").status_code == 403
    assert as_chair.post(_one(ada), {"state": "declined", "name": "X"}).status_code == 403
    assert as_chair.post(_one(ada, "delete/"), {"post": "yes"}).status_code == 403
    assert list(Expression.objects.values_list("name", "state")) == [("Ada Example", "confirmed")]


# Who sees what


def test_a_chair_reads_everything_on_one_screen(as_chair, ada):
    page = as_chair.get(_one(ada)).content.decode()

    words = [ADDRESS, *NEEDS, "An abstract in words.", "Bo Helper (Institute of Help)", "Graphs"]
    words += [
        "Which year?</span> the second",
        "Which bed?</span> by the window",
        "I may be photographed.: yes",
    ]
    words += ["Letters", "Dana Decider", "Submitted"]
    assert [word for word in words if word not in page] == []


def test_the_helpdesk_sees_the_address_and_neither_needs_nor_letters(as_helpdesk, ada):
    page = as_helpdesk.get(_one(ada)).content.decode()

    assert ADDRESS in page
    hidden = [*NEEDS, "by the window", "I may be photographed", "interest-letters", "/move/"]
    assert [word for word in [*hidden, "Erase", "End all links"] if word in page] == []
    assert "Correct the address" in page
    assert "Send the link again" in page
    assert _names(as_helpdesk.get(LIST, {"q": ADDRESS})) == ["Ada Example"]


def test_a_reviewer_sees_neither_address_nor_needs_nor_letters_anywhere(as_reviewer, reviewer, ada):
    make_reviewer(ada.edition, reviewer)
    pages = [LIST, f"{LIST}?q=Ada", _one(ada), "/admin/", f"{LIST}?edition__id__exact=1"]
    for path in pages:
        page = as_reviewer.get(path).content.decode()
        for word in [ADDRESS, "ada.secret", *NEEDS, "by the window", "I may be photographed"]:
            assert word not in page, (path, word)

    page = as_reviewer.get(_one(ada)).content.decode()
    assert "An abstract in words." in page
    assert "Which year?</span> the second" in page
    assert "Wrote from [address]" in page
    assert "interest-letters" not in page
    assert "interest-steps" not in page


@pytest.mark.parametrize("query", [ADDRESS, "ada.secret", "@example.net", "ramp", "nuts"])
def test_a_reviewer_finds_nothing_by_an_address_or_a_need(as_reviewer, reviewer, ada, query):
    make_reviewer(ada.edition, reviewer)

    assert _names(as_reviewer.get(LIST, {"q": "Ada"})) == ["Ada Example"]
    assert _names(as_reviewer.get(LIST, {"q": query})) == []


@pytest.mark.parametrize(
    "lookup",
    [
        "email",
        "email__startswith",
        "access_needs__contains",
        "diet__icontains",
        "answers__words__contains",
        "letter_links__letter__to_email__startswith",
        "links__token_hash__startswith",
        "decided_by__password__startswith",
    ],
)
def test_nobody_asks_for_private_things_by_writing_the_address_themselves(
    as_reviewer, reviewer, as_helpdesk, as_chair, ada, lookup
):
    make_reviewer(ada.edition, reviewer)

    for who in (as_reviewer, as_helpdesk, as_chair):
        assert who.get(LIST, {lookup: "a"}).status_code == 400
    for who in (as_reviewer, as_chair):
        assert who.post(f"{LIST}export/csv/?{lookup}=a").status_code == 400


def test_other_ways_into_an_expression_lead_to_its_screen_or_nowhere(
    as_chair, as_reviewer, reviewer, as_editor, ada
):
    make_reviewer(ada.edition, reviewer)
    history = as_reviewer.get(_one(ada, "history/"))

    assert (history.status_code, history["Location"]) == (302, _one(ada))
    assert as_editor.get(_one(ada, "history/")).status_code == 403
    asked = {"app_label": "interest", "model_name": "answer", "field_name": "expression"}

    def completed(who, term: str) -> list[str]:
        answer = who.get("/admin/autocomplete/", asked | {"term": term})
        return [result["text"] for result in answer.json()["results"]]

    assert completed(as_reviewer, "Ada") == [str(ada)]
    assert completed(as_reviewer, "ada.secret") == []
    assert completed(as_chair, "ada.secret") == [str(ada)]
    assert as_editor.get("/admin/autocomplete/", asked).status_code == 403
    assert as_chair.get(f"{LIST}99999/change/").status_code == 302
    assert as_chair.get(f"{LIST}x'/change/").status_code == 302


def test_hostile_words_are_only_words_on_every_screen(as_chair, edition):
    topic = make_topic(edition, heading=HOSTILE)
    hostile = make_expression(
        edition,
        name=HOSTILE,
        university=HOSTILE,
        title=HOSTILE,
        abstract=HOSTILE,
        supervisor=HOSTILE,
        link="javascript:alert(1)",
        topics=[topic],
        coauthors=[(HOSTILE, HOSTILE)],
        answers={make_question(edition, words=HOSTILE): HOSTILE},
        is_test=True,
    )
    Event.objects.create(expression=hostile, what=HOSTILE, reason=HOSTILE)
    paths = [
        LIST,
        _one(hostile),
        f"/admin/selection/expressions/{hostile.pk}/decide/accept/",
        _one(hostile, "address/"),
    ]
    paths += [_one(hostile, "erase/"), _one(hostile, "end-links/"), _one(hostile, "as-student/")]

    for path in paths:
        page = as_chair.get(path).content.decode()

        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path
        assert 'href="javascript' not in page, path


# What the buttons do


def test_a_chair_is_shown_the_moves_the_table_allows(as_chair, edition):
    expression = make_expression(edition)

    context = as_chair.get(_one(expression)).context

    assert [action for action, _ in context["moves"]] == ["begin_review", "withdraw", "cancel"]
    assert [verdict for verdict, _ in context["verdicts"]] == ["accept", "waitlist", "decline"]


def test_accepting_asks_what_is_offered_is_pending_and_tells_nobody(as_chair, chair, edition):
    expression = make_expression(edition, title="Fine work")
    letters = Letter.objects.count()
    path = f"/admin/selection/expressions/{expression.pk}/decide/accept/"

    asked = as_chair.get(path).content.decode()
    unchosen = as_chair.post(path, {"offer": ""}).content.decode()
    done = as_chair.post(path, {"offer": "talk"}, follow=True).content.decode()
    as_chair.post(path, {"offer": "talk"})

    assert "until it is released" in asked
    assert "Places now: 0 talks; 0 posters." in asked
    assert "Select what is offered." in unchosen
    assert "Pending: accept, lightning talk" in done
    assert "By Charlie Chair" in done
    expression.refresh_from_db()
    assert (expression.state, expression.offer) == ("submitted", "")
    assert (expression.pending_decision.made_by, expression.pending_decision.offer) == (
        chair,
        "talk",
    )
    assert Letter.objects.count() == letters
    assert Event.objects.filter(expression=expression, is_for_chairs=True).count() == 1


@pytest.mark.parametrize("who", ["as_helpdesk", "as_reviewer"])
def test_only_chairs_see_what_is_pending(request, edition, who):
    expression = make_expression(edition)
    decide(expression=expression, verdict="decline", by=make_user("Chair"))
    someone = request.getfixturevalue(who)

    answer = someone.get(_one(expression))

    assert "ending" not in answer.content.decode()
    for step in ("decide/accept/", "clear/"):
        path = f"/admin/selection/expressions/{expression.pk}/{step}"
        assert someone.post(path).status_code == 403
    assert PendingDecision.objects.count() == 1


def test_taking_back_into_review_wants_a_reason(as_chair, edition):
    expression = make_expression(edition, state="declined")

    page = as_chair.post(_one(expression, "move/reopen/"), {"reason": " "}).content.decode()

    assert "Say why." in page
    assert "<title>Error: " in page
    expression.refresh_from_db()
    assert expression.state == "declined"


def test_chair_and_helpdesk_correct_an_address_and_both_addresses_are_told(
    as_chair, as_helpdesk, edition
):
    for number, who in enumerate((as_chair, as_helpdesk)):
        expression = make_expression(edition, email=f"old{number}@example.net")
        path = _one(expression, "address/")
        Letter.objects.all().delete()

        refused = who.post(path, {"email": "nobody"}).content.decode()
        same = who.post(path, {"email": f"old{number}@example.net"}, follow=True)
        who.post(path, {"email": f"new{number}@example.net"})

        assert "Enter an e-mail address such as" in refused
        assert "there is already" in same.content.decode()
        expression.refresh_from_db()
        assert expression.email == f"new{number}@example.net"
        told = sorted(Letter.objects.values_list("to_email", flat=True))
        assert told == [f"new{number}@example.net", f"old{number}@example.net"]


def test_the_link_is_sent_again_and_all_links_are_ended(as_chair, as_helpdesk, edition):
    expression = make_expression(edition)
    in_a_year = timezone.now() + timedelta(days=365)
    link, _ = StudentLink.mint(expression=expression, expires_at=in_a_year)
    Letter.objects.all().delete()

    as_helpdesk.post(_one(expression, "send-link/"))
    kinds = list(Letter.objects.values_list("kind", flat=True))
    asked = as_chair.get(_one(expression, "end-links/"))
    link.refresh_from_db()
    before = link.revoked_at
    said = as_chair.post(_one(expression, "end-links/"), follow=True).content.decode()

    assert kinds == ["interest/link"]
    assert (asked.status_code, before) == (200, None)
    assert "Private links that no longer work: 1." in said
    link.refresh_from_db()
    assert link.revoked_at is not None


def test_a_chair_reads_the_students_page(as_chair, as_helpdesk, ada):
    page = as_chair.get(_one(ada, "as-student/")).content.decode()

    assert "Graphs by hand" in page
    assert "copy of the student" in page
    assert as_helpdesk.get(_one(ada, "as-student/")).status_code == 403


def test_erasing_one_leaves_a_line_that_says_nothing_of_the_person(as_chair, ada):
    asked = as_chair.get(_one(ada, "erase/"))
    reference = ada.display_reference
    still_there = Expression.objects.count()

    as_chair.post(_one(ada, "erase/"))

    assert (asked.status_code, still_there) == (200, 1)
    assert (Expression.objects.count(), Letter.objects.count()) == (0, 0)
    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.change_message) == (reference, "Erased.")
    assert as_chair.post(_one(ada, "erase/")).status_code == 404


def test_the_desks_own_log_holds_no_address(as_chair, ada):
    as_chair.post(_one(ada, "address/"), {"email": "ada.new@example.net"})
    as_chair.post(_one(ada, "send-link/"))
    as_chair.post(_one(ada, "move/cancel/"), {"reason": "She wrote."})
    as_chair.post(f"{LIST}export/csv/?q=ada.new@example.net")
    as_chair.post(f"{LIST}export/csv/?q=ada.new%40")

    words = LogEntry.objects.order_by("pk").values_list("object_repr", "change_message")

    assert list(words) == [("1 expressions exported as CSV", "Filter: q=[address]")] * 2
    lines = Event.objects.values_list("what", flat=True)
    assert [line for line in lines if "@" in line] == []


# Rehearsals


def test_the_rehearsals_of_an_edition_are_removed_with_one_press_and_their_number(
    as_chair, as_helpdesk, edition
):
    other = make_edition()
    make_expression(edition, name="Real")
    make_expression(edition, is_test=True)
    make_expression(edition, is_test=True)
    make_expression(other, name="Elsewhere", is_test=True)
    path = f"{LIST}rehearsals/{edition.pk}/"

    listed = as_chair.get(LIST).content.decode()
    asked = as_chair.get(path).content.decode()
    refused = as_chair.post(path, {"count": "3"}, follow=True).content.decode()
    still_there = Expression.objects.count()
    done = as_chair.post(path, {"count": "2"}, follow=True).content.decode()

    assert "(2)</a>" in listed
    assert "rehearsal</span>" in listed
    assert "2 sent by staff to rehearse" in asked
    assert "Nothing was removed: meanwhile there are 2." in refused
    assert still_there == 4
    assert "Rehearsals removed: 2." in done
    assert sorted(Expression.objects.values_list("name", flat=True)) == ["Elsewhere", "Real"]
    assert as_helpdesk.post(path, {"count": "0"}).status_code == 403
