"""Import of sections of the home page with their lists and links."""

import pytest

from apps.imports.folders.importing import import_edition
from apps.pages.models import Section
from tests.imports.conftest import import_error

pytestmark = pytest.mark.django_db


def test_a_folder_has_the_new_lists(folder, write):
    write(
        "sections/40-join.md",
        "---\nslug: join\nshows: links\nlinks:\n"
        "  - label: Register\n    url: https://register.example.org/\n    is_button: yes\n"
        "  - label: Programme\n    url: /2030/programme/\n---\n",
    )
    write("sections/50-demos.md", "---\nslug: demos\nshows: contributions\nkind: demo\n---\n")
    write("sections/60-news.md", "---\nslug: news\nshows: news\nat_most: 5\n---\n")

    import_edition(folder=folder)

    section = Section.objects.get(slug="join")
    assert list(section.links.values_list("label", "url", "is_button")) == [
        ("Register", "https://register.example.org/", True),
        ("Programme", "/2030/programme/", False),
    ]
    assert Section.objects.get(slug="demos").kind == "demo"
    assert Section.objects.get(slug="news").at_most == 5
    assert import_edition(folder=folder).is_unchanged


def test_links_of_another_section_are_a_mistake(folder, write):
    write(
        "sections/40-join.md",
        "---\nslug: join\nshows: news\nlinks:\n  - label: Register\n    url: /2030/\n---\n",
    )

    assert "only a section that shows links has links. Write “shows: links”, or remove them" in str(
        import_error(folder)
    )
