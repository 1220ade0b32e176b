"""Students see their own and nobody else's: every address, everybody who may come."""

import pytest
from django.test import Client

from apps.interest import urls
from apps.interest.models import Expression
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of, filled, main

pytestmark = pytest.mark.django_db

# Below /2024/interest/<reference>/, in the state that has most to do: what a GET and a POST
# answer to the one it belongs to. The posted form is empty.
PAGES = {
    "": (200, 405),
    "change/": (200, 200),
    "address/": (200, 200),
    "withdraw/": (200, 302),
    "confirm/": (200, 200),
    "needs/": (302, 302),
    "decline/": (200, 302),
    "data.json": (200, 405),
    "erase/": (200, 302),
    "leave/": (405, 302),
}
# With something in the form, so that whoever got in would change something.
FILLED = {
    "address/": {"email": "thief@example.org"},
    "confirm/": {"confirmed_format": "both", "can_attend": "yes"},
    "needs/": {"can_attend": "yes"},
}


@pytest.fixture
def expression() -> Expression:
    return make_sent_expression(
        make_call_edition(slug="2024"), reference="R7K2QD", state="accepted"
    )


def _other_student(expression: Expression) -> Client:
    return browser_of(make_sent_expression(expression.edition, name="Olga Other"))


def _student_of_last_year(expression: Expression) -> Client:
    return browser_of(make_sent_expression(make_call_edition(slug="2023")))


@pytest.fixture(params=["anonymous", "other", "last year's", "chair", "helpdesk", "stranger"])
def outsider(request, expression, as_chair, as_helpdesk, as_stranger) -> Client:
    match request.param:
        case "other":
            return _other_student(expression)
        case "last year's":
            return _student_of_last_year(expression)
        case "chair":
            return as_chair
        case "helpdesk":
            return as_helpdesk
        case "stranger":
            return as_stranger
        case _:
            return Client()


def _post(client: Client, page: str, expression: Expression):
    typed = FILLED.get(page, {})
    if page == "change/":
        typed = filled(expression, title="Stolen")
    return client.post(f"/2024/interest/R7K2QD/{page}", typed)


def test_every_page_of_a_student_is_swept():
    prefix = "<slug:edition>/interest/<str:reference>/"
    routes = [str(pattern.pattern) for pattern in urls.urlpatterns]

    assert {route.removeprefix(prefix) for route in routes if route.startswith(prefix)} == set(
        PAGES
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_one_it_belongs_to_gets_in(expression, page):
    seen, pressed = PAGES[page]

    assert browser_of(expression).get(f"/2024/interest/R7K2QD/{page}").status_code == seen
    assert browser_of(expression).post(f"/2024/interest/R7K2QD/{page}").status_code == pressed


@pytest.mark.parametrize("page", [page for page in PAGES if page != "leave/"] + ["sent"])
def test_everybody_else_reads_the_same_as_if_there_were_none(outsider, page):
    there = "sent/R7K2QD/" if page == "sent" else f"R7K2QD/{page}"
    not_there = there.replace("R7K2QD", "222222")

    responses = [outsider.get(f"/2024/interest/{path}") for path in (there, not_there)]

    assert [response.status_code for response in responses] == [403, 403]
    assert main(responses[0]) == main(responses[1])
    assert responses[0].headers.items() == responses[1].headers.items()
    assert [word for word in ("Sam", "sam@", "Smaller") if word in main(responses[0])] == []


@pytest.mark.parametrize("page", [page for page, (_, pressed) in PAGES.items() if pressed != 405])
def test_nobody_else_changes_anything(expression, outsider, page):
    before = Expression.objects.filter(pk=expression.pk).values().get()

    response = _post(outsider, page, expression)

    assert response.status_code == 403
    assert Expression.objects.filter(pk=expression.pk).values().get() == before
    assert Letter.objects.count() == 0


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_page_knows_another_method(expression, page, method):
    client = browser_of(expression)

    assert getattr(client, method)(f"/2024/interest/R7K2QD/{page}").status_code == 405


@pytest.mark.parametrize("page", PAGES)
def test_an_expression_is_found_under_its_own_edition_alone(expression, page):
    make_call_edition(slug="2023")
    client = browser_of(expression)

    ask = client.post if page == "leave/" else client.get

    assert ask(f"/2023/interest/R7K2QD/{page}").status_code == 403


@pytest.mark.parametrize("page", [page for page, (_, pressed) in PAGES.items() if pressed != 405])
def test_a_press_forged_by_another_site_is_refused(expression, page):
    client = Client(enforce_csrf_checks=True)
    client.cookies = browser_of(expression).cookies

    response = _post(client, page, expression)

    expression.refresh_from_db()
    assert response.status_code == 403
    assert (expression.state, expression.title) == ("accepted", "Smaller is better")


@pytest.mark.parametrize(
    ("state", "open_pages"),
    [
        ("submitted", {"", "change/", "address/", "withdraw/", "data.json", "erase/"}),
        ("withdrawn", {"", "address/", "data.json", "erase/"}),
        ("declined", {"", "address/", "data.json", "erase/"}),
        ("confirmed", {"", "change/", "needs/", "address/", "withdraw/", "data.json", "erase/"}),
    ],
)
def test_where_there_is_nothing_to_do_the_page_says_where_it_stands(expression, state, open_pages):
    own = make_sent_expression(expression.edition, state=state)
    client = browser_of(own)

    for page in set(PAGES) - {"leave/"}:
        response = client.get(f"{own.get_absolute_url()}{page}")

        expected = (200, None) if page in open_pages else (302, own.get_absolute_url())
        assert (response.status_code, response.get("Location")) == expected, page


@pytest.mark.parametrize("page", PAGES)
def test_once_erased_there_is_nothing(expression, page):
    client = browser_of(expression)
    client.post("/2024/interest/R7K2QD/erase/")

    ask = client.post if page == "leave/" else client.get

    assert ask(f"/2024/interest/R7K2QD/{page}").status_code == 403


@pytest.mark.parametrize("page", [*PAGES, "sent"])
def test_every_answer_is_kept_by_nobody_and_found_by_nobody(expression, page):
    path = "/2024/interest/sent/R7K2QD/" if page == "sent" else f"/2024/interest/R7K2QD/{page}"
    if page == "leave/":
        answers = [browser_of(expression).post(path), Client().post(path)]
    else:
        answers = [browser_of(expression).get(path), Client().get(path)]

    for response in answers:
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Robots-Tag"] == "noindex"
