-- One row per product that somebody pays for on the as-of day: its mean monthly price.
with

subscriptions as (

    select * from {{ ref('int_subscriptions_resolved') }}

    where is_active and monthly_amount is not null and product_code is not null

),

final as (

    select
        product_code,
        {{ rounded(quotient('sum(' ~ price('monthly_amount') ~ ')', 'count(*)'), 2) }} as monthly_price

    from subscriptions

    group by product_code

)

select * from final
