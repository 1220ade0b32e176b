"""The pages on which decisions become letters and go out."""

import pytest
from django.utils.dateformat import format as date_format

from apps.editions.admin import Tab
from apps.interest.models import Expression
from apps.interest.services import correct_address, erase_expression
from apps.interest.student.display import everything_about
from apps.mail.drafts import hold
from apps.mail.models import Letter, LetterText
from apps.selection.decisions import draft_decision_letters, pending_decisions
from apps.selection.models import PendingDecision
from tests.factories import make_edition
from tests.reading import messages_of
from tests.selection.conftest import make_decision

pytestmark = pytest.mark.django_db

PAGES = "/admin/selection/release/"
HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}{title}https://evil.example/"


@pytest.fixture(autouse=True)
def one_talk(edition):
    edition.call.talk_places = 1
    edition.call.save()


def make_draft(edition, verdict="decline", offer="", **fields) -> PendingDecision:
    decision = make_decision(edition, None, verdict, offer, **fields)
    draft_decision_letters(edition=edition)
    decision.refresh_from_db()
    return decision


def page(client, edition, more="") -> str:
    return client.get(f"{PAGES}{edition.pk}/{more}").content.decode()


def letter_page(decision) -> str:
    return f"{PAGES}{decision.expression.edition_id}/{decision.pk}/"


def ready_keys(edition) -> str:
    return " ".join(row.draft_key for row in pending_decisions(edition) if row.is_ready)


@pytest.mark.parametrize("path", ["999/", "999/now/", "{edition}/?show=x", "999/1/"])
def test_unknown_pages_are_not_found(as_chair, edition, path):
    assert as_chair.get(PAGES + path.format(edition=edition.pk)).status_code == 404
    assert as_chair.post(f"{letter_page(make_decision(edition))}burn/").status_code == 404


def test_nobody_else_sees_a_draft_anywhere(as_reviewer, as_editor, as_helpdesk, as_chair, edition):
    LetterText.objects.create(
        edition=edition, kind="interest/declined", subject="Xylophone", body="Xylophone"
    )
    decision = make_draft(edition)
    letter = f"/admin/mail/letter/{decision.letter_id}/change/"
    paths = [
        "/admin/",
        "/admin/interest/expression/",
        f"/admin/interest/expression/{decision.expression_id}/change/",
        "/admin/mail/letter/",
        letter,
        *(tab.url(edition.pk) for tab in Tab),
        f"/admin/editions/edition/{edition.pk}/overview/",
        f"/admin/editions/edition/{edition.pk}/history/",
    ]

    for path in paths:
        for who in (as_reviewer, as_editor, as_helpdesk):
            assert "Xylophone" not in who.get(path, follow=True).content.decode(), path
    assert "Xylophone" in as_chair.get(letter).content.decode()


def test_the_page_counts_pending_decisions_against_the_places(as_chair, edition):
    for verdict, offer in (("accept", "talk"), ("accept", "both"), ("decline", "")):
        make_decision(edition, None, verdict, offer)
    make_decision(make_edition(), name="Else Where")

    text = page(as_chair, edition)

    assert "<strong>1</strong> Accept: lightning talk</li>" in text
    assert "<strong>1</strong> Decline" in text
    assert "0 of 1 talk, 2 pending: 1 too many" in text
    assert "3 of 3 have no email yet" in text
    assert "Else Where" not in text


def test_an_empty_page_says_what_to_do(as_chair, edition):
    text = page(as_chair, edition)

    assert "No decision is pending. Decide first" in text
    assert "Draft the emails" not in text


def test_each_letter_is_listed_with_its_status(as_chair, edition):
    make_draft(edition, email="twice@example.org", name="Ada Example")
    hold(draft=make_draft(edition, email="Twice@example.org"), is_held=True)
    changed = make_draft(edition)
    correct_address(expression=changed.expression, email="new@example.net")
    make_decision(edition)

    text = page(as_chair, edition)
    counts = {
        show: len(as_chair.get(f"{PAGES}{edition.pk}/?show={show}").context["rows"])
        for show in ("all", "ready", "held", "undrafted")
    }

    assert text.count("2 emails to this address") == 2
    for part in ("Our decision about your", "Held back", "Changed since it was drafted"):
        assert part in text
    assert "Release 1 decision<" in text
    assert counts == {"all": 4, "ready": 1, "held": 1, "undrafted": 2}


