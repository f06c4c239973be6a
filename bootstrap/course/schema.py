"""The JSON schema of course.yml, for editors and for `mlops-bootstrap schema`."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from bootstrap.course.model import Course


class _Schema(GenerateJsonSchema):
    """pydantic's schema, with names that do not fit refused as the model refuses them."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        """Leave out the titles that only say a key again."""
        return False

    def dict_schema(self, schema: Any) -> dict[str, Any]:
        """Refuse the keys that fit no pattern."""
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            made["additionalProperties"] = False
        return made


def course_schema() -> dict[str, Any]:
    """Give the JSON schema (draft 2020-12) of course.yml, made from the model."""
    schema = Course.model_json_schema(mode="validation", schema_generator=_Schema)
    head = {
        "$schema": GenerateJsonSchema.schema_dialect,
        "description": "What a machine must have for a course, read by mlops-bootstrap.",
    }
    return {**head, **schema, "description": head["description"]}


def schema_text() -> str:
    """Give the schema as docs/course.schema.json holds it: the same text each time."""
    return json.dumps(course_schema(), indent=2, ensure_ascii=False) + "\n"
