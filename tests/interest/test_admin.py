"""The admin of expressions of interest: what each role sees, and what the buttons do."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from apps.core.exceptions import NotAllowed
from apps.interest.letters import send_letter
from apps.interest.models import Consent, Event, Expression, Question
from apps.interest.services import resend_link
from apps.mail.models import Letter
from apps.mail.services import make_link as make_mail_link
from apps.private_links.requests import answer_requests
from apps.selection.decisions import decide, decision_token
from apps.selection.models import PendingDecision
from tests.factories import (
    make_call,
    make_current_edition,
    make_edition,
    make_expression,
    make_link,
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


@pytest.fixture
def edition():
    edition = make_current_edition(slug="2024", year=2024, contact_email="desk@example.org")
    make_call(edition)
    return edition


@pytest.fixture
def expression(edition):
    expression = make_expression(edition)
    Letter.objects.all().delete()
    return expression


@pytest.fixture
def ada(edition):
    """Confirmed, with everything private that could leak."""
    early = make_question(edition, label="Which year?")
    late = make_question(edition, label="Which bed?", asked_at=Question.AskedAt.ACCEPTANCE)
    expression = make_expression(
        edition,
        name="Ada Example",
        email=ADDRESS,
        title="Graphs by hand",
        abstract="An abstract in words.",
        wants_poster=True,
        topics=[make_topic(edition, heading="Graphs")],
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


def _path(expression: Expression, step: str = "change/") -> str:
    return f"{LIST}{expression.pk}/{step}"


def _decide(client: Client, expression: Expression, choice: str, **extra):
    """Press a button of the expression's own page."""
    pending = PendingDecision.objects.filter(expression=expression).first()
    press = f"{expression.pk}:{decision_token(expression, pending)}:{choice}"
    path = f"/admin/selection/board/{expression.edition_id}/decide/"
    return client.post(path, {"press": press, "on_expression": "1"}, **extra)


def _html(response) -> str:
    return response.content.decode()


def _names(response) -> list[str]:
    return [expression.name for expression in response.context["cl"].result_list]


# The list


def test_the_list_shows_reference_name_title_topics_format_and_state(as_chair, ada):
    page = _html(as_chair.get(LIST))

    for text in (ada.display_reference, "Ada Example", "Graphs by hand", "Graphs", "Confirmed"):
        assert text in page
    assert "Lightning talk or poster" in page
    assert "University of Examples" in page


def test_a_page_with_three_of_everything_costs_no_more_queries_than_with_one(as_chair, edition):
    def cost_with(count: int) -> int:
        expression = make_expression(
            edition,
            topics=[make_topic(edition) for _ in range(count)],
            coauthors=[("Bo", "")] * count,
            answers={make_question(edition): "yes" for _ in range(count)},
        )
        for _ in range(count):
            resend_link(expression=expression)
        as_chair.get(_path(expression))  # fills Django's cache of content types
        return count_queries(lambda: as_chair.get(_path(expression)))

    assert cost_with(1) == cost_with(3) <= 18


def test_the_list_does_not_load_long_or_private_texts(as_reviewer, reviewer, ada):
    make_reviewer(ada.edition, reviewer)

    expression = as_reviewer.get(LIST).context["cl"].result_list[0]

    hidden = {"abstract", "can_attend", "access_needs", "technical_needs", "diet"}
    assert expression.get_deferred_fields() == {*hidden, "email"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ada ex", ["Ada Example"]),
        ("by hand", ["Ada Example"]),
        ("R7K2QD", ["Ada Example"]),
        ("r7k-2qd", ["Ada Example"]),
        ("low-res", ["Bo Example"]),
        (ADDRESS, ["Ada Example"]),
        ("unknown", []),
    ],
)
def test_search_finds_name_title_reference_and_address(as_chair, edition, ada, query, expected):
    Expression.objects.filter(pk=ada.pk).update(reference="R7K2QD")
    make_expression(edition, name="Bo Example", title="In low-res")

    assert _names(as_chair.get(LIST, {"q": query})) == expected


