"""An edition becomes a content folder; its import makes the same edition, which exports the same."""

from __future__ import annotations

import io
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.editions.models import Edition
from apps.imports.folders.exporting import export_edition
from apps.imports.folders.importing import import_edition
from apps.imports.folders.yaml_text import FolderError
from apps.people.models import Person
from apps.programme.models import Session
from tests import factories
from tests.imports.made_up_editions import YEARS, write_years
from tests.people.files import photo_file

pytestmark = pytest.mark.django_db


def files_of(folder: Path) -> dict[str, bytes]:
    """The contents of all files below a folder by their names in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def export(edition: Edition | str, folder: Path) -> dict[str, bytes]:
    slug = edition if isinstance(edition, str) else edition.slug
    export_edition(edition=Edition.objects.get(slug=slug), folder=folder)
    return files_of(folder)


def erase_all() -> None:
    Edition.objects.all().delete()
    Person.objects.all().delete()


def command(*arguments: str | Path) -> str:
    output = io.StringIO()
    call_command("export_edition", *map(str, arguments), stdout=output)
    return output.getvalue()


@contextmanager
def files_of_at_most(number: int) -> Iterator[None]:
    """As on a full disk: the operating system refuses to make a file longer."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("path", ["content/2023", "content/2024", "apps/ops/demo_data/edition"])
def test_a_shipped_edition_comes_back_byte_by_byte(path, tmp_path, pytestconfig):
    import_edition(folder=pytestconfig.rootpath / path)
    (edition,) = Edition.objects.all()
    first = export(edition, tmp_path / "first")

    assert import_edition(folder=tmp_path / "first").is_unchanged
    erase_all()
    import_edition(folder=tmp_path / "first")
    assert export(edition, tmp_path / "second") == first


def test_editions_that_share_people_come_back_beside_each_other(tmp_path):
    for folder in write_years(tmp_path):
        import_edition(folder=folder)
    exported = {str(year): export(str(year), tmp_path / f"{year}-out") for year in YEARS}

    for year in YEARS:
        assert import_edition(folder=tmp_path / f"{year}-out").is_unchanged
    erase_all()
    for year in YEARS:
        import_edition(folder=tmp_path / f"{year}-out")

    assert {name: export(name, tmp_path / f"{name}-out") for name in exported} == exported


def test_what_organisers_made_at_the_desk_is_no_difference(tmp_path):
    """Rows without numbers, seconds, empty lines, and kinds and places of a single session."""
    edition = factories.make_edition(state="draft", venue_address="A\r\n\r\nB ")
    person = factories.make_person(affiliation="University\r\n\r\n Institute")
    factories.make_deadline(edition, due_on=date(2030, 3, 1), due_time=time(9, 0, 31))
    factories.make_question(edition, kind="text", choices="left\nover")
    section = factories.make_section(
        edition, shows="topics", body="<b>bold</b> [x](/none/) ![](a.png)"
    )
    section.links.create(label="Left over", url="/gone/")
    factories.make_page(edition, slug="UPPER_-case", body="[dead](#nowhere) {{ x }}")
    factories.make_news(edition, published_at=None, title="First")
    factories.make_news(edition, published_at=None, title="Second")
    names = ("social", "lunch", "other", "break")
    sessions = [factories.make_session(edition, title=name, starts_at=None) for name in names]
    talks = factories.make_session(edition, title="late", starts_at=time(8, 0), minutes=60)
    one, two, three = (factories.make_contribution(edition, person, "Bare") for _ in range(3))
    factories.make_slot(sessions[1], two)
    factories.make_slot(talks, one, kind="panel", starts_after=0, minutes=10)
    factories.make_slot(talks, two, board="P 1")
    factories.make_slot(talks, three, minutes=1)
    for name in ("Zeta", "alpha"):
        factories.make_room(edition, name=name, ordering=0)

    first = export(edition, tmp_path / "out")

    assert import_edition(folder=tmp_path / "out").is_unchanged
    erase_all()
    report = import_edition(folder=tmp_path / "out")
    assert export(edition, tmp_path / "out") == first
    assert len(report.notes) > 3, "what an author of a folder would have to fix is said"
    slots = Session.objects.get(title="late").slots.values_list("contribution__slug", "kind")
    assert list(slots) == [(one.slug, "panel"), (two.slug, ""), (three.slug, "")]


