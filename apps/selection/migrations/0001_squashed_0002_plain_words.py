import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("selection", "0001_initial"), ("selection", "0002_plain_words")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("interest", "0001_squashed_0011_mailed_links"),
        ("mail", "0001_squashed_0005_emails"),
    ]

    operations = [
        migrations.CreateModel(
            name="PendingDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("draft_subject", models.CharField(blank=True, max_length=300)),
                ("draft_body", models.TextField(blank=True)),
                ("is_edited", models.BooleanField(default=False, verbose_name="edited by hand")),
                ("is_held", models.BooleanField(default=False, verbose_name="held back")),
                ("drafted_from", models.CharField(blank=True, editable=False, max_length=20)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("accept", "Accept"),
                            ("waitlist", "Waiting list"),
                            ("decline", "Decline"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "offer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("talk", "Lightning talk"),
                            ("poster", "Poster"),
                            ("both", "Lightning talk and poster"),
                        ],
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "expression",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pending_decision",
                        to="interest.expression",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="%(class)s",
                        to="mail.letter",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pending_decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verdict", "accept"), models.Q(("offer", ""), _negated=True)),
                            models.Q(models.Q(("verdict", "accept"), _negated=True), ("offer", "")),
                            _connector="OR",
                        ),
                        name="pending_offer_belongs_to_acceptance",
                        violation_error_message="Choose what is offered: lightning talk, poster or both.",
                    )
                ],
            },
        ),
    ]
