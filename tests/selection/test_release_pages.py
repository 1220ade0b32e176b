"""The pages on which decisions become letters and go out: who gets in, what each press does."""

import pytest

from apps.interest.services import correct_address
from apps.mail.models import Letter, LetterText
from apps.selection import release_views as pages
from apps.selection.decisions import decide
from apps.selection.drafts import draft_letters, hold, pending_of
from apps.selection.models import PendingDecision
from apps.selection.release import ready_of, release
from tests.factories import make_call, make_edition, make_expression, make_user

pytestmark = pytest.mark.django_db

HERE = "/admin/selection/release/"
HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}{title}https://evil.example/"


@pytest.fixture
def edition():
    edition = make_edition(title="Workshop", contact_email="chairs@example.org")
    make_call(edition, talk_places=1)
    return edition


def decided(edition, verdict="decline", offer="", **fields) -> PendingDecision:
    expression = make_expression(edition, **fields)
    return decide(expression=expression, verdict=verdict, offer=offer, by=make_user("Chair"))


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def page(client, edition, more="") -> str:
    return client.get(f"{HERE}{edition.pk}/{more}").content.decode()


def released(client, edition, **more):
    seen = " ".join(ready_of(edition))
    return client.post(f"{HERE}{edition.pk}/now/", {"seen": seen} | more, follow=True)


# Who gets in


def test_only_chairs_come_near_drafts_and_texts(
    client, as_stranger, as_reviewer, as_editor, as_helpdesk, as_chair, edition
):
    pending = decided(edition)
    draft_letters(edition=edition)
    gets = [
        f"{HERE}{edition.pk}/",
        f"{HERE}{edition.pk}/now/",
        f"{HERE}letter/{pending.pk}/",
        f"/admin/selection/texts/{edition.pk}/",
        f"/admin/selection/texts/{edition.pk}/interest/declined/",
    ]
    posts = [
        f"{HERE}{edition.pk}/draft/",
        f"{HERE}{edition.pk}/now/",
        *(f"{HERE}letter/{pending.pk}/{step}/" for step in ("hold", "let-go", "discard")),
        *gets[2:3],
        *gets[4:],
    ]
    refused = [302, 302, 403, 403, 403]
    cast = (client, as_stranger, as_reviewer, as_editor, as_helpdesk)

    for path in gets:
        assert [who.get(path).status_code for who in cast] == refused, path
        assert as_chair.get(path).status_code == 200, path
    for path in posts:
        assert [who.post(path, {"seen": "x"}).status_code for who in cast] == refused, path
    assert (PendingDecision.objects.count(), Letter.objects.filter(state="draft").count()) == (1, 1)


@pytest.mark.parametrize(
    "path", ["{e}/draft/", "letter/{p}/hold/", "letter/{p}/let-go/", "letter/{p}/discard/"]
)
def test_what_changes_something_is_a_press(as_chair, edition, path):
    pending = decided(edition)

    response = as_chair.get(HERE + path.format(e=edition.pk, p=pending.pk))

    assert response.status_code == 405


@pytest.mark.parametrize(
    "path", ["999/", "999/now/", "999/?show=x", "letter/999/hold/", "letter/{p}/burn/"]
)
def test_what_is_not_there_is_not_found(as_chair, edition, path):
    path = HERE + path.format(p=decided(edition).pk)

    status = as_chair.post(path) if path.endswith(("hold/", "burn/")) else as_chair.get(path)

    assert status.status_code == 404


def test_nobody_else_sees_a_draft_anywhere(as_reviewer, as_editor, as_helpdesk, as_chair, edition):
    pending = decided(edition)
    LetterText.objects.create(
        edition=edition, kind="interest/declined", subject="Xylophone", body="Xylophone"
    )
    draft_letters(edition=edition)
    letter = Letter.objects.get(state="draft")
    places = [
        "/admin/",
        "/admin/interest/expression/",
        f"/admin/interest/expression/{pending.expression_id}/change/",
        "/admin/mail/letter/",
        f"/admin/mail/letter/{letter.pk}/change/",
        f"/admin/editions/edition/{edition.pk}/change/",
        f"/admin/editions/edition/{edition.pk}/history/",
    ]

    for path in places:
        for who in (as_reviewer, as_editor, as_helpdesk):
            assert "Xylophone" not in who.get(path, follow=True).content.decode(), path
    assert "Xylophone" in as_chair.get(places[-3]).content.decode()


