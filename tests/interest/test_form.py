"""The rules of the form, and what it says when one is broken."""

import pytest

from apps.core.forms import error_links
from apps.core.text import count_words, one_line, several_lines
from apps.interest.forms import ExpressionForm
from apps.interest.models import Answer, CoAuthor, Expression, Question
from apps.interest.submission import submit_expression
from tests.factories import make_edition, make_topic
from tests.interest.calls import filled, make_open_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(db):
    return make_open_call(
        asks_career_stage=True, asks_supervisor=True, asks_school=True, asks_link=True
    )


def _form(call, instance=None, **changes) -> ExpressionForm:
    data = filled(call.edition, career_stage="phd") | changes
    return ExpressionForm(data, edition=call.edition, call=call, instance=instance)


def _ask(call, **fields) -> Question:
    return Question.objects.create(
        edition=call.edition, **{"words": "Do you come by train?"} | fields
    )


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Enter your full name"),
        ("name", " \u202e\u200b ", "Enter your full name"),
        ("name", "x" * 201, "Write your name in at most 200 characters"),
        ("email", "", "Enter your e-mail address"),
        ("email", "ada", "Enter an e-mail address in the form name@example.org"),
        ("email", "a@example.org\nBcc: b@example.org", "Enter an e-mail address in the form"),
        ("email", "a\0@example.org", "Enter an e-mail address in the form name@example.org"),
        ("email", "a\u202e@example.org", "Enter an e-mail address in the form name@example.org"),
        ("email", f"{'a' * 260}@example.org", "Enter an e-mail address of at most 254 characters"),
        ("university", "", "Enter your university"),
        ("university", "x" * 201, "Write the university in at most 200 characters"),
        ("career_stage", "", "Select what you are at present"),
        ("career_stage", "king", "Select one of the answers shown"),
        ("supervisor", "x" * 201, "Write the supervisor in at most 200 characters"),
        ("school", "x" * 201, "Write the school in at most 200 characters"),
        ("link", "javascript:alert(1)", "Enter a web address such as https://example.org/me"),
        ("link", "ftp://example.org", "Enter a web address such as https://example.org/me"),
        ("link", f"https://example.org/{'x' * 500}", "Enter a web address of at most 500"),
        ("formats", [], "Select lightning talk, poster or both"),
        ("formats", ["song"], "Select lightning talk, poster or both"),
        ("title", "", "Enter a title"),
        ("title", "x" * 212, "Your title is 212 characters. Cut it to 200 or fewer."),
        ("abstract", "", "Enter an abstract"),
        ("abstract", "word " * 312, "Your abstract is 312 words. Cut it to 250 or fewer."),
        ("abstract", "x" * 20_001, "Your abstract is 20001 characters. Cut it to 20000 or fewer."),
        ("topics", [], "Select at least one topic"),
        ("topics", ["999999"], "Select topics from the list"),
        ("topics", ["1 OR 1=1"], "Select topics from the list"),
        ("coauthor_name_2", "x" * 201, "Write the name in at most 200 characters"),
        ("coauthor_affiliation_2", "x" * 201, "Write the affiliation in at most 200 characters"),
    ],
)
def test_a_broken_rule_is_said_at_its_field_and_in_the_summary(call, field, value, words):
    form = _form(call, **{field: value})

    assert field in form.errors
    assert str(form.errors[field][0]).startswith(words)
    assert error_links(form)[0].message.startswith(words)


def test_what_is_right_becomes_what_the_services_take(call):
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


def test_both_formats_ask_which_is_preferred_and_one_forgets_the_answer(call):
    both = _form(call, formats=["talk", "poster"])
    one = _form(call, formats=["poster"], preference="talk")

    assert both.errors == {"preference": ["Select which you would rather show, or either"]}
    assert one.errors == {}
    assert one.service_fields()["preference"] == ""


def test_where_one_format_is_offered_nothing_is_asked(call):
    call.offers_talks = False

    form = _form(call)

    assert "formats" not in form.fields
    assert form.errors == {}
    assert (form.service_fields()["wants_talk"], form.service_fields()["wants_poster"]) == (
        False,
        True,
    )


def test_only_what_the_call_switches_on_is_asked(db):
    call = make_open_call()

    form = _form(call, supervisor="Somebody", link="https://example.org", career_stage="phd")

    asked = [name for name in form.fields if not name.startswith("coauthor_")]
    expected = "name email university formats preference title abstract topics"
    assert asked == expected.split()
    assert form.is_valid()
    assert not {"supervisor", "link", "career_stage"} & set(form.service_fields())


def test_a_topic_of_another_edition_is_none_of_ours(call):
    other = make_topic(make_edition())

    form = _form(call, topics=[str(other.pk)])

    assert form.errors == {"topics": ["Select topics from the list"]}


def test_without_topics_none_is_asked(call):
    call.edition.topics.all().delete()

    assert _form(call).errors == {}


def test_an_affiliation_wants_a_name_and_the_fold_is_open(call):
    form = _form(call, coauthor_affiliation_2="Example Lab")

    words = "Enter the name of co-author 2, or clear the affiliation"
    assert form.errors == {"coauthor_name_2": [words]}


@pytest.mark.parametrize(
    ("kind", "wrong", "words", "right"),
    [
        ("text", "x" * 501, "Write this in at most 500 characters", "By train"),
        ("long_text", "x" * 5001, "Your answer is 5001 characters. Cut it", "By\ntrain"),
        ("choice", "By ship", "Select one of the answers shown", "By train"),
        ("yes_no", "perhaps", "Select one of the answers shown", "yes"),
    ],
)
def test_the_organisers_own_questions(call, kind, wrong, words, right):
    question = _ask(call, kind=kind, is_required=True, choices="By train\n\n By foot ")
    name = f"question_{question.pk}"

    assert _form(call).errors == {name: ["Answer “Do you come by train?”"]}
    assert str(_form(call, **{name: wrong}).errors[name][0]).startswith(words)
    form = _form(call, **{name: right})
    assert form.errors == {}
    assert form.answers() == {question: right}


def test_questions_of_the_acceptance_and_of_other_editions_are_not_asked_now(call):
    _ask(call, asked_at="acceptance", is_required=True)
    Question.objects.create(edition=make_edition(), words="?", is_required=True)

    assert _form(call).errors == {}


def test_to_change_it_everything_begins_as_it_was_sent_and_the_address_is_left_out(call):
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

    shown = {name: form[name].value() for name in form.fields if form[name].value()}
    assert "email" not in form.fields
    assert shown == {
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
    assert (Expression.objects.count(), CoAuthor.objects.count(), Answer.objects.count()) == (
        1,
        2,
        1,
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada\0 Example", "Ada Example"),
        ("Ada\r\nBcc: x@example.org", "Ada Bcc: x@example.org"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("  many\t spaces\u00a0here ", "many spaces here"),
        ("e\u0301", "é"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("macDonald VAN DER berg", "macDonald VAN DER berg"),
        ("\u200d", ""),
    ],
)
def test_a_line_keeps_what_people_mean_and_drops_what_nobody_sees(typed, kept):
    assert one_line(typed) == kept


def test_paragraphs_are_kept():
    assert (
        several_lines("\r\n One\x00\ttwo \r\n\r\nthree\u2028four\n\n") == " One two\n\nthree\nfour"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("one", 1), (" one  two\nthree ", 3), ("state-of-the-art – yes", 3), ("a\u00a0b", 2)],
)
def test_words_stand_between_spaces(text, words):
    assert count_words(text) == words
