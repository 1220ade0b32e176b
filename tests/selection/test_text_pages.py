"""Letter texts on the desk: written per edition, previewed on somebody, refused if they cannot be."""

import pytest

from apps.interest.models import ExpressionLetter
from apps.mail.models import Letter, LetterText
from apps.mail.texts import kind_of, text_kinds
from apps.selection.decisions import decide
from tests.factories import make_call, make_edition, make_expression, make_user
from tests.reading import messages_of

pytestmark = pytest.mark.django_db

KIND = "interest/offer_talk"
HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}{title}https://evil.example/"


@pytest.fixture
def edition():
    edition = make_edition(title="Workshop")
    make_call(edition)
    return edition


@pytest.fixture
def here(edition):
    return f"/admin/selection/texts/{edition.pk}/"


def sent(client, here, kind=KIND, **more):
    """As the page's form sends it: the words, and what was there when the page was opened."""
    seen = client.get(f"{here}{kind}/").context["seen"]
    words = {"seen": seen, "subject": "For {name}", "body": "See {title}."}
    return client.post(f"{here}{kind}/", words | more, follow=True)


def test_the_list_marks_own_and_default_texts(as_chair, edition, here):
    LetterText.objects.create(edition=edition, kind=KIND, subject="Own", body="Own")

    words = as_chair.get(here).content.decode()

    assert words.count(">your text<") == 1
    assert words.count(">default text<") == len(text_kinds()) - 1
    for kind in text_kinds():
        assert f"{here}{kind.kind}/" in words


def test_the_list_has_a_constant_number_of_queries(
    as_chair, edition, here, django_assert_num_queries
):
    for count in (0, 3):
        for kind in text_kinds()[:count]:
            LetterText.objects.create(edition=edition, kind=kind.kind, subject="x", body="x")
        with django_assert_num_queries(6):
            as_chair.get(here)


def test_a_text_is_saved_for_its_edition_only(as_chair, edition, here):
    other = make_edition()

    response = sent(as_chair, here, save="1", body="Line one\r\n\r\nLine two")

    assert messages_of(response)[0].startswith("“Offer of a lightning talk” is saved.")
    texts = LetterText.objects.values_list("edition", "kind", "subject", "body")
    assert list(texts) == [(edition.pk, KIND, "For {name}", "Line one\n\nLine two")]
    assert other.letter_texts.count() == 0


@pytest.mark.parametrize(
    ("words", "faults"),
    [
        (
            {"subject": "{private_link}"},
            {"subject": ["{private_link} cannot be used in the subject. Use it in the email."]},
        ),
        ({"body": "{nmae}"}, {"body": ["“{nmae}” is not a placeholder. Did you mean {name}?"]}),
        ({"subject": " "}, {"subject": ["Write a subject."]}),
        ({"body": ""}, {"body": ["Write the email."]}),
        ({"subject": "x" * 301}, {"subject": ["A subject has at most 300 characters."]}),
        ({"body": "x" * 20_001}, {"body": ["An email has at most 20000 characters."]}),
    ],
)
def test_invalid_texts_are_refused_at_their_field(as_chair, here, words, faults):
    response = sent(as_chair, here, save="1", **words)

    assert response.context["form"].errors == faults
    assert "<title>Error:" in response.content.decode()
    assert LetterText.objects.count() == 0


def test_the_default_text_can_be_restored(as_chair, edition, here):
    LetterText.objects.create(edition=edition, kind=KIND, subject="Own", body="Own")
    ours = kind_of(KIND)

    shown = sent(as_chair, here, ours="1")
    kept = LetterText.objects.count()
    sent(as_chair, here, save="1", subject=ours.subject, body=ours.body)

    assert shown.context["form"].initial == {"subject": ours.subject, "body": ours.body}
    assert messages_of(shown) == ["This is the default text. Save to use it again."]
    assert (kept, LetterText.objects.count()) == (1, 0)


