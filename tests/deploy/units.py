"""What the files in deploy/ say, read as systemd reads them, as far as they use it."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.workshop.commands import ROOT

UNITS = ROOT / "deploy" / "systemd"
COMMON = UNITS / "workshop-.service.d" / "common.conf"
EXAMPLE = ROOT / "deploy" / "workshop.env"
# Where the guide puts this repository.
HOME = "/opt/workshop"


def lines_of(path: Path) -> list[tuple[str, str]]:
    """Each setting with its value, in order; sections have no two settings of one name here."""
    lines = (line.strip() for line in path.read_text().splitlines())
    settings = [line for line in lines if line and line[0] not in "#["]
    return [(name, value) for name, _, value in (line.partition("=") for line in settings)]


def service(name: str) -> dict[str, str]:
    """The settings of a service, with what holds for all of them."""
    return dict(lines_of(COMMON)) | dict(lines_of(UNITS / f"workshop-{name}.service"))


def command_of(name: str) -> list[str]:
    """The command of a service, word by word."""
    return shlex.split(service(name)["ExecStart"])


def example() -> dict[str, str]:
    """The variables of the example for /etc/workshop/env."""
    return {name: shlex.split(value)[0] for name, value in lines_of(EXAMPLE)}
