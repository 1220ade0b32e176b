from django.db import migrations

import apps.core.files
import apps.programme.models.speakers
import apps.programme.slides


class Migration(migrations.Migration):
    dependencies = [("programme", "0006_letters_to_speakers")]

    operations = [
        migrations.AlterField(
            model_name="contribution",
            name="slides",
            field=apps.core.files.PrivateFileField(
                blank=True,
                help_text="A PDF of at most 50 MB.",
                storage=apps.core.files.private_storage,
                upload_to=apps.programme.slides.random_slides_name,
                validators=[apps.programme.slides.validate_slides],
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="file",
            field=apps.core.files.PrivateFileField(
                blank=True,
                storage=apps.core.files.private_storage,
                upload_to=apps.programme.models.speakers.random_file_name,
            ),
        ),
    ]
