"""What can be set and what can be called is written down."""

import ast
import re

import pytest

from tests.workshop.commands import ROOT

SETTINGS = (ROOT / "docs" / "settings.md").read_text()
COMMANDS = (ROOT / "docs" / "commands.md").read_text()


def variables() -> set[str]:
    """Every name that settings.py asks of workshop/env.py."""
    tree = ast.parse((ROOT / "workshop" / "settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def manage_commands() -> set[str]:
    """Every command of our own apps."""
    return {path.stem for path in ROOT.glob("apps/*/management/commands/[a-z]*.py")}


def test_every_variable_is_documented_and_nothing_else():
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", SETTINGS, re.MULTILINE))

    assert documented == variables()


def test_the_environment_is_read_nowhere_else():
    readers = {
        str(path.relative_to(ROOT))
        for folder in ("apps", "workshop")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"os\.environ\b(?!\.setdefault)|getenv", path.read_text())
    }

    # Before there is a Django to read settings with.
    assert readers == {"workshop/bootstrap.py"}


@pytest.mark.parametrize("target", sorted(make_targets()))
def test_every_make_target_is_documented(target):
    assert f"`make {target}" in COMMANDS


@pytest.mark.parametrize("command", sorted(manage_commands()))
def test_every_command_is_documented(command):
    assert f"`manage.py {command}" in COMMANDS


def test_no_command_is_documented_that_is_not_there():
    assert set(re.findall(r"`manage\.py ([a-z_]+)", COMMANDS)) == manage_commands()
    assert set(re.findall(r"`make ([a-z-]+)", COMMANDS)) <= make_targets()
