"""Changing a sent expression, correcting its address, withdrawing it."""

from datetime import date

import pytest
from django.test import Client

from apps.core.exceptions import NotAllowed
from apps.editions.models import Call
from apps.interest.letters import send_letter
from apps.interest.models import Event, Expression, Question
from apps.interest.services import revoke_links
from apps.mail.models import Letter
from apps.mail.services import make_link as make_mail_link
from apps.mail.services import queue_again
from tests.factories import make_call_edition, make_link, make_sent_expression, make_topic
from tests.interest.students import browser_of, filled, link_path, main

pytestmark = pytest.mark.django_db

MINE = "/2024/interest/R7K2QD/"
CHANGE, ADDRESS = f"{MINE}change/", f"{MINE}address/"


@pytest.fixture
def expression() -> Expression:
    edition = make_call_edition(slug="2024")
    make_topic(edition, heading="Large models")
    return make_sent_expression(edition, reference="R7K2QD")


@pytest.fixture
def client(expression):
    return browser_of(expression)


def _letters() -> list[tuple[str, str]]:
    return list(Letter.objects.order_by("pk").values_list("kind", "to_email"))


def test_a_change_is_saved_and_logged_once(client, expression):
    topic = expression.edition.topics.get(heading="Large models")
    data = filled(
        expression,
        title="Smaller is better still",
        topics=[topic.pk],
        coauthor_name_1="Ada Author",
        coauthor_affiliation_1="Elsewhere",
    )

    response = client.post(CHANGE, data, follow=True)
    again = client.post(CHANGE, data)

    expression.refresh_from_db()
    assert response.redirect_chain == [(MINE, 302)]
    assert "Your changes are saved." in main(response)
    assert again.status_code == 302
    assert (expression.title, expression.version) == ("Smaller is better still", 2)
    assert list(expression.topics.all()) == [topic]
    assert [str(author) for author in expression.coauthors.all()] == ["Ada Author (Elsewhere)"]
    assert [event.what for event in Event.objects.all()] == ["Corrected"]


def test_an_unchanged_form_changes_nothing(client, expression):
    response = client.post(CHANGE, filled(expression), follow=True)

    assert "You made no changes" in main(response)
    assert not Event.objects.exists()


def test_the_second_of_two_tabs_is_shown_both_versions_before_it_is_saved(client, expression):
    first = filled(expression, title="Saved first")
    second = filled(expression, title="Typed second", coauthor_name_1="Bo Both")
    client.post(CHANGE, first)

    with_error = client.post(CHANGE, second | {"title": ""})
    conflict = client.post(CHANGE, second)

    html = main(conflict)
    expression.refresh_from_db()
    assert 'name="version" value="1"' in main(with_error)
    assert conflict.status_code == 409
    assert expression.title == "Saved first"
    assert "<title> Not saved yet: Change your answers" in " ".join(
        conflict.content.decode().split()
    )
    for text in ("Saved first", "Typed second", "Bo Both"):
        assert f"<p>{text}</p>" in html
    assert 'value="Typed second"' in html
    assert 'name="version" value="2"' in html

    assert client.post(CHANGE, second | {"version": 2}).status_code == 302
    expression.refresh_from_db()
    assert (expression.title, expression.version) == ("Typed second", 3)


@pytest.mark.parametrize("version", ["", "nonsense", "-1", "9" * 5000])
def test_an_invalid_version_saves_nothing(client, expression, version):
    response = client.post(CHANGE, filled(expression, title="Other", version=version))

    assert response.status_code == 409
    assert not Event.objects.exists()


def test_a_conflict_compares_every_kind_of_answer(client, expression):
    question = Question.objects.create(edition=expression.edition, label="Which day?")
    other = make_topic(expression.edition, heading="Very large models")
    Expression.objects.update(version=2)
    changes = {"formats": ["poster"], "preference": "", "topics": [other.pk]}
    changes[f"question_{question.pk}"] = "Monday"

    html = main(client.post(CHANGE, filled(expression, **changes)))

    labels = [part.split("</dt>")[0] for part in html.split('<dt dir="auto">')[1:]]
    assert labels == [
        "What would you like to present?",
        "If you selected both, which do you prefer?",
        "Topics",
        "Which day?",
    ]
    assert "<p>Very large models</p>" in html