def test_expressions_are_not_added_deleted_or_edited_in_bulk(as_chair, ada):
    page = _html(as_chair.get(LIST))

    assert "delete_selected" not in page
    assert 'name="_selected_action"' not in page
    as_chair.post(LIST, {"action": "delete_selected", "_selected_action": ada.pk, "post": "yes"})
    assert as_chair.get(f"{LIST}add/").status_code == 403
    assert as_chair.post(_path(ada), {"state": "declined", "name": "X"}).status_code == 403
    assert as_chair.post(_path(ada, "delete/"), {"post": "yes"}).status_code == 403
    assert list(Expression.objects.values_list("name", "state")) == [("Ada Example", "confirmed")]


# Permissions


def test_a_chair_reads_everything_on_one_screen(as_chair, ada):
    page = _html(as_chair.get(_path(ada)))

    texts = [ADDRESS, *NEEDS, "An abstract in words.", "Bo Helper (Institute of Help)", "Graphs"]
    texts += ["Which year?</span> the second", "Which bed?</span> by the window"]
    texts += ["I may be photographed.: yes", "Emails", "Dana Decider", "Submitted"]
    assert [text for text in texts if text not in page] == []


def test_the_helpdesk_sees_the_address_but_neither_needs_nor_letters(as_helpdesk, ada):
    page = _html(as_helpdesk.get(_path(ada)))

    hidden = [*NEEDS, "by the window", "I may be photographed", "interest-letters", "/move/"]
    assert [text for text in [*hidden, "Erase", "End all links"] if text in page] == []
    for text in (ADDRESS, "Correct the address", "Send the link again"):
        assert text in page
    assert _names(as_helpdesk.get(LIST, {"q": ADDRESS})) == ["Ada Example"]


def test_a_reviewer_sees_neither_address_nor_needs_nor_letters(as_reviewer, reviewer, ada):
    make_reviewer(ada.edition, reviewer)
    for path in (LIST, f"{LIST}?q=Ada", _path(ada), "/admin/", f"{LIST}?edition__id__exact=1"):
        page = _html(as_reviewer.get(path))
        for text in [ADDRESS, "ada.secret", *NEEDS, "by the window", "I may be photographed"]:
            assert text not in page, (path, text)

    page = _html(as_reviewer.get(_path(ada)))
    for text in ("An abstract in words.", "Which year?</span> the second", "Wrote from [address]"):
        assert text in page
    assert "interest-letters" not in page
    assert "interest-steps" not in page


@pytest.mark.parametrize("query", [ADDRESS, "ada.secret", "@example.net", "ramp", "nuts"])
def test_a_reviewer_cannot_search_for_addresses_or_needs(as_reviewer, reviewer, ada, query):
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
        "answers__text__contains",
        "letter_links__letter__to_email__startswith",
        "links__token_hash__startswith",
        "decided_by__password__startswith",
    ],
)
def test_lookups_of_private_fields_in_the_url_are_refused(
    as_reviewer, reviewer, as_helpdesk, as_chair, ada, lookup
):
    make_reviewer(ada.edition, reviewer)

    for client in (as_reviewer, as_helpdesk, as_chair):
        assert client.get(LIST, {lookup: "a"}).status_code == 400
    for client in (as_reviewer, as_chair):
        assert client.post(f"{LIST}export/csv/?{lookup}=a").status_code == 400


