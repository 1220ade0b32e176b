"""Encrypts the secrets of authenticator apps and the seeds of recovery codes."""

from django.db import migrations

from apps.accounts.encryption import decrypt, encrypt, with_secrets


def encrypt_all(apps, schema_editor):
    _convert(apps, schema_editor, encrypt)


def decrypt_all(apps, schema_editor):
    _convert(apps, schema_editor, decrypt)


def _convert(apps, schema_editor, function):
    manager = apps.get_model("mfa", "Authenticator").objects
    for row in manager.using(schema_editor.connection.alias):
        row.data = with_secrets(row.data, function)
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(encrypt_all, decrypt_all)]
