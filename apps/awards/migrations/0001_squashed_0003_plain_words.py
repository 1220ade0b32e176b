import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("awards", "0001_initial"),
        ("awards", "0002_unique_messages"),
        ("awards", "0003_plain_words"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
        ("people", "0001_squashed_0008_shows_years"),
        ("programme", "0001_squashed_0014_credit_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="Award",
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
                    models.CharField(help_text="The name, such as “Best paper”.", max_length=200),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("award", "Award"), ("honourable_mention", "Honourable mention")],
                        default="award",
                        help_text="Honourable mentions are shown smaller.",
                        max_length=20,
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. For example the reasons, and who decided.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
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
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="awards",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("edition", "slug"), name="one_award_per_slug"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["award", "honourable_mention"])),
                        name="award_of_known_kind",
                        violation_error_message="Choose whether it is an award or an honourable mention.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAward",
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
                    models.CharField(help_text="The name, such as “Best paper”.", max_length=200),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("award", "Award"), ("honourable_mention", "Honourable mention")],
                        default="award",
                        help_text="Honourable mentions are shown smaller.",
                        max_length=20,
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. For example the reasons, and who decided.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
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
                "verbose_name": "historical award",
                "verbose_name_plural": "historical awards",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRecipient",
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
                    "title",
                    models.CharField(
                        blank=True,
                        help_text="The title of a paper that is not on the programme.",
                        max_length=300,
                    ),
                ),
                (
                    "authors",
                    models.TextField(
                        blank=True,
                        help_text="The authors of that paper, one per line.",
                        max_length=5000,
                    ),
                ),
                (
                    "link",
                    models.URLField(
                        blank=True, help_text="The address of that paper.", max_length=500
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
                    "award",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="awards.award",
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="programme.contribution",
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
                    "person",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical recipient",
                "verbose_name_plural": "historical recipients",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Recipient",
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
                    "title",
                    models.CharField(
                        blank=True,
                        help_text="The title of a paper that is not on the programme.",
                        max_length=300,
                    ),
                ),
                (
                    "authors",
                    models.TextField(
                        blank=True,
                        help_text="The authors of that paper, one per line.",
                        max_length=5000,
                    ),
                ),
                (
                    "link",
                    models.URLField(
                        blank=True, help_text="The address of that paper.", max_length=500
                    ),
                ),
                (
                    "award",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="awards.award",
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="awards_received",
                        to="programme.contribution",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="awards_received",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("award", "slug"), name="one_recipient_per_slug"
                    ),
                    models.UniqueConstraint(
                        fields=("award", "contribution"),
                        name="one_award_per_contribution",
                        violation_error_message="This contribution already has the award. Choose another one.",
                    ),
                    models.UniqueConstraint(
                        fields=("award", "person"),
                        name="one_award_per_person",
                        violation_error_message="This person already has the award. Choose someone else.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("contribution__isnull", False), ("person", None), ("title", "")
                            ),
                            models.Q(
                                ("contribution", None), ("person__isnull", False), ("title", "")
                            ),
                            models.Q(
                                ("contribution", None),
                                ("person", None),
                                models.Q(("title", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="recipient_is_one_of_three",
                        violation_error_message="Choose a contribution or a person, or enter a title: exactly one of the three.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("authors", ""), ("link", "")),
                            _connector="OR",
                        ),
                        name="recipient_has_authors_of_its_title",
                        violation_error_message="Authors and link belong to a title; a contribution and a person have their own.",
                    ),
                ],
            },
        ),
    ]
