"""Access to every URL of the site. A URL that is not in the table fails."""

from datetime import date

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from apps.core.admin import ContentAdmin
from apps.core.files import private_storage
from tests.contributors.speakers import make_speaker
from tests.factories import (
    make_award,
    make_call,
    make_contribution,
    make_deadline,
    make_edition,
    make_expression,
    make_group,
    make_news,
    make_page,
    make_person,
    make_recipient,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_sponsor,
    make_topic,
)

pytestmark = pytest.mark.django_db
MAY = date(2030, 5, 3)

# Status of a GET by visitors, signed-in users without a role, reviewers, editors and chairs.
PUBLIC = (200, 200, 200, 200, 200)
DRAFT = (404, 404, 200, 200, 200)
NOT_FOUND = (404, 404, 404, 404, 404)
GUESTS = (200, 302, 302, 302, 302)  # signed-in users are redirected
ACCOUNT = (302, 200, 200, 200, 200)  # the user's own account; visitors must sign in
WITHOUT = (302, 404, 404, 404, 404)  # needs a second factor
POST_ONLY = (405, 405, 405, 405, 405)  # the app's tests check POST
REDIRECT = (302, 302, 302, 302, 302)

ADDRESSES = {
    "": {"/": PUBLIC},
    "robots.txt": {"/robots.txt": PUBLIC},
    "sitemap.xml": {"/sitemap.xml": PUBLIC},
    "favicon.ico": {"/favicon.ico": REDIRECT},
    "privacy/": {"/privacy/": PUBLIC},
    "accessibility/": {"/accessibility/": PUBLIC},
    "<slug:edition>/": {"/2024/": PUBLIC, "/2025/": DRAFT, "/nowhere/": NOT_FOUND},
    "<slug:edition>/people/": {"/2024/people/": PUBLIC, "/2025/people/": DRAFT},
    "<slug:edition>/topics/": {"/2024/topics/": PUBLIC, "/2025/topics/": DRAFT},
    "<slug:edition>/programme/": {
        "/2024/programme/": PUBLIC,
        "/2025/programme/": DRAFT,
        "/2023/programme/": PUBLIC,
        "/nowhere/programme/": NOT_FOUND,
    },
    "<slug:edition>/programme/now/": {
        "/2024/programme/now/": PUBLIC,
        "/2025/programme/now/": DRAFT,
        "/2023/programme/now/": NOT_FOUND,
    },
    "<slug:edition>/programme/draft/": {
        "/2024/programme/draft/": DRAFT,
        "/2025/programme/draft/": DRAFT,
    },
    "<slug:edition>/programme/<slug:session>/": {
        "/2024/programme/released/": PUBLIC,
        "/2024/programme/drafted/": DRAFT,
        "/2025/programme/released/": DRAFT,
        "/2023/programme/drafted/": DRAFT,
        "/2024/programme/nothing/": NOT_FOUND,
    },
    "<slug:edition>/contributions/<slug:contribution>/": {
        "/2024/contributions/shown/": PUBLIC,
        "/2024/contributions/hidden/": DRAFT,
        "/2025/contributions/shown/": DRAFT,
        "/2023/contributions/shown/": NOT_FOUND,
    },
    "<slug:edition>/contributions/<slug:contribution>/slides.pdf": {
        "/2024/contributions/shown/slides.pdf": PUBLIC,
        "/2024/contributions/hidden/slides.pdf": DRAFT,
        "/2025/contributions/shown/slides.pdf": DRAFT,
        "/2024/contributions/other/slides.pdf": NOT_FOUND,
    },
    "<slug:edition>/programme.ics": {
        "/2024/programme.ics": PUBLIC,
        "/2025/programme.ics": DRAFT,
        "/2023/programme.ics": NOT_FOUND,
        "/nowhere/programme.ics": NOT_FOUND,
    },
    "<slug:edition>/programme/<slug:session>.ics": {
        "/2024/programme/released.ics": PUBLIC,
        "/2024/programme/drafted.ics": NOT_FOUND,
        "/2025/programme/released.ics": DRAFT,
    },
    "<slug:edition>/contributions/<slug:contribution>.ics": {
        "/2024/contributions/shown.ics": PUBLIC,
        "/2024/contributions/hidden.ics": NOT_FOUND,
        "/2024/contributions/other.ics": NOT_FOUND,
        "/2025/contributions/shown.ics": DRAFT,
    },
    "<slug:edition>/schedule.xml": {
        "/2024/schedule.xml": PUBLIC,
        "/2025/schedule.xml": DRAFT,
        "/2023/schedule.xml": NOT_FOUND,
    },
    "<slug:edition>/schedule.json": {
        "/2024/schedule.json": PUBLIC,
        "/2025/schedule.json": DRAFT,
        "/2023/schedule.json": NOT_FOUND,
    },
    "<slug:edition>/speakers/": {"/2024/speakers/": PUBLIC, "/2025/speakers/": DRAFT},
    "<slug:edition>/posters/": {
        "/2024/posters/": PUBLIC,
        "/2024/posters/?q=%2&topic=nothing&page=x": PUBLIC,
        "/2025/posters/": DRAFT,
    },
    "<slug:edition>/code-of-conduct/": {
        "/2024/code-of-conduct/": PUBLIC,
        "/2025/code-of-conduct/": DRAFT,
        "/2023/code-of-conduct/": NOT_FOUND,
    },
    "<slug:edition>/awards/": {"/2024/awards/": PUBLIC, "/2025/awards/": DRAFT},
    "<slug:edition>/news/": {"/2024/news/": PUBLIC, "/2025/news/": DRAFT, "/2023/news/": PUBLIC},
    "<slug:edition>/news/<slug:slug>/": {
        "/2024/news/shown/": PUBLIC,
        "/2024/news/hidden/": DRAFT,
        "/2025/news/shown/": DRAFT,
        "/2024/news/nothing/": NOT_FOUND,
    },
    "<slug:edition>/news.atom": {"/2024/news.atom": PUBLIC, "/2025/news.atom": DRAFT},
    "<slug:edition>/card.png": {"/2024/card.png": PUBLIC, "/2025/card.png": DRAFT},
    "<slug:edition>/<slug:slug>/": {
        "/2024/shown/": PUBLIC,
        "/2024/hidden/": DRAFT,
        "/2025/shown/": DRAFT,
        "/2024/nothing/": NOT_FOUND,
    },
    "media/(?P<name>.+)$": {
        "/media/nothing.jpg": NOT_FOUND,
        "/media/../db.sqlite3": NOT_FOUND,
        "/media/slides/any.pdf": NOT_FOUND,
        "/media/../private/slides/any.pdf": NOT_FOUND,
    },
}
# The URLs of an expression give the same response whether it exists or not, also to organisers.
CLOSED = (403, 403, 403, 403, 403)
CLOSED_DRAFT = (404, 404, 403, 403, 403)
_MINE = "<slug:edition>/interest/<str:reference>/"
ADDRESSES |= {
    "<slug:edition>/interest/": {
        "/2024/interest/": PUBLIC,
        "/2025/interest/": DRAFT,
        "/2023/interest/": NOT_FOUND,
        "/nowhere/interest/": NOT_FOUND,
    },
    "<slug:edition>/interest/let-in/<str:token>/": {"/2024/interest/let-in/nothing/": NOT_FOUND},
    "<slug:edition>/interest/link/<str:token>/": {
        "/2024/interest/link/nothing/": NOT_FOUND,
        "/2025/interest/link/nothing/": NOT_FOUND,
    },
    "<slug:edition>/interest/new-link/": {
        "/2024/interest/new-link/": PUBLIC,
        "/2025/interest/new-link/": DRAFT,
    },
    "<slug:edition>/interest/new-link/sent/": {"/2024/interest/new-link/sent/": PUBLIC},
    "<slug:edition>/interest/erased/": {"/2024/interest/erased/": PUBLIC},
    "<slug:edition>/interest/sent/<str:reference>/": {
        "/2024/interest/sent/R7K2QD/": CLOSED,
        "/2024/interest/sent/222222/": CLOSED,
    },
    _MINE: {
        "/2024/interest/R7K2QD/": CLOSED,
        "/2024/interest/222222/": CLOSED,
        "/2025/interest/R7K2QD/": CLOSED_DRAFT,
    },
    f"{_MINE}leave/": {"/2024/interest/R7K2QD/leave/": POST_ONLY},
} | {
    _MINE + page: {f"/2024/interest/R7K2QD/{page}": CLOSED, f"/2024/interest/222222/{page}": CLOSED}
    for page in (
        *("change/", "address/", "withdraw/", "confirm/", "needs/", "decline/", "erase/"),
        *("data.json", "slides/", "slides.pdf"),
    )
}
ADDRESSES |= {
    "livez": {"/livez": PUBLIC},
    "healthz": {"/healthz": PUBLIC},
    "invitations/<str:token>/": {"/invitations/nothing/": NOT_FOUND},
    "accounts/login/": {"/accounts/login/": GUESTS},
    "accounts/signup/": {"/accounts/signup/": GUESTS},
    "accounts/logout/": {"/accounts/logout/": ACCOUNT},
    "accounts/inactive/": {"/accounts/inactive/": PUBLIC},
    "accounts/email/": {"/accounts/email/": ACCOUNT},
    "accounts/confirm-email/": {"/accounts/confirm-email/": PUBLIC},
    r"accounts/confirm-email/(?P<key>[-:\w]+)/$": {"/accounts/confirm-email/nothing/": PUBLIC},
    "accounts/login/code/confirm/": {"/accounts/login/code/confirm/": REDIRECT},
    "accounts/reauthenticate/": {"/accounts/reauthenticate/": ACCOUNT},
    "accounts/password/change/": {"/accounts/password/change/": ACCOUNT},
    "accounts/password/set/": {"/accounts/password/set/": REDIRECT},
    "accounts/password/reset/": {"/accounts/password/reset/": PUBLIC},
    "accounts/password/reset/done/": {"/accounts/password/reset/done/": PUBLIC},
    "accounts/password/reset/key/done/": {"/accounts/password/reset/key/done/": PUBLIC},
    "accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": {
        "/accounts/password/reset/key/1-nothing/": PUBLIC
    },
    "accounts/2fa/": {"/accounts/2fa/": ACCOUNT},
    "accounts/2fa/authenticate/": {"/accounts/2fa/authenticate/": REDIRECT},
    "accounts/2fa/reauthenticate/": {"/accounts/2fa/reauthenticate/": REDIRECT},
    "accounts/2fa/recovery-codes/": {"/accounts/2fa/recovery-codes/": WITHOUT},
    "accounts/2fa/recovery-codes/download/": {"/accounts/2fa/recovery-codes/download/": WITHOUT},
    "accounts/2fa/recovery-codes/generate/": {"/accounts/2fa/recovery-codes/generate/": REDIRECT},
    "accounts/2fa/totp/activate/": {"/accounts/2fa/totp/activate/": REDIRECT},
    "accounts/2fa/totp/deactivate/": {"/accounts/2fa/totp/deactivate/": WITHOUT},
    "accounts/2fa/webauthn/": {"/accounts/2fa/webauthn/": ACCOUNT},
    "accounts/2fa/webauthn/add/": {"/accounts/2fa/webauthn/add/": REDIRECT},
    "accounts/2fa/webauthn/login/": {"/accounts/2fa/webauthn/login/": REDIRECT},
    "accounts/2fa/webauthn/reauthenticate/": {"/accounts/2fa/webauthn/reauthenticate/": REDIRECT},
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": {"/accounts/2fa/webauthn/keys/1/edit/": REDIRECT},
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": {
        "/accounts/2fa/webauthn/keys/1/remove/": REDIRECT
    },
    "admin/desk/editions/<int:pk>/next/": {"/admin/desk/editions/1/next/": POST_ONLY},
}
_SPEAKER = "<slug:edition>/speaker/<int:pk>/"
ADDRESSES |= {
    "<slug:edition>/speaker/link/<str:token>/": {
        "/2024/speaker/link/nothing/": NOT_FOUND,
        "/2025/speaker/link/nothing/": NOT_FOUND,
    },
    "<slug:edition>/speaker/new-link/": {
        "/2024/speaker/new-link/": PUBLIC,
        "/2025/speaker/new-link/": DRAFT,
    },
    "<slug:edition>/speaker/new-link/sent/": {"/2024/speaker/new-link/sent/": PUBLIC},
    _SPEAKER: {
        "/2024/speaker/77/": CLOSED,
        "/2024/speaker/999999/": CLOSED,
        "/2025/speaker/77/": CLOSED_DRAFT,
    },
    f"{_SPEAKER}about-you/": {
        "/2024/speaker/77/about-you/": CLOSED,
        "/2024/speaker/999999/about-you/": CLOSED,
    },
    f"{_SPEAKER}give/<slug:slug>/": {
        "/2024/speaker/77/give/shown/": CLOSED,
        "/2024/speaker/999999/give/shown/": CLOSED,
    },
    f"{_SPEAKER}give/<slug:slug>/slides.pdf": {
        "/2024/speaker/77/give/shown/slides.pdf": CLOSED,
        "/2024/speaker/999999/give/shown/slides.pdf": CLOSED,
        "/2025/speaker/77/give/shown/slides.pdf": CLOSED_DRAFT,
    },
    f"{_SPEAKER}portrait.jpg": {
        "/2024/speaker/77/portrait.jpg": CLOSED,
        "/2024/speaker/999999/portrait.jpg": CLOSED,
    },
    f"{_SPEAKER}leave/": {"/2024/speaker/77/leave/": POST_ONLY},
}
# Admin pages for chairs only.
CHAIRS = (302, 302, 403, 403, 200)
CHAIRS_MISSING = (302, 302, 403, 403, 404)
CHAIRS_POST_ONLY = (302, 302, 405, 405, 405)
_SHEET = "admin/imports/sheet/<int:pk>/"
ADDRESSES |= {
    "admin/imports/sheet/": {"/admin/imports/sheet/": CHAIRS},
    "admin/imports/sheet/add/": {"/admin/imports/sheet/add/": CHAIRS},
    f"{_SHEET}change/": {"/admin/imports/sheet/99999/change/": CHAIRS_MISSING},
    f"{_SHEET}columns/": {"/admin/imports/sheet/99999/columns/": CHAIRS_MISSING},
    f"{_SHEET}answers/": {"/admin/imports/sheet/99999/answers/": CHAIRS_MISSING},
    f"{_SHEET}take-back/": {"/admin/imports/sheet/99999/take-back/": CHAIRS_MISSING},
    f"{_SHEET}import/": {"/admin/imports/sheet/99999/import/": CHAIRS_POST_ONLY},
    f"{_SHEET}discard/": {"/admin/imports/sheet/99999/discard/": CHAIRS_POST_ONLY},
}
_BOARD = "admin/selection/board/<int:pk>/"
CHAIRS = (302, 302, 403, 403, 404)  # there is no such edition
PRESS = (302, 302, 405, 405, 405)
ADDRESSES |= {
    _BOARD: {"/admin/selection/board/999999/": CHAIRS},
    **{
        _BOARD + step: {f"/admin/selection/board/999999/{step}": PRESS}
        for step in ("decide/", "bulk/", "bulk/decide/")
    },
}
WRITERS = (302, 302, 403, 404, 404)  # may edit public content
_PROGRAMME = "admin/programme/session/programme/<int:pk>/"
ADDRESSES |= {
    _PROGRAMME + page: {
        "/admin/programme/session/programme/999999/"
        + page.replace("<int:draft_pk>", "9").replace("<str:step>", "hold"): answers
    }
    for page, answers in {
        "students/": CHAIRS,
        "letters/": CHAIRS,
        "letters/draft/": PRESS,
        "letters/now/": CHAIRS,
        "letters/<int:draft_pk>/": CHAIRS,
        "letters/<int:draft_pk>/<str:step>/": PRESS,
        "corrections/": CHAIRS,
        "corrections/step/": PRESS,
        "speakers/": WRITERS,
    }.items()
}
ADDRESSES |= {
    "admin/programme/session/<int:pk>/move/": {
        "/admin/programme/session/999999/move/": (302, 302, 403, 404, 404)
    }
}
ADDRESSES |= {
    _PROGRAMME: {"/admin/programme/session/programme/999999/": (302, 302, 404, 404, 404)},
    f"{_PROGRAMME}publish/": {
        "/admin/programme/session/programme/999999/publish/": (302, 302, 403, 404, 404)
    },
    f"{_PROGRAMME}releases/": {
        "/admin/programme/session/programme/999999/releases/": (302, 302, 404, 404, 404)
    },
}
ADDRESSES |= {
    f"admin/programme/session/<int:pk>/{page}": {f"/admin/programme/session/999999/{page}": WRITERS}
    for page in ("round/", "boards/")
}
ADDRESSES |= {
    f"{_PROGRAMME}speakers/<int:person_pk>/{page}": {
        f"/admin/programme/session/programme/999999/speakers/9/{page}": answers
    }
    for page, answers in {"": WRITERS, "end-links/": PRESS, "step/": PRESS}.items()
} | {
    f"{_PROGRAMME}speakers/<int:person_pk>/<int:proposal_pk>/": {
        "/admin/programme/session/programme/999999/speakers/9/9/": WRITERS
    }
}
# Tested below by other rules.
ELSEWHERE = "admin/"


