"""Compare two checkouts of the project: every page, letter, feed and query count.

    .venv/bin/python .ci/compare_trees.py OLD NEW [--rename REGEX=REPLACEMENT ...]

Each checkout builds the demo and the shipped editions in a temporary folder, with the same date
and random numbers. A visitor, a chair, students and speakers then follow every link. Intended
changes of URLs are given with --rename and applied to both sides.
"""

import argparse
import contextlib
import difflib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
MOST_PAGES = 3000
# Limit for the admin's pages of one URL pattern (each row and each filter has one).
MOST_OF_A_KIND = 12
SHOWN_ATTRIBUTES = ("href", "action", "alt", "title", "aria-label", "placeholder", "content")
SILENT_TAGS = {"script", "style", "svg"}
LEAVE_OUT = re.compile(
    r"/logout/|/leave/|/static/|/media/|/jsi18n|/totp/activate|\.(jpg|png|webp|avif|ico|svg)$"
)
# Random or technical values, different at each run.
MASKS = [
    (re.compile(r"(link|let-in|invitations)/[A-Za-z0-9_-]{20,}"), r"\1/TOKEN"),
    (re.compile(r"/admin/r/[0-9]+/"), "/admin/r/TYPE/"),
    (re.compile(r"texts/([0-9]+)/(programme|contributors)/"), r"texts/\1/APP/"),
    (re.compile(r"_changelist_filters=[^&]*"), ""),
    (re.compile(r"urn:uuid:[0-9a-f-]{36}"), "UUID"),
    (re.compile(r"\b[0-9a-f]{20,64}\b"), "HASH"),
    (re.compile(r"__[0-9a-z-]+/[a-z0-9_./-]+\.(jpg|webp|avif|png)"), "FILE"),
]


class Text(HTMLParser):
    """The visible lines of a page, and its link targets."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.links: list[str] = []
        self._silent = 0
        self._sidebar = 0

    def handle_starttag(self, tag: str, attrs: list) -> None:
        attributes = dict(attrs)
        if tag in SILENT_TAGS or (tag == "nav" and (self._sidebar or is_sidebar(attributes))):
            self._silent += 1
            self._sidebar += tag == "nav"
        if self._sidebar:
            return
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag != "link":  # style sheets and icons may move
            self.lines += [
                f"{tag} {name}={attributes[name]}"
                for name in SHOWN_ATTRIBUTES
                if attributes.get(name)
            ]
        if tag == "input" and attributes.get("type") != "hidden":
            checked = " checked" if "checked" in attributes else ""
            self.lines.append(f"{attributes.get('name')}: {attributes.get('value')}{checked}")
        if tag == "option" and "selected" in attributes:
            self.lines.append("selected:")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT_TAGS or (tag == "nav" and self._sidebar):
            self._silent -= 1
            self._sidebar -= tag == "nav"

    def handle_data(self, data: str) -> None:
        line = " ".join(data.split())
        if line and not self._silent:
            self.lines.append(line)


def is_sidebar(attributes: dict) -> bool:
    """Whether this is the admin's navigation, which is the same on every page."""
    return attributes.get("id") == "nav-sidebar"


def build(what: str) -> None:
    """Fill the empty database of this checkout with the demo or with the shipped editions."""
    from django.core.management import call_command

    from apps.ops.demo import build_demo

    if what == "demo":
        build_demo()
    for folder in sorted(Path("content").iterdir()) if what == "shipped" else ():
        call_command("import_edition", str(folder))


