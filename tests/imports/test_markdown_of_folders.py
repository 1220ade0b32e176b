"""Markup of other programs and dead links in a folder are told with file and line."""

import pytest

from apps.imports.folders.importing import import_edition
from tests.factories import make_edition, make_page
from tests.imports.conftest import import_error, read_error

pytestmark = pytest.mark.django_db

PAGE = "---\nslug: travel\ntitle: Travel\n---\n\n"


def test_markup_of_another_program_is_an_error_at_its_line(folder, write):
    write("pages/travel.md", f"{PAGE}Trains.\n\n<div>\n{{: .box}}\n")
    write("people.yaml", "ada-example:\n  name: Ada\n  bio: |\n    One.\n\n    {% two %}\n")
    write("topics.yaml", "- slug: a\n  heading: A\n  description: One <span>\n")

    lines = [(fault.file, fault.line) for fault in read_error(folder).faults]

    assert ("2030/pages/travel.md", 8) in lines
    assert ("2030/pages/travel.md", 9) in lines
    assert ("2030/people.yaml", 6) in lines
    assert ("2030/topics.yaml", 3) in lines


def test_markup_in_a_file_of_its_own_is_told_at_its_line(folder, write):
    write("people.yaml", "bo-example:\n  name: Bo\nada-example:\n  name: Ada\n")
    write("bios/bo-example.md", "One.\n<!-- two -->\n")

    (fault,) = read_error(folder).faults

    assert (fault.file, fault.line) == ("2030/bios/bo-example.md", 2)


def test_what_may_be_meant_is_imported_with_a_note(folder, write):
    write("pages/travel.md", f"{PAGE}See \\cite{{a}}.\n")

    report = import_edition(folder=folder)

    assert [(note.file, note.line) for note in report.notes] == [("2030/pages/travel.md", 6)]


@pytest.mark.parametrize(
    ("link", "part"),
    [
        ("/2030/travl/", "Did you mean “/2030/travel/”?"),
        ("travel", "/2030/travel/"),
        ("travel.md", "/2030/travel/"),
        ("/travel/", "/2030/travel/"),
        ("www.example.org/a", "write https://"),
        ("ada@example.org", "write mailto:"),
        ("/2030/news/a/", "there is no news"),
        ("/2030/programme/a/", "there is no session"),
        ("/2030/contributions/a/", "there is no contribution"),
        ("/2030/code-of-conduct/", "no code of conduct"),
        ("/2030/a/b/c/", "no such page"),
        ("#hotel", "Did you mean “#hotels”?"),
        ("/2030/travel/#hotel", "Did you mean “#hotels”?"),
        ("/2030/#chair", "Did you mean “#chairs”?"),
        ("/2030/people/#chair", "Did you mean “#chairs”?"),
    ],
)
def test_a_dead_link_is_an_error_at_its_line(link, part, folder, write):
    write("pages/travel.md", f"{PAGE}## Hotels\n\n[there]({link})\n")

    (fault,) = import_error(folder).faults

    assert (fault.file, fault.line) == ("2030/pages/travel.md", 8)
    assert part in fault.message


def test_links_to_what_the_folder_or_the_database_has_are_fine(folder, write):
    import_edition(folder=folder)
    edition = make_edition(slug="2029", year=2029)
    make_page(edition, slug="parking", body="# Cars")
    links = [
        *("/2030/", "/2030/travel/#hotels", "/2030/travel", "#hotels", "/2030/#chairs"),
        *("/2030/people/#chairs", "/2030/programme/", "/2030/interest/", "/2029/parking/#cars"),
        *("/privacy/", "https://example.org/a", "mailto:a@example.org", "/2030/programme.ics"),
    ]
    write("pages/parking.md", "---\nslug: parking\ntitle: Parking\n---\n\nCars.\n")
    write("pages/travel.md", f"{PAGE}## Hotels\n\n" + "\n".join(f"[a]({link})" for link in links))

    assert not import_edition(folder=folder, replace=True).notes


@pytest.mark.parametrize("link", ["/2019/", "/2029/nothing/"])
def test_a_dead_link_to_another_edition_is_a_note(link, folder, write):
    make_edition(slug="2029", year=2029)
    write("pages/travel.md", f"{PAGE}[a]({link})\n")

    (note,) = import_edition(folder=folder).notes

    assert (note.file, note.line) == ("2030/pages/travel.md", 6)


def test_a_link_to_an_entry_with_a_mistake_of_its_own_is_no_second_mistake(folder, write):
    write("pages/parking.md", "---\nslug: parking\ntitel: Parking\n---\n\nCars.\n")
    write("pages/travel.md", f"{PAGE}[a](/2030/parking/)\n")

    assert {fault.file for fault in import_error(folder).faults} == {"2030/pages/parking.md"}


def test_a_dead_link_of_a_section_is_an_error(folder, write):
    write(
        "sections/30-links.md",
        "---\nslug: links\nshows: links\nlinks:\n  - label: A\n    url: /2030/nothing/\n---\n",
    )

    (fault,) = import_error(folder).faults

    assert (fault.file, fault.line) == ("2030/sections/30-links.md", 6)
