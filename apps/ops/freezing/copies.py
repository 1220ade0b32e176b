"""Static copies of the site or of one edition: plain files that any web host serves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.test import override_settings

from apps.core.folders import file_written_aside, written_aside
from apps.core.frozen import freezing
from apps.ops.freezing.crawling import Crawler, read_static
from apps.ops.freezing.hosts import host_files
from apps.ops.freezing.warc import WarcRefused, read_dates, write_warc

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
_FORMAT, _VERSION = "workshop-frozen", 1
_ROBOTS = "User-agent: *\nDisallow:\nSitemap: {}/sitemap.xml\n"
_START = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
    '<meta http-equiv="refresh" content="0; url={link}"></head>'
    '<body><p><a href="{link}">{name}</a></p></body></html>\n'
)


class FreezeRefused(Exception):
    """The folder has other files than those of an earlier copy; the message is a sentence."""


@dataclass(frozen=True)
class Copied:
    """What a copy has: how many pages and files, and links that lead nowhere, by a page."""

    pages: int
    files: int
    dead_links: dict[str, str]


def freeze(
    folder: Path, *, edition: str = "", site_url: str = "", warc: Path | None = None
) -> Copied:
    """Write the public site, or the edition at that address, into `folder`.

    The folder is new, empty or an earlier copy, which is replaced at the end. `site_url` is the
    address of the copy, for what needs an absolute one; that of the site by default. Two copies of
    the same content have equal bytes. `warc` is a file for web archives with the same pages. Raises
    FreezeRefused, WarcRefused, FreezeFailed or OSError, and then folder and file are as they were.
    """
    folder = folder.resolve()
    refuse_others(folder)
    if warc and warc.resolve().is_relative_to(folder):
        raise WarcRefused("The WARC file cannot be in the folder of the copy.")
    dates = read_dates(warc) if warc else {}
    live_url = settings.SITE_URL
    with (
        override_settings(SITE_URL=site_url.rstrip("/") or live_url),
        freezing(edition=edition),
        written_aside(folder) as part,
    ):
        crawler = Crawler(part, live_url=live_url, edition=edition)
        crawler.run()
        _write_beside(crawler)
        write_sums(crawler)
        _let_all_read(part)
        if warc:
            with file_written_aside(warc) as out:
                write_warc(out, crawler, dates=dates, is_compressed=warc.suffix == ".gz")
    return count_copied(crawler)


def count_copied(crawler: Crawler) -> Copied:
    pages = sum(name.endswith(".html") for name in crawler.sums)
    return Copied(pages, len(crawler.sums) + 1, crawler.dead_links)


def write_sums(crawler: Crawler) -> None:
    """The SHA-256 of every file, as sha256sum reads them."""
    sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(crawler.sums.items()))
    (crawler.folder / SUMS).write_text(sums)


def _write_beside(crawler: Crawler) -> None:
    """The files that the site itself does not have at these addresses."""
    base = urlsplit(settings.SITE_URL).path
    texts = host_files(base=base, edition=crawler.edition, renamed=crawler.renamed)
    urls = [settings.SITE_URL + path for path in crawler.listed_pages() if path in crawler.files]
    texts["sitemap.xml"] = render_to_string("pages/sitemap.xml", {"urls": urls})
    texts["robots.txt"] = _ROBOTS.format(settings.SITE_URL)
    texts["404.html"] = crawler.missing_page()
    if crawler.edition:
        link = f"{crawler.edition}/index.html"
        texts["index.html"] = _START.format(name=escape(crawler.edition), link=link)
    about = {
        "format": _FORMAT,
        "version": _VERSION,
        "site": settings.SITE_URL,
        "edition": crawler.edition,
    }
    texts[MANIFEST] = json.dumps(about, indent=1) + "\n"
    for name, text in texts.items():
        crawler.write(name, text.encode())
    if not crawler.edition and (icon := read_static("images/favicon.ico")):
        crawler.write("favicon.ico", icon)


def _let_all_read(folder: Path) -> None:
    """A web server runs as another user, and this process writes for its own alone."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def refuse_others(folder: Path) -> None:
    """Raise FreezeRefused unless `folder` is new, empty or has the files of a copy only."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FreezeRefused(f"{folder} is not a folder.")
    names = set(_names_in(folder))
    if not names:
        return
    try:
        is_copy = json.loads((folder / MANIFEST).read_text())["format"] == _FORMAT
        lines = (folder / SUMS).read_text().splitlines()
    except (OSError, ValueError, TypeError, KeyError):
        is_copy, lines = False, []
    if not is_copy:
        raise FreezeRefused(f"{folder} is not empty, and no earlier copy of the site.")
    others = sorted(names - {line.partition("  ")[2] for line in lines} - {SUMS})
    if others:
        raise FreezeRefused(
            f"{folder} has a file that is not of an earlier copy, and would be lost: {others[0]}."
        )


def _names_in(folder: Path) -> Iterator[str]:
    """Names of all files, and of empty folders."""
    for path in folder.rglob("*"):
        if not path.is_dir() or path.is_symlink() or not any(path.iterdir()):
            yield path.relative_to(folder).as_posix()
