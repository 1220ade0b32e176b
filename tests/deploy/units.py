"""The settings in the files of deploy/."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.workshop.commands import ROOT

UNITS = ROOT / "deploy" / "systemd"
EXAMPLE = ROOT / "deploy" / "workshop.env"
HOME = "/opt/workshop"  # the repository on a host


def settings_of(path: Path) -> dict[str, str]:
    """The settings of a unit or of the example; no name stands in two sections."""
    lines = (line.strip() for line in path.read_text().splitlines())
    parts = (line.partition("=") for line in lines if line and line[0] not in "#[")
    return {name: value for name, _, value in parts}


def service(name: str) -> dict[str, str]:
    """The settings of a service, with those that all share."""
    common = settings_of(UNITS / "workshop-.service.d" / "common.conf")
    return common | settings_of(UNITS / f"workshop-{name}.service")


def command_of(name: str) -> list[str]:
    """The command of a service, word by word."""
    return shlex.split(service(name)["ExecStart"])


def example() -> dict[str, str]:
    """The variables of the example for /etc/workshop/env."""
    return {name: shlex.split(value)[0] for name, value in settings_of(EXAMPLE).items()}
