"""Form, private pages and messages of applicants in the language of the edition."""

import pytest

from apps.interest.models import Expression
from apps.interest.services import resend_link
from apps.mail.models import Letter
from tests.factories import make_edition, make_expression
from tests.interest.calls import filled, make_open_call, open_page
from tests.interest.students import browser_of, heading, main

pytestmark = pytest.mark.django_db

PAGE = "/2030/interest/"
WORDS = {
    "de": {
        "form": ("Interesse bekunden", "Vollständiger Name", "(optional)", "von höchstens {limit}"),
        "error": ("Es gibt ein Problem", "Geben Sie Ihren vollständigen Namen ein"),
        "sent": ("Vielen Dank. Ihre Einreichung ist angekommen.",),
        "withdrawn": ("Zurückgezogen",),
    },
    "fr": {
        "form": ("Manifester votre intérêt", "Nom complet", "(facultatif)", "mots sur {limit}"),
        "error": ("Il y a un problème", "Saisissez votre nom complet"),
        "sent": ("Merci. Nous avons reçu votre proposition.",),
        "withdrawn": ("Retirée",),
    },
}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_the_form_its_errors_and_its_confirmation_have_the_language_of_the_edition(
    client, language
):
    edition = make_edition(slug="2030", language=language)
    call = make_open_call(edition=edition, asks_supervisor=True)
    words = WORDS[language]

    token = open_page(client, PAGE)
    form = client.get(PAGE).content.decode()
    data = filled(call.edition, token=token)
    refused = client.post(PAGE, data | {"name": ""}).content.decode()
    sent = client.post(PAGE, data, follow=True)

    assert [word for word in words["form"] if word not in form] == []
    assert [word for word in words["error"] if word not in refused] == []
    assert heading(sent) in words["sent"]


@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_student_withdraws_in_the_language_of_the_edition_and_the_log_stays_english(language):
    expression = make_expression(make_edition(language=language))
    browser = browser_of(expression)

    done = browser.post(
        f"/{expression.edition.slug}/interest/{expression.reference}/withdraw/", follow=True
    )

    assert heading(done) in WORDS[language]["withdrawn"]
    assert Expression.objects.get().events.latest("pk").what == "Withdraw"


def test_the_desk_stays_english_while_an_edition_is_not(as_chair):
    expression = make_expression(make_edition(language="de"), wants_talk=True, wants_poster=True)

    page = as_chair.get(f"/admin/interest/expression/{expression.pk}/change/")

    assert "Lightning talk or poster" in main(page)
    assert "Submitted" in page.content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ("Guten Tag Ada Example,", "ist angekommen", "Vollständiger Name\nAda", "Fragen?")),
        ("fr", ("Bonjour Ada Example,", "Nous avons reçu", "Nom complet\nAda", "Des questions")),
    ],
)
def test_letters_to_students_have_the_language_of_the_edition_and_notices_are_english(
    client, language, words
):
    edition = make_edition(slug="2030", language=language, contact_email="team@example.org")
    call = make_open_call(edition=edition)

    client.post(PAGE, filled(call.edition, token=open_page(client, PAGE)))

    receipt, notice = Letter.objects.order_by("pk")
    assert [text for text in words if text not in receipt.body_text] == []
    assert f'<html lang="{language}">' in receipt.body_html
    assert "Format: lightning talk." in notice.body_text
    assert '<html lang="en-gb">' in notice.body_html


def test_a_letter_that_a_chair_triggers_has_the_language_of_the_edition(as_chair):
    expression = make_expression(make_edition(language="de"))

    resend_link(expression=expression)

    assert "Ihr Link zur Interessenbekundung" in Letter.objects.latest("pk").subject
