import re

from django.db import migrations

from apps.core.markdown import from_plain

# The Markdown that showed a student's abstract before formulas were read in it.
_MARKUP = re.compile(
    r"[\\`*\[]|(?<![^\W_])_+|_+(?![^\W_])|<(?=[a-z/!?])|&(?=#?\w+;)|~(?=~)|(?<=~)~", re.IGNORECASE
)
_AT_LINE_START = re.compile(r"^(\d*)(?=[-+=#>:|.)~])")


def _former_markdown(text):
    paragraphs = [[]]
    for line in text.splitlines():
        if content := " ".join(line.split()):
            content = _MARKUP.sub(lambda match: "".join(f"\\{sign}" for sign in match[0]), content)
            paragraphs[-1].append(_AT_LINE_START.sub(r"\1\\", content, count=1))
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join("\\\n".join(lines) for lines in paragraphs if lines)


def read_formulas(apps, schema_editor):
    """In abstracts that no organiser has edited, a formula loses the escapes of plain text."""
    origins = apps.get_model("programme", "Origin").objects.select_related("contribution")
    for origin in origins.iterator():
        text = origin.accepted_values.get("abstract") or ""
        contribution, new = origin.contribution, from_plain(text)
        if contribution.abstract == _former_markdown(text) != new:
            contribution.abstract = new
            contribution.save(update_fields=["abstract"])


class Migration(migrations.Migration):
    dependencies = [
        ("contributors", "0003_delete_speaker_rules"),
        ("programme", "0004_sort_by_alphabet"),
    ]

    operations = [migrations.RunPython(read_formulas, migrations.RunPython.noop)]
