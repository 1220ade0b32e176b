"""Recover an account without its password or second factor."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.models import User
from apps.accounts.services import recover_account


class Command(BaseCommand):
    help = "Prints a one-time link by which this person sets a new password; ends their sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address they sign in with")
        parser.add_argument(
            "--second-factor",
            action="store_true",
            help="also remove their authenticator app, passkeys and recovery codes",
        )

    def handle(self, *args, email: str, second_factor: bool, **options) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"No account has the address {email}.")
        if not user.is_active:
            raise CommandError(f"The account of {email} is deactivated. Tick “active” first.")
        link = recover_account(user=user, second_factor=second_factor)
        if second_factor:
            self.stdout.write(f"The second factor of {user.email} has been removed.")
        self.stdout.write(f"{user.email} has been signed out everywhere and sets a new password at")
        self.stdout.write(f"{link}\nThe link works once, for three days.")
