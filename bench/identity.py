"""Identity at a million accounts: all of it, one day's delta, a long chain, and Splink.

Splink gets the links that our rules found, and only clusters them. Each row says what of ours it is
compared with: our clustering of the same links, or our whole way from raw to owners and registry.
The delta is told twice: as whole processes, and without what starting dbt takes in the same turn,
which does not depend on what is resolved.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

import duckdb

from bench.harness import Command, Comparison, Run, apart, interleave, run_once
from bench.homes import share
from bench.population import deliver
from saydo.settings import Settings

ACCOUNTS, CHAIN = 1_000_000, 100_000
BEFORE, AS_OF = "2025-06-29", "2025-07-01"
CLUSTERING = "int_accounts_clustered"


def measure(scratch: Path, runs: int, accounts: int = ACCOUNTS) -> tuple[list[Comparison], str]:
    """Resolve everything, one per cent more, and cluster the same links with Splink, in turn.

    Returns:
        the comparisons, and the chain's rounds and what was compared, as Markdown.
    """
    before, home = Settings(home=scratch / "before"), Settings(home=scratch / "home")
    tier = [sys.executable, "-m", "bench.identity_tier"]
    times = {name: scratch / f"{name}.json" for name in ("full", "delta", "before", "start")}
    if not before.raw.exists():
        apart(deliver, before.home, "population", accounts, 1)
    run_once(
        Command(
            [*tier, BEFORE, str(times["before"]), "finish"],
            {"SAYDO_HOME": str(before.home)},
            reset=lambda: before.warehouse.unlink(missing_ok=True),
        )
    )
    shutil.rmtree(home.home, ignore_errors=True)
    share(before.raw, home.raw)
    shutil.copytree(before.state, home.state)
    apart(deliver, home.home, "delta", accounts, 2)

    def to_the_day_before() -> None:
        shutil.copyfile(before.warehouse, home.warehouse)
        os.sync()

    links, peer, seconds = scratch / "links.duckdb", scratch / "peer.duckdb", scratch / "peer.txt"
    alone: dict[str, list[Run]] = {"ours": [], "splink": []}

    def keep_clustering() -> None:
        apart(keep_links, home.warehouse, links)
        took = json.loads(times["full"].read_text())[CLUSTERING]
        alone["ours"].append(Run(took, took, 0))

    def keep_peer() -> None:
        apart(assert_same_clusters, home.warehouse, peer)
        took = float(seconds.read_text())
        alone["splink"].append(Run(took, took, 0))

    env = {"SAYDO_HOME": str(home.home)}
    timed = interleave(
        {
            "full": Command(
                [*tier, AS_OF, str(times["full"])],
                env,
                reset=lambda: home.warehouse.unlink(missing_ok=True),
                verify=keep_clustering,
            ),
            "splink": Command(
                [sys.executable, "-m", "bench.identity_peer", str(links), str(peer), str(seconds)],
                reset=lambda: peer.unlink(missing_ok=True),
                verify=keep_peer,
            ),
            "delta": Command(
                [*tier, AS_OF, str(times["delta"])],
                env,
                reset=to_the_day_before,
                verify=lambda: apart(assert_same_clusters, home.warehouse, peer),
            ),
            "start": Command([*tier, AS_OF, str(times["start"]), "start"], env),
        },
        runs,
        warm_ups=0,
    )
    size = f"{accounts:,} accounts, {3 * accounts:,} identifiers"
    return [
        Comparison(
            f"clustering of the links alone, {size}", tuple(alone["ours"]), tuple(alone["splink"]),
            1.0, "Splink's clustering of the same links; wall seconds of that step in both",
        ),
        Comparison(
            f"deterministic tier, raw to owners and registry, {size}", timed["full"],
            timed["splink"], 1.0, "Splink's clustering of the links that the tier found",
        ),
        Comparison(
            f"one per cent of the accounts new or changed, {size}", timed["delta"], timed["full"],
            0.2, "the full resolution; whole processes",
        ),
        Comparison(
            f"the same, resolving alone, {size}", _beyond(timed["delta"], timed["start"]),
            _beyond(timed["full"], timed["start"]), 0.2,
            "the full resolution; both without the seconds of starting dbt in that turn",
        ),
    ], _models(times) + _chain(scratch)  # fmt: skip


def _beyond(runs: tuple[Run, ...], start: tuple[Run, ...]) -> tuple[Run, ...]:
    """The runs without what starting took in the same turn."""
    return tuple(
        Run(run.wall - started.wall, run.cpu - started.cpu, run.peak_mb)
        for run, started in zip(runs, start, strict=True)
    )


def keep_links(warehouse: Path, links: Path) -> None:
    """Write the links of a resolved home, and all its accounts, for Splink."""
    links.unlink(missing_ok=True)
    with duckdb.connect(str(links)) as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute(
            "create table nodes as select account_key as unique_id "
            "from warehouse.intermediate.int_accounts_described;"
            "create table edges as select distinct account_key as unique_id_l, "
            "other_account_key as unique_id_r "
            "from warehouse.intermediate.int_accounts_linked where is_linked"
        )


def assert_same_clusters(warehouse: Path, peer: Path) -> None:
    """Compare our components with Splink's clusters: both name them by the smallest member.

    Raises:
        AssertionError: they differ.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{peer}' as peer (read_only)")
        (count,) = connection.execute(
            "select count(*) from warehouse.intermediate.int_accounts_clustered as ours "
            "full join (select *, count(*) over (partition by cluster_id) as size "
            "from peer.clusters) as theirs on ours.account_key = theirs.unique_id "
            "where ours.component_key is distinct from "
            "case when theirs.size > 1 then theirs.cluster_id end"
        ).fetchone() or (None,)
        if count != 0:
            raise AssertionError(f"{count} accounts are in other clusters than Splink's")


def _chain(scratch: Path) -> str:
    """Rounds and memory of a chain of accounts, each linked to the next."""
    chain = Settings(home=scratch / "chain")
    if not chain.raw.exists():
        apart(deliver, chain.home, "chain", CHAIN, 1)
    run = run_once(
        Command(
            [sys.executable, "-m", "bench.identity_tier", AS_OF, str(scratch / "chain.json")],
            {"SAYDO_HOME": str(chain.home)},
            reset=lambda: chain.warehouse.unlink(missing_ok=True),
        )
    )
    log = (chain.state / "dbt" / "logs" / "dbt.log").read_text(encoding="utf-8", errors="replace")
    rounds = int(re.findall(rf"{CLUSTERING} settled after (\d+) rounds", log)[-1])
    kept = "kept" if rounds <= 20 else "**not kept**"
    return (
        f"\nA chain of {CHAIN:,} accounts settled after {rounds} rounds (promised ≤ 20: {kept}); "
        f"its whole resolution took {run.wall:.1f} s ({run.cpu:.1f}) and {run.peak_mb:,.0f} MB."
    )


def _models(times: dict[str, Path], shown: int = 8) -> str:
    """What the slowest models took, of all and of the delta."""
    full, delta = (json.loads(times[name].read_text()) for name in ("full", "delta"))
    slowest = sorted(full, key=lambda name: -full[name])[:shown]
    lines = ["", "| model, wall s of the last run | all | delta |", "|---|---|---|"]
    lines += [f"| `{name}` | {full[name]:.1f} | {delta[name]:.1f} |" for name in slowest]
    lines.append(f"| all models | {sum(full.values()):.1f} | {sum(delta.values()):.1f} |")
    return "\n".join(lines) + "\n"