def crawl(client, starts: list[str], prefix: str, pages: dict) -> None:
    """Follow all links from `starts`, recording text, status and number of queries."""
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    waiting, seen, variants = list(starts), set(starts), {}
    while waiting and len(pages) < MOST_PAGES:
        address = waiting.pop(0)
        reset_queries()
        with CaptureQueriesContext(connection) as queries:
            try:
                response = client.get(address)
            except Exception as fault:
                pages[prefix + address] = {"status": repr(fault), "lines": [], "queries": 0}
                continue
        kind = response.headers.get("Content-Type", "")
        lines, links = [], []
        if response.status_code in {301, 302}:
            links = [response["Location"]]
            lines = [f"to {response['Location']}"]
        elif kind.startswith("text/html"):
            text = Text()
            text.feed(response.content.decode())
            lines, links = text.lines, text.links
        elif kind.startswith(("text/", "application/json", "application/xml", "application/atom")):
            content = b"".join(response) if response.streaming else response.content
            lines = content.decode().splitlines()
        pages[prefix + address] = {
            "status": f"{response.status_code} {kind}",
            "lines": lines,
            "queries": len(queries),
        }
        for link in links:
            target = urldefrag(urljoin(address, link)).url
            parts = urlsplit(target)
            if parts.netloc or parts.scheme or LEAVE_OUT.search(parts.path) or target in seen:
                continue
            if "_changelist_filters" in parts.query:
                continue
            if not prefix.startswith("chair") and parts.path.startswith("/admin"):
                continue
            kind_of_address = re.sub(r"[0-9]+", "N", parts.path) + "?" * bool(parts.query)
            variants[kind_of_address] = variants.get(kind_of_address, 0) + 1
            if prefix.startswith("chair") and variants[kind_of_address] > MOST_OF_A_KIND:
                continue
            seen.add(target)
            waiting.append(target)


def record(out: Path, what: str) -> None:
    """Build one site in this checkout and write all its pages to `out`."""
    import secrets

    import time_machine

    numbers = random.Random(7)  # noqa: S311  (the same numbers in both checkouts)
    secrets.choice = numbers.choice
    random.seed(7)
    import django

    django.setup()
    from django.apps import apps
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import override_settings, setup_test_environment

    setup_test_environment()
    logging_off()
    plain_static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = {**settings.STORAGES, "staticfiles": plain_static}
    pages: dict[str, dict] = {}
    with time_machine.travel(NOW, tick=False), override_settings(STORAGES=storages):
        call_command("migrate", verbosity=0)
        build(what)
        public = ["/", "/robots.txt", "/sitemap.xml", "/livez", "/healthz", "/privacy/"]
        for slug in apps.get_model("editions", "Edition").objects.values_list("slug", flat=True):
            public += [f"/{slug}/{page}" for page in ("", "interest/", "schedule.json")]
        crawl(Client(), public, "visitor ", pages)
        chair = get_user_model().objects.create_user("compare@example.org", is_staff=True)
        chair.groups.set([Group.objects.get(name="Chair")])
        client = Client()
        client.force_login(chair, backend="django.contrib.auth.backends.ModelBackend")
        crawl(client, ["/admin/"], "chair ", pages)
        record_private_pages(pages)
        letters = apps.get_model("mail", "Letter").objects.order_by("created_at", "kind", "pk")
        for number, letter in enumerate(letters):
            lines = [letter.to_name, letter.to_email, letter.reply_to, letter.subject, letter.state]
            body = Text()
            body.feed(letter.body_html)
            pages[f"letter {letter.kind} {letter.to_email} {number}"] = {
                "status": "letter",
                "lines": [*lines, *letter.body_text.splitlines(), *body.lines],
                "queries": 0,
            }
    out.write_text(json.dumps(pages))


def record_private_pages(pages: dict) -> None:
    """Sign in as students and speakers (twelve each) by private links."""
    from datetime import timedelta

    from django.apps import apps
    from django.test import Client
    from django.utils import timezone

    for model in apps.get_models():
        fields = {field.name for field in model._meta.get_fields()}
        if not hasattr(model, "mint") or not fields & {"expression", "speaker"}:
            continue
        name = "expression" if "expression" in fields else "speaker"
        owners = model._meta.get_field(name).related_model.objects.order_by("pk")[:12]
        for owner in owners:
            _, token = model.mint(expires_at=timezone.now() + timedelta(days=9), **{name: owner})
            part = "interest" if name == "expression" else "speaker"
            client = Client()
            answer = client.post(f"/{owner.edition.slug}/{part}/link/{token}/")
            if answer.status_code == 302:
                home = answer["Location"]
                more = ("change/", "address/", "withdraw/", "confirm/", "needs/", "decline/")
                more = (*more, "erase/", "data.json", "slides/", "about-you/")
                crawl_below(client, home, [home, *(home + page for page in more)], pages)


