"""Letters about new times and rooms: due, drafted, released, and their texts."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.contributors.accepted_submissions import add_submissions
from apps.contributors.speakers import revoke_speaker_links
from apps.interest.services import erase_expression
from apps.mail.models import Letter
from apps.programme.letters import change_letters, draft_change_letters, release_letters
from apps.programme.models import Contribution, ContributionLetter
from tests.contributors.speakers import make_speaker
from tests.contributors.students import make_confirmed
from tests.factories import (
    make_call_edition,
    make_chair,
    make_contribution,
    make_person,
    make_release,
    make_room,
    make_session,
    make_slot,
)
from tests.programme.helpers import assert_constant_queries, edit, messages_of
from tests.test_at_once import overlapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", starts_on=date(2124, 5, 3), short_name="Small Talks")


@pytest.fixture
def session(edition):
    """A published round with the talk of a student and another talk."""
    session = make_session(edition, title="Round", kind="lightning", starts_at=time(14))
    _add(session, name="Sam Student", email="sam@example.org", title="Smaller is better")
    make_slot(session, minutes=3)
    make_release(edition)
    return session


@pytest.fixture
def panel(edition):
    """A published panel that Ada chairs, whose address is known; Bo's is not, and Cy is a name."""
    panel = make_session(edition, title="Panel", starts_at=time(9))
    ada = make_person(name="Ada Chair")
    make_speaker(edition, ada, email="ada@example.org")
    for who in (ada, make_person(name="Bo Without"), "Cy Name"):
        make_chair(panel, who)
    make_release(edition)
    return panel


def _add(session, **fields):
    expression = make_confirmed(session.edition, **fields)
    add_submissions(edition=session.edition, expressions=[expression.pk], is_published=True)
    return make_slot(session, Contribution.objects.get(origin__expression=expression), minutes=3)


def _move(session, **fields) -> None:
    for name, value in fields.items():
        setattr(session, name, value)
    session.save()
    make_release(session.edition)


def _stamps(edition) -> list[str]:
    return [letter.draft_key for letter in change_letters(edition) if letter.is_ready]


def _with_status(edition, *statuses: str) -> list[ContributionLetter]:
    return [letter for letter in change_letters(edition) if letter.status in statuses]


def _letters() -> list[Letter]:
    return list(Letter.objects.filter(kind="programme/moved").order_by("pk"))


def _page(edition, step: str = "") -> str:
    return f"/admin/programme/session/programme/{edition.pk}/letters/{step}"


def test_no_letter_is_due_after_a_first_release_or_other_changes(edition, session):
    assert _with_status(edition, "undrafted") == []

    _move(session, title="Lightning")
    _add(session, name="Nora New", email="nora@example.org", title="New")
    make_release(edition)

    assert _with_status(edition, "undrafted") == []
    assert draft_change_letters(edition=edition) == 0


def test_a_draft_has_time_and_place_and_is_not_sent(edition, session):
    _move(session, starts_at=time(14, 30), room=make_room(edition, name="Attic"))

    assert draft_change_letters(edition=edition) == 1
    assert draft_change_letters(edition=edition) == 0

    (letter,) = _letters()
    assert (letter.state, letter.to_email) == ("draft", "sam@example.org")
    assert letter.subject == "New time or room for “Smaller is better” at Small Talks"
    assert "Round, Wednesday 3 May 2124, 14:30–14:33, Attic" in letter.body_text
    assert "“Smaller is better”" in letter.body_text
    assert (letter.link_maker, Letter.PRIVATE_LINK in letter.body_text) == ("interest", True)


def test_a_poster_in_shifts_has_the_time_of_its_shift(edition, session):
    posters = make_session(
        edition, title="Posters", kind="posters", starts_at=time(16), has_shifts=True
    )
    slot = make_slot(posters, Contribution.objects.get(title="Smaller is better"), board="P1")
    make_release(edition)
    edit(slot, board="P2")
    make_release(edition)

    (told,) = _with_status(edition, "undrafted")

    assert told.places.endswith("; Posters, Wednesday 3 May 2124, 16:30–17:00, board P2")


def test_a_draft_that_was_seen_is_released_once(edition, session):
    _move(session, starts_at=time(15))
    draft_change_letters(edition=edition)
    seen = _stamps(edition)

    assert release_letters(edition=edition, seen=["1-nothing", ""]).released == 0
    assert release_letters(edition=edition, seen=seen).released == 1
    assert release_letters(edition=edition, seen=seen).released == 0
    assert [letter.state for letter in _letters()] == ["queued"]
    assert change_letters(edition) == []

    _move(session, starts_at=time(16))

    assert len(_with_status(edition, "undrafted")) == 1


