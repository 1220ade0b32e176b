"""A folder goes into the database once, whole, and never over what organisers wrote."""

import re
from datetime import date, time
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from apps.editions.models import Call, Deadline, Edition
from apps.imports.folders.importing import (
    DifferencesFound,
    import_edition,
    load_missing_editions,
    new_folders,
)
from apps.imports.folders.yaml_text import FolderError
from apps.interest.models import Question
from apps.pages.models import Page, Section
from apps.people.models import Group, Membership, Person
from apps.programme.models import ProgrammeRelease
from apps.topics.models import Topic
from tests.factories import make_current_edition, make_edition, make_person, make_topic

pytestmark = pytest.mark.django_db
MODELS: list[Any] = [Edition, Deadline, Call, Person, Group, Membership, Topic, Section, Page]


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


def told(*arguments) -> str:
    output = StringIO()
    call_command("import_edition", *arguments, stdout=output)
    return output.getvalue()


def photo(colour: str, size: int = 200) -> bytes:
    file = BytesIO()
    Image.new("RGB", (size, size), colour).save(file, "JPEG")
    return file.getvalue()


def stored_files(settings) -> list[Path]:
    return sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


def test_everything_in_the_folder_becomes_a_row(folder):
    import_edition(folder=folder)

    edition = Edition.objects.get()
    assert (edition.slug, edition.year, edition.title, edition.state, edition.is_current) == (
        *("2030", 2030, "Workshop on Small Things", "draft", False),
    )
    assert list(edition.deadlines.values_list("title", "due_on", "due_time")) == [
        ("Abstracts", date(2030, 5, 3), time(23, 59))
    ]
    assert list(Person.objects.values_list("slug", "name", "link", "affiliation")) == [
        *(
            (
                *("ada-example", "Ada Example", "https://ada.example.org/"),
                "(Formerly)\nUniversity of Example",
            ),
            ("bo-example", "Bo Example", "", ""),
        ),
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
    assert list(
        Section.objects.values_list("slug", "heading", "body", "shows", "group__slug", "is_shown")
    ) == [
        ("introduction", "", "Welcome.", "", None, True),
        ("chairs", "", "", "group", "chairs", True),
    ]
    assert list(
        edition.pages.values_list("slug", "title", "body", "is_published", "is_in_navigation")
    ) == [("travel", "Travel", "By *train*.", True, False)]


CALL = """\
    slug: 2030
    year: 2030
    title: Workshop on Small Things
    deadlines:
      - title: Abstracts
        due_on: 2030-05-03
    call:
      text: Show something **small**.
      opens_on: 2030-01-10
      closes_on: 2030-03-01
      is_anywhere_on_earth: yes
    questions:
      - words: Which day suits you?
        kind: choice
        choices: [May 8, May 9]
      - words: Do you need a stand?
        kind: yes_no
        asked_at: acceptance
    """


def test_the_call_and_its_questions_become_rows(folder, write):
    write("edition.yaml", CALL)

    import_edition(folder=folder)

    call = Call.objects.get()
    assert (call.edition.slug, call.text, call.is_anywhere_on_earth, call.talk_minutes) == (
        *("2030", "Show something **small**.", True, 3),
    )
    assert (call.opens_on, call.opens_time) == (date(2030, 1, 10), time(9, 0))
    assert (call.closes_on, call.closes_time) == (date(2030, 3, 1), time(23, 59))
    assert list(Question.objects.values_list("words", "kind", "choices", "asked_at")) == [
        ("Which day suits you?", "choice", "May 8\nMay 9", "submission"),
        ("Do you need a stand?", "yes_no", "", "acceptance"),
    ]
    assert import_edition(folder=folder).is_unchanged


def test_a_call_edited_at_the_desk_is_not_overwritten(folder, write):
    write("edition.yaml", CALL)
    import_edition(folder=folder)
    Call.objects.update(closes_on=date(2030, 3, 8))
    Question.objects.filter(kind="choice").update(choices="May 9")
    before = everything()

    with pytest.raises(DifferencesFound) as caught:
        import_edition(folder=folder)

    assert str(caught.value) == (
        "call, closes_on: “2030-03-08” → “2030-03-01” (2030/edition.yaml, line 10)\n"
        "question “Which day suits you?”, choices: “May 9” → “May 8 May 9” "
        "(2030/edition.yaml, line 15)"
    )
    assert everything() == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "    closes_on: 2030-03-01",
            "    closes_on: 2030-01-01",
            "2030/edition.yaml, line 7: The call must not close before it opens.",
        ),
        (
            "    choices: [May 8, May 9]",
            "    choices: []",
            "2030/edition.yaml, line 15: choices: the answers to choose from are missing",
        ),
        (
            "    kind: yes_no",
            "    choices: [Yes of course]",
            "2030/edition.yaml, line 17: choices: there are answers to choose from, so “kind” must "
            "say choice",
        ),
        (
            "  - words: Do you need a stand?",
            "  - words: Which day suits you?",
            "2030/edition.yaml, line 16: “Which day suits you?” stands here a second time; first "
            "in 2030/edition.yaml, line 13",
        ),
    ],
)
def test_a_call_that_cannot_be_is_told_with_its_line(old, new, message, folder, write):
    write("edition.yaml", CALL.replace(old, new))

    with pytest.raises(FolderError) as caught:
        import_edition(folder=folder)

    assert str(caught.value) == message
    assert not Edition.objects.exists()