def test_the_page_has_fifty_rows_and_a_constant_number_of_queries(
    as_chair, edition, django_assert_max_num_queries
):
    for number in range(52):
        make_decision(edition, None, "accept", "talk", name=f"Student {number:02}")
    draft_decision_letters(edition=edition)

    with django_assert_max_num_queries(11):
        first = page(as_chair, edition)
    second, beyond = (page(as_chair, edition, f"?show=all&page={n}") for n in (2, 99))

    assert ("Student 49" in first, "Student 50" in first) == (True, False)
    assert ("Student 49" in second, "Student 51" in second) == (False, True)
    assert ("Page 1 of 2" in first, "Page 2 of 2" in beyond) == (True, True)


def test_hostile_text_is_escaped_on_every_page(as_chair, edition):
    decision = make_draft(edition, "accept", "talk", name=HOSTILE, title=HOSTILE)

    for path in (f"{edition.pk}/", f"{edition.pk}/now/", f"{edition.pk}/{decision.pk}/"):
        text = as_chair.get(PAGES + path).content.decode()

        assert "<script>alert" not in text, path
        assert 'href="https://evil' not in text, path
    assert "{{ 7|add:7 }}{title}https://evil.example/" in text


@pytest.mark.parametrize("has_mail", [True, False])
def test_without_a_mail_server_the_pages_say_that_letters_wait(
    as_chair, edition, settings, has_mail
):
    settings.HAS_MAIL = has_mail
    make_draft(edition)
    pages = [page(as_chair, edition), page(as_chair, edition, "now/")]

    release = {"seen": ready_keys(edition)}
    response = as_chair.post(f"{PAGES}{edition.pk}/now/", release, follow=True)

    waiting = "No mail server is configured. The emails wait until there is one."
    assert ["No mail server is configured" in text for text in pages] == [not has_mail] * 2
    assert (waiting in messages_of(response)) is not has_mail


def test_drafting_says_how_many_letters_it_wrote(as_chair, edition):
    make_decision(edition)
    make_decision(edition)

    first, second = (as_chair.post(f"{PAGES}{edition.pk}/draft/", follow=True) for _ in range(2))

    assert messages_of(first) == ["2 emails drafted. Nothing was sent."]
    assert messages_of(second) == ["There is no email to draft."]
    assert Letter.objects.filter(state="draft").count() == 2


def test_a_draft_is_previewed_with_the_date_of_a_release_today(as_chair, edition):
    decision = make_draft(edition, "accept", "talk", name="Ada Example")

    response = as_chair.get(letter_page(decision))

    preview = response.context["preview"]
    assert preview["to"].startswith("Ada Example <")
    assert "[reply-by date]" not in preview["text"] + preview["page"]
    assert "by {reply_by} whether" in response.context["form"].initial["body"]
    assert "chairs@example.org" in preview["page"]


def test_a_draft_links_to_its_neighbours(as_chair, edition):
    first, second, third = (make_draft(edition) for _ in range(3))

    middle, last = (as_chair.get(letter_page(decision)).context for decision in (second, third))

    assert (middle["earlier"], middle["later"]) == (first.pk, third.pk)
    assert (last["earlier"], last["later"]) == (second.pk, None)


def save(client, decision, **more):
    data = {
        "version_token": decision.version_token,
        "subject": "For {name}",
        "body": "See {title}.",
    }
    return client.post(letter_page(decision), data | more, follow=True)


def test_one_letter_is_given_its_own_text(as_chair, edition):
    decision = make_draft(edition, name="Ada Example")

    response = save(as_chair, decision, save="1")

    assert messages_of(response) == ["Saved. This email now has its own text."]
    assert Letter.objects.get(state="draft").subject == "For Ada Example"


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"body": "Dear {nmae}"}, "“{nmae}” is not a placeholder. Did you mean {name}?"),
        ({"body": "By {reply_by}"}, "“{reply_by}” is not a placeholder. Use one of the list"),
        ({"preview": "1"}, "For Ada Example"),
    ],
)
def test_a_preview_or_a_refused_text_saves_nothing_and_loses_nothing(as_chair, edition, more, text):
    decision = make_draft(edition, name="Ada Example")

    content = save(as_chair, decision, **more).content.decode()

    decision.refresh_from_db()
    assert text in content
    assert more.get("body", "See {title}.") in content
    assert not decision.is_edited


