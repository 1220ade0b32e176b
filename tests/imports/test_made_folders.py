"""Any content folder is imported or refused with a reason, and each of its pages can be shown."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.editions.admin import Tab
from apps.editions.models import Edition
from apps.imports.folders.exporting import export_edition
from apps.imports.folders.importing import import_edition
from apps.imports.folders.yaml_text import FolderError
from tests.imports.conftest import DATA
from tests.imports.test_exporting import erase_all, files_of
from tests.imports.test_round_trip import stored_rows

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FILES = yaml.safe_load((DATA / "made_folder.yaml").read_text("utf-8"))
MARKUP = "'\"><xss onxss=1>{{ 7|add:7 }}{% now %}</script>&lt;"
# Parts of MARKUP that are on a page only if it was not escaped.
MARKS = ("<xss", '" onxss=', "' onxss=")
REMOVED = object()
DATES = ["0001-01-01", "0001-01-02", "9999-12-31", "2030-05-09", "2030-02-29", "1999-12-31"]
TIMES = ["0:00", "23:59", "24:00", "9:00", "9:30", "01:30"]
NUMBERS = ["0", "1", "2", "-1", "999999", "32768", "9999999", "1440", "360", "2031"]
ADDRESSES = ["https://" + "x" * 190 + ".org/", "http://[::1", "javascript:alert(1)", "//x.org"]
ADDRESSES += [f"https://example.org/{MARKUP}", "https://example.org/" + "x" * 300]
WORDS = [MARKUP, MARKUP[:60], "", "~", "yes", "no", "small", "atoms", "ada-example", "2030", "now"]
WORDS += ["x" * 61, "x" * 300, "x y " * 5_000, "\u202etxt.exe", "名前", "\u0301" * 300, "a\nb"]
WORDS += ["Europe/Nowhere", "Antarctica/Troll", "Pacific/Apia", "America/Sao_Paulo", "UTC", "../x"]
WORDS += ["talks", "posters", "lightning", "panel", "archived", "draft", "daily", "choice", "P٣"]


def _paths(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """The place of each value and each entry in the files."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        yield (*path, key)
        if isinstance(each, dict | list):
            yield from _paths(each, (*path, key))


def _value_at(files: Any, path: tuple) -> Any:
    for key in path:
        files = files[key]
    return files


def _likely(value: Any) -> st.SearchStrategy:
    """Values that may stand where `value` stands; text of the right form is often valid."""
    any_text = st.sampled_from(WORDS) | st.text(max_size=80)
    odd = st.just(REMOVED) | any_text | st.lists(any_text, max_size=2) | st.just({"slug": "x"})
    if isinstance(value, list):
        return odd | st.permutations(value) | st.just([*value, *value]) | st.just(value[:1])
    if not isinstance(value, str):
        return odd
    forms = {
        r"\d{4}-\d\d-\d\d": DATES,
        r"\d+:\d\d": TIMES,
        r"\d+": NUMBERS,
        "https://.*": ADDRESSES,
    }
    # A title with markup in it is right, too.
    longer = [*WORDS, *[f"{value} {MARKUP}", f"{value} 名前", f"{value}-x"] * 6]
    right = next((texts for form, texts in forms.items() if re.fullmatch(form, value)), longer)
    return st.one_of(*[st.sampled_from(right)] * 3, odd)


PATHS = list(_paths(FILES))
TEXTS = [path for path in PATHS if isinstance(_value_at(FILES, path), str)]
one_path = st.one_of(*[st.sampled_from(TEXTS)] * 4, st.sampled_from(PATHS))


