"""Layers of models, which import-linter does not see."""

import tomllib

import pytest
from django.apps import apps
from django.conf import settings


def _layers() -> dict[str, int]:
    """App label → depth, from import-linter's configuration."""
    config = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    contracts = config["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    return {name.strip(): depth for depth, layer in enumerate(layers) for name in layer.split("|")}


def _our_models() -> list:
    return [
        model
        for config in apps.get_app_configs()
        if config.name.startswith("apps.")
        for model in config.get_models()
    ]


def test_every_app_has_its_layer():
    labels = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}

    assert labels == set(_layers())


@pytest.mark.parametrize("model", _our_models(), ids=lambda model: model._meta.label)
def test_foreign_keys_point_downwards(model):
    layers = _layers()
    label = model._meta.app_label

    upwards = [
        f"{field.name} → {field.related_model._meta.label}"
        for field in model._meta.get_fields(include_hidden=True)
        if field.is_relation and not field.auto_created and field.related_model is not None
        if (other := field.related_model._meta.app_label) in layers and other != label
        if layers[other] <= layers[label]
    ]

    assert upwards == []


@pytest.mark.parametrize("model", _our_models(), ids=lambda model: model._meta.label)
def test_every_foreign_key_has_a_related_name(model):
    if model.__name__.startswith("Historical"):
        return
    unnamed = [
        field.name
        for field in model._meta.local_fields
        if field.is_relation and field.remote_field.related_name is None
    ]

    assert unnamed == []
