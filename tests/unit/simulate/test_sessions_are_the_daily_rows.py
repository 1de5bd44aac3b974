"""Usage delivered as sessions is the usage that is delivered by day."""

from __future__ import annotations

import duckdb
import pytest

from saydo.errors import ConfigError
from saydo.simulate import simulate

MEASURES = "stall_ms, active_seconds, volume_kb, outage_seconds"
SUMS = ", ".join(f"sum({name})" for name in MEASURES.split(", "))


def test_sessions_add_up_to_the_daily_rows_and_all_else_is_the_same(tmp_path):
    for name, sessions in (("daily", False), ("sessions", True)):
        simulate(tmp_path / name, 60, 2, seed=3, sessions=sessions)
    daily = duckdb.execute(
        "select distinct subscriber_imsi, usage_day, cell_site, sessions, sessions_failed, "
        f"sessions_dropped, {MEASURES}, throughput_kbps, latency_ms "
        f"from '{tmp_path}/daily/network/usage*.parquet' order by all"
    ).fetchall()
    rolled_up = duckdb.execute(
        "select subscriber_imsi, cast(began_at as date), cell_site, count(*), sum(is_failed), "
        f"sum(is_dropped), {SUMS}, any_value(throughput_kbps), any_value(latency_ms) "
        f"from '{tmp_path}/sessions/network/sessions*.parquet' group by 1, 2, 3 order by all"
    ).fetchall()
    assert rolled_up == daily and len(daily) > 1000
    others = [
        {
            file.relative_to(tmp_path / name): file.read_bytes()
            for file in (tmp_path / name).rglob("*.*")
            if file.parent.name != "network" and file.name != "truth.json"
        }
        for name in ("daily", "sessions")
    ]
    assert others[0] == others[1] != {}


def test_faults_are_not_put_into_sessions(tmp_path):
    with pytest.raises(ConfigError, match="leave out --sessions, or --fault"):
        simulate(tmp_path / "landing", 60, 1, seed=1, faults=["20"], sessions=True)
