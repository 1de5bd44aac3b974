"""Build the candidate layer by layer: one dbt invocation each, resumed where it failed."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from saydo.build.dbt import NodeResult, invoke
from saydo.build.docs import write_docs
from saydo.build.failures import found_by, resolved_by
from saydo.build.inputs import (
    Inputs,
    are_gone,
    current_inputs,
    follows_failure,
    has_candidate,
    reasons_to_refresh,
    record,
    recorded,
)
from saydo.build.prepare import prepare
from saydo.build.spark_session import end_java
from saydo.build.variables import dbt_variables
from saydo.durable import replace_json
from saydo.engine import open_database
from saydo.errors import ConfigError, ReleaseRefused, SaydoError
from saydo.estimate import run_estimators
from saydo.identity.linkage import propose_links
from saydo.lineage.data_map import fill_data_map
from saydo.notices import Notice, tell
from saydo.room import explains, raise_lack
from saydo.settings import Settings

log = logging.getLogger(__name__)

# A test whose parents lie in two layers runs in the layer of the later one: `buildable` leaves it
# out of the earlier layer, and `eager` takes it along once everything it reads is there.
LAYERS: dict[str, list[str]] = {
    "staging": ["--select", "path:seeds", "path:models/staging", "--indirect-selection=buildable"],
    "identity": [
        "--select", "path:models/intermediate/identity", "--indirect-selection=buildable",
    ],
    "intermediate": [
        "--select", "path:models/intermediate",
        "--exclude", "path:models/intermediate/identity",
        "--indirect-selection=buildable",
    ],
    "estimates": [],  # no models: saydo.estimate works out what marts read, in Python
    "marts": ["--select", "path:models/marts", "--indirect-selection=eager"],
}  # fmt: skip
_UNFINISHED = ("error", "fail", "skipped")


@explains("building {}", "what is built stays, and the last release keeps serving")
def build_layer(
    settings: Settings, layer: str, as_of: date, full_refresh: bool = False
) -> dict[str, Any]:
    """Build one layer of the candidate as of the end of a day, and test it.

    A retry of the same layer on the same inputs goes on at the failed model. A layer below that
    was built for other inputs meanwhile (another run, another day), or whose candidate is gone, is
    rebuilt first. Whether the build is incremental is decided with the first layer and kept for
    the others.

    Args:
        settings: where the home is.
        layer: one of `LAYERS`, in order.
        as_of: the day whose end the profiles speak of.
        full_refresh: rebuild every table from raw, whatever is there.

    Returns:
        layer, as_of_date, model_count, test_count, row_count, seconds, is_full_refresh, is_resumed.

    Raises:
        ConfigError: no such layer.
        ReleaseRefused: a data test failed; the message names the tests.
        SaydoError: a model did not run; the message names it and its compiled SQL.
        OutOfRoom: memory or the disk ran out.
    """
    order = list(LAYERS)
    if layer not in order:
        raise ConfigError(f"unknown layer {layer!r}; valid: {', '.join(order)}")
    position = order.index(layer)
    if not has_candidate(settings):  # what was told of a candidate that is gone is over
        for name in order:
            _report_file(settings, name).unlink(missing_ok=True)
    if position == 0:
        now = _begin(settings, as_of, full_refresh)
    else:
        now, again = _begun(settings, as_of, order[:position])
        # Not even staging is of these inputs: the build begins anew, with the ledger as it is now.
        if again and again[0] == order[0]:
            prepare(settings, as_of)
            now = _begin(settings, as_of, full_refresh)
        for below in again:
            log.info("%s is not what this run needs; building it first", below)
            _build(settings, below, as_of, now)
    summary = _build(settings, layer, as_of, now)
    if layer == order[-1]:
        record(settings, "built", now)
        write_docs(settings, dbt_variables(settings, as_of))
    return summary


def _begun(settings: Settings, as_of: date, below: list[str]) -> tuple[Inputs, list[str]]:
    """The inputs this build began with, and which of the layers below must be built again.

    What dbt reads was fixed when the build began, so batches that came later wait for the next
    one. Another day, or rules changed or a batch withdrawn in between, means to begin again.
    """
    begun = recorded(settings, "attempted")
    now = current_inputs(settings, as_of)
    if (
        begun is None
        or (begun.as_of_date, begun.rules, begun.decisions, begun.bets, begun.segments)
        != (now.as_of_date, now.rules, now.decisions, now.bets, now.segments)
        or are_gone(begun, now.batches)
    ):
        return now, below
    first = next((n for n, layer in enumerate(below) if not _is_done(settings, layer, begun)), None)
    return begun, [] if first is None else below[first:]


def _begin(settings: Settings, as_of: date, full_refresh: bool) -> Inputs:
    now = current_inputs(settings, as_of)
    reasons = ["asked for"] if full_refresh else reasons_to_refresh(settings, now)
    log.info("full refresh: %s" if reasons else "incremental build%s", "; ".join(reasons))
    now.full_refresh = bool(reasons)
    now.follows_failure = follows_failure(settings)
    record(settings, "attempted", now)
    return now


def _build(settings: Settings, layer: str, as_of: date, now: Inputs) -> dict[str, Any]:
    if layer == "identity" and propose_links(settings):
        for above in list(LAYERS)[list(LAYERS).index(layer) :]:  # were made from other links
            _report_file(settings, above).unlink(missing_ok=True)
    report = layer_report(settings, layer)
    is_resumed = (
        report is not None
        and report["key"] == now.key
        and report["is_full_refresh"] == now.full_refresh
        and not report["is_done"]
    )
    begun = time.monotonic()
    if report and is_resumed:
        log.info("%s: going on at the model that failed", layer)
        # Models and tests by name: `empty` keeps dbt from adding tests that have passed already.
        left = [node["name"] for node in report["nodes"] if node["status"] in _UNFINISHED]
        selection = ["--select", *left, "--indirect-selection=empty"]
    else:
        _report_file(settings, layer).unlink(missing_ok=True)  # of an earlier build
        selection = LAYERS[layer]
    # Unit tests are about the code, on made-up rows: a build of delivered rows need not run them.
    arguments = ["build", *selection, "--exclude-resource-type", "unit_test"]
    if now.full_refresh:
        arguments.append("--full-refresh")
    variables = dbt_variables(settings, as_of) | {"follows_failure": now.follows_failure}
    if layer == "estimates":
        end_java()  # DuckDB takes the whole limit from here on
        results = [
            NodeResult(
                *(done.name, "estimate", "success", done.seconds, None, None, None, done.row_count),
                built_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            )
            for done in run_estimators(settings, as_of, now.key)
        ]
    else:
        results = invoke(settings, arguments, variables, layer, reads_raw=layer == "staging")
        if settings.engine == "spark" and layer == list(LAYERS)[-1]:
            end_java()
            results += _views(settings, variables)
    seconds = round(time.monotonic() - begun, 2)
    _count_rows(settings, results)
    _log_lines(layer, results)
    nodes = {node["name"]: node for node in (report["nodes"] if is_resumed and report else ())}
    nodes |= {result.name: asdict(result) for result in results}
    is_done = not any(result.status in _UNFINISHED for result in results)
    done = {
        "layer": layer, "as_of_date": as_of.isoformat(), "key": now.key, "is_done": is_done,
        "is_full_refresh": now.full_refresh, "seconds": seconds, "nodes": list(nodes.values()),
    }  # fmt: skip
    # Before anything is raised: a retry reads here where to go on.
    replace_json(_report_file(settings, layer), done)
    tell(settings, f"build {layer}", _warnings(settings, results))
    _raise_on_failure(settings, layer, results)
    if layer == list(LAYERS)[-1]:
        fill_data_map(settings)
    models = [node for node in nodes.values() if node["kind"] != "test"]
    return {
        "layer": layer,
        "as_of_date": as_of.isoformat(),
        "model_count": len(models),
        "test_count": len(nodes) - len(models),
        "row_count": sum(node["rows"] or 0 for node in models),
        "seconds": seconds,
        "is_full_refresh": now.full_refresh,
        "is_resumed": is_resumed,
    }


def _views(settings: Settings, variables: dict[str, Any]) -> list[NodeResult]:
    """The models that are views, made in the candidate over the tables that Spark built.

    Gates read some of them. What failed is told; the rest are no tables of this build.
    """
    embedded = settings.model_copy(update={"engine": "duckdb"})
    made = invoke(embedded, ["run", "--select", "config.materialized:view"], variables)
    return [result for result in made if result.status != "success"]


def layer_report(settings: Settings, layer: str) -> dict[str, Any] | None:
    """What the last build of a layer left: its inputs' key and one entry per node, or None."""
    file = _report_file(settings, layer)
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def _is_done(settings: Settings, layer: str, now: Inputs) -> bool:
    report = layer_report(settings, layer)
    return report is not None and report["is_done"] and report["key"] == now.key