def test_history_says_where_a_row_came_from(folder):
    import_edition(folder=folder)

    for model in (Edition, Person, Topic):
        reasons = set(model.history.values_list("history_change_reason", flat=True))
        assert reasons == {"Imported from 2030"}


def test_a_second_import_writes_nothing(folder, write):
    write("photos/ada.jpg", photo("red"))
    write("people.yaml", "ada-example:\n  name: Ada\n  photo: ada.jpg\nbo-example:\n  name: Bo\n")
    import_edition(folder=folder)
    before = everything()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        report = import_edition(folder=folder)

    verbs = {query["sql"].split()[0] for query in queries}
    assert verbs <= {"SELECT", "SAVEPOINT", "RELEASE"}
    assert report.is_unchanged
    assert everything() == before


def test_the_command_says_what_it_did(folder, write):
    write("news.yaml", "- slug: one\n  body: Hello.\n")

    first, second = told(folder), told(folder)

    assert first == (
        "2030: Workshop on Small Things\n"
        "  Added: 1 edition, 1 deadline, 2 people, 1 group, 2 memberships, 2 topics, 1 announcement, "
        "2 sections, 1 page.\n"
    )
    assert second == (
        "2030: Workshop on Small Things\n"
        "  The database has all of it already; nothing was written.\n"
    )


def test_rows_edited_in_the_admin_are_not_overwritten(folder):
    import_edition(folder=folder)
    Edition.objects.update(venue="Hall 1")
    Person.objects.filter(slug="ada-example").update(name="Ada B. Example")
    Membership.objects.filter(person__slug="bo-example").update(affiliation="")
    Section.objects.filter(slug="chairs").update(is_shown=False)
    Deadline.objects.update(due_time=time(12, 0))
    before = everything()

    with pytest.raises(CommandError) as caught:
        told(folder)

    assert str(caught.value) == (
        "Nothing was imported, because the database differs from the folder (database → folder):\n"
        "edition 2030, venue: “Hall 1” → nothing (2030/edition.yaml, line 1)\n"
        "deadline “Abstracts”, due_time: “12:00:00” → “23:59:00” (2030/edition.yaml, line 5)\n"
        "person ada-example, name: “Ada B. Example” → “Ada Example” (2030/people.yaml, line 2)\n"
        "bo-example in chairs, affiliation: nothing → “Example Institute” "
        "(2030/groups.yaml, line 6)\n"
        "section chairs, is_shown: “no” → “yes” (2030/sections/20-chairs.md, line 2)\n"
        "To let the folder win, say --replace; to keep the database, change the folder."
    )
    assert everything() == before


