"""Editions that visitors read as a static copy, served by the site itself."""

import errno
import os
import signal
from datetime import date
from pathlib import Path

import pytest
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client

from apps.core.exceptions import NotAllowed
from apps.core.files import private_storage
from apps.core.frozen import frozen_root, frozen_slugs, is_frozen
from apps.core.processes import AlreadyRunning, one_at_a_time
from apps.editions.models import Edition
from apps.editions.services import make_edition_current, publish_edition, unpublish_edition
from apps.ops.freezing.editions import freeze_edition, pages_written, thaw_edition
from tests.editions.files import make_picture
from tests.factories import (
    make_call,
    make_contribution,
    make_edition,
    make_expression,
    make_page,
    make_person,
)
from tests.interest.students import browser_of
from tests.ops.copies import names_in
from tests.pages.full_edition import fill_edition
from tests.reading import html_of, messages_of

pytestmark = pytest.mark.django_db
PAGES = ["/2030/", "/2030/people/", "/2030/programme/", "/2030/talks/", "/2030/interest/"]


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return settings.DATA_DIR


@pytest.fixture
def past(commit) -> Edition:
    """An archived edition with everything, beside the current one."""
    make_edition(slug="2031", year=2031, is_current=True, title="This year")
    past = make_edition(
        slug="2030", year=2030, state="archived", starts_on=date(2030, 5, 3), title="Last year"
    )
    fill_edition(past, 1)
    make_call(past)
    make_contribution(past, "Ada", slug="talk", title="First title", slides=stored())
    past.downloads.create(name="flyer.pdf", file=ContentFile(b"%PDF-1.7 flyer", name="a.pdf"))
    with commit():  # makes its thumbnails
        make_picture(past, "venue.jpg")
    make_page(past, slug="venue", title="Venue", body="![Hall](pictures/venue.jpg)")
    return past


def stored() -> str:
    return private_storage().save("slides/any.pdf", ContentFile(b"%PDF-1.7 slides"))


def said_by(response) -> str:
    return " ".join(messages_of(response))


def address(edition: Edition, action: str) -> str:
    return f"/admin/editions/edition/{edition.pk}/{action}/now/"


def test_pages_are_answered_without_a_query(past, client, django_assert_num_queries):
    live = {path: client.get(path) for path in [*PAGES, "/2030/news.atom", "/2030/programme.ics"]}
    freeze_edition(edition=past)

    for path, before in live.items():
        with django_assert_num_queries(0):
            page = client.get(path)
        assert page.status_code == 200
        assert page["Content-Type"] == before["Content-Type"]
        for header in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options"):
            assert page[header] == before[header]
        assert client.get(path, headers={"if-none-match": page["ETag"]}).status_code == 304
        assert client.get(path, headers={"if-modified-since": page["Last-Modified"]}).content == b""
        assert client.head(path)["ETag"] == page["ETag"]
    assert "<form" not in html_of(client.get("/2030/interest/"))
    assert client.get("/2030/news.atom")["Access-Control-Allow-Origin"] == "*"


def test_links_are_the_addresses_of_the_site(past, client):
    freeze_edition(edition=past)

    page = html_of(client.get("/2030/venue/"))
    assert 'href="/2030/people/"' in page
    assert 'href="/privacy/"' in page
    assert '<a href="/">Go to the current edition</a>' in page
    assert "index.html" not in page
    assets = {part.split()[0] for part in page.split('"') if part.startswith("/2030/assets/")}
    assert {Path(name).suffix for name in assets} >= {".css", ".avif", ".jpg"}
    for name in assets:
        assert b"".join(client.get(name))
    moved = client.get("/2030/people/index.html")
    assert (moved.status_code, moved["Location"]) == (301, "/2030/people/")
    slides = client.get("/2030/contributions/talk/slides.pdf")
    assert b"".join(slides) == b"%PDF-1.7 slides"
    assert slides["Content-Disposition"].startswith("attachment")


