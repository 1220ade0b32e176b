"""Validation of the form, and its error messages."""

import pytest

from apps.core.forms import error_links
from apps.interest.forms import ExpressionForm
from apps.interest.models import Question
from apps.interest.submission import submit_expression
from tests.factories import make_edition, make_topic
from tests.interest.calls import ASKS_EVERYTHING, filled, make_open_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(db):
    return make_open_call(**ASKS_EVERYTHING)


def _form(call, instance=None, **changes) -> ExpressionForm:
    data = filled(call.edition, career_stage="phd") | changes
    return ExpressionForm(data, edition=call.edition, call=call, instance=instance)


def _ask(call, **fields) -> Question:
    return Question.objects.create(
        edition=call.edition, **{"label": "Do you come by train?"} | fields
    )


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Enter your full name"),
        ("name", " \u202e\u200b ", "Enter your full name"),
        ("name", "x" * 201, "Write your name in at most 200 characters"),
        ("email", "", "Enter your email address"),
        ("email", "ada", "Enter an email address in the form name@example.org"),
        ("email", "a@example.org\nBcc: b@example.org", "Enter an email address in the form"),
        ("email", "a\0@example.org", "Enter an email address in the form name@example.org"),
        ("email", "a\u202e@example.org", "Enter an email address in the form name@example.org"),
        ("email", f"{'a' * 260}@example.org", "Enter an email address of at most 254 characters"),
        ("email", "ädä@example.org", "We cannot write to this address: before the @"),
        ("email", "ada@ex“ample.org", "We cannot write to this address: the part after the @"),
        ("name", "Win at HTTPS://example.org", "Write a name here, without a web or email addr"),
        ("name", "Ada ada@example.org", "Write a name here, without a web or email address: re"),
        ("university", "WWW.example.org", "Write a name here, without a web or email address: r"),
        ("school", "ftp://example.org", "Write a name here, without a web or email address: rem"),
        ("supervisor", "www.example.org", "Write a name here, without a web or email address"),
        ("coauthor_name_2", "bo@example.org", "Write a name here, without a web or email addre"),
        ("coauthor_affiliation_2", "www.x", "Write a name here, without a web or email address"),
        ("university", "", "Enter your university"),
        ("university", "x" * 201, "Write the university in at most 200 characters"),
        ("career_stage", "", "Select your current position"),
        ("career_stage", "king", "Select one of the answers shown"),
        ("supervisor", "x" * 201, "Write the supervisor in at most 200 characters"),
        ("school", "x" * 201, "Write the school or lab in at most 200 characters"),
        ("link", "javascript:alert(1)", "Enter a web address such as https://example.org/me"),
        ("link", "ftp://example.org", "Enter a web address such as https://example.org/me"),
        ("link", f"https://example.org/{'x' * 500}", "Enter a web address of at most 500"),
        ("formats", [], "Select lightning talk, poster or both"),
        ("formats", ["song"], "Select lightning talk, poster or both"),
        ("title", "", "Enter a title"),
        ("title", "x" * 212, "Your title has 212 characters. Shorten it to 200 or fewer."),
        ("abstract", "", "Enter an abstract"),
        ("abstract", "word " * 312, "Your text has 312 words. Shorten it to 250 or fewer."),
        ("abstract", "x" * 20_001, "Your text has 20001 characters. Shorten it to 20000 or fewer."),
        ("topics", [], "Select at least one topic"),
        ("topics", ["999999"], "Select topics from the list"),
        ("topics", ["1 OR 1=1"], "Select topics from the list"),
        ("coauthor_name_2", "x" * 201, "Write the name in at most 200 characters"),
        ("coauthor_affiliation_2", "x" * 201, "Write the affiliation in at most 200 characters"),
    ],
)
def test_an_error_is_shown_at_its_field_and_in_the_summary(call, field, value, message):
    form = _form(call, **{field: value})

    assert field in form.errors
    assert str(form.errors[field][0]).startswith(message)
    assert error_links(form)[0].message.startswith(message)


def test_valid_input_is_cleaned_for_the_services(call):
    question = _ask(call)
    form = _form(
        call,
        name="  ada  van der Example ",
        formats=["talk", "poster"],
        preference="either",
        link="example.org/ada",
        supervisor="Grace Example",
        coauthor_name_1="Bo Example",
        coauthor_name_3="Cy Example",
        coauthor_affiliation_3="Example Lab",
        **{f"question_{question.pk}": "No"},
    )

    assert form.errors == {}
    assert form.service_fields() == {
        "name": "ada van der Example",
        "email": "ada@example.org",
        "university": "University of Example",
        "career_stage": "phd",
        "supervisor": "Grace Example",
        "school": "",
        "link": "https://example.org/ada",
        "wants_talk": True,
        "wants_poster": True,
        "preference": "either",
        "title": "Smaller and faster",
        "abstract": "We make it small.",
    }
    assert form.chosen_topics() == list(call.edition.topics.all())
    assert form.coauthor_pairs() == [("Bo Example", ""), ("Cy Example", "Example Lab")]
    assert form.answers() == {question: "No"}


