-- customer_months and customer_profiles straight from raw Parquet, as one would write them by hand
-- for DuckDB and for one business: every table is made once, from scratch, with whatever the engine
-- offers. It does not keep a registry, history, checks, tests or an audit, and takes for granted
-- what holds of the business it is timed on: raw holds accepted batches of incremental feeds only,
-- all money is in the reporting currency, erasure requests name accounts, no release came before.
-- bench.build compares its two tables with the marts before it times them.
-- $raw and $as_of are filled in.

-- Raw is read twice rather than kept, and joins are made as written: the second side is the small one.
set disabled_optimizers = 'join_order,build_side_probe_side,common_subplan';

create macro local_time(instant) as ((instant at time zone 'UTC') at time zone 'Europe/London');
create macro local_date(instant) as cast(local_time(instant) as date);
create macro local_month(instant) as cast(date_trunc('month', local_time(instant)) as date);
create macro day_begin(day) as ((cast(day as timestamp) at time zone 'Europe/London') at time zone 'UTC');
create macro before(days) as cast(date '$as_of' - to_days(days) as date);
create macro as_of_end() as (((date '$as_of' + interval 1 day) at time zone 'Europe/London') at time zone 'UTC');
create macro band(score) as
    case when score < 5 then 'dissatisfied' when score >= 9 then 'fan' when score is not null then 'neutral' end;
create macro band_rank(name) as case name when 'dissatisfied' then 1 when 'neutral' then 2 when 'fan' then 3 end;
create macro known(number) as case when isfinite(cast(number as double)) then cast(number as double) end;
create macro kpi(number, good, poor) as
    case when known(number) is not null
        then least(100, greatest(0, 100 * (known(number) - poor) / (good - poor))) end;
create macro monthly_price(amount, unit, intervals) as
    cast(cast(round(amount * 100 * case unit
        when 'day' then 365 when 'week' then 52 when 'month' then 12 when 'quarter' then 4 when 'year' then 1
    end / (12 * coalesce(nullif(intervals, 0), 1))) as decimal(18, 2)) * 0.01 as decimal(18, 2));

-- ---- who is who --------------------------------------------------------------------------------

create temp table erased_accounts as
select distinct id_key as account_key from read_parquet('$raw/erasure_requests/*/*/*.parquet');

create temp table identifiers_delivered as
from read_parquet('$raw/account_identifiers/*/*/*.parquet')
qualify row_number() over (
    partition by account_key, id_type, id_key, valid_from_at
    order by _batch_sequence desc, _line_number desc, _batch_id desc
) = 1;

create temp table erased as
select 'account_id' as id_type, account_key as id_key, timestamp '0001-01-01' as from_at, timestamp '9999-12-31' as to_at
from erased_accounts
union
select id_type, id_key, coalesce(valid_from_at, timestamp '0001-01-01'), coalesce(valid_to_at, timestamp '9999-12-31')
from identifiers_delivered semi join erased_accounts using (account_key);

create temp table account_versions as
from (
    from read_parquet('$raw/accounts/*/*/*.parquet')
    where updated_at is null or updated_at < as_of_end()
    qualify row_number() over (
        partition by account_key, updated_at order by _batch_sequence desc, _line_number desc, _batch_id desc
    ) = 1
) anti join erased_accounts using (account_key)
where opened_at < as_of_end();

create temp table identifiers as
from identifiers_delivered anti join erased_accounts using (account_key)
where valid_from_at is null or valid_from_at < as_of_end();

create temp table accounts as
select
    account_key, given_name_key, birth_date_key, birth_year, opened_at,
    coalesce(opened_at, held_at) as first_event_at,
    coalesce(given_name_key, birth_date_key, cast(birth_year as varchar)) is not null as has_attributes,
    case when has_attributes
        then concat_ws(':', coalesce(given_name_key, ''), coalesce(birth_date_key, ''), coalesce(cast(birth_year as varchar), ''))
        else 'account:' || account_key end as person_key
from (
    from account_versions
    qualify row_number() over (partition by account_key order by updated_at desc nulls last, _batch_id desc) = 1
)
full join (select account_key, min(valid_from_at) as held_at from identifiers group by account_key) using (account_key);

-- Spans of one identifier and account that touch are one.
create temp table spans as
with delivered as (
    select 'account_id' as id_type, account_key as id_key, account_key,
        timestamp '0001-01-01' as from_at, timestamp '9999-12-31' as to_at
    from accounts
    union all
    select id_type, id_key, account_key,
        coalesce(valid_from_at, opened_at, timestamp '0001-01-01'), coalesce(valid_to_at, timestamp '9999-12-31')
    from identifiers join accounts using (account_key)
),
marked as (
    select *, coalesce(from_at <= max(to_at) over (
        partition by id_type, id_key, account_key order by from_at, to_at
        rows between unbounded preceding and 1 preceding), false) as goes_on
    from delivered where from_at < to_at
),
islands as (
    select *, count_if(not goes_on) over (partition by id_type, id_key, account_key order by from_at, to_at) as island
    from marked
)
select id_type, id_key, account_key, min(from_at) as from_at, max(to_at) as to_at
from islands group by id_type, id_key, account_key, island;

