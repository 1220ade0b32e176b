"""A check of a static copy that knows nothing of how it was made."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

_ADDRESSES = {"href", "src", "srcset", "action", "poster", "data"}
_NO_SUM = {"SHA256SUMS"}


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: set[str] = {""}
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag != "input" or "name" in values:  # one without a name sends nothing
            self.tags.add(tag)
        self.ids.add(values.get("id", ""))
        if values.get("rel") == "canonical":
            return
        for name in _ADDRESSES & values.keys():
            parts = values[name].split(",") if name == "srcset" else [values[name]]
            self.links += [part.split()[0] if name == "srcset" else part for part in parts]


def names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def faults_of(folder: Path, *, base: str = "", leads_out: bool = False) -> list[str]:
    """Links that lead to no file or anchor of the copy, forms, and wrong sums; [] if it is whole."""
    names = names_in(folder)
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    faults = [f"{name}: no file, or no sum" for name in sums.keys() ^ (names - _NO_SUM)]
    faults += [
        f"{name}: wrong sum"
        for name in sums.keys() & names
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != sums[name]
    ]
    pages = {name: _Page((folder / name).read_bytes().decode()) for name in names if _is_page(name)}
    for name, page in pages.items():
        faults += [f"{name}: {tag}" for tag in page.tags & {"form", "input", "select"}]
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in {"mailto", "tel"}:
                continue
            if parts.scheme or parts.netloc:
                if not leads_out and link.startswith((settings.SITE_URL, "webcal:")):
                    faults.append(f"{name}: {link} leads to the server")
                continue
            target = _target(folder, name, unquote(parts.path), base)
            if target not in names:
                faults.append(f"{name}: {link} leads to no file")
            elif target in pages and unquote(parts.fragment) not in pages[target].ids:
                faults.append(f"{name}: {link} has no such anchor")
    for name in names:
        if name.endswith(".css"):
            for url in re.findall(r"""url\(["']?([^)"']+)""", (folder / name).read_text()):
                if _target(folder, name, url, base) not in names:
                    faults.append(f"{name}: {url} leads to no file")
    return faults


def _is_page(name: str) -> bool:
    return name.endswith(".html")


def _target(folder: Path, name: str, path: str, base: str) -> str:
    if not path:
        return name
    if path.startswith("/"):  # in 404.html, which hosts show at any address
        return path.removeprefix(f"{base}/") if name == "404.html" else path
    target = (folder / name).parent.joinpath(path).resolve()
    root = folder.resolve()
    return target.relative_to(root).as_posix() if target.is_relative_to(root) else path
