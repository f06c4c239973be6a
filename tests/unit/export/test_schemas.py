"""Each file is what its own tool takes, by the schema that the tool publishes."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import validator_for

from bootstrap.export import devcontainer
from bootstrap.export.subject import Subject
from bootstrap.export.targets import FILES

SCHEMAS = Path(__file__).parents[2] / "schemas"


def validate(document: object, name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    kind = validator_for(schema, default=Draft202012Validator)
    kind.check_schema(schema)
    kind(schema).validate(document)


def without_comments(text: str) -> dict[str, Any]:
    """JSON with comments on lines of their own."""
    loaded: dict[str, Any] = json.loads(re.sub(r"^//.*$", "", text, flags=re.MULTILINE))
    return loaded


YAML = [
    ("github-action", "github-workflow", ("jobs", "verify", "steps")),
    ("gitlab-ci", "gitlab-ci", ("verify", "script")),
    ("cloud-init", "cloud-config", ("runcmd",)),
]


@pytest.mark.parametrize(("target", "schema", "place"), YAML)
def test_yaml_is_valid_by_the_published_schema(
    target: str, schema: str, place: tuple[str, ...], subject: Subject
) -> None:
    document = yaml.safe_load(FILES[target](subject))
    validate(document, schema)
    at = document
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = 1
    with pytest.raises(ValidationError):
        validate(document, schema)


def test_a_devcontainer_is_valid_by_the_published_schema(subject: Subject) -> None:
    document = without_comments(devcontainer.render(subject)["devcontainer.json"])
    validate(document, "devcontainer")
    assert document["forwardPorts"] == [4200, 5000]
    with pytest.raises(ValidationError):
        validate({**document, "forwardPorts": ["no port"]}, "devcontainer")
    with pytest.raises(ValidationError):
        validate({**document, "build": {"file": "Dockerfile"}}, "devcontainer")


def test_a_pixi_manifest_is_valid_by_the_published_schema(subject: Subject) -> None:
    manifest = tomllib.loads(FILES["pixi"](subject))
    validate(manifest, "pixi")
    pins = {pin.name: {"url": pin.url, "sha256": pin.sha256} for pin in subject.conda}
    assert manifest["dependencies"] == pins
    wheels = {pin.name: f"=={pin.version}" for pin in subject.wheels}
    assert manifest["pypi-dependencies"] == wheels
    manifest["dependencies"]["python"]["sha256"] = "none"
    with pytest.raises(ValidationError):
        validate(manifest, "pixi")
