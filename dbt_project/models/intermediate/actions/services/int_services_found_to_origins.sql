-- One row per origin, customer and product that it had by then, or took within the horizon after it.
{%- set horizon = var('policy').next_services.horizon_days %}
with

spans as (

    select
        customer_id,
        subscription_id,
        product_code,
        end_reason_code,
        is_new_service,
        started_date,
        {{ business_date('ended_at') }} as ended_date

    from {{ ref('int_subscriptions_resolved') }}

    where customer_id <> '{{ unknown_customer_id() }}' and product_code is not null

),

origins as (
    {% for days in service_origins() %}
    select
        {{ loop.index }} as origin_number,
        {{ as_of_day_minus(days) }} as origin_date,
        {{ as_of_day_minus(days - horizon) }} as horizon_date
    {{ 'union all\n' if not loop.last }}
    {%- endfor %}
),

found as (

    select
        origins.origin_number,
        origins.origin_date,
        spans.customer_id,
        spans.product_code,
        max(
            case
                when
                    spans.started_date <= origins.origin_date
                    and (spans.ended_date is null or spans.ended_date > origins.origin_date)
                    then 1
                else 0
            end
        ) as is_held,
        max(
            case when spans.ended_date <= origins.origin_date and spans.end_reason_code is not null then 1 else 0 end
        ) as is_cancelled,
        max(
            case when spans.started_date > origins.origin_date and spans.is_new_service then 1 else 0 end
        ) as is_taken

    from origins

    inner join spans
        on origins.horizon_date >= spans.started_date

    group by
        origins.origin_number,
        origins.origin_date,
        spans.customer_id,
        spans.product_code

),

final as (

    select
        origin_number,
        origin_date,
        customer_id,
        product_code,
        case when is_held = 1 then product_code end as held_code,
        case when is_held = 0 and is_cancelled = 1 then product_code end as cancelled_code,
        case when is_held = 0 and is_taken = 1 and origin_number < 3 then product_code end as taken_code

    from found

)

select * from final