# The page


def test_the_page_counts_what_is_pending_against_the_places(as_chair, edition):
    for verdict, offer in (("accept", "talk"), ("accept", "both"), ("decline", "")):
        decided(edition, verdict, offer)

    words = page(as_chair, edition)

    assert "<strong>1</strong> Accept: lightning talk</li>" in words
    assert "<strong>1</strong> Decline" in words
    assert "0 of 1 talk, 2 pending: 1 too many" in words
    assert "3 of 3 have no letter yet" in words


def test_with_nothing_pending_it_says_what_to_do(as_chair, edition):
    words = page(as_chair, edition)

    assert "No decision is pending. Decide first" in words
    assert "Draft the letters" not in words


def test_each_letter_stands_there_with_whom_it_goes_to_and_how_it_stands(as_chair, edition):
    decided(edition, email="twice@example.org", name="Ada Example")
    held = decided(edition, email="Twice@example.org")
    draft_letters(edition=edition)
    hold(pending=held, is_held=True)
    changed = decided(edition)
    draft_letters(edition=edition)
    correct_address(expression=changed.expression, email="new@example.net")

    words = page(as_chair, edition)

    assert words.count("2 letters to this address") == 2
    assert "Our decision about your proposal" in words
    assert "Held back" in words
    assert "Changed since it was drafted" in words
    assert "Release 1 decision<" in words


@pytest.mark.parametrize(
    ("show", "count"), [("all", 3), ("ready", 1), ("held", 1), ("undrafted", 1)]
)
def test_the_list_is_narrowed_by_how_letters_stand(as_chair, edition, show, count):
    decided(edition)
    held = decided(edition)
    draft_letters(edition=edition)
    hold(pending=held, is_held=True)
    decided(edition)

    response = as_chair.get(f"{HERE}{edition.pk}/?show={show}")

    assert len(response.context["rows"]) == count


def test_another_editions_decisions_are_not_on_it(as_chair, edition):
    decided(make_edition(), name="Else Where")

    assert "Else Where" not in page(as_chair, edition)


@pytest.mark.parametrize("number", [1, 3, 60])
def test_the_page_asks_the_database_the_same_however_many_there_are(
    as_chair, edition, django_assert_num_queries, number
):
    for _ in range(number):
        decided(edition, "accept", "talk")
    draft_letters(edition=edition, seconds=60)

    with django_assert_num_queries(10):
        response = as_chair.get(f"{HERE}{edition.pk}/")

    assert len(response.context["rows"]) == min(number, 50)


def test_fifty_letters_are_a_page(as_chair, edition, monkeypatch):
    monkeypatch.setattr(pages, "_PAGE", 2)
    for number in range(3):
        decided(edition, name=f"Student {number}")

    first, second, beyond = (page(as_chair, edition, f"?page={n}") for n in (1, 2, "99"))

    assert ("Student 1" in first, "Student 2" in first) == (True, False)
    assert ("Student 1" in second, "Student 2" in second) == (False, True)
    assert ("Page 1 of 2" in first, "Page 2 of 2" in beyond) == (True, True)


def test_hostile_words_are_words_on_every_page(as_chair, edition):
    pending = decided(edition, "accept", "talk", name=HOSTILE, title=HOSTILE)
    draft_letters(edition=edition)

    for path in (f"{edition.pk}/", f"{edition.pk}/now/", f"letter/{pending.pk}/"):
        words = as_chair.get(HERE + path).content.decode()

        assert "<script>alert" not in words, path
        assert 'href="https://evil' not in words, path
    assert "{{ 7|add:7 }}{title}https://evil.example/" in words


def test_without_a_mail_server_it_says_that_letters_wait(as_chair, edition, settings):
    decided(edition)
    draft_letters(edition=edition)

    settings.HAS_MAIL = False
    without = [page(as_chair, edition), page(as_chair, edition, "now/")]
    after = said(released(as_chair, edition))
    settings.HAS_MAIL = True
    decided(edition)

    assert all("No mail server is set up" in words for words in without)
    assert "No mail server is set up: the letters wait, and go out once there is one." in after
    assert "No mail server" not in page(as_chair, edition)


