"""Import of a content folder: once, as a whole, and never over changes made at the desk."""

import re
from datetime import date, time
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from apps.editions.models import Call, Deadline, Edition
from apps.imports.folders.importing import import_edition, load_missing_editions, new_folders
from apps.imports.folders.schema import TopicEntry
from apps.imports.folders.yaml_text import FolderError
from apps.interest.models import Question
from apps.pages.models import Page, Section
from apps.people.models import Group, Membership, Person
from apps.programme.models import ProgrammeRelease
from apps.topics.models import Topic
from tests.factories import make_edition, make_person, make_topic
from tests.imports.conftest import DATA, differences, import_error

pytestmark = pytest.mark.django_db
MODELS: list[Any] = [Edition, Deadline, Call, Person, Group, Membership, Topic, Section, Page]

EDITION = "slug: 2030\nyear: 2030\ntitle: Workshop\n"
MODEL_FAULTS = yaml.safe_load((DATA / "model_faults.yaml").read_text())
CALL = (DATA / "call.yaml").read_text()
PROGRAMME = """\
    is_published: yes
    sessions:
      - slug: opening
        kind: other
        title: Opening
        day: {day}
        starts_at: 9:00
        ends_at: 10:00
"""


def everything() -> dict:
    """Every row and every line of history."""
    return {
        name: list(rows.order_by("pk").values())
        for model in MODELS
        for name, rows in (
            (model.__name__, model._default_manager.all()),
            (f"{model.__name__} history", model.history.model._default_manager.all()),
        )
    }


def command(*arguments) -> str:
    output = StringIO()
    call_command("import_edition", *arguments, stdout=output)
    return output.getvalue()


def photo(colour: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (200, 200), colour).save(file, "JPEG")
    return file.getvalue()


def stored_files(settings) -> list[Path]:
    return sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


def write_topics(folder: Path, slugs: list[str]) -> None:
    entries = [f"- slug: {slug}\n  heading: {slug}\n" for slug in slugs]
    (folder / "topics.yaml").write_text("".join(entries))


def write_edition(path: Path, facts: str = "title: Next\n") -> Path:
    path.mkdir()
    (path / "edition.yaml").write_text(f"slug: {path.name}\nyear: {path.name}\n{facts}")
    return path


# New rows


def test_everything_in_the_folder_becomes_a_row(folder):
    import_edition(folder=folder)

    edition = Edition.objects.get()
    assert (edition.slug, edition.year, edition.title, edition.state, edition.is_current) == (
        *("2030", 2030, "Workshop on Small Things", "draft", False),
    )
    assert list(edition.deadlines.values_list("title", "due_on", "due_time")) == [
        ("Abstracts", date(2030, 5, 3), None)
    ]
    ada = ("ada-example", "Ada Example", "https://ada.example.org/")
    assert list(Person.objects.values_list("slug", "name", "link", "affiliation")) == [
        (*ada, "(Formerly)\nUniversity of Example"),
        ("bo-example", "Bo Example", "", ""),
    ]
    assert list(Group.objects.values_list("slug", "heading")) == [("chairs", "Chairs")]
    assert list(Membership.objects.values_list("person__slug", "affiliation")) == [
        ("ada-example", ""),
        ("bo-example", "Example Institute"),
    ]
    assert list(Topic.objects.values_list("slug", "heading", "description")) == [
        ("atoms", "Atoms", "Small."),
        ("quarks", "Quarks", ""),
    ]
    of_sections = ("slug", "heading", "body", "shows", "group__slug", "is_shown")
    assert list(Section.objects.values_list(*of_sections)) == [
        ("introduction", "", "Welcome.", "", None, True),
        ("chairs", "", "", "group", "chairs", True),
    ]
    of_pages = ("slug", "title", "body", "is_published", "is_in_navigation")
    assert list(edition.pages.values_list(*of_pages)) == [
        ("travel", "Travel", "By *train*.", True, False)
    ]