@pytest.fixture
def site():
    """Published, draft and past objects for the URLs in the table."""
    editions = [
        make_edition(slug="2024", is_current=True, code_of_conduct="Be kind.", starts_on=MAY),
        make_edition(slug="2025", state="draft", code_of_conduct="Be kind.", starts_on=MAY),
        make_edition(slug="2023", state="archived"),
    ]
    for edition in editions:
        make_page(edition, slug="shown")
        make_page(edition, slug="hidden", is_published=False)
        make_group(edition, make_person())
        make_topic(edition)
        make_section(edition)
        make_recipient(make_award(edition))
        make_news(edition, title="Shown")
        make_news(edition, title="Hidden", is_published=False)
        make_sponsor(edition)
        make_deadline(edition)
    slides = private_storage().save("slides/any.pdf", ContentFile(b"%PDF-1.7"))
    for edition in editions[:2]:
        shown = make_contribution(edition, title="Shown", slides=slides)
        make_slot(make_session(edition, title="Released", room=make_room(edition)), shown)
        make_contribution(edition, title="Hidden", slides=slides, is_published=False)
        make_contribution(edition, title="Other")
        make_release(edition)
        make_call(edition)
    for edition in editions:
        make_slot(make_session(edition, title="Drafted", room=make_room(edition)))
    make_expression(editions[0], reference="R7K2QD")
    make_speaker(editions[0], make_person(), pk=77)


