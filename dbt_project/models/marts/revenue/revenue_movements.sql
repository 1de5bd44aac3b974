-- One row per customer and month in which its recurring revenue moved.
with

months as (

    select * from {{ ref('customer_months') }}

    where closing_mrr <> opening_mrr

),

causes as (

    select * from {{ ref('int_movement_causes_found') }}

),

final as (

    select
        months.customer_id,
        months.month_start_date,
        {{ movement_type(
            'months.opening_mrr', 'months.closing_mrr', 'months.acquisition_month_start_date', 'months.month_start_date'
        ) }} as movement_type,
        causes.cause_code,
        '{{ var("reporting_currency") }}' as currency_code,
        {{ money('months.closing_mrr - months.opening_mrr') }} as amount,
        months.opening_mrr,
        months.closing_mrr,
        causes.is_voluntary

    from months

    left join causes
        on
            months.customer_id = causes.customer_id
            and months.month_start_date = causes.month_start_date

)

select * from final