def test_told_to_replace_the_folder_wins(folder):
    import_edition(folder=folder)
    Edition.objects.update(venue="Hall 1")
    Section.objects.filter(slug="chairs").update(shows="", group=None)

    output = told(folder, "--replace")

    assert Edition.objects.get().venue == ""
    section = Section.objects.get(slug="chairs")
    assert (section.shows, section.group) == ("group", Group.objects.get())
    assert "  Replaced: 3 (database → folder):\n" in output
    assert import_edition(folder=folder).is_unchanged


def test_a_long_text_is_shown_where_it_differs(folder):
    import_edition(folder=folder)
    words = "The same words over and over. " * 10
    (folder / "topics.yaml").write_text(
        f"- slug: atoms\n  heading: Atoms\n  description: {words}Then new.\n"
        "- slug: quarks\n  heading: Quarks\n"
    )
    Topic.objects.filter(slug="atoms").update(description=f"{words}Then old.")

    with pytest.raises(DifferencesFound) as caught:
        import_edition(folder=folder)

    assert str(caught.value) == (
        "topic atoms, description: “…over and over. Then old.” → “…over and over. Then new.” "
        "(2030/topics.yaml, line 3)"
    )


def test_a_text_saved_unchanged_in_a_browser_is_no_difference(folder, write):
    write(
        "topics.yaml", "- slug: atoms\n  heading: Atoms\n  description: |\n    One.\n\n    Two.\n"
    )
    import_edition(folder=folder)
    Topic.objects.update(description="One.\r\n\r\nTwo.")

    assert import_edition(folder=folder).is_unchanged


def test_rows_that_only_the_database_has_are_left_alone(folder):
    import_edition(folder=folder)
    edition = Edition.objects.get()
    make_topic(edition, heading="Strings")
    Group.objects.create(edition=edition, heading="Helpers")
    Membership.objects.create(group=Group.objects.get(slug="chairs"), person=make_person(name="Cy"))
    before = everything()

    report = import_edition(folder=folder, replace=True)

    assert report.only_in_database == ["group helpers", "cy in chairs", "topic strings"]
    assert everything() == before


def test_what_was_deleted_from_the_database_comes_back(folder):
    import_edition(folder=folder)
    Topic.objects.get(slug="atoms").delete()

    report = import_edition(folder=folder)

    assert report.created == {"topic": 1}
    assert [topic.slug for topic in Topic.objects.all()] == ["atoms", "quarks"]


@pytest.mark.parametrize("at", range(4))
def test_a_new_entry_goes_where_the_folder_has_it(at, folder):
    slugs = ["a", "b", "c"]
    topics = folder / "topics.yaml"
    topics.write_text("".join(f"- slug: {slug}\n  heading: {slug}\n" for slug in slugs))
    import_edition(folder=folder)
    slugs[at:at] = ["x", "y", "z"]
    topics.write_text("".join(f"- slug: {slug}\n  heading: {slug}\n" for slug in slugs))

    import_edition(folder=folder)

    assert [topic.slug for topic in Topic.objects.all()] == slugs


def test_a_new_entry_finds_room_where_there_is_none(folder):
    import_edition(folder=folder)
    Topic.objects.filter(slug="atoms").update(ordering=1)
    (folder / "topics.yaml").write_text(
        "- slug: first\n  heading: First\n- slug: atoms\n  heading: Atoms\n  description: Small.\n"
        "- slug: quarks\n  heading: Quarks\n"
    )

    import_edition(folder=folder)

    assert [topic.slug for topic in Topic.objects.all()] == ["first", "atoms", "quarks"]
    assert import_edition(folder=folder).is_unchanged


def test_another_order_is_a_difference(folder):
    import_edition(folder=folder)
    Topic.objects.filter(slug="quarks").update(ordering=1)

    with pytest.raises(DifferencesFound) as caught:
        import_edition(folder=folder)
    import_edition(folder=folder, replace=True)

    assert str(caught.value) == (
        "topic, order: “quarks, atoms” → “atoms, quarks” (2030/topics.yaml, line 1)"
    )
    assert [topic.slug for topic in Topic.objects.all()] == ["atoms", "quarks"]


