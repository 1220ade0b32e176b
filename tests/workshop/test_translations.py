"""German and French words of pages and letters, in locale/."""

import re
import shutil
import string
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tests.workshop.commands import ROOT

LANGUAGES = ["de", "fr"]
_REMEDY = "Run `make translations`, translate what is new, and run it again."


def _catalogue(language: str, root: Path = ROOT) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def _texts(entry: polib.POEntry) -> list[str]:
    return [*entry.msgstr_plural.values()] if entry.msgid_plural else [entry.msgstr]


def _key(entry: polib.POEntry) -> tuple:
    return entry.msgctxt, entry.msgid, entry.msgid_plural, tuple(_texts(entry))


def _fields(text: str) -> set[str]:
    """Names of the placeholders of a text."""
    percent = {part.partition(")")[0] for part in text.split("%(")[1:]}
    try:
        braces = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        braces = set()
    return percent | braces


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    entries = polib.pofile(str(_catalogue(language)))

    missing = [entry.msgid for entry in entries if not entry.translated() and not entry.obsolete]

    assert not missing, _REMEDY


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_words_are_those_of_the_catalogue(language):
    catalogue = _catalogue(language)
    entries = [entry for entry in polib.pofile(str(catalogue)) if entry.translated()]

    compiled = polib.mofile(str(catalogue.with_suffix(".mo")))

    assert {_key(entry) for entry in compiled} == {_key(entry) for entry in entries}, _REMEDY


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_placeholders_of_their_text(language):
    for entry in polib.pofile(str(_catalogue(language))):
        given = _fields(entry.msgid) | _fields(entry.msgid_plural)
        for text in _texts(entry):
            assert _fields(text) <= given, entry.msgid
            if not entry.msgid_plural:
                assert _fields(text) == given, entry.msgid


@pytest.mark.skipif(not shutil.which("xgettext"), reason="xgettext is not installed")
def test_the_catalogues_have_every_text_that_is_marked(tmp_path):
    for folder in ("apps", "templates", "locale"):
        shutil.copytree(ROOT / folder, tmp_path / folder)

    subprocess.run(
        [
            *(sys.executable, "-m", "django", "makemessages", "--no-location", "--no-obsolete"),
            *(f"--locale={language}" for language in LANGUAGES),
        ],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        check=True,
    )

    for language in LANGUAGES:
        made, kept = (polib.pofile(str(_catalogue(language, root))) for root in (tmp_path, ROOT))
        assert {_key(entry) for entry in made} == {_key(entry) for entry in kept}, _REMEDY


def test_french_signs_follow_a_no_break_space():
    texts = [text for entry in polib.pofile(str(_catalogue("fr"))) for text in _texts(entry)]
    paths = [*ROOT.glob("apps/*/letter_texts/fr/*.txt"), *ROOT.glob("apps/*/texts/*.fr.md")]
    texts += [path.read_text("utf-8") for path in paths]

    wrong = [text for text in texts if re.search(r"\S [:;!?»]|« |\w[!?»]", text)]

    assert len(paths) > 10
    assert wrong == []
