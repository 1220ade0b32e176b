import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("mail", "0001_initial"),
        ("mail", "0002_calendar_of_letters"),
        ("mail", "0003_letter_state_label"),
        ("mail", "0004_plain_words"),
        ("mail", "0005_emails"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mailing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=64, unique=True)),
                ("subject", models.CharField(max_length=300)),
                ("body", models.TextField()),
                (
                    "chosen",
                    models.TextField(
                        blank=True, help_text="The list of recipients.", verbose_name="to whom"
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mailings",
                        to="editions.edition",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mailings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="LetterText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(editable=False, max_length=40)),
                ("subject", models.CharField(max_length=300)),
                ("body", models.TextField()),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letter_texts",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name": "email text",
                "ordering": ["kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "kind"),
                        name="one_text_of_a_kind",
                        violation_error_message="This edition has a text of this kind already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(help_text="Kind: receipt, resent link, …", max_length=40),
                ),
                ("to_name", models.CharField(blank=True, max_length=200)),
                ("to_email", models.EmailField(max_length=254)),
                ("reply_to", models.EmailField(blank=True, max_length=254)),
                ("subject", models.CharField(max_length=300)),
                ("body_text", models.TextField()),
                ("body_html", models.TextField(blank=True)),
                (
                    "calendar",
                    models.TextField(
                        blank=True,
                        help_text="Attached to the email (RFC 5545).",
                        verbose_name="calendar file",
                    ),
                ),
                ("link_maker", models.CharField(blank=True, editable=False, max_length=40)),
                ("link_subject", models.PositiveBigIntegerField(editable=False, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("queued", "Waiting to be sent"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("unconfirmed", "In doubt: delivery not confirmed"),
                            ("failed", "Failed"),
                            ("discarded", "Discarded"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("claimed_at", models.DateTimeField(editable=False, null=True)),
                ("sent_at", models.DateTimeField(editable=False, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "failure",
                    models.TextField(
                        blank=True, editable=False, help_text="Why the last attempt failed."
                    ),
                ),
                ("announced_at", models.DateTimeField(editable=False, null=True)),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="editions.edition",
                    ),
                ),
                (
                    "mailing",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="letters",
                        to="mail.mailing",
                    ),
                ),
            ],
            options={
                "verbose_name": "email",
                "ordering": ["-created_at", "-pk"],
                "indexes": [
                    models.Index(fields=["state", "due_at"], name="letters_due"),
                    models.Index(fields=["to_email"], name="letters_of_an_address"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(("state", "sent"), _negated=True),
                            _connector="OR",
                        ),
                        name="sent_letter_has_its_moment",
                        violation_error_message="A sent email says when it was sent.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("link_maker", ""), ("link_subject", None)),
                            models.Q(
                                models.Q(("link_maker", ""), _negated=True),
                                ("link_subject__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="letter_names_its_link",
                        violation_error_message="An email with a private link says what it leads to.",
                    ),
                ],
            },
        ),
    ]