def test_nothing_else_can_be_read(past, client):
    freeze_edition(edition=past)

    for path in (
        "/2030/../manifest.json",
        "/2030/../../2030/manifest.json",
        "/2030/%2e%2e/manifest.json",
        "/2030/assets/../../manifest.json",
        "/2030/assets/../../../../db.sqlite3",
        "/2030//etc/passwd",
        "/2030/SHA256SUMS",
        "/2030/assets/static/",
        f"/2030/{'a' * 300}/",
        "/2030.part-x/",
        "/./2030/",
    ):
        assert client.get(path, follow=True).status_code == 404, path


def test_a_change_is_not_shown_until_the_pages_are_frozen_again(past, client, as_chair):
    freeze_edition(edition=past)
    talk = past.contributions.get(slug="talk")
    form = f"/admin/programme/contribution/{talk.pk}/change/"
    talk.title = "Second title"
    talk.save()
    make_page(past, slug="late", title="Late")

    assert "First title" in html_of(client.get("/2030/contributions/talk/"))
    assert "Second title" not in html_of(client.get("/2030/talks/"))
    assert "First title" in html_of(as_chair.get("/2030/contributions/talk/"))
    assert client.get("/2030/late/").status_code == 404
    assert as_chair.get("/2030/late/").status_code == 200  # to prepare the next copy
    assert "Frozen on" in html_of(as_chair.get(f"/admin/editions/edition/{past.pk}/change/"))
    assert as_chair.get(form).status_code == 200

    as_chair.post(address(past, "freeze"))

    assert "Second title" in html_of(client.get("/2030/contributions/talk/"))
    assert client.get("/2030/late/").status_code == 200


def test_a_change_at_the_desk_says_that_visitors_do_not_see_it(past, as_chair, as_editor):
    person = make_person(name="In no edition")
    page = past.pages.get(slug="venue")
    fields = {"edition": past.pk, "slug": "venue", "title": "Venue", "body": "New"}
    form = f"/admin/pages/page/{page.pk}/change/"
    assert "are frozen" not in said_by(as_chair.post(form, fields, follow=True))
    freeze_edition(edition=past)

    said = said_by(as_chair.post(form, fields | {"body": "Newer"}, follow=True))
    assert "The pages of 2030 are frozen, so visitors do not see this." in said
    programme = f"/admin/programme/session/programme/{past.pk}/"
    assert "are frozen: visitors do not see" in html_of(as_chair.get(programme))
    assert "the overview" not in said_by(as_editor.post(form, fields, follow=True))
    form = f"/admin/people/person/{person.pk}/change/"
    assert "are frozen" not in said_by(as_chair.post(form, {"name": "Bo"}, follow=True))


def test_private_pages_work_and_are_not_in_the_copy(past, client):
    entry = make_expression(
        past, state="declined", name="Zora Secret", email="zora@example.org", reference="222222"
    )
    freeze_edition(edition=past)

    assert b"Zora" not in b"".join(
        (frozen_root() / "2030" / name).read_bytes() for name in names_in(frozen_root() / "2030")
    )
    own_page = html_of(browser_of(entry).get("/2030/interest/222222/"))
    assert "Zora Secret" in own_page
    assert "The public pages of this edition no longer change" in own_page
    assert client.get("/2030/interest/new-link/").status_code == 200
    assert client.post("/2030/interest/", {"name": "Late"}).status_code in {403, 409, 422, 400}
    assert client.get("/admin/").status_code == 302


def test_the_home_page_of_the_site_is_the_frozen_one_if_it_is_that_edition(client):
    home = make_edition(slug="2030", is_current=True, state="archived", title="Old title")
    freeze_edition(edition=home)
    Edition.objects.update(title="New title")

    assert "Old title" in html_of(client.get("/"))
    thaw_edition(edition=home)
    assert "New title" in html_of(client.get("/"))


def test_lists_with_a_choice_or_on_several_pages_are_kept(past, client, monkeypatch):
    monkeypatch.setattr("apps.pages.programme_views._ENTRIES_PER_PAGE", 1)
    make_contribution(past, kind="paper", title="One")
    make_contribution(past, kind="paper", title="Two")
    freeze_edition(edition=past)

    first, second = (html_of(client.get(f"/2030/papers/{end}")) for end in ("", "?page=2&utm_x=1"))
    assert first != second
    assert "?page=2" in first
    assert html_of(client.get("/2030/papers/?q=anything&page=99")) == first


