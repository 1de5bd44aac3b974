-- One row per customer who referred another: how many, and what these have brought since.
with

referrals as (

    select distinct
        customer_id,
        to_customer_id,
        since_at,
        {{ month_start('since_date') }} as since_month_start_date

    from {{ ref('int_relationships_resolved') }}

    where relation_type = 'referral'

),

-- Whoever was referred twice was brought by the first.
firsts as (

    select
        *,
        row_number() over (
            -- one row per to_customer_id, since_at, customer_id
            partition by to_customer_id
            order by since_at, customer_id
        ) as turn

    from referrals

),

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

final as (

    select
        firsts.customer_id,
        count(distinct firsts.to_customer_id) as referral_count,
        {{ money('coalesce(sum(months.revenue), 0)') }} as referred_revenue

    from firsts

    left join months
        on
            firsts.to_customer_id = months.customer_id
            and firsts.since_month_start_date <= months.month_start_date

    where firsts.turn = 1

    group by firsts.customer_id

)

select * from final
