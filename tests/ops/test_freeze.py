"""The public site as static files."""

import errno
import os
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from apps.core.files import private_storage
from apps.editions.services import keep_former_address
from apps.ops.freezing.links import links_in
from tests.editions.files import make_picture
from tests.factories import (
    make_call,
    make_contribution,
    make_contribution_link,
    make_edition,
    make_page,
)
from tests.ops.copies import faults_of, names_in
from tests.pages.full_edition import fill_edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def current():
    """The current edition with everything, beside a past one and a draft."""
    current = make_edition(
        slug="2031",
        year=2031,
        is_current=True,
        starts_on=date(2031, 5, 3),
        code_of_conduct="Be kind.",
    )
    fill_edition(current, 1)
    make_call(current)
    past = make_edition(slug="2030", year=2030, state="archived")
    body = "[this year](/2031/topics/) [before](/2029/) [nothing](/2031/nothing/) [desk](/admin/)"
    make_page(past, slug="travel", title="Travel", body=body)
    make_page(make_edition(slug="2032", year=2032, state="draft"), slug="secret")
    return current


def freeze(folder: Path, **options) -> dict[str, bytes]:
    """The files of a copy made now."""
    call_command("freeze", str(folder), **options)
    return {name: (folder / name).read_bytes() for name in names_in(folder)}


def test_every_link_of_a_copy_leads_to_a_file_of_it(current, tmp_path, capsys):
    files = freeze(tmp_path / "copy")

    assert faults_of(tmp_path / "copy") == []
    assert {"index.html", "404.html", "robots.txt", "sitemap.xml", "favicon.ico"} <= files.keys()
    for name in ("programme.ics", "dates.ics", "schedule.xml", "news.atom", "contributions.bib"):
        assert f"2031/{name}" in files
    assert "2031/card.png" in files
    # The draft.
    assert not [name for name in files if name.startswith(("2032", "admin", "accounts"))]
    assert b"2032" not in b"".join(files.values())
    assert "is over. Nothing can be sent." in files["2031/interest/index.html"].decode()
    page = files["2030/travel/index.html"].decode()
    assert '<a href="../../2031/topics/index.html" rel="noopener">this year</a>' in page
    for words in ("before", "nothing", "desk"):
        assert f'<a rel="noopener">{words}</a>' in page
    assert "/2030/travel/: /2031/nothing/ leads nowhere" in capsys.readouterr().out
    assert freeze(tmp_path / "other") == files


def test_a_copy_for_another_host_does_not_name_the_site(current, tmp_path):
    files = freeze(tmp_path / "copy", site_url="https://old.example.edu", base="/workshop/")

    assert faults_of(tmp_path / "copy", base="/workshop") == []
    everything = b"".join(files.values()).decode(errors="ignore")
    assert django_settings.SITE_URL.partition("//")[2] not in everything
    canonical = '<link rel="canonical" href="https://old.example.edu/workshop/2031/topics/">'
    assert canonical in files["2031/topics/index.html"].decode()
    assert "https://old.example.edu/workshop/2031/topics/" in files["sitemap.xml"].decode()
    assert 'href="/workshop/index.html"' in files["404.html"].decode()


def test_files_pictures_and_parts_of_lists_are_copied(current, tmp_path, monkeypatch, commit):
    monkeypatch.setattr("apps.pages.programme_views._ENTRIES_PER_PAGE", 1)
    for _ in range(2):
        make_contribution(current, kind="paper")
    topic = current.topics.first()
    make_page(current, slug="links", body=f"[talks](/2031/programme/?topic={topic.slug})")
    talk = make_contribution(current, "Ada", slug="talk", slides=stored(b"%PDF-1.7 slides"))
    link = make_contribution_link(talk, kind="data", file=stored(b"PK data", "any.zip"))
    current.downloads.create(name="flyer.pdf", file=ContentFile(b"%PDF-1.7 flyer", name="a.pdf"))
    with commit():  # makes its thumbnails
        make_picture(current, "venue.jpg")
    make_page(current, slug="venue", body="![Hall](pictures/venue.jpg) [flyer](files/flyer.pdf)")

    files = freeze(tmp_path / "copy")

    assert faults_of(tmp_path / "copy") == []
    assert files["2031/contributions/talk/slides.pdf"] == b"%PDF-1.7 slides"
    data = f"2031/contributions/talk/files/{link.pk}/"
    assert files[f"{data}talk-data.zip"] == b"PK data"
    assert f"/{data} /{data}talk-data.zip 302" in files["_redirects"].decode()
    assert files["2031/files/flyer.pdf"] == b"%PDF-1.7 flyer"
    assert [name for name in files if name.startswith("media/") and name.endswith(".avif")]
    assert "2031/papers/page=2/index.html" in files
    assert f"2031/programme/topic={topic.slug}/index.html" in files


