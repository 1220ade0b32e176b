"""Pictures and downloads of content folders, and their copies in next year's edition."""

import pytest

from apps.editions.models import Edition, Picture
from apps.imports.cloning import clone_edition
from apps.imports.folders.importing import import_edition
from tests.editions.files import PDF
from tests.imports.conftest import differences, import_error
from tests.people.files import corners, encoded

pytestmark = pytest.mark.django_db

_PAGE = "---\nslug: venue\ntitle: Venue\n---\n\n"


@pytest.fixture
def pictures(folder, write):
    """A folder with two pictures and a download, each named by a text."""
    write("pictures/castle.jpg", encoded(corners(), "JPEG"))
    write("pictures/line.png", encoded(corners((60, 24)), "PNG"))
    write("files/flyer.pdf", PDF)
    write(
        "pictures.yaml",
        "- name: line.png\n  is_decorative: yes\n"
        "- name: castle.jpg\n  caption: Where we dine\n  credit: 'Photo: Ada Example'\n",
    )
    write(
        "pages/venue.md",
        f"{_PAGE}![The castle](../pictures/castle.jpg)\n\n![](pictures/line.png)\n\n"
        "[Flyer](files/flyer.pdf)\n",
    )
    return folder


def _notes(report) -> list[str]:
    return [str(note) for note in report.notes]


def test_a_folder_brings_its_pictures_and_downloads(pictures, client):
    report = import_edition(folder=pictures, publish=True)

    assert _notes(report) == []
    facts = Picture.objects.values_list("name", "alt", "is_decorative", "caption", "credit")
    assert list(facts) == [
        ("castle.jpg", "The castle", False, "Where we dine", "Photo: Ada Example"),
        ("line.png", "", True, "", ""),
    ]
    page = client.get("/2030/venue/").content.decode()
    assert page.count("<picture>") == 2
    assert b"".join(client.get("/2030/files/flyer.pdf")) == PDF
    assert import_edition(folder=pictures).is_unchanged


def test_other_files_of_the_same_names_are_differences_and_replaced(pictures, write):
    import_edition(folder=pictures)
    write("pictures/castle.jpg", encoded(corners((500, 500)), "JPEG"))
    write("files/flyer.pdf", PDF + b" of this year")

    first, second = differences(pictures)

    assert "picture “castle.jpg”, file: “another file” → “pictures/castle.jpg”" in first
    assert "file “flyer.pdf”, file" in second
    import_edition(folder=pictures, replace=True)
    assert Picture.objects.get(name="castle.jpg").file_width == 500
    assert import_edition(folder=pictures).is_unchanged


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "\nSee:\n\n![A castle](pictures/castel.jpg)",
            "line 9: there is no pictures/castel.jpg. Did you mean “pictures/castle.jpg”?",
        ),
        ("![](pictures/castle.jpg)", "line 6: describe the picture"),
        ("[x](files/flier.pdf)", "line 6: there is no files/flier.pdf. Did you mean"),
        ("![x](files/flyer.pdf)", "line 6: files/flyer.pdf is no picture"),
        ("![x](img/castle.jpg)", "line 6: the picture img/castle.jpg is none of this edition"),
        ("[![](pictures/line.png)](https://example.org/)", "line 6: pictures/line.png is a link"),
    ],
)
def test_a_mistake_in_a_text_is_told_with_its_line(pictures, write, text, fault):
    write("pages/venue.md", f"{_PAGE}{text}\n")

    assert f"2030/pages/venue.md, {fault}" in str(import_error(pictures))


def test_a_mistake_in_a_block_of_yaml_is_told_with_its_line(folder, write):
    write(
        "topics.yaml",
        "- slug: a\n  heading: A\n  description: |\n    One\n\n    ![x](pictures/a.png)\n",
    )

    assert "2030/topics.yaml, line 6: there is no pictures/a.png" in str(import_error(folder))


def test_a_picture_of_another_site_is_a_note(folder, write):
    write("pages/venue.md", f"{_PAGE}![x](https://example.org/a.png)\n")

    (note,) = _notes(import_edition(folder=folder))

    assert note.startswith("2030/pages/venue.md, line 6: the picture https://example.org/a.png")
    assert "Visitors see a link to it instead" in note


def test_a_picture_that_no_text_shows_is_a_note(folder, write):
    write("pictures/castle.jpg", encoded(corners(), "JPEG"))

    (note,) = _notes(import_edition(folder=folder))

    assert "2030/pictures/castle.jpg: no text shows this picture" in note
    assert not Picture.objects.exists()


@pytest.mark.parametrize(
    ("file", "contents", "fault"),
    [
        ("pictures/My castle.jpg", b"x", "2030/pictures/My castle.jpg: The name has letters"),
        ("pictures/castle.svg", b"<svg/>", "ends in .jpg, .png or .webp"),
        ("files/flyer.docx", b"x", "2030/files/flyer.docx: The name has letters"),
        ("pictures/castle.jpg", b"<html>", "not a picture"),
        ("files/flyer.pdf", b"<html>", "neither a PDF nor a ZIP"),
        (
            "pictures.yaml",
            b"- name: gone.jpg\n  alt: A\n",
            "line 1: pictures/gone.jpg: this file is",
        ),
    ],
)
def test_a_file_that_cannot_be_shown_is_a_mistake(pictures, write, file, contents, fault):
    write(file, contents)

    assert fault in str(import_error(pictures))


def test_next_years_edition_has_the_pictures_too(pictures, chair, client):
    import_edition(folder=pictures)

    copy = clone_edition(source=Edition.objects.get(slug="2030"), by=chair)

    copied, original = (
        Edition.objects.get(pk=pk).pictures.get(name="castle.jpg") for pk in (copy.pk, copy.pk - 1)
    )
    assert copied.file.name == original.file.name
    copied.delete()
    assert original.file.storage.exists(original.file.name)
    assert [download.name for download in copy.downloads.all()] == ["flyer.pdf"]
