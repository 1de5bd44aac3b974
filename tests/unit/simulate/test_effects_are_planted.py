"""The planted chain is found again by a plain within-customer regression, loosely."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from delivered_tables import read_truth

_EXPERIENCE = """
    select person, date_trunc('month', usage_date) as month,
        100 - 100 / 6 * (
            greatest(1 - sum(failed_session_count) / sum(session_count) / 0.10, 0)
            + greatest(1 - sum(dropped_session_count) / sum(session_count) / 0.10, 0)
            + greatest(1 - sum(stall_seconds) / sum(usage_minutes) * 60 / 120, 0)
            + least((sum(throughput_mbps * session_count) / sum(session_count) - 2) / 28, 1)
            + least((150 - sum(latency_ms * session_count) / sum(session_count)) / 130, 1)
            + greatest(1 - sum(outage_minutes) / count(distinct usage_date) / 60, 0)
        ) as badness
    from network_usage_daily as usage
    join owners on owners.id_type = usage.id_type and owners.id_value = usage.id_value
        and usage_date >= valid_from_at and (valid_to_at is null or usage_date < valid_to_at)
    group by all
"""
_SCORES = """
    select person, date_trunc('month', wave_date) as month, cast(score as double) as score
    from survey_responses as answer
    join owners on owners.id_type = answer.id_type
        and owners.id_value = lower(trim(answer.id_value))
        and responded_at >= valid_from_at and (valid_to_at is null or responded_at < valid_to_at)
    where question_code = 'q_osat'
    qualify row_number() over (partition by person, month order by response_id) = 1
"""
_SPEND = """
    select person, date_trunc('month', occurred_at) as month,
        cast(sum(amount) filter (product_code = 'USAGE') as double) as usage_spend
    from (select distinct on (transaction_id) * from transactions)
    join people on account_id = id_value
    where transaction_type = 'charge'
    group by all
"""
_PANEL = f"""
    with experience as ({_EXPERIENCE}), scores as ({_SCORES}), spend as ({_SPEND})
    select scores.*, now.badness as badness, before.badness as badness_before, usage_spend
    from scores
    join experience as now using (person, month)
    left join experience as before
        on before.person = scores.person and before.month = scores.month - interval 1 month
    left join spend
        on spend.person = scores.person and spend.month = scores.month + interval 1 month
"""


@pytest.fixture(scope="module")
def truth(year: Path) -> dict:
    return read_truth(year)


@pytest.fixture(scope="module")
def panel(year_tables: duckdb.DuckDBPyConnection, truth: dict) -> pd.DataFrame:
    effects = truth["planted"]["effects"]
    year_tables.execute(
        "create table owners as select distinct person, id_type, "
        "lower(trim(id_value)) as id_value, valid_from_at, valid_to_at "
        "from account_identifiers join people using (account_id)"
    )
    frame = year_tables.sql(_PANEL).df()
    for column in ("badness", "badness_before"):
        frame[column] = (frame[column] - effects["badness_mean"]) / effects["badness_unit"]
    frame["below"] = np.minimum(frame["score"] - effects["edge"], 0)
    frame["above"] = np.maximum(frame["score"] - effects["edge"], 0)
    return frame


def _within(panel: pd.DataFrame, outcome: str, causes: list[str]) -> dict[str, float]:
    """Least squares after taking out customer and month means (alternating until they are gone)."""
    columns = [outcome, *causes]
    values = panel.dropna(subset=columns)[["person", "month", *columns]].copy()
    for _ in range(20):
        for group in ("person", "month"):
            values[columns] -= values.groupby(group)[columns].transform("mean")
    fit = np.linalg.lstsq(values[causes].to_numpy(), values[outcome].to_numpy(), rcond=None)
    return dict(zip(causes, fit[0], strict=True))


def test_worse_service_lowers_the_score_now_and_a_month_later(
    panel: pd.DataFrame, truth: dict
) -> None:
    effects = truth["planted"]["effects"]
    found = _within(panel, "score", ["badness", "badness_before"])
    assert found["badness"] == pytest.approx(effects["experience_now"], abs=0.08)
    assert found["badness_before"] == pytest.approx(effects["experience_lag"], abs=0.08)


def test_a_point_is_worth_more_below_the_edge_than_above(panel: pd.DataFrame, truth: dict) -> None:
    effects = truth["planted"]["effects"]
    found = _within(panel, "usage_spend", ["below", "above", "badness"])
    assert found["below"] == pytest.approx(effects["spend_slope_below"], abs=0.45)
    assert found["above"] == pytest.approx(effects["spend_slope_above"], abs=0.30)
    assert found["badness"] == pytest.approx(effects["spend_direct"], abs=0.30)


def test_the_stable_trait_turns_the_sign_of_the_pooled_direct_effect(panel: pd.DataFrame) -> None:
    values = panel.dropna()
    matrix = np.column_stack([np.ones(len(values)), values[["below", "above", "badness"]]])
    pooled = np.linalg.lstsq(matrix, values["usage_spend"].to_numpy(), rcond=None)[0]
    assert pooled[3] > 0


def test_the_dissatisfied_leave_more_often(
    year_tables: duckdb.DuckDBPyConnection, panel: pd.DataFrame, truth: dict
) -> None:
    reasons = ("switched", "price", "network", "moved", "non_payment")
    left = year_tables.sql(
        "select id_value, date_trunc('month', ended_at) as month from subscriptions "
        f"where product_type = 'plan' and end_reason_code in {reasons}"
    ).fetchall()
    gone = {(truth["person_of"][account], month) for account, month in left}
    after = panel["month"] + pd.DateOffset(months=1)
    leaves = np.array([key in gone for key in zip(panel["person"], after, strict=True)])
    observed = (after < "2026-01-01").to_numpy()
    low = (panel["score"] <= 4).to_numpy()
    assert leaves[observed & low].mean() > 2 * leaves[observed & ~low].mean()


def test_happier_customers_answer_more_often(year_tables: duckdb.DuckDBPyConnection) -> None:
    correlation = year_tables.sql(
        "select corr(answered, score) from (select id_value, avg(cast(status = 'completed' as "
        "int)) as answered from survey_invitations where status in ('sent', 'completed') "
        "group by 1 having count(*) >= 5) join (select id_value, avg(score) as score "
        "from survey_responses where question_code = 'q_osat' group by 1) using (id_value)"
    ).fetchone()[0]
    assert correlation > 0.05


def test_december_is_busier_than_february(year_tables: duckdb.DuckDBPyConnection) -> None:
    traffic = dict(
        year_tables.sql(
            "select month(usage_date), avg(traffic_mb) from network_usage_daily group by 1"
        ).fetchall()
    )
    assert traffic[12] > 1.1 * traffic[2]
