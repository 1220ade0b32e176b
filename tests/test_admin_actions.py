"""Every action of the admin with a body that works: who may send it, and who changes nothing."""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, resolve
from django.utils import timezone

from apps.accounts.services import invite
from apps.contributors.edits import SpeakerEdit
from apps.contributors.models import Proposal
from apps.core.tokens import version_token
from apps.editions.admin import Tab
from apps.editions.models import Edition
from apps.imports.cloning import clone_edition
from apps.interest.models import AccessLink, Expression
from apps.privacy.models import DataClass
from apps.programme.grid import SessionPlace
from apps.programme.letters import draft_letters, programme_letters
from apps.registration.checkin.services import Scan, check_in
from apps.review.assignment import assignment_token
from apps.review.models import Comment, InvitedReviewer, Reviewer
from apps.review.reminders import draft_reminders, reminders
from apps.review.services import save_review
from apps.selection.decisions import decide, draft_decision_letters, pending_decisions
from tests.contributors.speakers import (
    browser_of,
    make_speaker,
    require_approval,
    send_profile,
    slides,
)
from tests.contributors.students import add_to_programme, make_added, make_confirmed
from tests.factories import (
    make_call_edition,
    make_contribution,
    make_edition,
    make_expression,
    make_group,
    make_link,
    make_notice,
    make_page,
    make_person,
    make_registration,
    make_release,
    make_reviewer,
    make_room,
    make_session,
    make_slot,
    make_topic,
    make_user,
)
from tests.imports.sheets import SHEETS, address, bring_in, confirm, microsoft_file, preview, xlsx
from tests.mail.conftest import make_letter
from tests.people.files import corners, encoded, upload
from tests.queries import written_tables
from tests.test_access import _routes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ROLES = ("client", "as_stranger", "as_reviewer", "as_helpdesk", "as_editor", "as_chair")
CHAIR = {"as_chair"}
WRITERS = CHAIR | {"as_editor"}
HELPERS = CHAIR | {"as_helpdesk"}
REVIEWERS = CHAIR | {"as_reviewer"}
# Written by requests that are refused, too.
_NOT_COMPARED = {
    apps.get_model(label)._meta.db_table
    for label in ("sessions.Session", "core.CacheEntry", "core.RateCounter")
}
_SCHEDULE = "/admin/programme/session/"
_EXPRESSIONS = "/admin/interest/expression/"


# Addresses of the admin that only show something, and those of one's own account and password.
# The pages of each model that Django makes are not listed: test_access.py tests their permissions.
_PROGRAMME = "admin/programme/session/programme/<int:pk>/"
SHOWN_ONLY = {
    *("admin/", "admin/(?P<url>.*)$", "admin/r/<path:content_type_id>/<path:object_id>/"),
    *("admin/autocomplete/", "admin/hue.css", "admin/jsi18n/", "admin/markdown-preview/"),
    *("admin/backups/", "admin/backups/make/", "admin/backups/<str:name>/"),  # ops/test_views.py
    "admin/privacy/person/",  # privacy/test_person.py
    *("admin/login/", "admin/logout/", "admin/password_change/", "admin/password_change/done/"),
    "admin/imports/sheet/<int:pk>/change/",
    "admin/people/person/photos/<int:pk>/<int:photo_pk>.jpg",
    "admin/interest/expression/<int:pk>/as-student/",
    *(_PROGRAMME + page for page in ("", "corrections/", "letters/", "releases/", "speakers/")),
    f"{_PROGRAMME}speakers/<int:person_pk>/<int:proposal_pk>/",
    *("admin/review/queue/", "admin/review/queue/<int:pk>/", "admin/review/queue/<int:pk>/mine/"),
    *("admin/selection/board/<int:pk>/", "admin/selection/board/<int:pk>/bulk/"),
    *("admin/review/progress/<int:pk>/", "admin/review/reminders/<int:pk>/"),
    "admin/selection/release/<int:pk>/",
    "admin/selection/texts/<int:pk>/",
    "admin/selection/waiting-list/<int:pk>/",
    *("admin/all-records/", "admin/current-programme/"),
    "admin/editions/edition/<int:pk>/confirm/<str:action>/",
    *("admin/editions/edition/<int:pk>/home/preview/", "admin/editions/edition/<int:pk>/overview/"),
    # Forms of Django's own, as those below `change/`.
    *(f"admin/editions/edition/<str:object_id>/{tab}/" for tab in Tab if tab != Tab.DETAILS),
    *("admin/interest/expression/<int:pk>/pdf/", "admin/mail/letter/<int:pk>/conversation/"),
    "admin/selection/sent/<int:pk>/",
    *("admin/check-in/", "admin/check-in/<int:pk>/", "admin/check-in/<int:pk>/list.json"),
    *(f"admin/check-in/<int:pk>/{page}/" for page in ("scans", "walk-in")),  # test_check_in.py
    "admin/editions/edition/<int:pk>/figures/<str:page>/",
    "admin/editions/edition/<int:pk>/figures/<str:page>/<str:slug>.csv",
    *("admin/feedback/<int:pk>/csv/", "admin/notices/change/<int:pk>/"),  # news/test_notices.py
    "admin/feedback/sentence/<int:pk>/",  # feedback/test_feedback.py
    *(f"{_PROGRAMME}day/{page}" for page in ("", "<int:session_pk>/")),
    f"{_PROGRAMME}day/<int:session_pk>/slides.pdf",
    *(f"{_PROGRAMME}print/{page}" for page in ("", "invitation/", "<slug:name>.png")),
    f"{_PROGRAMME}print/<slug:name>/",  # printing/test_desk.py
    # Tested in registration: imports, exports, emails.
    "admin/desk/editions/<int:pk>/registrations/",
    *(f"admin/desk/registrations/<int:pk>/{page}" for page in ("", "discard/")),
    "admin/registration/registration/export/<str:kind>/",
    *(f"admin/registration/registration/{page}/<int:pk>/" for page in ("known", "write")),
}