def _routes(patterns, prefix="") -> list[str]:
    routes = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            routes += _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            routes.append(route)
    return routes


def test_every_address_is_in_the_table():
    routes = {
        route
        for route in _routes(get_resolver().url_patterns)
        if route in ADDRESSES or not route.startswith(ELSEWHERE)
    }

    assert routes == set(ADDRESSES)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("path", "expected"),
    [pair for examples in ADDRESSES.values() for pair in examples.items()],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_role_gets_the_status_in_the_table(
    client, as_stranger, as_reviewer, as_editor, as_chair, path, expected
):
    clients = (client, as_stranger, as_reviewer, as_editor, as_chair)

    assert tuple(_status(each, path) for each in clients) == expected


def _status(client, path: str) -> int:
    response = client.get(path)
    b"".join(response)  # read files to the end
    return response.status_code


def _admin_pages() -> list[str]:
    """The list and add pages of every model in the admin, and the admin's own pages."""
    pages = ["/admin/", "/admin/password_change/", "/admin/jsi18n/", "/admin/autocomplete/"]
    for model in admin.site._registry:
        meta = model._meta
        pages += [
            f"/admin/{meta.app_label}/{meta.model_name}/",
            f"/admin/{meta.app_label}/{meta.model_name}/add/",
        ]
    return pages