def test_an_outdated_draft_is_not_released_and_keeps_its_edited_text(edition, session):
    _move(session, starts_at=time(15))
    draft_change_letters(edition=edition)
    seen = _stamps(edition)
    ContributionLetter.objects.update(draft_body="Dear {name}: {places}.", is_edited=True)
    _move(session, starts_at=time(16))

    assert release_letters(edition=edition, seen=seen).released == 0
    assert draft_change_letters(edition=edition) == 1
    (letter,) = _letters()
    assert "Dear Sam Student: Round, Wednesday 3 May 2124, 16:00–16:03." in letter.body_text


def test_drafts_to_people_who_withdrew_or_were_removed_are_deleted(edition, session):
    other = _add(session, name="Nora New", email="nora@example.org", title="New")
    make_release(edition)
    _move(session, starts_at=time(15))
    assert draft_change_letters(edition=edition) == 2
    sam = Contribution.objects.get(title="Smaller is better").origin.expression
    edit(sam, state="withdrawn")
    other.delete()
    make_release(edition)

    assert len(_with_status(edition, "unneeded")) == 2
    assert draft_change_letters(edition=edition) == 0
    assert _letters() == []


def test_a_speaker_with_a_known_address_gets_a_letter(edition):
    ada, bob = make_person(name="Ada Speaker"), make_person(name="Bob Without")
    speaker = make_speaker(edition, ada, email="ada@example.org")
    panel = make_session(edition, title="Panel", starts_at=time(9))
    make_slot(panel, make_contribution(edition, ada, bob, title="What is small?"))
    make_release(edition)
    _move(panel, starts_at=time(10))

    assert draft_change_letters(edition=edition) == 1
    assert draft_change_letters(edition=edition) == 0
    assert release_letters(edition=edition, seen=_stamps(edition)).released == 1

    (letter,) = _letters()
    assert (letter.to_name, letter.to_email) == ("Ada Speaker", "ada@example.org")
    assert (letter.link_maker, letter.link_subject) == ("contributors", speaker.pk)
    assert "Panel, Wednesday 3 May 2124, 10:00–11:00" in letter.body_text
    _move(panel, starts_at=time(11))
    draft_change_letters(edition=edition)
    revoke_speaker_links(speaker=speaker)
    assert (len(_with_status(edition, "unneeded")), draft_change_letters(edition=edition)) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_concurrent_clicks_draft_and_release_once(edition, session):
    _move(session, starts_at=time(15))
    drafted, released = [], []

    def draft():
        drafted.append(draft_change_letters(edition=edition))

    assert overlapping(draft, draft) == []
    seen = _stamps(edition)

    def release():
        released.append(release_letters(edition=edition, seen=seen).released)

    assert overlapping(release, release) == []
    assert (sorted(drafted), sorted(released)) == ([0, 1], [0, 1])
    assert [letter.state for letter in _letters()] == ["queued"]


def test_letters_are_erased_with_the_student(edition, session):
    _move(session, starts_at=time(15))
    draft_change_letters(edition=edition)
    expression = Contribution.objects.get(title="Smaller is better").origin.expression

    erase_expression(expression=expression)

    assert (_letters(), ContributionLetter.objects.count()) == ([], 0)
    assert _with_status(edition, "undrafted") == []


def test_a_chair_drafts_reads_and_releases(as_chair, edition, session):
    _move(session, starts_at=time(15))
    page = as_chair.get(_page(edition)).content.decode()
    assert (
        "<bdi>Smaller is better</bdi>: <bdi>Round, Wednesday 3 May 2124, 15:00–15:03</bdi>" in page
    )
    response = as_chair.post(_page(edition, "draft/"), follow=True)
    assert messages_of(response) == ["1 letter drafted. Nothing was sent."]
    letter_page = as_chair.get(_page(edition, f"{ContributionLetter.objects.get().pk}/"))
    assert "15:00–15:03" in letter_page.context["preview"]["text"]

    asked = as_chair.get(_page(edition, "now/"))
    release = {"seen": asked.context["seen"]}
    answers = [as_chair.post(_page(edition, "now/"), release, follow=True) for _ in range(2)]

    assert "1 letter goes out at once." in " ".join(asked.content.decode().split())
    assert [messages_of(answer)[0] for answer in answers] == [
        "1 released.",
        "0 released; 1 gone: released, discarded or taken back before.",
    ]
    assert [letter.state for letter in _letters()] == ["queued"]


def test_a_held_letter_is_not_released(as_chair, edition, session):
    _move(session, starts_at=time(15))
    draft_change_letters(edition=edition)
    seen = _stamps(edition)
    link = ContributionLetter.objects.get()

    as_chair.post(_page(edition, f"{link.pk}/hold/"))

    assert (_stamps(edition), release_letters(edition=edition, seen=seen).held) == ([], 1)


