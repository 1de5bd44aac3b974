"""Events held to OpenLineage's specification: to a JSON schema of it, read off its own client.

The specification's schemas are in no package. The client's classes are generated from them, so the
way back is taken: fields, types and choices, what must be there, and the version of each facet's
schema. Unlike its original the schema knows no other fields, and of facets those of `_FACETS` only.
"""

from __future__ import annotations

import types
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlparse

import attr
from jsonschema import Draft202012Validator, FormatChecker
from openlineage.client import event_v2, facet_v2
from openlineage.client.generated import base

_statistics = facet_v2.output_statistics_output_dataset
# The facets of each kind that events may have, by the keys that the specification gives them.
_FACETS = {
    base.DatasetFacet: {
        "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
        "ownership": facet_v2.ownership_dataset.OwnershipDatasetFacet,
        "documentation": facet_v2.documentation_dataset.DocumentationDatasetFacet,
        "columnLineage": facet_v2.column_lineage_dataset.ColumnLineageDatasetFacet,
        "version": facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet,
    },
    base.InputDatasetFacet: {},
    base.OutputDatasetFacet: {
        "outputStatistics": _statistics.OutputStatisticsOutputDatasetFacet,
    },
    base.JobFacet: {"jobType": facet_v2.job_type_job.JobTypeJobFacet},
    base.RunFacet: {
        "parent": facet_v2.parent_run.ParentRunFacet,
        "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
    },
}
# Of these the classes know the type alone.
_FORMATS = {
    "eventTime": "date-time",
    "runId": "uuid",
    "producer": "uri",
    "_producer": "uri",
}
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}
_SAID_BY_ALL = ("producer", "schemaURL", "_producer", "_schemaURL")
_checker = FormatChecker(formats=["uuid"])


@_checker.checks("date-time", raises=ValueError)
def _is_instant(value: Any) -> bool:
    return "T" in value and datetime.fromisoformat(value).tzinfo is not None


@_checker.checks("uri")
def _is_uri(value: Any) -> bool:
    return bool(urlparse(value).scheme)


def check(event: dict[str, Any]) -> None:
    """Raise if the event is not as the specification says.

    Raises:
        jsonschema.ValidationError: it is not; the error names the place.
    """
    _VALIDATORS["run" in event].validate(event)


def object_schema(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of one of the client's classes; those that it holds become definitions."""
    hints = get_type_hints(kind)
    properties, required = {}, []
    for field in attr.fields(kind):
        if get_origin(hints[field.name]) is ClassVar:
            continue
        properties[field.name] = _schema(hints[field.name], definitions)
        if field.name in _FORMATS:
            properties[field.name]["format"] = _FORMATS[field.name]
        if field.name in ("schemaURL", "_schemaURL"):
            properties[field.name] = {"const": kind._get_schema()}
        if field.default is attr.NOTHING or field.name in _SAID_BY_ALL:
            required.append(field.name)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    inner = get_args(hint)
    if get_origin(hint) in (Union, types.UnionType):
        choices = [_schema(each, definitions) for each in inner if each is not type(None)]
        return choices[0] if len(choices) == 1 else {"anyOf": choices}
    if get_origin(hint) is list:
        return {"type": "array", "items": _schema(inner[0], definitions)}
    if get_origin(hint) is dict and inner[1] in _FACETS:
        known = {key: _schema(kind, definitions) for key, kind in _FACETS[inner[1]].items()}
        return {"type": "object", "properties": known, "additionalProperties": False}
    if get_origin(hint) is dict:
        return {"type": "object", "additionalProperties": _schema(inner[1], definitions)}
    if issubclass(hint, Enum):
        return {"enum": [each.value for each in hint]}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    name = f"{hint.__module__}.{hint.__name__}"
    if name not in definitions:
        definitions[name] = {}  # a class may hold itself
        definitions[name] = object_schema(hint, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _validator(kind: type) -> Draft202012Validator:
    definitions: dict[str, Any] = {}
    schema = object_schema(kind, definitions) | {"$defs": definitions}
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=_checker)


_VALIDATORS = {True: _validator(event_v2.RunEvent), False: _validator(event_v2.JobEvent)}
