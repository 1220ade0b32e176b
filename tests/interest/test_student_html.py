"""The student's pages as HTML: what the Nu checker calls an error."""

import pytest
from django.utils import timezone

from apps.interest.models import Consent, Expression, Question
from tests.browser import html_errors
from tests.interest.students import (
    browser_of,
    filled,
    link_path,
    make_call_edition,
    make_expression,
    make_link,
)

pytestmark = [pytest.mark.nu, pytest.mark.django_db]


def test_the_students_pages_are_well_made(client, tmp_path):
    edition = make_call_edition(slug="2024")
    question = Question.objects.create(edition=edition, words="Which day?", asked_at="acceptance")
    offered = make_expression(edition, state="accepted")
    confirmed = make_expression(edition, state="confirmed", can_attend=True)
    confirmed.answers.create(question=question, words="Monday")
    Consent.objects.create(
        expression=confirmed,
        about="photo",
        wording="Photos?",
        is_given=True,
        said_at=timezone.now(),
    )
    waiting = make_expression(edition, reference="R7K2QD", abstract="One.\n\nTwo.")
    browser = browser_of(offered, confirmed, waiting)
    conflict = filled(waiting, title="Typed")
    Expression.objects.filter(pk=waiting.pk).update(version=2)
    own = offered.get_absolute_url()
    base = "/2024/interest/"
    pages = [
        *(browser.get(own + page) for page in ("", "confirm/", "decline/", "withdraw/", "erase/")),
        browser.post(f"{own}confirm/"),
        browser.get(confirmed.get_absolute_url()),
        browser.get(f"{base}sent/R7K2QD/"),
        browser.get(f"{base}R7K2QD/change/"),
        browser.post(f"{base}R7K2QD/change/", conflict),
        browser.get(f"{base}R7K2QD/address/"),
        browser.post(f"{base}R7K2QD/address/", {"email": "sam"}),
        client.get(base + "R7K2QD/"),
        *(client.get(base + page) for page in ("new-link/", "new-link/sent/", "erased/")),
        client.get(link_path(waiting, make_link(waiting)[1])),
        client.get(link_path(waiting, "nothing")),
    ]
    files = [tmp_path / f"{number}.html" for number in range(len(pages))]
    for file, page in zip(files, pages, strict=True):
        file.write_bytes(page.content)

    assert {page.status_code for page in pages} == {200, 403, 404, 409}
    assert html_errors(files) == []
