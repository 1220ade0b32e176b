"""docs/hosting.md names files, commands, services and variables that exist."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.deploy.front import CONFIGURATION
from tests.deploy.units import EXAMPLE, HOME, UNITS, example, service
from tests.workshop.commands import ROOT
from tests.workshop.test_documentation import manage_commands, variables

GUIDE = (ROOT / "docs" / "hosting.md").read_text()
BLOCKS = re.findall(r"^```\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
COMMANDS = "".join(BLOCKS)


def test_its_files_exist():
    files = set(re.findall(r"(?<![\w/.])(?:deploy|apps|workshop|docs)(?:/[\w./-]+)?", COMMANDS))
    files |= {f"docs/{name}" for name in re.findall(r"\]\(([^)]+\.md)\)", GUIDE)}

    assert {"deploy/workshop.env", "deploy/nginx/workshop.conf", "deploy/manage"} <= files
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_its_commands_exist():
    commands = set(re.findall(r"deploy/manage ([a-z_]+)", COMMANDS))

    assert {"recover", "restore"} <= commands
    assert commands <= manage_commands() | {"createsuperuser"}  # Django's own


def test_its_services_exist():
    units = {path.name for path in UNITS.iterdir()}
    names = set(re.findall(r"\bworkshop-[a-z]+(?:\.[a-z]+)?\b|\bworkshop\.target\b", GUIDE))

    assert {"workshop-web", "workshop-backup.timer", "workshop.target"} <= names
    assert [name for name in names if not {name, f"{name}.service"} & units] == []


def test_its_variables_exist():
    names = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", GUIDE))

    assert {"SECRET_KEY", "SITE_URL", "TRUSTED_PROXIES"} <= names <= variables()


def test_its_paths_are_those_of_the_services_and_of_nginx():
    nginx, unit = CONFIGURATION.read_text(), service("web")

    assert f"git clone ADDRESS-OF-THIS-REPOSITORY {HOME}\n" in COMMANDS
    assert unit["WorkingDirectory"] == HOME
    assert f"install -m 600 deploy/{EXAMPLE.name} {unit['EnvironmentFile']}\n" in COMMANDS
    assert f"--home {example()['DATA_DIR']} {unit['User']}\n" in COMMANDS
    assert f"adduser www-data {unit['Group']}\n" in COMMANDS
    # sed replaces the name once a line.
    assert all(line.count("workshop.example.org") <= 1 for line in nginx.splitlines())
    assert "certbot certonly --webroot -w /var/www/html" in COMMANDS
    assert "root /var/www/html;" in nginx
    assert f"at most {re.findall(r'client_max_body_size ([0-9]+)m', nginx)[0]} MB" in GUIDE
    assert "libnginx-mod-http-brotli-static" in COMMANDS
    assert "brotli_static on;" in nginx
    assert "thirty nights" in GUIDE
    assert "--keep 30" in service("backup")["ExecStart"]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_the_shell_understands_every_block(block):
    result = subprocess.run(
        ["/bin/sh", "-n"], input=block, text=True, capture_output=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")
