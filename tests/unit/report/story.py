"""A candidate whose marts answer every question of the report, with few rows and round figures."""

from __future__ import annotations

import duckdb
from fake_candidate import audit

from saydo.settings import Settings

PER_POINT = "GBP a month per point of satisfaction"
LEADS = "service of a later month seems to move it"

STORY = """
alter table marts.customer_profiles add column say_do_quadrant varchar;
update marts.customer_profiles set say_do_quadrant = case substr(customer_id, -1)
    when '1' then 'true_fan' when '2' then 'false_fan' when '3' then 'loyal_complainer'
    when '4' then 'dissatisfied_leaver' when '5' then 'silent_detractor' end;
create table marts.satisfaction_monthly as
select month_start_date, question_role, 'all' as segment_type, 100::bigint as invited_count,
    40::bigint as response_count, 0.4::decimal(9, 4) as response_ratio,
    30::bigint as effective_response_count, nps::decimal(18, 4) as nps,
    nps_standard_error::decimal(18, 4) as nps_standard_error, false as is_small_cell
from (values
    (date '2025-01-01', 'recommend', -10.5, 5.0), (date '2025-02-01', 'recommend', -12.25, null),
    (date '2025-03-01', 'recommend', -12.34, 5.67), (date '2025-03-01', 'overall', 99, 1)
) scores(month_start_date, question_role, nps, nps_standard_error);
update marts.metrics_daily set value = -12.25, standard_error = null
where metric_code = 'nps' and day_date = date '2025-02-28';
create table marts.recurring_revenue_monthly as
select month_start_date, 'all' as segment_type, currency_type, 'GBP' as currency_code,
    opening::decimal(18, 2) as opening_mrr, 100::decimal(18, 2) as new_mrr,
    20::decimal(18, 2) as expansion_mrr, 5::decimal(18, 2) as reactivation_mrr,
    15::decimal(18, 2) as contraction_mrr, 60::decimal(18, 2) as churned_mrr,
    (opening + 50)::decimal(18, 2) as closing_mrr,
    0.95::decimal(18, 6) as net_revenue_retention_ratio,
    0.9::decimal(18, 6) as gross_revenue_retention_ratio
from (values
    (date '2025-02-01', 925), (date '2025-03-01', 975), (date '2025-04-01', 1025)
) months(month_start_date, opening), (values ('reporting'), ('billing')) currencies(currency_type);
create table marts.retention_cohorts as
select cohort::date as cohort_month_start_date, month_number, 20::bigint as customer_count,
    (20 - 2 * month_number)::bigint as retained_customer_count,
    (1 - 0.1 * month_number)::decimal(18, 6) as retained_customer_ratio,
    (1 - 0.05 * month_number)::decimal(18, 6) as retained_revenue_ratio
from range(date '2024-12-01', date '2025-04-01', interval 1 month) cohorts(cohort),
    range(0, 4) ages(month_number)
where cohort + to_months(month_number) < date '2025-04-01';
create table marts.survey_questions as
select * from (values
    ('nps', 'recommend', 'Would you recommend us?', 1, 100, 98, timestamp '2025-03-30 10:00:00'),
    ('why', 'other', null, 1, 40, 0, timestamp '2025-03-30 10:00:00')
) as questions (question_code, question_role, question_text, survey_count, answer_count,
    scored_count, last_answered_at);
create table marts.satisfaction_drivers as
select feature, band, low::decimal(18, 6) as lower_bound, high::decimal(18, 6) as upper_bound,
    points::decimal(9, 4) as points, error::decimal(9, 4) as standard_error,
    10::bigint as customer_count, 10::bigint as answer_count, feature = 'intercept' as is_intercept
from (values
    ('intercept', 'all', null, null, 6, 0.1), ('experience_score', 'under_50', null, 50, -1.5, 0.2),
    ('experience_score', '50_and_over', 50, null, 0.75, 0.1),
    ('experience_score', 'unknown', null, null, 0.1, null),
    ('tenure_band', 'under_6_months', null, null, -0.1, 0.05)
) drivers(feature, band, low, high, points, error);
create table marts.experience_effects (
    link varchar, band varchar, lag_months bigint, exposure_code varchar, outcome_code varchar,
    unit varchar, estimate decimal(18, 6), standard_error decimal(18, 6), ci_low decimal(18, 6),
    ci_high decimal(18, 6), p_value decimal(9, 6), adjusted_p_value decimal(9, 6),
    customer_count bigint, observation_count bigint, pooled_estimate decimal(18, 6),
    lead_p_value decimal(9, 6), mediated_share decimal(9, 6), sensitivity_low decimal(18, 6),
    sensitivity_high decimal(18, 6), is_publishable boolean, not_publishable_reason varchar,
    method varchar
);
create table marts.revenue_at_stake (
    band varchar, scenario_code varchar, customer_count bigint,
    monthly_recurring_revenue decimal(18, 2), effect_per_customer decimal(18, 6),
    monthly_revenue_effect decimal(18, 2), ci_low decimal(18, 2), ci_high decimal(18, 2),
    share_of_total decimal(9, 4), rank bigint, is_publishable boolean,
    not_publishable_reason varchar, satisfaction_change decimal(18, 9), is_capped boolean,
    kpi_change_ratio decimal(9, 6)
);
insert into marts.revenue_at_stake values
    ('fan', 'service_dip', 10, 300, -2, -20, -25, -15, 0.2, 2, true, null, -0.5, false,
        null),
    ('dissatisfied', 'service_dip', 10, 300, -8, -80, -100, -60, 0.8, 1, true, null, -0.5, false,
        null),
    ('neutral', 'service_dip', 10, 300, null, null, null, null, null, null, false, 'too few',
        null, false, null),
    ('dissatisfied', 'satisfaction_lift', 10, 300, 4, 40, 30, 50, 1, 1, true, null, 1, false,
        null),
    ('dissatisfied', 'kpi_outages', 10, 300, 2, 20, 5, 35, 0.8, 1, true, null, 0.1, false, -0.1),
    ('fan', 'kpi_outages', 10, 300, 0.5, 5, -5, 15, 0.2, 2, true, null, 0.1, false, -0.1),
    ('neutral', 'kpi_outages', 10, 300, null, null, null, null, null, null, false, 'too few',
        null, false, -0.1);
create table marts.experiment_readouts as
select 'credit' as experiment_code, 'credited' as variant_code, metric_code, 'GBP' as unit,
    50::bigint as customer_count, difference::decimal(18, 6) as difference,
    (difference - 1)::decimal(18, 6) as ci_low, (difference + 1)::decimal(18, 6) as ci_high,
    0.01::decimal(9, 6) as adjusted_p_value, 0.5::decimal(9, 6) as sample_ratio_p_value,
    null::varchar as link, null::decimal(18, 6) as link_estimate,
    null::decimal(18, 6) as observational_estimate, null::varchar as link_agreement,
    difference is not null as is_valid, why_not, 'all' as segment_type, false as is_control
from (values ('revenue', 2.5, null), ('left', null, 'nobody was assigned'))
    metrics(metric_code, difference, why_not);
create table marts.journey_paths as
select 'contact' as start_type, path, 2::bigint as path_step_count, worst_step,
    worst_step_number::bigint as worst_step_number, journeys::bigint as journey_count,
    journeys::bigint as customer_count, 0.5::decimal(9, 6) as resolved_ratio,
    0.1::decimal(9, 6) as left_ratio, 20.5::decimal(18, 4) as median_hours,
    change::decimal(18, 6) as satisfaction_change, (change - 0.5)::decimal(18, 6) as ci_low,
    (change + 0.5)::decimal(18, 6) as ci_high, change::decimal(18, 6) as worst_step_change,
    (change - 0.5)::decimal(18, 6) as worst_step_ci_low,
    (change + 0.5)::decimal(18, 6) as worst_step_ci_high
from (values
    ('contact > complaint', 'complaint', 2, 60, -1.25),
    ('contact > credit', 'contact', 1, 40, -0.25),
    ('fault_day > contact', null, null, 100, null)
) paths(path, worst_step, worst_step_number, journeys, change);
create table marts.success_circles as
select 'stays' as bet_code, set_codes, sets::bigint as set_count, inside::bigint as customer_count,
    expected::bigint as expected_count, (inside / expected)::decimal(18, 6) as lift,
    0.001::decimal(18, 12) as adjusted_p, ratio::decimal(9, 6) as outcome_ratio,
    (ratio - 0.1)::decimal(9, 6) as ci_low, (ratio + 0.1)::decimal(9, 6) as ci_high,
    (ratio - 0.5)::decimal(9, 6) as outcome_difference,
    (ratio - 0.6)::decimal(9, 6) as difference_ci_low,
    (ratio - 0.4)::decimal(9, 6) as difference_ci_high,
    0.001::decimal(18, 12) as outcome_adjusted_p, verdict, false as is_redundant,
    'not is_churned_after' as bet_outcome, 3::bigint as horizon_months,
    date '2024-12-31' as cut_off_date, 'care' as owner, 1000::bigint as base_customer_count,
    500::bigint as base_outcome_count
from (values
    ('content', 1, 400, null, 0.6, 'evidence'), ('served', 1, 400, null, 0.6, 'evidence'),
    ('quiet', 1, 400, null, 0.6, 'evidence'), ('content & served', 2, 320, 160, 0.8, 'proven'),
    ('content & quiet', 2, 160, 160, 0.3, 'contradicted'),
    ('content & served & quiet', 3, 128, 64, 0.55, 'not_shown')
) circles(set_codes, sets, inside, expected, ratio, verdict);
create table marts.decision_log as
select kind || ':' || code as decision_id, kind as decision_type, code, 1::bigint as version,
    timestamp '2025-03-01' as decided_at, 'care' as owner, 40::bigint as subject_count,
    'what is known' as evidence, 'more stay' as expected_effect,
    effect::decimal(18, 6) as measured_effect, (effect - 0.1)::decimal(18, 6) as ci_low,
    (effect + 0.1)::decimal(18, 6) as ci_high, 'share' as unit, verdict
from (values
    ('bet', 'leave_early', -0.3, 'harmed'), ('credit', 'recovery', -0.2, 'helped'),
    ('audience', 'at_risk', null, 'not_measurable')
) decisions(kind, code, effect, verdict);
"""

