"""What dbt's project says of its nodes, kept for whoever tells of the way of the data."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from saydo.contract import SOURCES, landed_columns
from saydo.durable import replace_json
from saydo.settings import Settings

_TABLES = ("model", "seed", "snapshot")


@dataclass(frozen=True)
class Declared:
    """A table, a file or an exposure, as the project declares it.

    `name` is `<schema>.<table>`, or `exposures.<name>`. `columns` are name to type, empty where no
    type is declared. `compiled` is where dbt writes its SQL, below the folder of what it compiles.
    """

    name: str
    kind: str  # raw | seed | state | staging | intermediate | estimate | mart | exposure
    owner: str = ""
    description: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    compiled: str = ""


def keep_project(settings: Settings, manifest: Any, reads: dict[str, Iterable[str]]) -> None:
    """Write state/lineage/project.json from the manifest that dbt parsed.

    Args:
        settings: where the state is, and which measures raw has columns for.
        manifest: dbt's Manifest of the whole project.
        reads: estimator to the intermediate models that it reads; dbt does not know.
    """
    names = {
        identifier: f"{node.schema}.{node.name}"
        for identifier, node in (*manifest.nodes.items(), *manifest.sources.items())
        if str(node.resource_type) in (*_TABLES, "source")
    }
    told = [
        *(_source(settings, node, reads) for node in manifest.sources.values()),
        *(_model(node, names) for key, node in manifest.nodes.items() if key in names),
        *(_exposure(node, names) for node in manifest.exposures.values()),
    ]
    file = project_file(settings)
    content = [asdict(node) for node in sorted(told, key=lambda node: node.name)]
    # It is the same from run to run, and a write waits for the disk.
    if not file.is_file() or json.loads(file.read_text(encoding="utf-8")) != _plain(content):
        replace_json(file, content)


def read_project(settings: Settings) -> list[Declared]:
    """What the last build kept; nothing before the first build."""
    file = project_file(settings)
    if not file.is_file():
        return []
    content = json.loads(file.read_text(encoding="utf-8"))
    return [Declared(**node | {"reads": tuple(node["reads"])}) for node in content]


def project_file(settings: Settings) -> Path:
    """Where the project is kept."""
    return settings.state / "lineage" / "project.json"


def _plain(content: Any) -> Any:
    return json.loads(json.dumps(content))


def _source(settings: Settings, node: Any, reads: dict[str, Iterable[str]]) -> Declared:
    kinds = {"raw": "raw", "estimates": "estimate"}
    columns: dict[str, str] = {}
    if node.source_name == "raw":
        measures = tuple(measure.name for measure in settings.feeds.all_measures)
        columns = landed_columns(SOURCES[node.name], measures)
    return Declared(
        name=f"{node.schema}.{node.name}",
        kind=kinds.get(node.source_name, "state"),
        description=" ".join(node.description.split()),
        columns=columns,
        reads=tuple(
            f"intermediate.{model}"
            for model in (reads.get(node.name, ()) if node.source_name == "estimates" else ())
        ),
    )


def _model(node: Any, names: dict[str, str]) -> Declared:
    is_seed = str(node.resource_type) == "seed"
    layer = "seed" if is_seed else node.fqn[1]
    return Declared(
        name=f"{node.schema}.{node.name}",
        kind="mart" if layer == "marts" else layer,
        owner=node.config.meta.get("owner", ""),
        description=" ".join(node.description.split()),
        columns={name: column.data_type or "" for name, column in node.columns.items()},
        reads=() if is_seed else _read(node, names),
        compiled="" if is_seed else f"{node.package_name}/{node.original_file_path}",
    )


def _exposure(node: Any, names: dict[str, str]) -> Declared:
    return Declared(
        name=f"exposures.{node.name}",
        kind="exposure",
        owner=node.owner.name or "",
        description=" ".join(node.description.split()),
        reads=_read(node, names),
    )


def _read(node: Any, names: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted({names[key] for key in node.depends_on.nodes if key in names}))