def stored(content: bytes, name: str = "any.pdf") -> str:
    return private_storage().save(f"slides/{name}", ContentFile(content))


def test_former_addresses_redirect(current, tmp_path):
    current.slug = "2031-kyoto"
    current.save()
    keep_former_address(edition=current, slug="2031")
    make_page(current, slug="old", body="[topics](/2031/topics/#main)")

    files = freeze(tmp_path / "copy", base="/w/")

    assert faults_of(tmp_path / "copy", base="/w") == []
    assert '"../topics/index.html#main"' in files["2031-kyoto/old/index.html"].decode()
    assert "/w/2031/* /w/2031-kyoto/:splat 301" in files["_redirects"].decode()
    assert "rewrite ^/w/2031(?:/(.*))?$ /w/2031-kyoto/$1 permanent;" in files["nginx.conf"].decode()
    assert "RewriteRule ^2031(?:/(.*))?$ /w/2031-kyoto/$1 [R=301,L]" in files[".htaccess"].decode()


def test_a_copy_of_one_edition_lies_in_its_folder(current, tmp_path):
    files = freeze(tmp_path / "copy", edition="2031")

    assert faults_of(tmp_path / "copy", leads_out=True) == []
    outside = {name for name in files if not name.startswith("2031/")}
    assert outside == {
        *("index.html", "404.html", "robots.txt", "sitemap.xml", "manifest.json", "SHA256SUMS"),
        *("_redirects", "nginx.conf", ".htaccess", ".nojekyll"),
        *("privacy/index.html", "accessibility/index.html"),
    }
    # Where its own words lead to another edition.
    assert '<a href="http://localhost:8000/2030/">2030</a>' in files["2031/index.html"].decode()
    assert b"/2030/" not in files["2031/topics/index.html"]


def test_a_web_server_can_read_a_copy(current, tmp_path):
    umask = os.umask(0o077)
    try:
        freeze(tmp_path / "copy")
    finally:
        os.umask(umask)

    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "copy").rglob("*")}
    assert modes == {0o755, 0o644}


@pytest.mark.parametrize("stranger", ["thesis.tex", "2031/CNAME", ".git/config"])
def test_a_folder_with_other_files_is_refused(tmp_path, stranger):
    for has_copy in (False, True):
        folder = tmp_path / f"copy-{has_copy}"
        if has_copy:
            freeze(folder)
        (folder / stranger).parent.mkdir(parents=True, exist_ok=True)
        (folder / stranger).write_text("mine")
        before = names_in(folder)

        with pytest.raises(CommandError, match=r"is not empty|would be lost"):
            freeze(folder)

        assert names_in(folder) == before


