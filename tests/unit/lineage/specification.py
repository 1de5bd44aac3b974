"""Events held to OpenLineage's specification, by the classes that its client makes of its schemas.

Each object is given to its class: a field that the schema does not know, one that it requires and
that is missing, or an id or time that is none, raises. A facet is of the class that its key names.
"""

from __future__ import annotations

from typing import Any

from openlineage.client import event_v2, facet_v2

_statistics = facet_v2.output_statistics_output_dataset
_FACETS = {
    "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
    "ownership": facet_v2.ownership_dataset.OwnershipDatasetFacet,
    "documentation": facet_v2.documentation_dataset.DocumentationDatasetFacet,
    "columnLineage": facet_v2.column_lineage_dataset.ColumnLineageDatasetFacet,
    "version": facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet,
    "outputStatistics": _statistics.OutputStatisticsOutputDatasetFacet,
    "jobType": facet_v2.job_type_job.JobTypeJobFacet,
    "parent": facet_v2.parent_run.ParentRunFacet,
    "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
}
_INSIDE = {
    "schema": ("fields", facet_v2.schema_dataset.SchemaDatasetFacetFields),
    "ownership": ("owners", facet_v2.ownership_dataset.Owner),
}


def check(event: dict[str, Any]) -> None:
    """Raise if the event is not as the specification says."""
    event = dict(event)
    assert event.pop("schemaURL").startswith("https://openlineage.io/spec/2-")
    assert event["producer"].startswith("urn:")
    parts = {
        "job": event_v2.Job(**_with_facets(event["job"])),
        "inputs": [event_v2.InputDataset(**_with_facets(each)) for each in event["inputs"]],
        "outputs": [event_v2.OutputDataset(**_with_facets(each)) for each in event["outputs"]],
    }
    if "run" not in event:
        event_v2.JobEvent(**event | parts)
        return
    event["eventType"] = event_v2.RunState(event["eventType"])
    event_v2.RunEvent(**event | parts | {"run": event_v2.Run(**_with_facets(event["run"]))})


def _with_facets(part: dict[str, Any]) -> dict[str, Any]:
    part = dict(part)
    for place in ("facets", "inputFacets", "outputFacets"):
        if place in part:
            part[place] = {key: _facet(key, facet) for key, facet in part[place].items()}
    return part


def _facet(key: str, content: dict[str, Any]) -> Any:
    content = dict(content)
    assert content.pop("_schemaURL").startswith("https://openlineage.io/spec/facets/")
    content["producer"] = content.pop("_producer")
    if key in _INSIDE:
        name, inner = _INSIDE[key]
        content[name] = [inner(**each) for each in content[name]]
    if key == "columnLineage":
        made = facet_v2.column_lineage_dataset
        for field in content["fields"].values():
            made.Fields([made.InputField(**each) for each in field["inputFields"]])
    if key == "parent":
        facet_v2.parent_run.Run(content["run"]["runId"])
    return _FACETS[key](**content)
