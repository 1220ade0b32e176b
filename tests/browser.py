"""Browser tests: opening pages, pressing keys, checking accessibility and HTML."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
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
# Each width and each scheme once; colours do not depend on the width.
LOOKS: list[Look] = [(320, "light"), (1440, "dark")]
EVERY_LOOK: list[Look] = [*LOOKS, (320, "dark"), (1440, "light")]
# Finishes the colour transitions of the admin's links.
FINISH_TRANSITIONS = """() => new Promise(done => requestAnimationFrame(() => {
    document.getAnimations().forEach(animation => animation.finish());
    requestAnimationFrame(done);
}))"""
# WCAG 2.2 at levels A and AA.
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium_path() -> str:
    """The installed Chromium, or a skipped test. The headless build loads pages in half the time."""
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    return needed("Chromium", next(filter(None, map(shutil.which, names)), None))


def nu_checker_path() -> str:
    """The Nu HTML checker, at NU_CHECKER or in var/tools."""
    jar = os.environ.get("NU_CHECKER") or settings.BASE_DIR / "var/tools/vnu.jar"
    path = str(jar) if Path(jar).exists() and shutil.which("java") else None
    return needed("the Nu HTML checker (and Java)", path)


def needed(name: str, path: str | None) -> str:
    """The path of a tool. Without it the test is skipped, or fails in CI."""
    if path:
        return path
    if os.environ.get("CI"):
        pytest.fail(f"{name} is missing, and in CI nothing may be skipped.")
    pytest.skip(f"{name} is not installed.")


@dataclass
class Visit:
    """A page in a window, with its errors and the URLs it fetched."""

    page: Page
    server: str
    faults: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open another page in the same window; clears faults and fetched URLs."""
        self.faults.clear()
        self.fetched.clear()
        self.page.goto(self.server + path)

    def violations_at(self, paths: Iterable[str]) -> dict[str, list[str]]:
        """The `violations` of each page that has some."""
        faults = {}
        for path in paths:
            self.go(path)
            faults[path] = violations(self.page)
        return {path: lines for path, lines in faults.items() if lines}

    def foreign_urls(self) -> list[str]:
        """What the page fetched from other sites."""
        return [url for url in self.fetched if not url.startswith(self.server)]

    def assert_self_contained(self, paths: Iterable[str]) -> None:
        """Each page breaks no rule of its content security policy and fetches nothing foreign."""
        for path in paths:
            self.go(path)

            assert self.faults == [], path
            assert self.foreign_urls() == [], path

    def watch(self) -> None:
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self.fetched.append(request.url))

    def _note_message(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)


@dataclass
class Visitor:
    """Opens pages of the test server in a window."""

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
        bypass_csp: bool = False,
    ) -> Visit:
        """Load `path`, signed in by `session`; axe's script runs only with `bypass_csp`."""
        context = self.browser.new_context(
            viewport={"width": width, "height": _height(width)},
            color_scheme=scheme,
            java_script_enabled=scripts,
            bypass_csp=bypass_csp,
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
    """Click a link or a submit button, and wait for the next page."""
    with page.expect_navigation():
        (page.locator(target) if isinstance(target, str) else target).first.click()


def tab_to(page: Page, text: str) -> None:
    """Press Tab until the label or text of the focused element begins with `text`."""
    for _ in range(250):
        page.keyboard.press("Tab")
        label = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent"
        )
        if " ".join(label.split()).startswith(text):
            return
    pytest.fail(f"No key leads to “{text}”.")


def press_by_key(page: Page, text: str) -> None:
    """Tab to the element with `text`, press Enter, and wait for the next page."""
    tab_to(page, text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def violations(page: Page, looks: Sequence[Look] = LOOKS) -> list[str]:
    """Axe's violations and horizontal scrolling in all `looks`, one line each.

    The page is not reloaded; the size of the window is restored.
    """
    page.evaluate("() => new Promise(done => setTimeout(done, 100))")  # let scripts finish
    page.evaluate(AXE_SCRIPT)
    before, faults = page.viewport_size, []
    for width, scheme in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": _height(width)})
        page.evaluate(FINISH_TRANSITIONS)
        faults += [f"{scheme} at {width} px: {line}" for line in _violations_in_look(page)]
    page.emulate_media(color_scheme="null")
    if before:
        page.set_viewport_size(before)
    return faults


def _violations_in_look(page: Page) -> list[str]:
    # Not collecting passed rules saves most of the work on a large page. Without `preload` axe does
    # not fetch style sheets again, whose relative @import would be looked up below the page.
    options = {"runOnly": AXE_RULES, "resultTypes": ["violations"], "preload": False}
    results = page.evaluate(
        "options => axe.run(options).then(({violations}) => violations)", options
    )
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"it scrolls sideways by {over} px"] * (over > 0) + [
        f"{violation['id']}: {violation['help']} at {node['target']} {node['html'][:160]}"
        for violation in results
        for node in violation["nodes"]
    ]


@cache
def _nu_command() -> list[str]:
    return ["java", "-jar", nu_checker_path(), "--errors-only", "--no-stream", "--stdout"]


def violations_of_pages(visit: Visit, pages: dict[str, str]) -> dict[str, list[str]]:
    """Violations in each of `pages` (name → HTML), shown as the responses of a server.

    Playwright's set_content may return before a page is complete.
    """
    response: dict[str, str] = {}
    visit.page.route(
        "**/answered",
        lambda route: route.fulfill(**response, content_type="text/html; charset=utf-8"),
    )
    faults = {}
    for name, html in pages.items():
        response["body"] = html
        visit.go("/answered")
        faults[name] = violations(visit.page)
    return {name: lines for name, lines in faults.items() if lines}


def html_errors(files: list[Path]) -> list[str]:
    """Errors of the Nu HTML checker in `files`, one line each."""
    run = subprocess.run(
        [*_nu_command(), *map(str, files)], capture_output=True, text=True, check=False
    )
    return run.stdout.splitlines()