def _report_file(settings: Settings, layer: str) -> Path:
    return settings.state / "build" / f"{layer}.json"


def _count_rows(settings: Settings, results: list[NodeResult]) -> None:
    built = [r for r in results if r.relation and r.status == "success"]
    if not built:
        return
    with open_database(settings, settings.warehouse, read_only=True) as connection:
        for result in built:
            row = connection.execute(f"select count(*) from {result.relation}").fetchone()
            result.rows = row[0] if row else None


def _log_lines(layer: str, results: list[NodeResult]) -> None:
    for result in results:
        if result.kind == "test" and result.status == "pass":
            continue
        rows = "" if result.rows is None else f" {result.rows:,} rows"
        log.info("%s: %s %s%s %.2f s", layer, result.status, result.name, rows, result.seconds)
    passed = sum(result.status == "pass" for result in results)
    log.info("%s: %d tests passed", layer, passed)


def _warnings(settings: Settings, results: list[NodeResult]) -> list[Notice]:
    """What the data tests of severity `warn` found; a test's description says what to do."""
    notices = []
    for result in results:
        if result.status == "warn":
            model, _, claim = result.name.rpartition("__")
            found = found_by(settings, result)
            what = f"rows against `{claim.replace('_', ' ')}`" + (f": {found}" if found else "")
            notices.append(Notice(what, model, result.failures, result.description))
    return notices


def _raise_on_failure(settings: Settings, layer: str, results: list[NodeResult]) -> None:
    broken = [result for result in results if result.status == "error"]
    failed = [result for result in results if result.status == "fail"]
    if not broken and not failed:
        return
    lines, told = [], set()
    for result in broken + failed:
        message = (result.message or "").strip()
        lines.append(f"  {result.kind} {result.name}: {'the same' if message in told else message}")
        if result.status == "fail":
            found, advice = found_by(settings, result), resolved_by(result)
            lines += [f"    found: {found}"] * bool(found) + [f"    do: {advice}"] * bool(advice)
        else:
            told.add(message)
        lines += [f"    compiled: {result.compiled_path}"] * bool(result.compiled_path)
    what = "\n".join(lines)
    if broken:
        raise_lack("\n".join(result.message or "" for result in broken))
        raise SaydoError(
            f"{layer}: {len(broken)} of dbt's nodes did not run\n{what}\n"
            "a retry goes on at the model that failed; after a change to the models, from the start"
        )
    raise ReleaseRefused(
        f"{layer}: {len(failed)} data tests failed; nothing is published and the last release "
        f"keeps serving\n{what}\nrun the compiled SQL on {settings.warehouse} to see the rows"
    )
