-- One row per customer and policy version with a transaction in the days after its first credit or holdout (customer_id, policy_version).
{%- set longest = recovery_horizons() | max %}
with

assigned as (

    select * from {{ ref('int_credits_assigned_to_customers') }}

),

-- The months that the longest horizon can reach into: rows meet by month, not all with all.
months as (
    {%- for distance in range(5) %}

    select
        customer_id,
        policy_version,
        decided_date,
        cast({{ dbt.dateadd('month', distance, month_start('decided_date')) }} as date) as month_start_date

    from assigned
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

transactions as (

    select
        {{ owner_customer_id() }} as customer_id,
        transactions.occurred_date,
        transactions.month_start_date,
        transactions.revenue

    from {{ ref('int_transactions_converted') }} as transactions

    {{ join_customer('transactions', at='transactions.occurred_at') }}

    where {{ "transactions.transaction_type <> 'payment'" if has_decisions() else 'false' }}

),

final as (

    select
        months.customer_id,
        {%- for days in recovery_horizons() %}
        sum(
            case
                when transactions.occurred_date <= {{ days_after('months.decided_date', days) }}
                    then transactions.revenue
                else 0
            end
        ) as revenue_{{ days }},
        {%- endfor %}
        months.policy_version

    from transactions

    inner join months
        on
            transactions.customer_id = months.customer_id
            and transactions.month_start_date = months.month_start_date
            and transactions.occurred_date > months.decided_date
            and transactions.occurred_date <= {{ days_after('months.decided_date', longest) }}

    group by months.customer_id, months.policy_version

)

select * from final
