"""Make the pictures of the README again, from the demo: docs/images/*.webp.

.venv/bin/python bench/pictures.py
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from common import ROOT, Site, free_port, stop_on_sigterm
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser import CHROMIUM_FLAGS, chromium_path

DESKTOP, PHONE = (1440, 1000), (390, 780)
WIDTHS = {DESKTOP: 1600, PHONE: 780}  # pixels of the picture
# Name: address, window, and whether its chair is signed in.
PICTURES = {
    "home": ("/frugal/", DESKTOP, False),
    "programme": ("/frugal/programme/", DESKTOP, False),
    "phone": ("/frugal/people/", PHONE, False),
    "desk": ("/admin/editions/edition/1/overview/", DESKTOP, True),
    "board": ("/admin/selection/board/1/", DESKTOP, True),
}
SIGN_IN = """
from django.conf import settings
from django.test import Client
from apps.accounts.models import User
chair = User.objects.get(groups__name="Chair")
chair.is_active = True
chair.save()
client = Client()
client.force_login(chair, backend="django.contrib.auth.backends.ModelBackend")
print(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


def main() -> None:
    """Serve the demo, visit each page in light colours, and write its picture."""
    stop_on_sigterm()
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), free_port())
        site.start()
        try:
            _take_pictures(site)
        finally:
            site.kill()


def _take_pictures(site: Site) -> None:
    base = f"http://localhost:{site.port}"
    name, value = site.manage("shell", "--no-imports", "-c", SIGN_IN).split()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        for picture, (path, window, is_signed_in) in PICTURES.items():
            width, height = window
            context = browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=2,
                color_scheme="light",
                reduced_motion="reduce",
            )
            if is_signed_in:
                context.add_cookies([{"name": name, "value": value, "url": base}])
            page = context.new_page()
            page.goto(base + path, wait_until="networkidle")
            _save(page.screenshot(), WIDTHS[window], ROOT / f"docs/images/{picture}.webp")
            context.close()


def _save(screenshot: bytes, width: int, target: Path) -> None:
    with Image.open(io.BytesIO(screenshot)) as image:
        size = (width, image.height * width // image.width)
        image.resize(size, Image.Resampling.LANCZOS).save(target, "WEBP", quality=80, method=6)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
