from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from apps.core.text import count_of, did_you_mean
from apps.editions.models import Edition
from apps.imports.folders.exporting import ExportRefused, export_edition
from apps.imports.folders.hidden import hidden_things
from apps.imports.folders.reader import read_folder


class Command(BaseCommand):
    help = "Writes an edition as a content folder; docs/content-folder.md describes the folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("edition", help="the address of the edition, such as 2027")
        parser.add_argument("folder", type=Path, help="a new folder, or an earlier export")

    def handle(self, *, edition: str, folder: Path, **options) -> None:
        row = Edition.objects.filter(slug=edition).first()
        if row is None:
            hint = did_you_mean(edition, list(Edition.objects.values_list("slug", flat=True)))
            raise CommandError(f"There is no edition “{edition}”. {hint}")
        try:
            exported = export_edition(edition=row, folder=folder)
        except ExportRefused as refusal:
            raise CommandError(f"Nothing was exported. {refusal}") from None
        except OSError as error:
            raise CommandError(f"Nothing was exported: {error}. The folder is as before.") from None
        count = len(exported.texts) + len(exported.files)
        self.stdout.write(f"{row.slug}: {row}")
        self.stdout.write(f"  Written to {folder}: {count_of(count, 'file')}.")
        for heading, sentences in (
            ("Please check:", exported.notes),
            ("An import refuses the folder until these are fixed:", read_folder(folder).faults),
            ("Marked as hidden, because visitors do not see:", hidden_things(row)),
        ):
            for number, sentence in enumerate(sentences):
                if not number:
                    self.stdout.write(f"  {heading}")
                self.stdout.write(f"    {sentence}")
