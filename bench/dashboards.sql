-- Twenty queries as dashboards ask them, in SQL that DuckDB and PostgreSQL both read: five for each dashboard (say and do,
-- recurring revenue, service and the chain, data readiness and releases). Each begins at a line `-- name:`.

-- name: scores_by_month
select month_start_date, question_role, score_mean, score_standard_error, nps, response_count, response_ratio
from satisfaction_monthly
where segment_type = 'all'
order by month_start_date, question_role;

-- name: stay_ratio_by_band
select stated_band, sum(decided_count) as decided_count, cast(sum(stay_ratio * decided_count) / nullif(sum(decided_count), 0) as decimal(18, 4)) as stay_ratio
from stated_vs_actual_monthly
where segment_type = 'all' and question_role = 'overall_satisfaction'
group by stated_band
order by stated_band;

-- name: calibration_gap_by_month
select month_start_date, stated_band, stated_ratio, stay_ratio, calibration_gap
from stated_vs_actual_monthly
where segment_type = 'all'
order by month_start_date, question_role, stated_band;

-- name: reasons_for_leaving
select reason_code, record_agreement, count(*) as customer_count, sum(mrr_before) as mrr_before
from stated_cancel_reasons
group by reason_code, record_agreement
order by customer_count desc, reason_code, record_agreement;

-- name: silent_and_answering_customers
select month_start_date, group_type, customer_count, stay_ratio, stay_difference, mrr_change_ratio
from survey_groups_monthly
order by month_start_date, group_type;

-- name: mrr_bridge
select month_start_date, opening_mrr, new_mrr, expansion_mrr, contraction_mrr, churned_mrr, reactivation_mrr, closing_mrr
from recurring_revenue_monthly
where segment_type = 'all' and currency_type = 'reporting'
order by month_start_date;

-- name: mrr_by_segment_of_the_last_month
select segment_type, segment_code, closing_mrr, closing_customer_count, net_revenue_retention_ratio, customer_churn_ratio
from recurring_revenue_monthly
where currency_type = 'reporting' and month_start_date = (select max(month_start_date) from recurring_revenue_monthly)
order by segment_type, segment_code;

-- name: retention_cohorts
select cohort_month_start_date, month_number, retained_customer_ratio, retained_revenue_ratio
from retention_cohorts
order by cohort_month_start_date, month_number;

-- name: movements_of_the_last_month
select movement_type, cause_code, is_voluntary, count(*) as customer_count, sum(amount) as amount
from revenue_movements
where month_start_date = (select max(month_start_date) from revenue_movements)
group by movement_type, cause_code, is_voluntary
order by movement_type, cause_code, is_voluntary;

-- name: largest_customers_in_flux
select customer_id, monthly_recurring_revenue, satisfaction_band, experience_score_30d, flux_reasons
from customer_profiles
where is_in_flux
order by monthly_recurring_revenue desc, customer_id
limit 50;

-- name: chain_of_effects
select link, band, lag_months, estimate, ci_low, ci_high, customer_count
from experience_effects
where is_publishable
order by link, band, lag_months;

-- name: revenue_at_stake
select band, scenario_code, customer_count, monthly_revenue_effect, ci_low, ci_high
from revenue_at_stake
where is_publishable
order by monthly_revenue_effect desc, band, scenario_code;

-- name: worst_paths
select start_type, path, journey_count, resolved_ratio, left_ratio, satisfaction_change, worst_step
from journey_paths
order by satisfaction_change, start_type, path
limit 50;

-- name: faults_and_credits_by_day
select incident_date, decision, count(*) as customer_count, sum(fault_minutes) as fault_minutes, sum(credit_amount) as credit_amount
from service_recovery_queue
where incident_date > (select max(incident_date) from service_recovery_queue) - interval '28 days'
group by incident_date, decision
order by incident_date, decision;

-- name: strongest_signals_of_flux
select customers_in_flux.customer_id, signal_code, strength, sentence, customer_profiles.monthly_recurring_revenue
from (
    select customer_id, signal_code, strength, sentence
    from customers_in_flux
    order by strength desc, customer_id, signal_code
    limit 50
) as customers_in_flux
inner join customer_profiles on customers_in_flux.customer_id = customer_profiles.customer_id
order by strength desc, customers_in_flux.customer_id, signal_code;

-- name: headline_figures
select metric_code, day_date, value, unit, standard_error
from metrics_daily
where segment_type = 'all' and day_date = (select max(day_date) from metrics_daily)
order by metric_code;

-- name: headline_figures_over_time
select day_date, metric_code, value
from metrics_daily
where segment_type = 'all'
order by metric_code, day_date;

-- name: readiness
select subject_type, source, feature, grade, loaded_count, quarantined_count, match_ratio, coverage_ratio, is_fresh
from data_readiness
order by grade desc, subject_type, source, feature;

-- name: releases_and_what_they_restated
select release_history.release_id, release_history.as_of_date, release_history.is_current, count(restatement_log.key) as restated_count
from release_history
left join restatement_log on release_history.release_id = restatement_log.changed_in_release
group by release_history.release_id, release_history.as_of_date, release_history.is_current
order by release_history.release_id;

-- name: life_of_one_customer
select occurred_at, event_type, source, topic_code, amount, score
from customer_events
where customer_id = (select max(customer_id) from customers_in_flux)
order by occurred_at, event_type, source
limit 100;