# The presses


def test_drafting_says_how_many_and_that_nothing_was_sent(as_chair, edition):
    decided(edition)
    decided(edition)

    first = as_chair.post(f"{HERE}{edition.pk}/draft/", follow=True)
    second = as_chair.post(f"{HERE}{edition.pk}/draft/", follow=True)

    assert said(first) == ["2 letters drafted. Nothing was sent."]
    assert said(second) == ["Every pending decision has its letter already."]
    assert Letter.objects.filter(state="draft").count() == 2


def test_much_drafting_goes_on_over_several_answers(as_chair, edition, monkeypatch):
    monkeypatch.setattr(pages.drafts.draft_letters, "__kwdefaults__", {"seconds": 0})
    for _ in range(3):
        decided(edition)

    first = as_chair.post(f"{HERE}{edition.pk}/draft/")
    last = as_chair.post(f"{HERE}{edition.pk}/draft/", {"done": 2})

    assert "1 letter drafted so far, 2 to go." in first.content.decode()
    assert "3 letters" not in first.content.decode()
    assert "3 letters drafted so far, 1 to go." in last.content.decode()


def test_a_letter_is_read_in_full_with_the_day_of_a_release_today(as_chair, edition):
    pending = decided(edition, "accept", "talk", name="Ada Example")
    draft_letters(edition=edition)

    response = as_chair.get(f"{HERE}letter/{pending.pk}/")

    preview = response.context["preview"]
    assert preview["to"].startswith("Ada Example <")
    assert "[reply-by date]" not in preview["text"] + preview["page"]
    assert "by {reply_by} whether" in response.context["form"].initial["body"]
    assert "chairs@example.org" in preview["page"]


def test_the_letters_are_read_one_after_the_other(as_chair, edition):
    first, second, third = (decided(edition) for _ in range(3))
    draft_letters(edition=edition)

    beside = as_chair.get(f"{HERE}letter/{second.pk}/").context

    assert (beside["earlier"], beside["later"]) == (first.pk, third.pk)
    assert as_chair.get(f"{HERE}letter/{third.pk}/").context["later"] is None


def saved(client, pending, **more):
    pending.refresh_from_db()
    words = {
        "stamp": pending.draft_stamp,
        "subject": "For {name}",
        "body": "See {title}.",
        "save": "1",
    }
    return client.post(f"{HERE}letter/{pending.pk}/", words | more, follow=True)


def test_one_letter_is_given_words_of_its_own(as_chair, edition):
    pending = decided(edition, name="Ada Example")
    draft_letters(edition=edition)

    response = saved(as_chair, pending)

    assert said(response) == ["Saved. This letter has words of its own now."]
    assert Letter.objects.get(state="draft").subject == "For Ada Example"


def test_an_unknown_placeholder_is_named_at_its_field_and_nothing_is_lost(as_chair, edition):
    pending = decided(edition)
    draft_letters(edition=edition)

    response = saved(as_chair, pending, body="Dear {nmae}, {reply_by}")

    assert response.context["form"].errors == {
        "body": [
            "“{nmae}” is not a placeholder. Did you mean {name}?",
            "“{reply_by}” is not a placeholder. Use one of the list, or take it out.",
        ]
    }
    assert "Dear {nmae}" in response.content.decode()
    assert not pending_of(edition).get().is_edited


def test_a_preview_saves_nothing(as_chair, edition):
    pending = decided(edition, name="Ada Example")
    draft_letters(edition=edition)

    response = saved(as_chair, pending, preview="1")

    assert response.context["preview"]["subject"] == "For Ada Example"
    assert not pending_of(edition).get().is_edited


def test_a_letter_changed_in_another_window_is_not_overwritten(as_chair, edition):
    pending = decided(edition)
    draft_letters(edition=edition)

    response = saved(as_chair, pending, stamp="older")

    assert "changed in another window" in response.content.decode()
    assert "See {title}." in response.content.decode()
    assert not pending_of(edition).get().is_edited