def test_desk_freezing_leaves_nothing_behind_in_the_process(past, client, settings):
    before = settings.SITE_URL
    caches["process"].clear()

    freeze_edition(edition=past)

    kept = caches["process"]
    assert not kept.get("feed:/2030/schedule.xml")
    assert before == settings.SITE_URL
    thaw_edition(edition=past)
    assert "/2030/assets/" not in html_of(client.get("/2030/interest/"))


@pytest.mark.parametrize(
    "change",
    [
        lambda edition: publish_edition(edition=edition),
        lambda edition: unpublish_edition(edition=edition),
        lambda edition: make_edition_current(edition=edition),
        lambda edition: Edition.objects.get(pk=edition.pk).delete(),
    ],
)
def test_another_state_thaws(change, commit, past):
    bare = make_edition(slug="2029", year=2029, state="archived")
    for edition in (past, bare):
        freeze_edition(edition=edition)

    with commit():
        change(bare)

    assert frozen_slugs() == ["2030"]
    assert list(frozen_root().glob("2029*")) == []


def test_another_address_thaws_and_the_former_one_redirects(past, client, as_chair, commit):
    freeze_edition(edition=past)
    form = f"/admin/editions/edition/{past.pk}/change/"
    fields = {
        "title": "Last year",
        "year": 2030,
        "slug": "2030-kyoto",
        "time_zone": "Europe/London",
    }
    with commit():
        said = said_by(as_chair.post(form, fields | {"language": "en", "hue": 205}, follow=True))

    assert "Its pages are no longer frozen" in said
    assert frozen_slugs() == []
    assert client.get("/2030/people/")["Location"] == "/2030-kyoto/people/"
    past.refresh_from_db()
    freeze_edition(edition=past)
    assert client.get("/2030/people/")["Location"] == "/2030-kyoto/people/"


@pytest.mark.parametrize("state", ["draft", "published"])
def test_only_an_archived_edition_can_be_frozen(as_chair, client, state):
    edition = make_edition(slug="2030", state=state)

    said = said_by(as_chair.post(address(edition, "freeze"), follow=True))

    assert "Only an archived edition can be frozen" in said
    assert not is_frozen("2030")


def test_an_edition_that_is_published_while_it_is_frozen_is_not(past, monkeypatch):
    write = Path.write_bytes

    def publish(path: Path, body: bytes) -> int:
        Edition.objects.filter(pk=past.pk).update(state="draft")
        return write(path, body)

    monkeypatch.setattr(Path, "write_bytes", publish)

    with pytest.raises(NotAllowed):
        freeze_edition(edition=past)

    assert not is_frozen("2030")


def test_archiving_can_freeze(as_chair, as_editor, client):
    edition = make_edition(slug="2030", year=2030, title="Old title")
    confirm = f"/admin/editions/edition/{edition.pk}/confirm/archive/"
    assert 'name="then"' in html_of(as_chair.get(confirm))
    assert 'name="then"' not in html_of(as_editor.get(confirm))

    said = said_by(as_chair.post(address(edition, "archive"), {"then": "freeze"}, follow=True))

    assert "is now archived" in said
    assert "Frozen: visitors now read" in said
    Edition.objects.update(title="New title")
    assert "Old title" in html_of(client.get("/2030/"))


def test_the_overview_offers_what_can_be_done(past, as_chair, as_editor):
    overview = f"/admin/editions/edition/{past.pk}/overview/"
    assert "Freeze the pages" in html_of(as_chair.get(overview))
    as_chair.post(address(past, "freeze"))

    page = html_of(as_chair.get(overview))
    assert "Frozen on" in page
    assert "Freeze again" in page
    assert "replaced by those of today" in html_of(as_chair.get(confirm_of(past, "freeze")))
    assert "The frozen pages are deleted" in html_of(as_chair.get(confirm_of(past, "thaw")))
    assert "Thaw" not in html_of(as_editor.get(overview))

    said = [said_by(as_chair.post(address(past, "thaw"), follow=True)) for _ in range(2)]
    assert ["Thawed" in text for text in said] == [True, False]
    assert "not frozen" in said[1]
    assert as_chair.get(confirm_of(past, "thaw")).status_code == 302


