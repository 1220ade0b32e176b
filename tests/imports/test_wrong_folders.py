"""Every mistake is answered with file, line and what was expected."""

import os
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.imports.folders.files import MAX_TEXT_BYTES
from apps.imports.folders.reader import read_folder
from apps.imports.folders.yaml_text import FolderError
from apps.pages.models import Page
from apps.people.models import Person
from tests.imports.conftest import read_error

EDITION = "slug: 2030\nyear: 2030\ntitle: Workshop\n"

# Mistake → file, its contents, and the fault after the name of the file.
WRONG = {
    "an unknown key": (
        "edition.yaml",
        "slug: 2030\nyear: 2030\ntitel: Workshop\ntitle: Workshop\n",
        "line 3: “titel” is not known here. Did you mean “title”?",
    ),
    "an unknown key like no other": (
        "topics.yaml",
        "- slug: atoms\n  heading: Atoms\n  colour: red\n",
        "line 3: “colour” is not known here. Known here: slug, heading, description.",
    ),
    "a missing key": (
        "edition.yaml",
        "slug: 2030\nyear: 2030\n",
        "line 1: “title” is missing. The large words at the top of the home page.",
    ),
    "a missing key in a list": (
        "groups.yaml",
        "- slug: chairs\n  heading: Chairs\n- heading: Others\n",
        "line 3: “slug” is missing. The anchor on the people page; never changed afterwards.",
    ),
    "a list instead of a text": (
        "edition.yaml",
        "slug: 2030\nyear: 2030\ntitle:\n  - Workshop\n",
        "line 3: title: a text is expected here, not a list or a mapping",
    ),
    "a mapping instead of a list": (
        "topics.yaml",
        "atoms:\n  heading: Atoms\n",
        "line 1: a list is expected here, each entry beginning with “- ”",
    ),
    "a text instead of a mapping": (
        "people.yaml",
        "ada-example: Ada Example\n",
        "line 1: ada-example: keys with values are expected here, such as “name: Ada Example”",
    ),
    "two lines where one is expected": (
        "edition.yaml",
        "slug: 2030\nyear: 2030\ntitle: |\n  Workshop\n  on Things\n",
        "line 3: title: a text of one line is expected here",
    ),
    "no number": (
        "edition.yaml",
        "slug: 2030\nyear: next year\ntitle: Workshop\n",
        "line 2: year: “next year” should be a whole number, such as 2024",
    ),
    "neither yes nor no": (
        "edition.yaml",
        f"{EDITION}is_current: perhaps\n",
        "line 4: is_current: “perhaps” should be yes or no",
    ),
    "a date in another order": (
        "edition.yaml",
        f"{EDITION}starts_on: 3/5/2030\n",
        "line 4: starts_on: “3/5/2030” is not a date; write year, month and day, such as "
        "2024-05-03",
    ),
    "a day that does not exist": (
        "edition.yaml",
        f"{EDITION}deadlines:\n  - title: Abstracts\n    due_on: 2030-02-30\n",
        "line 6: due_on: “2030-02-30” is not a date; write year, month and day, such as 2024-05-03",
    ),
    "an hour that does not exist": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talks\n    starts_at: 25:00\n",
        "line 4: starts_at: “25:00” is not a clock time, such as 9:00 or 14:30",
    ),
    "an end before the beginning": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talks\n    starts_at: 10:00\n    ends_at: 9:00\n",
        "line 2: this must end after it begins: 09:00 is not after 10:00. If it passes "
        "midnight, write “minutes” instead",
    ),
    "an end without a beginning": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talks\n    ends_at: 9:00\n",
        "line 2: there is an end, so there must be a line “starts_at”",
    ),
    "a gap inside a session": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talks\n    starts_at: 9:00\n    contributions:\n"
        "      - slug: one\n        minutes: 30\n      - slug: two\n        starts_at: 9:40\n",
        "line 2: “two” begins at 09:40, but at 9:30 what is before it is over. Make two "
        "sessions of it, or change the times",
    ),
    "a repetition of nothing": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talks\n    contributions:\n      - slug: one\n  "
        "- slug: posters\n    kind: posters\n    repeats: [ones]\n",
        "line 8: there is no contribution “ones”. Did you mean “one”?",
    ),
    "somebody named twice": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talks\n    chairs:\n      - name: Bo\n      - "
        "name: Bo\n",
        "line 6: “Bo” stands here a second time; first in 2030/programme.yaml, line 5",
    ),
    "a talk outside its session": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talks\n    starts_at: 9:00\n    ends_at: 10:00\n"
        "    contributions:\n      - slug: talk\n        starts_at: 9:00\n        ends_at: "
        "10:30\n",
        "line 2: “talk” lies outside the hours of its session",
    ),
    "an unknown kind": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talkz\n",
        "line 3: kind: “talkz” is not one of keynote, talks, panel, lightning, posters, break, "
        "lunch, social or other",
    ),
    "half a web address": (
        "people.yaml",
        "ada-example:\n  name: Ada\n  link: ada.example.org\nbo-example:\n  name: Bo\n",
        "line 3: link: “ada.example.org” is not a web address; write it in full, such as "
        "https://example.org/page",
    ),
    "an address that runs a script": (
        "people.yaml",
        "ada-example:\n  name: Ada\n  link: 'javascript:alert(1)'\nbo-example:\n  name: Bo\n",
        "line 3: link: “javascript:alert(1)” is not a web address; write it in full, such as "
        "https://example.org/page",
    ),
    "no mail address": (
        "edition.yaml",
        f"{EDITION}contact_email: chairs at example.org\n",
        "line 4: contact_email: “chairs at example.org” is not a mail address, such as "
        "chairs@example.org",
    ),
    "a slug with a space": (
        "topics.yaml",
        "- slug: Big Atoms\n  heading: Atoms\n",
        "line 1: slug: “Big Atoms” cannot stand in an address; use at most 60 small letters a "
        "to z, digits and hyphens, such as luo-mai",
    ),
    "a person's slug with a capital": (
        "people.yaml",
        "ada-example:\n  name: Ada\nbo-example:\n  name: Bo\nCy:\n  name: Cy\n",
        "line 5: “Cy” cannot stand in an address; use at most 60 small letters a to z, digits "
        "and hyphens, such as luo-mai",
    ),
    "a slug twice": (
        "topics.yaml",
        "- slug: atoms\n  heading: Atoms\n- heading: Others\n  slug: atoms\n",
        "line 4: “atoms” stands here a second time; first in 2030/topics.yaml, line 1",
    ),
    "a slug twice over two files": (
        "sections/30-again.md",
        "---\nheading: Again\nslug: chairs\n---\nText.\n",
        "line 3: “chairs” stands here a second time; first in 2030/sections/20-chairs.md, line 2",
    ),
    "a member twice": (
        "groups.yaml",
        "- slug: chairs\n  heading: Chairs\n  members:\n    - ada-example\n    - ada-example\n",
        "line 5: “ada-example” stands here a second time; first in 2030/groups.yaml, line 4",
    ),
    "a key twice": (
        "edition.yaml",
        f"{EDITION}title: Another\n",
        "line 4: “title” stands here a second time; first in line 3",
    ),
    "a contribution twice": (
        "programme.yaml",
        "sessions:\n  - slug: one\n    kind: talks\n    contributions:\n      - slug: talk\n  "
        "- slug: two\n    kind: talks\n    contributions:\n      - slug: talk\n",
        "line 9: “talk” stands here a second time; first in 2030/programme.yaml, line 5",
    ),
    "an unknown member": (
        "groups.yaml",
        "- slug: chairs\n  heading: Chairs\n  members:\n    - ada-exampel\n",
        "line 4: there is no “ada-exampel” in people.yaml. Did you mean “ada-example”?",
    ),
    "an unknown speaker": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talks\n    contributions:\n      - slug: talk\n "
        "       contributors:\n          - role: speaker\n            person: zoe\n",
        "line 8: there is no “zoe” in people.yaml. Known here: ada-example, bo-example.",
    ),
    "a speaker without a name": (
        "programme.yaml",
        "sessions:\n  - slug: talks\n    kind: talks\n    contributions:\n      - slug: talk\n "
        "       contributors:\n          - role: speaker\n",
        "line 7: write either “person” (a slug of people.yaml) or “name”",
    ),
    "an unknown group": (
        "sections/30-team.md",
        "---\nslug: team\nshows: group\ngroup: team\n---\n",
        "line 4: there is no “team” in groups.yaml. Known here: chairs.",
    ),
    "a group that is not shown": (
        "sections/30-team.md",
        "---\nslug: team\ngroup: chairs\n---\n",
        "line 3: group: a group is named, so there must be a line “shows: group”",
    ),
    "a list without its group": (
        "sections/30-team.md",
        "---\nslug: team\nshows: group\n---\n",
        "line 2: group: the section shows a group, so it must say which",
    ),
    "an unknown list": (
        "sections/30-team.md",
        "---\n\nslug: team\nshows: everything\n---\n",
        "line 4: shows: “everything” is not one of topics, group, programme, speakers, "
        "posters, deadlines, venue, awards, sponsors, news, past_editions",
    ),
    "no front matter": (
        "pages/travel.md",
        "# Travel\n",
        "line 1: the first line should be ---, and facts should follow",
    ),
    "front matter without an end": (
        "pages/travel.md",
        "---\nslug: travel\n",
        "line 1: a second line of --- is missing, where the facts end",
    ),
    "a typing error in front matter": (
        "pages/travel.md",
        "---\nslug: travel\ntitle: Travel: by train\n---\n",
        "line 3: this is not YAML: a colon stands inside a value; put the value in quotes",
    ),
    "a tab": (
        "topics.yaml",
        "- slug: atoms\n\theading: Atoms\n",
        "line 2: this is not YAML: there is a tab; indent with spaces",
    ),
    "a quote without an end": (
        "edition.yaml",
        'slug: 2030\ntitle: "Workshop\n',
        "line 3: this is not YAML: a closing quote or bracket is missing",
    ),
    "a bracket without an end": (
        "edition.yaml",
        "slug: 2030\ndeadlines: [\nyear: 2030\n",
        "line 4: this is not YAML: a comma or a closing bracket is missing",
    ),
    "a line indented differently": (
        "edition.yaml",
        "slug: 2030\n year: 2030\n",
        "line 2: this is not YAML: a colon stands inside a value; put the value in quotes",
    ),
    "a key that is a list": (
        "edition.yaml",
        f"{EDITION}? [a, b]\n: c\n",
        "line 4: a key must be a single word",
    ),
    "two documents": (
        "edition.yaml",
        f"{EDITION}---\ntitle: Another\n",
        "line 4: this is not YAML: a second document begins here; a file holds one",
    ),
    "a tag": (
        "edition.yaml",
        "slug: 2030\nyear: 2030\ntitle: !!python/object/apply:os.system [ls]\n",
        "line 3: tags (!) are not used here; put it in quotes",
    ),
    "an anchor": (
        "edition.yaml",
        "slug: &slug 2030\nyear: *slug\n",
        "line 1: anchors (&) and aliases (*) are not used here; put it in quotes",
    ),
    "nesting without an end": (
        "edition.yaml",
        "slug: " + "[" * 1000 + "]" * 1000 + "\n",
        "line 1: lists and mappings are nested more than 12 deep",
    ),
    "another encoding": (
        "people.yaml",
        b"ada-example:\n  name: Ada\nbo-example:\n  name: Bj\xf8rn\n",
        "line 4: this is not UTF-8; save the file in that encoding",
    ),
    "a character nobody can see": (
        "pages/travel.md",
        b"---\nslug: travel\ntitle: Travel\n---\nBy\x00train\n",
        "line 5: there is an unprintable character",
    ),
    "an escaped character nobody can see": (
        "edition.yaml",
        'slug: 2030\nyear: 2030\ntitle: "Work\\0shop"\n',
        "line 3: there is an unprintable character",
    ),
    "half a character": (
        "edition.yaml",
        'slug: 2030\nyear: 2030\ntitle: "Work\\ud83dshop"\n',
        "line 3: there is an unprintable character",
    ),
    "a photo that is not there": (
        "people.yaml",
        "ada-example:\n  name: Ada\n  photo: ada.jpg\nbo-example:\n  name: Bo\n",
        "line 3: photos/ada.jpg: this file is missing",
    ),
    "a photo outside": (
        "people.yaml",
        "ada-example:\n  name: Ada\n  photo: ../../secret.jpg\nbo-example:\n  name: Bo\n",
        "line 3: photo: “../../secret.jpg” is not the bare name of a file, such as luo-mai.jpg",
    ),
    "a drawing as a photo": (
        "people.yaml",
        "ada-example:\n  name: Ada\n  photo: ada.svg\nbo-example:\n  name: Bo\n",
        "line 3: photo: “ada.svg” should be a JPEG, PNG or WebP file",
    ),
    "a point outside the photo": (
        "people.yaml",
        "ada-example:\n  name: Ada\n  focus: 2x0.5\nbo-example:\n  name: Bo\n",
        "line 3: focus: “2x0.5” is not a point; write how far across and down, from 0 to 1, "
        "such as 0.5x0.4",
    ),
    "a logo that is not there": (
        "sponsors.yaml",
        "levels:\n  - slug: all\n    sponsors:\n      - slug: example\n        name: Example\n "
        "       logo: example.png\n",
        "line 6: logos/example.png: this file is missing",
    ),
    "an empty announcement": (
        "news.yaml",
        '- slug: one\n  body: ""\n',
        "line 2: body: this must not be empty",
    ),
    "a paper with a bad link": (
        "awards.yaml",
        "- slug: best\n  heading: Best\n  given_to:\n    - slug: paper\n      title: Paper\n   "
        "   link: doi.org/1\n",
        "line 6: link: “doi.org/1” is not a web address; write it in full, such as "
        "https://example.org/page",
    ),
    "an award to two at once": (
        "awards.yaml",
        "- slug: best\n  heading: Best\n  given_to:\n    - slug: both\n      title: Paper\n    "
        "  person: ada-example\n",
        "line 4: write one of “contribution”, “person” and “title”",
    ),
    "authors of a person": (
        "awards.yaml",
        "- slug: best\n  heading: Best\n  given_to:\n    - slug: ada\n      person: "
        "ada-example\n      authors: [Bo]\n",
        "line 4: “link” and “authors” belong to a “title”",
    ),
    "an award to a contribution that is not there": (
        "awards.yaml",
        "- slug: best\n  heading: Best\n  given_to:\n    - slug: talk\n      contribution: talk\n",
        "line 5: there is no contribution “talk”. There is none.",
    ),
    "a file of another name": (
        "topic.yaml",
        "[]\n",
        ": this name is not known here. Did you mean “topics.yaml”?",
    ),
    "a text of another kind": (
        "pages/travel.txt",
        "Travel\n",
        ": only files that end in .md belong here",
    ),
    "a file where a folder belongs": (
        "photos",
        "",
        ": this should be a folder",
    ),
    "a huge file": (
        "pages/travel.md",
        b"---\nslug: travel\ntitle: Travel\n---\n" + b"x" * MAX_TEXT_BYTES,
        ": this file is over 1 MB",
    ),
}


