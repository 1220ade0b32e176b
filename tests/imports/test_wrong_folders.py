"""Every mistake in a folder is reported with its file, its line, and the expected value."""

import os

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from apps.imports.folders.files import MAX_TEXT_BYTES
from apps.imports.folders.reader import read_folder
from apps.imports.folders.yaml_text import FolderError
from apps.pages.models import Page
from apps.people.models import Person
from tests.imports.conftest import DATA, read_error

# A mistake in a file, its contents, and the fault after the name of the file.
WRONG = [
    (case["mistake"], case["file"], case["contents"], case["fault"])
    for case in yaml.safe_load((DATA / "wrong_folders.yaml").read_text("utf-8"))
]
WRONG += [
    (
        "nesting without an end",
        "edition.yaml",
        "slug: " + "[" * 1000 + "]" * 1000 + "\n",
        "line 1: lists and fields are nested more than 12 levels deep. Use fewer levels",
    ),
    (
        "another encoding",
        "people.yaml",
        b"ada-example:\n  name: Ada\nbo-example:\n  name: Bj\xf8rn\n",
        "line 4: this is not UTF-8. Save the file in that encoding",
    ),
    (
        "a character nobody can see",
        "pages/travel.md",
        b"---\nslug: travel\ntitle: Travel\n---\nBy\x00train\n",
        "line 5: there is an unprintable character. Remove it",
    ),
    (
        "a huge file",
        "pages/travel.md",
        b"---\nslug: travel\ntitle: Travel\n---\n" + b"x" * MAX_TEXT_BYTES,
        ": this file is larger than 1 MB. Make it smaller",
    ),
]


def test_the_example_folder_is_valid(folder):
    assert read_folder(folder).faults == []


@pytest.mark.parametrize(
    ("file", "contents", "message"),
    [case[1:] for case in WRONG],
    ids=[case[0] for case in WRONG],
)
def test_a_mistake_is_reported_with_its_line(file, contents, message, folder, write):
    write(file, contents)

    caught = read_error(folder)

    assert str(caught) == f"2030/{file}{message if message[0] == ':' else ', ' + message}"


def test_files_of_another_system_are_read_alike(folder, write):
    for path in folder.rglob("*.*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    described = read_folder(folder)
    write("pages/travel.md", b"\xef\xbb\xbf---\r\nslug: travel\r\ntitel: Travel\r\n---\r\n")
    caught = read_error(folder)

    assert described.rows[Page][("travel",)]["body"] == "By *train*."
    assert [fault.line for fault in caught.faults] == [2, 3]


def test_values_that_yaml_would_convert_stay_text(folder, write):
    write(
        "people.yaml", "ada-example:\n  name: No\nbo-example:\n  name: 12:30\n1984:\n  name: 007\n"
    )

    people = read_folder(folder).rows[Person]

    assert {slug: person["name"] for (slug,), person in people.items()} == {
        "ada-example": "No",
        "bo-example": "12:30",
        "1984": "007",
    }


def test_readme_and_hidden_files_are_ignored(folder, write):
    write("README.md", b"\xff")
    write(".DS_Store", b"\xff")
    write("pages/.travel.md.swp", b"\xff")

    assert len(read_folder(folder).rows[Page]) == 1


def test_all_mistakes_are_reported_at_once(folder, write):
    write("topics.yaml", "- slug: atoms\n  heading:\n- heading: Quarks\n")
    write("people.yaml", "ada-example:\n  nam: Ada\n")

    caught = read_error(folder)

    assert [(fault.file, fault.line) for fault in caught.faults] == [
        ("2030/groups.yaml", 5),  # Bo is no longer in people.yaml, Ada is, with a mistake
        ("2030/people.yaml", 1),
        ("2030/people.yaml", 2),
        ("2030/topics.yaml", 2),
        ("2030/topics.yaml", 3),
    ]


def test_of_many_entries_the_nearest_is_named(folder, write):
    people = [f"person-{number}" for number in range(80)]
    write("people.yaml", "".join(f"{slug}:\n  name: Somebody\n" for slug in people))
    write(
        "groups.yaml", "- slug: chairs\n  heading: Chairs\n  members:\n    - preson\n    - qqq7\n"
    )

    caught = read_error(folder)

    assert str(caught).splitlines() == [
        "2030/groups.yaml, line 4: there is no “preson” in people.yaml. Did you mean “person-9”?",
        "2030/groups.yaml, line 5: there is no “qqq7” in people.yaml. The nearest of 80 is “person-7”.",
    ]


def test_of_many_mistakes_the_first_fifty_are_reported(folder, write):
    write("topics.yaml", "- colour: red\n" * 100)

    caught = read_error(folder)

    lines = str(caught).splitlines()
    assert (len(lines), lines[-1]) == (51, "and 250 more.")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FolderError, match="this folder does not exist"):
        read_folder(tmp_path / "2031")


def test_a_folder_without_an_edition(folder):
    (folder / "edition.yaml").unlink()

    caught = read_error(folder)

    assert str(caught) == "2030/edition.yaml: this file is missing. Add it"


@pytest.mark.parametrize("name", ["topics.yaml", "pages/secret.md", "pages"])
def test_nothing_is_read_through_a_link_out_of_the_folder(name, folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("---\nslug: secret\ntitle: Secret\n---\n")
    link = folder / name
    if name == "pages":
        (folder / "pages" / "travel.md").unlink()
        (folder / "pages").rmdir()
    link.unlink(missing_ok=True)
    link.symlink_to(outside if name == "pages" else outside / "secret")

    caught = read_error(folder)

    assert [fault.message.split(".")[0] for fault in caught.faults] == [
        "this link leads out of the folder"
    ]


def test_a_link_that_leads_nowhere_is_a_mistake(folder):
    (folder / "news.yaml").symlink_to(folder / "nothing.yaml")

    assert str(read_error(folder)) == "2030/news.yaml: this file is missing. Add it"


def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "news.yaml")

    assert str(read_error(folder)) == "2030/news.yaml: this must be a file"


@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200),
        st.lists(
            st.sampled_from(
                [*"-:?,[]{}#&*!|>'\"%@` \n\t", "- ", ": ", "---\n", "  ", "slug", "name", "\\U"]
            ),
            max_size=60,
        ).map("".join),
    )
)
def test_any_file_is_read_or_refused(folder, contents):
    raw = contents if isinstance(contents, bytes) else contents.encode("utf-8", "surrogatepass")
    (folder / "news.yaml").write_bytes(raw)
    (folder / "pages" / "travel.md").write_bytes(b"---\n" + raw + b"\n---\n")

    read_folder(folder)