def test_permissions_of_letters(client, as_editor, as_reviewer, edition, session):
    _move(session, starts_at=time(15))
    draft_change_letters(edition=edition)
    one = _page(edition, f"{ContributionLetter.objects.get().pk}/")
    presses = [_page(edition, "draft/"), _page(edition, "now/"), one, f"{one}discard/"]

    for who, status in ((client, 302), (as_editor, 403), (as_reviewer, 403)):
        for address in (_page(edition), _page(edition, "now/"), one):
            assert who.get(address).status_code == status
        for address in presses:
            assert who.post(address, {"seen": " ".join(_stamps(edition))}).status_code == status
    assert [letter.state for letter in _letters()] == ["draft"]


@pytest.mark.parametrize("is_drafted", [False, True])
def test_query_counts_do_not_grow_with_the_letters(as_chair, edition, is_drafted):
    session = make_session(edition, starts_at=time(14))

    def add():
        number = session.slots.count()
        _add(session, name=f"Student {number}", email=f"s{number}@example.org", title=f"T{number}")
        ada = make_person()
        make_speaker(edition, ada)
        make_slot(session, make_contribution(edition, ada), minutes=3)
        make_chair(session, ada)
        make_release(edition)
        _move(session, starts_at=time(15, number))
        if is_drafted:
            draft_change_letters(edition=edition)

    assert_constant_queries(lambda: as_chair.get(_page(edition)), add, at_most=15)


def test_a_session_chair_gets_a_letter(edition, panel):
    other = make_session(edition, title="Other", starts_at=time(11))
    make_chair(other, panel.chairs.first().person)
    make_release(edition)
    assert _with_status(edition, "undrafted") == []

    _move(panel, starts_at=time(10), room=make_room(edition, name="Attic"))

    assert draft_change_letters(edition=edition) == 1
    (letter,) = Letter.objects.all()
    assert (letter.kind, letter.to_email) == ("programme/moved_session", "ada@example.org")
    assert letter.subject == "New time or room for the session you chair at Small Talks: “Panel”"
    assert "\nWednesday 3 May 2124, 10:00–11:00, Attic\n" in letter.body_text
    assert (letter.link_maker, Letter.PRIVATE_LINK in letter.body_text) == ("contributors", True)
    assert release_letters(edition=edition, seen=_stamps(edition)).released == 1
    _move(panel, title="Round table")
    assert _with_status(edition, "undrafted") == []
    _move(panel, starts_at=time(12))
    assert [str(one.about) for one in _with_status(edition, "undrafted")] == ["Round table"]


def test_a_chair_who_speaks_gets_two_letters_and_a_former_chair_none(edition, panel):
    chair = panel.chairs.select_related("person").first()
    make_slot(panel, make_contribution(edition, chair.person, title="Small"))
    make_release(edition)
    _move(panel, starts_at=time(10))

    assert draft_change_letters(edition=edition) == 2
    kinds = Letter.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["programme/moved", "programme/moved_session"]
    chair.delete()

    assert [str(link.about) for link in _with_status(edition, "unneeded")] == ["Panel"]
    assert draft_change_letters(edition=edition) == 0
    assert [letter.kind for letter in Letter.objects.all()] == ["programme/moved"]


def test_a_letter_to_a_session_chair_is_edited_and_discarded(as_chair, edition, panel):
    _move(panel, starts_at=time(10))
    as_chair.post(_page(edition, "draft/"))
    link = ContributionLetter.objects.get()
    one = _page(edition, f"{link.pk}/")
    assert "The title of the session they chair" in as_chair.get(one).content.decode()

    as_chair.post(
        one, {"subject": "Later", "body": "Now {places}.", "version_token": link.version_token}
    )

    link = ContributionLetter.objects.select_related("letter").get()
    assert (link.is_edited, link.letter.body_text.splitlines()[0]) == (
        True,
        "Now Wednesday 3 May 2124, 10:00–11:00.",
    )
    response = as_chair.post(f"{one}discard/", follow=True)
    assert messages_of(response)[-1] == "The letter to Ada Chair is discarded."
    assert "There is no new time or room to tell anybody." in response.content.decode()
    assert _with_status(edition, "undrafted") == []


def test_a_letter_is_about_a_contribution_or_a_session_with_a_chair(edition, panel):
    _move(panel, starts_at=time(10))
    draft_change_letters(edition=edition)
    link = ContributionLetter.objects.get()
    about = "Say what the letter is about: one of both."
    for fields, message in (
        ({"contribution": make_contribution(edition)}, about),
        ({"session": None}, about),
        ({"person": None}, "Say who chairs the session."),
    ):
        broken = ContributionLetter.objects.get(pk=link.pk)
        for name, value in fields.items():
            setattr(broken, name, value)

        with pytest.raises(ValidationError) as refused:
            broken.validate_constraints()
        with pytest.raises(IntegrityError), transaction.atomic():
            broken.save()

        assert refused.value.messages == [message]