def test_a_full_disk_leaves_the_earlier_copy_whole(tmp_path, monkeypatch):
    before = freeze(tmp_path / "copy")
    make_page(make_edition(slug="2031", is_current=True), slug="new")
    write = Path.write_bytes

    def fail(path: Path, body: bytes) -> int:
        if "2031" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, body)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fail)
        with pytest.raises(CommandError, match="No space left on device"):
            freeze(tmp_path / "copy")

    assert {name: (tmp_path / "copy" / name).read_bytes() for name in before} == before
    assert names_in(tmp_path / "copy") == before.keys()
    # With room on the disk it is replaced, and nothing is left behind.
    assert "2031/new/index.html" in freeze(tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == ["copy"]


def test_a_server_error_is_reported(tmp_path, settings):
    settings.ALLOWED_HOSTS = []
    settings.SITE_URL = "https://elsewhere.example.org"

    with pytest.raises(CommandError, match=r"The page /sitemap\.xml cannot be made"):
        freeze(tmp_path / "copy")

    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("edition", ["2032", "2099", "../2031"])
def test_only_a_public_edition_can_be_copied(tmp_path, edition):
    make_edition(slug="2032", state="draft")

    with pytest.raises(CommandError, match="There is no public edition"):
        freeze(tmp_path / "copy", edition=edition)


@pytest.mark.parametrize(
    "options",
    [["--base", "workshop"], ["--base", "//evil"], ["--site-url", "ftp://a"], ["--site-url", "x"]],
)
def test_wrong_addresses_are_refused(tmp_path, options):
    with pytest.raises(CommandError, match="enter a"):
        call_command("freeze", str(tmp_path / "copy"), *options)


def records_of(path: Path) -> dict[str, tuple[str, str, bytes]]:
    """Date, type and body of each answer in a WARC file, by its address."""
    with path.open("rb") as file:
        return {
            record.rec_headers.get_header("WARC-Target-URI"): (
                record.rec_headers.get_header("WARC-Date"),
                record.http_headers.get_header("Content-Type"),
                record.content_stream().read(),
            )
            for record in ArchiveIterator(file)
            if record.rec_type == "response"
        }


def test_a_web_archive_has_all_pages_at_the_addresses_of_the_site(current, tmp_path):
    site, archive = "https://old.example.edu/w", tmp_path / "site.warc.gz"
    options = {"site_url": "https://old.example.edu", "base": "/w/", "warc": archive}

    files = freeze(tmp_path / "copy", **options)

    records = records_of(archive)
    assert not Checker(SimpleNamespace(inputs=[str(archive)], verbose=False)).process_all()
    hosts = {"_redirects", "nginx.conf", ".htaccess", ".nojekyll", "404.html"}
    assert len(records) == len(files.keys() - hosts - {"manifest.json", "SHA256SUMS"})
    _, content_type, page = records[f"{site}/2031/topics/"]
    assert content_type == "text/html; charset=utf-8"
    # Its links are those of the site, and each leads to a record.
    links = [link for link in links_in(page.decode()) if link.startswith(site)]
    assert f"{site}/2031/" in links
    assert b"index.html" not in page
    assert {link.partition("#")[0] for link in links} <= records.keys()
    assert records[f"{site}/2031/programme.ics"][2] == files["2031/programme.ics"]
    before = archive.read_bytes()
    freeze(tmp_path / "copy", **options)
    assert archive.read_bytes() == before
    with time_machine.travel("2040-01-01"):
        make_page(current, slug="new")
        freeze(tmp_path / "copy", **options)
    # As it was archived before, and now.
    records = records_of(archive)
    assert records[f"{site}/2031/programme.ics"][0] < "2040"
    assert records[f"{site}/2031/new/"][0].startswith("2040-01-01")


def test_a_web_archive_is_refused_where_it_cannot_be(tmp_path):
    (tmp_path / "thesis.warc").write_text("mine")
    for warc, reason in [
        (tmp_path / "copy" / "site.warc", "cannot be in the folder"),
        (tmp_path / "site.zip", r"ends in \.warc or \.warc\.gz"),
        (tmp_path / "thesis.warc", "no earlier WARC file"),
    ]:
        with pytest.raises(CommandError, match=reason):
            freeze(tmp_path / "copy", warc=warc)

    assert (tmp_path / "thesis.warc").read_text() == "mine"
    assert not (tmp_path / "copy").exists()


def test_without_warcio_the_command_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "warcio.archiveiterator", None)

    with pytest.raises(CommandError, match=r"needs the package warcio: .*pip install warcio"):
        freeze(tmp_path / "copy", warc=tmp_path / "site.warc")
