import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import apps.core.files
import apps.core.search
import apps.core.uploads
import apps.editions.models.edition
import apps.programme.models.uploads


class Migration(migrations.Migration):
    replaces = [
        ("programme", "0001_initial"),
        ("programme", "0002_derive_cancelled_items"),
        ("programme", "0003_allow_equal_boards_in_drafts"),
        ("programme", "0004_sort_by_alphabet"),
        ("programme", "0005_kinds_and_names_of_sessions"),
        ("programme", "0006_name_links_to_expressions"),
        ("programme", "0007_links_and_place_in_lists"),
        ("programme", "0008_names_of_kinds_of_contributions"),
        ("programme", "0009_slots_with_a_start_of_their_own"),
        ("programme", "0010_unique_messages"),
        ("programme", "0011_plain_words"),
        ("programme", "0012_emails"),
        ("programme", "0013_plain_help_texts"),
        ("programme", "0014_credit_messages"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
        ("interest", "0001_squashed_0011_mailed_links"),
        ("mail", "0001_squashed_0005_emails"),
        ("people", "0001_squashed_0008_shows_years"),
        ("topics", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contribution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("keynote", "Keynote"),
                            ("invited", "Invited talk"),
                            ("contributed", "Contributed talk"),
                            ("talk", "Talk"),
                            ("industry", "Industry talk"),
                            ("lightning", "Lightning talk"),
                            ("poster", "Poster"),
                            ("paper", "Paper"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("demo", "Demo"),
                            ("tutorial", "Tutorial"),
                            ("other", "Other"),
                        ],
                        default="talk",
                        max_length=12,
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True, help_text="“To be announced” if empty.", max_length=300
                    ),
                ),
                (
                    "abstract",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                    ),
                ),
                (
                    "is_remote",
                    models.BooleanField(
                        default=False,
                        help_text="The programme shows this.",
                        verbose_name="given remotely",
                    ),
                ),
                (
                    "is_published",
                    models.BooleanField(
                        default=False,
                        help_text="Until then only signed-in organisers see it. Then title, abstract and links are public immediately; day, time and room with the next release of the programme.",
                        verbose_name="published",
                    ),
                ),
                (
                    "list_position",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="In the lists of papers, talks and posters 1 is first. Entries without a number follow by title.",
                        null=True,
                        verbose_name="place in lists",
                    ),
                ),
                (
                    "slides",
                    apps.core.files.PrivateFileField(
                        blank=True,
                        help_text="A PDF of at most 50 MB.",
                        storage=apps.core.files.private_storage,
                        upload_to=apps.programme.models.uploads.random_slides_name,
                        validators=[apps.core.uploads.validate_slides],
                    ),
                ),
                (
                    "slides_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to the slides"),
                ),
                (
                    "video_url",
                    models.URLField(
                        blank=True, max_length=500, verbose_name="link to the recording"
                    ),
                ),
                (
                    "paper_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to the paper"),
                ),
                (
                    "arxiv_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to arXiv"),
                ),
                (
                    "code_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to the code"),
                ),
                (
                    "poster_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to the poster"),
                ),
                (
                    "more_url",
                    models.URLField(
                        blank=True,
                        help_text="For example the authors' own page.",
                        max_length=500,
                        verbose_name="link to more",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contributions",
                        to="editions.edition",
                    ),
                ),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True, related_name="contributions", to="topics.topic"
                    ),
                ),
            ],
            options={
                "ordering": ["edition", apps.core.search.Fold("title"), "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "slug"), name="one_contribution_per_slug"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "keynote",
                                    "invited",
                                    "contributed",
                                    "talk",
                                    "industry",
                                    "lightning",
                                    "poster",
                                    "paper",
                                    "panel",
                                    "discussion",
                                    "demo",
                                    "tutorial",
                                    "other",
                                ],
                            )
                        ),
                        name="contribution_of_known_kind",
                        violation_error_message="Choose the kind of contribution.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContributionLabel",
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
                            ("keynote", "Keynote"),
                            ("invited", "Invited talk"),
                            ("contributed", "Contributed talk"),
                            ("talk", "Talk"),
                            ("industry", "Industry talk"),
                            ("lightning", "Lightning talk"),
                            ("poster", "Poster"),
                            ("paper", "Paper"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("demo", "Demo"),
                            ("tutorial", "Tutorial"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="kind of contribution",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="Shown instead of the default name, for example “Oral” for contributed talks. Public immediately.",
                        max_length=60,
                        verbose_name="its name",
                    ),
                ),
                (
                    "plural",
                    models.CharField(
                        blank=True,
                        help_text="The heading of a list, for example “Orals”. If empty, the name above is used.",
                        max_length=60,
                        verbose_name="plural",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contribution_labels",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a kind of contribution",
                "verbose_name_plural": "names of kinds of contribution",
                "ordering": ["edition", "kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "kind"),
                        name="one_label_per_kind_of_contribution",
                        violation_error_message="This edition already has a name for this kind of contribution. Change that one.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContributionLink",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("paper", "Paper"),
                            ("pdf", "PDF"),
                            ("preprint", "Preprint"),
                            ("doi", "DOI"),
                            ("code", "Code"),
                            ("data", "Data"),
                            ("slides", "Slides"),
                            ("poster", "Poster"),
                            ("video", "Recording"),
                            ("reviews", "Reviews"),
                            ("supplement", "Supplement"),
                            ("other", "More"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        blank=True,
                        help_text="For example “Paper in the proceedings”. If empty, the kind is shown.",
                        max_length=100,
                        verbose_name="text of the link",
                    ),
                ),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="web address")),
                (
                    "file",
                    apps.core.files.PrivateFileField(
                        blank=True,
                        help_text="Instead of an address: a PDF or ZIP archive of at most 50 MB.",
                        storage=apps.core.files.private_storage,
                        upload_to=apps.programme.models.uploads.random_attachment_name,
                        validators=[apps.core.uploads.validate_attachment],
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="programme.contribution",
                    ),
                ),
            ],
            options={
                "verbose_name": "link",
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "paper",
                                    "pdf",
                                    "preprint",
                                    "doi",
                                    "code",
                                    "data",
                                    "slides",
                                    "poster",
                                    "video",
                                    "reviews",
                                    "supplement",
                                    "other",
                                ],
                            )
                        ),
                        name="link_of_known_kind",
                        violation_error_message="Choose the kind of link.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("url", ""), models.Q(("file", ""), _negated=True)),
                            models.Q(models.Q(("url", ""), _negated=True), ("file", "")),
                            _connector="OR",
                        ),
                        name="link_to_address_or_file",
                        violation_error_message="Enter a web address, or choose a file, not both.",
                    ),
                    models.UniqueConstraint(
                        fields=("contribution", "kind", "label"),
                        name="one_link_per_kind_and_text",
                        violation_error_message="Another link of this kind has the same text. Give each its own.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contributor",
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
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="For someone who is not in the list of people.",
                        max_length=200,
                    ),
                ),
                (
                    "affiliation",
                    models.TextField(
                        blank=True,
                        help_text="One per line; the person's own if empty.",
                        max_length=1000,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("speaker", "Speaker"),
                            ("author", "Author"),
                            ("moderator", "Moderator"),
                            ("panellist", "Panellist"),
                        ],
                        default="speaker",
                        max_length=10,
                    ),
                ),
                (
                    "is_equal_contribution",
                    models.BooleanField(
                        default=False,
                        help_text="Shown as a mark beside the name.",
                        verbose_name="equal contribution",
                    ),
                ),
                (
                    "is_corresponding",
                    models.BooleanField(
                        default=False,
                        help_text="Shown as a mark beside the name.",
                        verbose_name="corresponding",
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contributors",
                        to="programme.contribution",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="%(class)s_credits",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person__isnull", False),
                            models.Q(("name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="contributor_has_person_or_name",
                        violation_error_message="Choose a person, or enter a name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", None), ("name", ""), _connector="OR"),
                        name="contributor_has_not_both",
                        violation_error_message="Choose a person, or enter a name, not both.",
                    ),
                    models.UniqueConstraint(
                        fields=("contribution", "person"),
                        name="once_in_a_contribution",
                        violation_error_message="This person is already one of the contributors. Remove one of the two rows.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["speaker", "author", "moderator", "panellist"])
                        ),
                        name="contributor_in_known_role",
                        violation_error_message="Choose a role.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalContribution",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("keynote", "Keynote"),
                            ("invited", "Invited talk"),
                            ("contributed", "Contributed talk"),
                            ("talk", "Talk"),
                            ("industry", "Industry talk"),
                            ("lightning", "Lightning talk"),
                            ("poster", "Poster"),
                            ("paper", "Paper"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("demo", "Demo"),
                            ("tutorial", "Tutorial"),
                            ("other", "Other"),
                        ],
                        default="talk",
                        max_length=12,
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True, help_text="“To be announced” if empty.", max_length=300
                    ),
                ),
                (
                    "abstract",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                    ),
                ),
                (
                    "is_remote",
                    models.BooleanField(
                        default=False,
                        help_text="The programme shows this.",
                        verbose_name="given remotely",
                    ),
                ),
                (
                    "is_published",
                    models.BooleanField(
                        default=False,
                        help_text="Until then only signed-in organisers see it. Then title, abstract and links are public immediately; day, time and room with the next release of the programme.",
                        verbose_name="published",
                    ),
                ),
                (
                    "list_position",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="In the lists of papers, talks and posters 1 is first. Entries without a number follow by title.",
                        null=True,
                        verbose_name="place in lists",
                    ),
                ),
                (
                    "slides_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to the slides"),
                ),
                (
                    "video_url",
                    models.URLField(
                        blank=True, max_length=500, verbose_name="link to the recording"
                    ),
                ),
                (
                    "paper_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to the paper"),
                ),
                (
                    "arxiv_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to arXiv"),
                ),
                (
                    "code_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to the code"),
                ),
                (
                    "poster_url",
                    models.URLField(blank=True, max_length=500, verbose_name="link to the poster"),
                ),
                (
                    "more_url",
                    models.URLField(
                        blank=True,
                        help_text="For example the authors' own page.",
                        max_length=500,
                        verbose_name="link to more",
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
                "verbose_name": "historical contribution",
                "verbose_name_plural": "historical contributions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContributionLabel",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("keynote", "Keynote"),
                            ("invited", "Invited talk"),
                            ("contributed", "Contributed talk"),
                            ("talk", "Talk"),
                            ("industry", "Industry talk"),
                            ("lightning", "Lightning talk"),
                            ("poster", "Poster"),
                            ("paper", "Paper"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("demo", "Demo"),
                            ("tutorial", "Tutorial"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="kind of contribution",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="Shown instead of the default name, for example “Oral” for contributed talks. Public immediately.",
                        max_length=60,
                        verbose_name="its name",
                    ),
                ),
                (
                    "plural",
                    models.CharField(
                        blank=True,
                        help_text="The heading of a list, for example “Orals”. If empty, the name above is used.",
                        max_length=60,
                        verbose_name="plural",
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
                "verbose_name": "historical name of a kind of contribution",
                "verbose_name_plural": "historical names of kinds of contribution",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContributionLink",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("paper", "Paper"),
                            ("pdf", "PDF"),
                            ("preprint", "Preprint"),
                            ("doi", "DOI"),
                            ("code", "Code"),
                            ("data", "Data"),
                            ("slides", "Slides"),
                            ("poster", "Poster"),
                            ("video", "Recording"),
                            ("reviews", "Reviews"),
                            ("supplement", "Supplement"),
                            ("other", "More"),
                        ],
                        default="other",
                        max_length=12,
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        blank=True,
                        help_text="For example “Paper in the proceedings”. If empty, the kind is shown.",
                        max_length=100,
                        verbose_name="text of the link",
                    ),
                ),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="web address")),
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
            ],
            options={
                "verbose_name": "historical link",
                "verbose_name_plural": "historical links",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContributor",
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
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="For someone who is not in the list of people.",
                        max_length=200,
                    ),
                ),
                (
                    "affiliation",
                    models.TextField(
                        blank=True,
                        help_text="One per line; the person's own if empty.",
                        max_length=1000,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("speaker", "Speaker"),
                            ("author", "Author"),
                            ("moderator", "Moderator"),
                            ("panellist", "Panellist"),
                        ],
                        default="speaker",
                        max_length=10,
                    ),
                ),
                (
                    "is_equal_contribution",
                    models.BooleanField(
                        default=False,
                        help_text="Shown as a mark beside the name.",
                        verbose_name="equal contribution",
                    ),
                ),
                (
                    "is_corresponding",
                    models.BooleanField(
                        default=False,
                        help_text="Shown as a mark beside the name.",
                        verbose_name="corresponding",
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
                "verbose_name": "historical contributor",
                "verbose_name_plural": "historical contributors",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRoom",
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
                (
                    "name",
                    models.CharField(help_text="As on the signs at the venue.", max_length=100),
                ),
                (
                    "capacity",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="seats",
                    ),
                ),
                (
                    "directions",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. For example floor, stairs, lifts and entrance.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="how to get there",
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
                "verbose_name": "historical room",
                "verbose_name_plural": "historical rooms",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSessionLabel",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opening", "Opening"),
                            ("keynote", "Keynote"),
                            ("talks", "Talks"),
                            ("invited", "Invited talks"),
                            ("contributed", "Contributed talks"),
                            ("industry", "Industry talks"),
                            ("tutorial", "Tutorial"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("lightning", "Lightning round"),
                            ("posters", "Posters"),
                            ("demos", "Demos"),
                            ("closing", "Closing"),
                            ("break", "Break"),
                            ("lunch", "Lunch"),
                            ("social", "Social"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="kind of session",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="Shown instead of the default name, for example “Talks by partners” for industry talks. Public with the next release of the programme.",
                        max_length=60,
                        verbose_name="its name",
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
                "verbose_name": "historical name of a kind of session",
                "verbose_name_plural": "historical names of kinds of session",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Origin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("talk", "Lightning talk"),
                            ("poster", "Poster"),
                            ("both", "Lightning talk and poster"),
                        ],
                        max_length=10,
                    ),
                ),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                ("accepted_values", models.JSONField()),
                ("rejected_values", models.JSONField(blank=True, default=dict)),
                (
                    "contribution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="origin",
                        to="programme.contribution",
                    ),
                ),
                (
                    "expression",
                    models.OneToOneField(
                        error_messages={
                            "unique": "This expression of interest is on the programme already."
                        },
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="origin",
                        to="interest.expression",
                    ),
                ),
            ],
            options={
                "verbose_name": "link to an expression of interest",
                "verbose_name_plural": "links to expressions of interest",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["talk", "poster", "both"])),
                        name="origin_of_known_format",
                        violation_error_message="Choose talk, poster or both.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeRelease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("published_at", models.DateTimeField()),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="The reason. Only organisers see it.", max_length=300
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        max_length=60, validators=[apps.editions.models.edition.validate_time_zone]
                    ),
                ),
                ("first_day", models.DateField(blank=True, null=True)),
                ("plan", models.JSONField(default=list)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="programme_releases",
                        to="editions.edition",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="programme_releases",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["edition", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "number"),
                        name="one_programme_release_per_number",
                        violation_error_message="A release with this number was published already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)),
                        name="programme_releases_count_from_one",
                        violation_error_message="Releases are counted from 1.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Room",
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
                (
                    "name",
                    models.CharField(help_text="As on the signs at the venue.", max_length=100),
                ),
                (
                    "capacity",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="seats",
                    ),
                ),
                (
                    "directions",
                    models.TextField(
                        blank=True,
                        help_text="Markdown. For example floor, stairs, lifts and entrance.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="how to get there",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rooms",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("edition"),
                        django.db.models.functions.text.Lower("name"),
                        name="one_room_per_name",
                        violation_error_message="This edition has a room with this name already. Choose another name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("capacity", None), ("capacity__gte", 1), _connector="OR"
                        ),
                        name="room_seats_somebody",
                        violation_error_message="A room has at least one seat; leave it empty if unknown.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSession",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opening", "Opening"),
                            ("keynote", "Keynote"),
                            ("talks", "Talks"),
                            ("invited", "Invited talks"),
                            ("contributed", "Contributed talks"),
                            ("industry", "Industry talks"),
                            ("tutorial", "Tutorial"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("lightning", "Lightning round"),
                            ("posters", "Posters"),
                            ("demos", "Demos"),
                            ("closing", "Closing"),
                            ("break", "Break"),
                            ("lunch", "Lunch"),
                            ("social", "Social"),
                            ("other", "Other"),
                        ],
                        default="talks",
                        max_length=12,
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        help_text="If empty, the name of its kind is shown.",
                        max_length=200,
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                    ),
                ),
                (
                    "day",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="1 is the edition's first day, 2 the next. The date follows from the edition's first day, so you can plan before it is known.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                    ),
                ),
                (
                    "starts_at",
                    models.TimeField(
                        blank=True,
                        help_text="In the edition's time zone.",
                        null=True,
                        verbose_name="starts at",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The length; the session may pass midnight.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1439),
                        ],
                    ),
                ),
                (
                    "has_shifts",
                    models.BooleanField(
                        default=False,
                        help_text="Presenters with an odd board number are at their poster in the first half, those with an even number in the second. The programme shows this.",
                        verbose_name="posters in two shifts",
                    ),
                ),
                (
                    "ordering",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="The order among sessions of the day without a time.",
                        verbose_name="order",
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
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="programme.room",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical session",
                "verbose_name_plural": "historical sessions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opening", "Opening"),
                            ("keynote", "Keynote"),
                            ("talks", "Talks"),
                            ("invited", "Invited talks"),
                            ("contributed", "Contributed talks"),
                            ("industry", "Industry talks"),
                            ("tutorial", "Tutorial"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("lightning", "Lightning round"),
                            ("posters", "Posters"),
                            ("demos", "Demos"),
                            ("closing", "Closing"),
                            ("break", "Break"),
                            ("lunch", "Lunch"),
                            ("social", "Social"),
                            ("other", "Other"),
                        ],
                        default="talks",
                        max_length=12,
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        help_text="If empty, the name of its kind is shown.",
                        max_length=200,
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                    ),
                ),
                (
                    "day",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="1 is the edition's first day, 2 the next. The date follows from the edition's first day, so you can plan before it is known.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                    ),
                ),
                (
                    "starts_at",
                    models.TimeField(
                        blank=True,
                        help_text="In the edition's time zone.",
                        null=True,
                        verbose_name="starts at",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The length; the session may pass midnight.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1439),
                        ],
                    ),
                ),
                (
                    "has_shifts",
                    models.BooleanField(
                        default=False,
                        help_text="Presenters with an odd board number are at their poster in the first half, those with an even number in the second. The programme shows this.",
                        verbose_name="posters in two shifts",
                    ),
                ),
                (
                    "ordering",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="The order among sessions of the day without a time.",
                        verbose_name="order",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="editions.edition",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="sessions",
                        to="programme.room",
                    ),
                ),
            ],
            options={
                "ordering": ["edition", "day", "starts_at", "ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "slug"), name="one_session_per_slug"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("day__gte", 1), ("day__lte", 60)),
                        name="session_on_a_day",
                        violation_error_message="The days are counted from 1 to 60.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minutes", None),
                            models.Q(("minutes__gte", 1), ("minutes__lte", 1439)),
                            _connector="OR",
                        ),
                        name="session_lasts_under_a_day",
                        violation_error_message="A session lasts at least a minute and less than 24 hours.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "opening",
                                    "keynote",
                                    "talks",
                                    "invited",
                                    "contributed",
                                    "industry",
                                    "tutorial",
                                    "panel",
                                    "discussion",
                                    "lightning",
                                    "posters",
                                    "demos",
                                    "closing",
                                    "break",
                                    "lunch",
                                    "social",
                                    "other",
                                ],
                            )
                        ),
                        name="session_of_known_kind",
                        violation_error_message="Choose the kind of session.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSlot",
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
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("keynote", "Keynote"),
                            ("invited", "Invited talk"),
                            ("contributed", "Contributed talk"),
                            ("talk", "Talk"),
                            ("industry", "Industry talk"),
                            ("lightning", "Lightning talk"),
                            ("poster", "Poster"),
                            ("paper", "Paper"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("demo", "Demo"),
                            ("tutorial", "Tutorial"),
                            ("other", "Other"),
                        ],
                        help_text="The kind in this session, if it differs from the contribution's own.",
                        max_length=12,
                        verbose_name="shown as",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Start times in the session follow from these. The last contribution without minutes gets the remaining time.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1439),
                        ],
                    ),
                ),
                (
                    "starts_after",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Counted from the start of the session. If empty, it starts when the previous one ends.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(1439)],
                        verbose_name="starts after minutes",
                    ),
                ),
                (
                    "board",
                    models.CharField(
                        blank=True, help_text="The number of the poster board.", max_length=20
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
                    "session",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="programme.session",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical slot",
                "verbose_name_plural": "historical slots",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSessionChair",
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
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="For someone who is not in the list of people.",
                        max_length=200,
                    ),
                ),
                (
                    "affiliation",
                    models.TextField(
                        blank=True,
                        help_text="One per line; the person's own if empty.",
                        max_length=1000,
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
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="programme.session",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical session chair",
                "verbose_name_plural": "historical session chairs",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ContributionLetter",
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
                ("places", models.TextField(help_text="Time and place, as in the email.")),
                (
                    "contribution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letter_links",
                        to="programme.contribution",
                    ),
                ),
                (
                    "letter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contribution_link",
                        to="mail.letter",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letter_links",
                        to="people.person",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letter_links",
                        to="programme.session",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("contribution", None), ("session__isnull", False)),
                            models.Q(("contribution__isnull", False), ("session", None)),
                            _connector="OR",
                        ),
                        name="letter_about_contribution_or_session",
                        violation_error_message="An email is about either a contribution or a session.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("session", None), ("person__isnull", False), _connector="OR"
                        ),
                        name="letter_to_chair_is_to_person",
                        violation_error_message="Choose the chair of the session.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SessionChair",
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
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="For someone who is not in the list of people.",
                        max_length=200,
                    ),
                ),
                (
                    "affiliation",
                    models.TextField(
                        blank=True,
                        help_text="One per line; the person's own if empty.",
                        max_length=1000,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="%(class)s_credits",
                        to="people.person",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chairs",
                        to="programme.session",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person__isnull", False),
                            models.Q(("name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="sessionchair_has_person_or_name",
                        violation_error_message="Choose a person, or enter a name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", None), ("name", ""), _connector="OR"),
                        name="sessionchair_has_not_both",
                        violation_error_message="Choose a person, or enter a name, not both.",
                    ),
                    models.UniqueConstraint(
                        fields=("session", "person"),
                        name="once_a_session_chair",
                        violation_error_message="This person already chairs the session. Choose someone else.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SessionLabel",
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
                            ("opening", "Opening"),
                            ("keynote", "Keynote"),
                            ("talks", "Talks"),
                            ("invited", "Invited talks"),
                            ("contributed", "Contributed talks"),
                            ("industry", "Industry talks"),
                            ("tutorial", "Tutorial"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("lightning", "Lightning round"),
                            ("posters", "Posters"),
                            ("demos", "Demos"),
                            ("closing", "Closing"),
                            ("break", "Break"),
                            ("lunch", "Lunch"),
                            ("social", "Social"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="kind of session",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="Shown instead of the default name, for example “Talks by partners” for industry talks. Public with the next release of the programme.",
                        max_length=60,
                        verbose_name="its name",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="session_labels",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a kind of session",
                "verbose_name_plural": "names of kinds of session",
                "ordering": ["edition", "kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "kind"),
                        name="one_label_per_kind_of_session",
                        violation_error_message="This edition already has a name for this kind of session. Change that one.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Slot",
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
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("keynote", "Keynote"),
                            ("invited", "Invited talk"),
                            ("contributed", "Contributed talk"),
                            ("talk", "Talk"),
                            ("industry", "Industry talk"),
                            ("lightning", "Lightning talk"),
                            ("poster", "Poster"),
                            ("paper", "Paper"),
                            ("panel", "Panel"),
                            ("discussion", "Discussion"),
                            ("demo", "Demo"),
                            ("tutorial", "Tutorial"),
                            ("other", "Other"),
                        ],
                        help_text="The kind in this session, if it differs from the contribution's own.",
                        max_length=12,
                        verbose_name="shown as",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Start times in the session follow from these. The last contribution without minutes gets the remaining time.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1439),
                        ],
                    ),
                ),
                (
                    "starts_after",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Counted from the start of the session. If empty, it starts when the previous one ends.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(1439)],
                        verbose_name="starts after minutes",
                    ),
                ),
                (
                    "board",
                    models.CharField(
                        blank=True, help_text="The number of the poster board.", max_length=20
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="slots",
                        to="programme.contribution",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="slots",
                        to="programme.session",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("session", "contribution"),
                        name="once_in_a_session",
                        violation_error_message="This contribution is in the session already. Choose another one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minutes", None),
                            models.Q(("minutes__gte", 1), ("minutes__lte", 1439)),
                            _connector="OR",
                        ),
                        name="slot_lasts_under_a_day",
                        violation_error_message="The length is at least a minute and less than 24 hours.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_after", None), ("starts_after__lte", 1439), _connector="OR"
                        ),
                        name="slot_starts_within_a_day",
                        violation_error_message="The start is less than 24 hours after the start of its session.",
                    ),
                ],
            },
        ),
    ]
