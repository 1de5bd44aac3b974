-- One row per sample, group of customers and two months (or one, twice) in which some of them have a row.
with

centred as (

    select
        sample_code,
        customer_id,
        customer_group,
        month_start_date,
        {{ nearest_double('root_weight * root_weight') }} as weight,
        customer_weight

    from {{ ref('int_chain_rows_centred') }}

    where is_within

),

-- What a customer's mean takes from one month for another; rounded, so that the sum knows no order.
shared as (

    select
        centred.sample_code,
        centred.customer_group,
        centred.month_start_date,
        other_months.month_start_date as other_month_start_date,
        {{ rounded(quotient('centred.weight * other_months.weight', 'centred.customer_weight'), 12) }} as shared_weight

    from centred

    inner join centred as other_months
        on
            centred.sample_code = other_months.sample_code
            and centred.customer_id = other_months.customer_id
            and centred.month_start_date <= other_months.month_start_date

),

final as (

    select
        sample_code,
        customer_group,
        month_start_date,
        other_month_start_date,
        {{ nearest_double('sum(shared_weight)') }} as shared_weight

    from shared

    group by
        sample_code,
        customer_group,
        month_start_date,
        other_month_start_date

)

select * from final
