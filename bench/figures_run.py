"""Makes revenue or survey figures from what they read, in this process.

`python -m bench.figures_run HOME revenue|survey saydo|script`: Saydo's models as dbt compiles them
and its estimators, or one hand-written query of the same figures.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import duckdb

from saydo.estimate import running
from saydo.estimate.satisfaction_monthly import SATISFACTION_MONTHLY
from saydo.estimate.survey_weighting import SURVEY_WEIGHTING
from saydo.settings import Settings

AS_OF = date(2025, 12, 31)
REVENUE = (
    "int_months_listed", "int_foreign_prices_summarised_to_customer_months",
    "int_recurring_revenue_split_to_currencies", "int_recurring_revenue_summarised_to_cells",
    "int_subscriptions_compared_to_customer_months", "int_movement_causes_found",
    "revenue_movements", "recurring_revenue_monthly", "retention_cohorts",
)  # fmt: skip
SUMS = (
    "int_survey_answers_selected_to_customer_months", "int_survey_answers_summarised_to_cells",
    "int_survey_invitations_summarised_to_cells", "int_survey_repeats_summarised_to_cells",
    "int_active_customers_summarised_to_cells",
)  # fmt: skip
SCORES = ("satisfaction_monthly", "survey_weighting")
VIEWS = {"int_months_listed", "int_subscriptions_compared_to_customer_months"}

# The bridge alone: everybody's, month by month, from the subscriptions.
REVENUE_SCRIPT = """
    with months as (
        select (date '2023-01-01' + to_months(n::int))::date as month_start_date from range(36) t(n)
    ), customers as (
        select customer_id, min(date_trunc('month', started_at))::date as first_month
        from intermediate.int_subscriptions_resolved group by 1
    ), levels as (
        select
            c.customer_id, month_start_date,
            coalesce(sum(monthly_amount) filter (
                s.ended_at is null or s.ended_at >= month_start_date + interval 1 month), 0) as mrr
        from customers as c
        join months on month_start_date >= first_month
        left join intermediate.int_subscriptions_resolved as s
            on s.customer_id = c.customer_id and s.started_at < month_start_date + interval 1 month
        group by all
    ), moved as (
        select
            *, coalesce(lag(mrr) over (life), 0) as opening,
            coalesce(max(mrr) over (life rows between unbounded preceding and 1 preceding), 0) > 0
                as has_paid
        from levels window life as (partition by customer_id order by month_start_date)
    )
    select
        month_start_date, sum(opening) as opening_mrr,
        sum(mrr - opening) filter (mrr > 0 and opening = 0 and not has_paid) as new_mrr,
        sum(mrr - opening) filter (mrr > 0 and opening = 0 and has_paid) as reactivation_mrr,
        sum(mrr - opening) filter (mrr > opening and opening > 0) as expansion_mrr,
        sum(opening - mrr) filter (mrr < opening and mrr > 0) as contraction_mrr,
        sum(opening) filter (mrr = 0) as churned_mrr, sum(mrr) as closing_mrr
    from moved group by all
"""
# With weights given, by every segment; without what a wave has in common with the one before.
SURVEY_SCRIPT = """
    select
        month_start_date, question_role, region_code, plan_code, tenure_band, age_band,
        experience_band, count(*) as response_count, sum(w) as weight, sum(w * score) / sum(w) as
        score_mean, sum(w * w * score * score) as ww, sum(w) ** 2 / sum(w * w) as effective_count,
        sum(w) filter (score >= 9) as promoters, sum(w) filter (score <= 6) as detractors
    from (
        select
            r.*, r.score::double as score, i.design_weight::double as w,
            m.* exclude (customer_id)
        from intermediate.int_survey_responses_resolved as r
        join intermediate.int_survey_invitations_resolved as i using (invitation_id)
        join intermediate.int_customer_months_measured as m
            on r.customer_id = m.customer_id and i.month_start_date = m.month_start_date
    )
    group by grouping sets (
        (month_start_date, question_role), (month_start_date, question_role, region_code),
        (month_start_date, question_role, plan_code),
        (month_start_date, question_role, tenure_band),
        (month_start_date, question_role, age_band),
        (month_start_date, question_role, experience_band)
    )
"""


def _create(connection: duckdb.DuckDBPyConnection, home: Path, names: tuple[str, ...]) -> None:
    for name in names:
        kind = "view" if name in VIEWS else "table"
        schema = "intermediate" if name.startswith("int_") else "marts"
        sql = (home / "compiled" / f"{name}.sql").read_text()
        connection.execute(f"create or replace {kind} {schema}.{name} as {sql}")


def _connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(settings.warehouse), config={
        "threads": settings.threads, "memory_limit": settings.memory_limit,
        "temp_directory": f"{settings.home}/spill", "preserve_insertion_order": False,
    })  # fmt: skip
    return connection


def main(home: Path, figures: str, how: str) -> None:
    """Make the figures once."""
    settings = Settings(home=home)
    if how == "script":
        with _connect(settings) as connection:
            script = REVENUE_SCRIPT if figures == "revenue" else SURVEY_SCRIPT
            connection.execute(f"create or replace table marts.by_script as {script}")
        return
    with _connect(settings) as connection:
        _create(connection, home, REVENUE if figures == "revenue" else SUMS)
    if figures == "survey":
        running.ESTIMATORS = (SURVEY_WEIGHTING, SATISFACTION_MONTHLY)
        for _ in running.run_estimators(settings, AS_OF, "bench"):
            pass
        with _connect(settings) as connection:
            _create(connection, home, SCORES)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
