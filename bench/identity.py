"""Identity at a million accounts: the whole of it, its clustering against Splink's, a long chain.

Splink gets the links that our rules found, and clusters them; what is compared is that step alone.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.harness import Command, Comparison, Run, apart, interleave, middle, run_once, verdict
from bench.population import deliver
from saydo.settings import Settings

ACCOUNTS, CHAIN = 1_000_000, 100_000
AS_OF = "2025-07-01"
CLUSTERING = "int_accounts_clustered"
MOST_ROUNDS = 20


def measure(
    scratch: Path, runs: int, accounts: int = ACCOUNTS, chain: int = CHAIN
) -> tuple[list[Comparison], str]:
    """Resolve everything, and cluster the same links with Splink, in turn; then a chain.

    Returns:
        the comparison, and what the whole and the chain took, as Markdown.
    """
    home = _delivered(scratch / f"population-{accounts}", "population", accounts)
    links, peer, seconds = scratch / "links.duckdb", scratch / "peer.duckdb", scratch / "peer.txt"
    times = scratch / "times.json"
    alone: dict[str, list[Run]] = {"ours": [], "splink": []}

    def keep_clustering() -> None:
        apart(keep_links, home.warehouse, links)
        took = json.loads(times.read_text())[CLUSTERING]
        alone["ours"].append(Run(took, took, 0))

    def keep_peer() -> None:
        apart(assert_same_clusters, home.warehouse, peer)
        took = float(seconds.read_text())
        alone["splink"].append(Run(took, took, 0))

    timed = interleave(
        {
            "identity": _whole(home, times, keep_clustering),
            "splink": Command(
                [sys.executable, "-m", "bench.identity_peer", str(links), str(peer), str(seconds)],
                reset=lambda: peer.unlink(missing_ok=True),
                verify=keep_peer,
            ),
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
    ], (
        f"\nThe whole of it, from raw to owners and registry, took {middle(timed['identity'])}.\n"
        + _models(times) + _chain(scratch, chain)
    )  # fmt: skip


def _delivered(place: Path, kind: str, count: int) -> Settings:
    """A home with accounts and identifiers in raw, made once."""
    home = Settings(home=place)
    if not home.raw.exists():
        apart(deliver, place, kind, count)
    return home


def _whole(home: Settings, times: Path, verify: Callable[[], None] = lambda: None) -> Command:
    return Command(
        [sys.executable, "-m", "bench.identity_tier", AS_OF, str(times)],
        {"SAYDO_HOME": str(home.home)},
        reset=lambda: home.warehouse.unlink(missing_ok=True),
        verify=verify,
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


def _chain(scratch: Path, count: int) -> str:
    """Rounds and memory of a chain of accounts, each linked to the next."""
    home = _delivered(scratch / f"chain-{count}", "chain", count)
    run = run_once(_whole(home, scratch / "chain.json"))
    log = (home.state / "dbt" / "logs" / "dbt.log").read_text(encoding="utf-8", errors="replace")
    rounds = int(re.findall(rf"{CLUSTERING} settled after (\d+) rounds", log)[-1])
    return (
        f"\nA chain of {count:,} accounts settled after {rounds} rounds "
        f"{verdict(rounds, MOST_ROUNDS)}; its whole resolution took {middle([run])}."
    )


def _models(times: Path, shown: int = 8) -> str:
    """What the slowest models took in the last run."""
    took = json.loads(times.read_text())
    slowest = sorted(took, key=lambda name: -took[name])[:shown]
    return "\n".join(
        [
            "",
            "| model | wall s of the last run |",
            "|---|---|",
            *(f"| `{name}` | {took[name]:.1f} |" for name in slowest),
            f"| all {len(took)} models | {sum(took.values()):.1f} |",
            "",
        ]
    )
