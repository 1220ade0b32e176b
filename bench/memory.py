"""Memory of all processes of `make demo`'s server after a visit to every page (PSS).

.venv/bin/python bench/memory.py
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from common import Site, free_port, report, stop_on_sigterm

from tests.processes import session_members
from workshop.bootstrap import MEMORY_SETTINGS

MOST_ADMIN_PAGES = 200
# A chair's session, as the admin needs one.
SIGN_IN = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from tests.factories import make_user
chair = make_user("Chair", email="chair@example.org")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(chair.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = chair.get_session_auth_hash()
session.create()
print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
"""
FEEDS = ("news.atom", "programme.ics", "schedule.xml", "schedule.json")


def visit_all(site: Site, session: str) -> int:
    """Request all public pages and feeds in three encodings, and the admin pages; their number."""
    sitemap = site.get("/sitemap.xml")[2].decode()
    paths = [re.sub(r"https?://[^/]+", "", url) for url in re.findall(r"<loc>([^<]+)", sitemap)]
    paths += [f"/frugal/{feed}" for feed in FEEDS]
    for encoding in ("identity", "gzip", "br"):
        for path in ["/", "/sitemap.xml", *paths]:
            if site.get(path, **{"Accept-Encoding": encoding})[0] != 200:
                raise SystemExit(f"{path} is not there.")
    waiting, seen = ["/admin/"], {"/admin/"}
    while waiting and len(seen) < MOST_ADMIN_PAGES:
        status, headers, body = site.get(waiting.pop(0), Cookie=session)
        if status != 200 or not headers.get("content-type", "").startswith("text/html"):
            continue
        for link in re.findall(r'href="(/admin/[^"?#]*)"', body.decode()):
            if link not in seen and "logout" not in link:
                seen.add(link)
                waiting.append(link)
    return len(paths) + len(seen)


def pss_mb(pid: int) -> float:
    """The proportional set size of a process."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Print the sum and its parts."""
    stop_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="workshop-memory-") as folder:
        site = Site(Path(folder), free_port())
        site.start()  # the first start builds the demo, which costs memory
        site.kill()
        del site.environment["WORKERS"]  # the default
        site.environment |= MEMORY_SETTINGS  # as `make run` sets them
        session = site.manage("shell", "--no-imports", "-c", SIGN_IN).split()[-1]
        site.start()
        try:
            count = visit_all(site, session)
            sizes = [pss_mb(pid) for pid in set(session_members(site.process.pid))]
        finally:
            site.kill()
    parts = " + ".join(f"{size:.0f}" for size in sorted(sizes))
    print(f"  {parts} MB after {count} pages")
    report("memory of all processes, PSS", f"{sum(sizes):.0f} MB", "≤ 150 MB")


if __name__ == "__main__":
    main()
