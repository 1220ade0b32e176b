"""The systemd services of deploy/."""

from __future__ import annotations

import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandParser

from apps.core.processes import SECONDS_TO_STOP
from tests.browser import needed
from tests.deploy.front import CONFIGURATION
from tests.deploy.units import EXAMPLE, HOME, UNITS, command_of, example, service, settings_of
from tests.workshop.commands import ROOT, environment, manage
from tests.workshop.test_documentation import variables

SERVICES = ("web", "letters", "backup")
NAMES = sorted(path.name for path in UNITS.iterdir() if path.suffix != ".d")


@pytest.fixture
def installed(tmp_path) -> Path:
    """The units as on a host, where the repository is at /opt/workshop and the .venv is made."""
    shutil.copytree(UNITS, tmp_path / "units")
    for path in (tmp_path / "units").rglob("*.*"):
        if path.is_file():
            text = path.read_text().replace(f"{HOME}/.venv/bin/python", sys.executable)
            path.write_text(text.replace(HOME, str(ROOT)))
    return tmp_path / "units"


def test_systemd_accepts_them(installed):
    analyze = needed("systemd-analyze", shutil.which("systemd-analyze"))

    result = subprocess.run(
        [analyze, "verify", "--man=no", *(str(installed / name) for name in NAMES)],
        capture_output=True,
        text=True,
        check=False,
    )

    ours = [line for line in result.stderr.splitlines() if "workshop" in line]
    assert (ours, result.returncode) == ([], 0)


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_rates_them_as_secure(installed, name):
    analyze = needed("systemd-analyze", shutil.which("systemd-analyze"))
    command = [analyze, "security", "--offline=yes", "--threshold=25", "--no-pager"]

    result = subprocess.run(
        [*command, str(installed / f"workshop-{name}.service")],
        capture_output=True,
        text=True,
        check=False,
    )

    # The exposure of a service is 0 to 10; the threshold is ten times that.
    assert result.returncode == 0, result.stdout[-300:] + result.stderr


def test_the_target_starts_and_stops_all_units():
    wanted = settings_of(UNITS / "workshop.target")["Wants"].split()

    assert sorted([*wanted, "workshop-backup.service", "workshop.target"]) == NAMES
    assert settings_of(UNITS / "workshop-backup.timer")["Persistent"] == "yes"
    for name in wanted:
        assert settings_of(UNITS / name)["PartOf"] == "workshop.target"


@pytest.mark.parametrize("name", SERVICES)
def test_their_commands_exist_with_their_options(name):
    python, program, command, *options = command_of(name)
    parser = CommandParser(prog=command)
    load_command_class(get_commands()[command], command).add_arguments(parser)

    assert (python, program) == (f"{HOME}/.venv/bin/python", "manage.py")
    parser.parse_args(options)  # exits if one is unknown


def test_they_get_the_time_they_need_to_stop():
    assert int(service("web")["TimeoutStopSec"]) > SECONDS_TO_STOP
    assert int(service("letters")["TimeoutStopSec"]) > settings.EMAIL_TIMEOUT


def test_they_write_to_the_data_folder_only():
    for name in SERVICES:
        unit = service(name)
        assert f"/var/lib/{unit['StateDirectory']}" == example()["DATA_DIR"]
        assert unit["ProtectSystem"] == "strict"
        assert (unit["User"], unit["UMask"]) == ("workshop", "0077")
        assert not {"ReadWritePaths", "RuntimeDirectory", "LogsDirectory"} & set(unit)


def test_nginx_has_the_port_and_the_folders_of_the_site():
    text = CONFIGURATION.read_text()

    assert f"server 127.0.0.1:{example()['PORT']};" in text
    assert set(re.findall(r"root (\S+);", text)) == {example()["DATA_DIR"], "/var/www/html"}
    assert settings.STATIC_ROOT == settings.DATA_DIR / "static"
    assert example()["TRUSTED_PROXIES"] == "1"
    assert "client_max_body_size 64m;" in text
    assert settings.LARGEST_REQUEST == 64 * 1024 * 1024


