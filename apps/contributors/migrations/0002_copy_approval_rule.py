from django.db import migrations


def copy_approval_rule(apps, schema_editor):
    rules = apps.get_model("contributors", "SpeakerRules").objects.filter(requires_approval=True)
    editions = apps.get_model("editions", "Edition").objects
    editions.filter(pk__in=rules.values("edition")).update(approves_speaker_edits=True)


class Migration(migrations.Migration):
    dependencies = [
        ("contributors", "0001_initial"),
        ("editions", "0002_edition_approves_speaker_edits"),
    ]

    operations = [migrations.RunPython(copy_approval_rule, migrations.RunPython.noop)]
