"""Content folders whose lists are split: programme/*.yaml, Markdown files of long texts, CSV."""

import pytest

from apps.editions.models import Edition
from apps.imports.folders.importing import import_edition
from apps.people.models import Membership, Person
from apps.programme.models import Contribution, Contributor, Session, Slot
from tests.imports.conftest import import_error, read_error

pytestmark = pytest.mark.django_db

SESSION = """\
    sessions:
      - slug: {slug}
        kind: talks
        contributions:
          - slug: {slug}-talk
"""


def test_a_programme_is_read_from_several_files_in_their_order(folder, write):
    write("programme/20-second.yaml", SESSION.format(slug="second"))
    write("programme/10-first.yaml", SESSION.format(slug="first"))
    write("programme.yaml", SESSION.format(slug="opening"))

    import_edition(folder=folder)

    sessions = Session.objects.order_by("ordering")
    assert [session.slug for session in sessions] == ["opening", "first", "second"]
    assert Contribution.objects.count() == 3
    assert import_edition(folder=folder).is_unchanged


def test_an_abstract_may_have_a_file_of_its_own(folder, write):
    write("programme.yaml", SESSION.format(slug="first"))
    write("abstracts/first-talk.md", "On *small* things.\n\nAnd others.\n")
    write("bios/ada-example.md", "Ada is small.\n")

    import_edition(folder=folder)

    assert Contribution.objects.get().abstract == "On *small* things.\n\nAnd others."
    assert Person.objects.get(slug="ada-example").bio == "Ada is small."
    assert import_edition(folder=folder).is_unchanged


def test_a_person_may_have_only_a_name_beside_the_biography(folder, write):
    write("bios/bo-example.md", "Bo is small.\n")
    import_edition(folder=folder)
    (folder / "bios" / "bo-example.md").unlink()

    assert import_edition(folder=folder).is_unchanged
    assert Person.objects.get(slug="bo-example").bio == "Bo is small."


def test_mistakes_in_files_of_long_texts_name_these_files(folder, write):
    programme = SESSION.format(slug="first")
    write("programme.yaml", f"{programme}            abstract: Short.\n")
    write("abstracts/first-talk.md", "Longer.\n")
    write("abstracts/first-tlk.md", "Longer.\n")
    write("abstracts/notes.txt", "Notes.\n")

    assert str(read_error(folder)).splitlines() == [
        "2030/abstracts/first-talk.md: there is another text in 2030/programme.yaml, line 6. "
        "Remove one of them",
        "2030/abstracts/first-tlk.md: there is no contribution “first-tlk”. "
        "Did you mean “first-talk”?",
        "2030/abstracts/notes.txt: only files that end in .md belong here. Rename or move this one",
    ]


def test_a_column_that_refuses_a_text_names_its_file(folder, write):
    write("programme.yaml", SESSION.format(slug="first"))
    write("abstracts/first-talk.md", "x" * 100_001)

    (fault,) = import_error(folder).faults

    assert fault.file == "2030/abstracts/first-talk.md"


def test_people_may_be_a_table(folder, write):
    (folder / "people.yaml").unlink()
    write(
        "people.csv",
        "Slug,Name,Affiliation,Link,Bio\n"
        'ada-example,"Example, Ada",Leith; Fife,https://ada.example.org/,"Two\nlines"\n'
        ",Bo Example,,,\n"
        "\n"
        "nothing,Null,,,\n",
    )

    import_edition(folder=folder)

    ada = Person.objects.get(slug="ada-example")
    assert (ada.name, ada.affiliation, ada.link, ada.bio) == (
        *("Example, Ada", "Leith\nFife", "https://ada.example.org/", "Two\nlines"),
    )
    assert Person.objects.get(slug="bo-example").name == "Bo Example"
    assert Person.objects.get(slug="nothing").name == "Null"
    assert import_edition(folder=folder).is_unchanged


def test_members_of_a_group_may_be_a_table_of_names(folder, write):
    write(
        "groups/chairs.csv",
        "name;affiliation;person;link\r\n"
        "Dée Example;Example Limited;;https://dee.example.org/\r\n"
        "Ada Example;Elsewhere;cy-example;\r\n",
    )

    import_edition(folder=folder)

    members = Membership.objects.values_list("person__slug", "person__name", "affiliation")
    assert list(members.order_by("ordering"))[2:] == [
        ("dee-example", "Dée Example", "Example Limited"),
        ("cy-example", "Ada Example", "Elsewhere"),
    ]
    dee = Person.objects.get(slug="dee-example")
    assert (dee.link, dee.affiliation) == ("https://dee.example.org/", "")
    assert import_edition(folder=folder).is_unchanged


