from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("interest", "0001_initial")]

    operations = [
        migrations.RenameField("question", "words", "label"),
        migrations.RenameField("question", "help_words", "help_text"),
        migrations.RenameField("answer", "words", "text"),
    ]