create temp table contested as
select id_type, id_key, count(distinct account_key) as account_count,
    id_type in ('email', 'msisdn', 'device_id', 'cookie_id') as is_shareable,
    case when is_shareable then 5 else 1 end as max_customers,
    case when id_type = 'msisdn' then 30 else 0 end as quarantine_days
from spans group by id_type, id_key having count(distinct account_key) > 1;

create temp table contested_spans as
from spans join contested using (id_type, id_key) join (select account_key, person_key from accounts) using (account_key);

-- Values that more persons held at one time than may: they identify nobody.
create temp table over_limit as
with changes as (
    select id_type, id_key, account_key, person_key, from_at as changed_at, 1 as change, max_customers, is_shareable
    from contested_spans where account_count > max_customers
    union all
    select id_type, id_key, account_key, person_key, to_at, -1, max_customers, is_shareable
    from contested_spans where account_count > max_customers
),
held as (
    select *, sum(change) over (partition by id_type, id_key, person_key order by changed_at, -change rows unbounded preceding) as spans_of_person
    from changes
),
counted as (
    select *,
        sum(change) over (partition by id_type, id_key order by changed_at, change rows unbounded preceding) as account_peak,
        -- A person's first span opens it, the last one closes it.
        sum(case when change = 1 and spans_of_person = 1 then 1 when change = -1 and spans_of_person = 0 then -1 else 0 end)
            over (partition by id_type, id_key order by changed_at, change rows unbounded preceding) as person_peak
    from held
)
select id_type, id_key from counted
group by id_type, id_key
having bool_or(is_shareable and person_peak > max_customers) or max(account_peak) > 50;

-- Two accounts that held a value at one time are one person's, if what is known agrees.
create temp table links as
with linking as (
    select c.* exclude (from_at), c.from_at,
        coalesce(c.from_at + to_days(case when exists (
            from contested_spans e
            where e.id_type = c.id_type and e.id_key = c.id_key and e.account_key <> c.account_key and c.from_at >= e.to_at
        ) then cast(c.quarantine_days as integer) else 0 end), c.from_at) as links_from_at
    from contested_spans c anti join over_limit using (id_type, id_key)
),
pairs as (
    select distinct l.account_key as a, r.account_key as b, l.is_shareable
    from linking l join linking r
        on l.id_type = r.id_type and l.id_key = r.id_key and l.account_key < r.account_key
        and greatest(l.links_from_at, r.links_from_at) < least(l.to_at, r.to_at, as_of_end())
),
judged as (
    select a, b, is_shareable, x.has_attributes or y.has_attributes as has_attributes,
        coalesce(x.given_name_key = y.given_name_key, false)::int + coalesce(x.birth_date_key = y.birth_date_key, false)::int
            + coalesce(x.birth_year = y.birth_year, false)::int as agreed,
        coalesce(x.given_name_key <> y.given_name_key, false)::int + coalesce(x.birth_date_key <> y.birth_date_key, false)::int
            + coalesce(x.birth_year <> y.birth_year, false)::int as contradicted
    from pairs join accounts x on a = x.account_key join accounts y on b = y.account_key
)
select distinct a, b from judged
where case when not is_shareable then contradicted = 0 or agreed > 0
    else contradicted = 0 and (agreed > 0 or not has_attributes) end;

create temp table account_customers as
with recursive sides as (
    select a, b from links union all select b, a from links
),
reached(account_key, other) as (
    select distinct a, a from sides
    union
    select reached.account_key, sides.b from reached join sides on reached.other = sides.a
),
groups as (
    select account_key, case when count(*) <= 50 then min(other) else account_key end as group_key,
        count(*) > 50 as is_refused
    from reached group by account_key
)
select
    account_key, opened_at, coalesce(is_refused, false) as is_refused,
    'c_' || md5(first_value(account_key) over (
        partition by coalesce(group_key, account_key) order by first_event_at nulls last, account_key
    ) || ':0')[1:16] as customer_id
from accounts left join groups using (account_key);

-- Which customer an identifier belongs to, from when to when. What two hold at once nobody owns.
create temp table owned as
with held as (
    select id_type, id_key, customer_id, from_at, to_at from spans join account_customers using (account_key)
),
marked as (
    select *, coalesce(from_at <= max(to_at) over (
        partition by id_type, id_key, customer_id order by from_at, to_at
        rows between unbounded preceding and 1 preceding), false) as goes_on
    from held
),
islands as (
    select *, count_if(not goes_on) over (partition by id_type, id_key, customer_id order by from_at, to_at) as island
    from marked
)
select id_type, id_key, customer_id, min(from_at) as from_at, max(to_at) as to_at
from islands group by id_type, id_key, customer_id, island;