def test_the_call_and_its_questions_become_rows(folder, write):
    write("edition.yaml", CALL)

    import_edition(folder=folder)

    call = Call.objects.get()
    assert (call.edition.slug, call.text, call.is_anywhere_on_earth, call.talk_minutes) == (
        *("2030", "Show something **small**.", True, 3),
    )
    assert (call.opens_on, call.opens_time) == (date(2030, 1, 10), time(9, 0))
    assert (call.closes_on, call.closes_time) == (date(2030, 3, 1), time(23, 59))
    assert list(Question.objects.values_list("label", "kind", "choices", "asked_at")) == [
        ("Which day suits you?", "choice", "May 8\nMay 9", "submission"),
        ("Do you need a stand?", "yes_no", "", "acceptance"),
    ]
    assert import_edition(folder=folder).is_unchanged


def test_history_names_the_folder(folder):
    import_edition(folder=folder)

    for model in (Edition, Person, Topic):
        reasons = set(model.history.values_list("history_change_reason", flat=True))
        assert reasons == {"Imported from 2030"}


def test_a_second_import_writes_nothing(folder, write):
    write("photos/ada.jpg", photo("red"))
    write("people.yaml", "ada-example:\n  name: Ada\n  photo: ada.jpg\nbo-example:\n  name: Bo\n")
    import_edition(folder=folder)
    before = everything()

    with CaptureQueriesContext(connection) as queries:
        report = import_edition(folder=folder)

    verbs = {query["sql"].split()[0] for query in queries}
    assert verbs <= {"SELECT", "SAVEPOINT", "RELEASE"}
    assert report.is_unchanged
    assert everything() == before


def test_the_command_reports_what_it_did(folder, write):
    write("news.yaml", "- slug: one\n  body: Hello.\n")

    first, second = command(folder), command(folder)

    hidden = (
        "  Visitors do not see:\n"
        "    the edition: it is a draft (publish it in the admin, or import it with --publish)\n"
    )
    assert first == (
        "2030: Workshop on Small Things\n"
        "  Added: 1 edition, 1 deadline, 2 people, 1 group, 2 memberships, 2 topics, 1 news item, "
        f"2 sections, 1 page.\n{hidden}"
    )
    assert second == (
        "2030: Workshop on Small Things\n"
        f"  The database has all of it already; nothing was written.\n{hidden}"
    )


def test_a_person_is_shared_by_editions(folder, tmp_path):
    import_edition(folder=folder)
    Person.objects.filter(slug="ada-example").update(bio="Made of *carbon*.")
    other = write_edition(tmp_path / "2031")
    (other / "people.yaml").write_text("ada-example:\n  name: Ada Example\n")
    (other / "groups.yaml").write_text("- slug: team\n  heading: Team\n  members: [ada-example]\n")

    import_edition(folder=other)

    ada = Person.objects.get(slug="ada-example")
    assert [str(row) for row in ada.memberships.order_by("pk")] == [
        "Ada Example in Chairs",
        "Ada Example in Team",
    ]
    # The second folder leaves these out, so they stay.
    assert (ada.link, ada.bio) == ("https://ada.example.org/", "Made of *carbon*.")
    assert import_edition(folder=folder).is_unchanged


# Differences


def test_changes_made_at_the_desk_are_not_overwritten(folder):
    import_edition(folder=folder)
    Edition.objects.update(venue="Hall 1")
    Person.objects.filter(slug="ada-example").update(name="Ada B. Example")
    Membership.objects.filter(person__slug="bo-example").update(affiliation="")
    Section.objects.filter(slug="chairs").update(is_shown=False)
    Deadline.objects.update(due_time=time(12, 0))
    before = everything()

    with pytest.raises(CommandError) as caught:
        command(folder)

    assert str(caught.value) == (
        "Nothing was imported, because the database differs from the folder (database → folder):\n"
        "edition “2030”, venue: “Hall 1” → nothing (2030/edition.yaml, line 1)\n"
        "deadline “Abstracts”, due_time: “12:00:00” → nothing (2030/edition.yaml, line 5)\n"
        "person “ada-example”, name: “Ada B. Example” → “Ada Example” (2030/people.yaml, line 2)\n"
        "membership “bo-example” in “chairs”, affiliation: nothing → “Example Institute” "
        "(2030/groups.yaml, line 6)\n"
        "section “chairs”, is_shown: “no” → “yes” (2030/sections/20-chairs.md, line 2)\n"
        "To let the folder win, say --replace; to keep the database, change the folder."
    )
    assert everything() == before


