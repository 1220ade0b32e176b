"""Models of the programme and their constraints."""

from datetime import time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from apps.programme.models import Contributor, Room, Session, SessionChair, Slot
from tests.factories import (
    make_contribution,
    make_contributor,
    make_edition,
    make_person,
    make_room,
    make_session,
    make_slot,
)

pytestmark = pytest.mark.django_db


def _errors_of(row) -> dict[str, list[str]]:
    """The validation errors of `row`, which the database refuses too."""
    with pytest.raises(ValidationError) as refusal:
        row.full_clean(exclude=["slug"])
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    return refusal.value.message_dict


def test_two_rooms_have_different_names():
    edition = make_edition()
    make_room(edition, name="Hall B")

    assert _errors_of(Room(edition=edition, name="hall b")) == {
        "__all__": ["This edition has a room with this name already. Choose another name."]
    }


def test_a_room_in_use_is_deleted_only_with_its_edition():
    room = make_room(make_edition())
    make_session(room.edition, room=room)

    with pytest.raises(RestrictedError), transaction.atomic():
        room.delete()
    room.edition.delete()

    assert not Room.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"day": 0}, "day"),
        ({"day": 61}, "day"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 1440}, "minutes"),
        ({"kind": "nap"}, "kind"),
    ],
)
def test_limits_of_a_session(fields, field):
    edition = make_edition()

    assert list(_errors_of(Session(edition=edition, **{"title": "T"} | fields))) == [field]


def test_a_room_of_another_edition_is_refused():
    session = make_session(make_edition(), room=make_room(make_edition(), name="Annexe"))

    with pytest.raises(ValidationError, match="“Annexe” is a room of another edition"):
        session.full_clean()


def test_slugs_are_kept_when_titles_change():
    edition = make_edition()
    session = make_session(edition, title="Opening")
    keynote = make_contribution(edition, title="", kind="keynote")
    other = make_contribution(edition, title="", kind="keynote")

    session.title, keynote.title = "Welcome", "What we know"
    session.save()
    keynote.save()

    assert (session.slug, keynote.slug, other.slug) == ("opening", "keynote", "keynote-2")


def test_an_untitled_contribution_goes_by_the_editions_word_for_its_kind():
    edition = make_edition()
    edition.contribution_labels.create(kind="keynote", label="Plenary lecture")
    keynote = make_contribution(edition, title="", kind="keynote")

    assert str(keynote) == "Plenary lecture, to be announced"
    assert keynote.slug == "keynote"
    assert str(make_contribution(edition, title="", kind="other")).startswith("Contribution, ")


def test_missing_titles_have_a_text():
    edition = make_edition()

    assert str(make_contribution(edition, title="", kind="keynote")) == "Keynote, to be announced"
    assert make_contribution(edition, title="").shown_title == "To be announced"
    assert str(make_session(edition, title="", kind="lunch")) == "Lunch"


def test_sessions_without_a_time_come_last():
    edition = make_edition()
    make_session(edition, title="6", day=2)
    make_session(edition, title="5", starts_at=None, ordering=2)
    make_session(edition, title="4", starts_at=None, ordering=1)
    make_session(edition, title="3", starts_at=time(10))
    make_session(edition, title="2", room=make_room(edition, ordering=2))
    make_session(edition, title="1", room=make_room(edition, ordering=1))

    sessions = Session.objects.for_edition(edition)

    assert [session.title for session in sessions] == list("123456")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose a person, or enter a name."),
        ({"name": " "}, "Choose a person, or enter a name."),
        ({"person": True, "name": "Ada"}, "Choose a person, or enter a name, not both."),
    ],
    ids=["neither", "spaces", "both"],
)
@pytest.mark.parametrize("model", [Contributor, SessionChair])
def test_a_credit_is_a_person_or_a_name(model, fields, sentence):
    if "person" in fields:
        fields = fields | {"person": make_person()}
    edition = make_edition()
    place = (
        {"contribution": make_contribution(edition)}
        if model is Contributor
        else {"session": make_session(edition)}
    )

    errors = _errors_of(model(**place, **fields))

    assert errors["__all__"] == [sentence]


def test_names_and_affiliations_shown():
    ada = make_person(name="Ada Example", affiliation="Edinburgh")
    contribution = make_contribution(make_edition())

    own = make_contributor(contribution, ada)
    bare = make_contributor(contribution, "Bob Bare", affiliation="Leith")

    assert (own.shown_name, own.shown_affiliation) == ("Ada Example", "Edinburgh")
    assert (bare.shown_name, bare.shown_affiliation) == ("Bob Bare", "Leith")
    own.affiliation = "Elsewhere"
    assert own.shown_affiliation == "Elsewhere"
    assert bare.identity == Contributor(name="bob bare", affiliation="LEITH").identity
    assert own.identity != bare.identity


def test_presenters_and_authors():
    edition = make_edition()
    talk = make_contribution(edition, "Speaker")
    make_contributor(talk, "Author", role="author")
    paper = make_contribution(edition, "First", "Second", role="author")

    assert [str(one) for one in talk.presenters] == ["Speaker"]
    assert [str(one) for one in talk.authors] == ["Speaker", "Author"]
    assert [str(one) for one in paper.presenters] == ["First"]
    assert make_contribution(edition).presenters == []


def test_a_person_on_a_programme_cannot_be_deleted():
    ada = make_person()
    make_contribution(make_edition(), ada)

    with pytest.raises(RestrictedError):
        ada.delete()


def test_a_contribution_has_one_slot_per_session():
    edition = make_edition()
    paper = make_contribution(edition, kind="paper")
    talks, posters = make_session(edition), make_session(edition, kind="posters")
    make_slot(talks, paper, kind="lightning")
    slot = make_slot(posters, paper)

    assert [slot.kind for slot in (slot, *talks.slots.all())] == ["", "lightning"]
    assert _errors_of(Slot(session=talks, contribution=paper)) == {
        "__all__": ["This contribution is in the session already. Choose another one."]
    }
