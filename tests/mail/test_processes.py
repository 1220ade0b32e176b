"""The worker as a process: killed, stopped, and two at once; on the database the tests run on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.mail.post_office import PostOffice
from tests.processes import kill_process, start_process, wait_until
from tests.workshop.commands import ROOT, environment, manage

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SECONDS = 60
_FILL = """
from apps.editions.models import Edition
from apps.interest.models import Expression
from apps.mail.models import Letter
from django.utils import timezone
edition = Edition.objects.create(slug="2024", year=2024, title="Workshop")
now = timezone.now()
for number in range({count}):
    email = f"ada{{number}}@example.org"
    expression = Expression.objects.create(edition=edition, reference=f"R{{number:05}}", name="Ada",
        email=email, university="Example University", title="Small", abstract="Small.",
        wants_poster=True, submitted_at=now, changed_at=now, fingerprint=f"x{{number}}")
    Letter.objects.create(edition=edition, kind="test", to_email=email,
        subject=f"Words {{number}}", body_text=Letter.PRIVATE_LINK, link_maker="interest",
        link_subject=expression.pk)
"""
_ASK = """
import json
import os
from apps.mail.models import Letter
print(json.dumps(list(Letter.objects.order_by("pk").values_list("to_email", "state", "attempts"))))
"""


class Workshop:
    """A site of its own, in processes: its data folder, database and mail server."""

    def __init__(self, data_dir: Path, office: PostOffice, **variables: str) -> None:
        self.data_dir = data_dir
        self.variables = {
            "SMTP_URL": f"smtp://127.0.0.1:{office.port}",
            "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
            **variables,
        }
        self.running: list[subprocess.Popen[str]] = []

    def run(self, code: str) -> str:
        result = manage(self.data_dir, "shell", "--no-imports", "-c", code, **self.variables)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def letters(self) -> list[list[Any]]:
        return json.loads(self.run(_ASK))

    def start_worker(self, *options: str) -> subprocess.Popen[str]:
        watched = ("--stop-with-parent", str(os.getpid())) if "--forever" in options else ()
        process = start_process(
            [sys.executable, "manage.py", "send_letters", *options, *watched],
            cwd=ROOT,
            env=environment(self.data_dir, **self.variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append(process)
        return process


@pytest.fixture(scope="module")
def prepared(request, tmp_path_factory) -> Path:
    """A data folder with a migrated database, unless that is a server's."""
    if connection.vendor == "sqlite":
        return request.getfixturevalue("migrated")
    return tmp_path_factory.mktemp("prepared")


@pytest.fixture
def office() -> Iterator[PostOffice]:
    office = PostOffice()
    yield office
    office.close()


@pytest.fixture
def workshop(prepared, tmp_path, office) -> Iterator[Workshop]:
    shutil.copytree(prepared, tmp_path / "data")
    variables = {}
    if connection.vendor == "postgresql":
        of = connection.settings_dict
        place = f"{of['HOST']}:{of['PORT']}" if of["PORT"] else of["HOST"]
        variables["DATABASE_URL"] = f"postgres://{of['USER']}:{of['PASSWORD']}@{place}/{of['NAME']}"
    site = Workshop(tmp_path / "data", office, **variables)
    yield site
    for process in site.running:
        kill_process(process)


def test_two_workers_send_200_letters_each_once(workshop, office):
    workshop.run(_FILL.format(count=200))

    workers = [workshop.start_worker(), workshop.start_worker()]
    said = [worker.communicate(timeout=SECONDS)[0] for worker in workers]

    wanted = Counter({f"ada{number}@example.org": 1 for number in range(200)})
    assert Counter(office.recipients) == wanted
    assert workshop.letters() == [[address, "sent", 1] for address in wanted]
    shares = [int(words.split()[1]) for words in said]
    assert sum(shares) == 200
    assert min(shares) > 0


@pytest.mark.parametrize(
    ("step", "copies"), [("MAIL", 0), ("DATA", 1)], ids=["before it is sent", "after it arrived"]
)
def test_the_letter_of_a_killed_worker_is_not_sent_again(workshop, office, step, copies):
    workshop.run(_FILL.format(count=2))
    office.silent_at = step
    worker = workshop.start_worker("--forever")
    assert office.reached.wait(SECONDS)

    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    office.silent_at = ""
    workshop.start_worker().communicate(timeout=SECONDS)

    assert workshop.letters() == [
        ["ada0@example.org", "sending", 1],
        ["ada1@example.org", "sent", 1],
    ]
    assert office.recipients.count("ada0@example.org") == copies
    assert office.recipients.count("ada1@example.org") == 1


def test_a_stopped_worker_finishes_its_letter(workshop, office):
    workshop.run(_FILL.format(count=50))
    worker = workshop.start_worker("--forever")
    wait_until(lambda: len(office.recipients) > 2, seconds=SECONDS)

    worker.terminate()
    said = worker.communicate(timeout=SECONDS)[0]

    states = Counter(state for _, state, _ in workshop.letters())
    assert (worker.returncode, said) == (0, "")
    assert states["sent"] == len(office.recipients)
    assert states["sent"] + states["queued"] == 50


def test_private_links_are_in_the_mail_only(workshop, office):
    workshop.run(_FILL.format(count=1))

    said = workshop.start_worker().communicate(timeout=SECONDS)[0]

    (message,) = office.arrived
    link = message.get_body(("plain",)).get_content().strip()
    token = link.rstrip("/").rpartition("/")[2]
    assert link.startswith("http://localhost:8000/2024/interest/link/")
    assert token not in said
    kept = [path.read_bytes() for path in workshop.data_dir.rglob("*") if path.is_file()]
    assert [content for content in kept if token.encode() in content] == []


def test_without_a_mail_server_links_are_printed_once_locally(workshop):
    workshop.variables["SMTP_URL"] = ""
    workshop.run(_FILL.format(count=1))

    first, second = (workshop.start_worker().communicate(timeout=SECONDS)[0] for _ in "12")

    waiting = "No mail server is configured, 1 letter waits: set SMTP_URL.\n"
    head, _, rest = first.partition("\n  link: http://localhost:8000/2024/interest/link/")
    assert head == "Letter to <ada0@example.org>: Words 0"
    assert rest.partition("/\n")[2] == waiting
    assert second == waiting


def test_without_a_mail_server_nothing_is_printed_on_a_host(workshop):
    workshop.variables |= {"SMTP_URL": "", "SITE_URL": "https://workshop.example.org"}
    workshop.run(_FILL.format(count=1))

    worker = workshop.start_worker()

    assert worker.communicate(timeout=SECONDS)[0] == (
        "CommandError: No mail server is configured, 1 letter waits: set SMTP_URL.\n"
    )
    assert worker.returncode == 1
