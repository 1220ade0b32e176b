import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("review", "0001_initial"),
        ("review", "0002_unique_messages"),
        ("review", "0003_assignments"),
        ("review", "0004_plain_words"),
        ("review", "0005_committee"),
        ("review", "0006_criteria"),
        ("review", "0007_discussion"),
        ("review", "0008_plain_help_texts"),
        ("review", "0009_criterion_message"),
        ("review", "0010_name_entries"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
        ("interest", "0001_squashed_0011_mailed_links"),
        ("mail", "0001_squashed_0005_emails"),
        ("topics", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text",
                    models.TextField(validators=[django.core.validators.MaxLengthValidator(5000)]),
                ),
                ("written_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="review_comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "expression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="interest.expression",
                    ),
                ),
            ],
            options={
                "ordering": ["written_at", "pk"],
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Criterion",
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
                ("label", models.CharField(max_length=100)),
                (
                    "description",
                    models.CharField(
                        blank=True, help_text="Shown to reviewers below the label.", max_length=300
                    ),
                ),
                (
                    "weight",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="How much it counts in the weighted mean: 2 counts twice as much as 1.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_criteria",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "criteria",
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "label"),
                        name="one_criterion_per_label",
                        violation_error_message="The edition already has this criterion. Change its label.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weight__gte", 1), ("weight__lte", 100)),
                        name="criterion_has_weight",
                        violation_error_message="Enter a weight from 1 to 100.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvitedReviewer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="email address")),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invited_reviewers",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["email"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "email"),
                        name="one_invited_reviewer_per_address",
                        violation_error_message="This address is invited already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "score",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (1, "Does not fit"),
                            (2, "Weak"),
                            (3, "Fair"),
                            (4, "Good"),
                            (5, "Excellent"),
                        ],
                        null=True,
                    ),
                ),
                (
                    "remark",
                    models.TextField(
                        blank=True,
                        help_text="For the chairs. Students never see it.",
                        validators=[django.core.validators.MaxLengthValidator(5000)],
                    ),
                ),
                (
                    "has_conflict",
                    models.BooleanField(default=False, verbose_name="conflict of interest"),
                ),
                ("reviewed_at", models.DateTimeField(auto_now_add=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "expression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="interest.expression",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("expression", "reviewer"),
                        name="one_review_each",
                        violation_error_message="This reviewer has reviewed this entry already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("has_conflict", True), ("score", None)),
                            models.Q(
                                ("has_conflict", False),
                                ("score__gte", 1),
                                ("score__isnull", False),
                                ("score__lte", 5),
                            ),
                            _connector="OR",
                        ),
                        name="review_scores_or_stands_aside",
                        violation_error_message="Give a score from 1 to 5, or declare a conflict of interest.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CriterionScore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "score",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Does not fit"),
                            (2, "Weak"),
                            (3, "Fair"),
                            (4, "Good"),
                            (5, "Excellent"),
                        ]
                    ),
                ),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="review.criterion",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="criterion_scores",
                        to="review.review",
                    ),
                ),
            ],
            options={
                "ordering": ["criterion__ordering", "criterion", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("review", "criterion"), name="one_score_per_criterion"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("score__gte", 1), ("score__lte", 5)),
                        name="criterion_score_from_1_to_5",
                        violation_error_message="Give a score from 1 to 5.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reviewer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "affiliation",
                    models.CharField(
                        blank=True,
                        help_text="Nothing from the same university or lab is assigned to this reviewer.",
                        max_length=200,
                    ),
                ),
                (
                    "conflicts",
                    models.TextField(
                        blank=True,
                        help_text="One person, university or lab on each line. Nothing by them is assigned to this reviewer.",
                        validators=[django.core.validators.MaxLengthValidator(5000)],
                        verbose_name="conflicts of interest",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviewers",
                        to="editions.edition",
                    ),
                ),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Entries about these topics are preferred in an automatic assignment.",
                        related_name="reviewers",
                        to="topics.topic",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviewing",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "user"),
                        name="one_reviewer_once",
                        violation_error_message="This person already reviews this edition. Choose someone else.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "expression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="interest.expression",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="review.reviewer",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("expression", "reviewer"),
                        name="one_assignment_each",
                        violation_error_message="This entry is assigned to this reviewer already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewReminder",
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
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="review.reviewer",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
    ]
