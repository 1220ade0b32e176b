"""Letters about places in the programme: due, drafted, released, and their texts."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from icalendar import Calendar

from apps.contributors.accepted_submissions import add_submissions
from apps.contributors.speakers import revoke_speaker_links
from apps.editions.models import Edition
from apps.interest.services import erase_expression
from apps.mail.models import Letter
from apps.programme.letters import draft_letters, programme_letters, release_letters
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
from tests.programme.helpers import assert_constant_queries, edit
from tests.reading import html_of, messages_of
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
    return [letter.draft_key for letter in programme_letters(edition) if letter.is_ready]


def _with_status(edition, *statuses: str) -> list[ContributionLetter]:
    return [letter for letter in programme_letters(edition) if letter.status in statuses]


def _letters() -> list[Letter]:
    return list(Letter.objects.filter(kind="programme/moved").order_by("pk"))


def _page(edition, step: str = "") -> str:
    return f"/admin/programme/session/programme/{edition.pk}/letters/{step}"


def _publish(client, edition):
    seen = client.get(_publish_url(edition)).context["form"].initial["seen"]
    return client.post(_publish_url(edition), {"seen": seen}, follow=True)


def _publish_url(edition) -> str:
    return f"/admin/programme/session/programme/{edition.pk}/publish/"


def _events(letter: Letter) -> list:
    return Calendar.from_ical(letter.calendar).walk("VEVENT")


def test_publishing_drafts_a_letter_to_each_student_and_speaker(as_chair, edition):
    session = make_session(
        edition, title="Round", starts_at=time(14), room=make_room(edition, name="Attic")
    )
    _add(session, name="Sam Student", email="sam@example.org", title="Smaller is better")
    ada = make_person(name="Ada Speaker")
    make_speaker(edition, ada, email="ada@example.org")
    for title in ("Panel", "Keynote"):
        make_slot(session, make_contribution(edition, ada, title=title), minutes=20)

    response = _publish(as_chair, edition)

    assert messages_of(response) == [
        "Release 1 of the programme is published.",
        "3 emails were drafted. Nothing is sent yet: "
        f'<a href="{_page(edition)}">read and release the emails</a>.',
    ]
    letters = Letter.objects.order_by("subject")
    assert [(letter.kind, letter.state, letter.to_email) for letter in letters] == [
        ("programme/placed", "draft", "ada@example.org"),
        ("programme/placed", "draft", "ada@example.org"),
        ("programme/placed", "draft", "sam@example.org"),
    ]
    letter = letters[2]
    assert letter.subject == "When and where: “Smaller is better” at Small Talks"
    assert "Round, Wednesday 3 May 2124, 14:00–14:03, Attic" in letter.body_text
    assert (letter.link_maker, Letter.PRIVATE_LINK in letter.body_text) == ("interest", True)
    (event,) = _events(letter)
    assert (str(event["SUMMARY"]), event["DTSTART"].dt.hour) == ("Smaller is better", 14)


def test_an_editor_who_publishes_is_told_that_a_chair_releases_the_letters(as_editor, edition):
    session = make_session(edition, starts_at=time(14))
    _add(session, name="Sam Student", email="sam@example.org", title="Smaller is better")

    response = _publish(as_editor, edition)

    assert messages_of(response)[1:] == [
        "1 email was drafted. Nothing is sent until a chair releases it."
    ]


def test_publishing_again_drafts_letters_about_new_contributions_only(as_chair, edition, session):
    draft_letters(edition=edition)
    release_letters(edition=edition, seen=_stamps(edition))
    session.title = "Lightning"
    session.save()
    _add(session, name="Nora New", email="nora@example.org", title="New")

    _publish(as_chair, edition)

    sent_to = Letter.objects.filter(kind="programme/placed").order_by("pk")
    assert [(letter.to_email, letter.state) for letter in sent_to] == [
        ("sam@example.org", "queued"),
        ("nora@example.org", "draft"),
    ]
    assert messages_of(_publish(as_chair, edition)) == ["Nothing has changed since release 2."]
    assert sent_to.count() == 2


def test_a_poster_and_its_calendar_have_board_session_and_shift(edition):
    posters = make_session(
        edition, title="Posters", kind="posters", starts_at=time(16), has_shifts=True
    )
    _add(posters, name="Sam Student", email="sam@example.org", title="Smaller is better")
    posters.slots.update(board="P2")
    make_release(edition)

    draft_letters(edition=edition)

    letter = Letter.objects.get()
    assert "Posters, Wednesday 3 May 2124, 16:30–17:00, board P2" in letter.body_text
    (event,) = _events(letter)
    assert (event["DTSTART"].dt.strftime("%H:%M"), event["DTEND"].dt.strftime("%H:%M")) == (
        "16:30",
        "17:00",
    )
    assert "Board P2" in str(event["DESCRIPTION"])


def test_a_draft_follows_a_move_and_keeps_its_kind(edition, session):
    draft_letters(edition=edition)
    seen = _stamps(edition)
    _move(session, starts_at=time(15))

    assert release_letters(edition=edition, seen=seen).released == 0
    assert draft_letters(edition=edition) == 1
    assert release_letters(edition=edition, seen=_stamps(edition)).released == 1
    letter = Letter.objects.get()
    assert (letter.kind, "15:00–15:03" in letter.body_text) == ("programme/placed", True)

    _move(session, starts_at=time(16))

    assert draft_letters(edition=edition) == 1
    earlier, later = (_events(letter)[0] for letter in Letter.objects.order_by("pk"))
    assert _letters()[0].calendar
    assert earlier["UID"] == later["UID"]
    assert earlier["SEQUENCE"] < later["SEQUENCE"]


def test_the_calendar_of_a_letter_is_that_of_the_public_page(client, edition, session):
    draft_letters(edition=edition)
    contribution = Contribution.objects.get(title="Smaller is better")
    edit(contribution, title="Smaller is best")

    release_letters(edition=edition, seen=_stamps(edition))

    public = client.get(f"{contribution.get_absolute_url()[:-1]}.ics")
    letter = Letter.objects.get()
    assert _events(letter) == Calendar.from_ical(public.content).walk("VEVENT")
    assert str(_events(letter)[0]["SUMMARY"]) == "Smaller is best"


def test_the_calendar_about_a_hidden_contribution_links_to_its_session(edition, session):
    Contribution.objects.update(is_published=False)

    draft_letters(edition=edition)

    (event,) = _events(Letter.objects.get())
    assert event["SUMMARY"] == "Smaller is better"
    assert str(event["URL"]).endswith(session.get_absolute_url())


def test_another_title_of_the_session_is_no_news(edition, session):
    draft_letters(edition=edition)
    release_letters(edition=edition, seen=_stamps(edition))

    _move(session, title="Lightning")

    assert programme_letters(edition) == []


def test_no_letter_is_due_without_a_time_or_to_people_who_are_not_coming(edition, session):
    late = make_session(edition, title="Some time", starts_at=None)
    _add(late, name="Nora New", email="nora@example.org", title="New")
    make_release(edition)
    sam = Contribution.objects.get(title="Smaller is better").origin.expression
    for state in ("withdrawn", "cancelled"):
        edit(sam, state=state)

        assert programme_letters(edition) == []


@pytest.mark.parametrize(
    "fields", [{"state": "draft"}, {"state": "archived"}, {"is_cancelled": True}]
)
def test_no_letter_is_due_for_an_edition_that_is_not_public_past_or_cancelled(
    as_chair, edition, session, fields
):
    draft_letters(edition=edition)
    seen = _stamps(edition)
    edit(edition, **fields)

    assert [letter.status for letter in programme_letters(edition)] == ["unneeded"]
    assert release_letters(edition=edition, seen=seen).released == 0
    assert draft_letters(edition=edition) == 0
    assert Letter.objects.count() == 0
    page = as_chair.get(_page(edition)).content.decode()
    assert "No emails are drafted while the edition is not public" in page


def test_the_first_screen_and_the_page_before_publishing_say_that_letters_wait(
    as_chair, edition, session
):
    draft_letters(edition=edition)

    page = html_of(as_chair.get(_publish_url(edition)))

    assert _todos(as_chair) == [
        (
            "email about the programme to release",
            _page(edition),
            "Students and speakers do not know time and place yet.",
        )
    ]
    assert "1 email waits already" in page
    assert (
        "Attached"
        in as_chair.get(_page(edition, f"{ContributionLetter.objects.get().pk}/")).content.decode()
    )


def test_the_first_screen_names_letters_that_a_release_before_the_edition_was_public_left_undrafted(
    as_chair, edition, session
):
    Edition.objects.update(state=Edition.State.DRAFT)
    assert _todos(as_chair) == []

    Edition.objects.update(state=Edition.State.PUBLISHED)

    (todo,) = _todos(as_chair)
    assert todo[0] == "email about the programme to release"
    assert todo[2].endswith("time and place yet. 1 email not drafted yet.")


def _todos(client) -> list[tuple[str, str, str]]:
    """Label, address and hint of the to-do items about the programme."""
    todos = client.get("/admin/").context["todos"]
    return [(item.label, item.url, item.hint) for item in todos if "programme" in item.label]


def test_a_draft_has_time_and_place_and_is_not_sent(edition, session):
    _move(session, starts_at=time(14, 30), room=make_room(edition, name="Attic"))

    assert draft_letters(edition=edition) == 1
    assert draft_letters(edition=edition) == 0

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
    draft_letters(edition=edition)
    seen = _stamps(edition)

    assert release_letters(edition=edition, seen=["1-nothing", ""]).released == 0
    assert release_letters(edition=edition, seen=seen).released == 1
    assert release_letters(edition=edition, seen=seen).released == 0
    assert [letter.state for letter in _letters()] == ["queued"]
    assert programme_letters(edition) == []

    _move(session, starts_at=time(16))

    assert len(_with_status(edition, "undrafted")) == 1


def test_an_outdated_draft_is_not_released_and_keeps_its_edited_text(edition, session):
    _move(session, starts_at=time(15))
    draft_letters(edition=edition)
    seen = _stamps(edition)
    ContributionLetter.objects.update(draft_body="Dear {name}: {places}.", is_edited=True)
    _move(session, starts_at=time(16))

    assert release_letters(edition=edition, seen=seen).released == 0
    assert draft_letters(edition=edition) == 1
    (letter,) = _letters()
    assert "Dear Sam Student: Round, Wednesday 3 May 2124, 16:00–16:03." in letter.body_text


def test_drafts_to_people_who_withdrew_or_were_removed_are_deleted(edition, session):
    other = _add(session, name="Nora New", email="nora@example.org", title="New")
    make_release(edition)
    _move(session, starts_at=time(15))
    assert draft_letters(edition=edition) == 2
    sam = Contribution.objects.get(title="Smaller is better").origin.expression
    edit(sam, state="withdrawn")
    other.delete()
    make_release(edition)

    assert len(_with_status(edition, "unneeded")) == 2
    assert draft_letters(edition=edition) == 0
    assert _letters() == []


def test_a_speaker_with_a_known_address_gets_a_letter(edition):
    ada, bob = make_person(name="Ada Speaker"), make_person(name="Bob Without")
    speaker = make_speaker(edition, ada, email="ada@example.org")
    panel = make_session(edition, title="Panel", starts_at=time(9))
    make_slot(panel, make_contribution(edition, ada, bob, title="What is small?"))
    make_release(edition)
    _move(panel, starts_at=time(10))

    assert draft_letters(edition=edition) == 1
    assert draft_letters(edition=edition) == 0
    assert release_letters(edition=edition, seen=_stamps(edition)).released == 1

    (letter,) = _letters()
    assert (letter.to_name, letter.to_email) == ("Ada Speaker", "ada@example.org")
    assert (letter.link_maker, letter.link_subject) == ("contributors", speaker.pk)
    assert "Panel, Wednesday 3 May 2124, 10:00–11:00" in letter.body_text
    _move(panel, starts_at=time(11))
    draft_letters(edition=edition)
    revoke_speaker_links(speaker=speaker)
    assert (len(_with_status(edition, "unneeded")), draft_letters(edition=edition)) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_concurrent_clicks_draft_and_release_once(edition, session):
    _move(session, starts_at=time(15))
    drafted, released = [], []

    def draft():
        drafted.append(draft_letters(edition=edition))

    assert overlapping(draft, draft) == []
    seen = _stamps(edition)

    def release():
        released.append(release_letters(edition=edition, seen=seen).released)

    assert overlapping(release, release) == []
    assert (sorted(drafted), sorted(released)) == ([0, 1], [0, 1])
    assert [letter.state for letter in _letters()] == ["queued"]


def test_letters_are_erased_with_the_student(edition, session):
    _move(session, starts_at=time(15))
    draft_letters(edition=edition)
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
    assert messages_of(response) == ["1 email drafted. Nothing was sent."]
    letter_page = as_chair.get(_page(edition, f"{ContributionLetter.objects.get().pk}/"))
    assert "15:00–15:03" in letter_page.context["preview"]["text"]

    asked = as_chair.get(_page(edition, "now/"))
    release = {"seen": asked.context["seen"]}
    answers = [as_chair.post(_page(edition, "now/"), release, follow=True) for _ in range(2)]

    assert "1 email is sent once there is a mail server." in html_of(asked)
    assert [messages_of(answer)[0] for answer in answers] == [
        '1 email released. <a href="/admin/mail/letter/">See the emails</a>.',
        "0 emails released; 1 no longer there: released, discarded or taken back.",
    ]
    assert [letter.state for letter in _letters()] == ["queued"]


def test_a_held_letter_is_not_released(as_chair, edition, session):
    _move(session, starts_at=time(15))
    draft_letters(edition=edition)
    seen = _stamps(edition)
    link = ContributionLetter.objects.get()

    as_chair.post(_page(edition, f"{link.pk}/hold/"))

    assert (_stamps(edition), release_letters(edition=edition, seen=seen).held) == ([], 1)


def test_permissions_of_letters(client, as_editor, as_reviewer, edition, session):
    _move(session, starts_at=time(15))
    draft_letters(edition=edition)
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
        make_slot(session, make_contribution(edition, ada, title=""), minutes=3)
        make_chair(session, ada)
        make_release(edition)
        _move(session, starts_at=time(15, number))
        if is_drafted:
            draft_letters(edition=edition)

    assert_constant_queries(lambda: as_chair.get(_page(edition)), add, at_most=15)


def test_a_session_chair_gets_a_letter(edition, panel):
    other = make_session(edition, title="Other", starts_at=time(11))
    make_chair(other, panel.chairs.first().person)
    make_release(edition)
    assert _with_status(edition, "undrafted") == []

    _move(panel, starts_at=time(10), room=make_room(edition, name="Attic"))

    assert draft_letters(edition=edition) == 1
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

    assert draft_letters(edition=edition) == 2
    kinds = Letter.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["programme/moved", "programme/moved_session"]
    chair.delete()

    assert [str(link.about) for link in _with_status(edition, "unneeded")] == ["Panel"]
    assert draft_letters(edition=edition) == 0
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
    shown = {"version_token": link.version_token, "sure": "1"}
    response = as_chair.post(f"{one}discard/", shown, follow=True)
    assert messages_of(response)[-1] == "The email to Ada Chair is discarded."
    assert "No emails are due now." in response.content.decode()
    assert _with_status(edition, "undrafted") == []


def test_a_letter_is_about_a_contribution_or_a_session_with_a_chair(edition, panel):
    _move(panel, starts_at=time(10))
    draft_letters(edition=edition)
    link = ContributionLetter.objects.get()
    about = "An email is about either a contribution or a session."
    for fields, message in (
        ({"contribution": make_contribution(edition)}, about),
        ({"session": None}, about),
        ({"person": None}, "Choose the chair of the session."),
    ):
        broken = ContributionLetter.objects.get(pk=link.pk)
        for name, value in fields.items():
            setattr(broken, name, value)

        with pytest.raises(ValidationError) as refused:
            broken.validate_constraints()
        with pytest.raises(IntegrityError), transaction.atomic():
            broken.save()

        assert refused.value.messages == [message]