def test_with_replace_the_folder_wins(folder):
    import_edition(folder=folder)
    Edition.objects.update(venue="Hall 1")
    Section.objects.filter(slug="chairs").update(shows="", group=None)

    output = command(folder, "--replace", "--yes")

    assert Edition.objects.get().venue == ""
    section = Section.objects.get(slug="chairs")
    assert (section.shows, section.group) == ("group", Group.objects.get())
    assert "  Replaced: 3 (database → folder):\n" in output
    assert import_edition(folder=folder).is_unchanged


@pytest.fixture
def answer(monkeypatch):
    """Types answers at a terminal; None is the end of the input."""

    def type_answers(*answers: str | None) -> None:
        typed = iter(answers)

        def read(prompt: str) -> str:
            text = next(typed)
            if text is None:
                raise EOFError
            return text

        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("builtins.input", read)

    return type_answers


def test_replace_asks_for_each_thing(folder, answer):
    import_edition(folder=folder)
    Edition.objects.update(venue="Hall 1", summary="Small.")
    Topic.objects.filter(slug="atoms").update(heading="Molecules")
    Topic.objects.filter(slug="quarks").update(ordering=1)
    answer("what?", "no", "y", "n")

    output = command(folder, "--replace")

    edition = Edition.objects.get()
    assert (edition.venue, edition.summary) == ("Hall 1", "Small.")
    # The order of the topics is asked first.
    assert [topic.heading for topic in Topic.objects.all()] == ["Molecules", "Quarks"]
    assert "  Replaced: 1 (database → folder):\n    topic, order: " in output
    assert (
        "  Kept as in the database: 3 (database → folder):\n    edition “2030”, summary" in output
    )


def test_all_answers_the_questions_that_follow(folder, answer):
    import_edition(folder=folder)
    Edition.objects.update(venue="Hall 1")
    Topic.objects.update(heading="Molecules")
    answer("no", "all")

    command(folder, "--replace")

    assert Edition.objects.get().venue == "Hall 1"
    assert [topic.heading for topic in Topic.objects.all()] == ["Atoms", "Quarks"]


@pytest.mark.parametrize("last", ["quit", None])
def test_a_question_that_is_not_answered_changes_nothing(last, folder, answer):
    import_edition(folder=folder)
    Topic.objects.update(heading="Molecules")
    before = everything()
    answer("yes", last)

    with pytest.raises(CommandError, match=r"^Nothing was imported\.$"):
        command(folder, "--replace")

    assert everything() == before


def test_without_a_terminal_replace_needs_yes(folder):
    with pytest.raises(CommandError, match="say --replace --yes"):
        command(folder, "--replace")
    with pytest.raises(CommandError, match="say both"):
        command(folder, "--yes")

    assert not Edition.objects.exists()


def test_a_long_text_is_shown_where_it_differs(folder):
    import_edition(folder=folder)
    text = "The same words over and over. " * 10
    (folder / "topics.yaml").write_text(
        f"- slug: atoms\n  heading: Atoms\n  description: {text}Then new.\n"
        "- slug: quarks\n  heading: Quarks\n"
    )
    Topic.objects.filter(slug="atoms").update(description=f"{text}Then old.")

    assert differences(folder) == [
        "topic “atoms”, description: “…over and over. Then old.” → “…over and over. Then new.” "
        "(2030/topics.yaml, line 3)"
    ]


def test_a_text_saved_unchanged_in_a_browser_is_no_difference(folder, write):
    write(
        "topics.yaml", "- slug: atoms\n  heading: Atoms\n  description: |\n    One.\n\n    Two.\n"
    )
    import_edition(folder=folder)
    Topic.objects.update(description="One.\r\n\r\nTwo.")

    assert import_edition(folder=folder).is_unchanged