def test_after_the_deadline_nothing_can_be_changed(client, expression):
    Call.objects.update(opens_on=date(2020, 1, 1), closes_on=date(2020, 1, 2))
    data = filled(expression, title="Too late")

    opened, sent = client.get(CHANGE, follow=True), client.post(CHANGE, data)

    assert opened.redirect_chain == [(MINE, 302)]
    assert sent.status_code == 409
    for response in (opened, sent):
        assert "can no longer be changed" in main(response)
    assert 'value="Too late"' in main(sent)
    expression.refresh_from_db()
    assert expression.title == "Smaller is better"


def test_a_corrected_address_is_announced_to_both_addresses(client, expression):
    response = client.post(ADDRESS, {"email": "sam.student@example.org"}, follow=True)

    expression.refresh_from_db()
    assert expression.email == "sam.student@example.org"
    assert "From now on we write to sam.student@example.org." in main(response)
    assert _letters() == [
        ("interest/address_changed_old", "sam@example.org"),
        ("interest/address_changed", "sam.student@example.org"),
    ]


def test_a_corrected_address_ends_all_access_but_that_of_the_acting_browser(client, expression):
    stranger = browser_of(expression)
    _, token = make_link(expression)  # as in the letter to the wrong address
    send_letter(expression, "receipt", sent_text="", sent_rows=[])

    client.post(ADDRESS, {"email": "sam.student@example.org"})

    assert client.get(MINE).status_code == 200
    assert stranger.get(f"{MINE}data.json").status_code == 403
    assert Client().post(link_path(expression, token)).status_code == 410
    assert Letter.objects.get(kind="interest/receipt").state == Letter.State.DISCARDED


def test_no_link_goes_to_an_address_that_was_corrected_meanwhile(client, expression):
    send_letter(expression, "link")
    failed = Letter.objects.get()
    Letter.objects.update(state=Letter.State.FAILED)
    client.post(ADDRESS, {"email": "sam.student@example.org"})
    queue_again(letters=Letter.objects.filter(pk=failed.pk))
    count = expression.links.open().count()

    with pytest.raises(NotAllowed, match="address was changed"):
        make_mail_link(failed)

    assert expression.links.open().count() == count


def test_the_same_address_is_no_change(client):
    response = client.post(ADDRESS, {"email": "sam@example.org"}, follow=True)

    assert "We already have this address." in main(response)
    assert _letters() == []


@pytest.mark.parametrize(
    "email", ["", "sam", "a@b.example\nBcc: x@example.org", "x" * 300 + "@a.org"]
)
def test_an_invalid_address_is_an_error(client, email):
    response = client.post(ADDRESS, {"email": email})

    html = response.content.decode()
    assert response.status_code == 200
    assert "<title>Error: " in html
    assert '<a href="#id_email">Enter ' in html
    assert _letters() == []


def test_address_changes_are_limited(client):
    statuses = [
        client.post(ADDRESS, {"email": f"sam{number}@example.org"}).status_code
        for number in range(4)
    ]

    assert statuses == [302, 302, 302, 429]
    assert len(_letters()) == 6


@pytest.mark.parametrize("lost", ["csrf", "mine"])
def test_a_form_sent_without_a_cookie_shows_what_was_typed(client, expression, settings, lost):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = client.cookies
    browser.get(CHANGE)
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    del browser.cookies[settings.CSRF_COOKIE_NAME if lost == "csrf" else "mine"]
    data = filled(expression, title="Typed", abstract="Much more.", csrfmiddlewaretoken=token)

    for page, names in ((CHANGE, ("title", "abstract")), (f"{MINE}needs/", ("diet",))):
        response = browser.post(page, data | {"diet": "Vegan"})

        assert response.status_code == 403
        assert response["Cache-Control"] == "no-store, private"
        html = main(response)
        assert [name for name in names if (data | {"diet": "Vegan"})[name] not in html] == []
        assert token not in html
    expression.refresh_from_db()
    assert expression.title == "Smaller is better"


def test_a_form_sent_after_the_link_was_revoked_shows_what_was_typed(client, expression):
    revoke_links(expression=expression)

    data = filled(expression, title="<b>Typed</b>", abstract="Much more.")
    response = client.post(CHANGE, data)

    assert response.status_code == 403
    for text in ("It was not saved.", "&lt;b&gt;Typed&lt;/b&gt;", "Much more."):
        assert text in main(response)
