-- One row per customer and moment with a transaction in the 90 days before or after.
with

moments as (

    select * from {{ ref('int_moments_listed') }}

),

-- Row by row: to sum them to days first costs more than the few moments that each row meets.
transactions as (

    select
        {{ owner_customer_id() }} as customer_id,
        transactions.occurred_date,
        transactions.month_start_date,
        transactions.revenue,
        transactions.transaction_type = 'charge' as is_charge

    from {{ ref('int_transactions_converted') }} as transactions

    {{ join_customer('transactions', at='transactions.occurred_at') }}

    where transactions.transaction_type <> 'payment'

),

-- The months that 90 days on either side can reach into (from 31 January to 1 May): rows meet by month,
-- not all with all.
months as (
    {%- for distance in range(-4, 5) %}

    select
        customer_id,
        happened_at,
        happened_date,
        cast({{ dbt.dateadd('month', distance, 'month_start_date') }} as date) as month_start_date

    from moments
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

final as (

    select
        months.customer_id,
        months.happened_at,
        {%- for name, is_in in [
            ('before', 'transactions.occurred_date < months.happened_date'),
            ('after', 'transactions.occurred_date > months.happened_date')
        ] %}
        {{ money('sum(case when ' ~ is_in ~ ' then transactions.revenue else 0 end)') }} as revenue_{{ name }},
        {{ whole('sum(case when transactions.is_charge and ' ~ is_in ~ ' then 1 else 0 end)') }} as charge_count_{{ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}

    from transactions

    inner join months
        on
            transactions.customer_id = months.customer_id
            and transactions.month_start_date = months.month_start_date
            and transactions.occurred_date >= {{ days_after('months.happened_date', -90) }}
            and transactions.occurred_date <= {{ days_after('months.happened_date', 90) }}

    group by
        months.customer_id,
        months.happened_at

)

select * from final
