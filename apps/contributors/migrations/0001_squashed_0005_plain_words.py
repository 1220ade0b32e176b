import django.db.models.deletion
from django.db import migrations, models

import apps.contributors.models
import apps.core.files


class Migration(migrations.Migration):
    replaces = [
        ("contributors", "0001_initial"),
        ("contributors", "0002_copy_approval_rule"),
        ("contributors", "0003_delete_speaker_rules"),
        ("contributors", "0004_read_formulas_of_students"),
        ("contributors", "0005_plain_words"),
    ]

    initial = True

    dependencies = [
        ("editions", "0001_squashed_0016_emails"),
        ("people", "0001_squashed_0008_shows_years"),
        ("programme", "0001_squashed_0014_credit_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="Speaker",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("link_sent_at", models.DateTimeField(editable=False, null=True)),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="speakers",
                        to="editions.edition",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="speakers",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("edition", "person"),
                        name="one_speaker_per_person",
                        violation_error_message="This person already has a link.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("values", models.JSONField(blank=True, default=dict)),
                (
                    "file",
                    apps.core.files.PrivateFileField(
                        blank=True,
                        storage=apps.core.files.private_storage,
                        upload_to=apps.contributors.models.random_file_name,
                    ),
                ),
                ("removes_file", models.BooleanField(default=False)),
                ("proposed_at", models.DateTimeField(auto_now=True)),
                (
                    "contribution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="programme.contribution",
                    ),
                ),
                (
                    "speaker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="contributors.speaker",
                    ),
                ),
            ],
            options={
                "ordering": ["proposed_at", "pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("speaker", "contribution"),
                        name="one_proposal_per_contribution",
                        violation_error_message="A change is already waiting for approval.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("contribution", None)),
                        fields=("speaker",),
                        name="one_proposal_per_person",
                        violation_error_message="A change is already waiting for approval.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("file", ""), ("removes_file", False), _connector="OR"),
                        name="proposal_gives_or_removes_a_file",
                        violation_error_message="Either choose a file or remove the current one, not both.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpeakerLink",
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
                    "speaker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="contributors.speaker",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
    ]
