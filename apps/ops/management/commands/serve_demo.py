"""An invented workshop to look at; `make demo` calls it."""

from django.conf import settings
from django.core.management.base import CommandError

from apps.ops.demo.making import OtherEditionsHere, make_demo
from apps.ops.management.commands import serve


class Command(serve.Command):
    help = "Serves an invented edition with an open call, as `serve` serves the real ones."
    make_target = "demo"

    def _prepare_content(self) -> None:
        try:
            if make_demo():
                self._say("Made an invented workshop, with 40 expressions of interest.")
        except OtherEditionsHere:
            raise CommandError(
                f"{settings.DATA_DIR} holds editions of its own; the invented one wants a folder "
                "for itself, as in: make demo DATA_DIR=var/demo"
            ) from None

    def _offer_content(self) -> None:
        """The editions that ship are not of this workshop."""
