from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sponsors", "0001_initial")]

    operations = [
        migrations.RenameField("sponsor", "words", "description"),
        migrations.RenameField("historicalsponsor", "words", "description"),
    ]
