"""A real browser for the tests that need one, and what it is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from playwright.sync_api import Browser, Locator, Page

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Scheme = Literal["light", "dark"]
Look = tuple[int, Scheme]  # a window's width in pixels, and its colours
# Between them every width and every scheme; the colours do not hang on the width.
LOOKS: list[Look] = [(320, "light"), (1440, "dark")]
EVERY_LOOK: list[Look] = [*LOOKS, (320, "dark"), (1440, "light")]
# The admin lets its links' colours glide.
COLOURS_ARRIVE = """() => new Promise(done => requestAnimationFrame(() => {
    document.getAnimations().forEach(animation => animation.finish());
    requestAnimationFrame(done);
}))"""
# What is swept: WCAG 2.2 at levels A and AA.
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium_path() -> str:
    """The installed browser. Without one the test is skipped and says so; in CI it fails.

    The one without windows is the same engine and starts and loads pages in half the time.
    """
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    return needed("Chromium", next(filter(None, map(shutil.which, names)), None))


def nu_checker_path() -> str:
    """The Nu HTML checker, given by NU_CHECKER or lying where the checks install it."""
    given = os.environ.get("NU_CHECKER") or settings.BASE_DIR / "var/tools/vnu.jar"
    found = str(given) if Path(given).exists() and shutil.which("java") else None
    return needed("the Nu HTML checker (and Java)", found)


def needed(what: str, found: str | None) -> str:
    """`found`, a tool the tests use. Without it the test is skipped and says so; in CI it fails."""
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and in CI nothing may be skipped.")
    pytest.skip(f"{what} is not installed.")


@dataclass
class Visit:
    """One page in one window, with what went wrong in it and what it fetched."""

    page: Page
    server: str
    faults: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """On to another page in the same window; faults and fetches begin anew."""
        self.faults.clear()
        self.fetched.clear()
        self.page.goto(self.server + path)

    def watch(self) -> None:
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.fetched.append(request.url))

    def _note_message(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)


@dataclass
class Visitor:
    """Opens pages of the test's own server in a window of a given width and colour scheme."""

    browser: Browser
    server: str

    def open(
        self,
        path: str,
        *,
        width: int = 1440,
        scheme: Scheme = "light",
        session: str = "",
        scripts: bool = True,
        may_be_measured: bool = False,
    ) -> Visit:
        """Loads `path`. `session` signs the window in; `may_be_measured` lets axe's script in,
        which the site's content security policy keeps out."""
        context = self.browser.new_context(
            viewport={"width": width, "height": _height(width)},
            color_scheme=scheme,
            java_script_enabled=scripts,
            bypass_csp=may_be_measured,
            reduced_motion="reduce",
        )
        if session:
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": session, "url": self.server}])
        visit = Visit(context.new_page(), self.server)
        visit.watch()
        visit.go(path)
        return visit


def _height(width: int) -> int:
    return 640 if width < 500 else 900


def press(page: Page, target: str | Locator) -> None:
    """Presses what leads to another page or sends a form, and waits for the page that answers."""
    with page.expect_navigation():
        (page.locator(target) if isinstance(target, str) else target).first.click()


def tab_to(page: Page, words: str) -> None:
    """Goes on with Tab until what has the keyboard says `words` first: its label, or itself."""
    for _ in range(250):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent"
        )
        if " ".join(said.split()).startswith(words):
            return
    pytest.fail(f"No key leads to “{words}”.")


def press_by_key(page: Page, words: str) -> None:
    """Goes to what says `words` by Tab, presses Enter, and waits for the page that answers."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def violations(page: Page, looks: Sequence[Look] = LOOKS) -> list[str]:
    """What axe finds wrong with the page, and whether it scrolls sideways, a line each.

    In both colour schemes and at both widths, of one loading; the window is given back as it was.
    """
    page.evaluate("() => new Promise(done => setTimeout(done, 100))")  # scripts have had their turn
    page.evaluate(AXE_SCRIPT)
    before, found = page.viewport_size, []
    for width, scheme in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": _height(width)})
        page.evaluate(COLOURS_ARRIVE)
        found += [f"{scheme} at {width} px: {line}" for line in _violations_as_it_looks(page)]
    page.emulate_media(color_scheme="null")
    if before:
        page.set_viewport_size(before)
    return found


def _violations_as_it_looks(page: Page) -> list[str]:
    # What passed is not even collected: on a large page that is most of the work.
    options = {"runOnly": AXE_RULES, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options).then(({violations}) => violations)", options)
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"it scrolls sideways by {over} px"] * (over > 0) + [
        f"{violation['id']}: {violation['help']} at {node['target']} {node['html'][:160]}"
        for violation in found
        for node in violation["nodes"]
    ]


@cache
def _nu_command() -> list[str]:
    return ["java", "-jar", nu_checker_path(), "--errors-only", "--no-stream", "--stdout"]


def html_errors(files: list[Path]) -> list[str]:
    """What the Nu HTML checker calls an error in `files`, a line each."""
    run = subprocess.run(
        [*_nu_command(), *map(str, files)], capture_output=True, text=True, check=False
    )
    return run.stdout.splitlines()