def test_an_address_with_a_domain_in_other_letters_is_kept_as_it_was_typed(call):
    form = _form(call, email="Ada@BÜCHER.example")

    assert form.errors == {}
    assert form.service_fields()["email"] == "Ada@bücher.example"


def test_a_preference_is_required_for_both_formats_and_dropped_for_one(call):
    both = _form(call, formats=["talk", "poster"])
    one = _form(call, formats=["poster"], preference="talk")

    assert both.errors == {"preference": ["Select which you prefer, or no preference"]}
    assert one.errors == {}
    assert one.service_fields()["preference"] == ""


def test_a_single_offered_format_is_not_asked_for(call):
    call.offers_talks = False

    form = _form(call)

    assert "formats" not in form.fields
    assert form.errors == {}
    assert (form.service_fields()["wants_talk"], form.service_fields()["wants_poster"]) == (
        False,
        True,
    )


def test_only_the_fields_of_the_call_are_asked(db):
    call = make_open_call()

    form = _form(call, supervisor="Grace Example", link="https://example.org", career_stage="phd")

    asked = [name for name in form.fields if not name.startswith("coauthor_")]
    expected = "name email university formats preference title abstract topics"
    assert asked == expected.split()
    assert form.is_valid()
    assert not {"supervisor", "link", "career_stage"} & set(form.service_fields())


def test_topics_of_another_edition_are_refused_and_no_topic_is_needed_without_any(call):
    other = make_topic(make_edition())

    assert _form(call, topics=[other.pk]).errors == {"topics": ["Select topics from the list"]}
    call.edition.topics.all().delete()
    assert _form(call).errors == {}


def test_an_affiliation_needs_a_name(call):
    form = _form(call, coauthor_affiliation_2="Example Lab")

    message = "Enter the name of co-author 2, or clear the affiliation"
    assert form.errors == {"coauthor_name_2": [message]}


@pytest.mark.parametrize(
    ("kind", "wrong", "message", "right"),
    [
        ("text", "x" * 501, "Write this in at most 500 characters", "By train"),
        ("long_text", "x" * 5001, "Your text has 5001 characters. Shorten it", "By\ntrain"),
        ("choice", "By ship", "Select one of the answers shown", "By train"),
        ("yes_no", "perhaps", "Select one of the answers shown", "yes"),
    ],
)
def test_answers_to_questions_are_validated(call, kind, wrong, message, right):
    question = _ask(call, kind=kind, is_required=True, choices="By train\n\n By foot ")
    name = f"question_{question.pk}"

    assert _form(call).errors == {name: ["Answer “Do you come by train?”"]}
    assert str(_form(call, **{name: wrong}).errors[name][0]).startswith(message)
    form = _form(call, **{name: right})
    assert form.errors == {}
    assert form.answers() == {question: right}


def test_questions_at_acceptance_and_of_other_editions_are_not_asked(call):
    _ask(call, asked_at="acceptance", is_required=True)
    Question.objects.create(edition=make_edition(), label="?", is_required=True)

    assert _form(call).errors == {}


def test_the_form_of_an_expression_shows_its_values_without_the_address(call):
    question = _ask(call)
    expression, *_ = submit_expression(
        edition=call.edition,
        fields={
            "name": "Ada",
            "email": "ada@example.org",
            "university": "U",
            "title": "T",
            "abstract": "A",
            "wants_talk": True,
            "wants_poster": False,
        },
        topics=call.edition.topics.all(),
        coauthors=[("Bo", "Lab"), ("Cy", "")],
        answers={question: "Yes, gladly"},
    )

    form = ExpressionForm(edition=call.edition, call=call, instance=expression)

    values = {name: form[name].value() for name in form.fields if form[name].value()}
    assert "email" not in form.fields
    assert values == {
        "name": "Ada",
        "university": "U",
        "formats": ["talk"],
        "title": "T",
        "abstract": "A",
        "topics": [str(call.edition.topics.get().pk)],
        "coauthor_name_1": "Bo",
        "coauthor_affiliation_1": "Lab",
        "coauthor_name_2": "Cy",
        f"question_{question.pk}": "Yes, gladly",
    }
