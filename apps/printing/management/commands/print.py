"""Write a document of an edition as PDF."""

from argparse import RawDescriptionHelpFormatter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.exceptions import NotAllowed
from apps.editions.models import Edition
from apps.printing.documents import all_kinds, find_kind, make_pdf


class Command(BaseCommand):
    help = "Writes a document of an edition as PDF, ready to print."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs) -> CommandParser:
        lines = [f"  {kind.name:12}{kind.title}{_layouts(kind.layouts)}" for kind in all_kinds()]
        return super().create_parser(
            prog_name,
            subcommand,
            formatter_class=RawDescriptionHelpFormatter,
            epilog="\n".join(["kinds of documents and their layouts:", *lines]),
            **kwargs,
        )

    def add_arguments(self, parser: CommandParser) -> None:
        names = [kind.name for kind in all_kinds()]
        parser.add_argument("kind", choices=names, metavar="KIND", help="one of the list below")
        parser.add_argument("edition", metavar="EDITION", help="its address, such as 2027")
        parser.add_argument(
            "out", nargs="?", type=Path, metavar="OUT", help="the file (2027-KIND.pdf if omitted)"
        )
        parser.add_argument("--layout", default="", help="the paper, such as a sheet of labels")

    def handle(
        self, *args, kind: str, edition: str, out: Path | None, layout: str, **options
    ) -> None:
        row = Edition.objects.filter(slug=edition).first()
        if row is None:
            raise CommandError(f"There is no edition at /{edition}/.")
        document = find_kind(kind)
        assert document is not None  # noqa: S101  (one of the choices)  # nosec
        known = [choice.name for choice in document.layouts]
        if layout and layout not in known:
            raise CommandError(f"The layouts of {kind} are: {', '.join(known) or 'none'}.")
        try:
            content = make_pdf(document, row, layout=layout)
        except NotAllowed as reason:
            raise CommandError(str(reason)) from None
        path = out or Path(document.file_name(row))
        try:
            path.write_bytes(content)
        except OSError as fault:
            raise CommandError(f"{path} cannot be written ({fault.strerror}).") from None
        self.stdout.write(f"Wrote {path} ({len(content) / 1_000_000:.1f} MB).")


def _layouts(layouts: tuple) -> str:
    return f" ({', '.join(layout.name for layout in layouts)})" if layouts else ""