def test_a_person_is_shared_by_editions(folder, tmp_path):
    import_edition(folder=folder)
    other = tmp_path / "2031"
    other.mkdir()
    (other / "edition.yaml").write_text("slug: 2031\nyear: 2031\ntitle: Next\n")
    (other / "people.yaml").write_text("ada-example:\n  name: Ada Example\n")
    (other / "groups.yaml").write_text("- slug: team\n  heading: Team\n  members: [ada-example]\n")

    import_edition(folder=other)

    ada = Person.objects.get(slug="ada-example")
    assert [str(row) for row in ada.memberships.order_by("pk")] == [
        "Ada Example in Chairs",
        "Ada Example in Team",
    ]
    assert ada.link == "https://ada.example.org/"  # not said, so not taken away


def test_what_a_people_file_leaves_out_is_no_difference(folder):
    import_edition(folder=folder)
    Person.objects.filter(slug="bo-example").update(bio="Made of *carbon*.")

    assert import_edition(folder=folder).is_unchanged


@pytest.mark.parametrize(
    ("file", "contents", "message"),
    [
        (
            "edition.yaml",
            "slug: admin\nyear: 2030\ntitle: Workshop\n",
            "2030/edition.yaml, line 1: slug: “admin” is an address of the site itself. "
            "Choose another word.",
        ),
        (
            "edition.yaml",
            "slug: 2030\nyear: 2030\ntitle: Workshop\nhue: 361\n",
            "2030/edition.yaml, line 4: hue: Ensure this value is less than or equal to 355.",
        ),
        (
            "edition.yaml",
            "slug: 2030\nyear: 2030\ntitle: Workshop\ntime_zone: Edinburgh\n",
            "2030/edition.yaml, line 4: time_zone: “Edinburgh” is not a time zone. Enter one such "
            "as Europe/London or Australia/Sydney.",
        ),
        (
            "edition.yaml",
            "slug: 2030\nyear: 2030\ntitle: Workshop\nstarts_on: 2030-05-03\nends_on: 2030-05-02\n",
            "2030/edition.yaml, line 1: The last day must not come before the first.",
        ),
        (
            "edition.yaml",
            "slug: 2030\nyear: 2030\ntitle: Workshop\nis_current: yes\n",
            "2030/edition.yaml, line 1: A draft cannot be the site's home page. Publish it first.",
        ),
        (
            "pages/people.md",
            "---\ntitle: People\nslug: people\n---\nWords.\n",
            "2030/pages/people.md, line 3: slug: “people” is an address of the site itself. "
            "Choose another word.",
        ),
        (
            "pages/empty.md",
            "---\ntitle: Empty\nslug: empty\n---\n",
            "2030/pages/empty.md, line 2: body: This field cannot be blank.",
        ),
    ],
)
def test_what_the_database_refuses_is_told_with_its_line(file, contents, message, folder, write):
    write(file, contents)
    before = everything()

    with pytest.raises(CommandError) as caught:
        told(folder)

    assert message in str(caught.value).splitlines()
    assert everything() == before


def test_a_second_current_edition_is_refused(folder, write):
    make_current_edition()
    write(
        "edition.yaml",
        "slug: 2030\nyear: 2030\ntitle: Workshop\nstate: published\nis_current: yes\n",
    )

    with pytest.raises(FolderError) as caught:
        import_edition(folder=folder)

    assert "Another edition is the site's home page already." in str(caught.value)
    assert Edition.objects.count() == 1


def test_a_wrong_folder_loads_nothing(folder, write):
    write("topics.yaml", "- slug: atoms\n")
    before = everything()

    with pytest.raises(CommandError, match=r"Please mend:\n2030/topics\.yaml"):
        told(folder)

    assert everything() == before


# Photos


@pytest.fixture
def with_photo(folder, write):
    write("photos/ada.jpg", photo("red"))
    write(
        "people.yaml",
        "ada-example:\n  name: Ada\n  photo: ada.jpg\n  focus: 0.25x.5\nbo-example:\n  name: Bo\n",
    )
    return folder


