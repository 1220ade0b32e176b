"""The page of texts in a new edition that name facts of the one that it was made from."""

from datetime import date

import pytest
from django.urls import reverse

from apps.editions.models import Call, Edition
from apps.imports.cloning import clone_edition
from apps.imports.models import ConfirmedText
from apps.mail.models import LetterText
from apps.pages.models import SectionLink
from apps.review.models import Criterion
from tests.factories import (
    make_current_edition,
    make_edition,
    make_group,
    make_page,
    make_person,
    make_section,
    make_sponsor,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Edition:
    """2026 in Oxford, on 3 May; every text that a copy has names the year."""
    edition = make_current_edition(
        slug="2026",
        year=2026,
        title="Small Things 2026",
        starts_on=date(2026, 5, 3),
        venue="Oxford",
        code_of_conduct="The rules of 2026.",
    )
    section = make_section(edition, heading="Introduction", body="All is well. Come on 3 May!")
    SectionLink.objects.create(section=section, label="Photos 2026", url="https://example.org/")
    make_page(edition, slug="travel", title="Travel", body="Trains to Oxford. Good cake.")
    make_topic(edition, heading="Atoms", description="New in 2026.")
    make_group(edition, make_person(name="Ada", affiliation="Oxford"), heading="Chairs 2026")
    make_sponsor(edition, name="Lamp Ltd", description="Lamps of 2026.")
    Call.objects.create(edition=edition, text="Write until 1 March.", closes_on=date(2026, 3, 1))
    Criterion.objects.create(edition=edition, label="Novelty in 2026")
    LetterText.objects.create(
        edition=edition, kind="interest/declined", subject="Yes", body="See you 3 May."
    )
    return edition


@pytest.fixture
def draft(source) -> Edition:
    return clone_edition(source=source, by=None)


def page(client, draft):
    return client.get(reverse("imports:texts", args=[draft.pk]))


def press(client, draft, digest, **data):
    url = reverse("imports:texts", args=[draft.pk])
    return client.post(url, {"digest": digest, **data}, follow=True)


def names(response, key="texts") -> list[str]:
    return [text.name for text in response.context[key]]


def test_every_copied_text_that_names_old_facts_is_listed(draft, as_chair):
    texts = page(as_chair, draft).context["texts"]

    assert {text.name: "".join(words for words, _ in text.sentences[0]) for text in texts} == {
        "Edition: code of conduct": "The rules of 2026.",
        "Section “Introduction”: text": "Come on 3 May!",
        "Link of a section “Photos 2026”: label": "Photos 2026",
        "Page “Travel”: text": "Trains to Oxford.",
        "Topic “Atoms”: description": "New in 2026.",
        "Group “Chairs 2026”: heading": "Chairs 2026",
        "Sponsor “Lamp Ltd”: short description": "Lamps of 2026.",
        "Call: text": "Write until 1 March.",
        "Criterion “Novelty in 2026”: label": "Novelty in 2026",
        "Email text “Not this time”: body": "See you 3 May.",
    }


def test_each_link_leads_to_a_page_where_the_text_is(draft, as_chair):
    for text in page(as_chair, draft).context["texts"]:
        words = "".join(words for words, is_old in text.sentences[0] if is_old)

        assert words in as_chair.get(text.url).content.decode(), text.url


def test_the_sentence_is_shown_with_its_words_marked_and_escaped(draft, as_chair):
    draft.pages.update(title="<b>Travel</b>", body="A <script>alert(1)</script> in 2026.")

    html = page(as_chair, draft).content.decode()

    assert "A &lt;script&gt;alert(1)&lt;/script&gt; in <mark>2026</mark>." in html
    assert "<script>alert" not in html
    assert "<b>Travel" not in html


def test_a_changed_text_is_no_longer_listed(draft, as_chair):
    draft.pages.update(body="Trains to Cambridge.")

    assert "Page “Travel”: text" not in names(page(as_chair, draft))


def test_a_text_marked_as_right_is_listed_again_when_it_was_changed(draft, as_chair):
    text = next(each for each in page(as_chair, draft).context["texts"] if "Travel" in each.name)

    response = press(as_chair, draft, text.digest)

    assert text.name not in names(response)
    assert names(response, "confirmed") == [text.name]

    draft.pages.update(body="Trains to Oxford, again.")

    response = page(as_chair, draft)
    assert text.name in names(response)
    assert names(response, "confirmed") == []


def test_a_mark_can_be_taken_back_and_two_presses_are_one(draft, as_chair):
    text = page(as_chair, draft).context["texts"][0]
    for _ in range(2):
        press(as_chair, draft, text.digest)
    assert ConfirmedText.objects.count() == 1

    for _ in range(2):
        response = press(as_chair, draft, text.digest, undo="1")

    assert ConfirmedText.objects.count() == 0
    assert text.name in names(response)


@pytest.mark.parametrize("digest", ["", "x" * 5000, "\x00", "0" * 20])
def test_a_text_that_changed_meanwhile_is_not_marked(draft, as_chair, digest):
    response = press(as_chair, draft, digest)

    assert "This text has changed meanwhile." in response.content.decode()
    assert ConfirmedText.objects.count() == 0


def test_a_text_of_another_edition_is_not_marked(source, draft, as_chair):
    other = clone_edition(source=source, by=None, year=2028, slug="2028")
    text = page(as_chair, other).context["texts"][0]

    press(as_chair, draft, text.digest)

    assert ConfirmedText.objects.count() == 0


def test_editors_see_the_texts_that_they_may_change(draft, as_editor, as_chair):
    chairs_only = {"Criterion “Novelty in 2026”: label", "Email text “Not this time”: body"}
    letter = next(each for each in page(as_chair, draft).context["texts"] if "Email" in each.name)

    assert set(names(page(as_chair, draft))) - set(names(page(as_editor, draft))) == chairs_only

    press(as_editor, draft, letter.digest)
    assert ConfirmedText.objects.count() == 0


def test_an_edition_made_from_none_has_no_texts_to_check(as_chair):
    response = page(as_chair, make_edition(slug="2027", year=2027))

    assert "This edition was not made from another one" in response.content.decode()


def test_many_texts_are_read_with_as_many_queries(draft, as_chair, django_assert_max_num_queries):
    for number in range(5):
        make_section(draft, heading=f"Section {number}", body="In 2026.")
        make_sponsor(draft, name=f"Lamp {number}", description="In 2026.")

    with django_assert_max_num_queries(40):
        response = page(as_chair, draft)

    assert len(response.context["texts"]) == 20


# The overview


def overview(client, edition):
    return client.get(reverse("admin:edition-overview", args=[edition.pk])).context


def test_the_overview_counts_the_texts_and_links_to_them(draft, as_chair):
    url = reverse("imports:texts", args=[draft.pk])
    context = overview(as_chair, draft)

    (todo,) = [each for each in context["todos"] if each.url == url]
    (step,) = [each for each in context["steps"] if each.url == url]
    assert (todo.count, todo.label) == (10, "texts to check")
    assert step.sentence == "10 texts name the year, a day or the place of Small Things 2026."
    assert step.state == "ready"


def test_the_step_is_done_when_every_text_is_changed_or_right(draft, as_chair):
    for text in page(as_chair, draft).context["texts"]:
        press(as_chair, draft, text.digest)

    context = overview(as_chair, draft)

    (step,) = [each for each in context["steps"] if each.title == "Check the copied texts"]
    assert step.state == "done"
    assert not [each for each in context["todos"] if each.label == "texts to check"]


def test_past_editions_and_those_made_from_none_have_no_such_step(source, draft, as_chair):
    Edition.objects.filter(pk=draft.pk).update(state=Edition.State.ARCHIVED)

    for edition in (source, draft):
        titles = [step.title for step in overview(as_chair, edition)["steps"]]
        assert "Check the copied texts" not in titles
