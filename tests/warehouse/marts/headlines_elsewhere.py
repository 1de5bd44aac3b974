"""The headline metrics once more, from the marts beside metrics_daily and written apart."""

REVENUE = (
    "select month_start_date as month, segment_type, segment_code, {} as value "
    "from marts.recurring_revenue_monthly where currency_type = 'reporting'"
)
SAID = (
    "select month_start_date as month, segment_type, segment_code, {} as value "
    "from marts.satisfaction_monthly where question_role = '{}'"
)
EVERYBODY = "'all' as segment_type, 'all' as segment_code"
MONTHS = (
    f"select month_start_date as month, {EVERYBODY}, {{}} as value "
    "from marts.customer_months group by month_start_date"
)
# Each metric as the marts beside metrics_daily have it, and the decimals that they have.
ELSEWHERE = {
    "customers": (
        f"select as_of_date as month, {EVERYBODY}, count(distinct customer_id) as value "
        "from marts.customer_profiles group by as_of_date",
        6,
    ),
    "active_customers": (MONTHS.format("count(*) filter (is_active)"), 6),
    "mrr": (REVENUE.format("closing_mrr"), 6),
    "nrr": (REVENUE.format("net_revenue_retention_ratio"), 6),
    "grr": (REVENUE.format("gross_revenue_retention_ratio"), 6),
    "churn": (REVENUE.format("customer_churn_ratio"), 6),
    "experience_score": (MONTHS.format("avg(experience_score)"), 4),
    "nps": (SAID.format("nps", "recommend"), 4),
    "csat": (SAID.format("top_box_ratio", "overall_satisfaction"), 4),
    "satisfaction_score": (SAID.format("score_mean", "overall_satisfaction"), 4),
    "say_do_gap": (
        # Of customers rather than of cells: those who paid when they said it, 90 days ago or more.
        "select month_start_date as month, 'all' as segment_type, 'all' as segment_code, "
        "100 * (avg(stated_score) / 10 - avg(case when stay_outcome = 'stayed' then 1 else 0 end)) "
        "as value from marts.stated_vs_actual where question_role = 'stated_stay_intent' "
        "and stay_outcome in ('stayed', 'left') group by month_start_date",
        2,
    ),
    "response_ratio": (SAID.format("response_ratio", "overall_satisfaction"), 4),
}
