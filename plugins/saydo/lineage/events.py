"""OpenLineage events of what a run did: what landed, was built and published, and who reads it."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from openlineage.client.event_v2 import (
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
)
from openlineage.client.facet_v2 import error_message_run, job_type_job, parent_run
from openlineage.client.serde import Serde
from openlineage.client.uuid import generate_static_uuid

from saydo.durable import replace_json
from saydo.landing.ledger import Batch, read_ledger
from saydo.lineage.columns import column_lineage
from saydo.lineage.facets import (
    PRODUCER,
    made_dataset,
    namespace,
    published_dataset,
    read_dataset,
)
from saydo.lineage.graph import Graph, Node, read_graph
from saydo.lineage.spool import append, events_folder, expire
from saydo.release import read_manifest
from saydo.release.store import release_ids
from saydo.settings import Settings

log = logging.getLogger(__name__)

_BUILT = ("seed", "staging", "intermediate", "estimate", "mart")


@dataclass(frozen=True)
class Parent:
    """The run of Airflow's DAG that the events are part of."""

    run_id: str
    job_name: str


def record_events(settings: Settings, parent: Parent | None = None) -> int:
    """Write the events of what was done since the last time to the home's spool.

    A model that failed has an event that says so; what was skipped has none. The ids of runs follow
    from job and instant, so that the same is told twice under the same id, if ever.

    Returns:
        how many events were written.
    """
    file = settings.state / "lineage" / "told.json"
    since = json.loads(file.read_text(encoding="utf-8"))["until"] if file.is_file() else ""
    graph = read_graph(settings)
    done = [
        *_landings(settings, graph, since),
        *_builds(settings, graph, since),
        *_releases(settings, graph, since),
    ]
    expire(settings)
    if not done:
        return 0
    events = [event for each in done for event in each.events(parent)]
    events += _readers(graph) if any(each.name == "publish_release" for each in done) else []
    append(events_folder(settings), [Serde.to_dict(event) for event in events])
    replace_json(file, {"until": max(each.ended_at for each in done)})
    return len(events)


@dataclass(frozen=True)
class _Done:
    """One job's run that has ended; `ended_at` is ISO, UTC."""

    name: str
    ended_at: str
    seconds: float
    inputs: list[InputDataset]
    outputs: list[OutputDataset]
    failure: str | None = None

    def events(self, parent: Parent | None) -> Iterator[RunEvent]:
        """Its start and its end."""
        ended = datetime.fromisoformat(self.ended_at)
        run_id = str(generate_static_uuid(ended, f"{namespace()} {self.name}".encode()))
        facets: dict[str, Any] = {}
        if parent:
            facets["parent"] = parent_run.ParentRunFacet(
                run=parent_run.Run(parent.run_id),
                job=parent_run.Job(namespace(), parent.job_name),
                producer=PRODUCER,
            )
        started = (ended - timedelta(seconds=self.seconds)).isoformat()
        yield self._event(RunState.START, started, Run(run_id, facets), [])
        if self.failure:
            facets = facets | {
                "errorMessage": error_message_run.ErrorMessageRunFacet(
                    self.failure, "SQL", producer=PRODUCER
                )
            }
        state = RunState.FAIL if self.failure else RunState.COMPLETE
        outputs = [] if self.failure else self.outputs
        yield self._event(state, ended.isoformat(), Run(run_id, facets), outputs)

    def _event(self, state: RunState, at: str, run: Run, outputs: list[OutputDataset]) -> RunEvent:
        return RunEvent(
            eventType=state,
            eventTime=at,
            run=run,
            job=_job(self.name, "TASK"),
            inputs=self.inputs,
            outputs=outputs,
            producer=PRODUCER,
        )


def _job(name: str, kind: str) -> Job:
    facet = job_type_job.JobTypeJobFacet("BATCH", "SAYDO", kind, producer=PRODUCER)
    return Job(namespace(), name, {"jobType": facet})


def _landings(settings: Settings, graph: Graph, since: str) -> Iterator[_Done]:
    """One for each feed with new batches, and one for each that was refused."""
    new: dict[tuple[str, str, bool], list[Batch]] = defaultdict(list)
    for batch in read_ledger(settings):
        if _landed_at(batch) > since:
            new[batch.feed, batch.source, batch.status == "refused"].append(batch)
    for (feed, source, is_refused), batches in new.items():
        raw, made = graph.get(f"raw.{source}"), []
        if raw:
            loaded = sum(batch.loaded_count or 0 for batch in batches)
            made = [made_dataset(replace(raw, row_count=loaded))]
        yield _Done(
            name=f"land.{feed}",
            ended_at=max(_landed_at(batch) for batch in batches),
            seconds=0,
            inputs=[read_dataset(f"feeds.{feed}")],
            outputs=made,
            failure="a delivery was refused; `saydo quarantine` and the log say why"
            if is_refused
            else None,
        )


def _builds(settings: Settings, graph: Graph, since: str) -> Iterator[_Done]:
    new = {
        name: node
        for name, node in graph.items()
        if node.declared.kind in _BUILT and node.built_at and node.built_at > since
    }
    columns = column_lineage(settings, graph) if new else {}
    for name, node in new.items():
        if node.status == "skipped":
            continue
        yield _Done(
            name=f"build.{name}",
            ended_at=str(node.built_at),
            seconds=node.seconds or 0,
            inputs=[read_dataset(read) for read in node.declared.reads],
            outputs=[made_dataset(node, columns.get(name))],
            failure=None if node.status == "success" else "it did not run; the log says why",
        )


def _releases(settings: Settings, graph: Graph, since: str) -> Iterator[_Done]:
    for release_id in release_ids(settings):
        manifest = read_manifest(settings, release_id)
        published_at = _iso(datetime.fromisoformat(manifest["published_at"]))
        if published_at <= since:
            continue
        names = sorted(manifest["tables"])
        yield _Done(
            name="publish_release",
            ended_at=published_at,
            seconds=0,
            inputs=[read_dataset(f"marts.{name}") for name in names],
            outputs=[_published(manifest, name, graph.get(f"marts.{name}")) for name in names],
        )


def _published(manifest: dict[str, Any], name: str, node: Node | None) -> OutputDataset:
    table = manifest["tables"][name]
    types = {column["name"]: column["type"] for column in table["columns"]}
    return published_dataset(
        f"releases.{name}",
        types,
        rows=manifest["row_counts"][name],
        owner=node.owner if node else "data_platform",
        description=table["comment"] or "",
        columns={column: [[f"marts.{name}", column]] for column in types},
        version=manifest["release_id"],
    )


def _readers(graph: Graph) -> list[JobEvent]:
    """Who reads what is published: no run of theirs is known."""
    return [
        JobEvent(
            eventTime=datetime.now(UTC).isoformat(),
            job=_job(node.name, "EXPOSURE"),
            inputs=[
                read_dataset(read.replace("marts.", "releases.", 1)) for read in node.declared.reads
            ],
            producer=PRODUCER,
        )
        for node in graph.values()
        if node.declared.kind == "exposure"
    ]


def _landed_at(batch: Batch) -> str:
    return _iso(datetime.fromisoformat(batch.landed_at))


def _iso(instant: datetime) -> str:
    """In UTC; what names no zone is of it. Texts of one zone sort as instants do."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds")