def test_what_an_author_wrote_wrong_is_no_export(tmp_path):
    factories.make_section(factories.make_edition(slug="2030"), body="[x](#nowhere)")
    export("2030", tmp_path / "out")
    erase_all()
    facts = tmp_path / "out" / "edition.yaml"
    facts.write_text(facts.read_text().partition("\n")[2])

    with pytest.raises(FolderError, match="nowhere"):
        import_edition(folder=tmp_path / "out")


@pytest.mark.parametrize("slug", ["-", "_X-y__Z-", "null", "0", "No", "A" * 40])
def test_odd_addresses_come_back(slug, tmp_path):
    factories.make_edition(slug=slug).full_clean()

    first = export(slug, tmp_path / "first")
    erase_all()
    import_edition(folder=tmp_path / "first")

    assert Edition.objects.get().slug == slug
    assert export(slug, tmp_path / "first") == first


@pytest.mark.parametrize(
    "title",
    [
        *(
            "~",
            "null",
            "yes",
            "2024",
            "- a: b # c",
            "'\"\\$x^2$\\n",
            "{a: 7} %s",
            "!tag &a *b",
            "---",
        ),
        *(
            "a\u2028b\u2029c\x85d",
            "\ufeffmark",
            "😀 \u202eback",
            "名前",
            "tab\there",
            "? key",
            "@`|>",
        ),
    ],
)
def test_odd_titles_come_back(title, tmp_path):
    edition = factories.make_edition(title=title, code_of_conduct=f"{title}\n\n  {title}  \n---\nx")
    edition.full_clean()

    export(edition, tmp_path / "out")
    erase_all()
    import_edition(folder=tmp_path / "out")

    stored = Edition.objects.get()
    assert (stored.title, stored.code_of_conduct) == (title, edition.code_of_conduct)


def test_characters_that_no_folder_can_hold_are_left_out(tmp_path):
    edition = factories.make_edition(title="A\x0cB\nC", code_of_conduct="Page\x0c\r\n\r\nbreak\x01")

    export(edition, tmp_path / "out")
    erase_all()
    import_edition(folder=tmp_path / "out")

    stored = Edition.objects.get()
    assert (stored.title, stored.code_of_conduct) == ("AB C", "Page\n\nbreak")


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2030, 5, 8, 9, 30, 12, 345678, UTC),
        datetime(2030, 10, 27, 0, 30, tzinfo=UTC),  # 1:30, twice in London
        datetime(2030, 10, 27, 1, 30, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
    ],
)
def test_the_moment_of_an_announcement_is_exact(moment, tmp_path):
    edition = factories.make_edition(time_zone="Europe/London")
    factories.make_news(edition, published_at=moment)

    export(edition, tmp_path / "out")

    assert import_edition(folder=tmp_path / "out").is_unchanged
    erase_all()
    import_edition(folder=tmp_path / "out")
    assert Edition.objects.get().news.get().published_at == moment


def test_the_command_says_what_it_wrote_and_what_is_hidden(tmp_path):
    edition = factories.make_edition(slug="2030", year=2030, title="Small", state="draft")
    factories.make_session(edition)

    output = command("2030", tmp_path / "out")

    assert output.startswith(f"2030: 2030: Small\n  Written to {tmp_path}/out: 2 files.\n")
    assert (
        "Marked as hidden, because visitors do not see:\n    the edition: it is a draft" in output
    )


def test_an_unknown_edition_is_refused_with_the_nearest(tmp_path):
    factories.make_edition(slug="2030")

    with pytest.raises(CommandError, match=r"no edition “2031”\. Did you mean “2030”"):
        command("2031", tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_an_earlier_export_is_replaced_as_a_whole(tmp_path):
    edition = factories.make_edition()
    topic = factories.make_topic(edition)
    export(edition, tmp_path / "out")
    topic.delete()

    assert {*export(edition, tmp_path / "out")} == {"edition.yaml"}
    assert [path.name for path in tmp_path.glob("out*")] == ["out"]


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        ".git/config",
        "sections/notes/a.md",
        "photos/.hidden",
        "people.csv",
        "old/a.yaml",
    ],
)
def test_a_folder_with_other_files_is_left_alone(name, tmp_path):
    edition = factories.make_edition()
    before = export(edition, tmp_path / "out")
    mine = tmp_path / "out" / name
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")

    with pytest.raises(CommandError, match="is no file of an export"):
        command(edition.slug, tmp_path / "out")

    assert files_of(tmp_path / "out") == before | {name: b"mine"}


