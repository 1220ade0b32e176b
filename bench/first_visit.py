"""What a first visit to the home page costs on the wire, with ten photos of people.

    .venv/bin/python bench/first_visit.py [--photos FOLDER]

Starts the site as `make run` does, in a data folder of its own; opens `/` in Chromium with an empty
cache at one and at two device pixels per CSS pixel, once with scripts and once without; scrolls to
the foot so that lazy pictures load; counts requests, bytes on the wire (headers and all, as the
browser's network log has them) and layout shift. FOLDER holds photos to use; without one, portraits
are drawn (tests/people/files.py), which weigh about as much as real ones.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PEOPLE = 10
LIMITS = {1: (14, 120_000), 2: (14, 180_000)}
PORT = 8937


def fill(data_dir: Path, photos: list[Path]) -> None:
    """The 2024 edition with ten people, each with a photo."""
    os.environ |= {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "workshop.settings"}
    import django

    django.setup()
    from django.core.files.base import ContentFile
    from django.core.management import call_command

    from apps.core.images import clean_photo
    from apps.people.models import Group, Membership, Person
    from tests.people.files import encoded, portrait

    call_command("migrate", verbosity=0)
    call_command("import_edition", str(ROOT / "content" / "2024"), verbosity=0)
    team = Group.objects.get(slug="organization-team-members")
    for number in range(PEOPLE - Person.objects.count()):
        person = Person.objects.create(name=f"Ada Example {number}")
        Membership.objects.create(group=team, person=person)
    contents = [path.read_bytes() for path in photos] or [
        encoded(portrait(seed, 1500), "JPEG", quality=93) for seed in range(PEOPLE)
    ]
    for person, content in zip(Person.objects.all(), contents, strict=False):
        photo = clean_photo(ContentFile(content, name="photo.jpg"))
        person.photo.save("photo.jpg", photo, save=True)


def visit(playwright, *, scale: int, scripts: bool) -> tuple[int, int, float | None, list[str]]:
    """Requests, bytes, layout shift (None without scripts) and a line per request."""
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium") or shutil.which("chromium-headless-shell"),
        args=["--no-sandbox", "--disable-gpu"],
    )
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, device_scale_factor=scale
    )
    page = context.new_page()
    log = context.new_cdp_session(page)
    log.send("Network.enable")
    if not scripts:
        log.send("Emulation.setScriptExecutionDisabled", {"value": True})
    urls: dict[str, str] = {}
    sizes: dict[str, float] = {}
    log.on(
        "Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]})
    )
    log.on(
        "Network.loadingFinished",
        lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}),
    )
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => {"
        "for (const entry of list.getEntries()) window.shift += entry.value"
        "}).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(f"http://localhost:{PORT}/", wait_until="networkidle")
    for _ in range(6):
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(150)
    page.wait_for_load_state("networkidle")
    shift = page.evaluate("window.shift") if scripts else None
    lines = [f"{sizes.get(key, 0):>8.0f}  {url}" for key, url in urls.items()]
    browser.close()
    return len(urls), int(sum(sizes.values())), shift, lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--photos", type=Path, help="a folder of at least ten photos")
    parser.add_argument("--verbose", action="store_true", help="a line for each request")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        photos = sorted(options.photos.iterdir()) if options.photos else []
        fill(data_dir, photos)
        environment = os.environ | {"PORT": str(PORT), "DATA_DIR": str(data_dir)}
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for line in server.stdout or ():
                if re.search(r"http://localhost:\d+$", line.strip()):
                    break
            from playwright.sync_api import sync_playwright

            with sync_playwright() as playwright:
                print(f"{'':12}{'requests':>10}{'bytes':>10}{'limit':>10}{'shift':>8}")
                for scale, (most, limit) in LIMITS.items():
                    for scripts in (True, False):
                        count, total, shift, lines = visit(playwright, scale=scale, scripts=scripts)
                        name = f"{scale}x" + ("" if scripts else " no script")
                        shown = "" if shift is None else f"{shift:.4f}"
                        verdict = "ok" if count <= most and total <= limit else "TOO MUCH"
                        print(f"{name:12}{count:>10}{total:>10}{limit:>10}{shown:>8}  {verdict}")
                        if options.verbose:
                            print("\n".join(lines))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