def test_rows_that_only_the_database_has_stay(folder):
    import_edition(folder=folder)
    edition = Edition.objects.get()
    make_topic(edition, heading="Strings")
    Group.objects.create(edition=edition, heading="Helpers")
    Membership.objects.create(group=Group.objects.get(slug="chairs"), person=make_person(name="Cy"))
    before = everything()

    report = import_edition(folder=folder, replace=True)

    assert report.only_in_database == [
        "group “helpers”",
        "membership “cy” in “chairs”",
        "topic “strings”",
    ]
    assert everything() == before


def test_deleted_rows_come_back(folder):
    import_edition(folder=folder)
    Topic.objects.get(slug="atoms").delete()

    report = import_edition(folder=folder)

    assert report.created == {TopicEntry: 1}
    assert [topic.slug for topic in Topic.objects.all()] == ["atoms", "quarks"]


# Order


@pytest.mark.parametrize("at", range(4))
def test_new_entries_go_where_the_folder_has_them(at, folder):
    slugs = ["a", "b", "c"]
    write_topics(folder, slugs)
    import_edition(folder=folder)
    Topic.objects.filter(slug="a").update(ordering=1)
    slugs[at:at] = ["x", "y", "z"]
    write_topics(folder, slugs)

    report = import_edition(folder=folder)

    assert [topic.slug for topic in Topic.objects.all()] == slugs
    assert (report.created, report.replaced) == ({TopicEntry: 3}, [])
    assert import_edition(folder=folder).is_unchanged


def test_another_order_is_a_difference(folder):
    import_edition(folder=folder)
    Topic.objects.filter(slug="quarks").update(ordering=1)

    reported = differences(folder)
    import_edition(folder=folder, replace=True)

    assert reported == [
        "topic, order: “quarks, atoms” → “atoms, quarks” (2030/topics.yaml, line 1)"
    ]
    assert [topic.slug for topic in Topic.objects.all()] == ["atoms", "quarks"]


# Faults


@pytest.mark.parametrize("case", MODEL_FAULTS, ids=lambda case: case["mistake"])
def test_faults_found_by_the_models_name_their_line(case, folder, write):
    write(case["file"], case["contents"])
    before = everything()

    with pytest.raises(CommandError) as caught:
        command(folder)

    lines = str(caught.value).splitlines()
    assert lines == [
        "Nothing was imported. Fix these problems:",
        f"2030/{case['file']}, {case['fault']}",
    ]
    assert everything() == before


def test_mistakes_of_all_files_and_kinds_are_reported_at_once(folder, write):
    write("edition.yaml", f"{EDITION}hue: 3\nstarts_on: tomorrow\n")
    write("topics.yaml", f"- slug: atoms\n  heading: {'x' * 201}\n")
    write("people.yaml", "ada-example:\n  name: Ada\n  photo: ada.jpg\nbo-example:\n  nam: Bo\n")
    write("groups.yaml", "- slug: chairs\n  heading: Chairs\n  members: [bo-example, cy]\n")
    write(
        "programme.yaml",
        "sessions:\n- slug: talks\n  kind: talks\n  contributions:\n  - slug: small\n"
        "    topics:\n    - atoms\n    - atmos\n",
    )
    before = everything()

    faults = import_error(folder).faults

    assert [(fault.file.removeprefix("2030/"), fault.line) for fault in faults] == [
        *[("edition.yaml", 5), ("groups.yaml", 3), ("people.yaml", 3)],
        *[("people.yaml", 4), ("people.yaml", 5), ("programme.yaml", 8), ("topics.yaml", 2)],
    ]
    assert "“cy” in people.yaml" in faults[1].message
    assert "Did you mean “atoms”?" in faults[5].message
    assert everything() == before


# Photos