def test_history_and_autocomplete_respect_the_permissions(
    as_chair, as_reviewer, reviewer, as_editor, ada
):
    make_reviewer(ada.edition, reviewer)
    history = as_reviewer.get(_path(ada, "history/"))
    fields = {"app_label": "interest", "model_name": "answer", "field_name": "expression"}

    def complete(client, term: str) -> list[str]:
        response = client.get("/admin/autocomplete/", fields | {"term": term})
        return [result["text"] for result in response.json()["results"]]

    assert (history.status_code, history["Location"]) == (302, _path(ada))
    assert as_editor.get(_path(ada, "history/")).status_code == 403
    assert complete(as_reviewer, "Ada") == [str(ada)]
    assert complete(as_reviewer, "ada.secret") == []
    assert complete(as_chair, "ada.secret") == [str(ada)]
    assert as_editor.get("/admin/autocomplete/", fields).status_code == 403
    assert as_chair.get(f"{LIST}99999/change/").status_code == 302
    assert as_chair.get(f"{LIST}x'/change/").status_code == 302


def test_editors_and_people_without_a_role_see_no_expression(client, as_stranger, as_editor, ada):
    steps = ("change/", "move/cancel/", "address/", "erase/", "end-links/", "as-student/")
    pages = [LIST, *(_path(ada, step) for step in steps)]
    pages += [f"{LIST}rehearsals/{ada.edition_id}/", "/admin/interest/accesslink/"]
    presses = [_path(ada, "send-link/")]

    for paths, method in ((pages, "get"), (presses, "post")):
        for path in paths:
            responses = [getattr(who, method)(path) for who in (client, as_stranger, as_editor)]
            assert [response.status_code for response in responses] == [302, 302, 403], path
    assert LIST not in _html(as_editor.get("/admin/"))


def test_each_role_has_its_own_steps_and_each_step_its_methods(
    as_chair, as_helpdesk, as_reviewer, reviewer, expression
):
    make_reviewer(expression.edition, reviewer)

    for step in ("move/cancel/", "end-links/", "erase/"):
        for client in (as_helpdesk, as_reviewer):
            assert client.get(_path(expression, step)).status_code == 403
            assert client.post(_path(expression, step), {}).status_code == 403
    for step in ("address/", "send-link/"):
        assert as_reviewer.post(_path(expression, step), {}).status_code == 403
    assert as_helpdesk.get(_path(expression, "as-student/")).status_code == 403
    for step in ("move/promote/", "move/accept/"):
        assert as_chair.get(_path(expression, step)).status_code == 404
    assert as_chair.put(_path(expression, "move/cancel/")).status_code == 405
    assert as_chair.get(_path(expression, "send-link/")).status_code == 405
    expression.refresh_from_db()
    assert expression.state == "submitted"
    assert Event.objects.filter(expression=expression).count() == 1


# Decisions and moves (every step in every state: test_every_step)


def test_a_chair_is_offered_the_moves_the_state_allows(as_chair, expression):
    context = as_chair.get(_path(expression)).context

    assert [action for action, _ in context["moves"]] == ["begin_review", "withdraw", "cancel"]
    assert context["choices"] == ["talk", "poster", "both", "waitlist", "decline"]


def test_a_decision_on_the_page_is_pending_until_the_release(as_chair, chair, expression):
    done = _decide(as_chair, expression, "talk", follow=True)
    _decide(as_chair, expression, "talk")

    expression.refresh_from_db()
    pending = expression.pending_decision
    assert done.redirect_chain == [(_path(expression), 302)]
    assert "Pending: accept, lightning talk" in _html(done)
    assert "By Charlie Chair" in _html(done)
    assert done.context["choices"] == ["poster", "both", "waitlist", "decline", "clear"]
    assert (expression.state, expression.offer) == ("submitted", "")
    assert (pending.made_by, pending.offer) == (chair, "talk")
    assert not Letter.objects.exists()
    assert Event.objects.filter(expression=expression, is_for_chairs=True).count() == 1

    cleared = _decide(as_chair, expression, "clear", follow=True)

    assert "No decision is pending any more" in _html(cleared)
    put_in_state(expression, "confirmed")
    assert "is confirmed: nothing to decide" in _html(
        _decide(as_chair, expression, "talk", follow=True)
    )


