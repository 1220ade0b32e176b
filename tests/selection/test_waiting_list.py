"""The waiting list: who is next, when a place is free for them, and one offer for one place."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.formats import date_format

from apps.core.exceptions import NotAllowed
from apps.interest.models import Event, Expression
from apps.interest.services import move
from apps.interest.workflow import Action, Actor
from apps.mail.models import Letter, LetterText
from apps.mail.texts import text_of
from apps.review.models import Review
from apps.selection.decisions import decide
from apps.selection.offers import free_places, offer_place, openings, waiting_list
from tests.factories import (
    make_call,
    make_edition,
    make_expression,
    make_user,
    put_in_state,
)
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"
FIRST = datetime(2030, 3, 1, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def edition():
    """One talk and one poster, and nobody holds them."""
    edition = make_edition(title="Workshop", contact_email="desk@example.org")
    make_call(edition, talk_places=1, poster_places=1, reply_days=7)
    return edition


def _waiting(edition, *, day: int = 0, scores=(), **fields) -> Expression:
    expression = make_expression(edition, **fields)
    put_in_state(expression, "waitlisted")
    since = FIRST + timedelta(days=day)
    Expression.objects.filter(pk=expression.pk).update(decided_at=since)
    for score in scores:
        Review.objects.create(expression=expression, reviewer=make_user("Reviewer"), score=score)
    expression.refresh_from_db()
    return expression


def _offered(edition, state="accepted", **fields) -> Expression:
    expression = make_expression(edition, **fields)
    put_in_state(expression, state)
    return expression


def _move(expression, action: Action, **more) -> None:
    move(expression=expression, action=action, actor=Actor.STUDENT, **more)


def _named(edition) -> list[tuple[str, int, str]]:
    return [(one.kind.value, one.number, one.next.title) for one in openings(edition)]


def _offers():
    return Letter.objects.filter(kind__startswith="interest/offer_")


# Who is next


def test_the_best_mean_comes_first_and_of_equals_who_has_waited_longest(edition):
    _waiting(edition, title="Nobody scored it, early", day=1)
    _waiting(edition, title="Three, late", day=9, scores=[3])
    _waiting(edition, title="Three, early", day=2, scores=[2, 4])
    _waiting(edition, title="Four", day=5, scores=[4, 4, 4])
    stood_aside = _waiting(edition, title="Stood aside", day=3)
    Review.objects.create(expression=stood_aside, reviewer=make_user("Reviewer"), has_conflict=True)

    assert [one.title for one in waiting_list(edition)] == [
        "Four",
        "Three, early",
        "Three, late",
        "Nobody scored it, early",
        "Stood aside",
    ]


def test_only_those_who_wait_are_on_the_list(edition):
    _waiting(edition, is_test=True)
    _waiting(make_edition())
    _offered(edition)
    _offered(edition, "withdrawn")
    decide(expression=_waiting(edition), verdict="decline", by=make_user("Chair"))

    assert list(waiting_list(edition)) == []


def test_the_next_is_named_for_what_they_asked_for(edition):
    _waiting(edition, title="Talk", scores=[5])
    _waiting(edition, title="Poster", wants_talk=False, wants_poster=True)

    assert _named(edition) == [("talk", 1, "Talk"), ("poster", 1, "Poster")]


def test_nobody_is_named_for_two_places(edition):
    _waiting(edition, title="Rather a poster", scores=[5], wants_poster=True, preference="poster")
    _waiting(edition, title="Either", scores=[4], wants_poster=True, preference="either")

    assert _named(edition) == [("poster", 1, "Rather a poster"), ("talk", 1, "Either")]


def test_a_place_is_not_free_while_somebody_holds_it_or_is_meant_for_it(edition):
    _waiting(edition, title="Patient")
    holder = _offered(edition)
    held = _named(edition)
    _move(holder, Action.DECLINE_OFFER)
    freed = _named(edition)
    meant_for = make_expression(edition)
    decide(expression=meant_for, verdict="accept", offer="talk", by=make_user("Chair"))

    assert (held, freed, _named(edition)) == ([], [("talk", 1, "Patient")], [])


@pytest.mark.parametrize(
    "action", [Action.DECLINE_OFFER, Action.LAPSE, Action.WITHDRAW, Action.CANCEL]
)
def test_where_nobody_counts_a_place_is_free_once_an_offer_has_ended(action):
    edition, chair = make_edition(), make_user("Chair")
    make_call(edition)
    holder, other = _offered(edition), _offered(edition)
    _waiting(edition, title="First", scores=[5])
    _waiting(edition, title="Second", scores=[4])
    before = _named(edition)
    move(expression=holder, action=action, actor=Actor.CHAIR, by=chair)
    freed = _named(edition)

    offer_place(expression=openings(edition)[0].next, offer="talk", by=chair)
    filled = _named(edition)
    move(
        expression=Expression.objects.get(title="First"), action=action, actor=Actor.CHAIR, by=chair
    )
    freed_again = _named(edition)
    _move(other, Action.DECLINE_OFFER)

    assert (before, freed, filled) == ([], [("talk", 1, "First")], [])
    assert freed_again == [("talk", 1, "Second")]
    assert _named(edition) == [("talk", 2, "Second")]


def test_who_confirms_one_of_two_frees_the_other():
    edition = make_edition()
    make_call(edition)
    expression = _offered(edition)
    Expression.objects.filter(pk=expression.pk).update(offer="both")

    _move(expression, Action.CONFIRM, confirmed_format="poster")

    assert free_places(edition) == {"talk": 1, "poster": 0}


# The offer


def test_an_offer_moves_the_expression_and_queues_its_letter(edition, chair):
    expression = _waiting(edition, name="Ada Example", title="Small models")

    offered = offer_place(expression=expression, offer="talk", by=chair)

    letter = _offers().get()
    offered.refresh_from_db()
    assert (offered.state, offered.offer, offered.decided_by) == ("accepted", "talk", chair)
    assert (letter.kind, letter.state, letter.to_email) == (
        "interest/offer_talk",
        "queued",
        expression.email,
    )
    assert letter.expression_link.expression == expression
    assert "Small models" in letter.body_text
    assert (letter.link_maker, letter.link_subject) == ("interest", expression.pk)
    event = Event.objects.filter(expression=expression).latest("pk")
    assert (event.what, event.from_state, event.to_state, event.by, event.reason) == (
        "Accept",
        "waitlisted",
        "accepted",
        chair,
        "A place became free: lightning talk.",
    )


def test_the_second_press_is_refused_and_writes_nothing(edition, chair):
    expression = _waiting(edition)
    offer_place(expression=expression, offer="talk", by=chair)

    with pytest.raises(NotAllowed, match=r"not on the waiting list any more: it is accepted\."):
        offer_place(expression=expression, offer="talk", by=chair)

    assert _offers().count() == 1


def test_of_two_who_wait_for_one_place_one_gets_it(edition, chair):
    one, other = _waiting(edition), _waiting(edition)
    offer_place(expression=one, offer="talk", by=chair)

    with pytest.raises(NotAllowed, match="No lightning talk is free any more"):
        offer_place(expression=other, offer="talk", by=make_user("Chair"))

    other.refresh_from_db()
    assert (other.state, _offers().count()) == ("waitlisted", 1)


@pytest.mark.parametrize("offer", ["poster", "both", "", "dinner"])
def test_nothing_is_offered_that_was_not_asked_for(edition, chair, offer):
    expression = _waiting(edition)

    with pytest.raises(NotAllowed, match="Choose what is offered, of what was asked for"):
        offer_place(expression=expression, offer=offer, by=chair)


def test_both_are_offered_only_while_both_are_free(edition, chair):
    expression = _waiting(edition, wants_poster=True, preference="either")
    _offered(edition)

    with pytest.raises(NotAllowed, match=r"No lightning talk is free any more"):
        offer_place(expression=expression, offer="both", by=chair)


@pytest.mark.django_db(transaction=True)
def test_two_chairs_with_two_clicks_make_one_offer(edition):
    one, other = _waiting(edition), _waiting(edition)
    chairs, refused = [make_user("Chair"), make_user("Chair")], []

    def press(expression, chair) -> None:
        try:
            offer_place(expression=expression, offer="talk", by=chair)
        except NotAllowed as refusal:
            refused.append(str(refusal))

    faults = overlapping(lambda: press(one, chairs[0]), lambda: press(other, chairs[1]))

    assert faults == []
    assert [one.display_reference in refused[0], other.display_reference in refused[0]] == [
        False,
        True,
    ]
    assert _offers().count() == 1


# The screens


def test_the_list_names_the_next_and_leads_to_the_offer(as_chair, edition):
    expression = _waiting(edition, title="Small models", scores=[4, 5])

    page = as_chair.get(f"/admin/selection/waiting-list/{edition.pk}/").content.decode()

    assert "A lightning talk is free." in page
    assert f"Next is {expression.display_reference}" in page
    assert "(mean 4.5)" in page
    assert f'href="/admin/selection/expressions/{expression.pk}/offer/?offer=talk"' in page


def test_an_empty_list_says_so(as_chair, edition):
    page = as_chair.get(f"/admin/selection/waiting-list/{edition.pk}/").content.decode()

    assert "Nobody is on the waiting list." in page


def test_the_offer_is_read_before_it_goes_out_and_goes_out_as_it_was_read(as_chair, edition):
    LetterText.objects.create(
        edition=edition, kind="interest/offer_poster", subject="Yes", body="Come, {name}!"
    )
    expression = _waiting(
        edition, name="Ada Example", wants_poster=True, preference="poster", email="ada@example.net"
    )
    path = f"/admin/selection/expressions/{expression.pk}/offer/"

    page = as_chair.get(path).content.decode()
    letters_before = Letter.objects.count()
    answer = as_chair.post(path, {"offer": "poster"}, follow=True)

    letter = _offers().get()
    assert "Offer the poster and send the letter" in page
    assert "Come, Ada Example!" in page
    assert "Come, Ada Example!" in letter.body_text
    assert Letter.objects.count() == letters_before + 1
    assert [str(message) for message in answer.context["messages"]] == [
        f"Poster offered to {expression.display_reference}: the letter to ada@example.net is on its "
        "way."
    ]


def test_an_offer_may_have_words_of_its_own(as_chair, edition):
    expression = _waiting(edition, name="Ada {title}", title="Small")
    path = f"/admin/selection/expressions/{expression.pk}/offer/"
    words = {"offer": "talk", "subject": "For {name}", "body": "Come, {name}, by {reply_by}!"}

    preview = as_chair.post(path, words | {"preview": "1"}).content.decode()
    wrong = as_chair.post(path, words | {"body": "Come, {nmae}!"}).content.decode()
    sent_before = _offers().count()
    as_chair.post(path, words)

    expression.refresh_from_db()
    letter = _offers().get()
    assert expression.reply_by_on
    by = date_format(expression.reply_by_on, "l j F Y")
    assert f"Come, Ada {{title}}, by {by}!" in preview
    assert "Did you mean {name}?" in wrong
    assert "<title>Error: " in wrong
    assert sent_before == 0
    assert letter.subject == "For Ada {title}"
    assert letter.body_text.startswith(f"Come, Ada {{title}}, by {by}!\n")
    assert text_of(edition, "interest/offer_talk").subject.startswith("We offer you")


def test_words_that_were_typed_stay_where_an_offer_is_refused_for_them(as_chair, edition):
    expression = _waiting(edition)
    words = {"offer": "talk", "subject": "", "body": "Come in {haste"}

    page = as_chair.post(
        f"/admin/selection/expressions/{expression.pk}/offer/", words
    ).content.decode()

    expression.refresh_from_db()
    assert "Write a subject." in page
    assert "Come in {haste</textarea>" in page
    assert (expression.state, _offers().count()) == ("waitlisted", 0)


def test_a_refused_offer_says_why_on_the_list(as_chair, edition, chair):
    one, other = _waiting(edition), _waiting(edition)
    offer_place(expression=one, offer="talk", by=chair)

    answers = [
        as_chair.get(f"/admin/selection/expressions/{one.pk}/offer/", follow=True),
        as_chair.get(f"/admin/selection/expressions/{other.pk}/offer/", follow=True),
        as_chair.post(
            f"/admin/selection/expressions/{other.pk}/offer/", {"offer": "talk"}, follow=True
        ),
    ]

    said = [str(next(iter(answer.context["messages"]))) for answer in answers]
    assert said == [
        f"Nothing can be offered to {one.display_reference}: it is accepted.",
        f"Nothing can be offered to {other.display_reference}: no place it asked for is free.",
        f"No lightning talk is free any more. Nothing was offered to {other.display_reference}.",
    ]


def test_offers_overdue_offers_lapse_together_after_a_look_at_them(as_chair, edition):
    one, other = (_offered(edition) for _ in range(2))
    Expression.objects.update(reply_by_on="2001-01-01")
    path = f"/admin/selection/lapse/{edition.pk}/"

    page = as_chair.get(path).content.decode()
    as_chair.post(path, {"offer": [one.pk, other.pk]})

    assert "2 offers have had no reply by their date." in page
    assert set(Expression.objects.values_list("state", flat=True)) == {"lapsed"}


def test_none_lapses_if_a_reply_came_meanwhile(as_chair, edition):
    one, other = (_offered(edition) for _ in range(2))
    Expression.objects.update(reply_by_on="2001-01-01")
    put_in_state(other, "confirmed")

    answer = as_chair.post(
        f"/admin/selection/lapse/{edition.pk}/", {"offer": [one.pk, other.pk, "x"]}, follow=True
    )

    one.refresh_from_db()
    assert one.state == "accepted"
    assert "Nothing was ended" in answer.content.decode()


def test_a_second_press_lets_nothing_lapse(as_chair, edition):
    one = _offered(edition)
    Expression.objects.update(reply_by_on="2001-01-01")
    path, pressed = f"/admin/selection/lapse/{edition.pk}/", {"offer": [one.pk]}
    as_chair.post(path, pressed)

    answer = as_chair.post(path, pressed, follow=True)

    assert "Nothing was ended" in answer.content.decode()
    assert Event.objects.filter(what="Let the offer lapse").count() == 1


def test_the_screens_are_the_chairs_alone(
    as_helpdesk, as_reviewer, as_editor, as_stranger, client, edition
):
    expression = _waiting(edition)
    paths = [
        f"/admin/selection/waiting-list/{edition.pk}/",
        f"/admin/selection/lapse/{edition.pk}/",
        f"/admin/selection/expressions/{expression.pk}/offer/",
    ]

    for path in paths:
        for who in (as_helpdesk, as_reviewer, as_editor, as_stranger, client):
            assert who.get(path).status_code in {302, 403}, path
            assert who.post(path, {"offer": "talk"}).status_code in {302, 403, 405}, path
    expression.refresh_from_db()
    assert expression.state == "waitlisted"


def test_hostile_words_are_only_words(as_chair, edition):
    expression = _waiting(edition, title=HOSTILE, name=HOSTILE, university=HOSTILE)
    late = _offered(make_edition(), title=HOSTILE, name=HOSTILE)
    Expression.objects.filter(pk=late.pk).update(reply_by_on="2001-01-01")

    for path in (
        f"/admin/selection/waiting-list/{edition.pk}/",
        f"/admin/selection/expressions/{expression.pk}/offer/",
        f"/admin/selection/lapse/{late.edition_id}/",
    ):
        page = as_chair.get(path).content.decode()

        assert HOSTILE not in page, path
        assert "&lt;script&gt;alert(1)" in page, path


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_questions(
    as_chair, edition, count, django_assert_num_queries
):
    for _ in range(count):
        _waiting(edition, scores=[3])

    with django_assert_num_queries(7):
        as_chair.get(f"/admin/selection/waiting-list/{edition.pk}/")