@dataclass
class Action:
    """A POST that changes something, and the roles that may send it."""

    roles: set[str]
    path: str
    data: dict[str, Any]


@pytest.fixture
def edition() -> Edition:
    edition = make_call_edition(
        slug="2024", is_current=True, starts_on=date(2124, 5, 3), ends_on=date(2124, 5, 4)
    )
    edition.call.talk_places = 20
    edition.call.save()
    return edition


@pytest.fixture
def actions(edition, chair, reviewer, as_chair, settings) -> list[Action]:
    settings.HAS_MAIL = True
    make_reviewer(edition, reviewer)
    row = Reviewer.objects.get(user=reviewer)
    return [
        *_of_accounts_and_mail(chair),
        *_of_editions_and_content(edition),
        *_of_expressions(edition),
        *_of_decisions(edition, chair, as_chair),
        *_of_sessions(edition, as_chair),
        *_of_speakers_and_students(edition, as_chair),
        *_of_publishing(edition, as_chair),
        *_of_spreadsheets(edition, as_chair),
        *_of_many_people(edition, as_chair),
        *_of_the_day(edition),
        _duplicate(edition, as_chair),
        *_of_reviewers(edition, row),  # when all entries are there, which reminders count
        _letter_to_many(as_chair),
    ]


def _press(model: str, action: str, *rows: Any, **more: Any) -> tuple[str, dict[str, Any]]:
    """Path and data of an action of a list."""
    data = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return f"/admin/{model}/", data


def _of_accounts_and_mail(chair) -> list[Action]:
    invitation, _ = invite(email="invited@example.org", role="Editor", by=chair)
    letter = make_letter(state="failed")
    doubtful = make_letter(state="unconfirmed", attempts=1, claimed_at=timezone.now())
    user = make_user("Editor", email="colleague@example.org")
    new = {"email": "new@example.org", "role": "Editor"}
    return [
        Action(CHAIR, "/admin/accounts/invitation/add/", new),
        Action(CHAIR, *_press("accounts/invitation", "send_again", invitation)),
        Action(CHAIR, *_press("accounts/invitation", "withdraw", invitation)),
        Action(CHAIR, f"/admin/accounts/user/{user.pk}/password-link/", {}),
        Action(CHAIR, "/admin/mail/letter/test/", {}),
        Action(CHAIR, *_press("mail/letter", "send_again", letter)),
        Action(CHAIR, *_press("mail/letter", "mark_arrived", doubtful)),
        Action(CHAIR, *_press("mail/letter", "discard", make_letter(), sure=1)),
    ]


