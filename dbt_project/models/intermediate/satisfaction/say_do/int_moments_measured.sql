-- One row per customer and moment: service and money before it, and what the 90 days after it brought.
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

revenue as (

    select * from {{ ref('int_revenue_windowed_to_moments') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_windowed_to_moments') }}

),

outages as (

    select * from {{ ref('int_outages_counted_to_moments') }}

),

moments as (

    select
        *,
        cast({{ dbt.dateadd('month', -1, 'month_start_date') }} as date) as previous_month_start_date

    from {{ ref('int_moments_listed') }}

),

thresholds as (

    {{ say_do_thresholds() }}

),

joined as (

    select
        moments.*,
        previous_months.experience_score as experience_score_before,
        -- Known for whoever used the network then; a day without an outage is no fault day.
        case
            when coalesce(months.fault_day_count, previous_months.fault_day_count) is not null
                then coalesce(outages.fault_day_count, 0)
        end as fault_day_count_before,
        {%- for relation, name in [('revenue', 'revenue'), ('revenue', 'charge_count'), ('subscriptions', 'mrr')] %}
        coalesce({{ relation }}.{{ name }}_before, 0) as {{ name }}_before,
        case when not moments.is_pending then coalesce({{ relation }}.{{ name }}_after, 0) end as {{ name }}_after,
        {%- endfor %}
        case when not moments.is_pending then coalesce(subscriptions.new_service_count, 0) end as new_service_count

    from moments

    left join months as previous_months
        on
            moments.customer_id = previous_months.customer_id
            and moments.previous_month_start_date = previous_months.month_start_date

    left join months
        on
            moments.customer_id = months.customer_id
            and moments.month_start_date = months.month_start_date

    left join revenue
        on
            moments.customer_id = revenue.customer_id
            and moments.happened_at = revenue.happened_at

    left join subscriptions
        on
            moments.customer_id = subscriptions.customer_id
            and moments.happened_at = subscriptions.happened_at

    left join outages
        on
            moments.customer_id = outages.customer_id
            and moments.happened_at = outages.happened_at

),

final as (

    select
        joined.customer_id,
        joined.happened_at,
        joined.happened_date,
        joined.month_start_date,
        joined.followed_until_date,
        joined.is_pending,
        joined.experience_score_before,
        joined.fault_day_count_before,
        {%- for name in ['before', 'after'] %}
        {{ money('joined.mrr_' ~ name) }} as mrr_{{ name }},
        {{ money('joined.revenue_' ~ name) }} as revenue_{{ name }},
        {{ whole('joined.charge_count_' ~ name) }} as charge_count_{{ name }},
        {%- endfor %}
        {{ revenue_ratio('joined.revenue_after', 'joined.revenue_before') }} as revenue_change_ratio,
        {{ whole('joined.new_service_count') }} as new_service_count,
        case
            when joined.is_pending or joined.mrr_before <= 0 then null
            when joined.mrr_after > 0 then 'stayed'
            else 'left'
        end as stay_outcome,
        case
            when not joined.is_pending then {{ spend_outcome('joined', 'thresholds.spending_falls_below_ratio') }}
        end as spend_outcome

    from joined

    cross join thresholds

)

select * from final