def test_the_admin_is_closed_to_visitors_and_users_without_a_role(client, as_stranger):
    for path in _admin_pages():
        for each in (client, as_stranger):
            response = each.get(path)

            assert response.status_code in {302, 403}, path
            if response.status_code == 302:
                assert response["Location"].startswith(("/admin/login/", "/accounts/")), path


def test_no_admin_page_fails(as_chair, as_editor, as_reviewer):
    for path in _admin_pages():
        for each in (as_chair, as_editor, as_reviewer):
            assert each.get(path).status_code in {200, 302, 403, 405}, path


@pytest.mark.usefixtures("site")
def test_chairs_and_editors_edit_public_content_and_reviewers_read_it(
    as_chair, as_editor, as_reviewer
):
    for model, model_admin in admin.site._registry.items():
        if not isinstance(model_admin, ContentAdmin):
            continue
        meta = model._meta
        add = f"/admin/{meta.app_label}/{meta.model_name}/add/"
        some_pk = model._default_manager.values_list("pk", flat=True)[0]
        change = f"/admin/{meta.app_label}/{meta.model_name}/{some_pk}/change/"

        statuses = [
            (each.get(add).status_code, each.get(change).status_code)
            for each in (as_chair, as_editor, as_reviewer)
        ]

        assert statuses == [(200, 200), (200, 200), (403, 200)], meta.label
        assert as_reviewer.post(change, {}).status_code == 403, meta.label


def test_the_admin_has_models_of_these_apps_only():
    labels = {model._meta.app_label for model in admin.site._registry}

    assert labels <= {
        *("accounts", "editions", "people", "topics", "programme", "sponsors", "awards"),
        *("news", "pages"),
        *("interest", "mail", "imports"),
    }
