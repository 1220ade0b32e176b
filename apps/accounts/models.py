"""The staff: who they are and how they are asked in."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """A new account; without a password nobody can sign in to it until one is set."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        """A new account that may do everything."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account with this address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of the organising team who signs in. Students and speakers have no account."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_staff = models.BooleanField(
        "may enter the desk", default=False, help_text="Without this nobody gets past sign-in."
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Untick instead of deleting, so that history keeps its names."
    )
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = "organiser"
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_account_per_address",
                violation_error_message="Somebody already has an account with this address.",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name, or the address while there is none."""
        return str(self)

    def get_short_name(self) -> str:
        """What the admin greets with."""
        return str(self)

    @property
    def is_chair(self) -> bool:
        """Whether this person may do everything on the desk."""
        return self.is_superuser or self.groups.filter(name=Role.CHAIR).exists()


class Role(models.TextChoices):
    """The shipped groups. They hold for the whole installation."""

    CHAIR = "Chair"
    EDITOR = "Editor"
    REVIEWER = "Reviewer"
    HELPDESK = "Helpdesk"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Those that still work."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def for_token(self, token: str) -> "InvitationQuerySet":
        """The one whose link carries `token`, if any."""
        return self.filter(token_hash=hash_token(token))


def hash_token(token: str) -> str:
    """What is stored of a link's token, so that a copy of the database opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


class Invitation(models.Model):
    """A link by which one person makes their own account and sets its password, once.

    With an empty address and no role it is the first organiser's: made at each start
    of an installation that has no account yet.
    """

    VALID_FOR = timedelta(days=14)

    email = models.EmailField("e-mail address", blank=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.EDITOR)
    is_first_organiser = models.BooleanField(default=False, editable=False)
    invited_by = models.ForeignKey(
        User,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="invitations_sent",
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="invitation_names_an_address",
                condition=~models.Q(email="") | models.Q(is_first_organiser=True),
                violation_error_message="Enter the address the invitation goes to.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email or 'first organiser'} as {self.get_role_display()}"

    def issue_token(self) -> str:
        """A fresh token for this row's link; an earlier one stops working once the row is saved."""
        token = secrets.token_urlsafe(24)
        self.token_hash = hash_token(token)
        self.expires_at = timezone.now() + self.VALID_FOR
        return token

    @staticmethod
    def link_path(token: str) -> str:
        """The path of the page where the invitation is accepted."""
        return reverse("accounts:invitation", args=[token])

    @property
    def status(self) -> str:
        """One word for the list."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "withdrawn"
        return "open" if self.expires_at > timezone.now() else "expired"


def group_named(role: str) -> Group:
    """The shipped group of a role; made in post_migrate, so it is always there."""
    return Group.objects.get(name=role)