EFFECTS = [
    ("service_to_satisfaction", "all", 0, "points per 10 points", 0.498, 0.01, None),
    ("service_to_satisfaction", "all", 1, "points per 10 points", 0.21, 0.01, None),
    ("satisfaction_to_revenue", "below_edge", 1, PER_POINT, 2.02, 0.1, None),
    ("satisfaction_to_revenue", "above_edge", 1, PER_POINT, 0.505, 0.1, None),
    ("satisfaction_to_revenue", "below_less_above", 1, PER_POINT, 1.515, 0.1, None),
    ("satisfaction_to_churn", "all", 1, "share of customers", -0.01, 0.002, LEADS),
    ("satisfaction_to_new_service", "all", 1, "services", None, None, "nobody bought"),
    ("service_to_revenue_direct", "all", 1, "GBP a month per 10 points", 0.608, 0.1, None),
    ("service_to_revenue_via_satisfaction", "all", 1, "GBP a month per 10 points", 0.5, 0.1, None),
    ("service_to_revenue", "all", 1, "GBP a month per 10 points", 1.108, 0.1, None),
    ("kpi_outages_to_satisfaction", "all", 0, "points per outage", -0.3, 0.01, None),
]


def write_story(settings: Settings) -> None:
    """Add the marts to the candidate, and audit it again."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(STORY)
        for link, band, lag, unit, size, error, why in EFFECTS:
            ends = (None, None) if size is None else (size - 1.96 * error, size + 1.96 * error)
            exposure, outcome = link.split("_to_")
            outcome = outcome.removesuffix("_direct").removesuffix("_via_satisfaction")
            share = 0.4513 if link == "service_to_revenue" else None
            values = [link, band, lag, exposure, outcome, unit, size, error, *ends]
            values += [0.001, 0.004, 100, 900, size, 0.4, share, None, None]
            values += [why is None, why, "within"]
            marks = ", ".join("?" * len(values))
            connection.execute(f"insert into marts.experience_effects values ({marks})", values)
    audit(settings)
