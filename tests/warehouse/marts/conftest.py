"""The small business, built in steps and then all at once; the tests here share both builds."""

from __future__ import annotations

import pytest
from small_business import MARTS, STEPS

from saydo.build.prepare import EXPECTED_DELIVERIES

# Data tests run once, after the last step.
LEFT_OUT = (
    ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure"),
    ("--resource-type", "seed", "--resource-type", "model"),
)
# As a business is built that is too large to be made at once.
A_MONTH_AT_A_TIME = {"rows_in_step": 1}


def what_ran(dbt) -> dict[str, str]:
    """The statements of the last build, by model."""
    files = (dbt.folder / "target" / "run").rglob("*.sql")
    return {path.stem: path.read_text(encoding="utf-8") for path in files}


def build(dbt, home, variables, *flags):
    statuses = dbt(home, "build", "path:seeds", "path:models", *flags, **variables)
    broken = {n: dbt.failures.get(n) for n, s in statuses.items() if s not in ("success", "pass")}
    assert not broken, broken


def contents(home) -> dict[str, list]:
    tables = {name: home.rows(f"select * from marts.{name} order by all") for name in MARTS}
    for row in tables["data_readiness"]:
        del row["last_loaded_at"]
    return tables


@pytest.fixture(scope="session")
def small_business_home(make_home):
    """The home that `daily_and_full` builds in; it ends with the full refresh."""
    home = make_home("small_business")
    due = {"expected_by_at": "2025-06-01 06:00:00"}
    late = [{"source": "transactions", "late_feeds": "ledger, till"} | due]
    in_time = [{"source": "accounts", "late_feeds": None} | due]
    home.write_state("expected_deliveries", late + in_time, EXPECTED_DELIVERIES)
    home.match_ratios = []  # source to share of facts with an owner, one dict per step
    return home


@pytest.fixture(scope="session")
def daily_and_full(dbt, small_business_home):
    """(months read again per step, marts after the steps, marts after a full refresh)."""
    home = small_business_home
    touched = []
    for deliveries, variables in STEPS:
        if touched:
            home.keep_registry()
        for deliver in deliveries:
            deliver(home)
        is_last = deliveries is STEPS[-1][0]
        # One of the days too; the others are what the steps are held against.
        steps = A_MONTH_AT_A_TIME if len(touched) == 1 else {}
        build(dbt, home, variables | steps, *LEFT_OUT[0 if is_last else 1])
        if steps:
            home.ran_on_a_day = what_ran(dbt)
        home.match_ratios.append(
            {
                row["source"]: row["match_ratio"]
                for row in home.rows(
                    "select source, match_ratio from marts.data_readiness "
                    "where feature in ('amount', 'usage')"
                )
            }
        )
        touched.append(
            {
                (row["source"], row["month_start_date"].isoformat()[:7])
                for row in home.rows("select * from intermediate.int_months_touched")
            }
        )
    daily = contents(home)
    build(dbt, home, STEPS[-1][1] | A_MONTH_AT_A_TIME, *LEFT_OUT[1], "--full-refresh")
    home.ran = what_ran(dbt)
    home.compiled = dbt.compiled
    return touched, daily, contents(home)
