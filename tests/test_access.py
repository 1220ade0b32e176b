"""Access to every URL of the site. A URL that is not in the table fails."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from apps.core.admin import ContentAdmin
from apps.core.files import private_storage
from apps.editions.models import Edition
from apps.imports.models import Sheet
from apps.interest.models import Expression, Question
from apps.review.models import Reviewer
from tests.contributors.speakers import make_speaker, make_speaker_token, speaker_link_path
from tests.editions.files import make_picture
from tests.factories import (
    make_award,
    make_call,
    make_contribution,
    make_contribution_link,
    make_deadline,
    make_edition,
    make_expression,
    make_group,
    make_news,
    make_page,
    make_person,
    make_recipient,
    make_registration,
    make_registration_period,
    make_release,
    make_room,
    make_section,
    make_session,
    make_slot,
    make_sponsor,
    make_topic,
)
from tests.interest.students import browser_of
from tests.queries import written_tables

pytestmark = pytest.mark.django_db
MAY = date(2030, 5, 3)

# Visitors, signed-in users without a role, reviewers, editors and chairs; the status of their GET.
ROLES = ("client", "as_stranger", "as_reviewer", "as_editor", "as_chair")
PUBLIC = (200, 200, 200, 200, 200)
DRAFT = (404, 404, 200, 200, 200)
NOT_FOUND = (404, 404, 404, 404, 404)
GUESTS = (200, 302, 302, 302, 302)  # signed-in users are redirected
ACCOUNT = (302, 200, 200, 200, 200)  # the user's own account; visitors must sign in
WITHOUT = (302, 404, 404, 404, 404)  # needs a second factor
POST_ONLY = (405, 405, 405, 405, 405)  # the app's tests check POST
REDIRECT = (302, 302, 302, 302, 302)

# Admin pages, of rows that are missing.
CHAIRS = (302, 302, 403, 403, 404)
WRITERS = (302, 302, 403, 404, 404)  # may edit public content
STAFF = (302, 302, 404, 404, 404)
PRESS = (302, 302, 405, 405, 405)  # POST only, in the admin
# The URLs of an expression or speaker give the same response whether it exists or not.
CLOSED = (403, 403, 403, 403, 403)
CLOSED_DRAFT = (404, 404, 403, 403, 403)

# Pages of an edition: published, draft, and past without a programme.
_EDITION_PAGES = {
    "": (PUBLIC, DRAFT),
    "people/": (PUBLIC, DRAFT),
    "topics/": (PUBLIC, DRAFT),
    "news/": (PUBLIC, DRAFT, PUBLIC),
    "awards/": (PUBLIC, DRAFT),
    "speakers/": (PUBLIC, DRAFT),
    "papers/": (PUBLIC, DRAFT, PUBLIC),
    "talks/": (PUBLIC, DRAFT, PUBLIC),
    "posters/": (PUBLIC, DRAFT),
    "news.atom": (PUBLIC, DRAFT),
    "card.png": (PUBLIC, DRAFT),
    "code-of-conduct/": (PUBLIC, DRAFT, NOT_FOUND),
    "programme/": (PUBLIC, DRAFT, PUBLIC),
    "programme/now/": (PUBLIC, DRAFT, NOT_FOUND),
    "programme/draft/": (DRAFT, DRAFT),
    "programme/screen/": (PUBLIC, DRAFT, PUBLIC),
    "programme.ics": (PUBLIC, DRAFT, NOT_FOUND),
    "dates.ics": (PUBLIC, DRAFT, PUBLIC),
    "contributions.bib": (PUBLIC, DRAFT, PUBLIC),
    "presenters/": (PUBLIC, DRAFT, PUBLIC),
    "programme/mine/": (PUBLIC, DRAFT, PUBLIC),
    "programme/mine.ics": (NOT_FOUND, NOT_FOUND, NOT_FOUND),  # without any talk
    "schedule.xml": (PUBLIC, DRAFT, NOT_FOUND),
    "schedule.json": (PUBLIC, DRAFT, NOT_FOUND),
    "interest/": (PUBLIC, DRAFT, NOT_FOUND),
    "interest/new-link/": (PUBLIC, DRAFT),
    "interest/new-link/sent/": (PUBLIC,),
    "interest/erased/": (PUBLIC,),
    "register/": (PUBLIC, DRAFT, NOT_FOUND),
    "register/new-link/": (PUBLIC, DRAFT),
    "register/new-link/sent/": (PUBLIC,),
    "register/erased/": (PUBLIC,),
    "speaker/new-link/": (PUBLIC, DRAFT),
    "speaker/new-link/sent/": (PUBLIC,),
}
# Route → example → statuses.
ADDRESSES = {
    f"<slug:edition>/{page}": {
        f"/{slug}/{page}": statuses
        for slug, statuses in zip(("2024", "2025", "2023"), answers, strict=False)
    }
    for page, answers in _EDITION_PAGES.items()
}
ADDRESSES["<slug:edition>/"]["/nowhere/"] = NOT_FOUND
ADDRESSES["<slug:edition>/posters/"]["/2024/posters/?q=%2&topic=nothing&page=x"] = PUBLIC
ADDRESSES |= {
    "": {"/": PUBLIC},
    "robots.txt": {"/robots.txt": PUBLIC},
    ".well-known/security.txt": {"/.well-known/security.txt": NOT_FOUND},
    "sitemap.xml": {"/sitemap.xml": PUBLIC},
    "favicon.ico": {"/favicon.ico": REDIRECT},
    "privacy/": {"/privacy/": PUBLIC},
    "accessibility/": {"/accessibility/": PUBLIC},
    "editions/": {"/editions/": PUBLIC, "/editions/?q=xylophone&page=x": PUBLIC},
    "people/<slug:slug>/": {
        "/people/agreed/": PUBLIC,
        "/people/agreed-in-draft/": DRAFT,
        "/people/not-agreed/": NOT_FOUND,
        "/people/nothing/": NOT_FOUND,
    },
    "verify/": {"/verify/": PUBLIC, "/verify/?code=nothing": REDIRECT},
    "verify/<str:code>/": {"/verify/nothing/": NOT_FOUND},
    "verify/<str:code>/certificate.pdf": {"/verify/A1-222222/certificate.pdf": NOT_FOUND},
    "livez": {"/livez": PUBLIC},
    "healthz": {"/healthz": PUBLIC},
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
    "<slug:edition>/contributions/<slug:contribution>/feedback/": {
        "/2024/contributions/shown/feedback/": NOT_FOUND,  # it is off
    },
    "<slug:edition>/contributions/<slug:contribution>/slides.pdf": {
        "/2024/contributions/shown/slides.pdf": PUBLIC,
        "/2024/contributions/hidden/slides.pdf": DRAFT,
        "/2025/contributions/shown/slides.pdf": DRAFT,
        "/2024/contributions/other/slides.pdf": NOT_FOUND,
    },
    "<slug:edition>/contributions/<slug:contribution>/files/<int:link>/": {
        "/2024/contributions/shown/files/71/": PUBLIC,
        "/2024/contributions/hidden/files/72/": DRAFT,
        "/2025/contributions/shown/files/73/": DRAFT,
        "/2024/contributions/shown/files/72/": NOT_FOUND,
        "/2024/contributions/shown/files/74/": NOT_FOUND,
    },
    "<slug:edition>/files/<str:name>": {
        "/2024/files/any.pdf": PUBLIC,
        "/2025/files/any.pdf": DRAFT,
        "/2024/files/nothing.pdf": NOT_FOUND,
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
    "<slug:edition>/contributions/<slug:contribution>.bib": {
        "/2024/contributions/shown.bib": PUBLIC,
        "/2024/contributions/hidden.bib": NOT_FOUND,
        "/2024/contributions/other.bib": NOT_FOUND,
        "/2025/contributions/shown.bib": DRAFT,
    },
    "<slug:edition>/news/<slug:slug>/": {
        "/2024/news/shown/": PUBLIC,
        "/2024/news/hidden/": DRAFT,
        "/2025/news/shown/": DRAFT,
        "/2024/news/nothing/": NOT_FOUND,
    },
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
        "/media/../private/attachments/any.zip": NOT_FOUND,
        "/media/../private/files/any.pdf": NOT_FOUND,
        "/media/files/any.pdf": NOT_FOUND,
    },
    "invitations/<str:token>/": {"/invitations/nothing/": NOT_FOUND},
    # With a right token: tests/pages/test_presenter.py.
    "<slug:edition>/presenter/<str:token>/": {"/2024/presenter/1.nothing/": NOT_FOUND},
    "<slug:edition>/presenter/<str:token>/slides.pdf": {
        "/2024/presenter/1.nothing/slides.pdf": NOT_FOUND
    },
    "<slug:edition>/interest/let-in/<str:token>/": {"/2024/interest/let-in/nothing/": NOT_FOUND},
    "<slug:edition>/interest/sent/<str:reference>/": {
        "/2024/interest/sent/R7K2QD/": CLOSED,
        "/2024/interest/sent/222222/": CLOSED,
    },
    "<slug:edition>/interest/<str:reference>/leave/": {"/2024/interest/R7K2QD/leave/": POST_ONLY},
    "<slug:edition>/register/ticket/<str:token>/": {
        "/2024/register/ticket/nothing/": PUBLIC,
        "/2025/register/ticket/nothing/": DRAFT,
    },
    "<slug:edition>/register/<str:code>/leave/": {"/2024/register/R7K2QD/leave/": POST_ONLY},
    "<slug:edition>/register/<str:code>/come/": {"/2024/register/R7K2QD/come/": POST_ONLY},
    "<slug:edition>/register/student/<str:reference>/": {
        "/2024/register/student/R7K2QD/": POST_ONLY
    },
    "<slug:edition>/register/speaker/<int:pk>/": {"/2024/register/speaker/77/": POST_ONLY},
    "<slug:edition>/speaker/<int:pk>/leave/": {"/2024/speaker/77/leave/": POST_ONLY},
    "<slug:edition>/speaker/<int:pk>/years/": {"/2024/speaker/77/years/": POST_ONLY},
}
for _part in ("interest", "speaker", "register"):
    ADDRESSES[f"<slug:edition>/{_part}/link/<str:token>/"] = {
        f"/{slug}/{_part}/link/nothing/": NOT_FOUND for slug in ("2024", "2025")
    }
ADDRESSES |= {
    f"<slug:edition>/interest/<str:reference>/{page}": {
        f"/2024/interest/R7K2QD/{page}": CLOSED,
        f"/2024/interest/222222/{page}": CLOSED,
    }
    for page in (
        *("", "change/", "address/", "withdraw/", "confirm/", "needs/", "decline/", "erase/"),
        *("data.json", "entry.pdf", "slides/", "slides.pdf"),
    )
}
ADDRESSES |= {
    f"<slug:edition>/register/<str:code>/{page}": {
        f"/2024/register/R7K2QD/{page}": CLOSED,
        f"/2024/register/222222/{page}": CLOSED,
    }
    for page in ("", "change/", "address/", "cancel/", "data.json", "erase/")
}
ADDRESSES |= {
    f"<slug:edition>/speaker/<int:pk>/{page.replace('shown', '<slug:slug>')}": {
        f"/2024/speaker/77/{page}": CLOSED,
        f"/2024/speaker/999999/{page}": CLOSED,
    }
    for page in ("", "about-you/", "give/shown/", "give/shown/slides.pdf", "portrait.jpg")
}
for _route, _path in {
    "<slug:edition>/interest/<str:reference>/": "/2025/interest/R7K2QD/",
    "<slug:edition>/speaker/<int:pk>/": "/2025/speaker/77/",
    "<slug:edition>/speaker/<int:pk>/give/<slug:slug>/slides.pdf": (
        "/2025/speaker/77/give/shown/slides.pdf"
    ),
}.items():
    ADDRESSES[_route][_path] = CLOSED_DRAFT
_ACCOUNT_PAGES = {
    GUESTS: ["login/", "signup/"],
    PUBLIC: [
        *("inactive/", "confirm-email/", "password/reset/", "password/reset/done/"),
        "password/reset/key/done/",
    ],
    ACCOUNT: [
        *("logout/", "email/", "reauthenticate/", "password/change/", "2fa/", "2fa/webauthn/"),
    ],
    REDIRECT: [
        *("login/code/confirm/", "password/set/", "2fa/authenticate/", "2fa/reauthenticate/"),
        *("2fa/recovery-codes/generate/", "2fa/totp/activate/", "2fa/webauthn/add/"),
        *("2fa/webauthn/login/", "2fa/webauthn/reauthenticate/"),
    ],
    WITHOUT: ["2fa/recovery-codes/", "2fa/recovery-codes/download/", "2fa/totp/deactivate/"],
}
ADDRESSES |= {
    f"accounts/{page}": {f"/accounts/{page}": answers}
    for answers, pages in _ACCOUNT_PAGES.items()
    for page in pages
}
ADDRESSES |= {
    r"accounts/confirm-email/(?P<key>[-:\w]+)/$": {"/accounts/confirm-email/nothing/": PUBLIC},
    "accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": {
        "/accounts/password/reset/key/1-nothing/": PUBLIC
    },
} | {
    f"accounts/2fa/webauthn/keys/<int:pk>/{page}": {
        f"/accounts/2fa/webauthn/keys/1/{page}": REDIRECT
    }
    for page in ("edit/", "remove/")
}
_SHEET = "admin/imports/sheet/<int:pk>/"
_BOARD = "admin/selection/board/<int:pk>/"
_REVIEW = "admin/review/"
_SESSION = "admin/programme/session/<int:pk>/"
_PROGRAMME = "admin/programme/session/programme/<int:pk>/"
_ADMIN_PAGES = {
    "admin/backups/": (302, 302, 403, 403, 200),
    "admin/backups/make/": PRESS,
    "admin/backups/<str:name>/": (302, 302, 403, 403, 302),  # chairs confirm their password
    "admin/privacy/<int:pk>/": CHAIRS,
    # Chairs, the helpdesk and those at the check-in; its tests check POST.
    "admin/check-in/": (302, 302, 403, 403, 302),
    "admin/check-in/<int:pk>/": CHAIRS,
    "admin/check-in/<int:pk>/list.json": CHAIRS,
    "admin/check-in/<int:pk>/one/": PRESS,
    "admin/check-in/<int:pk>/scans/": PRESS,
    "admin/check-in/<int:pk>/admit/": PRESS,
    "admin/check-in/<int:pk>/undo/": PRESS,
    "admin/check-in/<int:pk>/walk-in/": PRESS,
    "admin/privacy/person/": (302, 302, 403, 403, 302),  # chairs confirm their password
    "admin/imports/sheet/": (302, 302, 403, 403, 200),
    "admin/imports/sheet/add/": (302, 302, 403, 403, 200),
    "admin/desk/editions/new/": (302, 302, 403, 200, 200),
    "admin/desk/editions/<int:pk>/download/": PRESS,
    "admin/desk/editions/<int:pk>/texts/": WRITERS,
    "admin/editions/edition/<int:pk>/confirm/<str:action>/": WRITERS,
    "admin/editions/edition/<int:pk>/home/preview/": STAFF,
    "admin/editions/edition/<int:pk>/figures/<str:page>/": CHAIRS,
    "admin/editions/edition/<int:pk>/figures/<str:page>/<str:slug>.csv": CHAIRS,
    "admin/registration/registration/write/<int:pk>/": CHAIRS,
    "admin/feedback/<int:pk>/": CHAIRS,
    "admin/feedback/<int:pk>/csv/": PRESS,
    "admin/feedback/sentence/<int:pk>/": PRESS,
    "admin/notices/<int:pk>/": WRITERS,
    "admin/notices/change/<int:pk>/": WRITERS,
    "admin/notices/end/<int:pk>/": PRESS,
    "admin/all-records/": (302, 302, 200, 200, 200),
    "admin/current-programme/": (302, 302, 302, 302, 302),
    **{_SHEET + page: CHAIRS for page in ("change/", "columns/", "answers/", "take-back/")},
    **{_SHEET + page: PRESS for page in ("import/", "discard/")},
    _BOARD: CHAIRS,
    "admin/selection/sent/<int:pk>/": CHAIRS,
    **{_BOARD + page: PRESS for page in ("decide/", "bulk/", "bulk/decide/")},
    f"{_REVIEW}assign/<int:pk>/": CHAIRS,
    f"{_REVIEW}expressions/<int:pk>/reviewers/": CHAIRS,
    f"{_REVIEW}reviewers/<int:pk>/": CHAIRS,
    f"{_REVIEW}invite/<int:pk>/": CHAIRS,
    f"{_REVIEW}progress/<int:pk>/": CHAIRS,
    f"{_REVIEW}progress/<int:pk>/uninvite/": PRESS,
    f"{_REVIEW}reminders/<int:pk>/": CHAIRS,
    f"{_REVIEW}reminders/<int:pk>/draft/": PRESS,
    f"{_REVIEW}reminders/<int:pk>/now/": CHAIRS,
    **{_SESSION + page: WRITERS for page in ("move/", "round/", "boards/", "duplicate/")},
    f"{_PROGRAMME}students/": CHAIRS,
    f"{_PROGRAMME}letters/": CHAIRS,
    f"{_PROGRAMME}letters/draft/": PRESS,
    f"{_PROGRAMME}letters/now/": CHAIRS,
    f"{_PROGRAMME}letters/<int:draft_pk>/": CHAIRS,
    f"{_PROGRAMME}letters/<int:draft_pk>/<str:step>/": PRESS,
    f"{_PROGRAMME}corrections/": CHAIRS,
    f"{_PROGRAMME}corrections/step/": PRESS,
    f"{_PROGRAMME}speakers/": WRITERS,
    f"{_PROGRAMME}day/": WRITERS,
    f"{_PROGRAMME}day/<int:session_pk>/": WRITERS,
    f"{_PROGRAMME}day/<int:session_pk>/slides.pdf": WRITERS,
    f"{_PROGRAMME}print/": WRITERS,
    f"{_PROGRAMME}print/invitation/": CHAIRS,
    f"{_PROGRAMME}print/<slug:name>.png": WRITERS,
    f"{_PROGRAMME}print/<slug:name>/": PRESS,
    "admin/people/group/<int:pk>/paste/": WRITERS,
    "admin/people/person/photos/<int:pk>/": WRITERS,
    "admin/people/person/photos/<int:pk>/<int:photo_pk>.jpg": WRITERS,
    _PROGRAMME: STAFF,
    f"{_PROGRAMME}publish/": WRITERS,
    f"{_PROGRAMME}releases/": STAFF,
    f"{_PROGRAMME}speakers/<int:person_pk>/": WRITERS,
    f"{_PROGRAMME}speakers/<int:person_pk>/end-links/": PRESS,
    f"{_PROGRAMME}speakers/<int:person_pk>/step/": PRESS,
    f"{_PROGRAMME}speakers/<int:person_pk>/<int:proposal_pk>/": WRITERS,
}
_MISSING = {"<int:pk>": "999999", "<str:step>": "hold", "<str:action>": "publish"}
for _route, _answers in _ADMIN_PAGES.items():
    _path = re.sub("<[^>]+>", lambda match: _MISSING.get(match[0], "9"), _route)
    ADDRESSES[_route] = {f"/{_path}": _answers}
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
        person = make_person()
        person.profiles.create(edition=edition, affiliation="Example Institute")
        make_group(edition, person)
        make_topic(edition)
        make_section(edition)
        make_recipient(make_award(edition))
        make_news(edition, title="Shown")
        make_news(edition, title="Hidden", is_published=False)
        make_sponsor(edition)
        make_deadline(edition)
        make_picture(edition, size=(100, 100))
        edition.downloads.create(name="any.pdf", file=ContentFile(b"%PDF-1.7", name="any.pdf"))
    make_group(
        editions[0], make_person(slug="agreed", shows_years=True), make_person(slug="not-agreed")
    )
    make_group(editions[1], make_person(slug="agreed-in-draft", shows_years=True))
    slides = private_storage().save("slides/any.pdf", ContentFile(b"%PDF-1.7"))
    zipped = private_storage().save("attachments/any.zip", ContentFile(b"PK"))
    for number, edition in enumerate(editions[:2]):
        shown = make_contribution(edition, "Ada Example", title="Shown", slides=slides)
        make_contribution_link(shown, file=zipped, pk=(71, 73)[number])
        make_slot(make_session(edition, title="Released", room=make_room(edition)), shown)
        hidden = make_contribution(
            edition, "Ada Example", title="Hidden", slides=slides, is_published=False
        )
        if edition is editions[0]:
            make_contribution_link(hidden, file=zipped, pk=72)
            make_contribution_link(shown, url="https://example.org/", pk=74)
        make_contribution(edition, title="Other")
        make_release(edition)
        make_call(edition)
    for edition in editions:
        make_slot(make_session(edition, title="Drafted", room=make_room(edition)))
    for edition in editions[:2]:
        make_registration_period(edition)
    make_registration(editions[0], code="R7K2QD")
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
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_the_status_in_the_table(request, role):
    client = request.getfixturevalue(role)
    expected = {
        path: statuses[ROLES.index(role)]
        for examples in ADDRESSES.values()
        for path, statuses in examples.items()
    }

    assert {path: _status(client, path) for path in expected} == expected


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
            (each.get(add, follow=True).status_code, each.get(change).status_code)
            for each in (as_chair, as_editor, as_reviewer)
        ]

        assert statuses == [(200, 200), (200, 200), (403, 200)], meta.label
        assert as_reviewer.post(change, {}).status_code == 403, meta.label


def test_the_admin_has_models_of_these_apps_only():
    labels = {model._meta.app_label for model in admin.site._registry}

    assert labels <= {
        *("accounts", "editions", "people", "topics", "programme", "sponsors", "awards"),
        *("news", "pages"),
        *("interest", "mail", "imports", "registration"),
    }


# Holders of a private link against the objects of others


@pytest.mark.usefixtures("site")
def test_a_private_link_opens_no_other_object():
    edition = Edition.objects.get(slug="2024")
    speaker = make_speaker(edition, make_person())
    holder = browser_of(make_expression(edition))
    holder.post(speaker_link_path(speaker, make_speaker_token(speaker)))
    assert holder.get(speaker.get_absolute_url()).status_code == 200
    paths = [
        path
        for examples in ADDRESSES.values()
        for path, answers in examples.items()
        if answers == CLOSED or path.endswith("/leave/")
    ]
    before = _rows()

    answers = {(path, holder.get(path).status_code) for path in paths}
    answers |= {(path, holder.post(path, _POSTED).status_code) for path in paths}

    assert {status for _, status in answers} <= {403, 405}
    assert _rows() == before


# Every URL and every action of the admin, for every role

_POSTED = {
    "email": "someone@example.org",
    "title": "Taken",
    "post": "yes",
    "do": "accept",
    "reason": "Because.",
    "verdict": "accept",
    "choice": "accept",
    "count": "1",
}
# The object that <int:pk> names; for other routes it is of the model in the route.
_SUBJECTS: dict[str, Callable[[], models.Model | None]] = {
    "interest/expression/rehearsals/": Edition.objects.first,
    "interest/expression/": Expression.objects.first,
    "programme/session/programme/": Edition.objects.first,
    "review/queue/": Edition.objects.first,
    **dict.fromkeys(
        [f"review/{page}/" for page in ("assign", "invite", "progress", "reminders")],
        Edition.objects.first,
    ),
    "review/reviewers/": Reviewer.objects.first,
    "review/": Expression.objects.first,
    "selection/expressions/": Expression.objects.first,
    "selection/": Edition.objects.first,
    "desk/editions/": Edition.objects.first,
    "desk/registrations/": Sheet.objects.first,
    "notices/": Edition.objects.first,
    "registration/registration/known/": Edition.objects.first,
    "feedback/": Edition.objects.first,
    "registration/registration/write/": Edition.objects.first,
}
_EXAMPLES = {"str:action": "cancel", "str:kind": "csv", "str:step": "release"}
# Written by each request, or by what a reviewer may do: export the list.
_NOT_COMPARED = {"sessions.Session", "core.CacheEntry", "core.RateCounter", "admin.LogEntry"}
_HELPDESK_WRITES = {
    *("interest.Expression", "interest.Event", "interest.ExpressionLetter", "mail.Letter"),
}
_PRIVATE_APPS = {"accounts", "interest", "review", "selection", "mail", "imports", "registration"}
_PRIVATE_APPS = {"accounts", "interest", "review", "selection", "mail", "imports", "feedback"}


def _rows() -> dict[str, str]:
    """All rows of each model, to compare."""
    return {
        model._meta.label: str(list(model._base_manager.order_by("pk").values()))
        for model in apps.get_models()
        if model._meta.label not in _NOT_COMPARED
    }


def _changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {label for label, rows in after.items() if rows != before[label]}


def _admin_path(route: str) -> str | None:
    """An example of the route, about rows that exist where there are any."""
    inner = route.removeprefix("admin/")
    prefix = next((prefix for prefix in _SUBJECTS if inner.startswith(prefix)), None)
    app_label, _, model_name = inner.partition("/")
    model_name = model_name.partition("/")[0]
    subject: models.Model | None = None
    if prefix:
        subject = _SUBJECTS[prefix]()
    elif app_label in apps.app_configs and model_name in apps.get_app_config(app_label).models:
        subject = apps.get_model(app_label, model_name)._base_manager.first()
    pk = str(subject.pk if subject else 999_999)
    path = re.sub("<([^>]+)>", lambda match: _EXAMPLES.get(match[1], pk), route)
    return None if "(?P" in path else f"/{path}"


def _admin_requests() -> list[tuple[str, dict[str, Any] | None]]:
    """GET (no data) and POST of every URL of the admin, and POST of every action of its lists."""
    paths = {
        path
        for route in _routes(get_resolver().url_patterns)
        if route.startswith("admin/") and (path := _admin_path(route))
    } - {"/admin/logout/", "/admin/login/"}
    requests: list[tuple[str, dict[str, Any] | None]] = []
    for path in sorted(paths):
        requests += [(path, None), (path, dict(_POSTED))]
    for model, model_admin in admin.site._registry.items():
        meta = model._meta
        chosen = [str(pk) for pk in model._base_manager.values_list("pk", flat=True)[:2]]
        names = [getattr(action, "__name__", action) for action in model_admin.actions or ()]
        for name in (*names, "delete_selected"):
            data = {"action": name, "_selected_action": chosen, "post": "yes"}
            requests.append((f"/admin/{meta.app_label}/{meta.model_name}/", data))
    return requests


def _send(client: Client, path: str, data: dict[str, Any] | None) -> int:
    response = client.get(path) if data is None else client.post(path, data)
    b"".join(response)
    assert response.status_code < 500, path
    return response.status_code


@pytest.mark.slow
@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("role", "writes"),
    [
        *(("client", set()), ("as_stranger", set()), ("as_reviewer", set())),
        ("as_helpdesk", _HELPDESK_WRITES),
    ],
)
def test_no_request_to_the_admin_changes_what_the_role_may_not_change(request, role, writes):
    client = request.getfixturevalue(role)
    before = _rows()

    statuses = {(path, _send(client, path, data)) for path, data in _admin_requests()}

    assert _changed(before, _rows()) == writes
    if role in {"client", "as_stranger"}:
        assert {status for _, status in statuses} <= {302, 403, 405}


@pytest.mark.slow
@pytest.mark.usefixtures("site")
def test_no_request_of_an_editor_changes_private_data(as_editor):
    private = {
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in _PRIVATE_APPS
    } - {Question._meta.db_table}

    for path, data in _admin_requests():
        with transaction.atomic(), written_tables() as tables:
            _send(as_editor, path, data)
            transaction.set_rollback(True)

        assert not tables & private, path


@pytest.mark.slow
@pytest.mark.usefixtures("site")
def test_no_request_of_a_chair_fails(as_chair):
    for path, data in _admin_requests():
        with transaction.atomic():
            _send(as_chair, path, data)
            transaction.set_rollback(True)