create temp table held_by_several as
select id_type, id_key from owned group by id_type, id_key having count(distinct customer_id) > 1;

create temp table pieces as
with several as (from owned semi join held_by_several using (id_type, id_key)),
cuts as (
    select id_type, id_key, from_at as cut_at from several union select id_type, id_key, to_at from several
),
segments as (
    select id_type, id_key, cut_at as from_at, lead(cut_at) over (partition by id_type, id_key order by cut_at) as to_at
    from cuts
)
select o.id_type, o.id_key, o.customer_id, s.from_at, s.to_at,
    count(*) over (partition by o.id_type, o.id_key, s.from_at) > 1 as is_held_together
from several o join segments s
    on o.id_type = s.id_type and o.id_key = s.id_key and o.from_at <= s.from_at and o.to_at >= s.to_at
union all
select *, false from owned anti join held_by_several using (id_type, id_key);

create temp table owners as
with alone as (
    from pieces anti join over_limit using (id_type, id_key) where not is_held_together
),
marked as (
    select *, coalesce(from_at <= lag(to_at) over (
        partition by id_type, id_key, customer_id order by from_at), false) as goes_on
    from alone
),
islands as (
    select *, count_if(not goes_on) over (partition by id_type, id_key, customer_id order by from_at) as island from marked
),
merged as (
    select id_type, id_key, customer_id, min(from_at) as from_at, max(to_at) as to_at
    from islands group by id_type, id_key, customer_id, island
),
dated as (
    select *,
        case when from_at > timestamp '0001-01-01' then local_date(from_at) else date '0001-01-01' end as from_date,
        case when to_at >= timestamp '9999-12-31' then date '9999-12-31'
            else cast(ceil(epoch(local_time(to_at)) / 86400) as integer) + date '1970-01-01' end as held_to_date
    from merged
)
-- A day on which it changed hands is its last owner's.
select *, least(held_to_date, coalesce(
    lead(from_date) over (partition by id_type, id_key order by from_at, to_at), date '9999-12-31')) as to_date
from dated;

create temp table customers as
select * from (
    select customer_id, count(*) as account_count, min(opened_at) as first_account_opened_at, bool_or(is_refused) as is_refused
    from account_customers group by customer_id
)
left join (
    select customer_id, count(distinct (id_type, id_key)) filter (id_type <> 'account_id') as identifier_count,
        bool_or(is_held_together and id_type not in ('email', 'msisdn', 'device_id', 'cookie_id')) as is_disputed
    from pieces group by customer_id
) using (customer_id);

-- ---- what they pay -----------------------------------------------------------------------------

create temp table subscriptions as
with newest as (
    from read_parquet('$raw/subscriptions/*/*/*.parquet')
    where updated_at is null or updated_at < as_of_end()
    qualify row_number() over (
        partition by subscription_id, started_at
        order by updated_at desc nulls last, _batch_sequence desc, _line_number desc, _batch_id desc
    ) = 1
),
owned_subscriptions as (
    select s.*, o.customer_id, monthly_price(recurring_amount, billing_interval, interval_count) as monthly_amount,
        coalesce(ended_at >= as_of_end(), true) as is_active,
        local_date(started_at) as started_date, local_time(started_at) as started_local_at,
        coalesce(local_time(ended_at), timestamp '9999-12-31') as open_until_at,
        row_number() over (partition by subscription_id order by started_at) as span_number
    from newest s
    left join erased e on s.id_type = e.id_type and s.id_key = e.id_key and s.started_at >= e.from_at and s.started_at < e.to_at
    left join owners o on s.id_type = o.id_type and s.id_key = o.id_key and s.started_at >= o.from_at and s.started_at < o.to_at
    where e.id_key is null and s.started_at < as_of_end()
),
replacements as (
    select p.subscription_id, p.started_at, bool_or(q.product_code <> p.product_code) as changed
    from owned_subscriptions p join owned_subscriptions q
        on p.customer_id = q.customer_id and q.product_type = 'plan' and q.started_at < p.started_at
        and q.ended_at between p.started_at - interval 1 day and p.started_at + interval 1 day
    where p.product_type = 'plan'
    group by all
)
select s.*, bool_or(is_active) over (partition by customer_id, subscription_id) as goes_on,
    span_number = 1 and r.subscription_id is null as is_new_service, coalesce(changed, false) as is_plan_change
from owned_subscriptions s left join replacements r using (subscription_id, started_at)
where customer_id is not null;

