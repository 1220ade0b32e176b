import datetime
import uuid

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("news", "0001_initial"), ("news", "0002_plain_words")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalNewsItem",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        help_text="The headline. If empty, lists show the text.",
                        max_length=200,
                    ),
                ),
                (
                    "body",
                    models.TextField(
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="text",
                    ),
                ),
                (
                    "is_published",
                    models.BooleanField(
                        default=False,
                        help_text="Until then only organisers see it.",
                        verbose_name="published",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The date on the page. News with a future date is shown automatically from then on. If empty, the time of publication is used.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                "Choose a day between 1970 and 2999.",
                            ),
                            django.core.validators.MaxValueValidator(
                                datetime.datetime(2999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                "Choose a day between 1970 and 2999.",
                            ),
                        ],
                        verbose_name="from",
                    ),
                ),
                ("created_at", models.DateTimeField(blank=True, editable=False)),
                ("changed_at", models.DateTimeField(editable=False, null=True)),
                ("uuid", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
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
                "verbose_name": "historical news item",
                "verbose_name_plural": "historical news",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="NewsItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        help_text="The headline. If empty, lists show the text.",
                        max_length=200,
                    ),
                ),
                (
                    "body",
                    models.TextField(
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="text",
                    ),
                ),
                (
                    "is_published",
                    models.BooleanField(
                        default=False,
                        help_text="Until then only organisers see it.",
                        verbose_name="published",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The date on the page. News with a future date is shown automatically from then on. If empty, the time of publication is used.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(
                                datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                "Choose a day between 1970 and 2999.",
                            ),
                            django.core.validators.MaxValueValidator(
                                datetime.datetime(2999, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                "Choose a day between 1970 and 2999.",
                            ),
                        ],
                        verbose_name="from",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("changed_at", models.DateTimeField(editable=False, null=True)),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="news",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name": "news item",
                "verbose_name_plural": "news",
                "ordering": [
                    models.OrderBy(models.F("published_at"), descending=True, nulls_last=True),
                    "-pk",
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "slug"), name="one_news_item_per_slug"
                    )
                ],
            },
        ),
    ]
