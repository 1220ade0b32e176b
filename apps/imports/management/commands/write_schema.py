import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from apps.imports.folders.json_schema import file_schemas

_FOLDER = ".schema"


class Command(BaseCommand):
    help = "Writes the JSON Schema of each YAML file of a content folder, for editors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **options) -> None:
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        directory = folder / _FOLDER
        directory.mkdir(exist_ok=True)
        for name, schema in file_schemas().items():
            text = json.dumps(schema, indent=2, ensure_ascii=False)
            (directory / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
        self.stdout.write(
            f"Wrote {directory}. Editors use it if the first line of a file names it:\n"
            f"# yaml-language-server: $schema={_FOLDER}/people.json"
        )
