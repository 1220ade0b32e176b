"""A test run that is stopped or killed leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from tests.processes import kill_process, start_process
from tests.workshop.commands import ROOT

pytestmark = pytest.mark.slow

_STUB = """
import sys, time
from pathlib import Path
from tests.processes import start_process, start_watched

def test_that_waits():
    for start in (start_process, start_watched)[%d:]:
        start([sys.executable, "-c", "import time; time.sleep(300)"])
    Path(__file__).with_name("started").touch()
    time.sleep(300)
"""


def members(mark: str) -> list[int]:
    """The processes whose environment contains `mark`."""
    pids = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            environment, state = (path / "environ").read_bytes(), (path / "stat").read_text()
        except OSError:
            continue
        if mark.encode() in environment and state.rpartition(")")[2].split()[0] != "Z":
            pids.append(int(path.name))
    return pids


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_no_process_survives(tmp_path, ending, options):
    mark = f"run-{uuid.uuid4()}"
    stub = tmp_path / "test_stub.py"
    # Only watched processes notice that the run was killed.
    stub.write_text(_STUB % (ending == signal.SIGKILL))
    run = start_process(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options),
            *("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), str(stub)),
        ],
        cwd=ROOT,
        env=os.environ | {"RUN_MARK": mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "started").exists():
            assert run.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert len(members(mark)) >= 2

        if ending == signal.SIGINT:
            os.killpg(run.pid, ending)  # as a terminal sends Ctrl-C
        else:
            run.send_signal(ending)

        deadline = time.monotonic() + 30
        while members(mark):
            assert time.monotonic() < deadline, members(mark)
            time.sleep(0.1)
    finally:
        kill_process(run)
