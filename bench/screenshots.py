"""Makes the pictures of the README from the running site.

    .venv/bin/python bench/screenshots.py

Serves `content/`, then the invented workshop, each from a data folder of its own, opens Chromium and
writes docs/images/*.webp.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PORT = 8941
SITE = f"http://localhost:{PORT}"
PASSWORD = "a password only for pictures"


def save(page: Page, name: str) -> None:
    """The window as it is, as a WebP of docs/images/."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").save(ROOT / "docs" / "images" / f"{name}.webp", quality=80, method=6)


def take_public_pictures(browser, way_in: str) -> None:
    """The home page on a desk and on a phone."""
    for name, size, scheme in (
        ("home", {"width": 1280, "height": 900}, "light"),
        ("home-dark", {"width": 1280, "height": 900}, "dark"),
        ("phone", {"width": 390, "height": 780}, "light"),
    ):
        page = browser.new_page(viewport=size, color_scheme=scheme, device_scale_factor=2)
        page.goto(SITE, wait_until="networkidle")
        save(page, name)


def take_desk_pictures(browser, way_in: str) -> None:
    """The organisers' first screen and their triage board, of the invented workshop."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=2)
    page.goto(way_in)
    page.get_by_label("E-mail address").fill("chair@example.org")
    page.get_by_label("name", exact=False).first.fill("Charlie Chair")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()
    page.goto(f"{SITE}/admin/", wait_until="networkidle")
    save(page, "desk")
    page.get_by_role("link", name="to decide").click()
    page.locator(".board-keys:not([hidden])").wait_for()
    page.mouse.move(0, 0)
    save(page, "board")


def serve(command: str, take) -> None:
    """Serves what `command` serves from a folder of its own, has `take` its pictures, stops."""
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, "manage.py", command],
            cwd=ROOT,
            env=os.environ | {"PORT": str(PORT), "DATA_DIR": folder},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            way_in = ""
            for line in server.stdout or ():
                found = re.search(r"http://localhost:\d+/invitations/\S+", line)
                if found:
                    way_in = found[0]
                    break
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium")
                    or shutil.which("chromium-headless-shell"),
                    args=["--no-sandbox"],
                )
                take(browser, way_in)
                browser.close()
        finally:
            server.terminate()
            server.wait()


def main() -> None:
    """The shipped workshop as visitors see it, the invented one as organisers do."""
    serve("serve", take_public_pictures)
    serve("serve_demo", take_desk_pictures)


if __name__ == "__main__":
    main()
