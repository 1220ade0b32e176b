"""Static files that a web server in front of the site serves by itself."""

import re

import pytest

from apps.ops.static_files import write_front_pages


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        (
            "413.html",
            [
                "The form or file is too large",
                "Das Formular oder die Datei ist zu groß",
                "Le formulaire ou le fichier est trop volumineux",
            ],
        ),
        (
            "503.html",
            [
                "The site is not available at the moment",
                "Die Website ist gerade nicht verfügbar",
                "Le site est indisponible pour le moment",
            ],
        ),
    ],
)
def test_error_pages_of_nginx_are_in_all_languages(settings, tmp_path, name, headings):
    settings.STATIC_ROOT = tmp_path

    write_front_pages()

    html = (tmp_path / name).read_text()
    for heading in headings:
        assert heading in html
    assert re.findall(r'<div [^>]*lang="(..)"', html) == ["de", "fr"]
    assert html.count('href="/">') >= 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["413.html", "503.html"]
