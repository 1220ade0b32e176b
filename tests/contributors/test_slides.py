"""Slides are for everybody while what they belong to is public, and else for who may read of it."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from apps.contributors.accepted_submissions import add_submissions
from apps.contributors.models import Proposal
from apps.contributors.speakers import set_approval_rule
from apps.editions.models import Edition
from apps.people.models import Person
from apps.programme.models import Contribution
from tests.contributors.speakers import (
    PDF,
    browser_of,
    contribution_form,
    make_speaker,
    profile_form,
    slides,
)
from tests.contributors.students import make_confirmed
from tests.factories import make_contribution, make_edition, make_person
from tests.interest.students import browser_of as browser_of_student
from tests.interest.students import main
from tests.people.files import phone_photo, upload

pytestmark = pytest.mark.django_db
ADDRESS = "/2024/contributions/talk/slides.pdf"


@pytest.fixture
def talk() -> Contribution:
    edition = make_edition(slug="2024", is_current=True)
    row = make_contribution(edition, make_person(name="Ada Example"), title="Talk")
    row.slides.save("x.pdf", ContentFile(PDF))
    return row


@pytest.fixture
def speaker(talk):
    return make_speaker(talk.edition, Person.objects.get())


def _status(client: Client, address: str = ADDRESS) -> int:
    answer = client.get(address)
    b"".join(answer)
    return answer.status_code


def _hide(talk: Contribution) -> None:
    Contribution.objects.filter(pk=talk.pk).update(is_published=False)


def _take_back(talk: Contribution) -> None:
    Edition.objects.update(state="draft", is_current=False)


def _remove(talk: Contribution) -> None:
    talk.delete()


@pytest.mark.parametrize("step", [_hide, _take_back, _remove])
def test_slides_are_public_as_long_as_their_talk_is(
    client, as_stranger, as_editor, as_chair, talk, step
):
    stored = f"/media/{talk.slides.name}"
    before = [_status(client), _status(client, stored)]

    step(talk)

    staff = 404 if step is _remove else 200
    assert before == [200, 404]
    assert [_status(who) for who in (client, as_stranger)] == [404, 404]
    assert [_status(who) for who in (as_editor, as_chair)] == [staff, staff]
    assert _status(as_chair, stored) == 404


def test_they_lead_to_that_address_wherever_they_are_linked(as_editor, client, talk):
    desk = as_editor.get(f"/admin/programme/contribution/{talk.pk}/change/").content.decode()

    assert talk.slides.url == ADDRESS
    assert f'href="{ADDRESS}"' in desk
    assert f'href="{ADDRESS}"' in client.get("/2024/contributions/talk/").content.decode()


def test_a_talk_whose_slides_are_lost_can_still_be_changed(as_editor, client, talk, settings):
    (settings.PRIVATE_ROOT / talk.slides.name).unlink()
    data = {"kind": "invited", "title": "Newer", "is_published": "on"}
    data |= {f"contributors-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}

    as_editor.post(f"/admin/programme/contribution/{talk.pk}/change/", data)

    assert Contribution.objects.get().title == "Newer"
    assert _status(client) == 404


def test_they_are_not_compressed_on_their_way_and_come_in_parts(client, talk):
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=0-4"}

    answer = client.get(ADDRESS, headers=headers)

    assert (answer.status_code, b"".join(answer)) == (206, b"%PDF-")
    assert not answer.has_header("Content-Encoding")
    assert answer["Content-Range"] == f"bytes 0-4/{len(PDF)}"


def test_a_speaker_reads_theirs_also_while_nobody_else_does(client, as_chair, talk, speaker):
    ada = browser_of(speaker)
    own = f"/2024/speaker/{speaker.pk}/give/talk/slides.pdf"
    _hide(talk)

    answer = ada.get(own)

    assert b"".join(answer) == PDF
    assert answer["Cache-Control"] == "no-store, private"
    assert f'href="{own}"' in main(ada.get(f"/2024/speaker/{speaker.pk}/"))
    assert f'href="{own}"' in main(ada.get(f"/2024/speaker/{speaker.pk}/give/talk/"))
    assert [_status(who, own) for who in (client, as_chair)] == [403, 403]
    assert _status(ada, ADDRESS) == 404


def test_a_speaker_reads_nobody_elses(talk, speaker):
    other = make_contribution(talk.edition, "Another", title="Other")
    other.slides.save("x.pdf", ContentFile(PDF))
    nothing = make_contribution(talk.edition, Person.objects.get(), title="Bare")
    ada, page = browser_of(speaker), f"/2024/speaker/{speaker.pk}"

    assert _status(ada, f"{page}/give/{other.slug}/slides.pdf") == 404
    assert _status(ada, f"{page}/give/{nothing.slug}/slides.pdf") == 404
    assert _status(ada, f"{page}/portrait.jpg") == 404


def test_what_waits_is_read_by_its_speaker_and_by_who_nods(
    client, as_editor, as_reviewer, talk, speaker
):
    set_approval_rule(edition=talk.edition, requires_approval=True)
    ada, page = browser_of(speaker), f"/2024/speaker/{speaker.pk}/"
    newer = PDF + b"%2"
    ada.post(f"{page}about-you/", profile_form(speaker, photo=upload(phone_photo())))
    ada.post(f"{page}give/talk/", contribution_form(speaker, talk, slides=slides(newer)))
    desk = f"/admin/programme/session/programme/{talk.edition_id}/speakers/{speaker.person_id}/"
    on_desk = {
        proposal.contribution: f"{desk}{proposal.pk}/" for proposal in Proposal.objects.all()
    }

    for who, address in (
        (ada, f"{page}give/talk/slides.pdf"),
        (as_editor, on_desk[talk]),
    ):
        answer = who.get(address)
        assert (b"".join(answer), answer["Content-Type"]) == (newer, "application/pdf")
        assert "no-store" in answer["Cache-Control"]
    for who, address in ((ada, f"{page}portrait.jpg"), (as_editor, on_desk[None])):
        answer = who.get(address)
        assert (b"".join(answer)[:2], answer["Content-Type"]) == (b"\xff\xd8", "image/jpeg")
    assert b"".join(client.get(ADDRESS)) == PDF
    assert f'src="{page}portrait.jpg"' in main(ada.get(f"{page}about-you/"))
    assert f'src="{on_desk[None]}"' in as_editor.get(desk).content.decode()
    assert _status(as_reviewer, on_desk[talk]) == 403
    assert _status(client, on_desk[talk]) == 302
    names = [proposal.file.name for proposal in Proposal.objects.all()]
    assert [_status(as_editor, f"/media/{name}") for name in names] == [404, 404]


def test_another_years_desk_hands_out_nothing_of_this_one(as_editor, talk, speaker):
    waiting = Proposal.objects.create(speaker=speaker, file="slides/x.pdf", contribution=talk)
    other = make_edition(slug="2023")
    address = f"/admin/programme/session/programme/{other.pk}/speakers/{speaker.person_id}/"

    assert _status(as_editor, f"{address}{waiting.pk}/") == 404


def test_a_student_reads_theirs_also_while_nobody_else_does(client, as_chair):
    edition = make_edition(slug="2024")
    expression = make_confirmed(edition, reference="R7K2QD")
    (row,) = add_submissions(
        edition=edition, expressions=[expression.pk], is_published=False
    ).contributions
    student, own = browser_of_student(expression), "/2024/interest/R7K2QD/slides.pdf"
    before = _status(student, own)
    row.slides.save("x.pdf", ContentFile(PDF))

    answer = student.get(own)

    assert (before, b"".join(answer)) == (404, PDF)
    assert answer["Cache-Control"] == "no-store, private"
    for page in ("", "slides/"):
        html = main(student.get(f"/2024/interest/R7K2QD/{page}"))
        assert f'href="{own}"' in html
    assert [_status(who, own) for who in (client, as_chair)] == [403, 403]
    assert _status(client, row.slides.url) == 404
