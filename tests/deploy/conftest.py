"""The whole of it: the real site as its unit starts it, behind the real nginx."""

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

from tests.deploy.front import Front, free_port
from tests.deploy.units import command_of, example, service
from tests.processes import kill_process, start_process
from tests.workshop.commands import ROOT, environment, manage

SECONDS_TO_START = 60

# The invented workshop, a chair who is signed in, and the private link of a student.
_PREPARE = """
import json
from importlib import import_module
from datetime import timedelta
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from apps.ops.demo import build_demo
from apps.interest.models import Expression, StudentLink
from tests.factories import make_user
build_demo()
chair = make_user("Chair", email="chair@example.org")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(chair.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = chair.get_session_auth_hash()
session.create()
expression = Expression.objects.order_by("pk")[0]
_, token = StudentLink.mint(expression=expression, expires_at=timezone.now() + timedelta(days=1))
print(json.dumps({"session": session.session_key, "token": token}))
"""


# Takes its time, and is the same for all.
_GATHER = "from apps.ops.static_files import collect_static_files; collect_static_files()"


class Site:
    """The server as the unit starts it: its command, its umask, its settings, but for the ports."""

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
        self.known: dict[str, str] = {}
        self.process: subprocess.Popen | None = None

    def prepare(self) -> None:
        """Fills the data folder: once for all of xdist's workers."""
        made = self.manage("shell", "--no-imports", "-c", _PREPARE)
        (self.data_dir / "known.json").write_text(made.splitlines()[-1])
        self.manage("shell", "--no-imports", "-c", _GATHER)

    def manage(self, *arguments: str) -> str:
        """What this command says to the same settings."""
        before = os.umask(int(service("web")["UMask"], 8))
        try:
            result = manage(self.data_dir, *arguments, **self.variables)
        finally:
            os.umask(before)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def start(self) -> None:
        """Returns when the site has told systemd that it is ready."""
        self.known = json.loads((self.data_dir / "known.json").read_text())
        python, *arguments = command_of("web")
        assert python.endswith("/.venv/bin/python")
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
        """As systemd does with KillMode=mixed; the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(int(service("web")["TimeoutStopSec"].removesuffix("s")))

    def end(self) -> None:
        if self.process:
            kill_process(self.process)


@pytest.fixture(scope="session")
def prepared(migrated, tmp_path_factory) -> Path:
    """A data folder with the invented workshop in it, to be copied."""
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
    """One for all tests: they leave it running, with what they found in it."""
    folder = tmp_path_factory.mktemp("host")
    shutil.copytree(prepared, folder / "data")
    folder.joinpath("data").chmod(int(service("web")["StateDirectoryMode"], 8))
    folder.joinpath("front").mkdir()
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
