"""The JSON Schema of content folders, for editors."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.imports.folders.reader import read_folder
from apps.imports.folders.schema import FILES, PARTS
from apps.programme.models import Session


@pytest.fixture
def schemas(folder) -> dict:
    call_command("write_schema", folder, stdout=StringIO())
    paths = (folder / ".schema").iterdir()
    return {path.stem: json.loads(path.read_text("utf-8")) for path in paths}


def test_each_yaml_file_has_a_schema_that_imports_ignore(schemas, folder):
    names = [name.removesuffix(".yaml") for name in FILES] + [f"{name}-part" for name in PARTS]

    assert sorted(schemas) == sorted(names)
    assert read_folder(folder).faults == []


def test_a_schema_has_fields_needs_choices_and_limits(schemas):
    topics = schemas["topics"]["items"]
    slug, heading = topics["properties"]["slug"], topics["properties"]["heading"]
    session = schemas["programme"]["properties"]["sessions"]["anyOf"][0]["items"]

    assert topics["required"] == ["heading", "slug"]
    assert not topics["additionalProperties"]
    assert (slug["maxLength"], heading["maxLength"]) == (60, 200)
    assert session["properties"]["kind"]["enum"] == Session.Kind.values


def test_a_member_is_a_slug_or_a_mapping_and_people_go_by_slug(schemas):
    (members, _) = schemas["groups"]["items"]["properties"]["members"]["anyOf"]
    text, mapping = members["items"]["anyOf"]

    assert (text["type"], mapping["type"]) == (["string", "integer"], "object")
    assert schemas["people"]["additionalProperties"]["required"] == ["name"]
    assert "pattern" in schemas["people"]["propertyNames"]


def test_former_names_of_fields_are_deprecated(schemas):
    (questions, _) = schemas["edition"]["properties"]["questions"]["anyOf"]

    assert questions["items"]["properties"]["words"]["deprecated"]


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("write_schema", tmp_path / "nowhere")
