import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import apps.core.files
import apps.core.images
import apps.core.search
import apps.people.links
import apps.people.models.persons


class Migration(migrations.Migration):
    replaces = [
        ("people", "0001_initial"),
        ("people", "0002_sort_by_alphabet"),
        ("people", "0003_display_of_groups"),
        ("people", "0004_facts_per_edition"),
        ("people", "0005_unique_messages"),
        ("people", "0006_uploaded_photos"),
        ("people", "0007_plain_words"),
        ("people", "0008_shows_years"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "link",
                    models.URLField(
                        blank=True,
                        help_text="The person's own page. The name links to it.",
                        max_length=500,
                    ),
                ),
                (
                    "affiliation",
                    models.TextField(blank=True, help_text="One per line.", max_length=1000),
                ),
                (
                    "pronouns",
                    models.CharField(
                        blank=True,
                        help_text="For example they/them. Shown beside the name.",
                        max_length=40,
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Public. It is shown in a form that few robots recognise.",
                        max_length=254,
                        verbose_name="public email address",
                    ),
                ),
                (
                    "links",
                    models.TextField(
                        blank=True,
                        help_text="One web address per line, such as https://orcid.org/0000-0002-1825-0097 or those of Google Scholar, GitHub or Mastodon.",
                        max_length=3000,
                        validators=[apps.people.links.validate_links],
                        verbose_name="further links",
                    ),
                ),
                (
                    "bio",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="biography",
                    ),
                ),
                (
                    "photo",
                    models.ImageField(
                        blank=True,
                        height_field="photo_height",
                        help_text="A JPEG, PNG or WebP of at most 20 MB. Its location and time are removed. Without a photo the initials are shown.",
                        upload_to=apps.core.images.random_photo_name,
                        width_field="photo_width",
                    ),
                ),
                ("photo_width", models.PositiveIntegerField(blank=True, editable=False, null=True)),
                (
                    "photo_height",
                    models.PositiveIntegerField(blank=True, editable=False, null=True),
                ),
                (
                    "photo_focus",
                    models.CharField(
                        default="0.5x0.5",
                        help_text="The point that stays visible when the picture is cropped to a square.",
                        max_length=20,
                        validators=[apps.core.images.validate_focus],
                        verbose_name="focal point",
                    ),
                ),
                (
                    "photo_digest",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="SHA-256 of the file as it was given; tells whether a folder's photo is a new one.",
                        max_length=64,
                    ),
                ),
                ("slug", models.SlugField(editable=False, max_length=60, unique=True)),
                ("name", models.CharField(help_text="As they write it.", max_length=200)),
                (
                    "shows_years",
                    models.BooleanField(
                        default=False,
                        help_text="Tick only if the person agrees. A public page then lists their talks, groups and awards in all editions, and their name links to it instead of to their own page.",
                        verbose_name="page of all their years",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "people",
                "ordering": [apps.core.search.Fold("name"), "pk"],
            },
            bases=(apps.people.models.persons.Named, models.Model),
        ),
        migrations.CreateModel(
            name="Group",
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
                ("heading", models.CharField(max_length=200)),
                (
                    "display",
                    models.CharField(
                        choices=[
                            ("portraits", "Portraits"),
                            ("small_portraits", "Small portraits"),
                            ("names", "Names and affiliations in columns"),
                            ("biographies", "Portraits with biographies beside them"),
                        ],
                        default="portraits",
                        help_text="Names in columns suit a committee of a hundred. Biographies that are not beside portraits can be unfolded below the group.",
                        max_length=20,
                        verbose_name="shown as",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("edition", "slug"), name="one_group_per_slug"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "display__in",
                                ["portraits", "small_portraits", "names", "biographies"],
                            )
                        ),
                        name="group_of_known_display",
                        violation_error_message="Choose how the group is shown.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalGroup",
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
                ("heading", models.CharField(max_length=200)),
                (
                    "display",
                    models.CharField(
                        choices=[
                            ("portraits", "Portraits"),
                            ("small_portraits", "Small portraits"),
                            ("names", "Names and affiliations in columns"),
                            ("biographies", "Portraits with biographies beside them"),
                        ],
                        default="portraits",
                        help_text="Names in columns suit a committee of a hundred. Biographies that are not beside portraits can be unfolded below the group.",
                        max_length=20,
                        verbose_name="shown as",
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
                "verbose_name": "historical group",
                "verbose_name_plural": "historical groups",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPerson",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "link",
                    models.URLField(
                        blank=True,
                        help_text="The person's own page. The name links to it.",
                        max_length=500,
                    ),
                ),
                (
                    "affiliation",
                    models.TextField(blank=True, help_text="One per line.", max_length=1000),
                ),
                (
                    "pronouns",
                    models.CharField(
                        blank=True,
                        help_text="For example they/them. Shown beside the name.",
                        max_length=40,
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Public. It is shown in a form that few robots recognise.",
                        max_length=254,
                        verbose_name="public email address",
                    ),
                ),
                (
                    "links",
                    models.TextField(
                        blank=True,
                        help_text="One web address per line, such as https://orcid.org/0000-0002-1825-0097 or those of Google Scholar, GitHub or Mastodon.",
                        max_length=3000,
                        validators=[apps.people.links.validate_links],
                        verbose_name="further links",
                    ),
                ),
                (
                    "bio",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="biography",
                    ),
                ),
                ("slug", models.SlugField(editable=False, max_length=60)),
                ("name", models.CharField(help_text="As they write it.", max_length=200)),
                (
                    "shows_years",
                    models.BooleanField(
                        default=False,
                        help_text="Tick only if the person agrees. A public page then lists their talks, groups and awards in all editions, and their name links to it instead of to their own page.",
                        verbose_name="page of all their years",
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
                "verbose_name": "historical person",
                "verbose_name_plural": "historical people",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Membership",
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
                    "affiliation",
                    models.TextField(
                        blank=True,
                        help_text="One per line. If empty, the person's own is used.",
                        max_length=1000,
                        verbose_name="affiliation that year",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        help_text="The role in the group, such as Publicity. Shown below the name.",
                        max_length=100,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="people.group",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("group", "person"),
                        name="once_in_a_group",
                        violation_error_message="This person is already in the group. Change or remove that row.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalPersonProfile",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "link",
                    models.URLField(
                        blank=True,
                        help_text="The person's own page. The name links to it.",
                        max_length=500,
                    ),
                ),
                (
                    "affiliation",
                    models.TextField(blank=True, help_text="One per line.", max_length=1000),
                ),
                (
                    "pronouns",
                    models.CharField(
                        blank=True,
                        help_text="For example they/them. Shown beside the name.",
                        max_length=40,
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Public. It is shown in a form that few robots recognise.",
                        max_length=254,
                        verbose_name="public email address",
                    ),
                ),
                (
                    "links",
                    models.TextField(
                        blank=True,
                        help_text="One web address per line, such as https://orcid.org/0000-0002-1825-0097 or those of Google Scholar, GitHub or Mastodon.",
                        max_length=3000,
                        validators=[apps.people.links.validate_links],
                        verbose_name="further links",
                    ),
                ),
                (
                    "bio",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="biography",
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
                "verbose_name": "historical profile of a person",
                "verbose_name_plural": "historical profiles of people",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalMembership",
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
                    "affiliation",
                    models.TextField(
                        blank=True,
                        help_text="One per line. If empty, the person's own is used.",
                        max_length=1000,
                        verbose_name="affiliation that year",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        help_text="The role in the group, such as Publicity. Shown below the name.",
                        max_length=100,
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
                    "group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="people.group",
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
                "verbose_name": "historical membership",
                "verbose_name_plural": "historical memberships",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="PersonProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "link",
                    models.URLField(
                        blank=True,
                        help_text="The person's own page. The name links to it.",
                        max_length=500,
                    ),
                ),
                (
                    "affiliation",
                    models.TextField(blank=True, help_text="One per line.", max_length=1000),
                ),
                (
                    "pronouns",
                    models.CharField(
                        blank=True,
                        help_text="For example they/them. Shown beside the name.",
                        max_length=40,
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        help_text="Public. It is shown in a form that few robots recognise.",
                        max_length=254,
                        verbose_name="public email address",
                    ),
                ),
                (
                    "links",
                    models.TextField(
                        blank=True,
                        help_text="One web address per line, such as https://orcid.org/0000-0002-1825-0097 or those of Google Scholar, GitHub or Mastodon.",
                        max_length=3000,
                        validators=[apps.people.links.validate_links],
                        verbose_name="further links",
                    ),
                ),
                (
                    "bio",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="biography",
                    ),
                ),
                (
                    "photo",
                    models.ImageField(
                        blank=True,
                        height_field="photo_height",
                        help_text="A JPEG, PNG or WebP of at most 20 MB. Its location and time are removed. Without a photo the initials are shown.",
                        upload_to=apps.core.images.random_photo_name,
                        width_field="photo_width",
                    ),
                ),
                ("photo_width", models.PositiveIntegerField(blank=True, editable=False, null=True)),
                (
                    "photo_height",
                    models.PositiveIntegerField(blank=True, editable=False, null=True),
                ),
                (
                    "photo_focus",
                    models.CharField(
                        default="0.5x0.5",
                        help_text="The point that stays visible when the picture is cropped to a square.",
                        max_length=20,
                        validators=[apps.core.images.validate_focus],
                        verbose_name="focal point",
                    ),
                ),
                (
                    "photo_digest",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="SHA-256 of the file as it was given; tells whether a folder's photo is a new one.",
                        max_length=64,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profiles",
                        to="editions.edition",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profiles",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "profile of a person",
                "verbose_name_plural": "profiles of people",
                "ordering": ["-edition__year", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "edition"),
                        name="one_profile_per_edition",
                        violation_error_message="This person already has a profile in that edition. Change that one.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UploadedPhoto",
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
                        upload_to=apps.core.images.random_photo_name,
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                (
                    "digest",
                    models.CharField(
                        help_text="SHA-256 of the file as it was given.", max_length=64
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="uploaded"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploaded_photos",
                        to="editions.edition",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="uploaded_photos",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["file_name", "pk"],
            },
        ),
    ]
