-- One row per feature and band that a customer is in, in the month of the as-of day.
with

bands as (

    select * from {{ ref('int_drivers_banded_to_customer_months') }}

    where month_start_date = {{ month_start(as_of_date()) }}

),

unioned as (
    {%- for feature in driver_features() %}

    select
        '{{ feature }}' as feature,
        {{ feature }} as band,
        count(*) as customer_count

    from bands

    group by {{ feature }}
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        feature,
        band,
        customer_count

    from unioned

)

select * from final