def test_a_member_who_is_in_people_yaml_is_that_person(folder, write):
    write("groups.yaml", "- {slug: chairs, heading: Chairs}\n")
    write("groups/chairs.csv", "name\nBo Example\n")

    import_edition(folder=folder)

    assert Membership.objects.get().person.slug == "bo-example"
    assert Person.objects.count() == 2


def test_contributions_may_be_a_table(folder, write):
    write("programme.yaml", SESSION.format(slug="first"))
    write(
        "contributions.csv",
        "slug,title,kind,contributors,topics,session,minutes,paper\n"
        "small,Small,paper,ada-example; Dee Example (Leith),atoms;quarks,first,20,\n"
        "alone,Alone,paper,Cy Example,,,,https://papers.example.org/alone\n",
    )

    import_edition(folder=folder)

    slots = Slot.objects.order_by("ordering").values_list("contribution__slug", "minutes")
    assert list(slots) == [("first-talk", None), ("small", 20)]
    contributors = Contributor.objects.filter(contribution__slug="small").order_by("ordering")
    assert [(one.shown_name, one.affiliation) for one in contributors] == [
        ("Ada Example", ""),
        ("Dee Example", "Leith"),
    ]
    assert Contribution.objects.get(slug="small").topics.count() == 2
    alone = Contribution.objects.get(slug="alone")
    assert (alone.title, alone.paper_url) == ("Alone", "https://papers.example.org/alone")
    assert import_edition(folder=folder).is_unchanged


def test_links_of_a_contribution_may_be_in_a_cell(folder, write):
    write("attachments/measured.zip", b"PK\x05\x06" + bytes(18))
    write(
        "contributions.csv",
        "slug,title,kind,links\n"
        "small,Small,paper,https://example.org/a:b; reviews (Forum): https://example.org/small;"
        "data:measured.zip\n",
    )

    import_edition(folder=folder)

    links = Contribution.objects.get(slug="small").shown_links
    assert [(link.kind.value, link.label) for link in links] == [
        ("other", "More"),
        ("reviews", "Forum"),
        ("data", "Data"),
    ]
    assert [link.url for link in links][:2] == [
        "https://example.org/a:b",
        "https://example.org/small",
    ]
    assert links[2].file_type == "ZIP"
    assert import_edition(folder=folder).is_unchanged


@pytest.mark.parametrize(
    ("name", "contents", "faults"),
    [
        (
            "people.csv",
            "slug,nam\ncy,Cy\n",
            [
                "people.csv, line 1: there is no column “nam”. Did you mean “name”?",
            ],
        ),
        (
            "people.csv",
            "slug,name,link\ncy,Cy,cy.example.org\ndee,Dee,,,\n",
            [
                "people.csv, line 3: this row has 5 cells, but the header has 3. Put a cell with commas "
                "in quotes",
            ],
        ),
        (
            "people.csv",
            'slug,name,link\ncy,"Cy\nExample",\ndee,Dee,dee.example.org\nada-example,Ada,\n',
            [
                "people.csv, line 2: name: write a text of one line here",
                "people.csv, line 4: link: “dee.example.org” is not a web address. Write it in full, "
                "such as https://example.org/page",
                "people.csv, line 5: “ada-example” appears twice, first in "
                "2030/people.yaml, line 1. Change or remove one of them",
            ],
        ),
        (
            "people.csv",
            'slug,name\ncy,"Cy\n',
            ["people.csv, line 2: this is not CSV: unexpected end of data"],
        ),
        (
            "people.csv",
            "name,name\nCy,Cy\n",
            ["people.csv, line 1: the column “name” appears twice. Remove one of them"],
        ),
        (
            "groups/chair.csv",
            "name\nCy\n",
            ["groups/chair.csv: there is no group “chair”. Did you mean “chairs”?"],
        ),
        (
            "groups/chairs.csv",
            "person\ncy\n",
            [
                "groups/chairs.csv, line 2: there is no “cy” in people.yaml. "
                "Known here: ada-example, bo-example."
            ],
        ),
        (
            "contributions.csv",
            "slug,title,links\nsmall,Small,forum: https://example.org/; data: lost.zip\n",
            [
                "contributions.csv, line 2: attachments/lost.zip: this file is missing. Add it",
                "contributions.csv, line 2: kind: “forum” is not one of paper, pdf, preprint, doi, "
                "code, data, slides, poster, video, reviews, supplement or other",
            ],
        ),
        (
            "contributions.csv",
            "slug,session,contributors\nsmall,talks,zed\n",
            [
                "contributions.csv, line 2: there is no session “talks”. There is none.",
                "contributions.csv, line 2: there is no “zed” in people.yaml. "
                "Known here: ada-example, bo-example.",
            ],
        ),
    ],
)
def test_mistakes_in_tables_name_their_line(name, contents, faults, folder, write):
    write(name, contents)

    caught = read_error(folder)

    assert str(caught).splitlines() == [f"2030/{fault}" for fault in faults]
    assert not Edition.objects.exists()
