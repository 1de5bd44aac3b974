"""Datasets of OpenLineage with what is known of a node: schema, owner, rows, columns."""

from __future__ import annotations

import os
from typing import Any

from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    dataset_version_dataset,
    documentation_dataset,
    output_statistics_output_dataset,
    ownership_dataset,
    schema_dataset,
)

from saydo import __version__
from saydo.lineage.columns import Sources
from saydo.lineage.graph import Node

PRODUCER = f"urn:saydo:{__version__}"


def namespace() -> str:
    """Of every job and dataset: OPENLINEAGE_NAMESPACE, or saydo. Never a path of the machine."""
    return os.environ.get("OPENLINEAGE_NAMESPACE") or "saydo"


def read_dataset(name: str) -> InputDataset:
    """A dataset that is read: who made it has said what it is."""
    return InputDataset(namespace=namespace(), name=name)


def made_dataset(node: Node, columns: dict[str, Sources] | None = None) -> OutputDataset:
    """What a job of the build has made."""
    return published_dataset(
        node.name,
        node.declared.columns,
        rows=node.row_count,
        owner=node.owner,
        description=node.declared.description,
        columns=columns,
    )


def published_dataset(
    name: str,
    types: dict[str, str],
    *,
    rows: int | None,
    owner: str,
    description: str = "",
    columns: dict[str, Sources] | None = None,
    version: str | None = None,
) -> OutputDataset:
    """A dataset with the facets of what is given.

    Args:
        name: its name in the namespace.
        types: column to type; an empty type is not known.
        rows: how many it has.
        owner: who answers for it.
        description: what it is.
        columns: column to (dataset, column) that it is made from.
        version: the release that it is of.
    """
    facets: dict[str, Any] = {
        "ownership": ownership_dataset.OwnershipDatasetFacet(
            [ownership_dataset.Owner(name=f"team:{owner}")], producer=PRODUCER
        )
    }
    if types:
        fields = [
            schema_dataset.SchemaDatasetFacetFields(name=column, type=kind or None)
            for column, kind in types.items()
        ]
        facets["schema"] = schema_dataset.SchemaDatasetFacet(fields, producer=PRODUCER)
    if description:
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(
            description, producer=PRODUCER
        )
    if columns:
        facets["columnLineage"] = _made_from(columns)
    if version:
        facets["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(
            version, producer=PRODUCER
        )
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet
    return OutputDataset(
        namespace=namespace(),
        name=name,
        facets=facets,
        outputFacets={}
        if rows is None
        else {"outputStatistics": statistics(rowCount=rows, producer=PRODUCER)},
    )


def _made_from(columns: dict[str, Sources]) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    return column_lineage_dataset.ColumnLineageDatasetFacet(
        {
            column: column_lineage_dataset.Fields(
                inputFields=[
                    column_lineage_dataset.InputField(namespace(), dataset, field)
                    for dataset, field in sources
                ]
            )
            for column, sources in columns.items()
            if sources
        },
        producer=PRODUCER,
    )