def test_a_photo_is_cleaned_and_kept(with_photo, settings):
    import_edition(folder=with_photo)

    ada = Person.objects.get(slug="ada-example")
    assert (ada.photo_focus, ada.photo_width, ada.photo_height) == ("0.25x0.5", 200, 200)
    assert re.fullmatch(r"photos/[0-9a-f]{24}\.jpeg", ada.photo.name)
    assert ada.photo.path in {str(path) for path in stored_files(settings)}


def test_another_photo_in_the_folder_is_a_difference(with_photo, write):
    import_edition(folder=with_photo)
    old = Person.objects.get(slug="ada-example").photo.name
    write("photos/ada.jpg", photo("blue"))

    with pytest.raises(DifferencesFound) as caught:
        import_edition(folder=with_photo)
    import_edition(folder=with_photo, replace=True)

    assert str(caught.value) == (
        "person ada-example, photo: “another photo” → “ada.jpg” (2030/people.yaml, line 3)"
    )
    assert Person.objects.get(slug="ada-example").photo.name != old
    assert import_edition(folder=with_photo).is_unchanged


def test_a_file_that_is_no_photo_is_told_with_its_line(with_photo, write, settings):
    write("photos/ada.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    before = everything()

    with pytest.raises(FolderError) as caught:
        import_edition(folder=with_photo)

    fault = caught.value.faults[0]
    assert (fault.file, fault.line) == ("2030/people.yaml", 3)
    assert fault.message.startswith("photo: This is an SVG drawing or a web page.")
    assert everything() == before
    assert stored_files(settings) == []


def test_photos_of_a_failed_import_are_removed(with_photo, write, settings):
    write("pages/people.md", "---\ntitle: People\nslug: people\n---\nWords.\n")

    with pytest.raises(FolderError):
        import_edition(folder=with_photo)

    assert stored_files(settings) == []
    assert not Person.objects.exists()


def test_photos_of_an_interrupted_import_are_removed(with_photo, settings):
    with (
        mock.patch.object(Topic, "save", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        import_edition(folder=with_photo)

    assert stored_files(settings) == []
    assert not Person.objects.exists()


# Several folders


def test_an_empty_database_gets_every_folder(folder, tmp_path):
    other = tmp_path / "2029"
    other.mkdir()
    (other / "edition.yaml").write_text("slug: 2029\nyear: 2029\ntitle: Before\n")
    (tmp_path / "notes").mkdir()

    reports = load_missing_editions(tmp_path)

    assert [str(report) for report in reports] == ["2029: Before", "2030: Workshop on Small Things"]
    assert new_folders(tmp_path) == []


def test_one_wrong_folder_keeps_out_all(with_photo, tmp_path, settings):
    other = tmp_path / "2031"
    other.mkdir()
    (other / "edition.yaml").write_text("slug: 2031\nyear: 2031\ntitle: Next\nhue: 3\n")

    with pytest.raises(FolderError):
        load_missing_editions(tmp_path)

    assert not Edition.objects.exists()
    assert stored_files(settings) == []


def test_new_folders_are_those_without_an_edition(folder, tmp_path):
    make_edition(slug="2030")
    other = tmp_path / "2031"
    other.mkdir()
    (other / "edition.yaml").write_text("slug: 2031\nyear: 2031\ntitle: Next\n")

    assert new_folders(tmp_path) == [other]
    assert new_folders(tmp_path / "nowhere") == []


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


def test_a_folder_publishes_its_programme_once(folder, write):
    write("programme.yaml", PROGRAMME.format(day=1))

    first, second = import_edition(folder=folder), import_edition(folder=folder)

    assert first.created["published programme"] == 1
    assert second.is_unchanged
    assert ProgrammeRelease.objects.get().number == 1


def test_what_stops_a_programme_is_said_and_nothing_is_written(folder, write):
    dated = "slug: 2030\nyear: 2030\ntitle: Small\nstarts_on: 2030-05-03\n"
    write("edition.yaml", dated)
    write("programme.yaml", PROGRAMME.format(day=2))

    with pytest.raises(FolderError, match=r"programme\.yaml, line 1: Not published\."):
        import_edition(folder=folder)

    assert not Edition.objects.exists()