create temp table subscribers as
select
    customer_id,
    sum(monthly_amount) filter (is_active) as monthly_recurring_revenue,
    count_if(is_active) as active_subscription_count,
    count_if(is_new_service and started_date > before(90)) as new_service_count_90d,
    bool_or(is_plan_change and started_date > before(30)) as has_changed_plan,
    bool_or(coalesce(product_type = 'add_on' and not goes_on and local_date(ended_at) > before(30), false)) as has_lapsed_add_on,
    min(date_trunc('month', started_date)) filter (
        monthly_amount > 0
        and open_until_at >= least(date_trunc('month', started_date) + interval 1 month, date '$as_of' + interval 1 day)
    ) as first_paying_month,
    min(started_at) as first_at, max(started_at) as last_at,
    coalesce(min(contract_ends_at) filter (is_active and contract_ends_at >= as_of_end()),
        max(contract_ends_at) filter (is_active)) as contract_ends_at,
    max(ended_at) filter (not is_active) as last_ended_at
from subscriptions group by customer_id;

create temp table transactions as
with delivered as not materialized (from read_parquet('$raw/transactions/*/*/*.parquet')),
repeated as (select transaction_id from delivered group by transaction_id having count(*) > 1),
newest as not materialized (
    select * from delivered anti join repeated using (transaction_id)
    union all
    select * from (
        from delivered semi join repeated using (transaction_id)
        qualify row_number() over (
            partition by transaction_id order by _batch_sequence desc, _line_number desc, _batch_id desc) = 1
    )
)
select o.customer_id, t.occurred_at, t.transaction_type in ('charge', 'one_off') as is_purchase,
    case t.transaction_type when 'charge' then amount when 'one_off' then amount
        when 'refund' then -amount when 'credit' then -amount else 0 end as revenue,
    local_date(t.occurred_at) as occurred_date
from newest t
left join erased e on t.id_key = e.id_key and t.id_type = e.id_type and t.occurred_at >= e.from_at and t.occurred_at < e.to_at
join owners o on t.id_key = o.id_key and t.id_type = o.id_type and t.occurred_at >= o.from_at and t.occurred_at < o.to_at
where e.id_key is null and t.occurred_at < as_of_end();

create temp table revenue_months as
select customer_id, cast(date_trunc('month', occurred_date) as date) as month, sum(revenue) as revenue
from transactions group by all;

create temp table payers as
select customer_id, sum(revenue) as lifetime_revenue,
    sum(revenue) filter (occurred_date > before(90)) as revenue_90d,
    sum(revenue) filter (occurred_date > before(180) and occurred_date <= before(90)) as revenue_previous_90d,
    min(occurred_at) as first_at, max(occurred_at) as last_at, max(occurred_at) filter (is_purchase) as last_purchase_at
from transactions group by customer_id;

-- ---- what they get -----------------------------------------------------------------------------

-- A batch holds a key once: a key came twice only if another batch than the day's largest holds it.
create temp table usage_repeated as
with delivered as not materialized (select id_type, id_key, usage_date, batch from read_parquet('$raw/network_usage_daily/*/*/*.parquet', hive_partitioning = true)),
placed as (
    select batch, usage_date from delivered group by batch, usage_date
    qualify row_number() over (partition by usage_date order by count(*) desc, batch) > 1
),
beside as (select distinct id_type, id_key, usage_date from delivered semi join placed using (batch, usage_date))
select id_type, id_key, usage_date from delivered semi join beside using (id_type, id_key, usage_date)
group by all having count(*) > 1;

create temp view usage as
with delivered as not materialized (from read_parquet('$raw/network_usage_daily/*/*/*.parquet')),
newest as not materialized (
    select * from delivered anti join usage_repeated using (id_type, id_key, usage_date)
    union all
    select * from (
        from delivered semi join usage_repeated using (id_type, id_key, usage_date)
        qualify row_number() over (
            partition by id_type, id_key, usage_date, site_code
            order by _batch_sequence desc, _line_number desc, _batch_id desc) = 1
    )
)
select u.*, o.customer_id
from newest u
left join erased e on u.id_key = e.id_key and u.id_type = e.id_type and u.usage_date >= e.from_at and u.usage_date < e.to_at
join owners o on u.id_key = o.id_key and u.id_type = o.id_type and u.usage_date >= o.from_date and u.usage_date < o.to_date
where e.id_key is null and u.usage_date <= date '$as_of';

