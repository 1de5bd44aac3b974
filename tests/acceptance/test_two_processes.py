"""Two processes in one home: nothing of one ends in the other, none is lost, who waits is told."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest
import yaml
from two_processes import python, saydo, task

from saydo.landing import read_ledger
from saydo.settings import Settings
from saydo.simulate import simulate

LAND = """
import sys
from saydo.landing import land_feed
from saydo.settings import Settings
print(land_feed(Settings(), sys.argv[1])["loaded_count"])
"""
ROWS, KEPT = 1_200_000, 60_000  # what is staged spills, what is written is small
HELD = "is held by"


@pytest.fixture
def home(tmp_path) -> Path:
    """A small business, of which nothing is landed yet."""
    simulate(tmp_path / "home" / "landing", customers=60, months=2, seed=1)
    return tmp_path / "home"


def test_landing_beside_landing_each_reads_back_its_own_rows(tmp_path):
    """Both spill; each row says which feed and line it is of."""
    (tmp_path / "landing").mkdir()
    columns = {
        "transaction_id": "id", "id_type": "'account_id'", "id_value": "account",
        "occurred_at": "booked", "transaction_type": "'charge'", "product_code": "product",
        "amount": "amount", "currency": "'EUR'",
    }  # fmt: skip
    feeds = []
    for name in ("one", "two"):
        feed = {"name": name, "source": "transactions", "path": f"{name}.csv", "format": "csv"}
        feeds.append(feed | {"columns": columns, "where": "cast(amount as integer) < 50"})
        duckdb.sql(
            f"copy (select '{name}-' || hash(i) as id, '{name}-' || i as account, "
            "timestamp '2025-01-01' + to_seconds(cast(i % 86400 as integer)) as booked, "
            f"'{name} ' || md5(i::varchar) as product, i % 1000 as amount "
            f"from range({ROWS}) as numbers (i)) to '{tmp_path}/landing/{name}.csv'"
        )
    (tmp_path / "feeds.yml").write_text(yaml.safe_dump({"feeds": feeds}))
    limits = {"SAYDO_MEMORY_LIMIT": "192MiB", "SAYDO_PARALLEL_TASKS": "2", "SAYDO_THREADS": "1"}
    landings = [
        python(tmp_path, LAND, name, SAYDO_FEEDS_FILE=str(tmp_path / "feeds.yml"), **limits)
        for name in ("one", "two")
    ]
    spilt = set()
    while any(landing.is_running for landing in landings):
        spilt |= {file.parent for file in tmp_path.glob("tmp/*/duckdb_temp*")}
        time.sleep(0.01)
    for landing in landings:
        assert landing.code() == 0 and landing.said == f"{KEPT}\n", landing.said
    assert len(spilt) == 2, "both spilled, each into a folder of its own"
    assert not list((tmp_path / "tmp").iterdir())
    found = duckdb.sql(
        "select _feed, count(*), count(distinct transaction_id), count(*) filter (where "
        "transaction_id = _feed || '-' || hash(_line_number - 2) "
        "and product_code = _feed || ' ' || md5((_line_number - 2)::varchar) "
        "and amount = (_line_number - 2) % 1000) "
        f"from read_parquet('{tmp_path}/raw/transactions/*/*/*.parquet') "
        "group by 1 order by 1"
    ).fetchall()
    assert found == [("one", KEPT, KEPT, KEPT), ("two", KEPT, KEPT, KEPT)]


def test_beside_a_run_every_other_command_is_told_who_holds_the_home_or_waits(home):
    batch = "billing_ledger-0123456789ab"
    run = saydo(home, "run")
    run.until("done   list_feeds")
    for words in (
        ["run"],
        ["maintain"],
        ["recover"],
        ["segments", "hand-over"],
        ["rollback"],
        ["feeds", "withdraw", batch],
        ["feeds", "replay", batch],
    ):
        refused = saydo(home, *words)
        assert refused.code() == 3, refused.said
        assert f"{HELD} saydo run (process" in refused.said and "--wait" in refused.said
        assert "Traceback" not in refused.said
    assert run.is_running, "all of them answered at once"
    waiting = saydo(home, "run", "--wait")
    assert run.code() == 0, run.said
    assert waiting.code() == 0, waiting.said
    assert f"waiting: home {HELD} saydo run (process" in waiting.said
    (line,) = [line for line in run.said.splitlines() if line.startswith("content hash")]
    assert line in waiting.said, "who waited came to the same content"


def test_a_scheduler_between_two_tasks_keeps_the_home_until_its_run_is_over(home):
    run_id = "scheduled__2026-01-01"
    assert task(home, "HoldHome", run_id).code() == 0
    feeds = [
        task(home, "LandFeedOperator", run_id, pause=8, feed_name=name)
        for name in ("billing_ledger", "network_usage")
    ]
    for landing in feeds:
        landing.until("at work")
    maintenance = saydo(home, "maintain")
    assert maintenance.code() == 3 and f"{HELD} build_customer_warehouse" in maintenance.said
    assert all(landing.is_running for landing in feeds), "two feeds are landed at one time"
    assert task(home, "HoldHome", "manual__2026-01-01").code() == 75, "another run waits"
    assert all(landing.code() == 0 for landing in feeds), [landing.said for landing in feeds]

    told = f"{HELD} build_customer_warehouse, run {run_id} (process"
    for words in (["run"], ["maintain"], ["rollback"]):
        refused = saydo(home, *words)
        assert refused.code() == 3 and told in refused.said, refused.said
    waiting = saydo(home, "maintain", "--wait")
    waiting.until("waiting: home")
    gate = task(home, "CheckSourcesOperator", run_id, pause=2)
    gate.until("at work")
    gate.kill()
    retried = task(home, "CheckSourcesOperator", run_id)
    assert retried.code() == 0, retried.said
    staging = task(home, "LandFeedOperator", "manual__2026-01-01", feed_name="crm_accounts")
    assert staging.code() != 0 and told in staging.said
    assert waiting.is_running
    assert task(home, "FreeHome", run_id).code() == 0
    assert waiting.code() == 0, waiting.said
    assert task(home, "HoldHome", "manual__2026-01-01").code() == 0


def test_a_batch_is_not_withdrawn_under_the_gates_eyes(home):
    settings = Settings(home=home)
    assert task(home, "LandFeedOperator", "r1", feed_name="billing_ledger").code() == 0
    batch, *_ = read_ledger(settings)
    gate = task(home, "CheckSourcesOperator", "r1", pause=2)
    gate.until("at work")
    refused = saydo(home, "feeds", "withdraw", batch.batch_id)
    assert refused.code() == 3 and HELD in refused.said
    assert gate.code() == 0
    assert task(home, "FreeHome", "r1").code() == 0
    assert saydo(home, "feeds", "withdraw", batch.batch_id).code() == 0
    assert read_ledger(settings)[0].status == "withdrawn"
