"""docs/hosting.md: what it tells a host to do can be done, with files and commands that are there."""

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
LINES = [line for block in BLOCKS for line in block.splitlines()]
# Of Django itself, not of ours.
DJANGO_COMMANDS = {"createsuperuser"}


def test_the_blocks_are_read():
    assert len(BLOCKS) == 7
    assert LINES[0].startswith("apt install ")


def test_every_file_it_names_is_there():
    named = set(
        re.findall(r"(?<![\w/.])(?:deploy|apps|workshop|docs)(?:/[\w./-]+)?", "\n".join(LINES))
    )
    named |= set(re.findall(r"\]\(([^)]+\.md)\)", GUIDE))

    assert {"deploy/workshop.env", "deploy/nginx/workshop.conf", "deploy/manage"} <= named
    for name in named:
        assert (ROOT / name).exists() or (ROOT / "docs" / name).exists(), name
    assert "-r requirements.txt" in GUIDE
    assert (ROOT / "requirements.txt").exists()


def test_every_command_of_ours_is_one():
    named = set(re.findall(r"deploy/manage ([a-z_]+)", "\n".join(LINES)))

    assert named >= {"recover", "restore"}
    assert named <= manage_commands() | DJANGO_COMMANDS


def test_every_service_it_speaks_of_is_there():
    units = {path.name for path in UNITS.iterdir()}
    named = set(re.findall(r"\bworkshop-(?:web|letters|backup|[a-z]+)(?:\.[a-z]+)?\b", GUIDE))
    named |= set(re.findall(r"\bworkshop\.target\b", GUIDE))

    assert named == {
        *("workshop-web", "workshop-letters", "workshop-backup", "workshop-backup.timer"),
        "workshop.target",
    }
    for name in named:
        assert name in units or f"{name}.service" in units, name


def test_every_variable_it_speaks_of_is_one():
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", GUIDE))

    assert named >= {"SECRET_KEY", "SITE_URL", "TRUSTED_PROXIES"}
    assert named <= variables()


def test_places_are_those_of_the_services_and_of_nginx():
    nginx, unit = CONFIGURATION.read_text(), service("web")
    flat = "\n".join(LINES)

    assert f"git clone ADDRESS-OF-THIS-REPOSITORY {HOME}\n" in flat
    assert unit["WorkingDirectory"] == HOME
    assert f"install -m 600 deploy/{EXAMPLE.name} {unit['EnvironmentFile']}\n" in flat
    assert f"--home {example()['DATA_DIR']} {unit['User']}\n" in flat
    assert f"adduser www-data {unit['Group']}\n" in flat
    # The name stands in the configuration as often as its first lines say, and sed finds each once a line.
    assert nginx.count("workshop.example.org") == 5
    assert all(line.count("workshop.example.org") <= 1 for line in nginx.splitlines())
    assert "certbot certonly --webroot -w /var/www/html" in flat
    assert "root /var/www/html;" in nginx


def test_what_nginx_is_said_to_do_it_does():
    nginx = CONFIGURATION.read_text()

    assert f"at most {re.findall(r'client_max_body_size ([0-9]+)m', nginx)[0]} MB" in GUIDE
    assert "libnginx-mod-http-brotli-static" in LINES[0]
    assert "brotli_static on;" in nginx
    assert "thirty nights" in GUIDE
    assert "--keep 30" in service("backup")["ExecStart"]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_the_shell_understands_every_line(block):
    result = subprocess.run(
        ["/bin/sh", "-n"], input=block, text=True, capture_output=True, check=False
    )

    assert (result.returncode, result.stderr) == (0, "")
