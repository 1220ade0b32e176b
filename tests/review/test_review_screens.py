"""The reviewers' screens, the reviews beside the expression and in the list, and who is chosen."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.interest.models import Question
from apps.review.models import Review, Reviewer
from apps.review.services import save_review
from tests.factories import (
    make_edition,
    make_expression,
    make_question,
    make_reviewer,
    make_topic,
    make_user,
    put_in_state,
)
from tests.reading import messages_of

pytestmark = pytest.mark.django_db

LIST = "/admin/interest/expression/"


def _queue(edition) -> str:
    return f"/admin/review/queue/{edition.pk}/"


def _review(expression) -> str:
    return f"/admin/review/{expression.pk}/"


def _words(response) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def review_rows() -> list[tuple]:
    return list(Review.objects.order_by("pk").values_list("score", "remark", "has_conflict"))


# One after the other


@pytest.mark.usefixtures("rena")
def test_the_queue_shows_the_next_expression(as_reviewer, edition):
    early = make_question(edition, label="Shown before?")
    late = make_question(edition, label="Which bed?", asked_at=Question.AskedAt.ACCEPTANCE)
    expression = make_expression(
        edition,
        name="Ada Example",
        university="University of Examples",
        supervisor="Prof. Super",
        title="Graphs by hand",
        abstract="First paragraph.\n\nSecond one.",
        wants_poster=True,
        preference="talk",
        topics=[make_topic(edition, heading="Graphs")],
        coauthors=[("Bo Helper", "Institute of Help")],
        answers={early: "no", late: "by the window"},
    )
    make_expression(edition)

    words = _words(as_reviewer.get(_queue(edition)))

    for part in (
        *("0 of 2 reviewed", "Graphs by hand", "First paragraph. Second one.", "Graphs"),
        *("Lightning talk or poster", "Prefer a lightning talk", "Shown before? no"),
        *("Ada Example, University of Examples", "Prof. Super", "Bo Helper (Institute of Help)"),
        *("1 Does not fit", "5 Excellent", "Conflict of interest", "Save and next", "Skip"),
    ):
        assert part in words
    assert expression.email not in words
    assert "window" not in words


def test_saving_leads_to_the_next_until_all_are_done(as_reviewer, rena, edition):
    first, second = make_expression(edition, title="One"), make_expression(edition, title="Two")

    shown = as_reviewer.get(_queue(edition)).context["expression"]
    then = as_reviewer.post(_review(first), {"verdict": "4", "remark": "Good."}, follow=True)
    done = as_reviewer.post(_review(second), {"verdict": "0"}, follow=True)

    assert shown == first
    assert then.context["expression"] == second
    assert messages_of(then) == [f"{first.display_reference}: 4, Good. Saved."]
    assert "1 of 2 reviewed" in _words(then)
    assert "You have reviewed all 2" in _words(done)
    assert done.redirect_chain[-1][0] == _queue(edition)
    assert "conflict of interest" in _words(done)
    assert review_rows() == [(4, "Good.", False), (None, "", True)]
    assert {review.reviewer for review in Review.objects.all()} == {rena}


@pytest.mark.usefixtures("rena")
def test_a_skipped_expression_comes_last(as_reviewer, edition):
    first, second, third = (make_expression(edition) for _ in range(3))

    page = as_reviewer.get(f"{_queue(edition)}?after={first.pk}")
    data = {"verdict": "3", "after": page.context["form"]["after"].value()}
    then = as_reviewer.post(_review(second), data, follow=True)
    last = as_reviewer.post(_review(third), data, follow=True)

    shown = [page.context["expression"], then.context["expression"], last.context["expression"]]
    assert shown == [second, third, first]


@pytest.mark.usefixtures("rena")
@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "", "99999"])
def test_an_invalid_position_is_the_beginning_of_the_queue(as_reviewer, edition, after):
    expression = make_expression(edition)

    page = as_reviewer.get(_queue(edition), {"after": after})

    assert page.context["expression"] == expression


@pytest.mark.usefixtures("rena")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a score, or “Conflict of interest”."),
        ({"verdict": "6"}, "Select a valid choice"),
        ({"verdict": "3", "remark": "x" * 5001}, "Shorten the remark"),
    ],
)
def test_a_missing_score_is_named_and_the_remark_kept(as_reviewer, edition, data, words):
    expression = make_expression(edition)

    page = as_reviewer.post(_review(expression), {"remark": "Kept."} | data)

    assert page.status_code == 200
    assert "<title>Error: " in page.content.decode()
    assert words in _words(page)
    assert ("Kept." in _words(page)) is ("remark" not in data)
    assert review_rows() == []


# Changing what was said


@pytest.mark.usefixtures("rena")
def test_a_review_saved_in_another_tab_is_shown_before_it_is_replaced(as_reviewer, edition):
    expression = make_expression(edition)
    as_reviewer.post(_review(expression), {"verdict": "2", "remark": "Thin."})
    same = as_reviewer.post(_review(expression), {"verdict": "2", "remark": "Thin."})

    both = as_reviewer.post(_review(expression), {"verdict": "4", "remark": "<b>Fine</b>"})

    assert (same.status_code, both.status_code) == (302, 409)
    assert review_rows() == [(2, "Thin.", False)]
    page = both.content.decode()
    assert "You saved this review in another tab meanwhile: <strong>2, Weak</strong>" in page
    assert '<p dir="auto">Thin.</p>' in page
    assert "&lt;b&gt;Fine&lt;/b&gt;" in page
    form = both.context["form"]
    as_reviewer.post(
        _review(expression),
        {name: form[name].value() for name in ("verdict", "remark", "seen")},
    )
    assert review_rows() == [(4, "<b>Fine</b>", False)]


@pytest.mark.usefixtures("rena")
def test_an_own_review_is_changed_from_the_list_of_own_reviews(as_reviewer, edition):
    expression = make_expression(edition, title="Graphs by hand")
    as_reviewer.post(_review(expression), {"verdict": "2", "remark": "Thin."})

    listed = as_reviewer.get(f"{_queue(edition)}mine/")
    form = as_reviewer.get(_review(expression)).context["form"]
    changed = as_reviewer.post(
        _review(expression),
        {"verdict": "5", "remark": "Better.", "seen": form["seen"].value()},
        follow=True,
    )

    assert "Graphs by hand" in _words(listed)
    assert (form["verdict"].value(), form["remark"].value()) == ("2", "Thin.")
    assert changed.redirect_chain[-1][0] == f"{_queue(edition)}mine/"
    assert messages_of(changed) == [f"{expression.display_reference}: 5, Excellent. Saved."]
    assert review_rows() == [(5, "Better.", False)]


@pytest.mark.usefixtures("rena")
def test_an_expression_decided_meanwhile_is_not_scored(as_reviewer, edition):
    expression = make_expression(edition)
    put_in_state(expression, "accepted")

    for answer in (
        as_reviewer.get(_review(expression), follow=True),
        as_reviewer.post(_review(expression), {"verdict": "1", "remark": " "}, follow=True),
    ):
        assert answer.redirect_chain[-1][0] == f"{LIST}{expression.pk}/change/"
        assert messages_of(answer) == [
            f"{expression.display_reference} is accepted and can no longer be reviewed."
        ]
    assert review_rows() == []


@pytest.mark.usefixtures("rena")
def test_a_remark_that_comes_after_the_decision_is_given_back(as_reviewer, edition):
    expression = make_expression(edition)
    put_in_state(expression, "accepted")

    data = {"verdict": "1", "remark": "Typed <for> an hour"}
    answer = as_reviewer.post(_review(expression), data, follow=True)

    assert "What you typed was not saved." in answer.content.decode()
    assert "Typed &lt;for&gt; an hour</q>" in answer.content.decode()


# Who gets in


def test_permissions_of_the_queue(
    client, as_stranger, as_editor, as_helpdesk, as_reviewer, as_chair, rena, edition
):
    mine, elsewhere = make_expression(edition), make_expression(make_edition())
    cast = (client, as_stranger, as_editor, as_helpdesk, as_reviewer, as_chair)

    def statuses(path: str) -> list[int]:
        return [who.get(path).status_code for who in cast]

    assert statuses("/admin/review/queue/") == [302, 302, 403, 403, 302, 200]
    assert statuses(_queue(edition)) == [302, 302, 403, 403, 200, 200]
    assert statuses(f"{_queue(edition)}mine/") == [302, 302, 403, 403, 200, 200]
    assert statuses(_queue(elsewhere.edition)) == [302, 302, 403, 403, 403, 200]
    assert statuses(f"{_queue(elsewhere.edition)}mine/") == [302, 302, 403, 403, 403, 200]
    assert statuses(_review(mine)) == [302, 302, 403, 403, 200, 200]
    assert statuses(_review(elsewhere)) == [302, 302, 403, 403, 404, 200]
    assert statuses("/admin/review/queue/99999/") == [302, 302, 403, 403, 404, 404]
    posted = [who.post(_review(elsewhere), {"verdict": "3"}).status_code for who in cast]
    assert posted == [302, 302, 403, 403, 404, 302]
    assert Review.objects.count() == 1
    for path in ("/admin/review/queue/", _queue(edition), f"{_queue(edition)}mine/"):
        assert as_chair.post(path).status_code == 405


def test_a_reviewer_sees_only_their_editions(as_reviewer, rena, edition):
    mine = make_expression(edition, title="Mine")
    other = make_expression(make_edition(), title="Others")

    rows = as_reviewer.get(LIST).context["cl"].result_list
    found = as_reviewer.get(LIST, {"q": "Others"}).context["cl"].result_list
    exported = b"".join(as_reviewer.post(f"{LIST}export/csv/").streaming_content).decode()

    assert list(rows) == [mine]
    assert list(found) == []
    assert "Mine" in exported
    assert "Others" not in exported
    assert as_reviewer.get(f"{LIST}{mine.pk}/change/").status_code == 200
    assert as_reviewer.get(f"{LIST}{other.pk}/change/").status_code == 302
    assert "Others" not in as_reviewer.get("/admin/").content.decode()


def test_a_reviewer_without_an_edition_reads_whom_to_ask(as_reviewer, chair, edition):
    make_expression(edition, title="Unseen")

    for path in (LIST, "/admin/review/queue/"):
        words = _words(as_reviewer.get(path))
        assert (
            "You are not a reviewer of any edition yet. Ask a chair (Charlie Chair) to add you"
            in words
        )
        assert "Unseen" not in words


def test_a_reviewer_of_several_editions_chooses_one(as_reviewer, rena, edition):
    make_reviewer(make_edition(title="An earlier one", year=1999), rena)
    make_expression(edition)

    words = _words(as_reviewer.get("/admin/review/queue/"))

    assert "2030 Workshop on Reviews 0 of 1 reviewed" in words
    assert "1999 An earlier one 0 of 0 reviewed" in words
    assert as_reviewer.get(LIST).content.decode().count('href="/admin/review/queue/"') == 2


# Beside the expression, and in the list


def test_a_chair_sees_all_reviews_with_mean_and_spread(as_chair, rena, edition):
    expression = make_expression(edition)
    other = make_reviewer(edition, name="Otto Other")
    save_review(expression=expression, reviewer=rena, score=4, remark="Fine <b>work</b>.")
    save_review(expression=expression, reviewer=other, score=5)
    save_review(expression=expression, reviewer=make_reviewer(edition), has_conflict=True)

    page = as_chair.get(f"{LIST}{expression.pk}/change/")

    words = _words(page)
    assert "4.5 ± 0.7, 2 reviews mean ± standard deviation" in words
    assert "Rena Reviewer: 4, Good" in words
    assert "Otto Other: 5, Excellent" in words
    assert "conflict of interest" in words
    assert "Fine &lt;b&gt;work&lt;/b&gt;." in page.content.decode()
    assert "Review it" in words


def test_a_reviewer_sees_only_their_own_review_before_the_release(as_reviewer, rena, edition):
    expression = make_expression(edition)
    other = make_reviewer(edition, name="Otto Other")
    save_review(expression=expression, reviewer=other, score=1, remark="Never.")
    path = f"{LIST}{expression.pk}/change/"

    before = _words(as_reviewer.get(path))
    save_review(expression=expression, reviewer=rena, score=4)
    reviewed = _words(as_reviewer.get(path))
    listed = _words(as_reviewer.get(LIST))
    put_in_state(expression, "declined")
    after = _words(as_reviewer.get(path))

    assert "You have not reviewed it yet." in before
    assert "Rena Reviewer: 4, Good" in reviewed
    assert "Change your review" in reviewed
    assert "4, Good" in listed
    for words in (before, reviewed, listed):
        assert "Otto" not in words
        assert "Never." not in words
        assert "2.5" not in words
    assert "Otto Other: 1, Does not fit" in after
    assert "Change your review" not in after


def _columns(client) -> list[str]:
    columns = client.get(LIST).context["cl"].list_display
    return [column if isinstance(column, str) else column.__name__ for column in columns]


def test_the_list_shows_mean_and_spread_to_chairs_and_is_sorted_by_them(as_chair, edition):
    reviewers = [make_reviewer(edition) for _ in range(3)]
    for title, scores in {"Split": [1, 5, 3], "Close": [4, 4, 5], "None": []}.items():
        expression = make_expression(edition, title=title)
        for user, score in zip(reviewers, scores, strict=False):
            save_review(expression=expression, reviewer=user, score=score)
    columns = _columns(as_chair)

    def titles(column: str, sign: str = "") -> list[str]:
        order = f"{sign}{columns.index(column)}"
        rows = as_chair.get(LIST, {"o": order}).context["cl"].result_list
        return [row.title for row in rows]

    words = _words(as_chair.get(LIST))
    assert "4.3 (3)" in words
    assert "± 0.6" in words
    assert "± 2.0" in words
    assert titles("mean", "-") == ["Close", "Split", "None"]
    assert titles("mean") == ["None", "Split", "Close"]
    assert titles("spread", "-") == ["Split", "Close", "None"]


def test_helpdesk_and_reviewers_have_no_column_of_scores(as_helpdesk, as_reviewer, rena, edition):
    save_review(expression=make_expression(edition), reviewer=rena, score=4)

    columns = [set(_columns(who)) for who in (as_helpdesk, as_reviewer)]

    of_reviews = {"mean", "spread", "own_score"}
    assert [of_reviews & shown for shown in columns] == [set(), {"own_score"}]
    assert "4.0" not in _words(as_helpdesk.get(LIST))


# Choosing reviewers


def _page_of(edition) -> str:
    return f"/admin/editions/edition/{edition.pk}/review/"


def _filled(client: Client, edition, **changes) -> dict:
    """The edition's page as it was opened, to send it with `changes`."""
    context = client.get(_page_of(edition)).context
    forms = [context["adminform"].form]
    for formset in context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    data: dict[str, Any] = {}
    for field in (field for form in forms for field in form):
        value, widget = field.value(), field.field.widget
        if hasattr(widget, "decompress"):
            parts = enumerate(widget.decompress(value))
            data |= {f"{field.html_name}_{number}": part for number, part in parts if part}
        elif value is not None and value is not False:
            data[field.html_name] = value
    return data | changes


