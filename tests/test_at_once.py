"""Two organisers who act at the same time: both succeed, and the constraints hold."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models.signals import pre_save
from django.test import Client
from django.utils import timezone

from apps.core.exceptions import NotAllowed
from apps.editions.models import Call, Edition
from apps.editions.services import make_edition_current
from apps.imports.cloning import clone_edition
from apps.imports.folders.importing import import_edition
from apps.imports.folders.report import DifferencesFound
from apps.interest.models import Expression
from apps.interest.submission import issue_token
from apps.programme.models import ProgrammeRelease, Slot
from apps.programme.releases import NothingNew, publish_programme
from apps.topics.models import Topic
from tests.factories import make_current_edition, make_edition, make_session, make_slot
from tests.html_forms import open_form
from tests.interest.calls import filled, make_open_call

pytestmark = pytest.mark.django_db(transaction=True)

EDITION = "slug: 2030\nyear: 2030\ntitle: Workshop\nstate: published\n"


def overlapping(first: Callable[[], object], second: Callable[[], object]) -> list[Exception]:
    """Run `second` before `first` is committed; return its exceptions.

    SQLite allows one writer at a time, so there `second` runs after `first`.
    """
    errors: list[Exception] = []

    def run() -> None:
        try:
            second()
        except Exception as error:
            errors.append(error)

    def run_in_thread() -> None:
        run()
        connection.close()

    if not connection.features.has_select_for_update:
        first()
        run()
        return errors
    thread = threading.Thread(target=run_in_thread)
    with transaction.atomic():
        first()
        thread.start()
        time.sleep(0.5)  # long enough to meet the lock
    thread.join()
    return errors


def test_the_last_edition_made_current_is_the_home_page():
    make_current_edition(slug="2023")
    first, second = make_edition(slug="2024"), make_edition(slug="2025")

    errors = overlapping(
        lambda: make_edition_current(edition=first), lambda: make_edition_current(edition=second)
    )

    assert errors == []
    assert [edition.slug for edition in Edition.objects.current()] == ["2025"]


def test_two_editions_copied_at_once_get_different_addresses():
    first, second = make_edition(slug="2024", year=2024), make_edition(slug="2024b", year=2024)

    errors = overlapping(
        lambda: clone_edition(source=first, by=None), lambda: clone_edition(source=second, by=None)
    )

    assert errors == []
    assert set(Edition.objects.filter(year=2025).values_list("slug", flat=True)) == {
        "2025",
        "2025-2",
    }


def test_a_save_at_the_desk_during_an_import_is_kept(as_chair, tmp_path):
    edition = make_edition(slug="2030", year=2030, title="Workshop")
    topic = Topic.objects.create(edition=edition, slug="atoms", heading="Atoms")
    (tmp_path / "edition.yaml").write_text(EDITION)
    (tmp_path / "topics.yaml").write_text("- slug: atoms\n  heading: Small atoms\n")
    path = f"/admin/topics/topic/{topic.pk}/change/"
    page = open_form(as_chair, path) | {"heading": ["Large atoms"]}
    responses = []

    errors = overlapping(
        lambda: import_edition(folder=tmp_path, replace=True),
        lambda: responses.append(as_chair.post(path, page)),
    )

    assert errors == []
    assert [response.status_code for response in responses] == [200]
    assert "It now reads: <q" in responses[0].content.decode()
    assert Topic.objects.get().heading == "Small atoms"


def test_a_save_at_the_desk_before_an_import_is_not_overwritten(as_chair, tmp_path):
    edition = make_edition(slug="2030", year=2030, title="Workshop")
    topic = Topic.objects.create(edition=edition, slug="atoms", heading="Atoms")
    (tmp_path / "edition.yaml").write_text(EDITION)
    # A topic before it gives it another place, so that its row is written.
    topics = "- slug: quarks\n  heading: Quarks\n- slug: atoms\n  heading: Atoms\n"
    (tmp_path / "topics.yaml").write_text(topics)
    path = f"/admin/topics/topic/{topic.pk}/change/"
    page = open_form(as_chair, path) | {"heading": ["Large atoms"]}

    errors = overlapping(lambda: as_chair.post(path, page), lambda: import_edition(folder=tmp_path))

    assert [type(error) for error in errors] == [DifferencesFound]
    assert Topic.objects.get().heading == "Large atoms"


def test_a_submission_and_a_save_of_its_edition_do_not_block_each_other(as_chair):
    call = make_open_call()
    path = f"/admin/editions/edition/{call.edition_id}/call/"
    page = open_form(as_chair, path) | {"call-0-poster_size": ["A0"]}
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        form = filled(call.edition, token=issue_token(call.edition, is_test=False).signed)
    responses: list[Any] = []
    threads: list[threading.Thread] = []

    def save() -> None:
        responses.append(as_chair.post(path, page))
        connection.close()

    def save_meanwhile(**kwargs: object) -> None:
        # The submission has locked the call and has not written its row.
        threads.append(threading.Thread(target=save))
        if connection.features.has_select_for_update:
            threads[0].start()
            time.sleep(0.5)

    pre_save.connect(save_meanwhile, sender=Expression)
    try:
        responses.append(Client().post(f"/{call.edition.slug}/interest/", form))
    finally:
        pre_save.disconnect(save_meanwhile, sender=Expression)
    if connection.features.has_select_for_update:
        threads[0].join()
    else:
        save()

    assert [response.status_code for response in responses] == [302, 302]
    assert Expression.objects.count() == 1
    assert Call.objects.get().poster_size == "A0"


def test_a_board_used_twice_is_published_by_none_of_two_chairs(chair):
    session = make_session(make_edition(), kind="posters")
    for _ in range(2):
        make_slot(session, board="P1")
    refusals = []

    def publish() -> None:
        try:
            publish_programme(edition=session.edition, by=chair)
        except NotAllowed as refusal:
            refusals.append(str(refusal)[:37])

    errors = overlapping(publish, publish)

    assert errors == []
    assert refusals == ["Not published. Board P1 is used twice"] * 2
    assert not ProgrammeRelease.objects.exists()


def test_a_programme_published_twice_at_once_has_one_release(chair):
    session = make_session(make_edition(), kind="posters")
    for board in ("P1", "P2"):
        make_slot(session, board=board)

    errors = overlapping(
        lambda: publish_programme(edition=session.edition, by=chair),
        lambda: publish_programme(edition=session.edition, by=chair),
    )

    assert [type(error) for error in errors] == [NothingNew]
    assert ProgrammeRelease.objects.count() == 1


def test_a_board_taken_during_a_publication_is_not_in_it(chair):
    session = make_session(make_edition(), kind="posters")
    make_slot(session, board="P1")
    second = make_slot(session, board="P2")

    errors = overlapping(
        lambda: Slot.objects.filter(pk=second.pk).update(board="P1"),
        lambda: publish_programme(edition=session.edition, by=chair),
    )

    # SQLite has one writer at a time: there the board is taken before, and nothing is published.
    boards = [
        slot["board"]
        for release in ProgrammeRelease.objects.all()
        for row in release.plan
        for slot in row["slots"]
    ]
    assert len(boards) == len(set(boards))
    assert {type(error) for error in errors} <= {NotAllowed}