def test_a_letter_that_is_gone_says_so(as_chair, edition):
    pending = decided(edition)

    response = as_chair.get(f"{HERE}letter/{pending.pk}/", follow=True)

    assert said(response) == ["This draft is gone: it was released, discarded or taken back."]


def test_one_is_held_back_let_go_and_its_letter_discarded(as_chair, edition):
    pending = decided(edition, name="Ada Example")
    draft_letters(edition=edition)
    results = [
        said(as_chair.post(f"{HERE}letter/{pending.pk}/{step}/", follow=True))
        for step in ("hold", "let-go", "discard", "discard")
    ]

    assert results == [
        ["The decision about Ada Example is held back."],
        ["The decision about Ada Example is no longer held back."],
        ["The letter to Ada Example is discarded. The decision is still pending."],
        ["Nothing was changed: the letter to Ada Example is gone."],
    ]


def test_the_page_before_a_release_says_what_will_happen(as_chair, edition):
    decided(edition, "accept", "talk")
    held = decided(edition, "accept", "both")
    draft_letters(edition=edition)
    hold(pending=held, is_held=True)
    decided(edition)

    words = page(as_chair, edition, "now/")

    assert "1 letter goes out at once" in words
    assert "No letter can be taken back." in words
    assert "1 held back: it stays pending." in words
    assert "1 without a letter that is up to date: it stays pending." in words
    assert "1 too many" in words


def test_with_nothing_ready_there_is_nothing_to_ask(as_chair, edition):
    decided(edition)

    response = as_chair.get(f"{HERE}{edition.pk}/now/", follow=True)

    assert said(response) == ["No letter is ready to be released."]


def test_a_release_says_what_became_of_each(as_chair, edition, settings):
    settings.HAS_MAIL = True
    changed = decided(edition, name="Cora Changed", reference="R7K2QD")
    held = decided(edition)
    decided(edition)
    decided(edition)
    draft_letters(edition=edition)
    seen = " ".join(ready_of(edition))
    hold(pending=held, is_held=True)
    correct_address(expression=changed.expression, email="new@example.net")

    first = as_chair.post(f"{HERE}{edition.pk}/now/", {"seen": seen}, follow=True)
    second = as_chair.post(f"{HERE}{edition.pk}/now/", {"seen": seen}, follow=True)

    left = "Left as it is: R7K-2QD, Cora Changed: changed since it was drafted: draft it again."
    assert said(first) == [left, "2 released; 1 held; 1 left: changed since."]
    assert said(second) == [
        left,
        "0 released; 1 held; 1 left: changed since; 2 no longer pending: released or taken back before.",
    ]
    assert Letter.objects.filter(kind="interest/declined", state="queued").count() == 2


def test_a_long_release_goes_on_over_several_answers_and_counts_all(
    as_chair, edition, monkeypatch, settings
):
    settings.HAS_MAIL = True
    monkeypatch.setattr(release, "__kwdefaults__", {"seconds": 0})
    for _ in range(2):
        decided(edition)
    draft_letters(edition=edition)
    seen = ready_of(edition)

    first = as_chair.post(f"{HERE}{edition.pk}/now/", {"seen": " ".join(seen)})
    carried = first.context["carried"]
    last = as_chair.post(f"{HERE}{edition.pk}/now/", carried, follow=True)

    assert "1 decision released so far, 1 to go." in first.content.decode()
    assert carried["seen"] == seen[1]
    assert said(last) == ["2 released."]


def test_nothing_seen_is_nothing_released(as_chair, edition):
    decided(edition)
    draft_letters(edition=edition)

    response = as_chair.post(f"{HERE}{edition.pk}/now/", follow=True)

    assert said(response) == ["0 released."]
    assert PendingDecision.objects.count() == 1


def test_the_editions_page_leads_there_for_chairs_alone(as_chair, as_editor, edition):
    path = f"/admin/editions/edition/{edition.pk}/change/"
    links = [f"{HERE}{edition.pk}/", f"/admin/selection/texts/{edition.pk}/"]

    seen = [
        [link in who.get(path).content.decode() for link in links] for who in (as_chair, as_editor)
    ]

    assert seen == [[True, True], [False, False]]
