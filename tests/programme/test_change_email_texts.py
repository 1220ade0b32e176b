"""Who chairs a session is told that it moved, and all of it in the edition's own words."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.mail.models import Letter
from apps.mail.services import choose_text
from apps.programme.change_emails import draft_change_letters, letters_of, release_letters
from apps.programme.models import ContributionLetter
from tests.contributors.speakers import make_speaker
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

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    return make_call_edition(slug="2024", starts_on=date(2124, 5, 3), short_name="Small Talks")


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


def _move(session, **fields) -> None:
    for name, value in fields.items():
        setattr(session, name, value)
    session.save()
    make_release(session.edition)


def _stamps(edition) -> list[str]:
    return [letter.draft_key for letter in letters_of(edition).ready]


def _page(edition, step: str = "") -> str:
    return f"/admin/programme/session/programme/{edition.pk}/letters/{step}"


def test_who_chairs_a_session_is_told_that_it_moved(edition, panel):
    other = make_session(edition, title="Other", starts_at=time(11))
    make_chair(other, panel.chairs.first().person)
    make_release(edition)
    assert letters_of(edition).undrafted == []

    _move(panel, starts_at=time(10), room=make_room(edition, name="Attic"))

    assert draft_change_letters(edition=edition) == 1
    (letter,) = Letter.objects.all()
    assert (letter.kind, letter.to_email) == ("programme/moved_session", "ada@example.org")
    assert letter.subject == "New time or room for the session you chair at Small Talks: “Panel”"
    assert "\nWednesday 3 May 2124, 10:00–11:00, Attic\n" in letter.body_text
    assert (letter.link_maker, Letter.PRIVATE_LINK in letter.body_text) == ("contributors", True)
    assert release_letters(edition=edition, seen=_stamps(edition)) == 1
    _move(panel, title="Round table")
    assert letters_of(edition).undrafted == []
    _move(panel, starts_at=time(12))
    assert [str(one.about) for one in letters_of(edition).undrafted] == ["Round table"]


def test_who_chairs_and_speaks_is_told_of_both_and_who_chairs_no_more_of_nothing(edition, panel):
    chair = panel.chairs.select_related("person").first()
    make_slot(panel, make_contribution(edition, chair.person, title="Small"))
    make_release(edition)
    _move(panel, starts_at=time(10))

    assert draft_change_letters(edition=edition) == 2
    kinds = Letter.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["programme/moved", "programme/moved_session"]
    chair.delete()

    assert [str(link.about) for link in letters_of(edition).outdated] == ["Panel"]
    assert draft_change_letters(edition=edition) == 0
    assert [letter.kind for letter in Letter.objects.all()] == ["programme/moved"]


def test_a_letter_to_who_leads_a_session_is_read_reworded_and_discarded(as_chair, edition, panel):
    _move(panel, starts_at=time(10))
    as_chair.post(_page(edition, "draft/"))
    link = ContributionLetter.objects.get()
    one = f"/admin/programme/session/programme/letter/{link.pk}/"
    assert "The title of the session they chair" in as_chair.get(one).content.decode()

    as_chair.post(one, {"subject": "Later", "body": "Now {places}.", "stamp": link.version_token})

    link = ContributionLetter.objects.select_related("letter").get()
    assert (link.is_edited, link.letter.body_text.splitlines()[0]) == (
        True,
        "Now Wednesday 3 May 2124, 10:00–11:00.",
    )
    response = as_chair.post(f"{one}discard/", follow=True)
    said = [str(message) for message in response.context["messages"]]
    assert said[-1] == "The letter to Ada Chair is discarded."
    assert letters_of(edition).undrafted == []


def test_the_words_are_the_editions_and_drafts_with_older_ones_are_drafted_anew(edition, panel):
    ada = panel.chairs.first().person
    make_slot(panel, make_contribution(edition, ada, title="Small"))
    make_release(edition)
    _move(panel, starts_at=time(10))
    assert draft_change_letters(edition=edition) == 2
    seen = _stamps(edition)
    ContributionLetter.objects.filter(session=panel).update(draft_body="Own.", is_edited=True)

    for kind in ("programme/moved", "programme/moved_session"):
        choose_text(edition=edition, kind=kind, subject="{title} moved", body="To {places}.")

    overview = letters_of(edition)
    assert [len(overview.ready), len(overview.outdated), len(overview.undrafted)] == [1, 1, 1]
    assert release_letters(edition=edition, seen=seen) == 0
    assert draft_change_letters(edition=edition) == 1
    letter = Letter.objects.get(kind="programme/moved")
    assert (letter.subject, letter.body_text.splitlines()[0]) == (
        "Small moved",
        "To Panel, Wednesday 3 May 2124, 10:00–11:00.",
    )
    assert ContributionLetter.objects.get(session=panel).draft_body == "Own."
    assert release_letters(edition=edition, seen=_stamps(edition)) == 2


def test_its_text_is_previewed_with_a_place_and_refuses_what_it_does_not_know(as_chair, edition):
    for kind, place in (
        ("programme/moved", "Lightning talks, Friday 3 May 2024, 14:12–14:15, Lecture hall"),
        ("programme/moved_session", "Friday 3 May 2024, 14:00–15:00, Lecture hall"),
    ):
        page = f"/admin/selection/texts/{edition.pk}/{kind}/"

        preview = as_chair.get(page).context["preview"]
        refused = as_chair.post(page, {"subject": "x", "body": "{reply_by}", "save": "1"})

        assert f"\n{place}\n" in preview["text"]
        assert "“{reply_by}” is not a placeholder" in refused.content.decode()


def test_a_letter_is_about_one_thing_and_a_session_has_a_chair(edition, panel):
    _move(panel, starts_at=time(10))
    draft_change_letters(edition=edition)
    link = ContributionLetter.objects.get()
    about = "Say what the letter is about: one of both."
    for fields, said in (
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

        assert refused.value.messages == [said]