def _of_editions_and_content(edition) -> list[Action]:
    draft = make_edition(slug="2025", year=2025, state="draft")
    one, other = make_topic(edition), make_topic(edition)
    page = make_page(edition)
    hidden = make_contribution(edition, is_published=False)
    return [
        Action(WRITERS, f"/admin/editions/edition/{draft.pk}/publish/now/", {}),
        Action(
            WRITERS,
            "/admin/desk/editions/new/",
            {"title": "New", "year": "2031", "slug": "2031", "source": edition.pk},
        ),
        _confirmed_text(edition),
        Action(WRITERS, *_press("topics/topic", "merge", one, other, into=one.pk)),
        Action(WRITERS, *_press("pages/page", "delete_selected", page, post="yes")),
        Action(WRITERS, *_press("programme/contribution", "publish", hidden)),
    ]


def _confirmed_text(edition) -> Action:
    copy = clone_edition(source=edition, by=None, year=2041, slug="2041")
    page = make_page(copy, body=f"Written in {edition.year}.")
    digest = version_token("pages.Page", page.pk, "body", page.body)
    return Action(WRITERS, f"/admin/desk/editions/{copy.pk}/texts/", {"digest": digest})


def _of_many_people(edition, as_chair) -> list[Action]:
    """Pages that show all people of the edition, so they are among the last."""
    group = make_group(edition)
    paste = f"/admin/people/group/{group.pk}/paste/"
    token = as_chair.post(paste, {"people": "Bo Example"}).context["token"]
    pasted = {"people": "Bo Example", "token": token, "person-0": "new", "save": "1"}
    person = make_person(name="Ada Example")
    make_group(edition, person)
    photos = f"/admin/people/person/photos/{edition.pk}/"
    as_chair.post(photos, {"photos": [upload(encoded(corners(), "JPEG"))]})
    context = as_chair.get(photos).context
    ((_, field, _),) = context["assigning"].rows
    given = {field.html_name: person.pk, "token": context["token"], "assign": "1"}
    return [Action(WRITERS, paste, pasted), Action(WRITERS, photos, given)]


def _of_the_day(edition) -> list[Action]:
    one, other, guest, absent = (make_registration(edition) for _ in range(4))
    waiting, late = (make_registration(edition, status="waiting") for _ in range(2))
    check_in(edition=edition, scan=Scan(guest.code), device="phone-one")
    notice = make_notice(edition)
    people, door = "registration/registration", f"/admin/check-in/{edition.pk}"
    return [
        Action(CHAIR, *_press(people, "cancel", one, confirmed=1)),
        Action(CHAIR, *_press(people, "erase", other, confirmed=1)),
        Action(CHAIR, *_press(people, "promote", waiting)),
        Action(CHAIR, *_press(people, "send_link", guest)),
        Action(HELPERS, f"{door}/one/", {"text": absent.code}),
        Action(HELPERS, f"{door}/admit/", {"person": late.pk}),
        Action(HELPERS, f"{door}/undo/", {"person": guest.pk}),
        Action(WRITERS, f"/admin/notices/{edition.pk}/", {"text": "Room 2", "now": "1"}),
        Action(WRITERS, f"/admin/notices/end/{notice.pk}/", {}),
        Action(CHAIR, f"/admin/feedback/{edition.pk}/", {"is_on": "on", "days_after": "5"}),
    ]


def _of_expressions(edition) -> list[Action]:
    expression = make_expression(edition, email="ada@example.net")
    make_link(expression)
    make_expression(edition, is_test=True)
    in_three_days = timezone.now() + timedelta(days=3)
    link, _ = AccessLink.mint(expires_at=in_three_days, edition=edition, for_whom="Ada")
    access = {
        "edition": edition.pk,
        "for_whom": "Ada",
        "expires_at_0": in_three_days.date().isoformat(),
        "expires_at_1": "12:00",
    }
    own = f"{_EXPRESSIONS}{expression.pk}/"
    days = {f"{name}_days": "7" for name in DataClass}
    note = expression.notes.create(text="Words.")
    return [
        Action(CHAIR, f"{own}move/cancel/", {"reason": "Wrote twice."}),
        Action(HELPERS, f"{own}address/", {"email": "new@example.net"}),
        Action(HELPERS, f"{own}send-link/", {}),
        Action(CHAIR, f"{own}end-links/", {}),
        Action(CHAIR, f"{own}notes/", {"text": "Ask about the room."}),
        Action(CHAIR, f"{own}notes/{note.pk}/", {}),
        Action(CHAIR, f"{own}erase/", {}),
        Action(CHAIR, f"/admin/privacy/{edition.pk}/", days),
        Action(CHAIR, f"/admin/desk/editions/{edition.pk}/download/", {}),
        Action(CHAIR, f"{_EXPRESSIONS}rehearsals/{edition.pk}/", {"count": "1"}),
        Action(REVIEWERS, f"{_EXPRESSIONS}export/csv/", {}),
        Action(REVIEWERS, f"/admin/review/{expression.pk}/", {"verdict": "4"}),
        *_of_the_discussion(edition),
        Action(CHAIR, "/admin/interest/accesslink/add/", access),
        Action(CHAIR, *_press("interest/accesslink", "end", link)),
    ]