def confirm_of(edition: Edition, action: str) -> str:
    return f"/admin/editions/edition/{edition.pk}/confirm/{action}/"


def test_chairs_only(past, client, as_editor, as_reviewer, as_stranger):
    freeze_edition(edition=past)
    for browser in (client, as_editor, as_reviewer, as_stranger):
        for action in ("freeze", "thaw"):
            assert browser.get(confirm_of(past, action)).status_code in {302, 403}
            assert browser.get(address(past, action)).status_code in {302, 405}
            assert browser.post(address(past, action)).status_code in {302, 403}
        sent = browser.post(address(past, "publish"), {"then": "thaw"})
        assert sent.status_code in {302, 403}
    assert is_frozen("2030")
    past.refresh_from_db()
    assert past.state == "archived"


def test_a_second_press_meanwhile_changes_nothing(past, as_chair):
    with one_at_a_time(frozen_root() / ".lock"):
        said = said_by(as_chair.post(address(past, "freeze"), follow=True))
        with pytest.raises(AlreadyRunning):
            freeze_edition(edition=past)

    assert "being frozen already" in said
    assert not is_frozen("2030")


def test_the_overview_shows_how_far_a_copy_is(past, as_chair):
    part = frozen_root() / "2030.part-abc" / "2030"
    part.mkdir(parents=True)
    (part / "index.html").write_text("")

    assert pages_written("2030") == 1
    page = html_of(as_chair.get(f"/admin/editions/edition/{past.pk}/overview/"))
    assert "being frozen: 1 page so far" in page
    os.utime(part / "index.html", (0, 0))
    os.utime(part.parent, (0, 0))
    assert pages_written("2030") is None


def test_a_full_disk_leaves_the_earlier_copy(past, client, as_chair, monkeypatch):
    freeze_edition(edition=past)
    before = client.get("/2030/").content
    past.title = "New title"
    past.save()

    def fail(path: Path, body: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    said = said_by(as_chair.post(address(past, "freeze"), follow=True))

    assert "No space left on device" in said
    assert client.get("/2030/").content == before
    assert [path.name for path in frozen_root().glob("2030*")] == ["2030"]


def test_a_killed_process_leaves_the_earlier_copy(past, client):
    freeze_edition(edition=past)
    before = client.get("/2030/").content
    past.title = "New title"
    past.save()

    for moment in ("write", "rename"):
        killed = os.fork()
        if not killed:
            die_at(moment)
            freeze_edition(edition=past)
        assert os.waitstatus_to_exitcode(os.waitpid(killed, 0)[1]) == -signal.SIGKILL
        left = list(frozen_root().glob("2030.part-*"))
        assert left
        if moment == "write":
            assert client.get("/2030/").content == before
            # The title is the only change, so the old copy is back before the new one is tried.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "write_bytes", no_space)
        with pytest.raises(OSError, match="No space"):
            freeze_edition(edition=past)
    assert client.get("/2030/").content == before
    freeze_edition(edition=past)
    assert "New title" in html_of(client.get("/2030/"))
    assert [path.name for path in frozen_root().glob("2030*")] == ["2030"]


def no_space(path: Path, body: bytes) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def die_at(moment: str) -> None:
    """End this process at its tenth file, or between the two renames."""
    calls = []
    write, rename = Path.write_bytes, Path.rename

    def write_or_die(path: Path, body: bytes) -> int:
        calls.append(path)
        if moment == "write" and len(calls) == 10:
            os.kill(os.getpid(), signal.SIGKILL)
        return write(path, body)

    def rename_and_die(path: Path, target: Path) -> Path:
        done = rename(path, target)
        if path.name == "2030":
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    patch = pytest.MonkeyPatch()
    patch.setattr(Path, "write_bytes", write_or_die)
    patch.setattr(Path, "rename", rename_and_die)


def test_the_command_copies_what_is_stored(past, tmp_path, client):
    freeze_edition(edition=past)
    past.title = "New title"
    past.save()

    call_command("freeze", str(tmp_path / "copy"), edition="2030")

    assert "New title" in (tmp_path / "copy" / "2030" / "index.html").read_text()
    assert "New title" not in html_of(Client().get("/2030/"))