def test_a_folder_of_another_origin_is_left_alone(tmp_path, pytestconfig):
    shipped = pytestconfig.rootpath / "content" / "2024"
    import_edition(folder=shipped)
    factories.make_edition(slug="2030")
    export("2030", tmp_path / "2030")
    (tmp_path / "file").write_text("mine")

    for folder in (shipped, tmp_path / "2030", tmp_path / "file"):
        with pytest.raises(CommandError, match="Nothing was exported"):
            command("2024", folder)

    assert b"2024" not in files_of(tmp_path / "2030")["edition.yaml"]


def test_a_full_disk_leaves_the_earlier_export_whole(tmp_path):
    edition = factories.make_edition()
    before = export(edition, tmp_path / "out")
    person = factories.make_person(photo=photo_file((800, 800)))
    factories.make_group(edition, person)

    with files_of_at_most(2_000), pytest.raises(CommandError, match="The folder is as before"):
        command(edition.slug, tmp_path / "out")

    assert files_of(tmp_path / "out") == before
    assert [path.name for path in tmp_path.glob("out*")] == ["out"]


def test_a_missing_file_is_left_out_and_said(tmp_path):
    edition = factories.make_edition()
    person = factories.make_person(slug="ada", photo=photo_file())
    factories.make_group(edition, person)
    person.photo.storage.delete(person.photo.name)

    output = command(edition.slug, tmp_path / "out")

    assert "photos/ada.jpg: the file is missing on this site, so it is left out" in output
    assert "photo" not in files_of(tmp_path / "out")["people.yaml"].decode()


def download(client, edition: Edition):
    return client.post(reverse("imports:download-edition", args=[edition.pk]))


def test_a_chair_downloads_an_edition_as_a_folder(as_chair, tmp_path):
    edition = factories.make_edition(slug="-_2030", title="Small <b>things</b>")
    factories.make_group(edition, factories.make_person(photo=photo_file()))
    overview = as_chair.get(reverse("admin:edition-overview", args=[edition.pk])).content.decode()

    response = download(as_chair, edition)

    assert ">Download this edition</button>" in overview
    assert response["Content-Disposition"] == 'attachment; filename="workshop--_2030.zip"'
    assert "no-store" in response["Cache-Control"]
    content = b"".join(response)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    assert files_of(tmp_path / "-_2030") == export(edition, tmp_path / "out")
    assert b"".join(download(as_chair, edition)) == content, "an unchanged edition"
    logged = LogEntry.objects.values_list("object_repr", "change_message")
    assert list(logged) == [(str(edition), "Downloaded as a content folder.")] * 2


@pytest.mark.parametrize("role", ["as_editor", "as_reviewer", "as_helpdesk"])
def test_only_chairs_download_an_edition(role, request):
    edition = factories.make_edition()
    client = request.getfixturevalue(role)

    overview = client.get(reverse("admin:edition-overview", args=[edition.pk])).content.decode()

    assert download(client, edition).status_code == 403
    assert "Download this edition" not in overview
    assert not LogEntry.objects.exists()


def test_a_download_on_a_full_disk_says_so(as_chair):
    edition = factories.make_edition()
    factories.make_group(edition, factories.make_person(photo=photo_file((800, 800))))

    with files_of_at_most(2_000):
        response = download(as_chair, edition)

    (message,) = get_messages(response.wsgi_request)
    assert str(message).startswith("No download was made (File too large).")
    assert not LogEntry.objects.exists()


def test_nothing_that_applicants_sent_is_exported(tmp_path):
    edition = factories.make_edition()
    question = factories.make_question(edition)
    secret = "SECRET-OF-AN-APPLICANT"
    for state in ("submitted", "declined", "confirmed"):
        expression = factories.make_expression(
            edition, state=state, name=secret, title=secret, abstract=secret, access_needs=secret
        )
        expression.answers.create(question=question, text=secret)
    factories.make_person(name=secret, bio=secret)  # named by no edition

    contents = b"".join(export(edition, tmp_path / "out").values())

    assert question.label.encode() in contents
    assert secret.encode() not in contents
    assert b"secret" not in contents.lower()