def _of_the_discussion(edition) -> list[Action]:
    expression = make_expression(edition)
    row = Reviewer.objects.select_related("user").get(edition=edition)
    save_review(expression=expression, reviewer=row.user, score=3)
    comment = Comment.objects.create(expression=expression, author=row.user, text="Words.")
    address = f"/admin/review/{expression.pk}/comments/"
    return [
        Action(REVIEWERS, address, {"text": "More words."}),
        Action(REVIEWERS, f"{address}{comment.pk}/", {}),
    ]


def _of_reviewers(edition, row) -> list[Action]:
    expression = make_expression(edition)
    seen = version_token(row.affiliation, row.conflicts, [])
    invited = InvitedReviewer.objects.create(edition=edition, email="asked@example.org")
    draft_reminders(edition=edition)
    (drafted,) = reminders(edition)
    make_reviewer(edition)  # whose reminder is still to be drafted
    remind = f"/admin/review/reminders/{edition.pk}/"
    words = {"subject": "For {name}", "body": "See {private_link}"}
    invite_data = {"addresses": "reviewer5@example.org", "invite": "1"}
    return [
        Action(CHAIR, f"/admin/review/invite/{edition.pk}/", invite_data),
        Action(CHAIR, f"/admin/review/progress/{edition.pk}/uninvite/", {"invited": invited.pk}),
        Action(CHAIR, f"{remind}{drafted.pk}/hold/", {}),
        Action(CHAIR, f"{remind}{drafted.pk}/", {"version_token": drafted.version_token, **words}),
        Action(CHAIR, f"{remind}now/", {"seen": drafted.draft_key}),
        Action(CHAIR, f"{remind}draft/", {}),
        Action(CHAIR, f"/admin/review/assign/{edition.pk}/", {"press": "automatic", "each": "1"}),
        Action(
            CHAIR,
            f"/admin/review/expressions/{expression.pk}/reviewers/",
            {"reviewer": [row.pk], "seen": assignment_token(expression)},
        ),
        Action(
            REVIEWERS,
            f"/admin/review/reviewers/{row.pk}/",
            {"affiliation": "Example Institute", "seen": seen},
        ),
    ]


def _of_decisions(edition, chair, as_chair) -> list[Action]:
    drafted = decide(expression=make_expression(edition), verdict="decline", offer="", by=chair)
    draft_decision_letters(edition=edition)
    drafted.refresh_from_db()
    decide(expression=make_expression(edition), verdict="decline", offer="", by=chair)
    ready = " ".join(row.draft_key for row in pending_decisions(edition) if row.is_ready)
    waiting = make_expression(edition, state="waitlisted")
    overdue = make_expression(edition, state="accepted")
    Expression.objects.filter(pk=overdue.pk).update(reply_by_on=date(2001, 1, 1))
    board, release = (f"/admin/selection/{page}/{edition.pk}/" for page in ("board", "release"))
    expression = make_expression(edition)
    rows = re.findall(r'name="row" value="([^"]+)"', as_chair.get(board).content.decode())
    row = next(row for row in rows if row.startswith(f"{expression.pk}:"))
    asked = as_chair.post(f"{board}bulk/", {"row": [row], "choice": "decline", "whom": "chosen"})
    words = {"subject": "For {name}", "body": "See {title}."}
    text = f"/admin/selection/texts/{edition.pk}/interest/offer_talk/"
    seen = as_chair.get(text).context["seen"]
    own_words = {"version_token": drafted.version_token, **words, "save": "1"}
    return [
        Action(CHAIR, f"{board}decide/", {"press": f"{row}:decline"}),
        Action(CHAIR, f"{board}bulk/decide/", {"choice": "decline", "rows": asked.context["rows"]}),
        Action(CHAIR, f"{release}draft/", {}),
        Action(CHAIR, f"{release}now/", {"seen": ready}),
        Action(CHAIR, f"{release}{drafted.pk}/", own_words),
        Action(CHAIR, f"{release}{drafted.pk}/hold/", {}),
        Action(CHAIR, f"/admin/selection/expressions/{waiting.pk}/offer/", {"offer": "talk"}),
        Action(CHAIR, f"/admin/selection/lapse/{edition.pk}/", {"offer": [overdue.pk]}),
        Action(CHAIR, text, {"seen": seen, "save": "1", **words}),
    ]


