import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("privacy", "0001_storage_periods"), ("privacy", "0002_erasures")]

    initial = True

    dependencies = [
        ("editions", "0001_squashed_0016_emails"),
    ]

    operations = [
        migrations.CreateModel(
            name="EditionFigures",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("figures", models.JSONField()),
                ("counted_at", models.DateTimeField(auto_now_add=True)),
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "edition figures",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("address", "Everything about an address"),
                            ("entry", "One entry"),
                        ],
                        max_length=7,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("erased_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["erased_at", "pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "digest", "erased_at"), name="one_erasure_at_a_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionPeriods",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "needs_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        default=30,
                        help_text="Days after the last day of the workshop. Empty: kept until a chair erases it.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="Technical needs, access needs, diet, and answers given with a confirmation",
                    ),
                ),
                (
                    "unconfirmed_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        default=180,
                        help_text="Days after the last day of the workshop. Empty: kept until a chair erases it.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="Entries that did not become part of the programme",
                    ),
                ),
                (
                    "letters_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        default=180,
                        help_text="Days after the last day of the workshop. Empty: kept until a chair erases it.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="The text of emails that were sent",
                    ),
                ),
                (
                    "reviews_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        default=365,
                        help_text="Days after the last day of the workshop. Empty: kept until a chair erases it.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(3650)],
                        verbose_name="Reviews, reviewers' comments and chairs' notes",
                    ),
                ),
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="retention_periods",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name": "storage periods",
                "verbose_name_plural": "storage periods",
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "data_class",
                    models.CharField(
                        choices=[
                            (
                                "needs",
                                "Technical needs, access needs, diet, and answers given with a confirmation",
                            ),
                            ("unconfirmed", "Entries that did not become part of the programme"),
                            ("letters", "The text of emails that were sent"),
                            ("reviews", "Reviews, reviewers' comments and chairs' notes"),
                        ],
                        max_length=12,
                    ),
                ),
                ("erased", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="retention_runs",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-pk"],
                "default_permissions": (),
            },
        ),
    ]
