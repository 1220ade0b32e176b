"""Check-in of 300 people by three telephones whose network is cut twice: each counts once.

    .venv/bin/python bench/check_in.py [--people 300]

Three windows of Chromium open the check-in page of a served site. Each gets a third of the codes,
and every tenth one of the next telephone's third too. After a fifth and after three fifths of the
codes all networks are cut; they come back after the next fifth. Then the rows in the database are
counted. Exits with 1 if somebody is missing or was counted twice.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page, sync_playwright

from bench.common import Site, free_port, report, stop_on_sigterm

PHONES = 3
SETUP = """
import json
from django.conf import settings
from apps.editions.models import Edition
from apps.registration.models import Registration
from tests.conftest import session_of, signed_in
from tests.factories import make_edition, make_registration, make_user
edition = make_edition(slug="check-in", year=2199)
codes = [make_registration(edition).code for _ in range({people})]
session = session_of(signed_in(make_user("Check-in")))
print(json.dumps([edition.pk, codes, settings.SESSION_COOKIE_NAME, session]))
"""
RESULT = """
import json
from apps.registration.models import CheckIn, Registration
here = Registration.objects.filter(edition={edition}).checked_in()
print(json.dumps([here.count(), CheckIn.objects.filter(registration__in=here).count()]))
"""


def _type(page: Page, codes: list[str]) -> None:
    for code in codes:
        page.fill("#checkin-text", code)
        page.press("#checkin-text", "Enter")


def _open(site: Site, browser, cookie: dict[str, str], edition: int) -> Page:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(f"http://localhost:{site.port}/admin/check-in/{edition}/")
    page.wait_for_load_state("networkidle")
    return page


def measure(site: Site, people: int) -> bool:
    """Run it; whether everyone was counted once."""
    out = site.manage("shell", "--no-imports", "-c", SETUP.format(people=people))
    edition, codes, name, session = json.loads(out.splitlines()[-1])
    parts = [codes[n::PHONES] for n in range(PHONES)]
    lists = [part + parts[n - 1][::10] for n, part in enumerate(parts)]
    cookie = {"name": name, "value": session, "url": f"http://localhost:{site.port}"}
    with sync_playwright() as playwright:
        path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        pages = [_open(site, browser, cookie, edition) for _ in range(PHONES)]
        start = time.perf_counter()
        fifth = -(-max(map(len, lists)) // 5)
        for number in range(5):
            for page, part in zip(pages, lists, strict=True):
                page.context.set_offline(number in (1, 3))
                _type(page, part[number * fifth : (number + 1) * fifth])
        for page in pages:
            page.wait_for_function(
                "key => localStorage.getItem(key) === '[]'", arg=f"check-in-{edition}"
            )
        seconds = time.perf_counter() - start
        browser.close()
    shown = site.manage("shell", "--no-imports", "-c", RESULT.format(edition=edition))
    here, rows = json.loads(shown.splitlines()[-1])
    sent = sum(map(len, lists))
    report("people checked in", str(here), str(people))
    report("scans that arrived", str(rows), str(sent))
    report("seconds of all three telephones", f"{seconds:.1f}", "none: as fast as they type")
    return here == people and rows == sent


def main() -> None:
    """Measure on a new site."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=300)
    people = parser.parse_args().people
    stop_on_sigterm()
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), free_port(), demo=False)
        site.start()
        try:
            is_right = measure(site, people)
        finally:
            site.kill()
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