def test_a_chair_adds_and_removes_reviewers_without_scripts(as_chair, edition):
    rena, otto = make_user("Reviewer", name="Rena"), make_user("Reviewer", name="Otto")

    as_chair.post(_page_of(edition), _filled(as_chair, edition, **{"reviewers-0-user": rena.pk}))
    as_chair.post(_page_of(edition), _filled(as_chair, edition, **{"reviewers-1-user": otto.pk}))
    both = list(Reviewer.objects.values_list("edition", "user__name"))
    as_chair.post(_page_of(edition), _filled(as_chair, edition, **{"reviewers-0-DELETE": "on"}))

    assert both == [(edition.pk, "Rena"), (edition.pk, "Otto")]
    assert list(Reviewer.objects.values_list("user__name", flat=True)) == ["Otto"]


def test_only_staff_with_the_role_can_be_chosen(as_chair, chair, edition):
    able = [chair, make_user("Reviewer"), make_user(is_staff=True, is_superuser=True)]
    unable = [make_user("Editor"), make_user("Helpdesk"), make_user()]
    unable += [make_user("Reviewer", is_active=False), make_user("Reviewer", is_staff=False)]

    (inline,) = [
        formset
        for formset in as_chair.get(_page_of(edition)).context["inline_admin_formsets"]
        if formset.opts.model is Reviewer
    ]
    offered = inline.formset.forms[0].fields["user"].queryset
    refused = [
        as_chair.post(_page_of(edition), _filled(as_chair, edition, **{"reviewers-0-user": one.pk}))
        for one in unable
    ]

    assert set(offered) == set(able)
    assert {response.status_code for response in refused} == {200}
    assert not Reviewer.objects.exists()


