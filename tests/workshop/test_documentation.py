"""All settings and commands are documented."""

import ast
import re

import pytest

from tests.workshop.commands import ROOT

SETTINGS = (ROOT / "docs" / "settings.md").read_text()
COMMANDS = (ROOT / "docs" / "commands.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()


def variables() -> set[str]:
    """Names of the environment variables that settings.py reads."""
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
    """Commands of our apps."""
    return {path.stem for path in ROOT.glob("apps/*/management/commands/[a-z]*.py")}


def test_all_variables_and_no_others_are_documented():
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", SETTINGS, re.MULTILINE))

    assert documented == variables()


def test_only_env_py_reads_the_environment():
    readers = {
        str(path.relative_to(ROOT))
        for folder in ("apps", "workshop")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"os\.environ\b(?!\.setdefault)|getenv", path.read_text())
    }

    # bootstrap.py runs before Django is installed.
    assert readers == {"workshop/bootstrap.py"}


@pytest.mark.parametrize("target", sorted(make_targets()))
def test_every_make_target_is_documented(target):
    assert f"`make {target}" in COMMANDS


@pytest.mark.parametrize("command", sorted(manage_commands()))
def test_every_command_is_documented(command):
    assert f"`manage.py {command}" in COMMANDS


def test_no_missing_command_is_documented():
    assert set(re.findall(r"`manage\.py ([a-z_]+)", COMMANDS)) == manage_commands()
    assert set(re.findall(r"`make ([a-z-]+)", COMMANDS)) <= make_targets()


def test_the_modules_and_tests_of_the_security_table_exist():
    named = re.findall(r"`((?:apps|tests|workshop|docs|deploy)/[\w/.-]+)(?:::(\w+))?`", SECURITY)

    missing = [
        f"{path}::{test}"
        for path, test in named
        if not (ROOT / path).exists() or (test and f"def {test}(" not in (ROOT / path).read_text())
    ]

    assert len(named) > 80
    assert missing == []
