"""Access to the student's pages: every URL, every role."""

import pytest
from django.test import Client

from apps.interest import urls
from apps.interest.models import Expression
from apps.mail.models import Letter
from tests.factories import make_call_edition, make_sent_expression
from tests.interest.students import browser_of, filled, main

pytestmark = pytest.mark.django_db

MINE = "/2024/interest/R7K2QD/"
# Page: status of GET and of an empty POST by its student, who has an offer.
PAGES = {
    "": (200, 405),
    "change/": (200, 200),
    "address/": (200, 200),
    "withdraw/": (200, 302),
    "confirm/": (200, 200),
    "needs/": (302, 302),
    "decline/": (200, 302),
    "data.json": (200, 405),
    "entry.pdf": (302, 405),  # without one
    "erase/": (200, 302),
    "leave/": (405, 302),
}
WITH_GET = [page for page, (status, _) in PAGES.items() if status != 405]
WITH_POST = [page for page, (_, status) in PAGES.items() if status != 405]
# Data that would change something.
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


@pytest.fixture(params=["visitor", "other", "last year's", "chair", "helpdesk", "stranger"])
def outsider(request, expression) -> Client:
    match request.param:
        case "visitor":
            return Client()
        case "other":
            return browser_of(make_sent_expression(expression.edition, name="Olga Other"))
        case "last year's":
            return browser_of(make_sent_expression(make_call_edition(slug="2023")))
        case role:
            return request.getfixturevalue(f"as_{role}")


def _get(client: Client, page: str, base: str = MINE):
    """The response to the method of the page."""
    return (client.post if page == "leave/" else client.get)(base + page)


def _post(client: Client, page: str, expression: Expression):
    data = FILLED.get(page, {})
    if page == "change/":
        data = filled(expression, title="Stolen")
    return client.post(MINE + page, data)


def test_every_page_of_a_student_is_in_the_table():
    prefix = "<slug:edition>/interest/<str:reference>/"
    routes = [str(pattern.pattern) for pattern in urls.urlpatterns]

    pages = {route.removeprefix(prefix) for route in routes if route.startswith(prefix)}
    assert pages == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_the_student_has_access_with_the_right_methods(expression, page):
    client, path = browser_of(expression), MINE + page

    for method in (client.put, client.patch, client.delete):
        assert method(path).status_code == 405
    assert (client.get(path).status_code, client.post(path).status_code) == PAGES[page]


@pytest.mark.parametrize("page", [*WITH_GET, "sent"])
def test_others_get_the_response_of_a_missing_expression(outsider, page):
    path = "sent/R7K2QD/" if page == "sent" else f"R7K2QD/{page}"

    response, missing = (
        outsider.get(f"/2024/interest/{url}") for url in (path, path.replace("R7K2QD", "222222"))
    )

    assert (response.status_code, missing.status_code) == (403, 403)
    assert main(response) == main(missing)
    assert response.headers.items() == missing.headers.items()
    assert [text for text in ("Sam", "sam@", "Smaller") if text in main(response)] == []


@pytest.mark.parametrize("page", WITH_POST)
def test_others_change_nothing(expression, outsider, page):
    rows = Expression.objects.filter(pk=expression.pk).values()
    before = rows.get()

    response = _post(outsider, page, expression)

    assert response.status_code == 403
    assert rows.get() == before
    assert Letter.objects.count() == 0


@pytest.mark.parametrize("page", WITH_POST)
def test_a_forged_post_is_refused(expression, page):
    client = Client(enforce_csrf_checks=True)
    client.cookies = browser_of(expression).cookies

    response = _post(client, page, expression)

    expression.refresh_from_db()
    assert response.status_code == 403
    assert (expression.state, expression.title) == ("accepted", "Smaller is better")


@pytest.mark.parametrize("page", PAGES)
def test_an_expression_is_closed_under_another_edition_and_once_erased(expression, page):
    make_call_edition(slug="2023")
    client = browser_of(expression)

    assert _get(client, page, "/2023/interest/R7K2QD/").status_code == 403

    client.post(f"{MINE}erase/")
    assert _get(client, page).status_code == 403


@pytest.mark.parametrize(
    ("state", "open_pages"),
    [
        ("submitted", {"", "change/", "address/", "withdraw/", "data.json", "erase/"}),
        ("withdrawn", {"", "address/", "data.json", "erase/"}),
        ("declined", {"", "address/", "data.json", "erase/"}),
        ("confirmed", {"", "change/", "needs/", "address/", "withdraw/", "data.json", "erase/"}),
    ],
)
def test_pages_without_a_step_redirect_to_the_page_of_the_expression(expression, state, open_pages):
    own = make_sent_expression(expression.edition, state=state)
    client = browser_of(own)

    for page in set(PAGES) - {"leave/"}:
        response = client.get(f"{own.get_absolute_url()}{page}")

        expected = (200, None) if page in open_pages else (302, own.get_absolute_url())
        assert (response.status_code, response.get("Location")) == expected, page


@pytest.mark.parametrize("page", [*PAGES, "sent"])
def test_responses_stay_out_of_caches_and_search_engines(expression, page):
    base, page = ("/2024/interest/sent/R7K2QD/", "") if page == "sent" else (MINE, page)

    for client in (browser_of(expression), Client()):
        response = _get(client, page, base)
        assert response["Cache-Control"] == "no-store, private"
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Robots-Tag"] == "noindex"
