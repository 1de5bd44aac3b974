"""Customers are counted by evidence at the cut-off, and by what came after it, as pandas says."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from saydo.build.prepare import BETS
from saydo.config.bets import OUTCOMES, Bet

# The 30th of May: April is the last month that is over.
DAY = {"as_of_date": "2025-05-30", "as_of_end_at": "2025-05-31 00:00:00"}
TOLD = {"owner": "us", "why": "so"}
STAYS = Bet(
    code="stays", among="is_active", outcome="not is_churned_after and revenue_after > 5",
    horizon_months=3,
    sets={"poor": "experience_band = 'poor'", "angry": "complaint_count >= 1",
          "north": "region_code in ('n', 'e')"}, **TOLD,
)  # fmt: skip
GROWS = Bet(
    code="grows", among="closing_mrr > 0 or is_churned", horizon_months=1,
    outcome="mrr_change_after > 0 or new_service_count_after >= 1 and fault_day_count_after = 0",
    sets={f"s{n}": f"experience_score > {10 * n}" for n in range(1, 7)}, **TOLD,
)  # fmt: skip
EARLY = Bet(code="early", outcome="is_active_after", horizon_months=24,
            sets={"one": "is_active", "two": "is_churned"}, **TOLD)  # fmt: skip
MONTHS = pd.date_range("2024-12-01", "2025-05-01", freq="MS")


def made_months() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    rows = pd.DataFrame(
        [(f"c{n}", month.date()) for n in range(400) for month in MONTHS[rng.integers(0, 4) :]],
        columns=["customer_id", "month_start_date"],
    )
    count = len(rows)
    rows["is_active"] = rng.random(count) < 0.8
    rows["is_churned"] = rng.random(count) < 0.1
    rows["closing_mrr"] = rng.integers(0, 4, count) * 10
    rows["revenue"] = rng.integers(0, 6, count)
    rows["experience_band"] = rng.choice(np.array(["poor", "good", None]), count)
    rows["experience_score"] = rng.integers(0, 80, count)
    rows["region_code"] = rng.choice(np.array(["n", "e", "s", None]), count)
    for name in ("new_service_count", "contact_count", "complaint_count", "fault_day_count"):
        rows[name] = rng.integers(0, 3, count)
    rows.loc[rng.random(count) < 0.2, "fault_day_count"] = None
    return rows


@pytest.fixture(scope="module")
def world(dbt, make_home):
    """(months, rows of int_bet_cells_counted)."""
    home, months, bets = make_home("bets"), made_months(), (STAYS, GROWS, EARLY)
    rows = [
        {"bet_code": bet.code, "bet_outcome": bet.outcome, "evidence": "e",
         "set_codes": ", ".join(bet.sets)} | bet.model_dump(include=set(BETS.names))
        for bet in bets
    ]  # fmt: skip
    home.write_state("dictionaries/bets", rows, BETS)
    with duckdb.connect(str(home.root / "warehouse.duckdb")) as connection:
        connection.execute(
            "create schema intermediate; create table intermediate.int_customer_months_measured "
            "as select * replace (closing_mrr::decimal(18, 2) as closing_mrr, "
            "revenue::decimal(18, 2) as revenue, fault_day_count::bigint as fault_day_count) "
            "from months"
        )
    told = [bet.for_models() for bet in bets]
    dbt.build_models(home, "stg_operations__bets", "int_bet_cells_counted", bets=told, **DAY)
    return months, home.rows("select * from intermediate.int_bet_cells_counted")


def followed(months: pd.DataFrame, cut_off: date, last: date) -> pd.DataFrame:
    """Customers at the cut-off, with the columns that outcomes read."""
    at = months[months.month_start_date == cut_off].set_index("customer_id")
    end = months[months.month_start_date == last].set_index("customer_id")
    after = months[(months.month_start_date > cut_off) & (months.month_start_date <= last)]
    sums = after.groupby("customer_id")
    at["is_churned_after"] = sums.is_churned.any()
    at["is_active_after"] = end.is_active
    at["closing_mrr_after"] = end.closing_mrr
    at["mrr_change_after"] = end.closing_mrr - at.closing_mrr
    for name in OUTCOMES:
        if name not in at:
            at[name] = sums[name.removesuffix("_after")].sum()
    return at


def cells_of(rows: list[dict], code: str) -> dict[tuple, tuple[int, int]]:
    return {
        tuple(row[f"set_{n}"] for n in range(1, 7)): (row["customer_count"], row["outcome_count"])
        for row in rows
        if row["bet_code"] == code
    }


def counted(sets: list[pd.Series], outcome: pd.Series) -> dict[tuple, tuple[int, int]]:
    cells: dict[tuple, list[int]] = {}
    padded = [*(one.fillna(False).astype(int) for one in sets)]
    for position, hit in enumerate(outcome):
        of = tuple(int(one.iloc[position]) for one in padded) + (0,) * (6 - len(sets))
        cell = cells.setdefault(of, [0, 0])
        cell[0] += 1
        cell[1] += bool(hit)
    return {of: tuple(cell) for of, cell in cells.items()}


def test_evidence_is_of_the_cut_off_and_the_outcome_of_the_months_after_it(world):
    months, rows = world
    at = followed(months, date(2025, 1, 1), date(2025, 4, 1))
    at = at[at.is_active]
    sets = [at.experience_band == "poor", at.complaint_count >= 1, at.region_code.isin(["n", "e"])]
    expected = counted(sets, ~at.is_churned_after & (at.revenue_after > 5))
    assert cells_of(rows, "stays") == expected and len(expected) == 8


def test_six_sets_make_up_to_64_cells_and_only_whom_the_bet_is_about_counts(world):
    months, rows = world
    at = followed(months, date(2025, 3, 1), date(2025, 4, 1))
    at = at[(at.closing_mrr > 0) | at.is_churned]
    outcome = (at.mrr_change_after > 0) | (
        (at.new_service_count_after >= 1) & (at.fault_day_count_after == 0)
    )
    sets = [at.experience_score > 10 * n for n in range(1, 7)]
    assert cells_of(rows, "grows") == counted(sets, outcome)


def test_the_cut_off_is_the_end_of_a_month_that_is_over(world):
    _, rows = world
    assert {(row["bet_code"], row["cut_off_date"]) for row in rows} == {
        ("stays", date(2025, 1, 31)), ("grows", date(2025, 3, 31)), ("early", date(2023, 4, 30)),
    }  # fmt: skip


def test_a_bet_about_a_time_before_all_history_has_one_row_that_counts_nobody(world):
    _, rows = world
    assert cells_of(rows, "early") == {(0,) * 6: (0, 0)}


def test_without_bets_there_is_no_row(dbt, make_home):
    home = make_home("nobody_bets")
    with duckdb.connect(str(home.root / "warehouse.duckdb")) as connection:
        connection.execute(
            "create schema intermediate; create table intermediate.int_customer_months_measured "
            "(customer_id varchar)"
        )
    dbt.build_models(home, "stg_operations__bets", "int_bet_cells_counted", **DAY)
    assert home.rows("select * from intermediate.int_bet_cells_counted") == []
