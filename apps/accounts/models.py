"""User accounts of the organisers, and invitations."""

from datetime import timedelta
from typing import ClassVar

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    Group,
    Permission,
    PermissionsMixin,
)
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from apps.core.search import Fold
from apps.core.tokens import hash_token, new_token


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Create an account; without a password it cannot be used until one is set."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        """Create an account with all permissions."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def who_can_sign_in(self) -> models.QuerySet["User"]:
        """Active staff with a password that works."""
        # Django marks "no password" with a leading exclamation mark.
        staff = self.filter(is_active=True, is_staff=True)
        return staff.exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


class User(AbstractBaseUser, PermissionsMixin):
    """Member of the organising team. Students and speakers have no account."""

    email = models.EmailField(
        "email address",
        unique=True,
        error_messages={"unique": "Another account has this address. Enter another one."},
    )
    name = models.CharField(max_length=200, blank=True)
    # Django's fields with other labels.
    groups = models.ManyToManyField(  # type: ignore[assignment]  # the stub knows one owner only
        Group,
        verbose_name="roles",
        blank=True,
        related_name="user_set",
        related_query_name="user",
    )
    is_superuser = models.BooleanField(
        "has all permissions", default=False, help_text="Including those that no role has."
    )
    is_staff = models.BooleanField(
        "can sign in to the desk",
        default=False,
        help_text="Without this the person cannot use the desk.",
    )
    is_active = models.BooleanField(
        "active",
        default=True,
        help_text="Untick this instead of deleting the account, so that the history keeps the name.",
    )
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "organiser"
        # A backup holds everything, so one permission of its own; see ops/views.py.
        permissions = [("make_backup", "Can make and download backups of the site")]
        ordering = [Fold("name"), "email"]
        constraints = [
            models.CheckConstraint(
                # Sign-in and password reset look addresses up in lower case.
                name="address_in_lower_case",
                condition=models.Q(email=Lower("email")),
                violation_error_message="Write the address in lower case.",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    # For the admin's history and header.
    get_full_name = get_short_name = __str__

    def clean(self) -> None:
        self.email = self.email.lower()

    def save(self, *args, **kwargs) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    @property
    def is_chair(self) -> bool:
        """Whether the account has all permissions of the organisers."""
        return self.is_superuser or self.groups.filter(name=Role.CHAIR).exists()

    @property
    def lacks_second_factor(self) -> bool:
        """Whether SECOND_FACTOR requires one and the account has none."""
        required = settings.SECOND_FACTOR == "all" or (
            settings.SECOND_FACTOR == "chairs" and self.is_chair
        )
        return required and not is_mfa_enabled(self)

    def granted_permissions(self) -> models.QuerySet[Permission]:
        """Permissions by groups or directly; Django gives inactive accounts none."""
        return Permission.objects.filter(models.Q(group__user=self) | models.Q(user=self))

    def grantable_roles(self) -> models.QuerySet[Group]:
        """Groups that this user may assign: those with no permission beyond their own."""
        if self.is_superuser:
            return Group.objects.all()
        beyond = Permission.objects.exclude(pk__in=self.granted_permissions())
        return Group.objects.exclude(permissions__in=beyond)

    def may_manage(self, other: "User") -> bool:
        """Whether this user may change the account of `other` or request a password link for it.

        The link would give its permissions, so it is refused for accounts that may do more.
        """
        if self.is_superuser or other.is_superuser:
            return self.is_superuser
        beyond = other.granted_permissions().exclude(pk__in=self.granted_permissions())
        return not beyond.exists()


class Role(models.TextChoices):
    """Names of the shipped groups, which apply to all editions."""

    CHAIR = "Chair"
    EDITOR = "Editor"
    REVIEWER = "Reviewer"
    HELPDESK = "Helpdesk"
    CHECK_IN = "Check-in", "Check-in"


# As apps/accounts/apps.py and apps/interest/permissions.py allow it; docs/team.md says the same.
ROLE_HELP = (
    "A chair changes all content, decides on entries, sends emails and manages the "
    "team. An editor changes all public content, but deletes no edition. A reviewer sees public "
    "content, and reads, scores and exports the entries of the editions they are chosen for. The "
    "helpdesk sees public content and entries without private answers, corrects "
    "email addresses, sends private links again and checks people in. Those at the check-in do only "
    "that, and see the names of registered people."
)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Invitations with a valid link."""
        return self.waiting().filter(expires_at__gt=timezone.now())

    def waiting(self) -> "InvitationQuerySet":
        """Invitations neither accepted nor withdrawn, including expired ones."""
        return self.filter(accepted_at=None, revoked_at=None)

    def for_token(self, token: str) -> "InvitationQuerySet":
        """The invitation with this token in its link, if any."""
        return self.filter(token_hash=hash_token(token))


class Invitation(models.Model):
    """One-time link with which a person creates an account and sets its password.

    The invitation of the first organiser has no address. It is renewed at each start until
    someone can sign in.
    """

    VALID_FOR = timedelta(days=14)

    email = models.EmailField("email address")
    # As the person who invites wrote it; the form of the new account begins with it.
    name = models.CharField(max_length=200, blank=True)
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
    mailed_at = models.DateTimeField("last sent", null=True, editable=False)
    mail_fault = models.CharField(
        "why the email was not sent", max_length=200, blank=True, editable=False
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="invitation_names_an_address",
                condition=~models.Q(email="") | models.Q(is_first_organiser=True),
                violation_error_message="Enter the address of the person you invite.",
            ),
            models.CheckConstraint(
                name="invitation_accepted_or_withdrawn",
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None),
                violation_error_message="An invitation cannot be both accepted and withdrawn.",
            ),
            models.UniqueConstraint(
                fields=["is_first_organiser"],
                condition=models.Q(is_first_organiser=True, accepted_at=None),
                name="one_open_invitation_for_the_first_organiser",
                violation_error_message="The first organiser is already invited.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email or 'first organiser'} as {self.get_role_display()}"

    def clean(self) -> None:
        if User.objects.filter(email=self.email.lower(), is_active=False).exists():
            raise ValidationError("The account with this address is deactivated.")

    def issue_token(self) -> str:
        """Set a new token; the earlier link stops working when the row is saved."""
        token = new_token()
        self.token_hash = hash_token(token)
        self.expires_at = timezone.now() + self.VALID_FOR
        return token

    @property
    def status(self) -> str:
        """open, accepted, withdrawn or expired"""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "withdrawn"
        return "open" if self.expires_at > timezone.now() else "expired"
