-- One row per currency and span of days in which one rate to the reporting currency holds.
{{ config(materialized='view') }}
with

rates as (

    select * from {{ ref('fx_rates') }}

    where
        reporting_currency_code = '{{ var("reporting_currency") }}'
        and currency_code <> '{{ var("reporting_currency") }}'

),

spanned as (

    select
        currency_code,
        rate,
        valid_from_date,
        lead(valid_from_date) over (
            -- one row per currency_code, valid_from_date
            partition by currency_code
            order by valid_from_date
        ) as next_from_date

    from rates

),

-- The reporting currency is worth itself, always.
itself as (

    select
        '{{ var("reporting_currency") }}' as currency_code,
        cast(1 as decimal(18, 8)) as rate,
        {{ beginning_of_days() }} as valid_from_date,
        {{ end_of_days() }} as valid_to_date

),

final as (

    select
        currency_code,
        rate,
        valid_from_date,
        coalesce(next_from_date, {{ end_of_days() }}) as valid_to_date

    from spanned

    union all

    select
        currency_code,
        rate,
        valid_from_date,
        valid_to_date

    from itself

)

select * from final