create temp table usage_months as
select
    customer_id, cast(date_trunc('month', usage_date) as date) as month,
    usage_date > before(90) as is_in_90d, usage_date > before(30) as is_in_30d,
    sum(session_count) as session_count, sum(failed_session_count) as failed_session_count,
    sum(dropped_session_count) as dropped_session_count, sum(stall_seconds) as stall_seconds,
    sum(usage_minutes) as usage_minutes, sum(traffic_mb) as traffic_mb, sum(outage_minutes) as outage_minutes,
    sum(throughput_mbps * session_count) as throughput_sum,
    sum(session_count) filter (throughput_mbps is not null) as throughput_weight,
    sum(latency_ms * session_count) as latency_sum,
    sum(session_count) filter (latency_ms is not null) as latency_weight,
    bit_or(1::bigint << (day(usage_date) - 1)) as days, min(usage_date) as first_date, max(usage_date) as last_date
from usage group by all;

-- Of each day the minutes of the identifier that had most.
create temp table outage_days as
select customer_id, usage_date, max(minutes) as minutes from (
    select customer_id, id_type, id_key, usage_date, least(1440, sum(outage_minutes)) as minutes
    from usage where outage_minutes > 0 group by all
) group by all;

create temp view outages_by_month as
select customer_id, cast(date_trunc('month', usage_date) as date)::varchar as grain, sum(minutes) as minutes,
    count(*) filter (minutes >= 30) as fault_day_count
from outage_days group by all;
create temp view outages_by_window as
select customer_id, grain, sum(minutes) as minutes, count(*) filter (minutes >= 30) as fault_day_count
from outage_days join (values ('30', 30), ('90', 90)) as windows (grain, days) on usage_date > before(days) group by all;

create macro scored(summed, lived) as table
with added as (
    select customer_id, grain,
        sum(session_count)::decimal(18, 6) as session_count, sum(failed_session_count)::decimal(18, 6) as failed_session_count,
        sum(dropped_session_count)::decimal(18, 6) as dropped_session_count, sum(stall_seconds)::decimal(18, 6) as stall_seconds,
        sum(usage_minutes)::decimal(18, 6) as usage_minutes, sum(traffic_mb)::decimal(18, 6) as traffic_mb,
        sum(outage_minutes) as summed_outage_minutes,
        (sum(throughput_sum) / nullif(sum(throughput_weight)::decimal(18, 6), 0))::decimal(18, 6) as throughput_mbps,
        (sum(latency_sum) / nullif(sum(latency_weight)::decimal(18, 6), 0))::decimal(18, 6) as latency_ms,
        sum(bit_count(days)) as day_count
    from (
        select customer_id, grain, month, sum(session_count) as session_count, sum(failed_session_count) as failed_session_count,
            sum(dropped_session_count) as dropped_session_count, sum(stall_seconds) as stall_seconds,
            sum(usage_minutes) as usage_minutes, sum(traffic_mb) as traffic_mb, sum(outage_minutes) as outage_minutes,
            sum(throughput_sum) as throughput_sum, sum(throughput_weight) as throughput_weight,
            sum(latency_sum) as latency_sum, sum(latency_weight) as latency_weight, bit_or(days) as days
        from query_table(summed) group by all
    )
    group by all
),
suffered as (
    select added.*, coalesce(fault_day_count, 0) as fault_day_count,
        case when summed_outage_minutes is not null then coalesce(minutes, 0)::decimal(18, 6) end as outage_minutes
    from added left join query_table(lived) using (customer_id, grain)
),
kpis as (
    select *,
        kpi(failed_session_count / session_count, 0.0, 0.1) as failed_sessions,
        kpi(dropped_session_count / session_count, 0.0, 0.1) as dropped_sessions,
        kpi(stall_seconds / (usage_minutes / 60), 0.0, 120.0) as stalling,
        kpi(throughput_mbps, 30.0, 2.0) as throughput,
        kpi(latency_ms, 20.0, 150.0) as latency,
        kpi(outage_minutes / day_count, 0.0, 60.0) as outages,
        [failed_sessions, dropped_sessions, stalling, throughput, latency, outages] as scores
    from suffered
)
select *,
    round((coalesce(failed_sessions, 0) + coalesce(dropped_sessions, 0) + coalesce(stalling, 0) + coalesce(throughput, 0)
        + coalesce(latency, 0) + coalesce(outages, 0)) / nullif(list_count(scores), 0), 4)::decimal(9, 4) as experience_score,
    ['failed_sessions', 'dropped_sessions', 'stalling', 'throughput', 'latency', 'outages']
        [list_position(scores, list_min(scores))] as worst_kpi_code
from kpis;

create temp view usage_by_month as select *, cast(month as varchar) as grain from usage_months;
create temp view usage_by_window as
select *, '30' as grain from usage_months where is_in_30d
union all
select *, '90' as grain from usage_months where is_in_90d;

create temp table experience_months as
select *, cast(grain as date) as month from scored('usage_by_month', 'outages_by_month');