def test_the_example_has_existing_variables():
    assert set(example()) <= variables()
    assert service("web")["EnvironmentFile"] in EXAMPLE.read_text()


def test_the_example_passes_the_deployment_checks_with_a_secret(tmp_path, monkeypatch):
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE")
    variables = {**example(), "DATA_DIR": str(tmp_path)}

    without = manage(tmp_path, "check", **variables)
    variables["SECRET_KEY"] = "Zq8-vT2w_Lr5" * 5
    with_one = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **variables)

    assert without.returncode == 1
    assert "SECRET_KEY" in without.stderr
    assert with_one.returncode == 0, with_one.stderr


def test_deploy_manage_runs_a_command_with_user_and_settings_of_the_services(tmp_path):
    (tmp_path / "bin").mkdir()
    runuser = tmp_path / "bin" / "runuser"
    runuser.write_text('#!/bin/sh\necho "runuser $1 $2 $3"\nshift 3\numask\nexec "$@"\n')
    runuser.chmod(0o755)
    secret = "sp ace$HOME'`\"" + "x" * 50
    quoted = secret.replace("'", "'\\''")
    (tmp_path / "env").write_text(f"DATA_DIR='{tmp_path}/data'\nSECRET_KEY='{quoted}'\n")
    site = tmp_path / "site"
    (site / ".venv/bin").mkdir(parents=True)
    (site / ".venv/bin/python").symlink_to(sys.executable)
    (site / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "manage", site / "deploy")
    (site / "manage.py").write_text(
        "import os, sys; print(sys.argv, os.environ['SECRET_KEY'], os.environ['DATA_DIR'])"
    )

    result = subprocess.run(
        [str(site / "deploy" / "manage"), "recover", "a b@example.org"],
        cwd="/",
        env={
            "PATH": f"{tmp_path}/bin:/usr/bin:/bin",
            "WORKSHOP_ENV": str(tmp_path / "env"),
            "HOME": "/",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.splitlines() == [
        "runuser -u workshop --",
        "0077",
        f"['manage.py', 'recover', 'a b@example.org'] {secret} {tmp_path}/data",
    ]
    assert stat.S_IMODE((ROOT / "deploy" / "manage").stat().st_mode) & 0o111


def test_the_service_of_the_letters_stops_on_sigterm(migrated, tmp_path):
    shutil.copytree(migrated, tmp_path / "data")
    _, *arguments = command_of("letters")
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(tmp_path / "data"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while not (tmp_path / "data" / "letters.alive").exists():
                assert time.monotonic() < deadline
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()


def test_the_site_does_not_send_letters_beside_their_service(site):
    assert "--without-letters" in command_of("web")
    assert not (site.data_dir / "letters.alive").exists()


def test_the_nightly_backup_keeps_thirty_nights_and_can_be_restored(migrated, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(migrated, data)
    (data / "media").mkdir()
    (data / "media" / "ada.webp").write_bytes(b"ada")
    _, _, *arguments = command_of("backup")
    nights = int(arguments[arguments.index("--keep") + 1])
    folder = data / "backups"
    folder.mkdir()
    for number in range(nights + 5):
        (folder / f"backup-20200{1 + number // 28}{1 + number % 28:02}-030000.zip").touch()
    (folder / "mine.txt").touch()

    saved = manage(data, *arguments)
    kept = sorted(path.name for path in folder.glob("*.zip"))
    (data / "media" / "ada.webp").unlink()
    restored = manage(data, "restore", str(folder / kept[-1]))

    assert saved.returncode == 0, saved.stderr
    assert "Deleted 6 older ones." in saved.stdout
    assert len(kept) == nights
    assert (folder / "mine.txt").exists()
    assert restored.returncode == 0, restored.stderr
    assert (data / "media" / "ada.webp").read_bytes() == b"ada"
    assert stat.S_IMODE((data / "media" / "ada.webp").stat().st_mode) == 0o644
