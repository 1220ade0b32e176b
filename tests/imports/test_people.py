"""People of several editions: facts of each year, namesakes, and gaps that are filled in."""

from pathlib import Path

import pytest

from apps.imports.folders.importing import import_edition
from apps.people.models import Membership, Person, PersonProfile
from tests.factories import make_person
from tests.imports.conftest import differences, import_error
from tests.imports.test_importing import photo

pytestmark = pytest.mark.django_db


def write_year(path: Path, people: str, *slugs: str) -> Path:
    """A folder of the year `path.name` with `people`, whose `slugs` are members of a group."""
    path.mkdir(exist_ok=True)
    facts = f"slug: {path.name}\nyear: {path.name}\ntitle: Workshop\nstate: published\n"
    (path / "edition.yaml").write_text(facts)
    (path / "people.yaml").write_text(people)
    members = ", ".join(slugs or ["ada"])
    (path / "groups.yaml").write_text(f"- slug: team\n  heading: Team\n  members: [{members}]\n")
    return path


OLD = "ada:\n  name: Ada Example\n  link: https://example.org/old\n  affiliation: Old University\n"
NEW = "ada:\n  name: Ada Example\n  link: https://example.org/new\n  affiliation: Old University\n"


@pytest.fixture
def old_year(tmp_path) -> Path:
    """The folder of 2030, imported."""
    folder = write_year(tmp_path / "2030", OLD)
    import_edition(folder=folder)
    return folder


@pytest.mark.parametrize("imported_first", ["2030", "2031"])
def test_each_year_keeps_its_facts_whichever_is_imported_first(client, tmp_path, imported_first):
    folders = [write_year(tmp_path / "2030", OLD), write_year(tmp_path / "2031", NEW)]
    if imported_first == "2031":
        folders.reverse()
    for folder in folders:
        import_edition(folder=folder)

    pages = [client.get(f"/{year}/people/").content.decode() for year in (2030, 2031)]

    assert ["example.org/old" in page for page in pages] == [True, False]
    assert ["example.org/new" in page for page in pages] == [False, True]
    assert PersonProfile.objects.get().facts_in_words == "link"
    assert all(import_edition(folder=folder).is_unchanged for folder in folders)


def test_a_new_fact_of_a_later_year_is_not_shown_in_the_earlier_one(client, old_year, tmp_path):
    before = client.get("/2030/people/").content.decode()
    people = OLD + "  bio: About her.\n  pronouns: she/her\n  links: [https://github.com/ada]\n"
    folder = write_year(tmp_path / "2031", people)

    import_edition(folder=folder)

    after = client.get("/2030/people/").content.decode()
    # The footer links the new edition.
    assert after.split("</main>")[0] == before.split("</main>")[0]
    page = client.get("/2031/people/").content.decode()
    assert all(words in page for words in ("About her.", "she/her", "https://github.com/ada"))


def test_a_photo_of_another_year_goes_into_the_profile_with_its_focus(old_year, tmp_path):
    people = OLD + "  photo: ada.jpg\n  focus: 0.25x0.5\n"
    folder = write_year(tmp_path / "2031", people)
    (folder / "photos").mkdir()
    (folder / "photos/ada.jpg").write_bytes(photo("red"))

    import_edition(folder=folder)

    profile = PersonProfile.objects.get()
    assert not profile.person.photo
    assert (bool(profile.photo), profile.photo_focus) == (True, "0.25x0.5")
    assert import_edition(folder=folder).is_unchanged


def test_what_is_empty_is_filled_in_without_a_question(old_year, tmp_path):
    write_year(old_year, OLD + "  bio: About her.\n")

    report = import_edition(folder=old_year)

    assert Person.objects.get().bio == "About her."
    assert [str(one) for one in report.filled] == [
        "person “ada”, bio: nothing → “About her.” (2030/people.yaml, line 5)"
    ]
    assert "  Filled in: 1 (database → folder):" in report.lines()


def test_a_fact_changed_at_the_desk_is_a_difference_also_beside_other_years(old_year, tmp_path):
    folder = write_year(tmp_path / "2031", OLD)
    import_edition(folder=folder)
    Person.objects.update(link="https://example.org/desk")

    assert differences(folder) == [
        "person “ada”, link: “https://example.org/desk” → “https://example.org/old” "
        "(2031/people.yaml, line 3)"
    ]

    import_edition(folder=folder, replace=True)

    assert PersonProfile.objects.get().link == "https://example.org/old"
    assert Person.objects.get().link == "https://example.org/desk"


def test_a_profile_changed_at_the_desk_is_a_difference(old_year, tmp_path):
    folder = write_year(tmp_path / "2031", NEW)
    import_edition(folder=folder)
    PersonProfile.objects.update(link="https://example.org/desk")

    (found,) = differences(folder)

    assert "https://example.org/desk” → “https://example.org/new" in found


def test_a_slug_of_somebody_else_is_refused(old_year, tmp_path):
    folder = write_year(tmp_path / "2031", "ada:\n  name: Ada Lovelace\n")

    (fault,) = import_error(folder).faults

    assert (fault.file, fault.line) == ("2031/people.yaml", 2)
    assert "“ada” is Ada Example in another edition" in fault.message
    write_year(folder, "ada:\n  name: Ada Lovelace\n  same_person: yes\n")
    assert "name: “Ada Example” → “Ada Lovelace”" in differences(folder)[0]


@pytest.mark.parametrize("name", ["Ada Example", "ada EXÁMPLE"])
def test_a_namesake_with_another_slug_is_asked_about(old_year, tmp_path, name):
    folder = write_year(tmp_path / "2031", f"ada-e:\n  name: {name}\n", "ada-e")

    (fault,) = import_error(folder).faults

    assert "is stored as “ada” already" in fault.message
    write_year(folder, f"ada-e:\n  name: {name}\n  same_person: no\n", "ada-e")
    import_edition(folder=folder)
    assert Person.objects.count() == 2


def test_two_namesakes_of_one_folder_are_told_apart_by_their_slugs(old_year, tmp_path):
    people = OLD + "ada-b:\n  name: Ada Example\n"

    import_edition(folder=write_year(tmp_path / "2031", people, "ada", "ada-b"))

    assert Person.objects.count() == 2


def test_a_person_of_no_other_edition_is_changed_as_before(tmp_path):
    make_person(slug="ada", name="Ada Example", link="https://example.org/desk")
    folder = write_year(tmp_path / "2031", OLD)

    assert len(differences(folder)) == 1

    import_edition(folder=folder, replace=True)
    assert Person.objects.get().link == "https://example.org/old"
    assert not PersonProfile.objects.exists()


def test_the_role_in_a_group_is_imported(tmp_path):
    folder = write_year(tmp_path / "2031", OLD)
    groups = "- slug: team\n  heading: Team\n  members:\n    - person: ada\n      role: Publicity\n"
    (folder / "groups.yaml").write_text(groups)

    import_edition(folder=folder)

    assert Membership.objects.get().role == "Publicity"
