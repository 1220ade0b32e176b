"""Style sheets, scripts, fonts and icons, gathered where the server serves them from."""

import hashlib
from importlib.metadata import version

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

# Hidden files of an operating system or an editor are nobody's business.
_IGNORED = ["CVS", ".*", "*~"]


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
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=_IGNORED)
    stamp.write_text(digest)
    return True


def _digest_of_sources() -> str:
    """Changes with any source file, told by size and time as make does, and with the tools."""
    lines = [str(settings.STORAGES["staticfiles"]), version("django"), version("whitenoise")]
    for finder in get_finders():
        for name, storage in finder.list(_IGNORED):
            about = storage.path(name)
            lines.append(f"{name} {storage.size(name)} {storage.get_modified_time(name)} {about}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
