-- Journeys and circles as one would write them by hand for DuckDB, from the tables that Saydo's own models read: events with
-- their customers, statuses, months of customers. It takes the day, the policy and the two bets as they are, gives no intervals
-- and no chances, and has neither contracts nor tests. bench.actions compares its four tables with the marts.
-- $as_of and $as_of_end are filled in.

-- ---- journeys ----------------------------------------------------------------------------------

create temp table numbered as
with events as (
    select customer_id, source, event_type, event_id, topic_code, score, is_resolved, occurred_at,
        list_position(['network_usage_daily', 'transactions', 'subscriptions', 'interactions', 'survey_invitations', 'survey_responses'], source) as source_order,
        case when source = 'interactions' then topic_code end as stated,
        source = 'survey_responses' and topic_code = 'overall_satisfaction' and score is not null as is_answer
    from warehouse.intermediate.int_customer_events_listed where customer_id <> 'unknown'
)
select *, row_number() over life as event_number, lag(occurred_at) over life as previous_at,
    count_if(is_answer) over (life rows unbounded preceding) as answer_count
from events
window life as (partition by customer_id order by occurred_at, source_order, event_type, event_id);

create temp table answers as
select customer_id, answer_count as answer_number, score, occurred_at as answered_at from numbered where is_answer;

create table steps as
with stretched as (
    select *, count_if(coalesce(occurred_at > previous_at + interval 14 day, true)) over (
        partition by customer_id order by event_number rows unbounded preceding) as stretch
    from numbered
),
begun as (
    select *, coalesce(occurred_at > previous_at + interval 14 day, true) or (occurred_at > previous_at and stated <> lag(stated) over (
        partition by customer_id, stretch, stated is null order by event_number)) as is_start
    from stretched
),
cut as (
    select *, count_if(is_start) over life as journey_number, max(case when is_start then event_number end) over life as first_number
    from begun
    window life as (partition by customer_id order by event_number rows unbounded preceding)
)
select cut.customer_id, journey_number, event_number + 1 - first_number as step_number, source, event_type, topic_code, is_resolved,
    cast(b.score as decimal(18, 6)) as satisfaction_before, cast(a.score as decimal(18, 6)) as satisfaction_after,
    case when event_number > first_number then cast(round(date_diff('microsecond', previous_at, occurred_at) / 3.6e9, 4) as decimal(18, 4)) end as hours_since_previous,
    occurred_at
from cut
left join answers b on cut.customer_id = b.customer_id and answer_count - is_answer::int = b.answer_number
    and occurred_at <= b.answered_at + interval 90 day
left join answers a on cut.customer_id = a.customer_id and answer_count + 1 = a.answer_number
    and a.answered_at <= occurred_at + interval 90 day;

create temp table path_steps as
with told as (
    select *, lag(event_type) over (partition by customer_id, journey_number order by step_number) as previous_type
    from steps where step_number = 1 or source not like 'survey%'
)
select customer_id, journey_number, step_number, event_type, satisfaction_before, satisfaction_after,
    row_number() over (partition by customer_id, journey_number order by step_number) as n,
    count(*) over (partition by customer_id, journey_number) as n_steps
from told where event_type is distinct from previous_type;

create temp table journeys_cut as
with whole as (
    select customer_id, journey_number, min(occurred_at) as started_at, max(occurred_at) as ended_at, count(*) as step_count,
        max(event_type) filter (step_number = 1) as first_type,
        max(step_number) filter (source = 'interactions' or event_type in ('refund', 'credit')) as last_said,
        max(step_number) filter ((source = 'interactions' and is_resolved) or event_type in ('refund', 'credit')) as last_solved
    from steps group by all
),
paths as (
    select customer_id, journey_number,
        concat_ws(' > ', max(event_type) filter (n = 1), max(event_type) filter (n = 2), max(event_type) filter (n = 3),
            max(event_type) filter (n = 4), max(event_type) filter (n = 5), case when max(n_steps) > 5 then '...' end) as path,
        max(satisfaction_after) filter (n = n_steps) - max(satisfaction_before) filter (n = 1) as satisfaction_change
    from path_steps group by all
),
leavers as (
    select distinct customer_id, journey_number
    from whole join warehouse.intermediate.int_statuses_spanned_to_customers s using (customer_id)
    where customer_status = 'lapsed' and started_at <= s.valid_from_at and ended_at >= s.valid_from_at and ended_at < s.valid_to_at
)
select customer_id, journey_number, path,
    case when first_type = 'fault_day' then 'fault' when first_type in ('charge', 'payment', 'refund', 'credit') then 'bill'
        when first_type in ('contact', 'complaint') then 'contact' when first_type like 'survey%' then 'survey' else 'purchase' end as start_type,
    case when l.customer_id is not null then 'left' when ended_at + interval 14 day >= timestamp '$as_of_end' then 'open'
        when last_solved = last_said then 'resolved' else 'quiet' end as outcome,
    step_count, satisfaction_change, cast(round(date_diff('microsecond', started_at, ended_at) / 3.6e9, 4) as decimal(18, 4)) as elapsed_hours,
    started_at, ended_at
