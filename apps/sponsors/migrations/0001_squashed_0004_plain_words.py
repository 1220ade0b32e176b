import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import apps.core.images


class Migration(migrations.Migration):
    replaces = [
        ("sponsors", "0001_initial"),
        ("sponsors", "0002_rename_sponsor_description"),
        ("sponsors", "0003_svg_logos"),
        ("sponsors", "0004_plain_words"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalLevel",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "ordering",
                    models.PositiveIntegerField(db_index=True, default=0, verbose_name="ordering"),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                (
                    "heading",
                    models.CharField(
                        blank=True,
                        help_text="The name of the level. Leave empty if there is only one level; then no heading is shown.",
                        max_length=200,
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="editions.edition",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical level of sponsors",
                "verbose_name_plural": "historical levels of sponsors",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Level",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ordering",
                    models.PositiveIntegerField(db_index=True, default=0, verbose_name="ordering"),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                (
                    "heading",
                    models.CharField(
                        blank=True,
                        help_text="The name of the level. Leave empty if there is only one level; then no heading is shown.",
                        max_length=200,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sponsor_levels",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name": "level of sponsors",
                "verbose_name_plural": "levels of sponsors",
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "slug"), name="one_sponsor_level_per_slug"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSponsor",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "ordering",
                    models.PositiveIntegerField(db_index=True, default=0, verbose_name="ordering"),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                ("name", models.CharField(help_text="As they write it.", max_length=200)),
                (
                    "link",
                    models.URLField(
                        blank=True,
                        help_text="Their website. Name and logo link to it.",
                        max_length=500,
                    ),
                ),
                (
                    "description",
                    models.CharField(
                        blank=True,
                        help_text="Shown below the name, for example “Supports the travel of students”.",
                        max_length=300,
                        verbose_name="short description",
                    ),
                ),
                (
                    "logo_alt",
                    models.CharField(
                        blank=True,
                        help_text="Screen readers read it before the name. Leave empty if the logo shows only the name.",
                        max_length=300,
                        verbose_name="description of the logo",
                    ),
                ),
                (
                    "is_shown",
                    models.BooleanField(
                        default=True,
                        help_text="Untick until the sponsorship is settled. Until then only organisers see it.",
                        verbose_name="shown",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="sponsors.level",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical sponsor",
                "verbose_name_plural": "historical sponsors",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Sponsor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ordering",
                    models.PositiveIntegerField(db_index=True, default=0, verbose_name="ordering"),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                ("name", models.CharField(help_text="As they write it.", max_length=200)),
                (
                    "link",
                    models.URLField(
                        blank=True,
                        help_text="Their website. Name and logo link to it.",
                        max_length=500,
                    ),
                ),
                (
                    "description",
                    models.CharField(
                        blank=True,
                        help_text="Shown below the name, for example “Supports the travel of students”.",
                        max_length=300,
                        verbose_name="short description",
                    ),
                ),
                (
                    "logo",
                    models.ImageField(
                        blank=True,
                        height_field="logo_height",
                        help_text="An SVG, PNG, WebP or JPEG, preferably with a transparent background. Without a logo the name is shown in large type.",
                        upload_to=apps.core.images.random_logo_name,
                        width_field="logo_width",
                    ),
                ),
                ("logo_width", models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ("logo_height", models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ("logo_digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "logo_dark",
                    models.ImageField(
                        blank=True,
                        height_field="logo_dark_height",
                        help_text="Shown in dark mode. Without it the other logo is shown on a white background.",
                        upload_to=apps.core.images.random_logo_name,
                        verbose_name="logo for dark mode",
                        width_field="logo_dark_width",
                    ),
                ),
                (
                    "logo_dark_width",
                    models.PositiveIntegerField(blank=True, editable=False, null=True),
                ),
                (
                    "logo_dark_height",
                    models.PositiveIntegerField(blank=True, editable=False, null=True),
                ),
                ("logo_dark_digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "logo_alt",
                    models.CharField(
                        blank=True,
                        help_text="Screen readers read it before the name. Leave empty if the logo shows only the name.",
                        max_length=300,
                        verbose_name="description of the logo",
                    ),
                ),
                (
                    "is_shown",
                    models.BooleanField(
                        default=True,
                        help_text="Untick until the sponsorship is settled. Until then only organisers see it.",
                        verbose_name="shown",
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sponsors",
                        to="sponsors.level",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("level", "slug"), name="one_sponsor_per_slug"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("logo_dark", ""),
                            models.Q(("logo", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="dark_logo_beside_another",
                        violation_error_message="A logo for dark mode needs a logo for light mode.",
                    ),
                ],
            },
        ),
    ]
