#!/usr/bin/env python
"""Django's command line for this project."""

import gc
import os
import sys
from collections.abc import Callable


def main() -> None:
    """Runs one command; a wrong setting ends it with one sentence instead of a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workshop.settings")
    # Files are for this user alone; public ones get their modes explicitly (FILE_UPLOAD_PERMISSIONS).
    os.umask(0o077)
    try:
        import django
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("This Python has no Django: use .venv/bin/python, which `make run` makes.")
    try:
        _load(django.setup)
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(fault))


def _load(setup: Callable[[], None]) -> None:
    """Has Django load all apps. All of it stays: to look for garbage meanwhile, and among it ever
    after, would be an eighth of a start."""
    gc.disable()
    setup()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped.")