def _letter_to_many(as_chair) -> Action:
    """To all who are there, so it is last."""
    words = {"subject": "For {name}", "body": "See {title}."}
    page = as_chair.post("/admin/selection/write/", {"look": "1", **words}).content.decode()
    hidden = dict(re.findall(r'name="(key|version_token)" value="([^"]*)"', page))
    return Action(CHAIR, "/admin/selection/write/", {"send": "1", **hidden, **words})


def _of_sessions(edition, as_chair) -> list[Action]:
    panel = make_session(edition, title="Panel", starts_at=time(14), room=make_room(edition))
    lightning = make_session(edition, title="Round", kind="lightning", starts_at=time(9))
    posters = make_session(edition, title="Posters", kind="posters", starts_at=time(16))
    talk = make_contribution(edition, kind="lightning", title="A")
    poster = make_contribution(edition, kind="poster", title="B")
    seen = SessionPlace.of(panel)
    move = {"minutes": 30, "room": seen.room or "", "along": "room", "seen": str(seen)}
    with transaction.atomic():
        undo = as_chair.post(f"{_SCHEDULE}{panel.pk}/move/", move, follow=True).context["undo"]
    moved = make_session(edition, title="Beside", starts_at=time(11))
    place = SessionPlace.of(moved)
    return [
        Action(
            WRITERS,
            f"{_SCHEDULE}{moved.pk}/move/",
            {"minutes": 30, "room": "", "along": "room", "seen": str(place)},
        ),
        Action(WRITERS, f"{_SCHEDULE}programme/{edition.pk}/put-back/", {"steps": undo}),
        Action(
            WRITERS, f"{_SCHEDULE}{lightning.pk}/round/?order=title&minutes=3", {"talk": talk.pk}
        ),
        Action(WRITERS, f"{_SCHEDULE}{posters.pk}/boards/?before=P", {"poster": poster.pk}),
        Action(WRITERS, _SCHEDULE, {"action": "repeat", "_selected_action": moved.pk}),
        *_together(as_chair, "programme/session", moved),
        *_together(as_chair, "programme/contribution", talk),
    ]


def _duplicate(edition, as_chair) -> Action:
    """Refused once the edition has other sessions, so it is among the last."""
    page = f"{_SCHEDULE}{edition.sessions.first().pk}/duplicate/"
    token = as_chair.get(page).context["token"]
    return Action(WRITERS, page, {"days": [1], "token": token})


def _together(as_chair, model: str, row) -> list[Action]:
    path, data = _press(model, "change_together", row)
    token = as_chair.post(path, data).context["token"]
    return [Action(WRITERS, path, {**data, "token": token, "change": "1", "kind": "panel"})]


def _of_speakers_and_students(edition, as_chair) -> list[Action]:
    person = make_person(name="Ada Example", bio="Old words.")
    make_contribution(edition, person, kind="keynote")
    speaker = make_speaker(edition, person)
    require_approval(edition)
    send_profile(browser_of(speaker), speaker, bio="New words.")
    proposal = Proposal.objects.get()
    programme = f"{_SCHEDULE}programme/{edition.pk}/"
    here = f"{programme}speakers/{person.pk}/"
    token = SpeakerEdit(speaker).token
    added = make_added(edition, title="Small", email="bo@example.net")
    Expression.objects.filter(pk=added.origin.expression_id).update(title="Smaller")
    edit = as_chair.get(f"{programme}corrections/").context["edits"][0]
    changes = [f"{change.name}:{change.token}" for change in edit.changes]
    confirmed = make_confirmed(edition, email="cy@example.net")
    return [
        Action(CHAIR, here, {"email": "new@example.org"}),
        Action(CHAIR, f"{here}end-links/", {}),
        Action(
            WRITERS,
            f"{here}step/",
            {"edit": proposal.pk, "part": f"proposal:{token}", "do": "take"},
        ),
        Action(CHAIR, f"{programme}students/", {"expression": confirmed.pk, "publish": "on"}),
        Action(
            CHAIR,
            f"{programme}corrections/step/",
            {"do": "take", "edit": edit.origin.pk, "part": changes},
        ),
    ]


