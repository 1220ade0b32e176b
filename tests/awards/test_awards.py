"""Awards on public pages and in the admin."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from pytest_django.asserts import assertContains, assertHTMLEqual, assertNotContains

from apps.awards.models import Award, Recipient
from tests.factories import (
    make_award,
    make_contribution,
    make_current_edition,
    make_edition,
    make_person,
    make_recipient,
    make_section,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition(db):
    edition = make_current_edition(slug="2024")
    make_section(edition, heading="Paper awards", shows="awards")
    return edition


def test_an_award_goes_to_contributions_people_and_papers(edition, client):
    award = make_award(edition, heading="Best <i>", description="By *vote*.")
    ada = make_person(name="Ada", affiliation="One\nTwo", link="https://ada.example.org/")
    talk = make_contribution(edition, ada, "Bo", title="Lamps & light")
    make_recipient(award, contribution=talk)
    make_recipient(award, person=ada)
    make_recipient(award, title="Far", authors="Cy \n\nDee", link="https://far.example.org/")
    make_recipient(award, title="Near", authors="")

    response = client.get("/2024/awards/")
    page = response.content.decode()

    start = page.index('<ul class="recipients')
    assertHTMLEqual(
        page[start : page.index("</ul>", start) + len("</ul>")],
        """<ul class="recipients">
        <li id="best-i-lamps-light"><p class="recipient-title" dir="auto">
          <a href="/2024/contributions/lamps-light/">Lamps &amp; light</a></p>
          <p class="recipient-names" dir="auto">Ada, Bo</p></li>
        <li id="best-i-ada"><p class="recipient-title" dir="auto">
          <a href="https://ada.example.org/">Ada</a></p>
          <p class="recipient-names" dir="auto">One, Two</p></li>
        <li id="best-i-far"><p class="recipient-title" dir="auto">
          <a href="https://far.example.org/">Far</a></p>
          <p class="recipient-names" dir="auto">Cy, Dee</p></li>
        <li id="best-i-near"><p class="recipient-title" dir="auto">Near</p></li></ul>""",
    )
    assertContains(response, '<h2 dir="auto">Best &lt;i&gt;</h2>', html=True)
    assert 'id="best-i">' in page
    assert "<p>By <em>vote</em>.</p>" in page


def test_home_and_awards_pages_show_awards_and_mentions(edition, client):
    make_recipient(make_award(edition, heading="Best paper"), title="First")
    mention = make_award(edition, heading="Mention", kind="honourable_mention")
    make_recipient(mention, title="Second")
    make_award(edition, heading="Best poster")

    for page in (client.get("/"), client.get("/2024/awards/")):
        assertContains(page, 'class="recipients is-mention"', count=1)
        assertContains(page, "Best poster")
        assertContains(page, "<li>To be announced</li>", html=True)


def test_an_unpublished_award_is_not_shown(edition, client):
    make_recipient(make_award(edition, heading="Secret", is_published=False), title="Quiet")

    for path in ("/", "/2024/awards/", "/sitemap.xml"):
        page = client.get(path)
        for text in ("Secret", "Quiet", "Paper awards", "/2024/awards/</loc>"):
            assertNotContains(page, text)
    assertContains(client.get("/2024/awards/"), "To be announced here.")


WRONG = {
    "nothing": ({}, "one of the three"),
    "a title and a person": ({"title": "A paper", "person": True}, "one of the three"),
    "a contribution and a person": ({"contribution": True, "person": True}, "one of the three"),
    "a person with a link": ({"person": True, "link": "https://example.org/"}, "belong to a title"),
    "a contribution with authors": ({"contribution": True, "authors": "Ada"}, "belong to a title"),
}


@pytest.mark.parametrize(("fields", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_recipient_is_exactly_one_of_three_kinds(edition, fields, message):
    rows = {"person": make_person(), "contribution": make_contribution(edition, "Bo")}
    fields = {name: rows[name] if value is True else value for name, value in fields.items()}
    recipient = Recipient(award=make_award(edition), **fields)

    with pytest.raises(ValidationError, match=message):
        recipient.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        recipient.save()


def test_a_recipient_is_unique_and_of_the_same_edition(edition):
    award = make_award(edition)
    talk = make_contribution(edition, "Bo")
    make_recipient(award, contribution=talk)
    foreign = make_contribution(make_edition(), "Cy")

    with pytest.raises(ValidationError, match="already has the award"):
        Recipient(award=award, contribution=talk).full_clean()
    with pytest.raises(ValidationError, match="belongs to another edition"):
        Recipient(award=award, contribution=foreign).full_clean()


def test_a_contribution_with_an_award_cannot_be_deleted(edition):
    talk = make_contribution(edition, "Bo")
    make_recipient(make_award(edition), contribution=talk)

    with pytest.raises(RestrictedError):
        talk.delete()
    edition.delete()
    assert not Award.objects.exists()


def _rows(*rows: dict) -> dict:
    data = {"recipients-TOTAL_FORMS": len(rows), "recipients-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        for name in ("contribution", "person", "title", "authors", "link", "ordering", "id"):
            data[f"recipients-{number}-{name}"] = row.get(name, "")
    data["recipients-INITIAL_FORMS"] = sum(1 for row in rows if row.get("id"))
    return data


def test_an_editor_enters_an_award_and_adds_to_it(edition, as_editor):
    talk = make_contribution(edition, "Bo", title="Lamps")
    fields = {"edition": edition.pk, "heading": "Best", "kind": "award", "is_published": "on"}

    added = as_editor.post(
        "/admin/awards/award/add/", fields | _rows({"contribution": talk.pk, "ordering": 10})
    )

    award = Award.objects.get()
    assert added["Location"] == f"/admin/editions/edition/{edition.pk}/more/#awards-group"

    kept = {"id": award.recipients.get().pk, "ordering": 20}
    changed = as_editor.post(
        f"/admin/awards/award/{award.pk}/change/",
        fields | _rows(kept, {"title": "Far", "authors": "Cy", "ordering": 10}),
    )

    assert changed.status_code == 302
    assert [str(recipient) for recipient in award.recipients.all()] == ["Far", "Lamps"]


def test_the_form_explains_errors_of_a_row(edition, as_editor):
    foreign = make_contribution(make_edition(), "Cy")
    fields = {"edition": edition.pk, "heading": "Best", "kind": "award"}

    for row, message in (
        ({"contribution": foreign.pk}, "belongs to another edition"),
        ({"title": "A", "person": make_person().pk}, "one of the three"),
    ):
        page = as_editor.post("/admin/awards/award/add/", fields | _rows(row | {"ordering": 10}))

        assertContains(page, message)
    assert not Award.objects.exists()
