"""The site as its unit starts it, behind nginx."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.front import Front
from tests.deploy.units import command_of, example, service
from tests.processes import free_port, kill_process, start_process
from tests.workshop.commands import ROOT, environment, manage

SECONDS_TO_START = 60

# The demo, the session of a chair, the private link of a student, and static files.
_PREPARE = """
import json
from datetime import timedelta
from django.test import Client
from django.utils import timezone
from apps.interest.models import Expression, StudentLink
from apps.ops.demo import build_demo
from apps.ops.static_files import collect_static_files
from tests.factories import make_user
build_demo()
collect_static_files()
client = Client()
client.force_login(make_user("Chair"), backend="django.contrib.auth.backends.ModelBackend")
expression = Expression.objects.order_by("pk")[0]
_, token = StudentLink.mint(expression=expression, expires_at=timezone.now() + timedelta(days=1))
print(json.dumps({"session": client.session.session_key, "token": token}))
"""


class Site:
    """The server with the command, umask and settings of the unit, on another port."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.variables = {
            **example(),
            "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
            "SECOND_FACTOR": "none",
            "SMTP_URL": "",
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
        }
        self.secrets: dict[str, str] = {}
        self.process: subprocess.Popen | None = None

    def prepare(self) -> None:
        """Fill the data folder."""
        lines = self.manage("shell", "--no-imports", "-c", _PREPARE).splitlines()
        (self.data_dir / "secrets.json").write_text(lines[-1])

    def manage(self, *arguments: str) -> str:
        """The output of a command with the same settings."""
        before = os.umask(int(service("web")["UMask"], 8))
        try:
            result = manage(self.data_dir, *arguments, **self.variables)
        finally:
            os.umask(before)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def start(self) -> None:
        """Return when the site has told systemd that it is ready."""
        self.secrets = json.loads((self.data_dir / "secrets.json").read_text())
        _, *arguments = command_of("web")
        address = self.data_dir.parent / "notify"
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(address))
            listener.settimeout(SECONDS_TO_START)
            self.process = start_process(
                [sys.executable, *arguments, "--stop-with-parent"],
                cwd=ROOT,
                env=environment(self.data_dir, **{**self.variables, "NOTIFY_SOCKET": str(address)}),
                umask=int(service("web")["UMask"], 8),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            assert listener.recv(100) == b"READY=1"

    def stop(self) -> int:
        """Stop as systemd does with KillMode=mixed; return the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(int(service("web")["TimeoutStopSec"]))

    def end(self) -> None:
        if self.process:
            kill_process(self.process)


@pytest.fixture(scope="session")
def prepared(migrated) -> Path:
    """A data folder with the demo, to be copied; all of xdist's workers share it."""
    folder = migrated.with_name("prepared-host")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = folder.with_suffix(".draft")
            shutil.copytree(migrated, draft)
            Site(draft).prepare()
            draft.rename(folder)
    return folder


@pytest.fixture(scope="session")
def host(prepared, tmp_path_factory) -> Iterator[tuple[Site, Front]]:
    """Site and nginx, shared by all tests, which leave them running."""
    folder = tmp_path_factory.mktemp("host")
    shutil.copytree(prepared, folder / "data")
    (folder / "data").chmod(int(service("web")["StateDirectoryMode"], 8))
    (folder / "front").mkdir()
    site = Site(folder / "data")
    front = None
    try:
        site.start()
        front = Front(folder / "front", site_port=site.port, data_dir=site.data_dir)
        yield site, front
    finally:
        if front:
            front.end()
        site.end()


@pytest.fixture
def site(host) -> Site:
    return host[0]


@pytest.fixture
def front(host) -> Front:
    return host[1]
