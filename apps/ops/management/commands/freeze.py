"""Write the public site as static files."""

import argparse
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.text import count_of
from apps.editions.models import Edition
from apps.ops.freezing.copies import FreezeRefused, freeze
from apps.ops.freezing.crawling import FreezeFailed
from apps.ops.freezing.warc import WarcRefused
from apps.ops.static_files import collect_static_files

_MOST_SHOWN = 20


class Command(BaseCommand):
    help = "Writes the public site, or one edition, into a folder of files for any web host."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="new, empty, or an earlier copy")
        parser.add_argument("--edition", default="", help="address of an edition, such as 2027")
        parser.add_argument(
            "--site-url", type=_url, help="address of the copy; SITE_URL by default"
        )
        parser.add_argument("--base", type=_base, help="path of the copy on its host: /workshop/")
        parser.add_argument(
            "--warc", type=Path, metavar="FILE", help="also a file for web archives: site.warc.gz"
        )

    def handle(
        self,
        *args,
        folder: Path,
        edition: str,
        site_url: str | None,
        base: str | None,
        warc: Path | None,
        **options,
    ) -> None:
        if edition and not Edition.objects.public().filter(slug=edition).exists():
            raise CommandError(f"There is no public edition at /{edition}/.")
        address = (site_url or settings.SITE_URL).removesuffix(base or "") + (base or "")
        try:
            collect_static_files()
            copied = freeze(folder, edition=edition, site_url=address, warc=warc)
        except (FreezeRefused, WarcRefused, FreezeFailed) as reason:
            raise CommandError(str(reason)) from None
        except OSError as fault:
            raise CommandError(
                f"No copy was written to {folder} ({fault.strerror or fault}). "
                "What was there before is unchanged."
            ) from fault
        files = count_of(copied.files, "file")
        self.stdout.write(f"{count_of(copied.pages, 'page')}, {files} in {folder}.")
        if warc:
            self.stdout.write(f"The same for web archives in {warc}.")
        self.stdout.write(f"They name {address} as their address; --site-url changes it.")
        for link, page in list(copied.dead_links.items())[:_MOST_SHOWN]:
            self.stdout.write(f"{page}: {link} leads nowhere, so its words are no link.")


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError("enter an address such as https://example.org/workshop/.")
    return text.rstrip("/")


def _base(text: str) -> str:
    if not text.startswith("/") or urlsplit(text).path != text or text.startswith("//"):
        raise argparse.ArgumentTypeError("enter a path that begins with /, such as /workshop/.")
    return text.rstrip("/")
