-- One row per customer and calendar month with network usage; 'unknown' holds what nobody owns.
{{ config(materialized='view') }}
with

usage as (

    select * from {{ ref('int_network_usage_summarised_to_identifier_months') }}

),

final as (

    select
        {{ owner_customer_id() }} as customer_id,
        usage.month_start_date,
        {{ reaggregate_measures('usage') }},
        {{ count_days(union_day_sets('usage.day_set')) }} as day_count

    from usage

    {{ join_customer('usage', day='usage.first_usage_date') }}

    group by
        {{ owner_customer_id() }},
        usage.month_start_date

)

select * from final
