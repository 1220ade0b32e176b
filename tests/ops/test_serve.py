"""`manage.py serve`, started and stopped as at a terminal."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import free_port, is_listening, kill_process, start_process
from tests.workshop.commands import ROOT, environment, manage

pytestmark = pytest.mark.slow


class Started:
    """A running server in its own process group, as at a terminal."""

    def __init__(self, data_dir: Path, port: int, *options: str, through: tuple[str, ...] = ()):
        self.port = port
        self.lines: list[str] = []
        self.process = start_process(
            [*through, sys.executable, "manage.py", "serve", *options, "--stop-with-parent"],
            cwd=ROOT,
            env=environment(data_dir, PORT=str(port)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_for(self, beginning: str) -> str:
        """Read on to a line with this beginning, and return it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith(beginning):
                return line.strip()
        pytest.fail("It ended early:\n" + "\n".join(self.lines))

    def rest(self) -> str:
        """The output until the last process has closed it."""
        return self.process.communicate(timeout=20)[0]

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as fault:
            with fault:
                return fault.code, fault.read().decode()

    def end(self) -> None:
        kill_process(self.process)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A data folder after a first start, so that the others are quick."""
    data_dir = tmp_path_factory.mktemp("prepared")
    first = Started(data_dir, free_port())
    try:
        first.wait_for("Create the first")
        os.killpg(first.process.pid, signal.SIGINT)
        first.rest()
    finally:
        first.end()
    return data_dir


@pytest.fixture
def start(prepared, tmp_path) -> Iterator:
    started: list[Started] = []

    def _start(port: int, *options: str, **more) -> Started:
        if not started:
            shutil.copytree(prepared, tmp_path / "data")
        started.append(Started(tmp_path / "data", port, *options, **more))
        return started[-1]

    yield _start
    for server in started:
        server.end()


def test_the_last_lines_are_the_address_and_the_first_organisers_link(start, port):
    server = start(port)

    line = server.wait_for("Create the first")

    site = f"http://localhost:{port}"
    link = re.fullmatch(rf"Create the first organiser account, once, at {site}(/\S+)", line)
    assert server.lines == [site, line]
    assert link
    assert server.get("/livez") == (200, "ok")
    assert server.get("/healthz") == (200, "ok")
    assert server.get("/")[0] == 200
    assert server.get(link[1])[0] == 200
    for path in (f"{link[1]}nothing", "/nothing-here"):
        server.get(path)
    server.process.terminate()
    assert link[1].split("/")[-2] not in server.rest(), "a private link is logged"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("to_all_processes", [True, False])
def test_it_stops_cleanly_and_writes_only_to_its_data_folder(start, port, ending, to_all_processes):
    before = _snapshot()
    server = start(port)
    server.wait_for("Create the first")
    server.get("/")

    send = os.killpg if to_all_processes else os.kill
    send(server.process.pid, ending)

    assert server.rest() == "Stopped.\n"
    assert server.process.returncode == 0
    assert not is_listening(port)
    assert _snapshot() - before == set()


@pytest.mark.parametrize(
    ("through", "output"), [((), ""), (("/bin/sh", "-c", '"$@"; exit 0', "sh"), "Stopped.\n")]
)
def test_it_ends_with_the_program_that_started_it(start, port, through, output):
    """The program is the server process for its workers, or a shell for the server process."""
    server = start(port, through=through)
    server.wait_for("Create the first")

    server.process.kill()

    # Workers hold the output open until they end.
    assert server.rest() == output
    assert not is_listening(port)


def test_a_start_right_after_a_kill_works(start, port):
    first = start(port)
    first.wait_for("Create the first")
    first.process.kill()

    second = start(port)

    assert second.wait_for("http") == f"http://localhost:{port}"


def test_a_second_server_on_the_same_data_is_refused_in_one_sentence(start, port, tmp_path):
    server = start(port)
    server.wait_for("Create the first")

    result = manage(tmp_path / "data", "serve", PORT=str(port + 1))

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"CommandError: The site is being served or restored from {tmp_path / 'data'} already: "
        "stop that first, or give another folder, as in: make run PORT=9000 DATA_DIR=other\n"
    )
    assert server.get("/livez") == (200, "ok")


def test_a_busy_port_is_refused_in_one_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        result = manage(tmp_path, "serve", PORT=str(port))

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"CommandError: Port {port} is in use by another program: stop it, or choose another, "
        f"as in: make run PORT={port + 1}\n"
    )


def _snapshot() -> set[Path]:
    """The files of the project, without those that parallel tests write."""
    folders = ("apps", "content", "static", "templates", "workshop")
    files = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return {path for path in files if "__pycache__" not in path.parts} | set(ROOT.iterdir())


def test_it_can_be_stopped_while_it_prepares(tmp_path, port):
    server = Started(tmp_path, port)
    try:
        server.wait_for("Preparing the database")

        os.killpg(server.process.pid, signal.SIGINT)

        assert server.rest().endswith("Stopped.\n")
        assert "Traceback" not in "".join(server.lines)
    finally:
        server.end()