@pytest.fixture
def with_photo(folder, write):
    write("photos/ada.jpg", photo("red"))
    write(
        "people.yaml",
        "ada-example:\n  name: Ada\n  photo: ada.jpg\n  focus: 0.25x0.5\nbo-example:\n  name: Bo\n",
    )
    return folder


def test_a_photo_is_cleaned_and_stored(with_photo, settings):
    import_edition(folder=with_photo)

    ada = Person.objects.get(slug="ada-example")
    assert (ada.photo_focus, ada.photo_width, ada.photo_height) == ("0.25x0.5", 200, 200)
    assert re.fullmatch(r"photos/[0-9a-f]{24}\.jpeg", ada.photo.name)
    assert ada.photo.path in {str(path) for path in stored_files(settings)}


def test_another_photo_in_the_folder_is_a_difference(with_photo, write):
    import_edition(folder=with_photo)
    old = Person.objects.get(slug="ada-example").photo.name
    write("photos/ada.jpg", photo("blue"))

    reported = differences(with_photo)
    import_edition(folder=with_photo, replace=True)

    assert reported == [
        "person “ada-example”, photo: “another photo” → “photos/ada.jpg” (2030/people.yaml, line 3)"
    ]
    assert Person.objects.get(slug="ada-example").photo.name != old
    assert import_edition(folder=with_photo).is_unchanged