def _of_publishing(edition, as_chair) -> list[Action]:
    """Letters about the last release, of which one is drafted, and a change to publish."""
    session = make_session(edition, title="Talks", starts_at=time(10), day=2)
    for number in range(2):
        expression = make_confirmed(edition, title=f"T{number}", email=f"t{number}@example.net")
        (talk,) = add_to_programme(expression)
        make_slot(session, talk, minutes=3)
        make_release(edition)
        if not number:
            draft_letters(edition=edition)
    letter = next(row for row in programme_letters(edition) if row.is_ready)
    session.title = "Later talks"
    session.save()
    programme = f"{_SCHEDULE}programme/{edition.pk}/"
    seen = as_chair.get(f"{programme}publish/").context["form"].initial["seen"]
    words = {"version_token": letter.version_token, "subject": "For {name}", "body": "{title}"}
    return [
        Action(WRITERS, f"{programme}publish/", {"seen": seen}),
        Action(CHAIR, f"{programme}letters/draft/", {}),
        Action(CHAIR, f"{programme}letters/now/", {"seen": letter.draft_key}),
        Action(CHAIR, f"{programme}letters/{letter.pk}/", {**words, "save": "1"}),
        Action(CHAIR, f"{programme}letters/{letter.pk}/hold/", {}),
    ]


def _of_spreadsheets(edition, as_chair) -> list[Action]:
    imported = bring_in(as_chair, edition, microsoft_file())
    confirm(as_chair, imported)
    headings = ["Name", "Email address", "Title", "Format"]
    file = xlsx(headings, ["Di", "di@example.org", "One", "Oral"])
    waiting = bring_in(as_chair, edition, file)
    asked = as_chair.get(address(waiting, "columns")).context["form"]
    columns = {name: asked[name].value() or "" for name in asked.fields}
    as_chair.post(address(waiting, "answers"), {"formats-0": "poster"})
    token = preview(as_chair, waiting).context["token"]
    upload = {"edition": edition.pk, "file": slides(file, "answers.xlsx")}
    return [
        Action(CHAIR, f"{SHEETS}add/", upload),
        Action(CHAIR, address(waiting, "columns"), columns),
        Action(CHAIR, address(waiting, "answers"), {"formats-0": "talk"}),
        Action(CHAIR, address(waiting, "import"), {"token": token}),
        Action(CHAIR, address(waiting, "discard"), {}),
        Action(CHAIR, address(imported, "take-back"), {"count": "1"}),
    ]


def _name(action: Action) -> str:
    return f"{action.path} {action.data.get('action', '')}".strip()


@pytest.mark.parametrize("roles", [ROLES[:3], ROLES[3:]])
def test_an_action_works_for_the_roles_that_may_and_changes_nothing_for_others(
    request, actions, roles
):
    for role in roles:
        client = request.getfixturevalue(role)
        may = {_name(action) for action in actions if role in action.roles}

        answers = {_name(action): _answer(client, action) for action in actions}

        assert {name for name, (tables, _) in answers.items() if tables} == may, role
        refused = {name: status for name, (_, status) in answers.items() if name not in may}
        # A list without the action is shown again.
        lists = {_name(action) for action in actions if "action" in action.data}
        shown = lists if role not in {"client", "as_stranger"} else set()
        assert {name for name, code in refused.items() if code not in {302, 403}} <= shown, role


def _answer(client: Client, action: Action) -> tuple[set[str], int]:
    """The tables that the action writes, which is undone, and the status."""
    if "file" in action.data:
        action.data["file"].seek(0)
    with transaction.atomic(), written_tables() as tables:
        response = client.post(action.path, action.data)
        b"".join(response)
        transaction.set_rollback(True)
    return tables - _NOT_COMPARED, response.status_code


def test_every_action_of_the_admin_is_in_the_table(actions):
    lists = {
        f"admin/{model._meta.app_label}/{model._meta.model_name}/": model_admin
        for model, model_admin in admin.site._registry.items()
    }
    made_by_django = re.compile(f"({'|'.join(lists)})(add/|<path:object_id>/.*|.*/history/.*)?$")
    routes = {
        route
        for route in _routes(get_resolver().url_patterns)
        if route.startswith("admin/")
        and "(?P<app_label>" not in route
        and not made_by_django.match(route)
    }
    names = {
        (f"/{path}", getattr(name, "__name__", name))
        for path, model_admin in lists.items()
        for name in model_admin.actions or ()
    }

    assert routes - {resolve(action.path.partition("?")[0]).route for action in actions} == (
        SHOWN_ONLY
    )
    assert names - {(action.path, action.data.get("action")) for action in actions} == set()
