"""Bulk letters: recipients, one letter each, and the pages before they are sent."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.core.exceptions import ChangedMeanwhile
from apps.interest.models import Expression, ExpressionLetter
from apps.mail.models import Letter, Mailing
from apps.selection.letters import (
    LETTER_PLACEHOLDERS,
    Recipients,
    choose_recipients,
    send_mailing,
)
from tests.factories import (
    make_call,
    make_current_edition,
    make_edition,
    make_expression,
    make_topic,
)
from tests.reading import messages_of
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"
HOSTILE = "<script>alert(1)</script>{title}{{ 7|add:7 }}"
WORDS = {"subject": "Rooms at {workshop}", "body": "Hello {name},\n\nbring your poster."}
ABOUT_ONE = {"subject": "{reference}", "body": "About “{title}”: {private_link}"}


@pytest.fixture
def edition():
    edition = make_current_edition(title="Workshop", contact_email="desk@example.org", year=2030)
    make_call(edition)
    return edition


def recipients_of(edition, *, is_by_state=False) -> Recipients:
    expressions = Expression.objects.for_edition(edition)
    return choose_recipients(edition, expressions, is_by_state=is_by_state)


def send(edition, chair, *, words=WORDS, token="", recipients=None):
    recipients = recipients or recipients_of(edition)
    token = token or recipients.token
    fields = {"key": "one", "chosen": "All.", "by": chair, **words}
    return send_mailing(recipients=recipients, token=token, **fields)


def bulk_letters():
    return Letter.objects.filter(kind="interest/mailing").order_by("pk")


# Who gets one


def test_each_recipient_gets_one_letter(edition, chair):
    ada = make_expression(edition, name="Ada Example", email="ada@example.net")
    bo = make_expression(edition, name="Bo Example", email="bo@example.net")

    mailing, is_new = send(edition, chair)

    assert is_new
    assert [(letter.to_email, letter.subject, letter.state) for letter in bulk_letters()] == [
        ("ada@example.net", "Rooms at Workshop", "queued"),
        ("bo@example.net", "Rooms at Workshop", "queued"),
    ]
    assert "Hello Ada Example,\n\nbring your poster." in bulk_letters()[0].body_text
    assert bulk_letters()[0].reply_to == "desk@example.org"
    assert {letter.expression_link.expression for letter in mailing.letters.all()} == {ada, bo}
    assert (mailing.made_by, mailing.chosen) == (chair, "All.")


def test_a_general_text_goes_once_to_each_address(edition, chair):
    for email in ("ada@example.net", "Ada@Example.net", "bo@example.net"):
        make_expression(edition, email=email)

    send(edition, chair)

    assert [letter.to_email for letter in bulk_letters()] == ["ada@example.net", "bo@example.net"]


def test_a_text_that_names_the_expression_goes_once_for_each(edition, chair):
    for title in ("First", "Second"):
        make_expression(edition, email="ada@example.net", title=title)

    send(edition, chair, words=ABOUT_ONE)

    first, second = bulk_letters()
    assert ("“First”" in first.body_text, "“Second”" in second.body_text) == (True, True)
    assert [letter.link_subject for letter in (first, second)] == [
        expression.pk for expression in Expression.objects.order_by("pk")
    ]


def test_rehearsals_and_ended_expressions_are_left_out(edition, chair):
    living = make_expression(edition)
    make_expression(edition, is_test=True)
    gone = make_expression(edition, state="withdrawn")

    of_all, by_state = recipients_of(edition), recipients_of(edition, is_by_state=True)

    assert (list(of_all.expressions), of_all.left_out) == ([living], 2)
    assert (list(by_state.expressions), by_state.left_out) == ([living, gone], 1)


# Once


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_mailing(edition, chair):
    for _ in range(3):
        make_expression(edition)

    faults = overlapping(lambda: send(edition, chair), lambda: send(edition, chair))

    assert faults == []
    assert (Mailing.objects.count(), bulk_letters().count()) == (1, 3)


def test_nothing_is_sent_if_a_recipient_was_erased(edition, chair):
    make_expression(edition)
    shown = recipients_of(edition)
    Expression.objects.all().delete()

    with pytest.raises(ChangedMeanwhile):
        send(edition, chair, recipients=shown)

    assert (Mailing.objects.count(), bulk_letters().count()) == (0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_letters(
    edition, chair, count, django_assert_num_queries
):
    for _ in range(count):
        make_expression(edition)
    recipients = recipients_of(edition)

    with django_assert_num_queries(10):
        send(edition, chair, recipients=recipients)


# The pages


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def look(client, query="", words=WORDS) -> str:
    return client.post(f"/admin/selection/write/{query}", {"look": "1", **words}).content.decode()


def press(client, page: str, query="", words=WORDS):
    hidden = {name: _field(page, name) for name in ("key", "version_token")}
    return client.post(
        f"/admin/selection/write/{query}", {"send": "1", **hidden, **words}, follow=True
    )


def test_the_list_links_to_the_letter_with_its_filter(as_chair, as_reviewer, edition):
    make_expression(edition)

    page = as_chair.get(f"{LIST}?state__exact=submitted").content.decode()

    assert 'href="/admin/selection/write/?state__exact=submitted"' in page
    assert "Write to these 1" in page
    assert "Write to these" not in as_reviewer.get(LIST).content.decode()


def test_after_the_last_day_an_email_to_those_who_confirmed_begins_with_thanks(as_chair, edition):
    make_expression(edition, state="confirmed", title="Small models")
    page = f"/admin/selection/write/?edition__id__exact={edition.pk}&state__exact=confirmed"
    before = as_chair.get(page).context["form"]
    edition.starts_on = date(2001, 5, 3)
    edition.save()

    after = as_chair.get(page)

    assert not before["subject"].value()
    assert (
        after.context["form"]["subject"].value() == "Thank you for your contribution to {workshop}"
    )
    assert "presenting “Small models” at Workshop" in after.content.decode()


def test_the_confirmation_names_number_and_filter(as_chair, edition):
    topic = make_topic(edition, heading="Graphs")
    chosen = make_expression(edition, state="accepted", topics=[topic], name="Ada Example")
    make_expression(edition, state="accepted")
    make_expression(edition, topics=[topic])
    make_expression(make_edition(), email="else@example.net")
    query = f"?edition__id__exact={edition.pk}&state__exact=accepted&topic={topic.pk}"

    page = look(as_chair, query)
    answer = press(as_chair, page, query)

    assert "To 1 entry." in page
    assert "Edition: Workshop (2030). State: Accepted. Topic: Graphs" in page
    assert "Send 1 email" in page
    assert "Hello Ada Example," in page
    assert messages_of(answer) == ["1 email is on the way."]
    mailing = Mailing.objects.get()
    assert answer.redirect_chain == [(f"/admin/selection/sent/{mailing.pk}/", 302)]
    assert mailing.letters.get().expression_link.expression == chosen


def test_a_second_press_leads_to_the_mailing(as_chair, edition):
    make_expression(edition)
    page = look(as_chair)
    press(as_chair, page)

    answer = press(as_chair, page)

    assert messages_of(answer) == [
        "This was sent already, when you first pressed the button: 1 email is on record."
    ]
    assert bulk_letters().count() == 1


def test_a_list_that_changed_is_shown_again_and_nothing_is_sent(as_chair, edition):
    make_expression(edition)
    page = look(as_chair)
    make_expression(edition)

    answer = press(as_chair, page)
    again = answer.content.decode()
    second = press(as_chair, again)

    assert messages_of(answer) == [
        "Nothing was sent, because the list changed meanwhile. Check it again."
    ]
    assert "Send 2 emails" in again
    assert messages_of(second) == ["2 emails are on the way."]


def test_the_page_counts_who_is_left_out(as_chair, edition):
    make_expression(edition)
    make_expression(edition, state="withdrawn")

    page = as_chair.get("/admin/selection/write/").content.decode()

    assert "To 1 entry." in page
    assert "1 on the list is left out" in page
    assert "not filtered by state" in page


def test_of_a_list_filtered_by_state_rehearsals_alone_are_left_out(as_chair, edition):
    make_expression(edition)
    make_expression(edition, is_test=True)

    page = as_chair.get("/admin/selection/write/?state__exact=submitted").content.decode()

    assert "1 on the list is left out: test entries." in page


def test_the_confirmation_says_how_letters_are_counted(as_chair, edition):
    for _ in range(2):
        make_expression(edition, email="ada@example.net")

    assert "One email to each address: 1 email, because" in look(as_chair)
    assert "One email for each expression: 2 emails, because" in look(as_chair, words=ABOUT_ONE)


def test_an_unknown_placeholder_is_refused(as_chair, edition):
    make_expression(edition)

    page = look(as_chair, words={"subject": "Hello", "body": "Hello {nmae}"})

    for name in LETTER_PLACEHOLDERS:
        assert f"<code>{{{name}}}</code>" in page
    assert "Did you mean {name}?" in page
    assert "Hello {nmae}" in page
    assert 'name="send"' not in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?edition__id__exact=all", "Choose one edition first."),
        ("?state__exact=lapsed", "This list has no one to write to."),
        ("?is_late__exact=nothing", "This filter does not exist, so no one was selected."),
    ],
)
def test_a_list_without_recipients_of_one_edition_is_refused(as_chair, edition, query, words):
    make_expression(edition)

    answer = as_chair.get(f"/admin/selection/write/{query}", follow=True)

    assert messages_of(answer) == [words]


def test_a_searched_address_is_not_stored(as_chair, edition):
    make_expression(edition, email="ada@example.net")
    query = f"?edition__id__exact={edition.pk}&q=ada@example.net"

    press(as_chair, look(as_chair, query), query)

    assert Mailing.objects.get().chosen == "Edition: Workshop (2030). Found by a search"


def test_a_mailing_shows_the_outcome_of_its_letters(as_chair, as_helpdesk, edition, chair):
    failed, *_ = (make_expression(edition) for _ in range(3))
    mailing, _ = send(edition, chair)
    of_failed = Letter.objects.filter(
        pk=ExpressionLetter.objects.get(letter__mailing=mailing, expression=failed).letter_id
    )
    of_failed.update(state=Letter.State.FAILED, failure=f"550 {HOSTILE}")

    page = as_chair.get(f"/admin/mail/mailing/{mailing.pk}/change/").content.decode()
    listed = as_chair.get("/admin/mail/mailing/").content.decode()
    found = f"/admin/mail/letter/?mailing__id__exact={mailing.pk}"
    numbers = [
        as_chair.get(found + more).context["cl"].result_count for more in ("", "&standing=failed")
    ]
    beside = as_chair.get(f"{LIST}{failed.pk}/change/").content.decode()

    assert "3 emails: 0 sent, 2 waiting, 1 failed or in doubt." in page
    assert f'href="{found}&amp;standing=failed"' in page
    assert "Rooms at {workshop}" in listed
    assert numbers == [3, 1]
    assert f"/admin/mail/mailing/{mailing.pk}/change/" in beside
    assert as_helpdesk.get("/admin/mail/mailing/").status_code == 403


def test_hostile_text_is_escaped(as_chair, edition):
    make_expression(edition, name=HOSTILE, title=HOSTILE)
    words = {"subject": "<b>{name}", "body": "<script>alert(2)</script> {name}"}

    page = look(as_chair, words=words)
    press(as_chair, page, words=words)

    letter = bulk_letters().get()
    for text in (page, letter.body_html):
        assert "<script>alert" not in text
    assert f"<script>alert(2)</script> {HOSTILE}" in letter.body_text


def test_a_test_goes_to_the_chair_alone_and_has_no_private_link(as_chair, chair, edition):
    make_expression(edition, name="Ada Example", title="Smaller")
    chosen = make_expression(edition, name="Bo Example", title="Faster")
    Letter.objects.all().delete()
    data = {**ABOUT_ONE, "sample": chosen.pk, "test": "1", "key": "one"}

    response = as_chair.post(f"/admin/selection/write/?edition__id__exact={edition.pk}", data)

    letter = Letter.objects.get()
    assert (letter.to_email, letter.link_maker) == (chair.email, "")
    assert letter.subject == f"Test: {chosen.display_reference}"
    assert "“Faster”" in letter.body_text
    assert Letter.PRIVATE_LINK in letter.body_text
    assert not Mailing.objects.exists()
    assert ABOUT_ONE["body"] in response.context["form"]["body"].value()


def test_a_faulty_text_is_not_sent_as_a_test(as_chair, edition):
    make_expression(edition)
    Letter.objects.all().delete()
    data = {"subject": "", "body": "{unknown}", "test": "1", "key": "one"}

    as_chair.post(f"/admin/selection/write/?edition__id__exact={edition.pk}", data)

    assert not Letter.objects.exists()


def test_the_last_page_before_sending_names_the_recipients(as_chair, edition):
    make_expression(edition, name="Ada Example", email="ada@example.org")
    data = {**WORDS, "look": "1", "key": "one"}

    page = as_chair.post(f"/admin/selection/write/?edition__id__exact={edition.pk}", data)

    assert "Ada Example &lt;ada@example.org&gt;" in page.content.decode()


def test_the_page_after_a_mailing_says_what_was_sent_and_what_is_next(
    as_chair, as_editor, edition, chair
):
    edition.starts_on = timezone.localdate() - timedelta(days=3)
    edition.save()
    for state in ("confirmed", "confirmed", "declined"):
        make_expression(edition, state=state)
    words = WORDS | {"subject": "Thank you <all>"}
    mailing, _ = send(edition, chair, words=words)
    mailing.letters.filter(pk=mailing.letters.first().pk).update(state="failed")
    url = f"/admin/selection/sent/{mailing.pk}/"

    page = as_chair.get(url).content.decode()

    assert "Thank you &lt;all&gt;" in page
    assert "1 failed" in page
    assert f"/admin/mail/letter/?mailing__id__exact={mailing.pk}" in page
    assert f"/admin/editions/edition/{edition.pk}/confirm/archive/" in page
    assert f"/admin/editions/edition/{edition.pk}/figures/entries/" in page
    assert f"?source={edition.pk}" in page
    assert as_editor.get(url).status_code == 403