def crawl_below(client, home: str, starts: list[str], pages: dict) -> None:
    """Record the pages below `home` alone: the visitor saw the rest."""
    mine: dict[str, dict] = {}
    crawl(client, starts, "private ", mine)
    pages.update({name: page for name, page in mine.items() if home in name})


def logging_off() -> None:
    """Do not log expected errors such as 404."""
    import logging

    logging.disable(logging.CRITICAL)


def snapshot(tree: Path, what: str) -> dict:
    """Run `record` with the code of `tree`."""
    with tempfile.TemporaryDirectory(prefix="workshop-compare-") as folder:
        out = Path(folder, "pages.json")
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "SITE_URL", "SMTP_URL"}
        }
        environment |= {
            "DATA_DIR": folder,
            "SECRET_KEY": "comparison-" + "0123456789" * 5,
            "DJANGO_SETTINGS_MODULE": "workshop.settings",
            "PYTHONPATH": str(tree),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
        }
        Path(folder, "static").mkdir()
        command = [sys.executable, str(Path(__file__).resolve()), "--record", str(out), what]
        subprocess.run(command, cwd=tree, env=environment, check=True)
        pages: dict = json.loads(out.read_text())
        return pages


def cleaned(pages: dict, renames: list[tuple[re.Pattern, str]]) -> dict:
    """Mask random values and apply the renames, in keys and lines."""

    def clean(line: str) -> str:
        for pattern, replacement in [*MASKS, *renames]:
            line = pattern.sub(replacement, line)
        return line

    return {
        clean(name): page | {"lines": [clean(line) for line in page["lines"]]}
        for name, page in pages.items()
    }


def compare(old: dict, new: dict) -> int:
    """Print the differences; return how many pages differ."""
    count = 0
    for name in sorted(set(old) | set(new)):
        if name not in old or name not in new:
            print(f"\n=== {'only in OLD' if name in old else 'only in NEW'}: {name}")
            count += 1
            continue
        before, after = old[name], new[name]
        changes = [
            line
            for line in difflib.unified_diff(before["lines"], after["lines"], lineterm="", n=1)
            if not line.startswith(("---", "+++"))
        ]
        if before["status"] != after["status"]:
            changes.insert(0, f"status {before['status']} -> {after['status']}")
        if changes:
            count += 1
            print(f"\n=== {name}")
            print("\n".join(changes[:40]))
        if after["queries"] > max(15, before["queries"] + 6):
            print(f"\n... queries of {name}: {before['queries']} -> {after['queries']}")
    print(f"\n{len(old)} pages before, {len(new)} after, {count} differ")
    return count


def main() -> int:
    """Compare two checkouts; 1 if anything differs."""
    if sys.argv[1:2] == ["--record"]:
        record(Path(sys.argv[2]), sys.argv[3])
        return 0
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--rename", action="append", default=[], metavar="REGEX=REPLACEMENT")
    parser.add_argument("--keep", type=Path, help="a folder in which OLD's pages are kept")
    options = parser.parse_args()
    renames = [
        (re.compile(pattern), replacement)
        for pattern, _, replacement in (rename.partition("=") for rename in options.rename)
    ]
    differ = 0
    for what in ("demo", "shipped"):
        kept = options.keep and options.keep / f"{what}.json"
        if kept and kept.exists():
            old = json.loads(kept.read_text())
        else:
            old = snapshot(options.old.resolve(), what)
            if kept:
                kept.write_text(json.dumps(old))
        new = snapshot(options.new.resolve(), what)
        print(f"\n##### {what}")
        differ += compare(cleaned(old, renames), cleaned(new, renames))
    return 1 if differ else 0


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
