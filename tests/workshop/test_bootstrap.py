"""`make` on a bare machine: clear errors, and a .venv that is created once."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.workshop.commands import ROOT

SCRIPT = ROOT / "workshop" / "bootstrap.py"
# Replaces manage.py, and prints its arguments.
MANAGE = """
import os, sys
print("called:", sys.argv[1:], os.environ.get("PYTHONDONTWRITEBYTECODE"))
"""


@pytest.fixture
def project(tmp_path) -> Path:
    """A project without packages, so that its .venv needs no package index."""
    root = tmp_path / "project"
    (root / "workshop").mkdir(parents=True)
    shutil.copy(SCRIPT, root / "workshop")
    for lock in ("requirements.txt", "requirements-dev.txt"):
        (root / lock).write_text("# nothing\n")
    (root / "manage.py").write_text(MANAGE)
    return root


@pytest.fixture(scope="module")
def quick_venv(tmp_path_factory) -> str:
    """Statements that make the script copy a prebuilt .venv, which is faster."""
    prototype = tmp_path_factory.mktemp("prototype") / ".venv"
    venv.EnvBuilder(symlinks=True, with_pip=True).create(str(prototype))
    return (
        "import shutil, venv; venv.EnvBuilder.create = lambda builder, path: "
        f"(shutil.rmtree(path, True), shutil.copytree({str(prototype)!r}, path, symlinks=True))"
    )


def call(
    project: Path, *arguments: str, beforehand: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the script, after the statements `beforehand`, on a PATH without other Pythons."""
    script = str(project / "workshop" / "bootstrap.py")
    code = (
        f"import sys; sys.argv = {[script, *arguments]!r}; {beforehand}\n"
        f"import runpy; runpy.run_path({script!r}, run_name='__main__')"
    )
    base = {"HOME": os.environ.get("HOME", "/"), "PATH": "/nowhere"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env={**base, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_old_python_can_read_the_script():
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


def test_an_old_python_gets_an_error_that_says_what_to_install(project):
    result = call(project, "run", beforehand="sys.version_info = (3, 9, 2)")

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "Python 3.11 or newer is needed, and this is 3.9: install one (on Debian or Ubuntu: "
        "sudo apt-get install python3 python3-venv) or name it, as in: make run "
        "PYTHON=/usr/local/bin/python3.12\n"
    )
    assert not (project / ".venv").exists()


def test_an_old_python_starts_a_newer_one_that_works(project, tmp_path):
    for name, lines in {
        "python3.14": "exit 127",  # a shim for a Python that is not installed
        "python3.12": '[ "$1" = -c ] || echo "newer: $@"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{lines}\n")
        (tmp_path / name).chmod(0o755)

    result = call(project, "run", beforehand="sys.version_info = (3, 9, 2)", PATH=str(tmp_path))

    assert result.stdout == f"newer: {project}/workshop/bootstrap.py run\n"


def test_a_missing_venv_module_is_an_error_that_says_what_to_install(project):
    result = call(project, "run", beforehand="sys.modules['ensurepip'] = None")

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "Python's venv module is missing: install it and try again (on Debian or Ubuntu: "
        f"sudo apt-get install python3.{sys.version_info[1]}-venv).\n"
    )


def test_an_unknown_command_lists_the_commands(project):
    result = call(project, "fly")

    assert result.stderr == "Give one of: run, demo, backup, restore, test, bench, check, format\n"


@pytest.mark.slow
def test_the_demo_has_its_own_data_folder(project, quick_venv):
    (project / "manage.py").write_text(
        "import os, sys; print(sys.argv[1:], os.environ['DATA_DIR'])"
    )

    default = call(project, "demo", beforehand=quick_venv)
    large = call(project, "demo", "--size=large")
    given = call(project, "demo", DATA_DIR="/elsewhere")

    assert default.stdout.splitlines()[-1] == f"['serve', '--demo'] {project / 'var' / 'demo'}"
    assert large.stdout.splitlines()[-1] == (
        f"['serve', '--demo', '--size=large'] {project / 'var' / 'demo-large'}"
    )
    assert given.stdout.splitlines()[-1] == "['serve', '--demo'] /elsewhere"


@pytest.mark.slow
def test_a_missing_package_is_an_error_that_says_what_to_do(project, quick_venv):
    (project / "requirements.txt").write_text(f"no-such-thing==1 --hash=sha256:{'0' * 64}\n")

    result = call(
        project, "run", beforehand=quick_venv, PIP_NO_INDEX="1", PIP_CONFIG_FILE="/dev/null"
    )

    *last_lines_of_pip, sentence = result.stderr.splitlines()
    assert result.returncode == 1
    assert sentence == (
        "The packages of requirements.txt could not be installed: check the connection to the "
        "package index and the free space, then give the same command again."
    )
    assert any("no-such-thing" in line for line in last_lines_of_pip)
    assert "Traceback" not in result.stderr
    assert not (project / ".venv" / "workshop-stamp.json").exists()


@pytest.mark.slow
def test_the_venv_is_created_once_and_again_if_incomplete_moved_or_outdated(project, quick_venv):
    called = "called: ['serve'] 1"
    making = ["Making .venv ...", "Installing 0 packages, about half a minute ..."]

    first = call(project, "run")
    assert (first.stderr, first.stdout.splitlines()) == ("", [*making, called])
    second = call(project, "run", MAKELEVEL="1")
    assert second.stdout.splitlines() == ["called: ['serve', '--stop-with-parent'] 1"]
    restored = call(project, "restore", "a b.zip")
    assert restored.stdout.splitlines() == ["called: ['restore', 'a b.zip'] None"]

    (project / ".venv" / "workshop-stamp.json").unlink()
    left_over = project / ".venv" / "left-over"
    left_over.touch()
    completed = call(project, "run")
    assert completed.stdout.splitlines() == [*making, called]
    assert not left_over.exists()

    (project / "requirements.txt").write_text("# changed\n")
    renewed = call(project, "run", beforehand=quick_venv)
    assert renewed.stdout.splitlines() == [*making, called]

    moved = project.rename(project.with_name("moved"))
    elsewhere = call(moved, "run", beforehand=quick_venv)
    assert elsewhere.stdout.splitlines() == [*making, called]


@pytest.mark.slow
def test_development_packages_are_added_to_the_venv(project, quick_venv):
    call(project, "run", beforehand=quick_venv)

    # This lock file is empty, so pytest is missing.
    result = call(project, "test")

    assert result.stdout == "Installing 0 packages, about half a minute ...\n"
    assert result.stderr.endswith("No module named pytest\n")
    stamp = json.loads((project / ".venv" / "workshop-stamp.json").read_text())
    assert set(stamp) == {"dev", "python", "root", "run"}
    assert call(project, "run").stdout == "called: ['serve'] 1\n"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_installation_can_be_stopped(project, ending):
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    # Replaces pip with a slow installation.
    python.write_text("#!/bin/sh\necho waiting >&2\nexec sleep 60\n")
    python.chmod(0o755)
    patch = (
        "import venv; venv.EnvBuilder.create = lambda *arguments: print('made', flush=True)\n"
        f"import sys; sys.argv = ['bootstrap.py', 'run']\n"
        f"import runpy; runpy.run_path({str(project / 'workshop' / 'bootstrap.py')!r}, "
        "run_name='__main__')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", patch],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while "Installing" not in process.stdout.readline():
        pass

    process.send_signal(ending)
    _, errors = process.communicate(timeout=10)  # pip holds the output open until it ends

    assert (process.returncode, errors) == (1, "Stopped.\n")


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_file_pins_every_package_by_hash_without_urls(lock):
    lines = (ROOT / lock).read_text().splitlines()

    pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)
    assert not [line for line in lines if "://" in line or line.startswith("-")]
