"""Slides are public while their contribution is; speakers and students can always read theirs."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from apps.contributors.models import Proposal
from apps.editions.models import Edition
from apps.people.models import Person
from apps.programme.models import Contribution
from tests.contributors.speakers import (
    PDF,
    browser_of,
    make_speaker,
    require_approval,
    send_contribution,
    send_profile,
    slides,
)
from tests.contributors.students import add_to_programme, make_confirmed
from tests.factories import make_contribution, make_edition, make_person
from tests.interest.students import browser_of as browser_of_student
from tests.interest.students import main
from tests.people.files import phone_photo, upload

pytestmark = pytest.mark.django_db
PATH = "/2024/contributions/talk/slides.pdf"


@pytest.fixture
def talk() -> Contribution:
    edition = make_edition(slug="2024", is_current=True)
    row = make_contribution(edition, make_person(name="Ada Example"), title="Talk")
    row.slides.save("x.pdf", ContentFile(PDF))
    return row


@pytest.fixture
def speaker(talk):
    return make_speaker(talk.edition, Person.objects.get())


def _status(client: Client, path: str = PATH) -> int:
    response = client.get(path)
    b"".join(response)
    return response.status_code


def _hide(talk: Contribution) -> None:
    Contribution.objects.filter(pk=talk.pk).update(is_published=False)


@pytest.mark.parametrize(
    ("step", "staff"),
    [
        (_hide, 200),
        (lambda talk: Edition.objects.update(state="draft", is_current=False), 200),
        (lambda talk: talk.delete(), 404),
    ],
    ids=["hidden", "draft", "deleted"],
)
def test_slides_are_public_as_long_as_their_contribution_is(
    client, as_stranger, as_editor, as_chair, talk, step, staff
):
    media = f"/media/{talk.slides.name}"
    assert [_status(client), _status(client, media)] == [200, 404]

    step(talk)

    statuses = [_status(each) for each in (client, as_stranger, as_editor, as_chair)]
    assert statuses == [404, 404, staff, staff]
    assert _status(as_chair, media) == 404


def test_public_and_admin_pages_link_to_slides(as_editor, client, talk):
    admin = as_editor.get(f"/admin/programme/contribution/{talk.pk}/change/").content.decode()

    assert talk.slides.url == PATH
    assert f'href="{PATH}"' in admin
    assert f'href="{PATH}"' in client.get("/2024/contributions/talk/").content.decode()


def test_a_contribution_whose_slides_are_lost_can_be_changed(as_editor, client, talk, settings):
    (settings.PRIVATE_ROOT / talk.slides.name).unlink()
    data = {"kind": "invited", "title": "Newer", "is_published": "on"}
    for part in ("contributors", "links"):
        data |= {f"{part}-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}

    as_editor.post(f"/admin/programme/contribution/{talk.pk}/change/", data)

    assert Contribution.objects.get().title == "Newer"
    assert _status(client) == 404


def test_only_their_speaker_reads_hidden_slides(client, as_chair, talk, speaker):
    ada, page = browser_of(speaker), f"/2024/speaker/{speaker.pk}/"
    path = f"{page}give/talk/slides.pdf"
    other = make_contribution(talk.edition, "Another", title="Other")
    other.slides.save("x.pdf", ContentFile(PDF))
    bare = make_contribution(talk.edition, speaker.person, title="Bare")
    _hide(talk)

    response = ada.get(path)

    assert b"".join(response) == PDF
    assert response["Cache-Control"] == "no-store, private"
    for html in (main(ada.get(page)), main(ada.get(f"{page}give/talk/"))):
        assert f'href="{path}"' in html
    assert [_status(each, path) for each in (client, as_chair)] == [403, 403]
    missing = [f"{page}give/{row.slug}/slides.pdf" for row in (other, bare)]
    assert [_status(ada, each) for each in (PATH, *missing, f"{page}portrait.jpg")] == [404] * 4


def test_proposed_files_are_read_by_their_speaker_and_by_editors(
    client, as_editor, as_reviewer, talk, speaker
):
    require_approval(talk.edition)
    ada, page, newer = browser_of(speaker), f"/2024/speaker/{speaker.pk}/", PDF + b"%2"
    send_profile(ada, speaker, photo=upload(phone_photo()))
    send_contribution(ada, speaker, talk, slides=slides(newer))
    admin = "/admin/programme/session/programme/{}/speakers/{}/"
    speaker_page = admin.format(talk.edition_id, speaker.person_id)
    proposals = {row.contribution: row for row in Proposal.objects.all()}
    in_admin = {target: f"{speaker_page}{row.pk}/" for target, row in proposals.items()}

    for browser, path, start, content_type in (
        (ada, f"{page}give/talk/slides.pdf", newer, "application/pdf"),
        (as_editor, in_admin[talk], newer, "application/pdf"),
        (ada, f"{page}portrait.jpg", b"\xff\xd8", "image/jpeg"),
        (as_editor, in_admin[None], b"\xff\xd8", "image/jpeg"),
    ):
        response = browser.get(path)
        assert b"".join(response).startswith(start)
        assert response["Content-Type"] == content_type
        assert "no-store" in response["Cache-Control"]
    assert b"".join(client.get(PATH)) == PDF
    assert f'src="{page}portrait.jpg"' in main(ada.get(f"{page}about-you/"))
    assert f'src="{in_admin[None]}"' in as_editor.get(speaker_page).content.decode()
    other_year = admin.format(make_edition(slug="2023").pk, speaker.person_id)
    assert _status(as_editor, f"{other_year}{proposals[talk].pk}/") == 404
    assert [_status(each, in_admin[talk]) for each in (as_reviewer, client)] == [403, 302]
    for row in proposals.values():
        assert _status(as_editor, f"/media/{row.file.name}") == 404


def test_only_their_student_reads_hidden_slides(client, as_chair):
    expression = make_confirmed(make_edition(slug="2024"), reference="R7K2QD")
    (row,) = add_to_programme(expression, is_published=False)
    student, page = browser_of_student(expression), "/2024/interest/R7K2QD/"
    path = f"{page}slides.pdf"
    assert _status(student, path) == 404
    row.slides.save("x.pdf", ContentFile(PDF))

    response = student.get(path)

    assert b"".join(response) == PDF
    assert response["Cache-Control"] == "no-store, private"
    for html in (main(student.get(page)), main(student.get(f"{page}slides/"))):
        assert f'href="{path}"' in html
    assert [_status(each, path) for each in (client, as_chair)] == [403, 403]
    assert _status(client, row.slides.url) == 404
