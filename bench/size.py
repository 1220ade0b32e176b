"""Size of the code: lines, modules, duplicate names, and private API of other packages.

.venv/bin/python bench/size.py
"""

from __future__ import annotations

import ast
import importlib
import inspect
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from common import ROOT, report, setup_django

# Underscored, but documented: https://docs.djangoproject.com/en/5.2/ref/models/meta/
PUBLIC = {"_meta", "_default_manager", "_base_manager", "_registry", "_asdict", "_replace"}
# Names that every app defines for Django.
CONVENTIONAL = {"urlpatterns", "app_name", "register", "Command"}


def modules(folder: str) -> list[Path]:
    """Python files below a folder, without migrations."""
    return [
        path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts
    ]


def count_lines(folder: str) -> int:
    """Lines of all modules below a folder."""
    return sum(len(path.read_text().splitlines()) for path in modules(folder))


def duplicate_names() -> dict[str, list[str]]:
    """Public top-level names that two or more modules define."""
    homes = defaultdict(set)
    for path in modules("apps"):
        for node in ast.parse(path.read_text()).body:
            names = []
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = [node.name]
            elif isinstance(node, ast.Assign):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                names = [node.target.id]
            for name in names:
                if not name.startswith("_") and name not in CONVENTIONAL:
                    homes[name].add(str(path.relative_to(ROOT)))
    return {name: sorted(paths) for name, paths in homes.items() if len(paths) > 1}


def private_api() -> Iterator[str]:
    """Uses of underscored attributes that no module of ours defines, and overrides of such methods."""
    trees = {path: ast.parse(path.read_text()) for path in [*modules("apps"), *modules("workshop")]}
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    own = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    own |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= {n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and _is_private(node.attr) and node.attr not in own:
                yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.attr}"
    for path in modules("apps"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for _, cls in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if cls.__module__ != name:
                continue
            own_methods = [
                key
                for key, value in vars(cls).items()
                if inspect.isfunction(value) and value.__module__ == name
            ]
            for method in filter(_is_private, own_methods):
                for base in cls.__mro__[1:]:
                    if method in vars(base) and not base.__module__.startswith("apps."):
                        yield f"{name}.{cls.__name__}.{method} overrides {base.__module__}"


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__") and name not in PUBLIC


def main() -> None:
    """Print the figures and the names."""
    apps = sorted(path.name for path in (ROOT / "apps").iterdir() if path.is_dir())
    for app in filter(lambda name: name[0] != "_", apps):
        print(
            f"  {app:16}{count_lines(f'apps/{app}'):7,} lines{len(modules(f'apps/{app}')):5} modules"
        )
    report("Python in apps/, lines", f"{count_lines('apps'):,}", "≤ 24,000")
    report("modules in apps/", str(len(modules("apps"))), "≤ 200")
    report("tests, lines", f"{count_lines('tests'):,}", "≤ 30,000")
    duplicates = duplicate_names()
    for name, paths in sorted(duplicates.items()):
        print(f"  {name}: {', '.join(paths)}")
    report("public names in two or more modules", str(len(duplicates)), "≤ 10")
    with tempfile.TemporaryDirectory() as folder:
        setup_django(folder)
        uses = sorted(set(private_api()))
    for use in uses:
        print(f"  {use}")
    report("private API of other packages", str(len(uses)), "0")


if __name__ == "__main__":
    main()