def test_a_draft_is_sent_to_the_chair_as_a_test_and_stays_as_it_is(as_chair, chair, edition):
    decision = make_draft(edition, name="Ada Example", title="Smaller")

    response = save(as_chair, decision, test="1")

    letter = Letter.objects.get(state="queued", kind=Letter.TEST_KIND)
    assert (letter.to_email, letter.subject) == (chair.email, "Test: For Ada Example")
    assert letter.link_maker == ""
    assert "Smaller" in letter.body_text
    assert "Test: For" not in str(everything_about(decision.expression)["letters"])
    decision.refresh_from_db()
    assert Letter.objects.get(state="draft") == decision.letter
    assert not decision.is_edited
    assert "See {title}." in response.content.decode()
    erase_expression(expression=decision.expression)
    assert not Letter.objects.filter(kind=Letter.TEST_KIND).exists()


def test_a_faulty_draft_is_not_sent_as_a_test(as_chair, edition):
    save(as_chair, make_draft(edition), test="1", body="{unknown}")

    assert not Letter.objects.filter(kind=Letter.TEST_KIND).exists()


def test_two_chairs_who_edit_one_letter_see_both_texts(as_chair, edition):
    decision = make_draft(edition, name="Ada Example")
    save(as_chair, decision, body="From {name}, first.")

    response = save(as_chair, decision)

    page = response.content.decode()
    assert "This email was changed while you had the page open." in page
    assert '<q class="stored-value" dir="auto">From {name}, first.</q>' in page
    assert "See {title}." in page
    save(as_chair, decision, version_token=response.context["version_token"])
    decision.refresh_from_db()
    assert decision.draft_body == "See {title}."


def test_a_missing_draft_says_so(as_chair, edition):
    decision = make_decision(edition)

    answers = [
        as_chair.get(letter_page(decision), follow=True),
        as_chair.get(f"{PAGES}{edition.pk}/{decision.pk + 1}/", follow=True),
        as_chair.post(f"{letter_page(decision)}discard/", follow=True),
        as_chair.post(f"{PAGES}{edition.pk}/{decision.pk + 1}/hold/", follow=True),
    ]

    gone = "This draft no longer exists: it was released, discarded or taken back."
    assert [messages_of(answer) for answer in answers] == [[gone]] * 4


def test_a_letter_typed_after_its_draft_was_gone_is_given_back(as_chair, edition):
    decision = make_draft(edition)
    sent = {"version_token": decision.version_token, "sure": "1"}
    as_chair.post(f"{letter_page(decision)}discard/", sent)

    response = save(as_chair, decision)

    page = response.content.decode()
    assert "This draft no longer exists" in page
    assert 'dir="auto">See {title}.</q>' in page


def test_a_decision_is_held_and_let_go_and_its_letter_discarded(as_chair, edition):
    decision = make_draft(edition, name="Ada Example")

    data = {"version_token": decision.version_token, "sure": "1"}
    texts = [
        messages_of(as_chair.post(f"{letter_page(decision)}{step}/", data, follow=True))
        for step in ("hold", "let-go", "discard")
    ]

    assert texts == [
        ["The email to Ada Example is held back."],
        ["The email to Ada Example is no longer held back."],
        ["The email to Ada Example is discarded."],
    ]


def test_a_page_asks_before_an_email_is_discarded(as_chair, edition):
    decision = make_draft(edition, name="<b>Ada</b>")
    sent = {"version_token": decision.version_token}

    page = as_chair.post(f"{letter_page(decision)}discard/", sent).content.decode()

    decision.refresh_from_db()
    assert decision.is_drafted
    assert "Discard the email to &lt;b&gt;Ada&lt;/b&gt;?" in page
    assert "does not get this email" in page
    assert f'name="version_token" value="{decision.version_token}"' in page


