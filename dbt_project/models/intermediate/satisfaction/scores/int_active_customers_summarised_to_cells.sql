-- One row per month and attributes of customers: how many of them the answers speak for.
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

-- Whoever subscribed at either end of the month or paid in it, and all who were asked or answered.
active as (

    select
        months.month_start_date,
        {{ cell_columns('months') }}

    from months

    where
        months.is_active
        or months.opening_mrr > 0
        or months.revenue <> 0
        or months.was_invited
        or months.has_responded

),

final as (

    select
        month_start_date,
        {%- for attribute in cell_attributes() %}
        {{ attribute }},
        {%- endfor %}
        count(*) as customer_count

    from active

    group by
        {%- for attribute in cell_attributes() %}
        {{ attribute }},
        {%- endfor %}
        month_start_date

)

select * from final
