"""Count the calls of our functions, and the modules they are in, for one POST of an expression.

    .venv/bin/python bench/submission_calls.py

Sends one submission to Django's test client with an empty database. Counts functions and methods
of apps/ (no comprehensions), called between request and response.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import FrameType
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
APPS = str(ROOT / "apps")
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workshop.settings")
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="workshop-submission-calls-")

import django  # noqa: E402  # the path comes first

django.setup()

import time_machine  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.editions.models import Edition  # noqa: E402
from apps.interest.models import Expression  # noqa: E402
from apps.interest.submission import issue_token  # noqa: E402
from tests.interest.calls import filled, make_open_call  # noqa: E402


def main() -> None:
    """Print both figures and the modules."""
    setup_test_environment()
    call_command("migrate", verbosity=0)
    call = make_open_call()
    client = Client()
    _submit(client, call.edition, "warm-up@example.org")

    calls: Counter[tuple[str, str]] = Counter()

    def count(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(APPS) and code.co_name[0] != "<":
            calls[code.co_filename.removeprefix(APPS + os.sep), code.co_qualname] += 1

    client.cookies.clear()  # most students send one form, from a browser without our cookies
    _submit(client, call.edition, "ada@example.org", count)

    modules = Counter[str]()
    for (module, name), number in calls.most_common():
        modules[module] += number
        print(f"{number:5}  {module}: {name}")
    print(f"{calls.total()} calls of {len(calls)} functions in {len(modules)} modules")


def _submit(client: Client, edition: Edition, email: str, profile=None) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        token = issue_token(edition, is_test=False).signed
    data = filled(edition, email=email, token=token)
    body = urlencode(data, doseq=True)  # as browsers send a form without files
    sys.setprofile(profile)
    response = client.post("/2030/interest/", body, "application/x-www-form-urlencoded")
    sys.setprofile(None)
    if response.status_code != 302 or not Expression.objects.filter(email=email).exists():
        raise SystemExit(f"The submission was refused:\n{response.content.decode()}")


if __name__ == "__main__":
    main()