create temp table experience as
select customer_id,
    max(experience_score) filter (grain = '30') as experience_score_30d,
    max(experience_score) filter (grain = '90') as experience_score_90d,
    max(worst_kpi_code) filter (grain = '30') as worst_kpi_code,
    max(traffic_mb) filter (grain = '30') as traffic_mb_30d,
    max(traffic_mb) filter (grain = '90') as traffic_mb_90d,
    max(fault_day_count) filter (grain = '30') as fault_day_count_30d
from scored('usage_by_window', 'outages_by_window')
group by customer_id;

-- ---- what they say -----------------------------------------------------------------------------

create temp table answers as
with newest as (
    from read_parquet('$raw/survey_responses/*/*/*.parquet')
    qualify row_number() over (
        partition by response_id, question_code order by _batch_sequence desc, _line_number desc, _batch_id desc) = 1
)
select o.customer_id, a.response_id, a.question_code, a.responded_at, local_month(a.responded_at) as month,
    case question_code when 'q_osat' then 'satisfaction' when 'overall' then 'satisfaction'
        when 'q_nps' then 'recommend' when 'nps' then 'recommend' when 'q_stay' then 'stay' end as asks,
    cast(case when is_reversed
        then 10 - 10 * (score - coalesce(scale_min, 0)) / nullif(coalesce(scale_max, 10) - coalesce(scale_min, 0), 0)
        else 10 * (score - coalesce(scale_min, 0)) / nullif(coalesce(scale_max, 10) - coalesce(scale_min, 0), 0)
    end as decimal(18, 6)) as score
from newest a
left join erased e on a.id_key = e.id_key and a.id_type = e.id_type and a.responded_at >= e.from_at and a.responded_at < e.to_at
join owners o on a.id_key = o.id_key and a.id_type = o.id_type and a.responded_at >= o.from_at and a.responded_at < o.to_at
where e.id_key is null and a.responded_at < as_of_end();

create temp table invitations as
with newest as (
    from read_parquet('$raw/survey_invitations/*/*/*.parquet')
    qualify row_number() over (
        partition by invitation_id order by _batch_sequence desc, _line_number desc, _batch_id desc) = 1
)
select o.customer_id, i.invited_at, local_month(i.invited_at) as month
from newest i
left join erased e on i.id_key = e.id_key and i.id_type = e.id_type and i.invited_at >= e.from_at and i.invited_at < e.to_at
join owners o on i.id_key = o.id_key and i.id_type = o.id_type and i.invited_at >= o.from_at and i.invited_at < o.to_at
where e.id_key is null and i.invited_at < as_of_end() and i.status <> 'not_sampled';

create temp table survey_months as
with answered as (
    select customer_id, month, count(distinct response_id) as response_count,
        cast(round(sum(score) filter (asks = 'satisfaction') / count(score) filter (asks = 'satisfaction'), 4) as decimal(9, 4)) as satisfaction_score,
        cast(round(sum(score) filter (asks = 'recommend') / count(score) filter (asks = 'recommend'), 4) as decimal(9, 4)) as recommend_score,
        min(responded_at) as first_at, max(responded_at) as last_at
    from answers group by all
),
invited as (
    select customer_id, month, count(*) as invitation_count, min(invited_at) as first_at, max(invited_at) as last_at
    from invitations group by all
)
select customer_id, month, coalesce(invitation_count, 0) as invitation_count, coalesce(response_count, 0) as response_count,
    satisfaction_score, recommend_score,
    least(answered.first_at, invited.first_at) as first_at, greatest(answered.last_at, invited.last_at) as last_at
from answered full join invited using (customer_id, month);

create temp table respondents as
with latest as (
    select customer_id,
        max_by(score, (responded_at, response_id, question_code)) filter (asks = 'recommend') as latest_recommend_score,
        max_by(score, (responded_at, response_id, question_code)) filter (asks = 'stay') as stated_stay_score,
        max_by(score, (responded_at, response_id, question_code), 2) filter (asks = 'satisfaction') as newest_scores,
        max(responded_at) filter (asks = 'satisfaction') as latest_satisfaction_at
    from answers where score is not null and asks is not null
    group by customer_id
)
select * from (
    select customer_id, sum(invitation_count) as survey_invitation_count, sum(response_count) as survey_response_count,
        min(first_at) as first_at, max(last_at) as last_at
    from survey_months group by customer_id
)
left join latest using (customer_id);

-- ---- what else happens -------------------------------------------------------------------------

create temp table contacts as
with newest as (
    from read_parquet('$raw/interactions/*/*/*.parquet')
    qualify row_number() over (
        partition by interaction_id order by _batch_sequence desc, _line_number desc, _batch_id desc) = 1
)
select o.customer_id, i.occurred_at, local_date(i.occurred_at) as occurred_date, interaction_type = 'complaint' as is_complaint
from newest i
left join erased e on i.id_key = e.id_key and i.id_type = e.id_type and i.occurred_at >= e.from_at and i.occurred_at < e.to_at
join owners o on i.id_key = o.id_key and i.id_type = o.id_type and i.occurred_at >= o.from_at and i.occurred_at < o.to_at
where e.id_key is null and i.occurred_at < as_of_end();

