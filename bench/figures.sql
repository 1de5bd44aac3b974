-- A made-up business, as the models of revenue and survey figures find it: $customers customers, $months months.
create schema if not exists intermediate;
create schema if not exists marts;
create schema if not exists seeds;
create or replace table intermediate.int_fx_rates_sampled_to_months (currency_code varchar, month_start_date date, rate decimal(18, 8));
create or replace table intermediate.int_subscriptions_resolved as
with customers as (
    select i, 'c_' || lpad(to_hex(hash(i)), 16, '0') as customer_id,
        (greatest(hash(i, 'since') % (5 * $months), 4 * $months) - 4 * $months)::int as since,
        (hash(i, 'lives') % (3 * $months))::int + 1 as lives
    from range($customers) t(i)
), spans as (
    -- Two plans, one after the other, for most; an add-on for a third; nine of ten pay in one currency.
    select *, 0 as number, 'plan' as kind, since as since_month, since + least(lives, 9) as until_month from customers
    union all
    select *, 1, 'plan', since + 9, since + lives from customers where lives > 9
    union all
    select *, 2, 'add_on', since + 3, since + lives from customers where lives > 3 and i % 3 = 0
), dated as (
    select *, timestamp '2023-01-05' + to_months(since_month) as started_at,
        case when until_month < $months then timestamp '2023-01-20' + to_months(until_month) end as ended_at
    from spans where since_month < $months
)
select
    customer_id || '-' || number as subscription_id, customer_id,
    case kind when 'plan' then 'plan_' || (hash(i, number) % 12) else 'extra' end as product_code, kind as product_type,
    (5 + hash(i, number) % 40)::decimal(18, 6) as recurring_amount, 'GBP' as currency, 'month' as billing_interval,
    1::bigint as interval_count, (5 + hash(i, number) % 40)::decimal(38, 2) as monthly_amount,
    case when ended_at is not null then 'moved' end as end_reason_code, number <> 1 as is_new_service,
    number = 1 as is_plan_change, ended_at is null as is_active, started_at::date as started_date, started_at, ended_at,
    null::timestamp as contract_ends_at, started_at as started_local_at, ended_at as ended_local_at
from dated;
create or replace table intermediate.int_customer_months_measured as
with spine as (
    select customer_id, i, since, (date '2023-01-01' + to_months(m::int))::date as month_start_date, m
    from (
        select i, 'c_' || lpad(to_hex(hash(i)), 16, '0') as customer_id,
            (greatest(hash(i, 'since') % (5 * $months), 4 * $months) - 4 * $months)::int as since
        from range($customers) t(i)
    ), range($months) n(m)
    where m >= since
), priced as (
    select spine.*, coalesce(sum(monthly_amount) filter (ended_at is null or ended_at >= month_start_date + interval 1 month), 0)
            ::decimal(18, 2) as closing_mrr
    from spine
    left join intermediate.int_subscriptions_resolved as s
        on spine.customer_id = s.customer_id and s.started_at < month_start_date + interval 1 month
    group by all
)
select
    customer_id, month_start_date, 'consumer' as customer_type, 'r' || (hash(i, 'r') % 10) as region_code,
    'plan_' || (hash(i, 0) % 12) as plan_code, 't' || least((m - since) // 12, 4) as tenure_band,
    'a' || (hash(i, 'a') % 6) as age_band, 'e' || (hash(i, m, 'e') % 3) as experience_band,
    case hash(i, 's') % 4 when 0 then 'fan' when 1 then 'neutral' when 2 then 'dissatisfied' end as latest_satisfaction_band,
    (date '2023-01-01' + to_months(since))::date as acquisition_month_start_date,
    coalesce(lag(closing_mrr) over (partition by customer_id order by month_start_date), 0)::decimal(18, 2) as opening_mrr,
    closing_mrr, closing_mrr as revenue, 0::bigint as new_service_count, closing_mrr > 0 as is_active,
    false as is_churned, false as is_reactivated, hash(i, m, 'asked') % 13 = 0 as was_invited, false as has_responded
from priced;
create or replace table seeds.movement_causes as from read_csv('$seeds/movement_causes.csv');
create or replace view marts.customer_months as from intermediate.int_customer_months_measured;
-- One in thirteen customers is asked each month, and answers two questions.
create or replace table intermediate.int_survey_invitations_resolved as
select customer_id || '-' || month_start_date as invitation_id, customer_id, 'tracker' as survey_code,
    (1 + hash(customer_id) % 2)::decimal(18, 6) as design_weight, month_start_date, month_start_date + interval 20 day as invited_at
from intermediate.int_customer_months_measured where was_invited;
create or replace table intermediate.int_survey_responses_resolved as
select invitation_id as response_id, invitation_id, role as question_code, customer_id, survey_code,
    role as question_role, least(10, 3 + hash(customer_id, role) % 6 + hash(invitation_id, role) % 3)::decimal(18, 6) as score,
    null::decimal(18, 6) as design_weight, month_start_date, month_start_date + interval 21 day as responded_at,
    hash(invitation_id, role) % 4 = 0 as is_top_box
from intermediate.int_survey_invitations_resolved, unnest(['overall_satisfaction', 'recommend']) as roles(role);
