"""Static files, collected where the server and a web server in front read them."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.template.loader import render_to_string

# Hidden files of the operating system and of editors.
_IGNORED = ["CVS", ".*", "*~"]
# Error pages that nginx shows by itself: request too large, site not reachable.
_FRONT_PAGES = ("413.html", "503.html")


def collect_static_files() -> bool:
    """Collect, hash and compress the static files; return whether any had changed.

    The digest of the source files is stored beside STATIC_ROOT after the files, so that an
    interrupted run is repeated.
    """
    stamp = settings.STATIC_ROOT.with_name("static.digest")
    digest = _digest_of_sources()
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if manifest.exists() and stamp.exists() and stamp.read_text() == digest:
        return False
    stamp.unlink(missing_ok=True)
    with _readable_by_nginx():
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=_IGNORED)
    stamp.write_text(digest)
    return True


def write_front_pages() -> None:
    """Write the error pages of nginx into STATIC_ROOT, each in all languages.

    Call it after collect_static_files: the pages name the hashed style sheet.
    """
    context = {
        "site_name": settings.SITE_NAME,
        "other_languages": [
            code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE
        ],
    }
    with _readable_by_nginx():
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        for name in _FRONT_PAGES:
            draft = settings.STATIC_ROOT / f".{name}"
            draft.write_text(render_to_string(name, context))
            draft.replace(settings.STATIC_ROOT / name)  # nginx may be reading the old one


@contextmanager
def _readable_by_nginx() -> Iterator[None]:
    """Make new files readable for nginx, which runs as another user, whatever the umask is."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _digest_of_sources() -> str:
    """Hash of the names, sizes and times of all source files, and of the versions of the tools."""
    lines = [str(settings.STORAGES["staticfiles"]), version("django"), version("whitenoise")]
    for finder in get_finders():
        for name, storage in finder.list(_IGNORED):
            path, changed_at = storage.path(name), storage.get_modified_time(name)
            lines.append(f"{name} {storage.size(name)} {changed_at} {path}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
