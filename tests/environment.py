"""Loaded before the settings: a temporary data folder, without the developer's environment."""

import atexit
import os
import shutil
import signal
import tempfile
from pathlib import Path

_data_dir = tempfile.mkdtemp(prefix="workshop-tests-")
Path(_data_dir, "static").mkdir()  # WhiteNoise warns when it is missing
atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)

for name in (
    "DEBUG",
    "SITE_URL",
    "SITE_NAME",
    "ALLOWED_HOSTS",
    "SMTP_URL",
    "SECOND_FACTOR",
    "TIME_ZONE",
    "MAIL_FROM",
    "PORT",
    "TRUSTED_PROXIES",
    "HSTS",
    "OLD_SECRET_KEY",
    "WORKERS",
    "SUBMISSION_LIMIT",
    "CACHE_URL",
):
    os.environ.pop(name, None)
os.environ["DATA_DIR"] = _data_dir
os.environ["SECRET_KEY"] = "only-for-tests-" + "0123456789" * 5
# Playwright runs an event loop in the thread of the test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# SIGTERM, for instance from make, ends a run like Ctrl-C: fixtures clean up. A shell that runs the
# tests in the background ignores Ctrl-C for them and their children, which some tests send.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.default_int_handler)
