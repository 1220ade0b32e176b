"""Style sheets, scripts, fonts and icons, gathered where the server serves them from."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.template.loader import render_to_string

# Hidden files of an operating system or an editor are nobody's business.
_IGNORED = ["CVS", ".*", "*~"]
# What a web server in front says by itself: the site is silent, or was sent more than it lets through.
_PAGES_FOR_THE_FRONT = ("413.html", "503.html")


def collect_static_files() -> bool:
    """Gathers, names by content and compresses the static files; whether there was anything to do.

    A digest of what was gathered stands beside STATIC_ROOT and is written last, so that
    a gathering cut short is begun again.
    """
    stamp = settings.STATIC_ROOT.with_name("static.digest")
    digest = _digest_of_sources()
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if manifest.exists() and stamp.exists() and stamp.read_text() == digest:
        return False
    stamp.unlink(missing_ok=True)
    with _readable_by_the_front():
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=_IGNORED)
    stamp.write_text(digest)
    return True


def write_pages_for_the_front() -> None:
    """Writes into STATIC_ROOT the pages that a web server in front shows without asking us.

    They name the gathered style sheet, so they are written after it.
    """
    with _readable_by_the_front():
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        for name in _PAGES_FOR_THE_FRONT:
            draft = settings.STATIC_ROOT / f".{name}"
            draft.write_text(render_to_string(name, {"site_name": settings.SITE_NAME}))
            draft.replace(settings.STATIC_ROOT / name)  # somebody may be reading the old one


@contextmanager
def _readable_by_the_front() -> Iterator[None]:
    """What is written now may be read by a web server in front, whatever the umask keeps closed."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _digest_of_sources() -> str:
    """Changes with any source file, told by size and time as make does, and with the tools."""
    lines = [str(settings.STORAGES["staticfiles"]), version("django"), version("whitenoise")]
    for finder in get_finders():
        for name, storage in finder.list(_IGNORED):
            about = storage.path(name)
            lines.append(f"{name} {storage.size(name)} {storage.get_modified_time(name)} {about}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