from whole join paths using (customer_id, journey_number) left join leavers l using (customer_id, journey_number);

-- Each customer counts once, with the mean of the changes.
create temp table worst_steps as
with customers as (
    select start_type, path, n, customer_id, round(avg(satisfaction_after - satisfaction_before), 9) as change
    from path_steps join journeys_cut using (customer_id, journey_number) where n <= 5 group by all
),
means as (
    select start_type, path, n, avg(change) as change from customers group by all having count(change) >= 50
)
select start_type, path, arg_min(n, (change, n)) as n
from means group by all having count(*) > 1 and min(change, 2)[2] - min(change) >= 1e-9;

create table journeys as
select j.* exclude (journey_number), p.step_number as worst_step_number
from journeys_cut j
left join worst_steps w using (start_type, path)
left join path_steps p on j.customer_id = p.customer_id and j.journey_number = p.journey_number and w.n = p.n;

create table paths as
with customers as (
    select start_type, path, customer_id, count(*) as journeys, count_if(outcome <> 'open') as closed, count_if(outcome = 'resolved') as resolved,
        count_if(outcome = 'left') as gone, round(avg(satisfaction_change), 9) as change
    from journeys_cut group by all
),
medians as (
    select start_type, path, median((elapsed_hours * 10000)::double) / 10000 as median_hours from journeys_cut where outcome <> 'open' group by all
)
select start_type, path, cast(sum(journeys) as bigint) as journey_count, count(*) as customer_count, count(change) as answered_customer_count,
    sum(resolved) / nullif(sum(closed), 0) as resolved_ratio, sum(gone) / sum(journeys) as left_ratio, any_value(median_hours) as median_hours,
    case when count(change) >= 50 then avg(change) end as satisfaction_change
from customers left join medians using (start_type, path) group by all;

-- ---- circles -----------------------------------------------------------------------------------

-- Both bets look three months ahead.
create macro last_month() as cast(date_trunc('month', date '$as_of' + 1) - interval 1 month as date);
create macro cut_off() as cast(date_trunc('month', date '$as_of' + 1) - interval 4 month as date);

create table circles as
with customers as (
    select customer_id, bool_or(month_start_date = cut_off() and is_active) as is_meant,
        bool_or(month_start_date = cut_off() and latest_satisfaction_band in ('neutral', 'fan')) as content,
        bool_or(month_start_date = cut_off() and experience_score >= 75) as served_well,
        bool_or(month_start_date = cut_off() and fault_day_count = 0) as undisturbed,
        bool_or(month_start_date = cut_off() and latest_satisfaction_band = 'dissatisfied') as discontent,
        bool_or(month_start_date = cut_off() and experience_band = 'poor') as served_badly,
        bool_or(month_start_date = cut_off() and complaint_count >= 1) as complained,
        not bool_or(month_start_date > cut_off() and is_churned) as stays,
        coalesce(sum(complaint_count) filter (month_start_date > cut_off()), 0) >= 1 as complains
    from warehouse.intermediate.int_customer_months_measured where month_start_date between cut_off() and last_month()
    group by customer_id
),
cells as (
    select 'stays_when_served' as bet_code, ['content', 'served_well', 'undisturbed'] as sets,
        coalesce(content, false)::int + 2 * coalesce(served_well, false)::int + 4 * coalesce(undisturbed, false)::int as inside,
        count(*) as n, count_if(coalesce(stays, true)) as hits
    from customers where is_meant group by inside
    union all
    select 'trouble_goes_on', ['discontent', 'served_badly', 'complained'],
        coalesce(discontent, false)::int + 2 * coalesce(served_badly, false)::int + 4 * coalesce(complained, false)::int as inside,
        count(*), count_if(complains)
    from customers where is_meant group by inside
),
combinations as (
    select bet_code, mask, bit_count(mask) as set_count, any_value(list_filter(sets, lambda s, i: mask >> (i - 1) & 1 = 1)) as names,
        sum(n) as base_customer_count, sum(hits) as base_outcome_count,
        coalesce(sum(n) filter (inside & mask = mask), 0) as customer_count, coalesce(sum(hits) filter (inside & mask = mask), 0) as outcome_count
    from cells, (select range as mask from range(1, 8)) group by all
),
expected as (
    select c.bet_code, c.mask, any_value(c.base_customer_count) * product(s.customer_count / s.base_customer_count) as expected_count
    from combinations c join combinations s on c.bet_code = s.bet_code and s.set_count = 1 and c.mask & s.mask > 0
    where c.set_count > 1 group by all
)
select bet_code, array_to_string(names, ' & ') as set_codes, base_customer_count, base_outcome_count, customer_count, outcome_count,
    expected_count, customer_count / expected_count as lift, outcome_count / nullif(customer_count, 0) as outcome_ratio
from combinations left join expected using (bet_code, mask);
