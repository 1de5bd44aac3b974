-- One row per month of first payment and number of months since: who of those customers still pays, and how much.
with

months as (

    select * from {{ ref('customer_months') }}

    where acquisition_month_start_date is not null

),

summed as (

    select
        acquisition_month_start_date as cohort_month_start_date,
        month_start_date,
        {{ whole('count(*)') }} as customer_count,
        {{ whole('sum(case when closing_mrr > 0 then 1 else 0 end)') }} as retained_customer_count,
        {{ price('sum(closing_mrr)') }} as retained_mrr,
        {{ whole(dbt.datediff('acquisition_month_start_date', 'month_start_date', 'month')) }} as month_number

    from months

    group by
        acquisition_month_start_date,
        month_start_date

),

-- Nobody of a cohort is missing in a later month: a life of months has no gap.
begun as (

    select
        cohort_month_start_date,
        retained_mrr as first_mrr

    from summed

    where month_start_date = cohort_month_start_date

),

final as (

    select
        summed.cohort_month_start_date,
        summed.month_number,
        summed.month_start_date,
        '{{ var("reporting_currency") }}' as currency_code,
        summed.customer_count,
        summed.retained_customer_count,
        {{ money('begun.first_mrr') }} as first_mrr,
        {{ money('summed.retained_mrr') }} as retained_mrr,
        {{ rounded(quotient('summed.retained_customer_count', 'summed.customer_count'), 6, limit=largest_number()) }}
            as retained_customer_ratio,
        {{ rounded(quotient('summed.retained_mrr', 'begun.first_mrr'), 6, limit=largest_number()) }}
            as retained_revenue_ratio

    from summed

    inner join begun
        on summed.cohort_month_start_date = begun.cohort_month_start_date

)

select * from final
