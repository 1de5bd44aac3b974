-- One row per subscription and start: the span in which this version of the subscription counts.
{{ config(materialized='view') }}
with

subscriptions as (

    select * from {{ ref('stg_transactions__subscriptions') }}

),

followed as (

    select
        *,
        lag(started_at) over (
            -- one row per subscription_id, started_at
            partition by subscription_id
            order by started_at
        ) as previous_started_at,
        lead(started_at) over (
            -- one row per subscription_id, started_at
            partition by subscription_id
            order by started_at
        ) as next_started_at,
        min(case when ended_at is null then started_at end) over (
            -- one row per subscription_id, started_at
            partition by subscription_id
            order by started_at
            rows between 1 following and unbounded following
        ) as next_open_started_at

    from subscriptions

),

-- A newer version ends the one before, unless both carry an end.
ended as (

    select
        *,
        case
            when ended_at is null then next_started_at
            when next_open_started_at < ended_at then next_open_started_at
            else ended_at
        end as counted_until_at

    from followed

),

final as (

    select
        subscription_id,
        id_type,
        id_key,
        product_code,
        product_type,
        recurring_amount,
        currency,
        billing_interval,
        interval_count,
        end_reason_code,
        previous_started_at is null as is_first_span,
        coalesce(counted_until_at < ended_at, counted_until_at is not null and ended_at is null) as is_ended_by_next,
        coalesce(next_started_at < counted_until_at, false) as overlaps_next,
        started_at,
        counted_until_at as ended_at,
        contract_ends_at

    from ended

)

select * from final
