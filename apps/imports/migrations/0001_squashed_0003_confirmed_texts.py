import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("imports", "0001_initial"),
        ("imports", "0002_remove_sheet_checked"),
        ("imports", "0003_confirmed_texts"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
        ("interest", "0001_squashed_0011_mailed_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="SheetMemory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("stands_for", models.CharField(blank=True, max_length=400)),
            ],
            options={
                "verbose_name_plural": "sheet memories",
            },
        ),
        migrations.CreateModel(
            name="Sheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                (
                    "read_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="uploaded"
                    ),
                ),
                ("contents", models.JSONField(default=dict)),
                ("choices", models.JSONField(default=dict)),
                ("imported_at", models.DateTimeField(null=True, verbose_name="imported")),
                (
                    "imported_count",
                    models.PositiveIntegerField(default=0, verbose_name="expressions"),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sheets",
                        to="editions.edition",
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="sheets_imported",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "read_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="sheets_read",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "spreadsheet",
                "ordering": ["-read_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="SheetEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                (
                    "expression",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sheet_entry",
                        to="interest.expression",
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="imports.sheet",
                    ),
                ),
            ],
            options={
                "ordering": ["sheet", "row"],
            },
        ),
        migrations.CreateModel(
            name="ConfirmedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=20)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmed_texts",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "digest"), name="one_text_confirmed_once"
                    )
                ],
            },
        ),
    ]