def test_the_folder_to_start_from_is_right(folder):
    read_folder(folder)


@pytest.mark.parametrize(("file", "contents", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_answered_with_its_line(file, contents, message, folder, write):
    write(file, contents)

    caught = read_error(folder)

    assert str(caught) == f"2030/{file}{message if message[0] == ':' else ', ' + message}"


def test_files_of_another_system_are_read_alike(folder, write):
    for path in folder.rglob("*.*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    described = read_folder(folder)
    write("pages/travel.md", b"\xef\xbb\xbf---\r\nslug: travel\r\ntitel: Travel\r\n---\r\n")
    caught = read_error(folder)

    assert described.rows[Page][("travel",)].values["body"] == "By *train*."
    assert [fault.line for fault in caught.faults] == [2, 3]


def test_words_that_yaml_takes_for_something_else_stay_words(folder, write):
    write(
        "people.yaml", "ada-example:\n  name: No\nbo-example:\n  name: 12:30\n1984:\n  name: 007\n"
    )

    people = read_folder(folder).rows[Person]

    assert {slug: person.values["name"] for (slug,), person in people.items()} == {
        "ada-example": "No",
        "bo-example": "12:30",
        "1984": "007",
    }


def test_notes_and_hidden_files_are_not_read(folder, write):
    write("README.md", b"\xff")
    write(".DS_Store", b"\xff")
    write("pages/.travel.md.swp", b"\xff")

    assert len(read_folder(folder).rows[Page]) == 1


def test_all_mistakes_are_told_at_once(folder, write):
    write("topics.yaml", "- slug: atoms\n  heading:\n- heading: Quarks\n")
    write("people.yaml", "ada-example:\n  nam: Ada\n")

    caught = read_error(folder)

    assert [(fault.file, fault.line) for fault in caught.faults] == [
        ("2030/people.yaml", 1),
        ("2030/people.yaml", 2),
        ("2030/topics.yaml", 2),
        ("2030/topics.yaml", 3),
    ]


def test_of_very_many_mistakes_the_first_fifty_are_told(folder, write):
    write("topics.yaml", "- colour: red\n" * 100)

    caught = read_error(folder)

    lines = str(caught).splitlines()
    assert (len(lines), lines[-1]) == (51, "and 250 more.")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FolderError, match="there is no such folder"):
        read_folder(tmp_path / "2031")


def test_a_folder_without_an_edition(folder):
    (folder / "edition.yaml").unlink()

    caught = read_error(folder)

    assert str(caught) == "2030/edition.yaml: this file is missing"


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

    assert [fault.message.split(";")[0] for fault in caught.faults] == [
        "this leads out of the folder"
    ]


def test_a_photo_through_a_link_out_of_the_folder(folder, write, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (folder / "photos").mkdir()
    (folder / "photos" / "ada.jpg").symlink_to(tmp_path / "secret.jpg")
    write("people.yaml", "ada-example:\n  name: Ada\n  photo: ada.jpg\nbo-example:\n  name: Bo\n")

    with pytest.raises(FolderError, match=r"photos/ada\.jpg: this leads out of the folder"):
        read_folder(folder)


def test_a_link_that_leads_nowhere_is_a_mistake(folder):
    (folder / "news.yaml").symlink_to(folder / "nothing.yaml")

    with pytest.raises(FolderError, match=r"news\.yaml: this file is missing"):
        read_folder(folder)


def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "news.yaml")

    with pytest.raises(FolderError, match=r"news\.yaml: this should be a file"):
        read_folder(folder)


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
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_a_file_holds_it_is_read_or_refused(folder, contents):
    raw = contents if isinstance(contents, bytes) else contents.encode("utf-8", "surrogatepass")
    (folder / "news.yaml").write_bytes(raw)
    (folder / "pages" / "travel.md").write_bytes(b"---\n" + raw + b"\n---\n")

    # FolderError alone: anything else that is raised fails this test.
    with suppress(FolderError):
        read_folder(folder)