def test_a_reviewer_is_added_once(as_chair, rena, edition):
    answer = as_chair.post(
        _page_of(edition), _filled(as_chair, edition, **{"reviewers-1-user": rena.pk})
    )

    assert "Two rows have the same person. Change or remove one of them." in _words(answer)
    assert Reviewer.objects.count() == 1


def test_only_chairs_add_reviewers(as_editor, as_reviewer, rena, edition):
    for who in (as_editor, as_reviewer):
        models = [
            formset.opts.model
            for formset in who.get(_page_of(edition)).context["inline_admin_formsets"]
        ]
        assert Reviewer not in models


def test_the_edition_shows_the_progress_of_each_reviewer(as_chair, rena, edition):
    save_review(expression=make_expression(edition), reviewer=rena, score=3)
    make_reviewer(make_edition(), rena)

    words = _words(as_chair.get(_page_of(edition)))

    assert "Rena Reviewer" in words
    assert re.search(r"Rena Reviewer .{0,60}1", words)


# What it costs


@pytest.mark.usefixtures("rena")
@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_has_a_constant_number_of_queries(
    as_reviewer, edition, django_assert_max_num_queries, count
):
    question = make_question(edition)
    for _ in range(count):
        expression = make_expression(
            edition,
            topics=[make_topic(edition) for _ in range(count)],
            coauthors=[("Bo", "")] * count,
            answers={question: "yes"},
        )
        save_review(expression=expression, reviewer=make_reviewer(edition), score=3)

    with django_assert_max_num_queries(18):
        as_reviewer.get(_queue(edition))
    with django_assert_max_num_queries(18):
        as_reviewer.get(f"{_queue(edition)}?after=1")


def test_the_list_of_own_reviews_names_the_entries_that_wait(as_reviewer, rena, edition):
    done = make_expression(edition, title="Done <b>now</b>")
    waiting = make_expression(edition, title="Waits <script>")
    make_expression(edition, title="Decided", state="declined")
    save_review(expression=done, reviewer=rena, score=3)

    page = as_reviewer.get(f"{_queue(edition)}mine/").content.decode()
    listed = page.partition("review-waiting")[2].partition("</details>")[0]

    assert "1 to review" in listed
    assert f'href="/admin/review/{waiting.pk}/"' in listed
    assert "Waits &lt;script&gt;" in listed
    assert "Done" not in listed
    assert "Decided" not in listed


@pytest.mark.usefixtures("rena")
@pytest.mark.parametrize("count", [1, 3])
def test_own_reviews_have_a_constant_number_of_queries(
    as_reviewer, reviewer, edition, django_assert_max_num_queries, count
):
    for _ in range(count):
        save_review(expression=make_expression(edition), reviewer=reviewer, score=3)
        make_expression(edition)

    with django_assert_max_num_queries(18):
        as_reviewer.get(f"{_queue(edition)}mine/")