create temp table contact_months as
select customer_id, cast(date_trunc('month', occurred_date) as date) as month,
    count(*) as contact_count, count_if(is_complaint) as complaint_count
from contacts group by all;

-- ---- who they are ------------------------------------------------------------------------------

create temp table attributes as
with versions as (
    select c.customer_id, a.*, coalesce(updated_at, a.opened_at) as known_at,
        lag(region_code ignore nulls) over (partition by account_key order by updated_at nulls first) as previous_region_code,
        row_number() over (partition by account_key order by updated_at desc nulls last) = 1 as is_newest,
        coalesce(closed_at >= as_of_end(), true) as is_open
    from account_versions a join account_customers c using (account_key)
)
select customer_id,
    coalesce(bool_and(case when is_open then coalesce(has_analytics_consent, false) else has_analytics_consent end)
        filter (is_newest), false) as has_analytics_consent,
    coalesce(bool_and(case when is_open then coalesce(has_marketing_consent, false) else has_marketing_consent end)
        filter (is_newest), false) as has_marketing_consent,
    max_by(struct_pack(customer_type, region_code, birth_year),
        (known_at, opened_at, account_key)) as newest,
    max(known_at) filter (region_code <> previous_region_code) as moved_at
from versions group by customer_id;

create temp table observed as
with spans as (
    select customer_id, 'transactions' as family, local_month(first_at) as first_month, first_at, last_at from subscribers
    union all select customer_id, 'transactions', local_month(first_at), first_at, last_at from payers
    union all select customer_id, 'survey', local_month(first_at), first_at, last_at from respondents
    union all select customer_id, 'interactions', local_month(min(occurred_at)), min(occurred_at), max(occurred_at)
        from contacts group by customer_id
    union all select customer_id, 'network', cast(date_trunc('month', min(first_date)) as date),
        day_begin(min(first_date)), day_begin(max(last_date)) from usage_months group by customer_id
)
select customer_id, min(first_month) as first_month, min(first_at) as first_at, max(last_at) as last_at,
    bool_or(family = 'survey') as has_survey, bool_or(family = 'transactions') as has_transactions,
    bool_or(family = 'network') as has_network
from spans group by customer_id;

-- ---- the two tables ----------------------------------------------------------------------------

create table customer_months as
with spine as (
    select customer_id, cast(unnest(generate_series(first_month, date_trunc('month', date '$as_of'), interval 1 month)) as date) as month
    from observed
),
recurring as (
    select spine.customer_id, spine.month,
        sum(monthly_amount) filter (started_local_at < spine.month) as opening_mrr,
        sum(monthly_amount) filter (open_until_at >= until_at) as closing_mrr,
        count_if(open_until_at >= until_at) as active_count,
        count_if(is_new_service and started_local_at >= spine.month) as new_service_count
    from (select *, least(month + interval 1 month, date '$as_of' + interval 1 day) as until_at from spine) as spine
    join subscriptions on spine.customer_id = subscriptions.customer_id
        and started_local_at < until_at and open_until_at >= spine.month
    group by all
)
select
    customer_id, month as month_start_date,
    cast(coalesce(r.opening_mrr, 0) as decimal(18, 2)) as opening_mrr,
    cast(coalesce(r.closing_mrr, 0) as decimal(18, 2)) as closing_mrr,
    cast(coalesce(m.revenue, 0) as decimal(18, 2)) as revenue,
    cast(coalesce(r.new_service_count, 0) as bigint) as new_service_count,
    s.satisfaction_score, band(s.satisfaction_score) as satisfaction_band, s.recommend_score,
    x.experience_score, x.fault_day_count, cast(x.session_count as bigint) as session_count, x.outage_minutes, x.traffic_mb,
    coalesce(k.contact_count, 0) as contact_count, cast(coalesce(k.complaint_count, 0) as bigint) as complaint_count,
    coalesce(r.active_count, 0) > 0 as is_active,
    coalesce(r.opening_mrr, 0) > 0 and coalesce(r.closing_mrr, 0) = 0 as is_churned,
    coalesce(r.opening_mrr, 0) = 0 and coalesce(r.closing_mrr, 0) > 0 and u.first_paying_month < month as is_reactivated,
    coalesce(s.invitation_count, 0) > 0 as was_invited,
    coalesce(s.response_count, 0) > 0 as has_responded