@pytest.mark.parametrize("role", ["as_helpdesk", "as_reviewer"])
def test_only_chairs_see_and_clear_pending_decisions(request, expression, role):
    decide(expression=expression, verdict="decline", by=make_user("Chair"))
    client = request.getfixturevalue(role)

    assert "ending" not in _html(client.get(_path(expression)))
    assert _decide(client, expression, "clear").status_code == 403
    assert PendingDecision.objects.exists()


def test_a_reason_for_a_move_that_is_no_longer_possible_is_given_back(as_chair, edition):
    expression = make_expression(edition, state="withdrawn")
    path = f"{LIST}{expression.pk}/move/begin_review/"

    page = as_chair.post(path, {"reason": "Read <twice>"}, follow=True).content.decode()

    assert "“Begin the review” is not possible: it is withdrawn." in page
    assert "Read &lt;twice&gt;</q>" in page


@pytest.mark.parametrize(("action", "has_letter"), [("confirm", True), ("lapse", False)])
def test_the_page_of_a_move_says_whether_a_letter_goes_out(as_chair, edition, action, has_letter):
    expression = make_expression(edition, state="accepted")

    page = _html(as_chair.get(_path(expression, f"move/{action}/")))

    assert ("an email immediately" in page) is has_letter


def test_reopening_needs_a_reason(as_chair, edition):
    expression = make_expression(edition, state="declined")

    page = _html(as_chair.post(_path(expression, "move/reopen/"), {"reason": " "}))

    assert "Say why." in page
    assert "<title>Error: " in page
    expression.refresh_from_db()
    assert expression.state == "declined"


# Address, links, erasure


@pytest.mark.parametrize(
    ("role", "recipients"),
    [
        ("as_chair", ["new@example.net", "old@example.net"]),
        ("as_helpdesk", ["desk@example.org", "old@example.net"]),
    ],
)
def test_correcting_the_address_writes_to_the_people_concerned(request, edition, role, recipients):
    client = request.getfixturevalue(role)
    expression = make_expression(edition, email="old@example.net")
    link, _ = make_link(expression)
    Letter.objects.all().delete()
    path = _path(expression, "address/")

    invalid = _html(client.post(path, {"email": "invalid"}))
    same = _html(client.post(path, {"email": "old@example.net"}, follow=True))
    client.post(path, {"email": "new@example.net"})

    assert "Enter an email address in the form" in invalid
    assert "This is already the address" in same
    expression.refresh_from_db()
    assert expression.email == "new@example.net"
    assert expression.events.latest("pk").by is not None
    assert sorted(Letter.objects.values_list("to_email", flat=True)) == recipients
    link.refresh_from_db()
    assert not link.is_open


def test_the_helpdesk_gets_no_link_by_correcting_the_address(as_helpdesk, client, edition):
    expression = make_expression(edition, email="old@example.net")
    Letter.objects.all().delete()

    as_helpdesk.post(_path(expression, "address/"), {"email": "helpdesk@example.org"})
    page = _html(as_helpdesk.post(_path(expression, "send-link/"), follow=True))
    client.post("/2024/interest/new-link/", {"email": "helpdesk@example.org"})
    answer_requests()
    written = send_letter(expression, "receipt", sent_text="", sent_rows=[])
    assert written is not None
    Letter.objects.filter(pk=written.pk).update(to_email="helpdesk@example.org")
    written.refresh_from_db()

    assert "until a chair confirms it" in page
    assert set(Letter.objects.exclude(pk=written.pk).values_list("link_maker", flat=True)) == {""}
    with pytest.raises(NotAllowed, match="a chair confirms"):
        make_mail_link(written)


