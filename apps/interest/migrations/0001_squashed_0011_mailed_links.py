import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.files
import apps.core.uploads
import apps.interest.models.expression
import apps.interest.models.files


class Migration(migrations.Migration):
    replaces = [
        ("interest", "0001_initial"),
        ("interest", "0002_rename_question_and_answer_texts"),
        ("interest", "0003_name_test_entries_rehearsals"),
        ("interest", "0004_unchecked_address"),
        ("interest", "0005_notes"),
        ("interest", "0006_plain_words"),
        ("interest", "0007_pdf_of_an_entry"),
        ("interest", "0008_reword_choices"),
        ("interest", "0009_plain_help_texts"),
        ("interest", "0010_name_entries"),
        ("interest", "0011_mailed_links"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
        ("mail", "0001_squashed_0005_emails"),
        ("topics", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reported_until_on",
                    models.DateField(help_text="Exclusive, in the edition's zone."),
                ),
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="daily_notice",
                        to="editions.edition",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Expression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        default=apps.interest.models.expression.new_reference,
                        editable=False,
                        max_length=6,
                        unique=True,
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="full name")),
                ("email", models.EmailField(max_length=254, verbose_name="email address")),
                ("university", models.CharField(max_length=200)),
                (
                    "career_stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("phd", "PhD student"),
                            ("masters", "Master's student"),
                            ("postdoc", "Postdoctoral researcher"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                    ),
                ),
                ("supervisor", models.CharField(blank=True, max_length=200)),
                (
                    "school",
                    models.CharField(blank=True, max_length=200, verbose_name="school or lab"),
                ),
                ("link", models.URLField(blank=True, max_length=500)),
                ("wants_talk", models.BooleanField(default=False, verbose_name="lightning talk")),
                ("wants_poster", models.BooleanField(default=False, verbose_name="poster")),
                (
                    "preference",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("talk", "Prefer a lightning talk"),
                            ("poster", "Prefer a poster"),
                            ("either", "No preference"),
                        ],
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                (
                    "abstract",
                    models.TextField(validators=[django.core.validators.MaxLengthValidator(20000)]),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "Submitted"),
                            ("under_review", "Under review"),
                            ("accepted", "Accepted"),
                            ("waitlisted", "On the waiting list"),
                            ("declined", "Declined"),
                            ("confirmed", "Confirmed"),
                            ("offer_declined", "Offer declined"),
                            ("lapsed", "Lapsed"),
                            ("withdrawn", "Withdrawn"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_index=True,
                        default="submitted",
                        editable=False,
                        max_length=20,
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
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "confirmed_format",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("talk", "Lightning talk"),
                            ("poster", "Poster"),
                            ("both", "Lightning talk and poster"),
                        ],
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("reply_by_on", models.DateField(blank=True, editable=False, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("can_attend", models.BooleanField(blank=True, editable=False, null=True)),
                ("technical_needs", models.TextField(blank=True, editable=False)),
                ("access_needs", models.TextField(blank=True, editable=False)),
                ("diet", models.TextField(blank=True, editable=False)),
                ("has_unchecked_address", models.BooleanField(default=False, editable=False)),
                (
                    "is_late",
                    models.BooleanField(default=False, editable=False, verbose_name="late"),
                ),
                (
                    "is_test",
                    models.BooleanField(default=False, editable=False, verbose_name="test entry"),
                ),
                ("submitted_at", models.DateTimeField(editable=False)),
                ("changed_at", models.DateTimeField(editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("fingerprint", models.CharField(db_index=True, editable=False, max_length=64)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expressions",
                        to="editions.edition",
                    ),
                ),
                ("topics", models.ManyToManyField(related_name="expressions", to="topics.topic")),
            ],
            options={
                "verbose_name": "entry",
                "verbose_name_plural": "entries",
                "ordering": ["-submitted_at", "-pk"],
                "permissions": [
                    ("decide_expression", "Can move expressions of interest and read all of them"),
                    (
                        "review_expression",
                        "Can review expressions without addresses and access needs",
                    ),
                    ("help_expression", "Can correct an address and re-send a link"),
                ],
                "indexes": [
                    models.Index(
                        fields=["edition", "-submitted_at", "-id"], name="expression_of_edition"
                    ),
                    models.Index(fields=["-submitted_at", "-id"], name="expression_newest_first"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("wants_talk", True), ("wants_poster", True), _connector="OR"
                        ),
                        name="expression_wants_something",
                        violation_error_message="Select lightning talk, poster or both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("preference", ""),
                            models.Q(("wants_poster", True), ("wants_talk", True)),
                            _connector="OR",
                        ),
                        name="preference_where_both_are_wanted",
                        violation_error_message="Say what you prefer only if you selected both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    ["accepted", "confirmed", "lapsed", "offer_declined"],
                                ),
                                models.Q(("offer", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "state__in",
                                        ["accepted", "confirmed", "lapsed", "offer_declined"],
                                    ),
                                    _negated=True,
                                ),
                                models.Q(
                                    ("offer", ""),
                                    ("state__in", ("withdrawn", "cancelled")),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="offer_belongs_to_its_states",
                        violation_error_message="An offer belongs to those that were accepted.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "confirmed"),
                                models.Q(("confirmed_format", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "confirmed"), _negated=True),
                                models.Q(
                                    ("confirmed_format", ""),
                                    ("state__in", ("withdrawn", "cancelled")),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="confirmed_says_what",
                        violation_error_message="What was confirmed belongs to those that confirmed.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                (
                                    "state__in",
                                    [
                                        "accepted",
                                        "confirmed",
                                        "declined",
                                        "lapsed",
                                        "offer_declined",
                                        "waitlisted",
                                    ],
                                ),
                            ),
                            ("state__in", ("withdrawn", "cancelled")),
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("state__in", ("submitted", "under_review")),
                            ),
                            _connector="OR",
                        ),
                        name="decision_has_decider_and_moment",
                        violation_error_message="A decision says who made it and when.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("happened_at", models.DateTimeField(auto_now_add=True)),
                ("what", models.CharField(max_length=100)),
                (
                    "from_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("submitted", "Submitted"),
                            ("under_review", "Under review"),
                            ("accepted", "Accepted"),
                            ("waitlisted", "On the waiting list"),
                            ("declined", "Declined"),
                            ("confirmed", "Confirmed"),
                            ("offer_declined", "Offer declined"),
                            ("lapsed", "Lapsed"),
                            ("withdrawn", "Withdrawn"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "to_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("submitted", "Submitted"),
                            ("under_review", "Under review"),
                            ("accepted", "Accepted"),
                            ("waitlisted", "On the waiting list"),
                            ("declined", "Declined"),
                            ("confirmed", "Confirmed"),
                            ("offer_declined", "Offer declined"),
                            ("lapsed", "Lapsed"),
                            ("withdrawn", "Withdrawn"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("is_for_chairs", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        help_text="Empty if the student did it.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="interest_events",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "expression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="interest.expression",
                    ),
                ),
            ],
            options={
                "ordering": ["-happened_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("photo", "I may be photographed at the workshop."),
                            ("recording", "My talk may be recorded and the recording published."),
                            ("abstract", "My abstract may be published on the workshop's website."),
                            ("contact", "You may write to me about later editions."),
                        ],
                        max_length=10,
                    ),
                ),
                ("wording", models.TextField()),
                ("is_given", models.BooleanField()),
                ("said_at", models.DateTimeField()),
                (
                    "expression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="interest.expression",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("expression", "about"), name="one_consent_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="CoAuthor",
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
                ("name", models.CharField(max_length=200)),
                ("affiliation", models.CharField(blank=True, max_length=200)),
                (
                    "expression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="coauthors",
                        to="interest.expression",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
            },
        ),
        migrations.CreateModel(
            name="AccessLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "for_whom",
                    models.CharField(
                        help_text="Who asked for it. Only organisers see this.", max_length=200
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_links",
                        to="editions.edition",
                    ),
                ),
                (
                    "used_by",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="access_link",
                        to="interest.expression",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ExpressionLetter",
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
                        related_name="letter_links",
                        to="interest.expression",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="expression_link",
                        to="mail.letter",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ExpressionPDF",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "file",
                    apps.core.files.PrivateFileField(
                        storage=apps.core.files.private_storage,
                        upload_to=apps.interest.models.files.random_pdf_name,
                        validators=[apps.core.uploads.validate_entry_pdf],
                    ),
                ),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("digest", models.CharField(max_length=64)),
                ("uploaded_at", models.DateTimeField(auto_now=True)),
                (
                    "expression",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pdf",
                        to="interest.expression",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Note",
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
                        related_name="expression_notes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "expression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
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
            name="Question",
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
                ("label", models.CharField(max_length=300, verbose_name="question")),
                ("help_text", models.CharField(blank=True, max_length=300, verbose_name="hint")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "A line of text"),
                            ("long_text", "Several lines of text"),
                            ("choice", "One of several answers"),
                            ("yes_no", "Yes or no"),
                        ],
                        default="text",
                        max_length=10,
                    ),
                ),
                (
                    "choices",
                    models.TextField(
                        blank=True,
                        help_text="One per line, for “one of several answers”.",
                        verbose_name="answers to choose from",
                    ),
                ),
                (
                    "is_required",
                    models.BooleanField(default=False, verbose_name="must be answered"),
                ),
                (
                    "asked_at",
                    models.CharField(
                        choices=[
                            ("submission", "With the form"),
                            ("acceptance", "When an offer is confirmed"),
                        ],
                        default="submission",
                        max_length=10,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "choice"), _negated=True),
                            models.Q(("choices", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="question_has_its_choices",
                        violation_error_message="Give the answers to choose from, one per line.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(blank=True)),
                (
                    "expression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="interest.expression",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="interest.question",
                    ),
                ),
            ],
            options={
                "ordering": ["question__ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("expression", "question"), name="one_answer_each"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StudentLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("is_mailed", models.BooleanField(default=False, editable=False)),
                (
                    "expression",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="interest.expression",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