from spine
left join recurring r using (customer_id, month)
left join revenue_months m using (customer_id, month)
left join survey_months s using (customer_id, month)
left join experience_months x using (customer_id, month)
left join contact_months k using (customer_id, month)
left join subscribers u using (customer_id);

create table customer_profiles as
with joined as (
    select c.*, newest.*, moved_at, has_analytics_consent, has_marketing_consent,
        o.first_at as seen_from, o.last_at as seen_to, has_survey, has_transactions, has_network,
        s.* exclude (customer_id, first_at, last_at), p.* exclude (customer_id, first_at, last_at),
        x.* exclude (customer_id), r.* exclude (customer_id, first_at, last_at),
        band(newest_scores[1]) as satisfaction_band, band(newest_scores[2]) as previous_satisfaction_band,
        coalesce(k.has_complained, false) as has_complained,
        year(date '$as_of') - newest.birth_year as age
    from customers c
    left join attributes a using (customer_id)
    left join observed o using (customer_id)
    left join subscribers s using (customer_id)
    left join payers p using (customer_id)
    left join experience x using (customer_id)
    left join respondents r using (customer_id)
    left join (
        select customer_id, bool_or(is_complaint and occurred_date > before(30)) as has_complained from contacts group by all
    ) k using (customer_id)
),
signed as (
    select *, nullif(concat_ws(',',
        case when local_date(contract_ends_at) between date '$as_of' and before(-60) then 'contract_ending' end,
        case when has_changed_plan then 'plan_changed' end,
        case when (select max(last_date) from usage_months) >= before(3)
            and traffic_mb_90d > coalesce(traffic_mb_30d, 0)
            and abs(3 * coalesce(traffic_mb_30d, 0) - traffic_mb_90d) >= 0.5 * (traffic_mb_90d - coalesce(traffic_mb_30d, 0))
            then 'usage_shift' end,
        case when local_date(moved_at) > before(30) then 'moved_region' end,
        case when has_complained then 'complained' end,
        case when band_rank(satisfaction_band) < band_rank(previous_satisfaction_band)
            and local_date(latest_satisfaction_at) > before(90) then 'band_fell' end,
        case when has_lapsed_add_on and active_subscription_count > 0 then 'lapsed_add_on' end
    ), '') as flux_reasons
    from joined
)
select
    customer_id, date '$as_of' as as_of_date, customer_type, region_code,
    case when age < 18 then 'under_18' when age < 25 then '18_to_24' when age < 35 then '25_to_34' when age < 45 then '35_to_44'
        when age < 55 then '45_to_54' when age < 65 then '55_to_64' when age >= 65 then '65_and_over' end as age_band,
    case when active_subscription_count > 0 then 'active' when last_ended_at is not null then 'lapsed' else 'never_subscribed' end
        as customer_status,
    account_count, coalesce(identifier_count, 0) as identifier_count,
    date_diff('month', local_date(first_account_opened_at), date '$as_of')
        - case when day(date '$as_of') < day(local_date(first_account_opened_at)) then 1 else 0 end as tenure_months,
    satisfaction_band, previous_satisfaction_band,
    newest_scores[1] as latest_satisfaction_score, latest_recommend_score,
    stated_stay_score,
    cast(coalesce(survey_invitation_count, 0) as bigint) as survey_invitation_count,
    cast(coalesce(survey_response_count, 0) as bigint) as survey_response_count, 'GBP' as currency_code,
    cast(coalesce(monthly_recurring_revenue, 0) as decimal(18, 2)) as monthly_recurring_revenue,
    cast(coalesce(revenue_90d, 0) as decimal(18, 2)) as revenue_90d,
    cast(coalesce(revenue_previous_90d, 0) as decimal(18, 2)) as revenue_previous_90d,
    cast(coalesce(lifetime_revenue, 0) as decimal(18, 2)) as lifetime_revenue,
    cast(coalesce(active_subscription_count, 0) as bigint) as active_subscription_count,
    cast(coalesce(new_service_count_90d, 0) as bigint) as new_service_count_90d,
    experience_score_30d, experience_score_90d, fault_day_count_30d, worst_kpi_code, traffic_mb_30d, flux_reasons,
    coalesce(has_survey, false) as has_survey, coalesce(has_transactions, false) as has_transactions,
    coalesce(has_network, false) as has_network, is_refused or coalesce(is_disputed, false) as is_identity_disputed,
    coalesce(has_analytics_consent, false) as has_analytics_consent,
    coalesce(has_marketing_consent, false) as has_marketing_consent,
    flux_reasons is not null as is_in_flux,
    least(first_account_opened_at, seen_from) as first_seen_at, greatest(first_account_opened_at, seen_to) as last_seen_at,
    latest_satisfaction_at, last_purchase_at, contract_ends_at,
    case when coalesce(active_subscription_count, 0) = 0 then last_ended_at end as churned_at
from signed;
