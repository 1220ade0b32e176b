import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import apps.core.models
import apps.pages.models


class Migration(migrations.Migration):
    replaces = [
        ("pages", "0001_initial"),
        ("pages", "0002_privacy_of_students"),
        ("pages", "0003_more_lists_on_the_home_page"),
        ("pages", "0004_menus_in_the_header"),
        ("pages", "0005_unique_messages"),
        ("pages", "0006_section_aside"),
        ("pages", "0007_plain_words"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("editions", "0001_squashed_0016_emails"),
        ("people", "0001_squashed_0008_shows_years"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalPage",
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
                ("title", models.CharField(max_length=200)),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of the page's address. It cannot be changed later.",
                        max_length=60,
                        validators=[apps.core.models.validate_page_slug],
                        verbose_name="address",
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
                    "is_in_navigation",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise the link is in the footer.",
                        verbose_name="in the header",
                    ),
                ),
                (
                    "menu",
                    models.CharField(
                        blank=True,
                        help_text="Pages with the same word here, such as “Authors”, share a menu of that name.",
                        max_length=40,
                        verbose_name="menu in the header",
                    ),
                ),
                ("is_published", models.BooleanField(default=False, verbose_name="published")),
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
                        help_text="Leave empty for a page of the whole site.",
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
                "verbose_name": "historical page",
                "verbose_name_plural": "historical pages",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSection",
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
                        help_text="Leave empty for the introduction. A section with a group then uses the heading of the group.",
                        max_length=200,
                    ),
                ),
                (
                    "body",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="text",
                    ),
                ),
                (
                    "aside",
                    models.TextField(
                        blank=True,
                        help_text="Markdown: a contact, a hint or a link, at the right of a wide screen and below the text on others.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="text beside it",
                    ),
                ),
                (
                    "shows",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Text only"),
                            ("topics", "Topics"),
                            ("group", "A group of people"),
                            ("programme", "Programme, in short"),
                            ("speakers", "Speakers"),
                            ("panels", "Panels"),
                            ("papers", "Papers"),
                            ("posters", "Posters"),
                            ("contributions", "Contributions of one kind"),
                            ("deadlines", "Deadlines"),
                            ("venue", "Place and getting there"),
                            ("awards", "Awards"),
                            ("sponsors", "Sponsors"),
                            ("news", "The newest news"),
                            ("undated_news", "All news without a date"),
                            ("links", "Links and buttons"),
                            ("past_editions", "Past editions"),
                        ],
                        default="",
                        help_text="Below the text.",
                        max_length=20,
                    ),
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
                        help_text="Only for sections with contributions of one kind.",
                        max_length=20,
                        verbose_name="kind of contribution",
                    ),
                ),
                (
                    "at_most",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The number of news, papers, posters or contributions. If empty: 3 news, 8 of the others.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(200),
                        ],
                    ),
                ),
                (
                    "is_shown",
                    models.BooleanField(
                        default=True, help_text="Untick to hide the section.", verbose_name="shown"
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
            ],
            options={
                "verbose_name": "historical section",
                "verbose_name_plural": "historical sections",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Section",
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
                        help_text="Leave empty for the introduction. A section with a group then uses the heading of the group.",
                        max_length=200,
                    ),
                ),
                (
                    "body",
                    models.TextField(
                        blank=True,
                        help_text="Markdown.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="text",
                    ),
                ),
                (
                    "aside",
                    models.TextField(
                        blank=True,
                        help_text="Markdown: a contact, a hint or a link, at the right of a wide screen and below the text on others.",
                        validators=[django.core.validators.MaxLengthValidator(50000)],
                        verbose_name="text beside it",
                    ),
                ),
                (
                    "shows",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Text only"),
                            ("topics", "Topics"),
                            ("group", "A group of people"),
                            ("programme", "Programme, in short"),
                            ("speakers", "Speakers"),
                            ("panels", "Panels"),
                            ("papers", "Papers"),
                            ("posters", "Posters"),
                            ("contributions", "Contributions of one kind"),
                            ("deadlines", "Deadlines"),
                            ("venue", "Place and getting there"),
                            ("awards", "Awards"),
                            ("sponsors", "Sponsors"),
                            ("news", "The newest news"),
                            ("undated_news", "All news without a date"),
                            ("links", "Links and buttons"),
                            ("past_editions", "Past editions"),
                        ],
                        default="",
                        help_text="Below the text.",
                        max_length=20,
                    ),
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
                        help_text="Only for sections with contributions of one kind.",
                        max_length=20,
                        verbose_name="kind of contribution",
                    ),
                ),
                (
                    "at_most",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The number of news, papers, posters or contributions. If empty: 3 news, 8 of the others.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(200),
                        ],
                    ),
                ),
                (
                    "is_shown",
                    models.BooleanField(
                        default=True, help_text="Untick to hide the section.", verbose_name="shown"
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="editions.edition",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="people.group",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "slug"), name="one_section_per_slug"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", False), ("shows", "group")),
                            models.Q(
                                models.Q(("shows", "group"), _negated=True), ("group__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="section_shows_its_group",
                        violation_error_message="Choose a group only for a section that shows a group of people.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("shows", "contributions"), models.Q(("kind", ""), _negated=True)
                            ),
                            models.Q(
                                models.Q(("shows", "contributions"), _negated=True), ("kind", "")
                            ),
                            _connector="OR",
                        ),
                        name="section_shows_its_kind",
                        violation_error_message="Choose a kind only for a section that shows contributions of one kind.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalSectionLink",
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
                ("label", models.CharField(max_length=100)),
                (
                    "url",
                    models.CharField(
                        help_text="A web address, or the path of a page of this site, such as /2031/programme/.",
                        max_length=500,
                        validators=[apps.pages.models.validate_link],
                        verbose_name="address",
                    ),
                ),
                (
                    "is_button",
                    models.BooleanField(
                        default=False, help_text="Show the link as a button.", verbose_name="button"
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
                    "section",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pages.section",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical link of a section",
                "verbose_name_plural": "historical links of sections",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="SectionLink",
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
                    "url",
                    models.CharField(
                        help_text="A web address, or the path of a page of this site, such as /2031/programme/.",
                        max_length=500,
                        validators=[apps.pages.models.validate_link],
                        verbose_name="address",
                    ),
                ),
                (
                    "is_button",
                    models.BooleanField(
                        default=False, help_text="Show the link as a button.", verbose_name="button"
                    ),
                ),
                (
                    "section",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="pages.section",
                    ),
                ),
            ],
            options={
                "verbose_name": "link of a section",
                "verbose_name_plural": "links of sections",
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("section", "label"),
                        name="one_section_link_per_label",
                        violation_error_message="The section already has a link with this label. Choose another label.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Page",
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
                ("title", models.CharField(max_length=200)),
                (
                    "slug",
                    models.SlugField(
                        help_text="The last part of the page's address. It cannot be changed later.",
                        max_length=60,
                        validators=[apps.core.models.validate_page_slug],
                        verbose_name="address",
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
                    "is_in_navigation",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise the link is in the footer.",
                        verbose_name="in the header",
                    ),
                ),
                (
                    "menu",
                    models.CharField(
                        blank=True,
                        help_text="Pages with the same word here, such as “Authors”, share a menu of that name.",
                        max_length=40,
                        verbose_name="menu in the header",
                    ),
                ),
                ("is_published", models.BooleanField(default=False, verbose_name="published")),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        help_text="Leave empty for a page of the whole site.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pages",
                        to="editions.edition",
                    ),
                ),
            ],
            options={
                "ordering": ["ordering", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "slug"),
                        name="one_page_per_slug",
                        violation_error_message="Another page has this address. Choose another one.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("edition", None)),
                        fields=("slug",),
                        name="one_site_page_per_slug",
                        violation_error_message="Another page has this address. Choose another one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("edition__isnull", False),
                            ("slug__in", ["accessibility", "privacy"]),
                            _connector="OR",
                        ),
                        name="page_belongs_to_an_edition",
                        violation_error_message="Choose an edition for this page.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("menu", ""), ("is_in_navigation", True), _connector="OR"
                        ),
                        name="page_in_a_menu_is_in_the_header",
                        violation_error_message="Tick “in the header”, or leave the menu empty.",
                    ),
                ],
            },
        ),
    ]