def test_a_chair_confirms_the_address_that_the_helpdesk_corrected(as_helpdesk, as_chair, edition):
    expression = make_expression(edition, email="old@example.net")
    path = _path(expression, "address/")
    as_helpdesk.post(path, {"email": "new@example.net"})
    Letter.objects.all().delete()

    todo = _html(as_chair.get("/admin/"))
    question = _html(as_chair.get(path))
    still = _html(as_helpdesk.post(path, {"email": "new@example.net"}, follow=True))
    page = _html(as_chair.post(path, {"email": "new@example.net"}, follow=True))

    assert f'href="{path}"' in todo
    assert "The helpdesk corrected this address" in question
    assert "This is already the address" in still
    assert "The address is confirmed." in page
    letter = Letter.objects.get()
    assert (letter.kind, letter.to_email) == ("interest/address_changed", "new@example.net")
    assert make_mail_link(letter)


def test_the_link_is_sent_again_and_all_links_are_revoked(as_chair, as_helpdesk, expression):
    link, _ = make_link(expression)

    as_helpdesk.post(_path(expression, "send-link/"))
    kinds = list(Letter.objects.values_list("kind", flat=True))
    confirmation = as_chair.get(_path(expression, "end-links/"))
    link.refresh_from_db()
    revoked_before = link.revoked_at
    page = _html(as_chair.post(_path(expression, "end-links/"), follow=True))

    assert kinds == ["interest/link"]
    assert (confirmation.status_code, revoked_before) == (200, None)
    assert "Private links that no longer work: 1." in page
    link.refresh_from_db()
    assert link.revoked_at is not None


def test_a_chair_reads_a_copy_of_the_students_page(as_chair, ada):
    page = _html(as_chair.get(_path(ada, "as-student/")))

    assert "Graphs by hand" in page
    assert "copy of the student" in page


def test_erasing_leaves_a_log_entry_without_personal_data(as_chair, ada):
    confirmation = as_chair.get(_path(ada, "erase/"))
    count_before = Expression.objects.count()

    as_chair.post(_path(ada, "erase/"))

    assert (confirmation.status_code, count_before) == (200, 1)
    assert (Expression.objects.count(), Letter.objects.count()) == (0, 0)
    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.change_message) == (ada.display_reference, "Erased.")
    assert as_chair.post(_path(ada, "erase/")).status_code == 404


def test_the_admin_log_contains_no_address(as_chair, ada):
    as_chair.post(_path(ada, "address/"), {"email": "ada.new@example.net"})
    as_chair.post(_path(ada, "send-link/"))
    as_chair.post(_path(ada, "move/cancel/"), {"reason": "She wrote."})
    as_chair.post(f"{LIST}export/csv/?q=ada.new@example.net")
    as_chair.post(f"{LIST}export/csv/?q=ada.new%40")

    entries = LogEntry.objects.order_by("pk").values_list("object_repr", "change_message")

    assert list(entries) == [("1 entries exported as CSV", "Filter: a search")] * 2
    assert not Event.objects.filter(what__contains="@").exists()


def test_the_rehearsals_of_an_edition_are_removed_if_their_number_is_right(
    as_chair, as_helpdesk, edition
):
    make_expression(edition, name="Real")
    for _ in range(2):
        make_expression(edition, is_test=True)
    make_expression(make_edition(), name="Elsewhere", is_test=True)
    path = f"{LIST}rehearsals/{edition.pk}/"

    listed = _html(as_chair.get(LIST))
    confirmation = _html(as_chair.get(path))
    refused = _html(as_chair.post(path, {"count": "3"}, follow=True))
    count_before = Expression.objects.count()
    done = _html(as_chair.post(path, {"count": "2"}, follow=True))

    assert "(2)</a>" in listed
    assert "test entry</span>" in listed
    assert "2 sent by organisers as tests" in confirmation
    assert "Nothing was deleted, because the number changed meanwhile: there are 2." in refused
    assert count_before == 4
    assert "Test entries deleted: 2." in done
    assert sorted(Expression.objects.values_list("name", flat=True)) == ["Elsewhere", "Real"]
    assert as_helpdesk.post(path, {"count": "0"}).status_code == 403