def test_a_file_that_is_no_photo_is_refused_with_its_line(with_photo, write, settings):
    write("photos/ada.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    before = everything()

    (fault,) = import_error(with_photo).faults

    assert (fault.file, fault.line) == ("2030/people.yaml", 3)
    assert fault.message.startswith("photo: This file is not a photo.")
    assert everything() == before
    assert stored_files(settings) == []


def test_photos_of_a_failed_or_interrupted_import_are_deleted(with_photo, write, settings):
    with (
        mock.patch.object(Topic, "save", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        import_edition(folder=with_photo)
    after_interruption = stored_files(settings)
    write("pages/people.md", "---\ntitle: People\nslug: people\n---\nWords.\n")

    import_error(with_photo)

    assert (after_interruption, stored_files(settings)) == ([], [])
    assert not Person.objects.exists()


def test_the_logo_of_the_edition_is_imported_once_from_an_svg(folder, write):
    edition_yaml = (folder / "edition.yaml").read_text()
    write(
        "edition.yaml", f"{edition_yaml}\nlogo: mark.svg\nlogo_alt: Workshop\nhas_logo_plate: no\n"
    )
    write(
        "logos/mark.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 600 100'>"
        "<rect width='600' height='100'/></svg>",
    )

    import_edition(folder=folder)

    edition = Edition.objects.get()
    assert (edition.logo_width, edition.logo_alt, edition.has_logo_plate) == (
        1280,
        "Workshop",
        False,
    )
    name = edition.logo.name
    import_edition(folder=folder)
    assert Edition.objects.get().logo.name == name


def test_a_logo_for_dark_screens_alone_is_refused_and_deleted(folder, write, settings):
    write("logos/dark.jpg", photo("red"))
    write(
        "sponsors.yaml",
        "levels:\n- slug: gold\n  sponsors:\n  - {slug: lamp, name: Lamp, logo_dark: dark.jpg}\n",
    )

    (fault,) = import_error(folder).faults

    assert fault.message == "A logo for dark mode needs a logo for light mode."
    assert (fault.line, stored_files(settings)) == (4, [])


# Several folders


def test_an_empty_database_gets_every_folder(folder, tmp_path):
    write_edition(tmp_path / "2029", "title: Before\n")
    (tmp_path / "notes").mkdir()

    reports = load_missing_editions(tmp_path)

    assert [str(report) for report in reports] == ["2029: Before", "2030: Workshop on Small Things"]
    assert new_folders(tmp_path) == []


def test_one_wrong_folder_keeps_out_all(with_photo, tmp_path, settings):
    write_edition(tmp_path / "2031", "title: Next\nhue: 3\n")

    with pytest.raises(FolderError):
        load_missing_editions(tmp_path)

    assert not Edition.objects.exists()
    assert stored_files(settings) == []


def test_new_folders_are_those_without_an_edition(folder, tmp_path):
    make_edition(slug="2030")
    other = write_edition(tmp_path / "2031")

    assert new_folders(tmp_path) == [other]
    assert new_folders(tmp_path / "nowhere") == []


# The first release


def test_a_folder_publishes_its_programme_once(folder, write):
    write("programme.yaml", PROGRAMME.format(day=1))

    first, second = import_edition(folder=folder), import_edition(folder=folder)

    assert first.is_programme_published
    assert second.is_unchanged
    assert ProgrammeRelease.objects.get().number == 1


def test_the_report_names_what_visitors_do_not_see(folder, write):
    write("edition.yaml", f"{EDITION}state: published\n")
    programme = PROGRAMME.replace("is_published: yes", "is_published: no")
    talks = "".join(
        f"          - slug: talk-{number}\n            is_published: no\n" for number in range(7)
    )
    write("programme.yaml", f"{programme.format(day=1)}        contributions:\n{talks}")
    write("pages/travel.md", "---\nslug: travel\ntitle: Travel\nis_published: no\n---\n\nBy bus.\n")
    write("news.yaml", "- slug: later\n  body: Soon.\n  date: 2999-01-01\n")

    report = import_edition(folder=folder)

    assert report.hidden == [
        "days, times and rooms of the programme (publish it in the admin, or import it with "
        "--publish)",
        "7 contributions: talk-0, talk-1, talk-2, talk-3, talk-4 and 2 more",
        "1 page: travel",
        "1 news item: later",
    ]


def test_publish_shows_the_edition_and_each_state_of_its_programme(folder, write, client):
    programme = PROGRAMME.replace("is_published: yes", "is_published: no")
    write("programme.yaml", programme.format(day=1))

    output = command(folder, "--publish")
    unchanged = command(folder, "--publish")
    write("programme.yaml", programme.format(day=2))
    moved = import_edition(folder=folder, replace=True)
    again = import_edition(folder=folder, publish=True)

    assert "  Published the edition.\n  Published the programme.\n" in output
    assert "Visitors" not in output
    assert "nothing was written" in unchanged
    assert moved.hidden == ["1 change of the programme since release 1"]
    assert (again.is_programme_published, again.hidden) == (True, [])
    assert ProgrammeRelease.objects.count() == 2
    assert client.get("/2030/programme/").status_code == 200


def test_a_folder_that_says_draft_is_not_published(folder, write):
    write("edition.yaml", f"{EDITION}state: draft\n")

    with pytest.raises(
        FolderError, match=r"edition\.yaml, line 4: the folder says that the edition is"
    ):
        import_edition(folder=folder, publish=True)

    assert not Edition.objects.exists()


def test_a_page_is_shown_unless_the_folder_says_otherwise(folder, write):
    write("pages/travel.md", "---\nslug: travel\ntitle: Travel\n---\n\nBy bus.\n")

    import_edition(folder=folder)

    assert Page.objects.get(slug="travel").is_published


def test_a_programme_that_cannot_be_published_is_refused(folder, write):
    write("edition.yaml", f"{EDITION}starts_on: 2030-05-03\n")
    write("programme.yaml", PROGRAMME.format(day=2))

    assert str(import_error(folder)).startswith("2030/programme.yaml, line 1: Not published.")
    assert not Edition.objects.exists()


def test_a_title_of_a_deadline_may_be_in_two_groups(folder, write):
    text = (folder / "edition.yaml").read_text()
    dates = "deadlines:\n" + "".join(
        f"  - group: {group}\n    title: Submission\n    due_on: 2030-0{month}-01\n"
        for month, group in enumerate(["Papers", "Shared task"], start=3)
    )
    write("edition.yaml", text.split("deadlines:")[0] + dates)

    import_edition(folder=folder)

    deadlines = Edition.objects.get().deadlines
    assert [str(row) for row in deadlines.all()] == [
        "Papers: Submission",
        "Shared task: Submission",
    ]
    assert import_edition(folder=folder).is_unchanged
