import datetime

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import apps.core.files
import apps.core.images
import apps.core.models
import apps.core.uploads
import apps.editions.models.edition
import apps.editions.models.files


class Migration(migrations.Migration):
    replaces = [
        ("editions", "0001_initial"),
        ("editions", "0002_edition_approves_speaker_edits"),
        ("editions", "0003_deadline_without_a_time"),
        ("editions", "0004_call_is_open_ended"),
        ("editions", "0005_former_addresses"),
        ("editions", "0006_clearer_help_texts"),
        ("editions", "0007_groups_of_deadlines"),
        ("editions", "0008_pictures_and_downloads"),
        ("editions", "0009_logo"),
        ("editions", "0010_unique_messages"),
        ("editions", "0011_call_text_fits_a_page"),
        ("editions", "0012_files_for_texts"),
        ("editions", "0013_edition_language"),
        ("editions", "0014_plain_words"),
        ("editions", "0015_pdf_with_an_entry"),
        ("editions", "0016_emails"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        error_messages={
                            "unique": "Another edition has this address. Enter another one."
                        },
                        help_text="The first part of the addresses, usually the year. If you change it after publication, the old addresses redirect to the new ones.",
                        max_length=40,
                        unique=True,
                        validators=[apps.core.models.validate_edition_slug],
                        verbose_name="address",
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        help_text="Editions are ordered by year, the latest first.",
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2999),
                        ],
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        help_text="The main heading of the home page.", max_length=200
                    ),
                ),
                (
                    "short_name",
                    models.CharField(
                        blank=True,
                        help_text="Shown in the header of every page. If empty, the title is used.",
                        max_length=60,
                    ),
                ),
                (
                    "summary",
                    models.CharField(
                        blank=True,
                        help_text="One sentence for search engines and shared links. If empty, the beginning of the home page is used.",
                        max_length=300,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft: only organisers see it"),
                            ("published", "Published"),
                            ("archived", "Archived: a past edition"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "is_current",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="the site's home page"
                    ),
                ),
                (
                    "is_cancelled",
                    models.BooleanField(
                        default=False,
                        help_text="Every page of the edition shows this at the top.",
                        verbose_name="cancelled",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("de", "German"), ("fr", "French")],
                        default="en",
                        help_text="The language of headings, buttons, forms and letters. Your own texts are not translated.",
                        max_length=2,
                    ),
                ),
                (
                    "hue",
                    models.PositiveSmallIntegerField(
                        default=205,
                        help_text="The year's colour: an angle from 0 to 355 in steps of 5 (25 red, 85 ochre, 145 green, 205 teal, 265 blue, 330 plum).",
                        validators=[
                            django.core.validators.MaxValueValidator(355),
                            django.core.validators.StepValueValidator(5),
                        ],
                    ),
                ),
                (
                    "logo",
                    models.ImageField(
                        blank=True,
                        height_field="logo_height",
                        help_text="An SVG, PNG, WebP or JPEG in the header of every page, beside the short name.",
                        upload_to=apps.core.images.random_logo_name,
                        verbose_name="logo or banner",
                        width_field="logo_width",
                    ),
                ),
                ("logo_width", models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ("logo_height", models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ("logo_digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "logo_alt",
                    models.CharField(
                        blank=True,
                        help_text="If the logo contains the name of the workshop, enter that text here. Screen readers read it, and the short name is not shown beside the logo.",
                        max_length=200,
                        verbose_name="text in the logo",
                    ),
                ),
                (
                    "has_logo_plate",
                    models.BooleanField(
                        default=True,
                        help_text="Untick if the logo is made for dark backgrounds or is a photo. It is then shown on the edition's colour.",
                        verbose_name="on a white background",
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="first day")),
                (
                    "ends_on",
                    models.DateField(
                        blank=True,
                        help_text="Leave empty for a single day.",
                        null=True,
                        verbose_name="last day",
                    ),
                ),
                (
                    "date_note",
                    models.CharField(
                        blank=True,
                        help_text="For example “Dec 12 or 13”. Shown until the first day is set.",
                        max_length=100,
                        verbose_name="provisional date",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/London",
                        help_text="The time zone of all times of this edition, for example Europe/London.",
                        max_length=60,
                        validators=[apps.editions.models.edition.validate_time_zone],
                    ),
                ),
                (
                    "venue",
                    models.CharField(
                        blank=True,
                        help_text="Building and city. If empty, pages show “To be announced”.",
                        max_length=200,
                        verbose_name="place",
                    ),
                ),
                ("venue_address", models.TextField(blank=True, verbose_name="street address")),
                ("venue_map_url", models.URLField(blank=True, verbose_name="link to a map")),
                (
                    "venue_access",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. For example step-free access, hearing loops, parking, public transport.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="getting there and access",
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Shown in every footer.",
                        max_length=254,
                        verbose_name="contact address",
                    ),
                ),
                (
                    "registration_url",
                    models.URLField(blank=True, verbose_name="link to registration"),
                ),
                (
                    "registration_closes_on",
                    models.DateField(
                        blank=True,
                        help_text="The button is shown until the end of this day in the edition's time zone.",
                        null=True,
                        verbose_name="registration closes on",
                    ),
                ),
                (
                    "parent_event_name",
                    models.CharField(
                        blank=True,
                        help_text="The conference that hosts the workshop, if any.",
                        max_length=200,
                        verbose_name="part of",
                    ),
                ),
                ("parent_event_url", models.URLField(blank=True, verbose_name="link to the event")),
                (
                    "approves_speaker_edits",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise changes by speakers on their own pages are public immediately.",
                        verbose_name="approve changes by speakers",
                    ),
                ),
                (
                    "code_of_conduct",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. Shown on its own page, linked in every footer.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                    ),
                ),
            ],
            options={
                "ordering": ["-year", "-slug"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("is_current",),
                        name="one_current_edition",
                        violation_error_message="Another edition is already the site's home page.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_current", False),
                            models.Q(("state", "draft"), _negated=True),
                            _connector="OR",
                        ),
                        name="current_edition_is_public",
                        violation_error_message="A draft cannot be the site's home page. Publish it first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None),
                            models.Q(
                                ("ends_on__gte", models.F("starts_on")),
                                ("starts_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="edition_ends_after_start",
                        violation_error_message="The last day must not be before the first day.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("year__gte", 1900), ("year__lte", 2999)),
                        name="edition_year_of_our_time",
                        violation_error_message="The year has four digits, from 1900 to 2999.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "de", "fr"])),
                        name="edition_language_known",
                        violation_error_message="The language is en, de or fr.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hue__lte", 355)),
                        name="edition_hue_in_circle",
                        violation_error_message="The colour is an angle from 0 to 355.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=40, unique=True, verbose_name="address")),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "former addresses",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="HistoricalCall",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. Shown above the form: who can apply, what you offer, what happens next.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                    ),
                ),
                ("opens_on", models.DateField(blank=True, null=True, verbose_name="opens on")),
                ("opens_time", models.TimeField(default=datetime.time(9, 0), verbose_name="at")),
                ("closes_on", models.DateField(blank=True, null=True, verbose_name="closes on")),
                ("closes_time", models.TimeField(default=datetime.time(23, 59), verbose_name="at")),
                (
                    "is_open_ended",
                    models.BooleanField(
                        default=False,
                        help_text="Instead of a closing date. The form opens immediately, or on the opening day. Students can change their entries while it is open. Untick this to close the form.",
                        verbose_name="open until further notice",
                    ),
                ),
                (
                    "is_anywhere_on_earth",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise in the edition's time zone.",
                        verbose_name="closes at the end of the day anywhere on Earth",
                    ),
                ),
                (
                    "edits_close_on",
                    models.DateField(
                        blank=True,
                        help_text="Students can change their entries until the end of this day. If empty, until the call closes.",
                        null=True,
                        verbose_name="changes until",
                    ),
                ),
                (
                    "decisions_on",
                    models.DateField(blank=True, null=True, verbose_name="decisions by"),
                ),
                ("offers_talks", models.BooleanField(default=True, verbose_name="lightning talks")),
                ("offers_posters", models.BooleanField(default=True, verbose_name="posters")),
                (
                    "talk_minutes",
                    models.PositiveSmallIntegerField(
                        default=3, verbose_name="minutes per lightning talk"
                    ),
                ),
                (
                    "poster_size",
                    models.CharField(blank=True, max_length=100, verbose_name="size of a poster"),
                ),
                (
                    "abstract_words",
                    models.PositiveSmallIntegerField(
                        default=250,
                        validators=[django.core.validators.MinValueValidator(20)],
                        verbose_name="maximum words of an abstract",
                    ),
                ),
                (
                    "asks_career_stage",
                    models.BooleanField(default=True, verbose_name="ask for the career stage"),
                ),
                (
                    "asks_supervisor",
                    models.BooleanField(default=False, verbose_name="ask for the supervisor"),
                ),
                (
                    "asks_school",
                    models.BooleanField(default=False, verbose_name="ask for the school or lab"),
                ),
                ("asks_link", models.BooleanField(default=False, verbose_name="ask for a link")),
                (
                    "asks_pdf",
                    models.BooleanField(
                        default=False,
                        help_text="Optional for students, at most 10 MB. Reviewers read it, but see “anonymous PDFs”.",
                        verbose_name="offer to add a PDF",
                    ),
                ),
                (
                    "notice",
                    models.CharField(
                        choices=[
                            ("each", "An email for each"),
                            ("daily", "One email a day"),
                            ("none", "None"),
                        ],
                        default="each",
                        help_text="Sent to the edition's contact address, if it has one.",
                        max_length=5,
                        verbose_name="notice to organisers",
                    ),
                ),
                ("sends_receipt", models.BooleanField(default=True, verbose_name="send receipts")),
                (
                    "reply_days",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="days to reply to an offer",
                    ),
                ),
                (
                    "sends_reminders",
                    models.BooleanField(default=True, verbose_name="send reminders"),
                ),
                (
                    "remind_days",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="Students who have not replied to an offer are reminded once.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="days before the reply is due",
                    ),
                ),
                (
                    "talk_places",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The number of places in the programme; decisions are counted against it. Leave empty for no limit.",
                        null=True,
                        verbose_name="places for lightning talks",
                    ),
                ),
                (
                    "poster_places",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The number of poster boards. Leave empty for no limit.",
                        null=True,
                        verbose_name="places for posters",
                    ),
                ),
                (
                    "is_review_anonymous",
                    models.BooleanField(
                        default=False,
                        help_text="Reviewers do not see names, universities, supervisors, co-authors or links.",
                        verbose_name="anonymous review",
                    ),
                ),
                (
                    "has_anonymous_pdfs",
                    models.BooleanField(
                        default=False,
                        help_text="Matters for an anonymous review alone: the form asks students to leave out who they are, and reviewers may open the PDFs. Otherwise only chairs and the helpdesk do.",
                        verbose_name="anonymous PDFs",
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
                "verbose_name": "historical call",
                "verbose_name_plural": "historical calls",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDeadline",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.CharField(
                        blank=True,
                        help_text="A heading for several deadlines, such as “Workshop papers”. Deadlines without a group are first.",
                        max_length=100,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("due_on", models.DateField(verbose_name="date")),
                (
                    "due_time",
                    models.TimeField(
                        blank=True,
                        help_text="In the edition's time zone, or anywhere on Earth. If empty, until the end of the day; pages then show only the day.",
                        null=True,
                        verbose_name="time",
                    ),
                ),
                (
                    "is_anywhere_on_earth",
                    models.BooleanField(default=False, verbose_name="anywhere on Earth"),
                ),
                (
                    "extended_from_on",
                    models.DateField(
                        blank=True,
                        help_text="The old date, shown struck through. Set automatically when you move a deadline later; clear it if the old date was a mistake.",
                        null=True,
                        verbose_name="extended from",
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
                "verbose_name": "historical deadline",
                "verbose_name_plural": "historical deadlines",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDownload",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The name to use in texts, such as flyer.pdf. It cannot be changed later.",
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9][A-Za-z0-9._-]{0,80}\\.(?i:pdf|zip)\\Z",
                                "The name has letters a to z, digits, hyphens and dots, and ends in .pdf or .zip.",
                            )
                        ],
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
                "verbose_name": "historical file",
                "verbose_name_plural": "historical files",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalEdition",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        error_messages={
                            "unique": "Another edition has this address. Enter another one."
                        },
                        help_text="The first part of the addresses, usually the year. If you change it after publication, the old addresses redirect to the new ones.",
                        max_length=40,
                        validators=[apps.core.models.validate_edition_slug],
                        verbose_name="address",
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        help_text="Editions are ordered by year, the latest first.",
                        validators=[
                            django.core.validators.MinValueValidator(1900),
                            django.core.validators.MaxValueValidator(2999),
                        ],
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        help_text="The main heading of the home page.", max_length=200
                    ),
                ),
                (
                    "short_name",
                    models.CharField(
                        blank=True,
                        help_text="Shown in the header of every page. If empty, the title is used.",
                        max_length=60,
                    ),
                ),
                (
                    "summary",
                    models.CharField(
                        blank=True,
                        help_text="One sentence for search engines and shared links. If empty, the beginning of the home page is used.",
                        max_length=300,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft: only organisers see it"),
                            ("published", "Published"),
                            ("archived", "Archived: a past edition"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "is_current",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="the site's home page"
                    ),
                ),
                (
                    "is_cancelled",
                    models.BooleanField(
                        default=False,
                        help_text="Every page of the edition shows this at the top.",
                        verbose_name="cancelled",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("de", "German"), ("fr", "French")],
                        default="en",
                        help_text="The language of headings, buttons, forms and letters. Your own texts are not translated.",
                        max_length=2,
                    ),
                ),
                (
                    "hue",
                    models.PositiveSmallIntegerField(
                        default=205,
                        help_text="The year's colour: an angle from 0 to 355 in steps of 5 (25 red, 85 ochre, 145 green, 205 teal, 265 blue, 330 plum).",
                        validators=[
                            django.core.validators.MaxValueValidator(355),
                            django.core.validators.StepValueValidator(5),
                        ],
                    ),
                ),
                (
                    "logo_alt",
                    models.CharField(
                        blank=True,
                        help_text="If the logo contains the name of the workshop, enter that text here. Screen readers read it, and the short name is not shown beside the logo.",
                        max_length=200,
                        verbose_name="text in the logo",
                    ),
                ),
                (
                    "has_logo_plate",
                    models.BooleanField(
                        default=True,
                        help_text="Untick if the logo is made for dark backgrounds or is a photo. It is then shown on the edition's colour.",
                        verbose_name="on a white background",
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="first day")),
                (
                    "ends_on",
                    models.DateField(
                        blank=True,
                        help_text="Leave empty for a single day.",
                        null=True,
                        verbose_name="last day",
                    ),
                ),
                (
                    "date_note",
                    models.CharField(
                        blank=True,
                        help_text="For example “Dec 12 or 13”. Shown until the first day is set.",
                        max_length=100,
                        verbose_name="provisional date",
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        default="Europe/London",
                        help_text="The time zone of all times of this edition, for example Europe/London.",
                        max_length=60,
                        validators=[apps.editions.models.edition.validate_time_zone],
                    ),
                ),
                (
                    "venue",
                    models.CharField(
                        blank=True,
                        help_text="Building and city. If empty, pages show “To be announced”.",
                        max_length=200,
                        verbose_name="place",
                    ),
                ),
                ("venue_address", models.TextField(blank=True, verbose_name="street address")),
                ("venue_map_url", models.URLField(blank=True, verbose_name="link to a map")),
                (
                    "venue_access",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. For example step-free access, hearing loops, parking, public transport.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="getting there and access",
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Shown in every footer.",
                        max_length=254,
                        verbose_name="contact address",
                    ),
                ),
                (
                    "registration_url",
                    models.URLField(blank=True, verbose_name="link to registration"),
                ),
                (
                    "registration_closes_on",
                    models.DateField(
                        blank=True,
                        help_text="The button is shown until the end of this day in the edition's time zone.",
                        null=True,
                        verbose_name="registration closes on",
                    ),
                ),
                (
                    "parent_event_name",
                    models.CharField(
                        blank=True,
                        help_text="The conference that hosts the workshop, if any.",
                        max_length=200,
                        verbose_name="part of",
                    ),
                ),
                ("parent_event_url", models.URLField(blank=True, verbose_name="link to the event")),
                (
                    "approves_speaker_edits",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise changes by speakers on their own pages are public immediately.",
                        verbose_name="approve changes by speakers",
                    ),
                ),
                (
                    "code_of_conduct",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. Shown on its own page, linked in every footer.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
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
            ],
            options={
                "verbose_name": "historical edition",
                "verbose_name_plural": "historical editions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPicture",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The name to use in texts, such as venue.jpg. It cannot be changed later.",
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9][A-Za-z0-9._-]{0,80}\\.(?i:jpe?g|png|webp)\\Z",
                                "The name has letters a to z, digits, hyphens and dots, and ends in .jpg, .png or .webp.",
                            )
                        ],
                    ),
                ),
                (
                    "alt",
                    models.CharField(
                        blank=True,
                        help_text="For people who do not see the picture: one sentence about what it shows. A text can use another description.",
                        max_length=300,
                        verbose_name="description",
                    ),
                ),
                (
                    "is_decorative",
                    models.BooleanField(
                        default=False,
                        help_text="Tick if the picture adds no information to the text. It then needs no description.",
                        verbose_name="decoration only",
                    ),
                ),
                (
                    "caption",
                    models.CharField(
                        blank=True,
                        help_text="Shown below the picture. A text can use another caption.",
                        max_length=300,
                    ),
                ),
                (
                    "credit",
                    models.CharField(
                        blank=True,
                        help_text="Shown after the caption, for example “Photo: Ada Example, CC BY 4.0”.",
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
                "verbose_name": "historical picture",
                "verbose_name_plural": "historical pictures",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Download",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The name to use in texts, such as flyer.pdf. It cannot be changed later.",
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9][A-Za-z0-9._-]{0,80}\\.(?i:pdf|zip)\\Z",
                                "The name has letters a to z, digits, hyphens and dots, and ends in .pdf or .zip.",
                            )
                        ],
                    ),
                ),
                (
                    "file",
                    apps.core.files.PrivateFileField(
                        help_text="A PDF or ZIP archive of at most 50 MB. Anyone who knows its address can read it as soon as the edition is public.",
                        storage=apps.core.files.private_storage,
                        upload_to=apps.editions.models.files.random_download_name,
                        validators=[apps.core.uploads.validate_attachment],
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="downloads",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name": "file",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "name"),
                        name="one_download_per_name",
                        violation_error_message="The edition already has a file with this name. Replace it, or choose another name.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.CharField(
                        blank=True,
                        help_text="A heading for several deadlines, such as “Workshop papers”. Deadlines without a group are first.",
                        max_length=100,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("due_on", models.DateField(verbose_name="date")),
                (
                    "due_time",
                    models.TimeField(
                        blank=True,
                        help_text="In the edition's time zone, or anywhere on Earth. If empty, until the end of the day; pages then show only the day.",
                        null=True,
                        verbose_name="time",
                    ),
                ),
                (
                    "is_anywhere_on_earth",
                    models.BooleanField(default=False, verbose_name="anywhere on Earth"),
                ),
                (
                    "extended_from_on",
                    models.DateField(
                        blank=True,
                        help_text="The old date, shown struck through. Set automatically when you move a deadline later; clear it if the old date was a mistake.",
                        null=True,
                        verbose_name="extended from",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deadlines",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["due_on", models.OrderBy(models.F("due_time"), nulls_last=True), "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "group", "title"),
                        name="one_deadline_per_group_and_title",
                        violation_error_message="This edition already has a deadline with this title in this group. Change one of the titles.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("extended_from_on", None),
                            ("extended_from_on__lt", models.F("due_on")),
                            _connector="OR",
                        ),
                        name="deadline_extended_later",
                        violation_error_message="A deadline can only be extended to a later day.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. Shown above the form: who can apply, what you offer, what happens next.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                    ),
                ),
                ("opens_on", models.DateField(blank=True, null=True, verbose_name="opens on")),
                ("opens_time", models.TimeField(default=datetime.time(9, 0), verbose_name="at")),
                ("closes_on", models.DateField(blank=True, null=True, verbose_name="closes on")),
                ("closes_time", models.TimeField(default=datetime.time(23, 59), verbose_name="at")),
                (
                    "is_open_ended",
                    models.BooleanField(
                        default=False,
                        help_text="Instead of a closing date. The form opens immediately, or on the opening day. Students can change their entries while it is open. Untick this to close the form.",
                        verbose_name="open until further notice",
                    ),
                ),
                (
                    "is_anywhere_on_earth",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise in the edition's time zone.",
                        verbose_name="closes at the end of the day anywhere on Earth",
                    ),
                ),
                (
                    "edits_close_on",
                    models.DateField(
                        blank=True,
                        help_text="Students can change their entries until the end of this day. If empty, until the call closes.",
                        null=True,
                        verbose_name="changes until",
                    ),
                ),
                (
                    "decisions_on",
                    models.DateField(blank=True, null=True, verbose_name="decisions by"),
                ),
                ("offers_talks", models.BooleanField(default=True, verbose_name="lightning talks")),
                ("offers_posters", models.BooleanField(default=True, verbose_name="posters")),
                (
                    "talk_minutes",
                    models.PositiveSmallIntegerField(
                        default=3, verbose_name="minutes per lightning talk"
                    ),
                ),
                (
                    "poster_size",
                    models.CharField(blank=True, max_length=100, verbose_name="size of a poster"),
                ),
                (
                    "abstract_words",
                    models.PositiveSmallIntegerField(
                        default=250,
                        validators=[django.core.validators.MinValueValidator(20)],
                        verbose_name="maximum words of an abstract",
                    ),
                ),
                (
                    "asks_career_stage",
                    models.BooleanField(default=True, verbose_name="ask for the career stage"),
                ),
                (
                    "asks_supervisor",
                    models.BooleanField(default=False, verbose_name="ask for the supervisor"),
                ),
                (
                    "asks_school",
                    models.BooleanField(default=False, verbose_name="ask for the school or lab"),
                ),
                ("asks_link", models.BooleanField(default=False, verbose_name="ask for a link")),
                (
                    "asks_pdf",
                    models.BooleanField(
                        default=False,
                        help_text="Optional for students, at most 10 MB. Reviewers read it, but see “anonymous PDFs”.",
                        verbose_name="offer to add a PDF",
                    ),
                ),
                (
                    "notice",
                    models.CharField(
                        choices=[
                            ("each", "An email for each"),
                            ("daily", "One email a day"),
                            ("none", "None"),
                        ],
                        default="each",
                        help_text="Sent to the edition's contact address, if it has one.",
                        max_length=5,
                        verbose_name="notice to organisers",
                    ),
                ),
                ("sends_receipt", models.BooleanField(default=True, verbose_name="send receipts")),
                (
                    "reply_days",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="days to reply to an offer",
                    ),
                ),
                (
                    "sends_reminders",
                    models.BooleanField(default=True, verbose_name="send reminders"),
                ),
                (
                    "remind_days",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="Students who have not replied to an offer are reminded once.",
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="days before the reply is due",
                    ),
                ),
                (
                    "talk_places",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The number of places in the programme; decisions are counted against it. Leave empty for no limit.",
                        null=True,
                        verbose_name="places for lightning talks",
                    ),
                ),
                (
                    "poster_places",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The number of poster boards. Leave empty for no limit.",
                        null=True,
                        verbose_name="places for posters",
                    ),
                ),
                (
                    "is_review_anonymous",
                    models.BooleanField(
                        default=False,
                        help_text="Reviewers do not see names, universities, supervisors, co-authors or links.",
                        verbose_name="anonymous review",
                    ),
                ),
                (
                    "has_anonymous_pdfs",
                    models.BooleanField(
                        default=False,
                        help_text="Matters for an anonymous review alone: the form asks students to leave out who they are, and reviewers may open the PDFs. Otherwise only chairs and the helpdesk do.",
                        verbose_name="anonymous PDFs",
                    ),
                ),
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("offers_talks", True), ("offers_posters", True), _connector="OR"
                        ),
                        name="call_offers_something",
                        violation_error_message="Offer lightning talks, posters or both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closes_on", None),
                            ("opens_on", None),
                            ("closes_on__gte", models.F("opens_on")),
                            _connector="OR",
                        ),
                        name="call_closes_after_opening",
                        violation_error_message="The call must not close before it opens.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_open_ended", False),
                            models.Q(("closes_on", None), ("edits_close_on", None)),
                            _connector="OR",
                        ),
                        name="open_ended_call_has_no_end",
                        violation_error_message="A call that is open until further notice has no closing date and no end of changes. Clear both, or untick “open until further notice”.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The name to use in texts, such as venue.jpg. It cannot be changed later.",
                        max_length=100,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9][A-Za-z0-9._-]{0,80}\\.(?i:jpe?g|png|webp)\\Z",
                                "The name has letters a to z, digits, hyphens and dots, and ends in .jpg, .png or .webp.",
                            )
                        ],
                    ),
                ),
                (
                    "file",
                    models.ImageField(
                        height_field="file_height",
                        help_text="A JPEG, PNG or WebP of at most 20 MB. Its location and time are removed.",
                        upload_to=apps.core.images.random_picture_name,
                        verbose_name="picture",
                        width_field="file_width",
                    ),
                ),
                ("file_width", models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ("file_height", models.PositiveIntegerField(blank=True, editable=False, null=True)),
                (
                    "file_digest",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="SHA-256 of the file as it was given.",
                        max_length=64,
                    ),
                ),
                (
                    "alt",
                    models.CharField(
                        blank=True,
                        help_text="For people who do not see the picture: one sentence about what it shows. A text can use another description.",
                        max_length=300,
                        verbose_name="description",
                    ),
                ),
                (
                    "is_decorative",
                    models.BooleanField(
                        default=False,
                        help_text="Tick if the picture adds no information to the text. It then needs no description.",
                        verbose_name="decoration only",
                    ),
                ),
                (
                    "caption",
                    models.CharField(
                        blank=True,
                        help_text="Shown below the picture. A text can use another caption.",
                        max_length=300,
                    ),
                ),
                (
                    "credit",
                    models.CharField(
                        blank=True,
                        help_text="Shown after the caption, for example “Photo: Ada Example, CC BY 4.0”.",
                        max_length=200,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pictures",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "name"),
                        name="one_picture_per_name",
                        violation_error_message="The edition already has a picture with this name. Replace its file, or choose another name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("alt", ""), ("is_decorative", True)),
                            models.Q(
                                models.Q(("alt", ""), _negated=True), ("is_decorative", False)
                            ),
                            _connector="OR",
                        ),
                        name="picture_described_or_decorative",
                        violation_error_message="Describe the picture or tick “decoration only”, not both.",
                    ),
                ],
            },
        ),
    ]