def test_a_colleagues_change_is_not_overwritten_unasked(as_chair, edition, here):
    seen = as_chair.get(f"{here}{KIND}/").context["seen"]
    LetterText.objects.create(edition=edition, kind=KIND, subject="Theirs", body="Theirs")

    preview = sent(as_chair, here, preview="1", seen=seen)
    first = sent(as_chair, here, save="1", seen=preview.context["seen"])
    theirs = LetterText.objects.get().subject
    sent(as_chair, here, save="1", seen=first.context["seen"])

    assert "This email was changed while you had the page open" in first.content.decode()
    assert '<q class="stored-value" dir="auto">Theirs</q>' in first.content.decode()
    assert "See {title}." in first.content.decode()
    assert (theirs, LetterText.objects.get().subject) == ("Theirs", "For {name}")


# The preview


def test_a_preview_for_a_chosen_sample_saves_nothing(as_chair, edition, here):
    make_expression(edition, name="Ada Example")
    bo = make_expression(edition, name="Bo Example", title="Small models")

    response = sent(as_chair, here, preview="1", sample=bo.pk)

    preview = response.context["preview"]
    assert preview["subject"] == "For Bo Example"
    assert preview["text"].startswith("See Small models.")
    assert LetterText.objects.count() == 0


def test_samples_with_a_pending_decision_come_first(as_chair, edition, here):
    pending = make_expression(edition, name="Ada Example")
    decide(expression=pending, verdict="decline", by=make_user("Chair"))
    make_expression(edition, name="Bo Example")

    response = as_chair.get(f"{here}{KIND}/")

    assert [one.name for one in response.context["samples"]] == ["Ada Example", "Bo Example"]
    assert response.context["sample"] == pending


def test_invalid_samples_and_those_of_other_editions_are_ignored(as_chair, here):
    elsewhere = make_expression(make_edition(), name="Else Where")

    for sample in (elsewhere.pk, "x", "-1", "9" * 40, ""):
        words = as_chair.get(f"{here}{KIND}/?expression={sample}").content.decode()

        assert "Else Where" not in words
        assert "Ada Example" in words


@pytest.mark.parametrize("kind", [kind.kind for kind in text_kinds()])
def test_every_kind_has_a_preview_without_expressions(as_chair, here, kind):
    response = as_chair.get(f"{here}{kind}/")

    assert "an invented person" in response.content.decode()
    assert "{" not in response.context["preview"]["text"]


def test_hostile_text_is_escaped_in_the_preview(as_chair, edition, here):
    make_expression(edition, name=HOSTILE, title=HOSTILE)

    response = sent(as_chair, here, preview="1", body="{name} https://example.org/ <b>bold</b>")

    words = response.content.decode()
    assert "<script>alert" not in words
    assert "<b>" not in words
    assert 'href="https://e' not in words
    assert HOSTILE in response.context["preview"]["text"]


@pytest.mark.parametrize("path", ["nothing/", "interest/receipt/", "interest/offer_talk"])
def test_a_kind_without_a_text_is_not_found(as_chair, here, path):
    assert as_chair.get(f"{here}{path}", follow=True).status_code == (
        200 if path.endswith("talk") else 404
    )


@pytest.mark.parametrize("has_entry", [True, False])
def test_a_text_is_sent_to_the_chair_as_a_test_and_not_saved(
    as_chair, chair, edition, here, has_entry
):
    if has_entry:
        make_expression(edition, name="Ada Example", title="Smaller")
    Letter.objects.all().delete()

    response = sent(as_chair, here, test="1", body="{title}, {reply_by}: {private_link}")

    letter = Letter.objects.get()
    assert (letter.to_email, letter.state, letter.link_maker) == (chair.email, "queued", "")
    assert letter.subject == "Test: For Ada Example"
    assert ("Smaller" in letter.body_text) == has_entry
    assert ExpressionLetter.objects.filter(letter=letter).exists() == has_entry
    assert not LetterText.objects.exists()
    assert "{title}, {reply_by}" in response.context["form"]["body"].value()


@pytest.mark.parametrize("kind", [kind.kind for kind in text_kinds()])
def test_each_default_text_can_be_sent_as_a_test(as_chair, chair, edition, here, kind):
    initial = as_chair.get(f"{here}{kind}/").context["form"].initial

    sent(as_chair, here, kind, test="1", **initial)

    assert Letter.objects.get().to_email == chair.email


def test_a_faulty_text_is_not_sent_as_a_test(as_chair, here):
    sent(as_chair, here, test="1", body="{unknown}")

    assert not Letter.objects.exists()