def test_a_letter_that_a_colleague_changed_meanwhile_is_not_discarded(as_chair, edition):
    decision = make_draft(edition, name="Ada Example")
    seen = {"version_token": decision.version_token}
    save(as_chair, decision, body="From {name}.")

    sent = seen | {"sure": "1"}
    response = as_chair.post(f"{letter_page(decision)}discard/", sent, follow=True)

    assert "Not discarded" in messages_of(response)[0]
    assert "From {name}." in response.content.decode()
    decision.refresh_from_db()
    assert decision.is_drafted


def test_with_a_mail_server_the_emails_of_a_release_are_sent_immediately(
    as_chair, edition, settings
):
    settings.HAS_MAIL = True
    make_draft(edition, "accept", "talk")

    assert "1 email is sent immediately" in page(as_chair, edition, "now/")


def test_the_page_before_a_release_says_what_will_happen(as_chair, edition):
    make_draft(edition, "accept", "talk")
    hold(draft=make_draft(edition, "accept", "both"), is_held=True)
    make_decision(edition)

    text = page(as_chair, edition, "now/")

    assert "1 email is sent once there is a mail server" in text
    assert "Sent emails cannot be recalled." in text
    assert "1 held back: not sent." in text
    assert "1 without an up-to-date email: not sent." in text
    assert "1 too many" in text


def test_a_release_reports_what_happened_to_each(as_chair, edition, settings):
    settings.HAS_MAIL = True
    changed = make_draft(edition, name="Cora Changed", reference="R7K2QD")
    held = make_draft(edition)
    make_draft(edition)
    make_draft(edition)
    data = {"seen": ready_keys(edition)}
    hold(draft=held, is_held=True)
    correct_address(expression=changed.expression, email="new@example.net")

    responses = [
        as_chair.post(f"{PAGES}{edition.pk}/now/", sent, follow=True) for sent in (data, data, {})
    ]

    left = "Not released: R7K-2QD, Cora Changed: changed since it was drafted: draft it again."
    gone = "2 no longer there: released, discarded or taken back"
    assert [messages_of(response) for response in responses] == [
        [
            left,
            "2 decisions released; 1 held; 1 left: changed since. The students&#x27; own pages show "
            "it: 2 declined. The emails are queued and are being sent, one after the other. "
            '<a href="/admin/mail/letter/">See the emails</a>.',
        ],
        [left, f"0 decisions released; 1 held; 1 left: changed since; {gone}."],
        ["0 decisions released."],
    ]
    assert Letter.objects.filter(kind="interest/declined", state="queued").count() == 2


def test_a_release_says_how_many_were_accepted_and_until_when_they_reply(as_chair, edition):
    for verdict, offer in (("accept", "talk"), ("accept", "poster"), ("waitlist", "")):
        make_draft(edition, verdict, offer)

    response = as_chair.post(
        f"{PAGES}{edition.pk}/now/", {"seen": ready_keys(edition)}, follow=True
    )

    text, without_mail = messages_of(response)
    accepted = Expression.objects.filter(state="accepted").first()
    assert accepted
    assert accepted.reply_by_on
    day = date_format(accepted.reply_by_on, "j F Y")
    assert "3 decisions released." in text
    assert "2 accepted, 1 put on the waiting list." in text
    assert f"Offers can be answered until {day}" in text
    assert without_mail.startswith("No mail server is configured. The emails wait")


def test_with_nothing_ready_there_is_nothing_to_release(as_chair, edition):
    make_decision(edition)

    response = as_chair.get(f"{PAGES}{edition.pk}/now/", follow=True)

    assert messages_of(response) == ["No email is ready to be released."]


def test_the_edition_links_here_for_chairs_only(as_chair, as_editor, edition):
    path = f"/admin/editions/edition/{edition.pk}/call/"
    links = [f"{PAGES}{edition.pk}/", f"/admin/selection/texts/{edition.pk}/"]

    found = [
        [link in who.get(path).content.decode() for link in links] for who in (as_chair, as_editor)
    ]

    assert found == [[True, True], [False, False]]