@st.composite
def folders(draw: st.DrawFn) -> dict[str, Any]:
    """The files with one to three changes."""
    files = copy.deepcopy(FILES)
    count = draw(st.sampled_from([1, 1, 2, 3]))
    for path in draw(st.lists(one_path, min_size=count, max_size=count, unique=True)):
        try:
            parent = _value_at(files, path[:-1])
            value = draw(_likely(parent[path[-1]]))
        except (KeyError, IndexError, TypeError):
            continue  # another change removed it
        if not isinstance(parent, dict | list):
            continue
        if value is REMOVED:
            del parent[path[-1]]
        else:
            parent[path[-1]] = value
    return files


def _write(folder: Path, files: dict[str, Any]) -> None:
    for path in folder.rglob("*.*"):
        path.unlink()
    for name, contents in files.items():
        text = yaml.safe_dump(contents, allow_unicode=True, sort_keys=False)
        if name.endswith(".md"):
            text = f"---\n{text}---\n\nA *text*: `{MARKUP}`\n"  # HTML outside of code is refused
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))


def _pages(edition: Edition) -> Iterator[str]:
    slug = edition.slug
    yield from ("/", "/sitemap.xml", f"/{slug}/interest/", f"/{slug}/programme.ics")
    names = ["edition-home", "people", "topics", "awards", "news", "news-atom", "programme"]
    names += ["programme-now", "speakers", "posters", "code-of-conduct"]
    yield from (reverse(f"pages:{name}", args=[slug]) for name in names)
    for page in edition.pages.all():
        yield page.get_absolute_url()
    for session in edition.sessions.all():
        yield reverse("pages:session", args=[slug, session.slug])
    for contribution in edition.contributions.all():
        yield contribution.get_absolute_url()
    yield from (tab.url(edition.pk) for tab in Tab)
    yield reverse("admin:edition-overview", args=[edition.pk])
    yield reverse("admin:editions_edition_changelist")
    yield reverse("admin:index")


def _check_pages(as_chair) -> None:
    for path in _pages(Edition.objects.get()):
        response = as_chair.get(path)
        assert response.status_code in {200, 302, 404}, path
        is_html = response.headers["Content-Type"].startswith("text/html")
        html = response.content if is_html else b""
        assert [mark for mark in MARKS if mark.encode() in html] == [], path


def test_any_folder_is_imported_or_refused_and_shown(as_chair, tmp_path):
    folder = tmp_path / "2030"
    folder.mkdir()
    imported = []

    @given(files=folders())
    def bring_in(files: dict[str, Any]) -> None:
        _write(folder, files)
        cache.clear()
        with transaction.atomic():
            # FolderError alone: anything else that is raised fails this test.
            with suppress(FolderError):
                import_edition(folder=folder)
                imported.append(True)
                _check_pages(as_chair)
            if Edition.objects.exists():
                import_edition(folder=folder)  # the second time there is nothing to do
            transaction.set_rollback(True)

    bring_in()

    assert len(imported) > hypothesis_settings().max_examples / 20, "hardly any was imported"


def test_any_imported_folder_is_exported_and_comes_back(tmp_path):
    folder = tmp_path / "2030"
    folder.mkdir()
    exported = []

    @given(files=folders())
    def go_and_come_back(files: dict[str, Any]) -> None:
        _write(folder, files)
        with transaction.atomic():
            try:
                import_edition(folder=folder)
            except FolderError:
                pass
            else:
                _check_round_trip(tmp_path)
                exported.append(True)
            transaction.set_rollback(True)

    go_and_come_back()

    assert len(exported) > hypothesis_settings().max_examples / 20, "hardly any was exported"


def _check_round_trip(folder: Path) -> None:
    (edition,) = Edition.objects.all()
    rows = stored_rows(edition.slug)
    first, second = folder / "first", folder / "second"
    export_edition(edition=edition, folder=first)
    assert import_edition(folder=first).is_unchanged
    erase_all()
    import_edition(folder=first)
    assert stored_rows(edition.slug) == rows
    export_edition(edition=Edition.objects.get(), folder=second)
    assert files_of(second) == files_of(first)
    shutil.rmtree(first)
    shutil.rmtree(second)
